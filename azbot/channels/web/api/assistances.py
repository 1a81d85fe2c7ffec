"""Lists, one assistance, its history and conversation, and opening a new one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic import Field as Constraint

from azbot.channels.web.api.answers import context_of, normalised
from azbot.channels.web.api.bodies import (
    SHAPES,
    AnswersIn,
    Body,
    Line,
    Text,
    Uploads,
)
from azbot.channels.web.api.commands import (
    answer_of,
    build,
    documents_of,
    perform,
)
from azbot.channels.web.api.operations import (
    DESK,
    Answer,
    Call,
    Operation,
    Work,
    etag,
)
from azbot.channels.web.api.shapes import (
    AssistanceOut,
    CommandOut,
    ItemOut,
    ListOut,
    MessageOut,
    MessagesOut,
    NoteOut,
    NotesOut,
    Shape,
    TimelineOut,
    actor_out,
    assistance_out,
    event_out,
    internal_documents,
    visible,
)
from azbot.channels.web.problems import FieldError, invalid
from azbot.desk import Draft
from azbot.errors import Refused
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Email, Phone, Problem
from azbot.i18n import formats
from azbot.store import UnitOfWork
from azbot.store.queries import Cursor, Filters, ListItem, Sort
from azbot.workflow.decision import Recorded
from azbot.workflow.events import AssistanceOpened, MessageAdded, NoteAdded
from azbot.workflow.model import Assistance, ServiceType, StationId, Status


class Query(BaseModel):
    """Parameters of a URL: texts that are read as what they must be."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Day = Annotated[date, Constraint(ge=date(2000, 1, 1), le=date(2200, 1, 1))]
Short = Annotated[str, StringConstraints(max_length=200)]


class ListQuery(Query):
    """The seven filters (R25 to R31), the search, and the page.

    Attributes:
        ref: any part of the reference, ``184`` (R25).
        service: one or several, separated by commas (R26).
        address: beginnings of words of street, postcode, town (R27).
        opened_from, opened_to: days of the request, both included (R28).
        planned_from, planned_to: days of the next visit, both included (R29).
        status: one or several (R30).
        station: numbers of stations, one or several (R31).
        department: French departments, ``69``, one or several.
        q: beginnings of words anywhere: answers, messages, forms, files.
        needs_agent, is_silent, is_completed, cancellation_asked: the flag is so.
        sort: ``opened``, ``updated`` or ``planned``; a minus means newest first.
        limit: lines on a page.
        cursor: ``next`` of the page before.
    """

    ref: Short = ""
    service: list[ServiceType] = []
    address: Short = ""
    opened_from: Day | None = None
    opened_to: Day | None = None
    planned_from: Day | None = None
    planned_to: Day | None = None
    status: list[Status] = []
    station: list[Annotated[int, Constraint(ge=1, le=2**31 - 1)]] = []
    department: list[Annotated[str, StringConstraints(pattern=r"^\w{2,3}$")]] = []
    q: Short = ""
    needs_agent: bool | None = None
    is_silent: bool | None = None
    is_completed: bool | None = None
    cancellation_asked: bool | None = None
    sort: Literal["opened", "-opened", "updated", "-updated", "planned", "-planned"] = (
        "-opened"
    )
    limit: Annotated[int, Constraint(ge=1, le=200)] = 50
    cursor: Short | None = None


async def list_assistances(call: Call) -> Answer:
    """Return one page; a station finds its own only."""
    query: ListQuery = call.query
    if query.cursor is not None:
        _check_cursor(query.cursor)
    page = await call.deps.store.views.page(
        _filters(call, query),
        sort=Sort(query.sort.removeprefix("-")),
        is_descending=query.sort.startswith("-"),
        after=query.cursor,
        limit=query.limit,
    )
    items = [item_out(item, call) for item in page.items]
    return Answer(ListOut(items=items, next=page.after))


def _check_cursor(text: str) -> None:
    try:
        is_ours = 0 < Cursor.read(text).id < 2**63
    except Refused:
        is_ours = False
    if not is_ours:
        raise invalid(FieldError("?cursor", "bad_cursor"))


class CountOut(Shape):
    """How many assistances have a status."""

    status: Status
    label: str
    count: int


class CountsOut(Shape):
    """One line per status, in the order of the life."""

    items: list[CountOut]


async def count_assistances(call: Call) -> Answer:
    """Return the counts of each status, under the same filters as the list."""
    counts = await call.deps.store.views.counts(_filters(call, call.query))
    return Answer(
        CountsOut(
            items=[
                CountOut(status=s, label=call.words.t(f"status.{s.value}"), count=n)
                for s, n in counts.items()
            ]
        )
    )


def _filters(call: Call, query: ListQuery) -> Filters:
    zone = ZoneInfo(call.deps.settings.zone_name)
    stations = frozenset(StationId(number) for number in query.station)
    if call.is_station:
        own = StationId(call.caller.actor.station or 0)
        # Another station's number finds nothing, not everything.
        stations = (
            frozenset({own})
            if not stations or own in stations
            else frozenset({StationId(0)})
        )
    return Filters(
        reference=query.ref,
        services=frozenset(query.service),
        address=query.address,
        opened_from=_begins(query.opened_from, zone),
        opened_before=_ends(query.opened_to, zone),
        planned_from=_begins(query.planned_from, zone),
        planned_before=_ends(query.planned_to, zone),
        statuses=frozenset(query.status),
        stations=stations,
        words=query.q,
        departments=frozenset(query.department),
        is_internal=not call.is_station,
        needs_agent=query.needs_agent,
        is_silent=query.is_silent,
        is_completed=query.is_completed,
        cancellation_asked=query.cancellation_asked,
    )


def _begins(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day else None


def _ends(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day + timedelta(days=1), time(), zone) if day else None


def item_out(item: ListItem, call: Call) -> ItemOut:
    """Return one line of the list (R24, R33)."""
    words = call.words
    service = f"service.{item.service.value}" if item.service else ""
    return ItemOut(
        ref=item.ref,
        status=item.status,
        status_label=words.t(f"status.{item.status.value}"),
        service=item.service,
        service_label=words.t(service) if service else "",
        address=formats.address_line(
            item.address, item.postcode, item.town, item.country
        ),
        opened_at=item.opened_at,
        updated_at=item.updated_at,
        planned_at=item.planned_at,
        station=item.station_name,
        station_id=item.station,
        documents=item.documents,
        messages=item.messages,
        needs_agent=item.needs_agent,
        url=f"/api/v1/assistances/{item.ref}",
    )


class RequesterIn(Body):
    """Who asks; a known address keeps its person.

    Attributes:
        email: where all mails go.
        phone: as people write it.
        language: of the mails.
    """

    email: Line
    name: Line = ""
    company: Line = ""
    phone: Line = ""
    language: Literal["fr", "en", "es"] = "fr"


class OpenIn(Body):
    """A new request, complete or not (R9, R140).

    Attributes:
        answers: what is known; the missing ones are asked for.
        text: the client's own words, when there are any.
        is_confirmed: the client has checked the answers.
    """

    requester: RequesterIn
    answers: AnswersIn = Constraint(default_factory=dict)
    text: Text = ""
    documents: Uploads = ()
    is_confirmed: bool = False


async def open_assistance(call: Call) -> Work:
    """Register a request in the name of a client, who gets the first mail."""
    body: OpenIn = call.body
    country = call.deps.settings.country
    context = context_of(None, country, call.now)
    email = _checked(Email().check(body.requester.email, context), "email")
    phone = body.requester.phone and _checked(
        Phone().check(body.requester.phone, context), "phone"
    )
    given = {"country": country, "email": email, **body.answers}
    answers = normalised(ASSISTANCE, given, {}, context)
    draft = Draft(
        answers={key: value for key, value in answers.items() if value is not None},
        email=email,
        name=body.requester.name,
        company=body.requester.company,
        phone=phone,
        language=body.requester.language,
        country=country,
        text=body.text,
        documents=documents_of(body.documents, call),
        is_confirmed=body.is_confirmed,
    )

    def work(uow: UnitOfWork) -> Answer:
        decision = call.deps.desk.register(uow, draft, call.caller.actor)
        return answer_of(decision, call, uow, 201)

    return work


def _checked(outcome: object, name: str) -> str:
    if isinstance(outcome, Problem):
        place, key = f"/requester/{name}", f"error.{outcome.code}"
        raise invalid(FieldError(place, outcome.code, outcome.facts, key=key))
    return str(getattr(outcome, "value", ""))


async def read_assistance(call: Call) -> Answer:
    """Return the whole state."""
    it = await _found(call)
    history = await _history(call, it)
    content = assistance_out(it, call.reader, internal_documents(history))
    return Answer(content, headers={"ETag": etag(it)})


async def _found(call: Call) -> Assistance:
    it = await call.deps.store.views.by_ref(call.ref)
    call.require(it)
    return it


async def _history(call: Call, it: Assistance) -> tuple[Recorded, ...]:
    return await call.deps.store.views.timeline(it.id, is_internal=True)


class TimelineQuery(Query):
    """Order and page of a history (R69).

    Attributes:
        sort: ``at`` for oldest first, ``-at`` for newest first.
        limit: lines on a page.
        cursor: ``next`` of the page before.
    """

    sort: Literal["at", "-at"] = "-at"
    limit: Annotated[int, Constraint(ge=1, le=500)] = 100
    cursor: Annotated[int, Constraint(ge=1, le=2**53)] | None = None


async def read_timeline(call: Call) -> Answer:
    """Return one page of the history in sentences."""
    query: TimelineQuery = call.query
    it = await _found(call)
    history = await _history(call, it)
    lines = visible(history, call.reader, internal_documents(history))
    page, following = _page(lines, query)
    items = [event_out(line, it, call.reader) for line in page]
    return Answer(TimelineOut(items=items, next=following))


def _page(
    lines: Sequence[Recorded], query: TimelineQuery
) -> tuple[Sequence[Recorded], str | None]:
    is_descending = query.sort == "-at"
    ordered = list(reversed(lines)) if is_descending else list(lines)
    if query.cursor is not None:
        start = query.cursor
        ordered = [
            line
            for line in ordered
            if (line.id < start if is_descending else line.id > start)
        ]
    page = ordered[: query.limit]
    return page, str(page[-1].id) if len(ordered) > len(page) else None


async def read_messages(call: Call) -> Answer:
    """Return the conversation; notes are elsewhere."""
    it = await _found(call)
    history = await _history(call, it)
    items = [
        MessageOut(
            id=line.id,
            at=line.at,
            author=actor_out(line, call.reader),
            text=line.event.text,
            elided=[] if call.is_station else list(line.event.elided),
            documents=list(line.event.documents),
            is_automatic=isinstance(line.event, MessageAdded)
            and line.event.is_automatic,
            is_mixed=isinstance(line.event, MessageAdded) and line.event.is_mixed,
        )
        for line in history
        if isinstance(line.event, MessageAdded)
        or (isinstance(line.event, AssistanceOpened) and line.event.text)
    ]
    return Answer(MessagesOut(items=items))


async def read_notes(call: Call) -> Answer:
    """Return the internal notes."""
    it = await _found(call)
    items = [
        NoteOut(
            id=line.id,
            at=line.at,
            author=actor_out(line, call.reader),
            text=line.event.text,
            documents=list(line.event.documents),
        )
        for line in await _history(call, it)
        if isinstance(line.event, NoteAdded)
    ]
    return Answer(NotesOut(items=items))


def _say(command: str) -> Operation:
    """The short door of a command: ``/messages`` is ``/commands/add-message``."""
    shape = SHAPES[command]

    async def write(call: Call) -> Work:
        def work(uow: UnitOfWork) -> Answer:
            it = call.load(uow)
            said = build(shape, call.body, call, uow, it)
            return answer_of(perform(call, uow, it, said), call, uow, 201)

        return work

    noun = "Message" if command == "add-message" else "Note"
    return Operation(
        id=f"post{noun}",
        method="POST",
        path=f"/assistances/{{ref}}/{noun.lower()}s",
        summary=shape.summary,
        tag="Conversation",
        writes=write,
        body=shape.body,
        answer=CommandOut,
        roles=shape.roles,
        status=201,
        has_version=True,
        problems=(404, 409, 412),
    )


ASSISTANCE_OPERATIONS = (
    Operation(
        "listAssistances", "GET", "/assistances",
        "List assistances: seven filters, full text, pages.", "Assistances",
        reads=list_assistances, query=ListQuery, answer=ListOut,
    ),
    Operation(
        "countAssistances", "GET", "/assistances/counts",
        "Count assistances by status.", "Assistances",
        reads=count_assistances, query=ListQuery, answer=CountsOut,
    ),
    Operation(
        "openAssistance", "POST", "/assistances",
        "Register a request in the name of a client.", "Assistances",
        writes=open_assistance, body=OpenIn, answer=CommandOut, roles=DESK,
        status=201, problems=(409,),
    ),
    Operation(
        "getAssistance", "GET", "/assistances/{ref}",
        "Read the whole state of one assistance.", "Assistances",
        reads=read_assistance, answer=AssistanceOut, has_version=True,
        problems=(404,),
    ),
    Operation(
        "getTimeline", "GET", "/assistances/{ref}/timeline",
        "Read the history in sentences and as data.", "Conversation",
        reads=read_timeline, query=TimelineQuery, answer=TimelineOut, problems=(404,),
    ),
    Operation(
        "getMessages", "GET", "/assistances/{ref}/messages",
        "Read the conversation.", "Conversation",
        reads=read_messages, answer=MessagesOut, problems=(404,),
    ),
    _say("add-message"),
    Operation(
        "getNotes", "GET", "/assistances/{ref}/notes",
        "Read the internal notes.", "Conversation",
        reads=read_notes, answer=NotesOut, roles=DESK, problems=(404,),
    ),
    _say("add-note"),
)  # fmt: skip
