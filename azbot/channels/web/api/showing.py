"""Values of the core → answers, each as its reader may see it.

A station reads its own mission and its own visits, no word meant for the desk, and
agents by first name and initial (R172); ``Reader`` says who reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_jsonable_python

from azbot.channels.web.api.shapes import (
    ActorOut,
    AssistanceOut,
    CareOut,
    CommandOut,
    DocumentOut,
    EventOut,
    Facts,
    InterventionOut,
    MissionOut,
    NoticeOut,
    SignatureOut,
    StationOut,
)
from azbot.channels.web.sentences import sentence_of
from azbot.forms.intervention import fingerprint, missing
from azbot.i18n.catalogue import Catalogue
from azbot.workflow.conversation import Said, heard_by_station
from azbot.workflow.decision import Decision, Notice, Recorded
from azbot.workflow.events import DocumentAdded, MessageArrived, MessageMovedOut
from azbot.workflow.facts import short_name
from azbot.workflow.model import (
    Assistance,
    Document,
    Intervention,
    InterventionStatus,
    Mission,
    Party,
    Role,
    ServiceType,
    Signature,
    StationId,
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

    def may_have(self, document: Document, internal: frozenset[int]) -> bool:
        """Whether a file is theirs to read.

        Args:
            document: the file.
            internal: numbers of those that came with notes.
        """
        if not self.is_station:
            return True
        is_told = document.is_for(Party.STATION, self.station)
        return is_told and document.number not in internal


def assistance_out(
    it: Assistance, reader: Reader, internal: frozenset[int]
) -> AssistanceOut:
    """Return the state as one reader may see it.

    Args:
        it: the state.
        reader: who reads.
        internal: documents that came with notes; see ``note_documents``.
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
        asked_items=[] if reader.is_station else list(it.asked_items),
        asked_comment="" if reader.is_station else it.asked_comment,
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
        links=[] if reader.is_station else list(it.links),
        merged_into=it.merged_into,
        care=None if reader.is_station else _care_out(it),
        url=f"/api/v1/assistances/{it.ref}",
    )


def _care_out(it: Assistance) -> CareOut:
    return CareOut(
        attention=it.attention,
        attention_since=it.attention_since,
        snoozed_until=it.snoozed_until,
        owner=it.owner,
        owner_name=it.owner_name,
        tags=list(it.tags),
        inbound=it.inbound,
        first_answer_at=it.first_answer_at,
        turn=it.clock_of,
        desk_time=it.desk_time,
        client_time=it.client_time,
        station_time=it.station_time,
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
        for d in it.present_documents
        if reader.may_have(d, internal)
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
    """Return the lines of a history this reader may see.

    The desk sees what was moved elsewhere too: its line says where it went.
    """
    if not reader.is_station or reader.station is None:
        return [] if reader.is_station else list(history)
    hidden = internal | _moved_documents(history)
    told = heard_by_station(history, reader.station)
    return [line for line in told if not _is_file(line, hidden)]


def _moved_documents(history: Sequence[Recorded]) -> frozenset[int]:
    return frozenset(
        number
        for line in history
        if isinstance(line.event, MessageMovedOut)
        for number in line.event.documents
    )


def _is_file(line: Recorded, numbers: frozenset[int]) -> bool:
    event = line.event
    return isinstance(event, DocumentAdded) and event.document.number in numbers


def event_out(line: Recorded, it: Assistance, reader: Reader) -> EventOut:
    """Return one line of the history, in words and as data."""
    data = _json(to_jsonable_python(line.event))
    if reader.is_station:
        for name in _DESK_FIELDS:
            data.pop(name, None)
        if isinstance(line.event, MessageArrived):
            data["name"] = _arrived_name(line.event)
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


_DESK_FIELDS = ("raw", "message_id", "elided", "override_reason", "origin")


def _arrived_name(event: MessageArrived) -> str:
    is_desk = event.author in (Role.AGENT, Role.ADMIN)
    return short_name(event.name) if is_desk else event.name


def actor_out(line: Recorded, reader: Reader) -> ActorOut:
    """Return who did it, as this reader may know."""
    actor = line.actor
    return _person_out(actor.role, actor.name, actor.channel, reader)


def writer_out(said: Said, reader: Reader) -> ActorOut:
    """Return who wrote it, as this reader may know."""
    return _person_out(said.author, said.name, said.channel, reader)


def _person_out(role: Role, name: str, channel: str, reader: Reader) -> ActorOut:
    is_desk = role in (Role.AGENT, Role.ADMIN)
    shown = short_name(name) if reader.is_station and is_desk else name
    return ActorOut(role=role, name=shown, channel=channel)


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
