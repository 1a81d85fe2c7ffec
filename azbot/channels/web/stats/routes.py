"""The room of the figures: one page, and each of its tables as a file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import web

from azbot.channels.web.downloads import disposition
from azbot.channels.web.frame import frame_of
from azbot.channels.web.inbox.exporting import BOM, lines_of
from azbot.channels.web.pages import desk_html
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import staff_of
from azbot.channels.web.stats.asking import PERIODS, Asked, asked
from azbot.channels.web.stats.sheets import Figures, Sheet, Sheets
from azbot.forms.places import DEPARTMENTS
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.workflow.model import ServiceType
from azbot.workflow.worktime import worktime

PAGE = "/inbox/stats"
FILE = "/inbox/stats.csv"


class StatsRoom:
    """Serves the figures of the desk."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def add_to(self, app: web.Application) -> None:
        """Serve page and files."""
        app.router.add_get(PAGE, self.page)
        app.router.add_get(FILE, self.file)

    async def page(self, request: web.Request) -> web.Response:
        """Return every figure of a period."""
        staff = staff_of(request)
        words = staff.words
        wanted = self._asked(request)
        sheets = (await self._sheets(wanted, words)).all
        text = self._deps.pages.page(
            "stats",
            staff.language,
            frame=frame_of(request, "stats", styles=("stats.css",)),
            asked=wanted,
            period=_period_words(wanted, words),
            periods={key: _at({**wanted.query, "period": key}) for key in PERIODS},
            services=[s.value for s in ServiceType],
            departments=DEPARTMENTS.values(),
            summary=sheets[0],
            sheets=sheets[1:],
            files={s.key: _file_of(s, wanted) for s in sheets},
        )
        return desk_html(text, staff.language)

    async def file(self, request: web.Request) -> web.Response:
        """Return one table as CSV; ``table`` names it, the rest is the filter."""
        staff = staff_of(request)
        wanted = self._asked(request)
        sheets = (await self._sheets(wanted, staff.words)).all
        key = request.query.get("table", "")
        sheet = next((each for each in sheets if each.key == key), None)
        if sheet is None:
            raise web.HTTPNotFound
        lines = [sheet.columns, *([c.plain for c in row] for row in sheet.rows)]
        name = f"azbot-{sheet.key}-{wanted.first}-{wanted.last}.csv"
        return web.Response(
            text=BOM + lines_of(lines),
            content_type="text/csv",
            charset="utf-8",
            headers={"Content-Disposition": disposition(name)},
        )

    def _asked(self, request: web.Request) -> Asked:
        zone = self._deps.desk.rules.working.zone_name
        return asked(request.query, self._deps.clock.now(), zone)

    async def _sheets(self, wanted: Asked, words: Catalogue) -> Sheets:
        views, now = self._deps.store.views, self._deps.clock.now()
        rules, scope = self._deps.desk.rules, wanted.scope
        work = worktime(rules.working, scope.since, max(now, scope.before))
        open_by_age, answers, ended, flow, stations = await asyncio.gather(
            views.open_by_age(scope, now),
            views.first_answers(scope, work, now),
            views.ended(scope),
            views.flow(scope, work),
            views.station_figures(scope, work),
        )
        figures = Figures(open_by_age, answers, ended, flow, stations)
        target = int(rules.answer_within.total_seconds())
        return Sheets(figures, wanted, target, words)


def _at(query: Mapping[str, str]) -> str:
    """Return the page of a period; its dates follow from it."""
    kept = {key: value for key, value in query.items() if key not in ("from", "to")}
    return f"{PAGE}?{urlencode(kept)}"


def _file_of(sheet: Sheet, wanted: Asked) -> str:
    return f"{FILE}?{urlencode({'table': sheet.key, **wanted.query})}"


def _period_words(wanted: Asked, words: Catalogue) -> str:
    first, last = map(formats.short_date, (wanted.first, wanted.last))
    return words.t("stats.period_of", first=first, last=last)
