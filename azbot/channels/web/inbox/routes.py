"""The addresses of the inbox: list and assistance, actions, files, what is set aside.

Every address is a whole page; with the header ``Azbot-Part`` it answers the parts of
it that a script renews. Reading, replying and acting therefore need no script.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from aiohttp import web

from azbot.channels.web.frame import frame_of
from azbot.channels.web.inbox.aside import AsideRoutes
from azbot.channels.web.inbox.composer import composer_of
from azbot.channels.web.inbox.doing import Dialog
from azbot.channels.web.inbox.files import AssistanceFiles
from azbot.channels.web.inbox.list_routes import ListRoutes
from azbot.channels.web.inbox.listing import ListReader
from azbot.channels.web.inbox.opening import OpeningRoutes
from azbot.channels.web.inbox.pages import (
    PARTS,
    STYLES,
    AssistanceReader,
    inbox_context,
)
from azbot.channels.web.inbox.pressing import Pressed, Presses, given_of
from azbot.channels.web.inbox.relocating import RelocatingRoutes
from azbot.channels.web.pages import desk_html
from azbot.channels.web.portal.routes import PortalRoom
from azbot.channels.web.portal.scene import TABS
from azbot.channels.web.posted import read_posted
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import PART, Staff, is_part, staff_of
from azbot.channels.web.visitors.access import Visitor
from azbot.errors import Archived
from azbot.store import UnitOfWork
from azbot.workflow.model import AssistanceRef

_REF = "{ref:AS[A-Z]{2}[0-9]{8}}"
_LIST_PARTS = frozenset({"queues", "list"})
_NUMBER = r"{number:[0-9]{1,12}}"


class InboxRoom:
    """Serves the inbox."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._reader = AssistanceReader(deps)
        self._presses = Presses(deps, self._reader)
        self._files = AssistanceFiles(deps)
        self._lists = ListReader(deps)
        self._portal = PortalRoom(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve everything below ``/inbox``."""
        ListRoutes(self._deps, self._lists).add_to(app)
        AsideRoutes(self._deps).add_to(app)
        OpeningRoutes(self._deps).add_to(app)
        one = f"/inbox/a/{_REF}"
        app.router.add_get("/inbox", self.home)
        app.router.add_get(one, self.show)
        RelocatingRoutes(self._deps).add_to(app, one)
        app.router.add_get(f"{one}/print", self.print)
        app.router.add_get(f"{one}/as-client", self.as_client)
        app.router.add_get(f"{one}/as-client/{{tab:{'|'.join(TABS)}}}", self.as_client)
        app.router.add_post(f"{one}/{{how:seen|unseen}}", self.mark_read)
        app.router.add_get(f"{one}/do/{{action}}", self.ask)
        app.router.add_post(f"{one}/do/{{action}}", self.press)
        app.router.add_get(f"{one}/files/{_NUMBER}", self._files.download)
        app.router.add_get(f"{one}/files/{_NUMBER}/small", self._files.picture)
        app.router.add_get(f"{one}/original/{_NUMBER}", self.original)
        app.router.add_get(f"{one}/original/{_NUMBER}/html", self._files.original_html)
        app.router.add_get(f"{one}/original/{_NUMBER}/eml", self._files.original_octets)

    async def home(self, request: web.Request) -> web.Response:
        """Return the list, no assistance open."""
        return await self._page(request, None)

    async def show(self, request: web.Request) -> web.Response:
        """Return one assistance beside the list it was opened from."""
        return await self._page(request, AssistanceRef(request.match_info["ref"]))

    async def _page(
        self, request: web.Request, ref: AssistanceRef | None, status: int = 200
    ) -> web.Response:
        staff = staff_of(request)
        context = await inbox_context(request)
        context |= {"it": None, **await self._beside(request, ref)}
        if ref is not None:
            try:
                context |= await self._opened(request, ref)
            except Archived as archived:
                raise _archived(request, ref, staff) from archived
        if is_part(request):
            return self._parts(request, context)
        page = self._deps.pages.page("inbox", staff.language, **context)
        return desk_html(page, staff.language, status)

    async def _opened(
        self, request: web.Request, ref: AssistanceRef
    ) -> dict[str, object]:
        """Return what the columns of one assistance need."""
        staff = staff_of(request)
        found = await self._reader.read(ref, staff)
        composer = await composer_of(
            self._deps, staff, found.it, seen_event=found.page.seen_event
        )
        return {"it": found.page, "composer": composer}

    async def mark_read(self, request: web.Request) -> web.Response:
        """Note what this agent has seen (204); colleagues keep their own marks."""
        staff, ref = staff_of(request), AssistanceRef(request.match_info["ref"])
        is_seen = request.match_info["how"] == "seen"

        def work(uow: UnitOfWork) -> None:
            it = self._deps.desk.load(uow, ref)
            note = uow.readings.see if is_seen else uow.readings.unsee
            note(staff.person.id, it.id, it.inbound)

        await self._deps.store.write(work)
        return web.Response(status=204)

    async def print(self, request: web.Request) -> web.Response:
        """Return the whole assistance on paper, for the desk alone."""
        staff, ref = staff_of(request), AssistanceRef(request.match_info["ref"])
        found = await self._reader.read(ref, staff)
        page = self._deps.pages.page(
            "inbox_print",
            staff.language,
            frame=frame_of(request, "inbox", styles=STYLES),
            it=found.page,
            query="",
        )
        return desk_html(page, staff.language)

    async def as_client(self, request: web.Request) -> web.Response:
        """Return the page the requester sees: no note, no other client (ux.md A21)."""
        ref = AssistanceRef(request.match_info["ref"])
        it = await self._deps.store.views.by_ref(ref)
        person = await self._deps.store.views.person(it.requester)
        base = f"/inbox/a/{ref}/as-client"
        return await self._portal.shown_to(request, Visitor(it, person), base)

    async def _beside(
        self, request: web.Request, ref: AssistanceRef | None
    ) -> dict[str, object]:
        """Return what the list and the queues need, when they are wanted."""
        asked = request.headers.get(PART, "queues list").split()
        if not _LIST_PARTS.intersection(asked):
            return {}
        return await self._lists.context(request, ref)

    def _parts(
        self, request: web.Request, context: Mapping[str, object]
    ) -> web.Response:
        """Return the parts that were asked for, by name, and the title of the page."""
        language = staff_of(request).language
        asked = request.headers[PART].split()
        found = {
            name: self._deps.pages.part(f"inbox/_{name}", language, **context)
            for name in PARTS
            # Where none is open, only the list and the queues have something to draw.
            if name in asked and (name in _LIST_PARTS or context["it"] is not None)
        }
        response = web.json_response(
            {"parts": found, "title": self._title(context, language)}
        )
        response.headers["Cache-Control"] = "no-store"
        response.enable_compression()
        return response

    def _title(self, context: Mapping[str, object], language: str) -> str:
        """Return the title, when what it names was asked for (X9)."""
        if context["it"] is None and "list_title" not in context:
            return ""
        return self._deps.pages.part("inbox/_title", language, **context).strip()

    # -- actions -----------------------------------------------------------------------

    async def ask(self, request: web.Request) -> web.Response:
        """Return the dialog of an action; nothing happens yet."""
        staff, action = staff_of(request), self._presses.action(request)
        ref = AssistanceRef(request.match_info["ref"])
        ask = await self._presses.ask(ref, staff)
        dialog = await self._presses.dialog(action, ask, staff)
        return self._dialog(request, dialog, ref, 200)

    async def press(self, request: web.Request) -> web.Response:
        """Do an action; with a script around, tell what became of it."""
        staff, action = staff_of(request), self._presses.action(request)
        ref = AssistanceRef(request.match_info["ref"])
        given = given_of(await read_posted(request), self._deps.settings.zone_name)
        pressed = await self._presses.press(action, ref, staff, given)
        if pressed.dialog is not None:
            return self._dialog(request, pressed.dialog, ref, 422)
        if is_part(request):
            return web.json_response(_told(ref, pressed))
        raise web.HTTPSeeOther(f"/inbox/a/{ref}?{request.query_string}")

    def _dialog(
        self, request: web.Request, dialog: Dialog, ref: AssistanceRef, status: int
    ) -> web.Response:
        language = staff_of(request).language
        context = {
            "dialog": dialog,
            "ref": ref,
            "query": request.query_string,
            "once": secrets.token_urlsafe(12),
            "frame": frame_of(request, "inbox", styles=STYLES),
        }
        if is_part(request):
            part = self._deps.pages.part("inbox/_dialog", language, **context)
            return web.json_response({"dialog": part}, status=status)
        page = self._deps.pages.page("inbox_dialog", language, **context)
        return desk_html(page, language, status)

    # -- originals ---------------------------------------------------------------------

    async def original(self, request: web.Request) -> web.Response:
        """Return a message as it came, its HTML in a frame that runs nothing."""
        language = staff_of(request).language
        ref = AssistanceRef(request.match_info["ref"])
        number = int(request.match_info["number"])
        page = self._deps.pages.page(
            "inbox_original",
            language,
            frame=frame_of(request, "inbox", styles=STYLES),
            ref=ref,
            number=number,
            original=await self._files.original(ref, number),
        )
        return desk_html(page, language)


def _told(ref: AssistanceRef, pressed: Pressed) -> dict[str, object]:
    undo = pressed.undo
    return {
        "ref": ref,
        "words": pressed.words,
        "undo": {"url": undo.url, "fields": dict(undo.fields)} if undo else None,
        "seconds": pressed.seconds,
    }


def _archived(request: web.Request, ref: AssistanceRef, staff: Staff) -> Exception:
    """Lead an administrator to the door of the archive; tell an agent who has it."""
    if staff.is_admin and not is_part(request):
        return web.HTTPSeeOther(f"/admin/archive/{ref}")
    return HttpProblem(410, "archived")
