"""What happened to a visit: its date, its form, its signatures, its report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from typing_extensions import override

from azbot.workflow.events.fact import Change, Fact, on_visit
from azbot.workflow.model import (
    Assistance,
    Intervention,
    InterventionStatus,
    Invited,
    Role,
    Signature,
    Status,
)


@dataclass(frozen=True, slots=True)
class InterventionAdded(Fact):
    """One more visit awaits a date (R20, R149, R150).

    Attributes:
        needs_desk: the station left without a date: the desk sees to it (R149).
    """

    number: int
    mission: int
    is_follow_up: bool
    reason: str = ""
    needs_desk: bool = False

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Append it."""
        visit = Intervention(
            self.number,
            self.mission,
            InterventionStatus.UNPLANNED,
            is_follow_up=self.is_follow_up,
        )
        return replace(it, interventions=(*it.interventions, visit))


@dataclass(frozen=True, slots=True)
class InterventionPlanned(Fact):
    """A visit has its date and the client is told (R82).

    Attributes:
        by: None in histories older than this field.
    """

    number: int
    planned_at: datetime
    lasts: timedelta
    note: str = ""
    by: Role | None = None

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Plan it."""
        return on_visit(it, self.number, lambda i: self._plan(i, at))

    def _plan(self, visit: Intervention, at: datetime) -> Intervention:
        return replace(
            visit,
            status=InterventionStatus.PLANNED,
            planned_at=self.planned_at,
            lasts=self.lasts,
            dated_at=at,
            reminded=(),
            sequence=visit.sequence + (1 if visit.dated_at else 0),
        )


@dataclass(frozen=True, slots=True)
class InterventionMoved(Fact):
    """A planned visit has another date (E7).

    Attributes:
        by: None in histories older than this field.
    """

    number: int
    before: datetime
    planned_at: datetime
    lasts: timedelta
    reason: str
    by: Role | None = None

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Move it; the calendar file's SEQUENCE grows (RFC 5546 §2.1.4)."""
        return on_visit(
            it,
            self.number,
            lambda i: replace(
                i,
                status=InterventionStatus.PLANNED,
                planned_at=self.planned_at,
                lasts=self.lasts,
                dated_at=at,
                sequence=i.sequence + 1,
                reminded=(),
            ),
        )


@dataclass(frozen=True, slots=True)
class InterventionProposed(Fact):
    """The station proposes a follow-up date; the desk must agree (R148)."""

    number: int
    planned_at: datetime
    lasts: timedelta
    note: str = ""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Wait for approval."""
        return on_visit(
            it,
            self.number,
            lambda i: replace(
                i,
                status=InterventionStatus.TO_APPROVE,
                planned_at=self.planned_at,
                lasts=self.lasts,
            ),
        )


@dataclass(frozen=True, slots=True)
class InterventionApproved(Fact):
    """The desk agreed with a follow-up date; now the client is told (R105)."""

    number: int
    proposed_at: datetime
    planned_at: datetime
    lasts: timedelta

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Plan it."""
        return InterventionPlanned(self.number, self.planned_at, self.lasts).apply(
            it, at
        )


@dataclass(frozen=True, slots=True)
class InterventionDeclined(Fact):
    """The desk sent a follow-up date back."""

    number: int
    proposed_at: datetime
    reason: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Await another date."""
        return on_visit(
            it,
            self.number,
            lambda i: replace(i, status=InterventionStatus.UNPLANNED, planned_at=None),
        )


@dataclass(frozen=True, slots=True)
class InterventionCancelled(Fact):
    """A visit will not take place.

    Attributes:
        was_told: the client knew of it.
        by: None in histories older than this field.
    """

    number: int
    reason: str
    was_told: bool = False
    by: Role | None = None

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Cancel it; a told date is cancelled in calendars too."""
        return on_visit(
            it,
            self.number,
            lambda i: replace(
                i, status=InterventionStatus.CANCELLED, sequence=i.sequence + 1
            ),
        )


@dataclass(frozen=True, slots=True)
class VisitReminded(Fact):
    """The reminder of a visit was due (E8, E20).

    Attributes:
        is_too_late: « demain » would no longer be true: nothing was sent.
    """

    number: int
    which: str
    is_too_late: bool = False

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Remember that its time has come."""
        return on_visit(
            it, self.number, lambda i: replace(i, reminded=(*i.reminded, self.which))
        )


@dataclass(frozen=True, slots=True)
class OtherDateAsked(Fact):
    """The client asked for another date."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class StationArrived(Fact):
    """The technician is on site (R163)."""

    number: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """The visit is under way; the time in is proposed once."""
        return on_visit(
            it,
            self.number,
            lambda i: replace(
                i, status=InterventionStatus.UNDERWAY, arrived_at=i.arrived_at or at
            ),
        )


@dataclass(frozen=True, slots=True)
class InterventionFormSaved(Fact):
    """Answers of the intervention form changed."""

    is_internal: ClassVar[bool] = True
    number: int
    changes: tuple[Change, ...]
    revision: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Merge them field by field."""
        return on_visit(it, self.number, self._merge)

    def _merge(self, visit: Intervention) -> Intervention:
        answers = {**visit.answers, **{c.field: c.after for c in self.changes}}
        return replace(
            visit,
            answers={k: v for k, v in answers.items() if v is not None},
            revision=self.revision,
            status=InterventionStatus.UNDERWAY,
        )


@dataclass(frozen=True, slots=True)
class SignatureAsked(Fact):
    """Somebody who is not there was asked to sign (R136); an older link ends."""

    number: int
    invited: Invited

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Keep whom, in the place of whoever was asked before."""
        return on_visit(it, self.number, self._invite)

    def _invite(self, visit: Intervention) -> Intervention:
        others = (i for i in visit.invited if i.role != self.invited.role)
        return replace(visit, invited=(*others, self.invited))


@dataclass(frozen=True, slots=True)
class SignatureGiven(Fact):
    """One of the three signed, or was waived with a reason."""

    number: int
    signature: Signature

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Keep it."""
        return on_visit(
            it,
            self.number,
            lambda i: replace(i, signatures=(*i.signatures, self.signature)),
        )


@dataclass(frozen=True, slots=True)
class SignaturesRemoved(Fact):
    """The form was opened again: its signatures are void (R138)."""

    number: int
    names: tuple[str, ...]

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Drop them, and the links to sign the form as it was."""
        return on_visit(
            it, self.number, lambda i: replace(i, signatures=(), invited=())
        )


@dataclass(frozen=True, slots=True)
class InterventionFinished(Fact):
    """A visit ended with everything mandatory (R104, R131).

    Attributes:
        is_concluded: the problem is solved.
        remaining: what is left to do, from the observations.
        finished: the visit's answers' fingerprint, for the report.
    """

    number: int
    is_concluded: bool
    remaining: str
    fingerprint: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Finish it; when concluded the work is done (R13)."""
        after = on_visit(
            it,
            self.number,
            lambda i: replace(
                i,
                status=InterventionStatus.FINISHED,
                finished_at=at,
                is_concluded=self.is_concluded,
                remaining=self.remaining,
            ),
        )
        if not self.is_concluded:
            return after
        return replace(
            after,
            status=Status.DONE,
            done_at=at,
            waiting_since=at,
            closing_reminded=False,
            needs_agent=False,
            reason="",
        )


@dataclass(frozen=True, slots=True)
class ReportRecorded(Fact):
    """The technical report of a visit is ready (R108)."""

    number: int | None
    document: int
    name: str
    fingerprint: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Link it to its visit."""
        if self.number is None:
            return it
        return on_visit(it, self.number, lambda i: replace(i, report=self.document))
