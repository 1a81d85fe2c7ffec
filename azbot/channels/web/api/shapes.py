"""What the API answers, as models; the document shows them."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, JsonValue

from azbot.workflow.model import (
    Attention,
    DocumentKind,
    Hearers,
    InterventionStatus,
    MissionStatus,
    Party,
    Review,
    Role,
    ServiceType,
    Signatory,
    SignatureMethod,
    Status,
)

Facts = dict[str, JsonValue]


class Shape(BaseModel):
    """An answer; every field is always there."""

    model_config = ConfigDict(
        extra="forbid", json_schema_serialization_defaults_required=True
    )


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


class CareOut(Shape):
    """The desk's own side of an assistance.

    Attributes:
        attention: why somebody waits for the desk; null: nobody does.
        attention_since: since when the first of them waits.
        owner: the agent who looks after it.
        inbound: how often client or station wrote, the opening included.
        turn: who has to do the next thing; null once it has ended.
        desk_time, client_time, station_time: how long each was awaited, up to
            ``updated_at``.
    """

    attention: Attention | None
    attention_since: datetime | None
    snoozed_until: datetime | None
    owner: int | None
    owner_name: str
    tags: list[str]
    inbound: int
    first_answer_at: datetime | None
    turn: Party | None
    desk_time: timedelta
    client_time: timedelta
    station_time: timedelta


class AssistanceOut(Shape):
    """The whole state of one assistance.

    Attributes:
        version: grows with each change; the ETag carries it.
        status_label, service_label: in the language asked for.
        missing: mandatory fields of the request without an answer.
        links: others that have to do with it; empty for stations.
        merged_into: the one it goes on in.
        care: null for stations.
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
    links: list[str]
    merged_into: str | None
    care: CareOut | None
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


class RelocationOut(Shape):
    """What an operation over two assistances did to each.

    Attributes:
        source: the one in the path.
        target: the other one, or the new one.
    """

    source: CommandOut
    target: CommandOut


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
        origin: the assistance it came from; null: it came here at once.
        to: who reads it beside the desk.
    """

    id: int
    at: datetime
    author: ActorOut
    text: str
    elided: list[str]
    documents: list[int]
    is_automatic: bool
    is_mixed: bool
    origin: str | None
    to: Hearers


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


class ItemCareOut(Shape):
    """The desk's own side of one line; see ``CareOut``.

    Attributes:
        channel: of the newest message, or of the opening.
        preview, preview_by, preview_at: the newest message on one line.
    """

    attention: Attention | None
    attention_since: datetime | None
    snoozed_until: datetime | None
    owner: int | None
    owner_name: str
    tags: list[str]
    inbound: int
    channel: str
    preview: str
    preview_by: Role | None
    preview_at: datetime | None


class ItemOut(Shape):
    """One line of the list of assistances (R24).

    Attributes:
        company: of the installer, else of the distributor.
        is_to_approve: a visit waits for the desk to agree with its date.
        care: null for stations.
    """

    ref: str
    status: Status
    status_label: str
    service: ServiceType | None
    service_label: str
    company: str
    address: str
    department: str
    opened_at: datetime
    updated_at: datetime
    planned_at: datetime | None
    is_to_approve: bool
    station: str
    station_id: int | None
    documents: int
    messages: int
    needs_agent: bool
    care: ItemCareOut | None
    url: str


class ListOut(Shape):
    """A page of the list.

    Attributes:
        next: cursor of the next page, null on the last.
    """

    items: list[ItemOut]
    next: str | None
