"""``/admin/archive``: the restricted archive; each opening has a reason and is noted.

What is found shows references and days, nobody's name. Who opens one says why; that
line of the log is then what opens the page, for its writer alone and a quarter of an
hour: there is no way to look that leaves no trace.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from aiohttp import web

from azbot.channels.web.admin.room import STYLES, Room
from azbot.channels.web.directory import Hand
from azbot.channels.web.downloads import send
from azbot.channels.web.inbox import pages as inbox
from azbot.channels.web.inbox.assistance import AssistancePage
from azbot.channels.web.inbox.timeline import File, Line, Said
from azbot.channels.web.posted import read_posted
from azbot.channels.web.staff import staff_of
from azbot.clock import years_after
from azbot.errors import NotFound
from azbot.i18n.formats import local, short_date
from azbot.store import UnitOfWork
from azbot.store.archive_views import ArchivedLine
from azbot.workflow.model import Assistance, AssistanceRef

OPENED = "archive.opened"
SEARCHED = "archive.searched"
_OPEN_FOR = timedelta(minutes=15)
_PAGE = 50
_SHORTEST, _LONGEST = 10, 500
_REF = r"{ref:AS[A-Z]{2}\d{8}}"


@dataclass(frozen=True, slots=True)
class Shown:
    """One archived assistance in a list: which, and when; nobody."""

    ref: str
    status: str
    opened: str
    quiet_since: str
    archived: str
    erased: str


class ArchiveRoom:
    """``/admin/archive``."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._reader = inbox.AssistanceReader(room.deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the pages."""
        one = f"/admin/archive/{_REF}"
        app.router.add_get("/admin/archive", self.show)
        app.router.add_post("/admin/archive", self.find)
        app.router.add_get(one, self.read)
        app.router.add_post(one, self.open)
        app.router.add_get(f"{one}/files/{{number:\\d{{1,9}}}}", self.download)

    async def show(self, request: web.Request) -> web.Response:
        """Return what is archived, the last archived first."""
        after = request.query.get("after", "")
        number = int(after) if after.isascii() and after.isdigit() else 0
        lines = await self._room.deps.store.views.archived(_PAGE + 1, number)
        return self._list(request, lines)

    async def find(self, request: web.Request) -> web.Response:
        """Return what a reference or somebody's very address leads to; noted.

        A POST, so that no address of a client stands in a log of addresses.
        """
        form = await read_posted(request)
        sought = form.line("sought")[:254]
        views, staff = self._room.deps.store.views, staff_of(request)
        if not sought:
            raise web.HTTPSeeOther("/admin/archive")
        if "@" not in sought:
            found = await views.archived_ref(AssistanceRef(sought.upper()))
            lines = [] if found is None else [found]
        else:
            lines = await views.archived_of(sought, _PAGE)
        refs = [line.ref for line in lines]
        actor, now = staff.actor, self._room.deps.clock.now()

        def note(uow: UnitOfWork) -> None:
            uow.audit.add(actor, now, SEARCHED, ", ".join(refs) or "–")

        await self._room.deps.store.write(note)
        return self._list(request, lines, sought=sought)

    def _list(
        self, request: web.Request, lines: list[ArchivedLine], sought: str = ""
    ) -> web.Response:
        older = ""
        if len(lines) > _PAGE and not sought:
            older = f"/admin/archive?{urlencode({'after': lines[_PAGE - 1].id})}"
        notice = self._room.deps.settings.notice
        return self._room.page(
            request,
            "archive",
            "archive",
            lines=[self._shown(request, line) for line in lines[:_PAGE]],
            sought=sought,
            older=older,
            years=notice.years,
            archive_years=notice.archive_years,
        )

    def _shown(self, request: web.Request, line: ArchivedLine) -> Shown:
        words, zone = self._room.words(request), self._room.deps.settings.zone_name
        years = self._room.deps.settings.notice.archive_years
        opened, quiet, archived, erased = (
            short_date(local(at, zone).date())
            for at in (
                line.opened_at,
                line.updated_at,
                line.archived_at,
                years_after(line.updated_at, years),
            )
        )
        status = words.t(f"status.{line.status.value}")
        return Shown(line.ref, status, opened, quiet, archived, erased)

    async def open(self, request: web.Request) -> web.Response:
        """Note who opens it and why, then go on to it."""
        form = await read_posted(request)
        line = await self._line(request)
        reason = form.line("reason")[:_LONGEST]
        if len(reason) < _SHORTEST:
            words = self._room.words(request)
            wrong = {"reason": words.t("admin.archive.reason_short", count=_SHORTEST)}
            return self._ask(request, line, reason, wrong)

        def work(uow: UnitOfWork, hand: Hand) -> str:
            told = {"reason": reason}
            number = uow.audit.add(hand.actor, hand.now, OPENED, line.ref, after=told)
            return f"/admin/archive/{line.ref}?opening={number}"

        raise await self._room.change(request, form, work)

    async def read(self, request: web.Request) -> web.Response:
        """Return it to whoever has just said why; else ask why."""
        line = await self._line(request)
        opening = await self._opening(request, line.ref)
        if not opening:
            return self._ask(request, line)
        found = await self._reader.read_state(
            await self._state(line), staff_of(request)
        )
        base = f"/admin/archive/{line.ref}/files"
        return self._room.page(
            request,
            "archive",
            "archived",
            it=_closed(found.page, base, opening),
            line=self._shown(request, line),
            query="",
            styles=(*STYLES, *inbox.STYLES),
        )

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Stream one file of what was opened."""
        line = await self._line(request)
        if not await self._opening(request, line.ref):
            raise web.HTTPSeeOther(f"/admin/archive/{line.ref}")
        document = (await self._state(line)).document(int(request.match_info["number"]))
        if document is None:
            raise NotFound("document", request.match_info["number"])
        return await send(request, self._room.deps.store.blobs, document)

    def _ask(
        self,
        request: web.Request,
        line: ArchivedLine,
        reason: str = "",
        wrong: dict[str, str] | None = None,
    ) -> web.Response:
        return self._room.page(
            request,
            "archive",
            "archive_ask",
            line=self._shown(request, line),
            reason=reason,
            longest=_LONGEST,
            wrong=wrong or {},
        )

    async def _line(self, request: web.Request) -> ArchivedLine:
        ref = AssistanceRef(request.match_info["ref"])
        line = await self._room.deps.store.views.archived_ref(ref)
        if line is None:
            raise NotFound("assistance", ref)
        return line

    async def _state(self, line: ArchivedLine) -> Assistance:
        it = await self._room.deps.store.views.archived_state(line.id)
        if it is None:
            raise NotFound("assistance", line.ref)
        return it

    async def _opening(self, request: web.Request, ref: AssistanceRef) -> int:
        """Return the line of the log that opens it to whoever asks, 0 for none."""
        text, staff = request.query.get("opening", ""), staff_of(request)
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            return 0
        found = await self._room.deps.store.views.audit(
            whats=(OPENED,), person=staff.person.id, before=int(text) + 1, limit=1
        )
        oldest = self._room.deps.clock.now() - _OPEN_FOR
        for noted in found:
            is_it = noted.id == int(text) and noted.subject == ref
            if is_it and noted.at > oldest:
                return noted.id
        return 0


def _closed(page: AssistancePage, base: str, opening: int) -> AssistancePage:
    """Return a page on which nothing can be done, and whose files are the archive's."""
    days = tuple(
        replace(day, lines=tuple(_still(line, base, opening) for line in day.lines))
        for day in page.days
    )
    papers = tuple(
        replace(paper, file=_filed(paper.file, base, opening)) for paper in page.papers
    )
    return replace(page, days=days, papers=papers, actions=(), desk_actions=())


def _still(line: Line, base: str, opening: int) -> Line:
    if not isinstance(line, Said):
        return replace(line, letters=())
    files = tuple(_filed(file, base, opening) for file in line.files)
    return replace(line, letters=(), original="", move="", is_fresh=False, files=files)


def _filed(file: File, base: str, opening: int) -> File:
    url = f"{base}/{file.number}?opening={opening}"
    return replace(file, url=url, picture="", plays="")
