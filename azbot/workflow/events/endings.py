"""How it ended, and how it went on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from typing_extensions import override

from azbot.workflow.events.fact import Fact, asked_again
from azbot.workflow.model import (
    Assistance,
    ClosedBy,
    MissionStatus,
    Role,
    Status,
)


@dataclass(frozen=True, slots=True)
class ClosingReminded(Fact):
    """The closing question was asked again.

    Attributes:
        by: an agent, or the clock; None in histories older than this field.
    """

    by: Role | None = None

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Once is enough; asked by hand after a standstill, the delay begins anew."""
        fresh = asked_again(it, at) if it.needs_agent else it
        return replace(fresh, closing_reminded=True)


@dataclass(frozen=True, slots=True)
class ClosingRefused(Fact):
    """NON: something still does not work (R150)."""

    comment: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Under way again."""
        return replace(
            it,
            status=Status.UNDERWAY,
            done_at=None,
            reason=self.comment,
            waiting_since=at,
            needs_agent=False,
        )


@dataclass(frozen=True, slots=True)
class AssistanceClosed(Fact):
    """The end everybody hoped for (R14)."""

    by: ClosedBy
    reason: str = ""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Close it."""
        return replace(
            it,
            status=Status.CLOSED,
            closed_at=at,
            reason=self.reason,
            cancellation_asked=False,
            needs_agent=False,
        )


@dataclass(frozen=True, slots=True)
class AssistanceCancelled(Fact):
    """The side exit (R129)."""

    reason: str
    by: Role

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Stop it; the station is free."""
        live = (MissionStatus.PROPOSED, MissionStatus.ACCEPTED)
        missions = tuple(
            replace(m, status=MissionStatus.WITHDRAWN, reason=self.reason)
            if m.status in live
            else m
            for m in it.missions
        )
        return replace(
            it,
            missions=missions,
            status=Status.CANCELLED,
            closed_at=at,
            reason=self.reason,
            cancellation_asked=False,
            needs_agent=False,
        )


@dataclass(frozen=True, slots=True)
class CancellationAsked(Fact):
    """The client wants to stop after assignment: the desk decides (R151)."""

    reason: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Flag it."""
        return replace(it, cancellation_asked=True)


@dataclass(frozen=True, slots=True)
class AssistanceReopened(Fact):
    """It goes on."""

    reason: str
    target: Status

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Return to work, or to the desk."""
        return replace(
            it,
            status=self.target,
            closed_at=None,
            done_at=None,
            reason=self.reason,
            waiting_since=at,
            reminded=0,
            is_completed=False,
            needs_agent=False,
            merged_into=None,
        )
