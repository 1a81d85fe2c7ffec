"""What every event has, and how one part of a state is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from azbot.forms.folding import clean_line
from azbot.workflow.model import (
    PREVIEW,
    Assistance,
    Attention,
    Intervention,
    Mission,
)


def on_mission(
    it: Assistance, number: int, change: Callable[[Mission], Mission]
) -> Assistance:
    """Return the state with one mission changed."""
    return replace(
        it,
        missions=tuple(change(m) if m.number == number else m for m in it.missions),
    )


def on_visit(
    it: Assistance, number: int, change: Callable[[Intervention], Intervention]
) -> Assistance:
    """Return the state with one visit changed."""
    return replace(
        it,
        interventions=tuple(
            change(i) if i.number == number else i for i in it.interventions
        ),
    )


def asked_again(it: Assistance, at: datetime) -> Assistance:
    """Return the state after the desk dealt with what stopped the closing delay."""
    return replace(it, needs_agent=False, waiting_since=at, closing_reminded=False)


def raised(it: Assistance, reason: Attention, at: datetime) -> Assistance:
    """Return the state with somebody waiting for the desk; a snooze ends (A16)."""
    return replace(
        it,
        attention=reason,
        attention_since=min(it.attention_since or at, at),
        handled=None,
        snoozed_until=None,
    )


def released(it: Assistance) -> Assistance:
    """Return the state with nobody waiting for the desk."""
    return replace(
        it, attention=None, attention_since=None, handled=None, unanswered=None
    )


def one_line(text: str) -> str:
    """Return the beginning of a text on one line, for a list."""
    line = clean_line(text[: 10 * PREVIEW])
    return line if len(line) <= PREVIEW else f"{line[: PREVIEW - 1].rstrip()}…"


class Fact:
    """What every event has; ``is_internal`` ones are for agents alone."""

    __slots__ = ()
    is_internal: ClassVar[bool] = False

    @property
    def is_private(self) -> bool:
        """Whether no client reads it: it is internal, or between desk and station."""
        return self.is_internal

    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Return the state after this fact; the default changes nothing."""
        return it


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after."""

    field: str
    before: object
    after: object
