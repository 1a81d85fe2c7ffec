"""Who of the desk looks after it, and when: nobody outside hears of these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from typing_extensions import override

from azbot.messages import PersonId
from azbot.workflow.events.fact import Fact, raised, released
from azbot.workflow.model import Assistance, Attention, Waiting


@dataclass(frozen=True, slots=True)
class OwnerChosen(Fact):
    """An agent took it, was given it, or let it go (« Suivi par »)."""

    is_internal: ClassVar[bool] = True
    before: PersonId | None
    before_name: str
    owner: PersonId | None
    name: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Set it."""
        return replace(it, owner=self.owner, owner_name=self.name)


@dataclass(frozen=True, slots=True)
class Handled(Fact):
    """« Traité »: nobody waits, though nobody was written to.

    Attributes:
        waiting: what was set aside; None when a snooze alone ended.
    """

    is_internal: ClassVar[bool] = True
    waiting: Waiting | None

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Take it out of « À traiter », and remember how to bring it back."""
        return replace(released(it), handled=self.waiting, snoozed_until=None)


@dataclass(frozen=True, slots=True)
class BroughtBack(Fact):
    """An agent put it into « À traiter » again."""

    is_internal: ClassVar[bool] = True
    waiting: Waiting

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Wait as before."""
        return raised(released(it), self.waiting.reason, self.waiting.since)


@dataclass(frozen=True, slots=True)
class Snoozed(Fact):
    """« Reporté »: out of sight until then, or until something happens (A16)."""

    is_internal: ClassVar[bool] = True
    before: datetime | None
    until: datetime

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Hide it; who waits goes on waiting."""
        return replace(it, snoozed_until=self.until)


@dataclass(frozen=True, slots=True)
class SnoozeEnded(Fact):
    """An agent took the snooze back."""

    is_internal: ClassVar[bool] = True
    until: datetime

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Show it as it is."""
        return replace(it, snoozed_until=None)


@dataclass(frozen=True, slots=True)
class SnoozeOver(Fact):
    """The hour an agent chose has come."""

    is_internal: ClassVar[bool] = True

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Return to « À traiter », for the old reason when there is one."""
        if it.attention is None:
            return raised(it, Attention.SNOOZE_OVER, at)
        return replace(it, snoozed_until=None)


@dataclass(frozen=True, slots=True)
class TagsSet(Fact):
    """The tags changed."""

    is_internal: ClassVar[bool] = True
    before: tuple[str, ...]
    after: tuple[str, ...]

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Set them."""
        return replace(it, tags=self.after)
