"""The list of assistances: seven filters, full text, pages and counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic import Field as Constraint

from azbot.channels.web.api.operations import (
    Answer,
    Call,
    Operation,
)
from azbot.channels.web.api.shapes import (
    ItemCareOut,
    ItemOut,
    ListOut,
    Shape,
)
from azbot.channels.web.problems import FieldError, invalid
from azbot.errors import Refused
from azbot.i18n import formats
from azbot.messages import PersonId
from azbot.store.queries import Cursor, Filters, ListItem, Sort
from azbot.workflow.model import ServiceType, StationId, Status


class Query(BaseModel):
    """Parameters of a URL: texts that are read as what they must be."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageQuery(Query):
    """A page of what is newest.

    Attributes:
        limit: lines on a page.
        before: only what is older than this number.
    """

    limit: Annotated[int, Constraint(ge=1, le=200)] = 50
    before: Annotated[int, Constraint(ge=1, le=2**53)] | None = None


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
        needs_agent, is_silent, is_completed, cancellation_asked, is_to_approve: the
            flag is so.
        needs_attention: somebody waits for the desk, and it is not snoozed.
        is_snoozed: it comes back by itself.
        owner: numbers of agents, one or several.
        is_owned: an agent looks after it.
        tag: one or several; accents and case do not count.
        channel: of the newest message, ``email``, one or several.
        has_documents: files are attached.
        sort: ``opened``, ``updated``, ``planned`` or ``waiting`` (since when
            somebody waits for the desk); a minus means newest first.
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
    is_to_approve: bool | None = None
    needs_attention: bool | None = None
    is_snoozed: bool | None = None
    owner: list[Annotated[int, Constraint(ge=1, le=2**31 - 1)]] = []
    is_owned: bool | None = None
    tag: list[Short] = []
    channel: list[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,20}$")]] = []
    has_documents: bool | None = None
    sort: Literal[
        "opened", "-opened", "updated", "-updated", "planned", "-planned",
        "waiting", "-waiting",
    ] = "-opened"  # fmt: skip
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
    found = Filters(
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
        is_to_approve=query.is_to_approve,
        has_documents=query.has_documents,
    )
    # What a station may not read it may not ask for either.
    return found if call.is_station else _with_care(found, query)


def _with_care(filters: Filters, query: ListQuery) -> Filters:
    return replace(
        filters,
        needs_attention=query.needs_attention,
        is_snoozed=query.is_snoozed,
        owners=frozenset(PersonId(number) for number in query.owner),
        is_owned=query.is_owned,
        tags=frozenset(query.tag),
        channels=frozenset(query.channel),
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
        company=item.company,
        address=formats.address_line(
            item.address, item.postcode, item.town, item.country
        ),
        department=item.department,
        opened_at=item.opened_at,
        updated_at=item.updated_at,
        planned_at=item.planned_at,
        is_to_approve=item.is_to_approve,
        station=item.station_name,
        station_id=item.station,
        documents=item.documents,
        messages=item.messages,
        needs_agent=item.needs_agent,
        care=None if call.is_station else _care_out(item),
        url=f"/api/v1/assistances/{item.ref}",
    )


def _care_out(item: ListItem) -> ItemCareOut:
    return ItemCareOut(
        attention=item.attention,
        attention_since=item.attention_since,
        snoozed_until=item.snoozed_until,
        owner=item.owner,
        owner_name=item.owner_name,
        tags=list(item.tags),
        inbound=item.inbound,
        channel=item.channel,
        preview=item.preview,
        preview_by=item.preview_by,
        preview_at=item.preview_at,
    )


LIST_OPERATIONS = (
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
)  # fmt: skip
