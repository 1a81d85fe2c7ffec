"""What happened to the mission."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from typing_extensions import override

from azbot.workflow.events.fact import Fact, on_mission
from azbot.workflow.model import (
    Assistance,
    Mission,
    MissionStatus,
    RefusalReason,
    Station,
    Status,
)


@dataclass(frozen=True, slots=True)
class StationAssigned(Fact):
    """A mission was proposed to a station (R11)."""

    number: int
    station: Station
    answer_by: datetime
    override_reason: str = ""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Add the mission."""
        mission = Mission(
            self.number, self.station, MissionStatus.PROPOSED, at, self.answer_by
        )
        return replace(
            it,
            status=Status.ASSIGNED,
            missions=(*it.missions, mission),
            asked_items=(),
            asked_comment="",
            is_completed=False,
            needs_agent=False,
            reminded=0,
        )


@dataclass(frozen=True, slots=True)
class StationReminded(Fact):
    """The silent station was asked again."""

    number: int
    step: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Count the reminder."""
        return on_mission(
            it,
            self.number,
            lambda m: replace(m, reminded=max(m.reminded, self.step), reminded_at=at),
        )


@dataclass(frozen=True, slots=True)
class StationSilent(Fact):
    """Reminders brought no answer: « STA sans réponse » (R147)."""

    number: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Flag the mission."""
        return on_mission(it, self.number, lambda m: replace(m, is_silent=True))


@dataclass(frozen=True, slots=True)
class MissionAccepted(Fact):
    """The station takes the mission (R12)."""

    number: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """The assistance is under way."""
        return on_mission(
            replace(it, status=Status.UNDERWAY),
            self.number,
            lambda m: replace(
                m, status=MissionStatus.ACCEPTED, answered_at=at, is_silent=False
            ),
        )


@dataclass(frozen=True, slots=True)
class MissionRefused(Fact):
    """The station declined (R147)."""

    number: int
    reason: RefusalReason
    comment: str = ""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Back to the desk."""
        return on_mission(
            replace(it, status=Status.SUBMITTED, waiting_since=at),
            self.number,
            lambda m: replace(
                m,
                status=MissionStatus.REFUSED,
                answered_at=at,
                is_silent=False,
                reason=self.reason.value,
            ),
        )


@dataclass(frozen=True, slots=True)
class MissionWithdrawn(Fact):
    """The desk took the mission back."""

    number: int
    reason: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Back to the desk."""
        return on_mission(
            replace(it, status=Status.SUBMITTED, waiting_since=at),
            self.number,
            lambda m: replace(
                m, status=MissionStatus.WITHDRAWN, is_silent=False, reason=self.reason
            ),
        )


@dataclass(frozen=True, slots=True)
class MissionCompleted(Fact):
    """The mission ended with its assistance."""

    number: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Complete it."""
        return on_mission(
            it, self.number, lambda m: replace(m, status=MissionStatus.COMPLETED)
        )


@dataclass(frozen=True, slots=True)
class MissionResumed(Fact):
    """A re-opened assistance gives the mission back to its station."""

    number: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Accepted again."""
        return on_mission(
            it, self.number, lambda m: replace(m, status=MissionStatus.ACCEPTED)
        )
