"""Read side: lists, one assistance with its history, queues, figures.

Views never lock and never wait for a writer. What they return may be one commit
old the instant it arrives: whoever acts on it sends the version along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, func, literal, select

from azbot.errors import Archived, NotFound
from azbot.messages import PersonId
from azbot.store.admin_views import AdminViews
from azbot.store.archive_views import ArchiveViews
from azbot.store.chat_views import ChatViews
from azbot.store.codec import decode_assistance
from azbot.store.desk_views import DeskViews
from azbot.store.events import recorded
from azbot.store.figure_views import FigureViews
from azbot.store.filters import FEW, newest_first
from azbot.store.live_views import LiveViews
from azbot.store.machine_views import LETTER, MachineViews
from azbot.store.mission_views import MissionViews
from azbot.store.outbox import delivery
from azbot.store.projection import tags_in
from azbot.store.queries import Cursor, Filters, ListItem, Page, Sort
from azbot.store.records import Delivery
from azbot.store.schema import assistances, events, outbox, readings, timers
from azbot.store.search import query_words
from azbot.store.staff_views import StaffViews
from azbot.store.trial_views import TrialViews
from azbot.store.visitor_views import VisitorViews
from azbot.store.writing_views import WritingViews
from azbot.workflow.conversation import heard_by_client, heard_by_station
from azbot.workflow.decision import Recorded, Timer
from azbot.workflow.model import (
    Assistance,
    AssistanceId,
    AssistanceRef,
    Attention,
    Hearers,
    Role,
    ServiceType,
    StationId,
    Status,
)

_SORTS = {
    Sort.OPENED: assistances.c.opened_at,
    Sort.UPDATED: assistances.c.updated_at,
    Sort.PLANNED: assistances.c.planned_at,
    Sort.WAITING: assistances.c.attention_since,
}
_SOMETIMES = (Sort.PLANNED, Sort.WAITING)
"""Sorted by what some lack: those come last."""
_LINE = tuple(
    c for c in assistances.c if c.name not in ("state", "place", "archived_at")
)


class Views(
    DeskViews,
    StaffViews,
    WritingViews,
    MachineViews,
    AdminViews,
    LiveViews,
    FigureViews,
    VisitorViews,
    MissionViews,
    ChatViews,
    TrialViews,
    ArchiveViews,
):
    """Everything that can be looked at. Every method raises ``StoreUnreachable``."""

    async def page(
        self,
        filters: Filters | None = None,
        *,
        sort: Sort = Sort.OPENED,
        is_descending: bool = True,
        after: str | None = None,
        limit: int = 50,
        reader: PersonId | None = None,
    ) -> Page:
        """Return one page of a list.

        Args:
            filters: which ones; None for all.
            sort: by what.
            is_descending: newest first.
            after: ``Page.after`` of the page before; same filters and sort.
            limit: lines on a page, at most 500.
            reader: whose ``seen`` is told.

        Raises:
            Refused: ``bad_cursor``.
        """
        limit = max(1, min(limit, 500))
        start = Cursor.read(after) if after else None
        filters = filters or Filters()
        if sort is Sort.OPENED and is_descending:
            found = await self._newest(filters, start, limit, reader)
            if found is not None:
                return found
        lines = _lines(reader).where(*await self._where(filters))
        rows: list[Any] = []
        key = _SORTS[sort]
        in_nulls = start is not None and start.value is None
        if not in_nulls:
            query = _sorted(lines, key, start, is_descending=is_descending)
            rows += await self._all(query.limit(limit + 1))
        is_over = sort is Sort.WAITING and filters.needs_attention
        if sort in _SOMETIMES and not is_over and len(rows) <= limit:
            rest = _without(lines, key, start if in_nulls else None)
            rows += await self._all(rest.limit(limit + 1 - len(rows)))
        return _page(rows, key, limit)

    async def _newest(
        self,
        filters: Filters,
        start: Cursor | None,
        limit: int,
        reader: PersonId | None,
    ) -> Page | None:
        """Return a page from the newest texts that have the words.

        None when they do not fill it, or cannot be read in this order: then
        everything must be looked through.
        """
        if not query_words(filters.words):
            return None
        after = start.id if start else None
        finder = newest_first(filters, after, is_postgresql=self._is_postgresql)
        if finder is None:
            return None
        texts = await self._all(finder)
        numbers = sorted({row[0] for row in texts})
        where = await self._where(replace(filters, words=""))
        lines = _lines(reader).where(*where, assistances.c.id.in_(numbers))
        key = assistances.c.opened_at
        query = _sorted(lines, key, start, is_descending=True)
        rows = await self._all(query.limit(limit + 1))
        is_enough = len(rows) > limit or len(texts) <= FEW
        return _page(rows, key, limit) if is_enough else None

    async def counts(self, filters: Filters | None = None) -> dict[Status, int]:
        """Return how many there are of each status, zeros included."""
        where = await self._where(filters or Filters())
        query = (
            select(assistances.c.status, func.count())
            .where(*where)
            .group_by(assistances.c.status)
        )
        found = {row[0]: row[1] for row in await self._all(query)}
        return {status: found.get(status.value, 0) for status in Status}

    async def assistance(self, key: AssistanceId) -> Assistance:
        """Return the state.

        Raises:
            NotFound: no such assistance; ``Archived``: it has left everyday work.
        """
        return await self._state(assistances.c.id == key, key)

    async def by_ref(self, ref: AssistanceRef) -> Assistance:
        """Return the state of a public reference; otherwise as ``assistance``."""
        return await self._state(assistances.c.ref == ref, ref)

    async def timeline(
        self, key: AssistanceId, *, is_internal: bool, after: int = 0
    ) -> tuple[Recorded, ...]:
        """Return the history, oldest first.

        Args:
            key: whose.
            is_internal: with what no client may read; see ``heard_by_client``.
            after: only lines with a greater number.
        """
        lines = await self._history(events.c.assistance_id == key, events.c.id > after)
        return lines if is_internal else heard_by_client(lines)

    async def told_to_station(
        self, key: AssistanceId, station: StationId
    ) -> tuple[Recorded, ...]:
        """Return what a station may be told of a history; see ``heard_by_station``."""
        return heard_by_station(
            await self._history(events.c.assistance_id == key), station
        )

    async def deliveries(self, key: AssistanceId) -> list[Delivery]:
        """Return what left or waits to, oldest first, without octets."""
        query = (
            select(*LETTER).where(outbox.c.assistance_id == key).order_by(outbox.c.id)
        )
        return [delivery(row, None, row.claims) for row in await self._all(query)]

    async def timers_of(self, key: AssistanceId) -> tuple[Timer, ...]:
        """Return the live timers of an assistance, soonest first."""
        query = (
            select(timers.c.kind, timers.c.subject, timers.c.due_at)
            .where(timers.c.assistance_id == key)
            .order_by(timers.c.due_at)
        )
        return tuple(Timer(*row) for row in await self._all(query))

    async def _state(self, which: ColumnElement[bool], key: object) -> Assistance:
        columns = (assistances.c.state, assistances.c.archived_at)
        row = await self._one(select(*columns).where(which))
        if row is None:
            raise NotFound("assistance", key)
        if row.archived_at is not None:
            raise Archived("assistance", key)
        return decode_assistance(row.state)

    async def _history(self, *where: ColumnElement[bool]) -> tuple[Recorded, ...]:
        query = select(events).where(*where).order_by(events.c.id)
        return tuple(recorded(row) for row in await self._all(query))


def _page(rows: Sequence[Any], key: Column[Any], limit: int) -> Page:
    items = tuple(_item(row) for row in rows[:limit])
    if len(rows) <= limit:
        return Page(items, None)
    last = rows[limit - 1]
    return Page(items, str(Cursor(getattr(last, key.name), last.id)))


def _lines(reader: PersonId | None) -> Select[Any]:
    if reader is None:
        return select(*_LINE, literal(0).label("seen"))
    is_theirs = readings.c.person_id == reader
    is_of_it = readings.c.assistance_id == assistances.c.id
    seen = func.coalesce(readings.c.inbound, 0).label("seen")
    both = assistances.outerjoin(readings, is_theirs & is_of_it)
    return select(*_LINE, seen).select_from(both)


def _sorted(
    query: Select[Any],
    key: Column[Any],
    start: Cursor | None,
    *,
    is_descending: bool,
) -> Select[Any]:
    if key.nullable:
        query = query.where(key.is_not(None))
    if start is not None:
        # Said twice: the first condition lets the index begin at the right place.
        past = key < start.value if is_descending else key > start.value
        same = key == start.value
        further = (
            assistances.c.id < start.id
            if is_descending
            else assistances.c.id > start.id
        )
        bound = key <= start.value if is_descending else key >= start.value
        query = query.where(bound, past | (same & further))
    if is_descending:
        return query.order_by(key.desc(), assistances.c.id.desc())
    return query.order_by(key, assistances.c.id)


def _without(query: Select[Any], key: Column[Any], start: Cursor | None) -> Select[Any]:
    query = query.where(key.is_(None))
    if start is not None:
        query = query.where(assistances.c.id < start.id)
    return query.order_by(assistances.c.id.desc())


def _item(row: Any) -> ListItem:
    return ListItem(
        id=AssistanceId(row.id),
        ref=AssistanceRef(row.ref),
        version=row.version,
        status=Status(row.status),
        service=ServiceType(row.service) if row.service else None,
        address=row.address,
        postcode=row.postcode,
        town=row.town,
        country=row.country,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        planned_at=row.planned_at,
        waiting_since=row.waiting_since,
        requester=PersonId(row.requester_id),
        station=None if row.station_id is None else StationId(row.station_id),
        station_name=row.station,
        documents=row.documents,
        messages=row.messages,
        needs_agent=row.needs_agent,
        is_completed=row.is_completed,
        is_silent=row.is_silent,
        cancellation_asked=row.cancellation_asked,
        is_to_approve=row.is_to_approve,
        department=row.department,
        company=row.company,
        owner=None if row.owner_id is None else PersonId(row.owner_id),
        owner_name=row.owner,
        attention=Attention(row.attention) if row.attention else None,
        attention_since=row.attention_since,
        snoozed_until=row.snoozed_until,
        inbound=row.inbound,
        channel=row.channel,
        preview=row.preview,
        preview_by=Role(row.preview_by) if row.preview_by else None,
        preview_at=row.preview_at,
        tags=tags_in(row.tags),
        preview_to=Hearers(row.preview_to),
        preview_what=row.preview_what,
        preview_amount=row.preview_amount,
        seen=row.seen,
    )
