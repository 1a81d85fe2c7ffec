"""``/portal``: « Mes demandes » (R3, R24 to R36).

Somebody a code proved sees all they asked for, are the contact on site of, or were let
in to. A browser without a session sees what its links open, and the offer to come in.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import web

from azbot.channels.web.form import Pick
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.access import SIGN_IN, Access, Visitor
from azbot.channels.web.visitors.asked_list import AskedList, asked_list
from azbot.channels.web.visitors.drawing import VisitPages, words_for
from azbot.channels.web.visitors.lines import Line, line_of
from azbot.channels.web.visitors.links import held_links, proven
from azbot.channels.web.visitors.onward import LIST, MISSIONS
from azbot.i18n.catalogue import Catalogue
from azbot.store import Person, PersonKind
from azbot.store.visitor_views import Told
from azbot.tokens import Token
from azbot.workflow.model import ServiceType, Status

PAGE = 20


class MyRequests:
    """Shows the list."""

    def __init__(self, deps: WebDeps, pages: VisitPages) -> None:
        self._deps = deps
        self._pages = pages
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the page."""
        app.router.add_get(LIST, self.show)

    async def show(self, request: web.Request) -> web.Response:
        """Return the list of whoever asks; nobody's leads to the door."""
        person = await self._access.person(request)
        if person is None:
            return await self._of_links(request)
        if person.kind is PersonKind.STATION:
            raise web.HTTPSeeOther(MISSIONS)
        return await self._of_person(request, person)

    async def _of_person(self, request: web.Request, person: Person) -> web.Response:
        views, asked = self._deps.store.views, asked_list(request.query)
        stations = await views.stations_of(person.id)
        zone = ZoneInfo(self._deps.settings.zone_name)
        filters = asked.filters(person.id, stations, zone)
        page = await views.page(filters, after=asked.after or None, limit=PAGE)
        keys = [item.id for item in page.items]
        states, told = await views.states(keys), await views.told(person.id, keys)
        words = words_for(request, person)
        lines = [
            line_of(
                states[key],
                told.get(key, Told()),
                words,
                is_own=states[key].requester == person.id,
            )
            for key in keys
            if key in states
        ]
        return self._draw(
            request, person, lines, asked, page.after or "", sorted(stations.values())
        )

    async def _of_links(self, request: web.Request) -> web.Response:
        found = [
            visitor for visitor in await self._held(request) if not visitor.is_station
        ]
        if not found:
            raise web.HTTPSeeOther(f"{SIGN_IN}?next={LIST}")
        words = words_for(request, found[0].person)
        lines = []
        for visitor in found:
            key, person = visitor.it.id, visitor.person
            told = (await self._deps.store.views.told(person.id, (key,))).get(key)
            is_own = visitor.it.requester == person.id
            lines.append(line_of(visitor.it, told or Told(), words, is_own=is_own))
        return self._draw(request, None, lines, asked_list({}), "", [], words)

    async def _held(self, request: web.Request) -> list[Visitor]:
        """Return what the links of a browser open, the latest first."""
        now, found = self._deps.clock.now(), []
        for text in reversed(held_links(request).values()):
            token = proven(self._deps.keyring, text, now)
            if not isinstance(token, Token):
                continue
            try:
                found.append(await self._access.opened(token))
            except HttpProblem:
                continue
        return found

    def _draw(
        self,
        request: web.Request,
        person: Person | None,
        lines: list[Line],
        asked: AskedList,
        after: str,
        stations: list[str],
        words: Catalogue | None = None,
    ) -> web.Response:
        told = words or words_for(request, person)
        return self._pages.draw(
            request,
            "list",
            person=person,
            lines=lines,
            asked=asked.values,
            filters=asked.count,
            more=asked.url(after) if after else "",
            top=asked.url() if asked.after else "",
            services=[
                Pick(
                    s.value, told.t(f"service.{s.value}"), s == asked.values["service"]
                )
                for s in ServiceType
            ],
            statuses=[
                Pick(s.value, told.t(f"status.{s.value}"), s == asked.values["status"])
                for s in Status
            ],
            stations=stations,
        )
