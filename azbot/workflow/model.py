"""The nouns of the workflow: frozen values that travel and are compared.

Statuses and labels follow the reference manual (ux.md R7, R18, R21). Numbers of
missions, interventions and documents count from 1 inside their assistance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from azbot.messages import BlobId, PersonId, Trust

AssistanceId = NewType("AssistanceId", int)
"""Internal number of an assistance."""

AssistanceRef = NewType("AssistanceRef", str)
"""Public reference, ``ASFR26000184`` (R37)."""

StationId = NewType("StationId", int)
"""A technical station (STA)."""

Answers = Mapping[str, object]
"""Normalised answers of a form: field key → JSON-like value."""


USUAL_VISIT = timedelta(hours=2)
"""How long a visit is expected to last when nobody said."""


class ServiceType(StrEnum):
    """The four services (R6)."""

    MARKING = "marking"
    COMMISSIONING = "commissioning"
    INCIDENT_WARRANTY = "incident_warranty"
    INCIDENT = "incident"


class Status(StrEnum):
    """The life of an assistance (R7)."""

    SUBMITTED = "submitted"
    WAITING = "waiting"
    ASSIGNED = "assigned"
    UNDERWAY = "underway"
    DONE = "done"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Neither closed nor cancelled."""
        return self not in (Status.CLOSED, Status.CANCELLED)


class MissionStatus(StrEnum):
    """The life of a mission (R18)."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    COMPLETED = "completed"


class InterventionStatus(StrEnum):
    """The life of an intervention (R20, R21, R148)."""

    UNPLANNED = "unplanned"
    TO_APPROVE = "to_approve"
    PLANNED = "planned"
    UNDERWAY = "underway"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Role(StrEnum):
    """Who acts."""

    CLIENT = "client"
    AGENT = "agent"
    ADMIN = "admin"
    STATION = "station"
    SYSTEM = "system"
    SIGNATORY = "signatory"
    """Holds the link to one signature, and may do nothing else (R136)."""


class Signatory(StrEnum):
    """The three signatures of an intervention (R118–R121, R134, R135)."""

    INSTALLER = "installer"
    CLIENT = "client"
    STATION = "station"


class SignatureMethod(StrEnum):
    """How a signature was given."""

    DRAWN = "drawn"
    TYPED = "typed"
    REMOTE = "remote"
    WAIVED = "waived"


class DocumentKind(StrEnum):
    """What a document is for."""

    ORDER_PROOF = "order_proof"
    PHOTO = "photo"
    REPORT = "report"
    OTHER = "other"


class Review(StrEnum):
    """What the desk thinks of a document."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class RefusalReason(StrEnum):
    """Why a station refuses a mission (R147)."""

    UNAVAILABLE = "unavailable"
    OUT_OF_ZONE = "out_of_zone"
    SKILL = "skill"
    MATERIAL = "material"
    OTHER = "other"


class ClosedBy(StrEnum):
    """What closed an assistance (R150)."""

    CLIENT = "client"
    AGENT = "agent"
    SILENCE = "silence"


class Attention(StrEnum):
    """Why somebody waits for the desk: the queue « À traiter » (ux.md 6.1)."""

    NEW = "new"
    MESSAGE = "message"
    COMPLETED = "completed"
    REFUSED = "refused"
    NOT_SOLVED = "not_solved"
    UNDELIVERED = "undelivered"
    OTHER_DATE = "other_date"
    CANCELLATION = "cancellation"
    TO_PLAN = "to_plan"
    UNANSWERED = "unanswered"
    SNOOZE_OVER = "snooze_over"
    BY_HAND = "by_hand"


class Party(StrEnum):
    """Who has to do the next thing."""

    DESK = "desk"
    CLIENT = "client"
    STATION = "station"


class Hearers(StrEnum):
    """Who, beside the desk, reads what is said: there is no other talk (R72, R176)."""

    CLIENT = "client"
    STATION = "station"
    BOTH = "both"

    def includes(self, party: Party) -> bool:
        """Whether one side reads it; the desk reads everything."""
        return self is Hearers.BOTH or self.value == party.value or party is Party.DESK

    def joined(self, other: Hearers | None) -> Hearers:
        """Return both sides together."""
        return self if other in (None, self) else Hearers.BOTH

    def without(self, other: Hearers) -> Hearers | None:
        """Return who is left when some are taken away, None when nobody is."""
        if other in (Hearers.BOTH, self):
            return None
        if self is not Hearers.BOTH:
            return self
        return Hearers.STATION if other is Hearers.CLIENT else Hearers.CLIENT


@dataclass(frozen=True, slots=True)
class Mandate:
    """What the link to a signature proves: whose it is, and on which form.

    Attributes:
        assistance, intervention: the visit it is about.
        form: the beginning of the fingerprint of the form that is signed.
        until: end of the link, to the second; it tells a link from a newer one.
    """

    assistance: AssistanceId
    intervention: int
    role: Signatory
    form: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who sends a command, through what, and how surely.

    Attributes:
        role: in whose name.
        person: who; None for timers.
        name: shown in the history.
        trust: the proof behind it (email.md §6).
        channel: ``email``, ``api``, ``web``, ``telegram``, ``timer``, ``cli``.
        station: the station a station's contact belongs to.
        mandate: what a signatory may sign; not kept in the history.
    """

    role: Role
    person: PersonId | None
    name: str
    trust: Trust
    channel: str
    station: StationId | None = None
    mandate: Mandate | None = None

    @property
    def is_staff(self) -> bool:
        """An agent or an administrator."""
        return self.role in (Role.AGENT, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Station:
    """A field partner, as told to the client (R146).

    Attributes:
        zones: departments served, ``69``, ``2A``, ``974``, or beginnings of
            postcodes, ``692``.
        zone_name: IANA zone of its days, ``Europe/Paris``.
    """

    id: StationId
    company: str
    email: str
    phone: str = ""
    zones: tuple[str, ...] = ()
    zone_name: str = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Document:
    """One file of an assistance.

    Attributes:
        number: counts from 1 in the assistance.
        size: octets.
        intervention: the visit it belongs to, None for the request.
        point: checklist point it shows, None otherwise.
        is_internal: it came with an internal note and never leaves (ux.md A7).
        moved_to: the assistance it went to with its message; it is here no more.
        hearers: who reads it with the message it came with; None: it belongs to the
            assistance, as what a client sends and what a visit brings.
        station: the station it was said to or by.
        seconds: how long what can be heard or watched is, None where nobody said.
    """

    number: int
    name: str
    media_type: str
    size: int
    blob: BlobId
    kind: DocumentKind
    added_by: Role
    added_at: datetime
    review: Review = Review.PENDING
    review_reason: str = ""
    intervention: int | None = None
    point: int | None = None
    is_internal: bool = False
    moved_to: AssistanceRef | None = None
    hearers: Hearers | None = None
    station: StationId | None = None
    seconds: int | None = None

    def is_for(self, party: Party, station: StationId | None = None) -> bool:
        """Whether a side may have it.

        Args:
            party: which side.
            station: which station, of that side; another one's talk is not theirs.
        """
        if party is Party.DESK:
            return True
        if self.is_internal or (party is Party.STATION and not self._is_of(station)):
            return False
        if self.hearers is not None:
            return self.hearers.includes(party)
        # Written before files had hearers: what a station sent beside a visit was said
        # to the desk.
        is_work = self.intervention is not None or self.kind is DocumentKind.REPORT
        is_said = self.added_by is Role.STATION and not is_work
        return party is Party.STATION or not is_said

    @property
    def is_shared(self) -> bool:
        """Whether both sides may have it."""
        return self.hearers is not Hearers.CLIENT and self.is_for(Party.CLIENT)

    def _is_of(self, station: StationId | None) -> bool:
        return self.station is None or self.station == station


@dataclass(frozen=True, slots=True)
class Mission:
    """The order given to one station (R17).

    Attributes:
        answer_by: when its silence is told to the desk (R147).
        reminded, reminded_at: how many reminders left, and when the last did.
    """

    number: int
    station: Station
    status: MissionStatus
    proposed_at: datetime
    answer_by: datetime
    answered_at: datetime | None = None
    reminded: int = 0
    reminded_at: datetime | None = None
    is_silent: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line of a drawn signature: points in thousandths of the pad."""

    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """One of the three signatures (R137).

    Attributes:
        fingerprint: of the form version that was signed.
        strokes: vectors; empty for typed, remote-typed and waived signatures.
        aspect: width of the pad for a height of 1000.
        email: where to send the report, possibly empty (R122).
        wants_report: the box next to the signature (R122, R139).
        reason: of a waiver.
    """

    role: Signatory
    name: str
    at: datetime
    method: SignatureMethod
    fingerprint: str
    strokes: tuple[Stroke, ...] = ()
    aspect: int = 2000
    company: str = ""
    email: str = ""
    wants_report: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who was asked to sign from afar (R136, ux.md T11).

    Attributes:
        name: as the station knows them; they may correct it.
        email: where the link went, empty when it was handed over otherwise.
        until: the link ends then.
        fingerprint: of the form the link is for.
    """

    role: Signatory
    name: str
    email: str
    until: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Intervention:
    """One trip of the station to the site (R19).

    Attributes:
        planned_at: start of the visit, UTC; the proposed one while to approve.
        lasts: expected duration.
        sequence: grows with each change told by calendar file (RFC 5545).
        dated_at: when the present date was told to the client; None before.
        answers: the intervention form so far.
        revision: of the form, grows with each saved change.
        invited: who was asked to sign from afar, one for each role at most.
        reminded: which reminders left: ``day_before``, ``morning``.
        report: document number of its report.
    """

    number: int
    mission: int
    status: InterventionStatus
    is_follow_up: bool = False
    planned_at: datetime | None = None
    lasts: timedelta = USUAL_VISIT
    sequence: int = 0
    dated_at: datetime | None = None
    arrived_at: datetime | None = None
    finished_at: datetime | None = None
    is_concluded: bool | None = None
    remaining: str = ""
    answers: Answers = field(default_factory=dict)
    revision: int = 0
    signatures: tuple[Signature, ...] = ()
    reminded: tuple[str, ...] = ()
    report: int | None = None
    invited: tuple[Invited, ...] = ()

    @property
    def awaited(self) -> tuple[Signatory, ...]:
        """Whose signatures are missing, once one was given or asked for (R136)."""
        is_begun = self.signatures or self.invited
        if self.status is not InterventionStatus.UNDERWAY or not is_begun:
            return ()
        return tuple(role for role in Signatory if self.signature(role) is None)

    def invitation(self, role: Signatory) -> Invited | None:
        """Who was asked to sign from afar in one role, None when nobody was."""
        return next((i for i in self.invited if i.role == role), None)

    def signature(self, role: Signatory) -> Signature | None:
        """The signature of one role, None while it is missing."""
        return next((s for s in self.signatures if s.role == role), None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody waits for the desk.

    Attributes:
        since: of the first reason that is still unanswered.
    """

    reason: Attention
    since: datetime


PREVIEW = 200
"""Characters kept of the newest message."""


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest message, as a list of the desk shows it.

    Attributes:
        text: one line, at most ``PREVIEW`` characters.
        channel: through which it came or was written.
        to: who, beside the desk, reads it.
        documents: numbers of its files; without words a list tells what they are.
    """

    text: str
    at: datetime
    author: Role
    channel: str
    to: Hearers = Hearers.CLIENT
    documents: tuple[int, ...] = ()


_OPEN_VISITS = (
    InterventionStatus.UNDERWAY,
    InterventionStatus.PLANNED,
    InterventionStatus.TO_APPROVE,
    InterventionStatus.UNPLANNED,
)
"""Neither finished nor cancelled, the most pressing first."""


def _due_first(visit: Intervention) -> tuple[int, bool, str, int]:
    when = visit.planned_at.isoformat() if visit.planned_at else ""
    return _OPEN_VISITS.index(visit.status), not when, when, visit.number


@dataclass(frozen=True, slots=True)
class Assistance:
    """The whole life of one request: the state all decisions read.

    Attributes:
        version: grows with each commit; a stale one is a Conflict.
        opened_via: channel of the first message.
        language: of the requester.
        zone_name: IANA zone of the site (R125).
        answers: the request form (R38–R57).
        missing: mandatory fields not answered yet.
        is_confirmed: the requester agreed with the recap, or filled every field.
        is_completed: the client answered a complement, « Complétée » (R145).
        asked_items, asked_comment: what a waiting request waits for.
        reminded, reminded_at: how many complement or incomplete reminders left,
            and when the last did.
        waiting_since: when the present wait for the client began; reminders and
            the closing question count from here.
        done_at: when the work was done.
        closing_reminded: the reminder of the closing question left.
        cancellation_asked: the client asked to cancel after assignment (R151).
        reason: of the present cancellation, refusal to close or re-opening.
        needs_agent: an agent must look (« après deux rappels un agent décide », a
            client who wrote instead of answering, a notice that did not arrive);
            until then nothing is concluded from silence.
        attention, attention_since: the latest reason why somebody waits for the
            desk, and since when the first of them does; None when nobody does.
        unanswered: whose words, or need, nobody at the desk has answered; None: of
            nobody, or not known in states older than this field.
        handled: what was set aside last as « traité », to be brought back.
        snoozed_until: out of « À traiter » until then (ux.md A16).
        owner, owner_name: the agent who looks after it (« Suivi par »).
        tags: as typed; two never differ by case or accents alone.
        inbound: how often client or station wrote, the opening included.
        latest: the newest message.
        first_answer_at: when the desk first answered.
        desk_time, client_time, station_time: how long each was awaited, up to
            ``updated_at``.
        documents: moved ones keep their number; see ``present_documents``.
        links: others that have to do with it.
        merged_into: the one it goes on in.
        joined: people of others that go on in this one, and invited ones; they may
            write.
        colleagues: those the requester invited; they see all of it (ux.md 7.1).
    """

    id: AssistanceId
    ref: AssistanceRef
    version: int
    status: Status
    opened_at: datetime
    opened_via: str
    requester: PersonId
    language: str
    zone_name: str
    answers: Answers
    missing: tuple[str, ...] = ()
    contact: PersonId | None = None
    is_confirmed: bool = False
    is_completed: bool = False
    asked_items: tuple[str, ...] = ()
    asked_comment: str = ""
    reminded: int = 0
    reminded_at: datetime | None = None
    waiting_since: datetime | None = None
    documents: tuple[Document, ...] = ()
    missions: tuple[Mission, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    done_at: datetime | None = None
    closed_at: datetime | None = None
    closing_reminded: bool = False
    cancellation_asked: bool = False
    reason: str = ""
    needs_agent: bool = False
    messages: int = 0
    updated_at: datetime | None = None
    attention: Attention | None = None
    attention_since: datetime | None = None
    handled: Waiting | None = None
    snoozed_until: datetime | None = None
    owner: PersonId | None = None
    owner_name: str = ""
    tags: tuple[str, ...] = ()
    inbound: int = 0
    latest: Latest | None = None
    first_answer_at: datetime | None = None
    desk_time: timedelta = timedelta()
    client_time: timedelta = timedelta()
    station_time: timedelta = timedelta()
    links: tuple[AssistanceRef, ...] = ()
    merged_into: AssistanceRef | None = None
    joined: tuple[PersonId, ...] = ()
    colleagues: tuple[PersonId, ...] = ()
    unanswered: Hearers | None = None

    @property
    def service(self) -> ServiceType | None:
        """The service asked for; None while the client has not said it."""
        value = self.answers.get("service")
        return ServiceType(value) if isinstance(value, str) and value else None

    @property
    def mission(self) -> Mission | None:
        """The latest mission that is not refused or withdrawn."""
        over = (MissionStatus.REFUSED, MissionStatus.WITHDRAWN)
        return next((m for m in reversed(self.missions) if m.status not in over), None)

    @property
    def open_visits(self) -> tuple[Intervention, ...]:
        """Interventions neither finished nor cancelled, the one that is due first.

        Under way, then planned by date, then those that await a date.
        """
        found = [i for i in self.interventions if i.status in _OPEN_VISITS]
        return tuple(sorted(found, key=_due_first))

    @property
    def visit(self) -> Intervention | None:
        """The open intervention that is due first, None when there is none."""
        return next(iter(self.open_visits), None)

    @property
    def is_dated(self) -> bool:
        """Whether the client was told a date that still stands."""
        return any(i.status is InterventionStatus.PLANNED for i in self.interventions)

    @property
    def is_to_approve(self) -> bool:
        """Whether a visit waits for the desk to agree with its date (R148)."""
        waiting = InterventionStatus.TO_APPROVE
        return any(i.status is waiting for i in self.interventions)

    @property
    def clock_of(self) -> Party | None:
        """Whose turn it is; None once it has ended."""
        match self.status:
            case Status.SUBMITTED:
                return Party.DESK
            case Status.WAITING | Status.DONE:
                return Party.CLIENT
            case Status.UNDERWAY if self.is_to_approve:
                return Party.DESK
            case Status.ASSIGNED | Status.UNDERWAY:
                return Party.STATION
            case Status.CLOSED | Status.CANCELLED:
                return None

    @property
    def is_open(self) -> bool:
        """Neither closed nor cancelled."""
        return self.status.is_open

    def intervention(self, number: int) -> Intervention | None:
        """The intervention of this number."""
        return next((i for i in self.interventions if i.number == number), None)

    @property
    def present_documents(self) -> tuple[Document, ...]:
        """The documents that did not go elsewhere with a misfiled message."""
        return tuple(d for d in self.documents if d.moved_to is None)

    def document(self, number: int) -> Document | None:
        """The document of this number, None when there is none or it went away."""
        return next((d for d in self.present_documents if d.number == number), None)

    def answer(self, key: str) -> str:
        """One answer of the request as text, empty when it has none."""
        value = self.answers.get(key)
        return "" if value is None else str(value)
