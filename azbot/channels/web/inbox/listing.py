"""The list column and the queues: everything their templates need."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from aiohttp import web

from azbot.channels.web.inbox.asked import Asked, Order, Queue, asked
from azbot.channels.web.inbox.bulk import ACTIONS
from azbot.channels.web.inbox.chips import (
    Chip,
    Panel,
    chip_of,
    chips_of,
    panels_of,
    told,
)
from azbot.channels.web.inbox.filtering import Names, order_of, wanted
from azbot.channels.web.inbox.queues import Queues, Tally, queues_of, title_of
from azbot.channels.web.inbox.rows import Reader, Row, row_of
from azbot.channels.web.inbox.timeline import channel_label
from azbot.channels.web.outages import outages
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import Staff, staff_of
from azbot.errors import Refused
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.store.queries import Filters, Page, Sort
from azbot.workflow.model import AssistanceRef

PAGE = 50
_MOST_SHOWN = 99
_MOST_DROPS = 8
"""Filters tried one by one when nothing is found."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to sort."""

    label: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Drop:
    """What dropping one filter would find.

    Attributes:
        count: « 12 », « 99+ »; empty for none.
    """

    label: str
    href: str
    count: str


@dataclass(frozen=True, slots=True)
class Empty:
    """Why there is no line.

    Attributes:
        drops: filters to drop, one by one.
    """

    text: str
    drops: tuple[Drop, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """The list column.

    Attributes:
        searched: the text of the search box.
        stations, agents: names the filters propose.
        notes: what must be known, and what was not understood, in words.
        hidden: parameters that a filter form must keep.
        more: address of the next page, empty at the end.
        top: address of the first page, empty on it.
        end: what is said below the last line.
        saved_query: what a saved view would keep; empty: nothing worth saving.
        bulk: names of what can be done with several.
        words: what scripts say by themselves, as JSON.
    """

    title: str
    searched: str
    rows: tuple[Row, ...]
    orders: tuple[Choice, ...]
    order: str
    chips: tuple[Chip, ...]
    panels: tuple[Panel, ...]
    stations: tuple[str, ...]
    agents: tuple[str, ...]
    notes: tuple[str, ...]
    hidden: tuple[tuple[str, str], ...]
    reset: str
    more: str
    top: str
    end: str
    empty: Empty | None
    export: str
    saved_query: str
    query: str
    bulk: tuple[str, ...]
    words: str
    once: str


class ListReader:
    """Reads the list and the queues; one for a process."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._tally = Tally(deps.store.views, deps.clock)
        self._zone = ZoneInfo(deps.settings.zone_name)

    @property
    def today(self) -> date:
        """The day on the desk's calendar."""
        return self._deps.clock.now().astimezone(self._zone).date()

    def asked(self, request: web.Request) -> Asked:
        """Return what an address asks for."""
        return asked(request.query, self.today)

    async def names(self, staff: Staff) -> Names:
        """Return who can be meant by name."""
        views = self._deps.store.views
        agents = {p.id: p.name or p.address for p in await views.agents()}
        stations = {s.station.id: s.station.company for s in await views.stations()}
        return Names(staff.person.id, agents, stations)

    async def filters(self, asked: Asked, staff: Staff) -> Filters | None:
        """Return the filters of an address; None when nothing can be found."""
        names = await self.names(staff)
        return wanted(asked, names, self._zone, self.today).filters

    async def context(
        self, request: web.Request, current: AssistanceRef | None = None
    ) -> dict[str, object]:
        """Return what ``inbox/_queues`` and ``inbox/_list`` need.

        Args:
            request: of somebody who is signed in.
            current: the assistance that is open beside the list.

        Returns:
            ``column``, ``queues``, ``list_title`` and ``searched``.
        """
        asked, staff = self.asked(request), staff_of(request)
        names = await self.names(staff)
        queues = await self.queues(asked, staff, names)
        column = await self.column(asked, staff, names, queues, current)
        return {
            "column": column,
            "queues": queues,
            "list_title": column.title,
            "searched": column.searched,
        }

    async def queues(self, asked: Asked, staff: Staff, names: Names) -> Queues:
        """Return the queues with their counts."""
        me = staff.person.id
        counts = await self._tally.counts(me)
        views = await self._deps.store.views.saved_views(me)
        return queues_of(asked, counts, views, dict(names.agents), me, staff.words)

    async def column(
        self,
        asked: Asked,
        staff: Staff,
        names: Names,
        queues: Queues,
        current: AssistanceRef | None = None,
    ) -> Column:
        """Return one page of the list and everything around it."""
        words = staff.words
        meant = wanted(asked, names, self._zone, self.today)
        page = await self.page(asked, meant.filters, staff)
        people = await self._deps.store.views.people_of(i.requester for i in page.items)
        reader = Reader(
            words,
            self._deps.settings.zone_name,
            self._deps.clock.now(),
            self._deps.desk.rules,
            people,
        )
        is_whole = page.after is None and not asked.after
        empty = None
        if not page.items:
            empty = await self._empty(asked, staff, names, queues)
        return Column(
            title=_title(asked, queues, words),
            searched=asked.text,
            rows=tuple(row_of(item, asked, reader, current) for item in page.items),
            orders=_orders(asked, words),
            order=words.t(f"list.order.{asked.sorted_by.value}"),
            chips=chips_of(asked, words),
            panels=panels_of(asked, words),
            stations=tuple(dict.fromkeys(names.stations.values())),
            agents=tuple(dict.fromkeys(names.agents.values())),
            notes=(
                *self._outages(words),
                *(told(each, words) for each in meant.unknown),
            ),
            hidden=tuple(_hidden(asked)),
            reset=asked.reset().url(),
            more=asked.from_(page.after).url() if page.after else "",
            top=asked.from_("").url() if asked.after else "",
            end=words.t("list.end", count=len(page.items)) if is_whole else "",
            empty=empty,
            export=asked.from_("").url("/inbox/export.csv"),
            saved_query=_saved(asked),
            query=asked.url("").removeprefix("?"),
            bulk=ACTIONS,
            words=_said(words),
            once=secrets.token_urlsafe(12),
        )

    def _outages(self, words: Catalogue) -> Iterator[str]:
        """Yield what must be known of services that do not answer (G12)."""
        for channel, since in outages(self._deps).items():
            here = formats.local(since, self._zone.key)
            hour = formats.hour(here, words.language)
            label = channel_label(channel, words)
            label = f"{label[:1].upper()}{label[1:]}"
            yield words.t("list.outage", channel=label, since=hour)

    async def page(self, asked: Asked, filters: Filters | None, staff: Staff) -> Page:
        """Return one page; a place in the list that is none begins at the top."""
        if filters is None:
            return Page((), None)
        sort, is_descending = order_of(asked)
        try:
            return await self._page(filters, sort, is_descending, asked.after, staff)
        except Refused:
            return await self._page(filters, sort, is_descending, "", staff)

    async def _page(
        self,
        filters: Filters,
        sort: Sort,
        is_descending: bool,  # noqa: FBT001
        after: str,
        staff: Staff,
    ) -> Page:
        return await self._deps.store.views.page(
            filters,
            sort=sort,
            is_descending=is_descending,
            after=after or None,
            limit=PAGE,
            reader=staff.person.id,
        )

    async def _empty(
        self, asked: Asked, staff: Staff, names: Names, queues: Queues
    ) -> Empty:
        words = staff.words
        if asked.is_filtered:
            return Empty(
                words.t("list.empty.filtered"), await self._drops(asked, names, words)
            )
        if not any(line.count for line in queues.statuses):
            return Empty(words.t("list.empty.first"))
        text = words.t(f"list.empty.{asked.queue.value}")
        if asked.queue is not Queue.TO_HANDLE:
            return Empty(text)
        return Empty(f"{text} {await self._next(words)}".strip())

    async def _drops(
        self, asked: Asked, names: Names, words: Catalogue
    ) -> tuple[Drop, ...]:
        """Return what each filter hides; those that would not help are left out."""
        pieces = (*asked.filters, *asked.query.pieces)
        # Free words are dropped together: one address, asked once.
        ways = {asked.without(piece): piece for piece in pieces}
        found = []
        for without, piece in list(ways.items())[:_MOST_DROPS]:
            filters = wanted(without, names, self._zone, self.today).filters
            if filters is None:
                continue
            count = await self._deps.store.views.count(filters, _MOST_SHOWN + 1)
            if count:
                shown = str(count) if count <= _MOST_SHOWN else f"{_MOST_SHOWN}+"
                label = chip_of(piece, asked, words).label
                found.append(Drop(label, without.url(), shown))
        return tuple(found)

    async def _next(self, words: Catalogue) -> str:
        """Return what comes next when nothing is to be done (ux.md 6.6)."""
        now = self._deps.clock.now()
        for key, filters in (
            ("list.next.approve", Filters(is_to_approve=True)),
            ("list.next.visit", Filters(planned_from=now)),
        ):
            page = await self._deps.store.views.page(
                filters, sort=Sort.PLANNED, is_descending=False, limit=1
            )
            if page.items and (at := page.items[0].planned_at):
                day = formats.local(at, self._deps.settings.zone_name)
                name = formats.long_date(day, words.language, with_year=False)
                return words.t(key, date=name)
        return ""


def _said(words: Catalogue) -> str:
    """Return the words of ``list.js``."""
    found = {
        "news": words.forms("list.news"),
        "sees": words.t("list.presence.sees", name="{name}"),
        "types": words.t("list.presence.types", name="{name}"),
        "briefs": words.t("list.presence.briefs", name="{name}"),
    }
    return json.dumps(found, ensure_ascii=False)


def _title(asked: Asked, queues: Queues, words: Catalogue) -> str:
    for line in (*queues.statuses, *queues.todo, *queues.aside):
        if line.is_current:
            return line.label
    for view in queues.views:
        if view.is_current:
            return view.name
    if asked.is_filtered and asked.queue is Queue.ALL:
        return words.t("list.found")
    return title_of(asked.queue, words)


def _orders(asked: Asked, words: Catalogue) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            words.t(f"list.order.{order.value}"),
            asked.ordered(order).url(),
            order is asked.sorted_by,
        )
        for order in Order
    )


def _hidden(asked: Asked) -> Sequence[tuple[str, str]]:
    """The form holds the filters; what else stands in the address goes along."""
    found = [("queue", asked.queue.value)]
    if asked.text:
        found.append(("q", asked.text))
    return [*found, *asked.from_("").viewed(0).trail()]


def _saved(asked: Asked) -> str:
    if not asked.is_filtered and asked.order is None:
        return ""
    return asked.from_("").viewed(0).url("").removeprefix("?")
