"""What notices say in a chat: short, with the buttons that answer them (ux.md 10.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from azbot.chat.talk import ACT
from azbot.screens import Act, Say, from_facts
from azbot.store import UnitOfWork
from azbot.store.records import Delivery
from azbot.workflow.decision import NoticeKind

Words = Callable[[UnitOfWork, Delivery], Say]
"""Makes the message of one notice; it is told once, so it may read the present."""

WORDS: Mapping[NoticeKind, Words] = {}
"""Every notice that is told in chats; the others are told by mail alone."""


def act_of(uow: UnitOfWork, row: Delivery) -> Act:
    """Return what one row of the outbox does in its chat.

    Raises:
        KeyError: no such notice is told in chats.
    """
    if row.kind == ACT:
        return from_facts(row.facts)
    return WORDS[NoticeKind(row.kind)](uow, row)
