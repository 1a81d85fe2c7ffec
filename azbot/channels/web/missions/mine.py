"""« Mes missions »: what a station has to do, late first, and the plan of the day.

For whoever a code proved to work there; a link opens one mission alone (ux.md 7.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from azbot.channels.web.missions.mission import (
    awaited,
    place_of,
    service_of,
)
from azbot.channels.web.missions.room import STYLES, touch_icon
from azbot.channels.web.pages import visit_html
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.static import ASSETS
from azbot.channels.web.visitors.access import Access
from azbot.channels.web.visitors.frame import visit_frame
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.i18n.ways import route_to
from azbot.store import Person, PersonKind
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import Assistance, Intervention, StationId
from azbot.workflow.todo import GROUPS, due_of, is_same_day, step_of

_ICON = "static/icon.svg"


@dataclass(frozen=True, slots=True)
class Line:
    """One mission of the list.

    Attributes:
        group: one of ``GROUPS``.
        due: by what lines of a group are sorted.
        hour: of a visit of today, « 13 h ».
        note: when it is due, or what it waits for.
        route: the way there, for visits of today.
    """

    ref: str
    group: str
    title: str
    place: str
    note: str
    due: datetime
    hour: str = ""
    route: str = ""
    phone: str = ""
    is_late: bool = False


class MissionList:
    """Serves the list, and what puts it on a home screen."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve both; before the pages of single missions."""
        app.router.add_get("/missions", self.show)
        app.router.add_get("/missions/app.webmanifest", self.manifest)

    async def show(self, request: web.Request) -> web.Response:
        """Return the list of the station of whoever is signed in."""
        person, station = await self._person(request)
        deps, words = self._deps, catalogue(person.language)
        held = await deps.store.views.missions_of(station)
        now = deps.clock.now()
        lines = lines_of(
            held, words, now, deps.desk.rules, request.headers.get("User-Agent", "")
        )
        grouped = {
            group: [line for line in lines if line.group == group] for group in GROUPS
        }
        page = deps.pages.page(
            "missions",
            words.language,
            frame=visit_frame(request, styles=STYLES, scripts=("missions/mission.js",)),
            touch_icon=touch_icon(request),
            groups={name: found for name, found in grouped.items() if found},
            count=len(lines),
            late=len(grouped["late"]),
            station=person.company or person.name,
        )
        return visit_html(page, words.language)

    async def _person(self, request: web.Request) -> tuple[Person, StationId]:
        person = await self._access.require_person(request)
        if person.kind is not PersonKind.STATION or person.station is None:
            raise HttpProblem(403, "station_only")
        return person, person.station

    async def manifest(self, request: web.Request) -> web.Response:
        """Return what a telephone needs to keep the pages on its home screen.

        Source: Web Application Manifest, W3C.
        """
        name = self._deps.pages.desk
        assets = request.app[ASSETS]
        picture = {"src": f"/{_ICON}", "type": "image/svg+xml", "sizes": "any"}
        sized = [
            {
                "src": assets.url(f"missions/icon-{size}.png"),
                "type": "image/png",
                "sizes": f"{size}x{size}",
                "purpose": "any maskable",
            }
            for size in (192, 512)
        ]
        told = {
            "id": "/missions",
            "name": name,
            "short_name": name[:24],
            "start_url": "/missions",
            "scope": "/missions",
            "display": "standalone",
            "background_color": "#f5f6f8",
            "theme_color": "#0b5c86",
            "icons": [*sized, picture],
        }
        return web.json_response(
            told,
            content_type="application/manifest+json",
            headers={"Cache-Control": "public, max-age=3600"},
        )


def lines_of(
    held: Iterable[Assistance],
    words: Catalogue,
    now: datetime,
    rules: Rules,
    agent: str = "",
) -> list[Line]:
    """Return one line for each thing to do, those of a group by what is due first."""
    lines = [
        line for it in held if (line := _line(it, words, now, rules, agent)) is not None
    ]
    return sorted(lines, key=lambda line: (line.due, line.ref))


def _line(
    it: Assistance, words: Catalogue, now: datetime, rules: Rules, agent: str
) -> Line | None:
    mission, visit = it.mission, it.visit
    if mission is None:
        return None
    group, due = due_of(it, now, rules)
    zone, language = it.zone_name, words.language
    at = visit.planned_at if visit else None
    is_today = at is not None and is_same_day(at, now, zone)
    place = place_of(it)
    return Line(
        ref=it.ref,
        group=group,
        title=f"{service_of(it, words)}, {it.answer('town')}".removesuffix(", "),
        place=place,
        note=_note(it, visit, words, due),
        due=due,
        hour=formats.hour(formats.local(at, zone), language) if at and is_today else "",
        route=route_to(place, agent) if is_today else "",
        phone=it.answer("phone") if is_today else "",
        is_late=group == "late",
    )


def _note(
    it: Assistance,
    visit: Intervention | None,
    words: Catalogue,
    due: datetime,
) -> str:
    zone, language = it.zone_name, words.language
    when = formats.date_and_hour(due, zone, language)
    step = step_of(it)
    if visit is not None and step == "fill":
        missing = awaited(visit, words)
        if missing:
            names = formats.listing(list(missing), language)
            return words.t("station.list.signatures", names=names)
    return words.t(f"station.list.{step}", date=when)
