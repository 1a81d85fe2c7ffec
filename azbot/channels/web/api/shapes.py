"""What the API answers: models made from the values of the core, per reader.

A station reads its own mission and its own visits, no word meant for the desk, and
agents by first name and initial (R172); ``Reader`` says who reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic_core import to_jsonable_python

from azbot.channels.web.sentences import sentence_of
from azbot.forms.intervention import fingerprint, missing
from azbot.i18n.catalogue import Catalogue
from azbot.workflow.decision import Decision, Notice, Recorded
from azbot.workflow.events import DocumentAdded, NoteAdded
from azbot.workflow.model import (
    Assistance,
    Document,
    DocumentKind,
    Intervention,
    InterventionStatus,
    Mission,
    MissionStatus,
    Review,
    Role,
    ServiceType,
    Signatory,
    Signature,
    SignatureMethod,
    StationId,
    Status,
)
from azbot.workflow.notices import public_name

Facts = dict[str, JsonValue]


class Shape(BaseModel):
    """An answer; every field is always there."""

    model_config = ConfigDict(
        extra="forbid", json_schema_serialization_defaults_required=True
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads an answer.

    Attributes:
        station: set for a station: it sees its own, and nothing internal.
        words: the language of the sentences.
    """

    words: Catalogue
    station: StationId | None = None
    is_station: bool = False


class StationOut(Shape):
    """A field partner, as clients are told of it."""

    id: int
    company: str
    email: str
    phone: str
    zones: list[str]
    zone_name: str


class StationEntryOut(StationOut):
    """A field partner, with what the desk notes of it."""

    speciality: str
    is_active: bool


class MissionOut(Shape):
    """The order given to one station."""

    number: int
    station: StationOut
    status: MissionStatus
    proposed_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    is_silent: bool
    reason: str


class SignatureOut(Shape):
    """One signature; its drawing stays inside the report."""

    role: Signatory
    name: str
    at: datetime
    method: SignatureMethod
    fingerprint: str
    company: str
    email: str
    wants_report: bool
    reason: str


class InterventionOut(Shape):
    """One visit.

    Attributes:
        planned_at: start, UTC; the proposed one while to approve.
        fingerprint: of the present answers, to be sent with a signature.
        report: number of the document with its technical report.
    """

    number: int
    mission: int
    status: InterventionStatus
    is_follow_up: bool
    planned_at: datetime | None
    lasts: timedelta
    dated_at: datetime | None
    arrived_at: datetime | None
    finished_at: datetime | None
    is_concluded: bool | None
    remaining: str
    answers: Facts
    revision: int
    missing: list[str]
    fingerprint: str
    signatures: list[SignatureOut]
    report: int | None


class DocumentOut(Shape):
    """One file of an assistance.

    Attributes:
        sha256: of its content.
        is_internal: came with a note, for agents only.
        url: where it is downloaded.
    """

    number: int
    name: str
    media_type: str
    size: int
    sha256: str
    kind: DocumentKind
    added_by: Role
    added_at: datetime
    review: Review
    review_reason: str
    intervention: int | None
    point: int | None
    is_internal: bool
    url: str


class AssistanceOut(Shape):
    """The whole state of one assistance.

    Attributes:
        version: grows with each change; the ETag carries it.
        status_label, service_label: in the language asked for.
        missing: mandatory fields of the request without an answer.
        url: where it is read.
    """

    ref: str
    version: int
    status: Status
    status_label: str
    service: ServiceType | None
    service_label: str
    opened_at: datetime
    updated_at: datetime
    opened_via: str
    requester: int
    contact: int | None
    language: str
    zone_name: str
    answers: Facts
    missing: list[str]
    is_confirmed: bool
    is_completed: bool
    asked_items: list[str]
    asked_comment: str
    waiting_since: datetime | None
    done_at: datetime | None
    closed_at: datetime | None
    cancellation_asked: bool
    needs_agent: bool
    reason: str
    messages: int
    documents: list[DocumentOut]
    missions: list[MissionOut]
    interventions: list[InterventionOut]
    url: str


class ActorOut(Shape):
    """Who did something; stations read agents by first name and initial."""

    role: Role
    name: str
    channel: str


class EventOut(Shape):
    """One line of the history.

    Attributes:
        id: grows with time; the cursor of the next page.
        kind: name of the event, stable.
        sentence: what happened, in the language asked for.
        is_internal: never shown to clients and stations.
        before, after: status around it; equal when it did not change.
        data: the fields of the event.
    """

    id: int
    at: datetime
    kind: str
    sentence: str
    is_internal: bool
    actor: ActorOut
    before: Status | None
    after: Status
    data: Facts


class NoticeOut(Shape):
    """Who is told what, as a result of a command."""

    kind: str
    to: str
    is_optional: bool


class CommandOut(Shape):
    """What a command did.

    Attributes:
        is_changed: False when everything was so already.
        events: what happened, in order.
        notices: what leaves; empty for stations.
    """

    is_changed: bool
    assistance: AssistanceOut
    events: list[EventOut]
    notices: list[NoticeOut]


class TimelineOut(Shape):
    """A page of the history.

    Attributes:
        next: cursor of the next page, null on the last.
    """

    items: list[EventOut]
    next: str | None


class MessageOut(Shape):
    """What somebody wrote to the other side.

    Attributes:
        elided: quotations and signatures, in order.
        documents: numbers of the files that came with it.
        is_mixed: an acting word came with other words: the desk must read it.
    """

    id: int
    at: datetime
    author: ActorOut
    text: str
    elided: list[str]
    documents: list[int]
    is_automatic: bool
    is_mixed: bool


class MessagesOut(Shape):
    """The conversation, oldest first."""

    items: list[MessageOut]


class NoteOut(Shape):
    """What an agent wrote for agents only."""

    id: int
    at: datetime
    author: ActorOut
    text: str
    documents: list[int]


class NotesOut(Shape):
    """The internal notes, oldest first."""

    items: list[NoteOut]


class DocumentsOut(Shape):
    """The files of an assistance, by number."""

    items: list[DocumentOut]


class ItemOut(Shape):
    """One line of the list of assistances (R24)."""

    ref: str
    status: Status
    status_label: str
    service: ServiceType | None
    service_label: str
    address: str
    opened_at: datetime
    updated_at: datetime
    planned_at: datetime | None
    station: str
    station_id: int | None
    documents: int
    messages: int
    needs_agent: bool
    url: str


class ListOut(Shape):
    """A page of the list.

    Attributes:
        next: cursor of the next page, null on the last.
    """

    items: list[ItemOut]
    next: str | None


def internal_documents(history: Sequence[Recorded]) -> frozenset[int]:
    """Return the numbers of the files that came with notes."""
    return frozenset(
        number
        for line in history
        if isinstance(line.event, NoteAdded)
        for number in line.event.documents
    )


def assistance_out(
    it: Assistance, reader: Reader, internal: frozenset[int]
) -> AssistanceOut:
    """Return the state as one reader may see it.

    Args:
        it: the state.
        reader: who reads.
        internal: documents that came with notes; see ``internal_documents``.
    """
    words = reader.words
    missions = [m for m in it.missions if _is_theirs(m, reader)]
    numbers = {m.number for m in missions}
    return AssistanceOut(
        ref=it.ref,
        version=it.version,
        status=it.status,
        status_label=words.t(f"status.{it.status.value}"),
        service=it.service,
        service_label=_service_label(it.service, words),
        opened_at=it.opened_at,
        updated_at=it.updated_at or it.opened_at,
        opened_via=it.opened_via,
        requester=it.requester,
        contact=it.contact,
        language=it.language,
        zone_name=it.zone_name,
        answers=_json(it.answers),
        missing=list(it.missing),
        is_confirmed=it.is_confirmed,
        is_completed=it.is_completed,
        asked_items=list(it.asked_items),
        asked_comment=it.asked_comment,
        waiting_since=it.waiting_since,
        done_at=it.done_at,
        closed_at=it.closed_at,
        cancellation_asked=it.cancellation_asked,
        needs_agent=it.needs_agent,
        reason=it.reason,
        messages=it.messages,
        documents=documents_out(it, reader, internal),
        missions=[mission_out(m) for m in missions],
        interventions=[
            intervention_out(i) for i in it.interventions if i.mission in numbers
        ],
        url=f"/api/v1/assistances/{it.ref}",
    )


def _is_theirs(mission: Mission, reader: Reader) -> bool:
    return not reader.is_station or mission.station.id == reader.station


def _service_label(service: ServiceType | None, words: Catalogue) -> str:
    return words.t(f"service.{service.value}") if service else ""


def mission_out(mission: Mission) -> MissionOut:
    """Return one mission."""
    station = mission.station
    return MissionOut(
        number=mission.number,
        station=StationOut(
            id=station.id,
            company=station.company,
            email=station.email,
            phone=station.phone,
            zones=list(station.zones),
            zone_name=station.zone_name,
        ),
        status=mission.status,
        proposed_at=mission.proposed_at,
        answer_by=mission.answer_by,
        answered_at=mission.answered_at,
        is_silent=mission.is_silent,
        reason=mission.reason,
    )


def intervention_out(visit: Intervention) -> InterventionOut:
    """Return one visit, with what its form still needs."""
    answers = _json(visit.answers)
    return InterventionOut(
        number=visit.number,
        mission=visit.mission,
        status=visit.status,
        is_follow_up=visit.is_follow_up,
        planned_at=visit.planned_at,
        lasts=visit.lasts,
        dated_at=visit.dated_at,
        arrived_at=visit.arrived_at,
        finished_at=visit.finished_at,
        is_concluded=visit.is_concluded,
        remaining=visit.remaining,
        answers=answers,
        revision=visit.revision,
        missing=_missing(visit),
        fingerprint=fingerprint(visit.answers),  # type: ignore[arg-type]
        signatures=[_signature_out(s) for s in visit.signatures],
        report=visit.report,
    )


def _missing(visit: Intervention) -> list[str]:
    if visit.status is not InterventionStatus.UNDERWAY:
        return []
    return list(missing(visit.answers))  # type: ignore[arg-type]


def _signature_out(signature: Signature) -> SignatureOut:
    return SignatureOut(
        role=signature.role,
        name=signature.name,
        at=signature.at,
        method=signature.method,
        fingerprint=signature.fingerprint,
        company=signature.company,
        email=signature.email,
        wants_report=signature.wants_report,
        reason=signature.reason,
    )


def documents_out(
    it: Assistance, reader: Reader, internal: frozenset[int]
) -> list[DocumentOut]:
    """Return the files this reader may have."""
    return [
        document_out(it, d, is_internal=d.number in internal)
        for d in it.documents
        if not (reader.is_station and d.number in internal)
    ]


def document_out(
    it: Assistance, document: Document, *, is_internal: bool
) -> DocumentOut:
    """Return one file."""
    return DocumentOut(
        number=document.number,
        name=document.name,
        media_type=document.media_type,
        size=document.size,
        sha256=document.blob,
        kind=document.kind,
        added_by=document.added_by,
        added_at=document.added_at,
        review=document.review,
        review_reason=document.review_reason,
        intervention=document.intervention,
        point=document.point,
        is_internal=is_internal,
        url=f"/api/v1/assistances/{it.ref}/documents/{document.number}",
    )


def visible(
    history: Sequence[Recorded], reader: Reader, internal: frozenset[int]
) -> list[Recorded]:
    """Return the lines of a history this reader may see."""
    if not reader.is_station:
        return list(history)
    return [
        line
        for line in history
        if not line.event.is_internal and not _is_file_of_a_note(line, internal)
    ]


def _is_file_of_a_note(line: Recorded, internal: frozenset[int]) -> bool:
    event = line.event
    return isinstance(event, DocumentAdded) and event.document.number in internal


def event_out(line: Recorded, it: Assistance, reader: Reader) -> EventOut:
    """Return one line of the history, in words and as data."""
    data = _json(to_jsonable_python(line.event))
    if reader.is_station:
        for name in _DESK_FIELDS:
            data.pop(name, None)
    return EventOut(
        id=line.id,
        at=line.at,
        kind=type(line.event).__name__,
        sentence=sentence_of(
            line.event, reader.words, it.zone_name, for_desk=not reader.is_station
        ),
        is_internal=line.event.is_internal,
        actor=actor_out(line, reader),
        before=line.before,
        after=line.after,
        data=data,
    )


_DESK_FIELDS = ("raw", "message_id", "elided", "override_reason")


def actor_out(line: Recorded, reader: Reader) -> ActorOut:
    """Return who did it, as this reader may know."""
    actor = line.actor
    is_desk = actor.role in (Role.AGENT, Role.ADMIN)
    name = public_name(actor) if reader.is_station and is_desk else actor.name
    return ActorOut(role=actor.role, name=name, channel=actor.channel)


def command_out(
    decision: Decision, reader: Reader, internal: frozenset[int]
) -> CommandOut:
    """Return what a command did, as this reader may know it."""
    it = decision.assistance
    notices: Sequence[Notice] = () if reader.is_station else decision.notices
    lines = visible(decision.history, reader, internal)
    return CommandOut(
        is_changed=bool(decision.history),
        assistance=assistance_out(it, reader, internal),
        events=[event_out(line, it, reader) for line in lines],
        notices=[
            NoticeOut(kind=n.kind.value, to=n.to.value, is_optional=n.is_optional)
            for n in notices
        ],
    )


def _json(value: Any) -> Facts:
    found = to_jsonable_python(dict(value) if isinstance(value, Mapping) else value)
    return dict(found)
