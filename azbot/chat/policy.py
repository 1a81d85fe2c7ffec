"""What may be said twice, and for how long anything is tried (decision 15)."""

from __future__ import annotations

from datetime import timedelta

from azbot.delivery.retry import Patience
from azbot.screens import ACT
from azbot.store.chats import ASKED, CARD, LEFT
from azbot.store.records import Delivery
from azbot.workflow.decision import NoticeKind

_TALKS = Patience(timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=48))
"""Somebody looks at the chat: a service that is back is noticed within the minute."""

_PRESSES = Patience(
    timedelta(milliseconds=500), timedelta(seconds=4), timedelta(seconds=20)
)
"""A button stops waiting by itself; what it set going is shown all the same."""


def patience_of(row: Delivery) -> Patience:
    """Return for how long, and how often, a row is tried."""
    return _PRESSES if row.priority == 0 else _TALKS


def is_notice(row: Delivery) -> bool:
    """Whether a row tells somebody what happened, rather than draws or answers."""
    return row.kind not in (ACT, CARD, ASKED, LEFT)


def is_once_at_most(row: Delivery) -> bool:
    """Whether a row must not be repeated when it may have arrived already.

    So are somebody's own words: said twice, they read like impatience. Notices carry
    their reference and may come twice sooner than never; drawings, and what a room
    answers, repeat what stands there.
    """
    return row.kind == NoticeKind.MESSAGE and not row.facts.get("also")
