"""Past facts, and what each does to the state.

The history of an assistance is the list of its events; folding ``apply`` over them
rebuilds the state (invariant 3 of house.md §6). An event carries everything its
``apply`` needs but the instant, which the history keeps beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, get_args

from typing_extensions import override

from azbot.messages import PersonId
from azbot.workflow.model import (
    Answers,
    Assistance,
    AssistanceId,
    AssistanceRef,
    ClosedBy,
    Document,
    DocumentKind,
    Intervention,
    InterventionStatus,
    Mission,
    MissionStatus,
    RefusalReason,
    Review,
    Role,
    ServiceType,
    Signature,
    Station,
    Status,
)


def _mission(
    it: Assistance, number: int, change: Callable[[Mission], Mission]
) -> Assistance:
    return replace(
        it,
        missions=tuple(change(m) if m.number == number else m for m in it.missions),
    )


def _visit(
    it: Assistance, number: int, change: Callable[[Intervention], Intervention]
) -> Assistance:
    return replace(
        it,
        interventions=tuple(
            change(i) if i.number == number else i for i in it.interventions
        ),
    )


def _asked_again(it: Assistance, at: datetime) -> Assistance:
    """Return the state after the desk dealt with what stopped the closing delay."""
    return replace(it, needs_agent=False, waiting_since=at, closing_reminded=False)


class _Fact:
    """What every event has; ``is_internal`` ones are never shown to clients."""

    __slots__ = ()
    is_internal: ClassVar[bool] = False

    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Return the state after this fact; the default changes nothing."""
        return it


@dataclass(frozen=True, slots=True)
class AssistanceOpened(_Fact):
    """A request was registered."""

    id: AssistanceId
    ref: AssistanceRef
    requester: PersonId
    contact: PersonId | None
    language: str
    zone_name: str
    via: str
    answers: Answers
    missing: tuple[str, ...]
    is_confirmed: bool
    text: str = ""
    elided: tuple[str, ...] = ()
    message_id: str = ""
    raw: int | None = None
    documents: tuple[int, ...] = ()

    def begin(self, at: datetime) -> Assistance:
        """Return the first state."""
        return Assistance(
            id=self.id,
            ref=self.ref,
            version=0,
            status=Status.SUBMITTED,
            opened_at=at,
            opened_via=self.via,
            requester=self.requester,
            contact=self.contact,
            language=self.language,
            zone_name=self.zone_name,
            answers=dict(self.answers),
            missing=self.missing,
            is_confirmed=self.is_confirmed,
            waiting_since=at,
            messages=1 if self.text else 0,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class RequestAmended(_Fact):
    """Fields of the request were filled or corrected."""

    changes: tuple[Change, ...]
    missing: tuple[str, ...]
    zone_name: str
    contact: PersonId | None = None

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Merge the changes field by field."""
        answers = {**it.answers, **{c.field: c.after for c in self.changes}}
        return replace(
            it,
            answers={k: v for k, v in answers.items() if v is not None},
            missing=self.missing,
            zone_name=self.zone_name,
            contact=self.contact or it.contact,
            reminded=0,
            needs_agent=False,
            waiting_since=at,
        )


@dataclass(frozen=True, slots=True)
class RequestConfirmed(_Fact):
    """The client agreed with the recap."""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """The request needs no further confirmation."""
        return replace(it, is_confirmed=True)


@dataclass(frozen=True, slots=True)
class MessageAdded(_Fact):
    """Somebody wrote to the other side."""

    text: str
    elided: tuple[str, ...] = ()
    documents: tuple[int, ...] = ()
    message_id: str = ""
    raw: int | None = None
    author: Role = Role.CLIENT
    is_mixed: bool = False
    is_automatic: bool = False

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Count it; a person's words end the reminders.

        After the closing question a client who writes is not silent: nothing
        closes by itself until the desk has answered (R150).
        """
        if self.is_automatic:
            return it
        fresh = replace(it, messages=it.messages + 1)
        is_client, is_done = self.author is Role.CLIENT, it.status is Status.DONE
        if is_client and is_done:
            return replace(fresh, needs_agent=True)
        if is_client:
            return replace(fresh, reminded=0, needs_agent=False, waiting_since=at)
        if is_done and it.needs_agent and self.author is not Role.STATION:
            return _asked_again(fresh, at)
        return fresh


@dataclass(frozen=True, slots=True)
class NoteAdded(_Fact):
    """An agent wrote for agents only."""

    is_internal: ClassVar[bool] = True
    text: str
    documents: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentAdded(_Fact):
    """A file was attached."""

    document: Document

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Append it."""
        return replace(it, documents=(*it.documents, self.document))


@dataclass(frozen=True, slots=True)
class DocumentReviewed(_Fact):
    """The desk judged a document."""

    number: int
    name: str
    before: Review
    review: Review
    kind: DocumentKind
    reason: str = ""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Set its verdict and its kind."""
        return replace(
            it,
            documents=tuple(
                replace(
                    d, review=self.review, kind=self.kind, review_reason=self.reason
                )
                if d.number == self.number
                else d
                for d in it.documents
            ),
        )


@dataclass(frozen=True, slots=True)
class ComplementAsked(_Fact):
    """The request waits for the client (R10)."""

    items: tuple[str, ...]
    comment: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Wait."""
        return replace(
            it,
            status=Status.WAITING,
            asked_items=self.items,
            asked_comment=self.comment,
            reminded=0,
            is_completed=False,
            needs_agent=False,
            waiting_since=at,
        )


@dataclass(frozen=True, slots=True)
class ComplementReceived(_Fact):
    """The client answered; the request is back at the desk (R145)."""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Return to the desk, marked « Complétée »."""
        return replace(
            it,
            status=Status.SUBMITTED,
            is_completed=True,
            asked_items=(),
            asked_comment="",
            reminded=0,
            needs_agent=False,
            waiting_since=at,
        )


@dataclass(frozen=True, slots=True)
class ClientReminded(_Fact):
    """A reminder left for what is missing."""

    step: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Count the reminder."""
        return replace(it, reminded=max(it.reminded, self.step), reminded_at=at)


@dataclass(frozen=True, slots=True)
class AgentNeeded(_Fact):
    """Reminders brought nothing: an agent decides (ux.md 9.3)."""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Flag it."""
        return replace(it, needs_agent=True)


@dataclass(frozen=True, slots=True)
class StationAssigned(_Fact):
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
class StationReminded(_Fact):
    """The silent station was asked again."""

    number: int
    step: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Count the reminder."""
        return _mission(
            it,
            self.number,
            lambda m: replace(m, reminded=max(m.reminded, self.step), reminded_at=at),
        )


@dataclass(frozen=True, slots=True)
class StationSilent(_Fact):
    """Reminders brought no answer: « STA sans réponse » (R147)."""

    number: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Flag the mission."""
        return _mission(it, self.number, lambda m: replace(m, is_silent=True))


@dataclass(frozen=True, slots=True)
class MissionAccepted(_Fact):
    """The station takes the mission (R12)."""

    number: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """The assistance is under way."""
        return _mission(
            replace(it, status=Status.UNDERWAY),
            self.number,
            lambda m: replace(
                m, status=MissionStatus.ACCEPTED, answered_at=at, is_silent=False
            ),
        )


@dataclass(frozen=True, slots=True)
class MissionRefused(_Fact):
    """The station declined (R147)."""

    number: int
    reason: RefusalReason
    comment: str = ""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Back to the desk."""
        return _mission(
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
class MissionWithdrawn(_Fact):
    """The desk took the mission back."""

    number: int
    reason: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Back to the desk."""
        return _mission(
            replace(it, status=Status.SUBMITTED, waiting_since=at),
            self.number,
            lambda m: replace(
                m, status=MissionStatus.WITHDRAWN, is_silent=False, reason=self.reason
            ),
        )


@dataclass(frozen=True, slots=True)
class MissionCompleted(_Fact):
    """The mission ended with its assistance."""

    number: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Complete it."""
        return _mission(
            it, self.number, lambda m: replace(m, status=MissionStatus.COMPLETED)
        )


@dataclass(frozen=True, slots=True)
class MissionResumed(_Fact):
    """A re-opened assistance gives the mission back to its station."""

    number: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Accepted again."""
        return _mission(
            it, self.number, lambda m: replace(m, status=MissionStatus.ACCEPTED)
        )


@dataclass(frozen=True, slots=True)
class InterventionAdded(_Fact):
    """One more visit awaits a date (R20, R149, R150)."""

    number: int
    mission: int
    is_follow_up: bool
    reason: str = ""

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
class InterventionPlanned(_Fact):
    """A visit has its date and the client is told (R82)."""

    number: int
    planned_at: datetime
    lasts: timedelta
    note: str = ""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Plan it."""
        return _visit(it, self.number, lambda i: self._plan(i, at))

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
class InterventionMoved(_Fact):
    """A planned visit has another date (E7)."""

    number: int
    before: datetime
    planned_at: datetime
    lasts: timedelta
    reason: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Move it; the calendar file's SEQUENCE grows (RFC 5546 §2.1.4)."""
        return _visit(
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
class InterventionProposed(_Fact):
    """The station proposes a follow-up date; the desk must agree (R148)."""

    number: int
    planned_at: datetime
    lasts: timedelta
    note: str = ""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Wait for approval."""
        return _visit(
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
class InterventionApproved(_Fact):
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
class InterventionDeclined(_Fact):
    """The desk sent a follow-up date back."""

    number: int
    proposed_at: datetime
    reason: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Await another date."""
        return _visit(
            it,
            self.number,
            lambda i: replace(i, status=InterventionStatus.UNPLANNED, planned_at=None),
        )


@dataclass(frozen=True, slots=True)
class InterventionCancelled(_Fact):
    """A visit will not take place."""

    number: int
    reason: str
    was_told: bool = False

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Cancel it; a told date is cancelled in calendars too."""
        return _visit(
            it,
            self.number,
            lambda i: replace(
                i, status=InterventionStatus.CANCELLED, sequence=i.sequence + 1
            ),
        )


@dataclass(frozen=True, slots=True)
class VisitReminded(_Fact):
    """The reminder of a visit left (E8, E20).

    Attributes:
        is_too_late: « demain » would no longer be true: nothing was sent.
    """

    number: int
    which: str
    is_too_late: bool = False

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Remember that it left."""
        return _visit(
            it, self.number, lambda i: replace(i, reminded=(*i.reminded, self.which))
        )


@dataclass(frozen=True, slots=True)
class OtherDateAsked(_Fact):
    """The client asked for another date."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class StationArrived(_Fact):
    """The technician is on site (R163)."""

    number: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """The visit is under way; the time in is proposed once."""
        return _visit(
            it,
            self.number,
            lambda i: replace(
                i, status=InterventionStatus.UNDERWAY, arrived_at=i.arrived_at or at
            ),
        )


@dataclass(frozen=True, slots=True)
class InterventionFormSaved(_Fact):
    """Answers of the intervention form changed."""

    is_internal: ClassVar[bool] = True
    number: int
    changes: tuple[Change, ...]
    revision: int

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Merge them field by field."""
        return _visit(it, self.number, self._merge)

    def _merge(self, visit: Intervention) -> Intervention:
        answers = {**visit.answers, **{c.field: c.after for c in self.changes}}
        return replace(
            visit,
            answers={k: v for k, v in answers.items() if v is not None},
            revision=self.revision,
            status=InterventionStatus.UNDERWAY,
        )


@dataclass(frozen=True, slots=True)
class SignatureGiven(_Fact):
    """One of the three signed, or was waived with a reason."""

    number: int
    signature: Signature

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Keep it."""
        return _visit(
            it,
            self.number,
            lambda i: replace(i, signatures=(*i.signatures, self.signature)),
        )


@dataclass(frozen=True, slots=True)
class SignaturesRemoved(_Fact):
    """The form was opened again: its signatures are void (R138)."""

    number: int
    names: tuple[str, ...]

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Drop them."""
        return _visit(it, self.number, lambda i: replace(i, signatures=()))


@dataclass(frozen=True, slots=True)
class InterventionFinished(_Fact):
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
        after = _visit(
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
class ReportRecorded(_Fact):
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
        return _visit(it, self.number, lambda i: replace(i, report=self.document))


@dataclass(frozen=True, slots=True)
class ClosingReminded(_Fact):
    """The closing question was asked again."""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Once is enough; asked by hand after a standstill, the delay begins anew."""
        fresh = _asked_again(it, at) if it.needs_agent else it
        return replace(fresh, closing_reminded=True)


@dataclass(frozen=True, slots=True)
class ClosingRefused(_Fact):
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
class AssistanceClosed(_Fact):
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
class AssistanceCancelled(_Fact):
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
class CancellationAsked(_Fact):
    """The client wants to stop after assignment: the desk decides (R151)."""

    reason: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Flag it."""
        return replace(it, cancellation_asked=True)


@dataclass(frozen=True, slots=True)
class AssistanceReopened(_Fact):
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
        )


@dataclass(frozen=True, slots=True)
class Requalified(_Fact):
    """The service type changed (R152)."""

    before: ServiceType | None
    after: ServiceType
    reason: str
    missing: tuple[str, ...]

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Change it."""
        return replace(
            it,
            answers={**it.answers, "service": self.after.value},
            missing=self.missing,
        )


@dataclass(frozen=True, slots=True)
class DeliveryFailed(_Fact):
    """Somebody did not get a notice (email.md §5.3)."""

    address: str
    reason: str
    is_permanent: bool
    is_internal: ClassVar[bool] = True

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Silence says nothing any more: an agent must look (ux.md 6.1)."""
        if not (self.is_permanent and it.is_open):
            return it
        return replace(it, needs_agent=True)


@dataclass(frozen=True, slots=True)
class AbsenceNoted(_Fact):
    """An automatic answer came and changed nothing (ux.md A17)."""

    text: str
    is_internal: ClassVar[bool] = True


Event = (
    AssistanceOpened
    | RequestAmended
    | RequestConfirmed
    | MessageAdded
    | NoteAdded
    | DocumentAdded
    | DocumentReviewed
    | ComplementAsked
    | ComplementReceived
    | ClientReminded
    | AgentNeeded
    | StationAssigned
    | StationReminded
    | StationSilent
    | MissionAccepted
    | MissionRefused
    | MissionWithdrawn
    | MissionCompleted
    | MissionResumed
    | InterventionAdded
    | InterventionPlanned
    | InterventionMoved
    | InterventionProposed
    | InterventionApproved
    | InterventionDeclined
    | InterventionCancelled
    | VisitReminded
    | OtherDateAsked
    | StationArrived
    | InterventionFormSaved
    | SignatureGiven
    | SignaturesRemoved
    | InterventionFinished
    | ReportRecorded
    | ClosingReminded
    | ClosingRefused
    | AssistanceClosed
    | AssistanceCancelled
    | CancellationAsked
    | AssistanceReopened
    | Requalified
    | DeliveryFailed
    | AbsenceNoted
)

EVENTS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
"""Every event by its name, as the history stores it."""


def evolve(it: Assistance | None, event: Event, at: datetime) -> Assistance:
    """Return the state after one event.

    Raises:
        ValueError: the first event of a life is not ``AssistanceOpened``.
    """
    if isinstance(event, AssistanceOpened):
        return event.begin(at)
    if it is None:
        raise ValueError(f"a life cannot begin with {type(event).__name__}")
    return event.apply(replace(it, updated_at=at), at)
