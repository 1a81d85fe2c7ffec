"""The addresses of one assistance for its client: tabs, messages, decisions, files.

Every tab is a whole page; with the header ``Azbot-Part`` it answers the parts of it
that a script renews. Reading, writing and answering therefore need no script (C12).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from urllib.parse import quote

from aiohttp import web

from azbot.channels.web.live.hub import LIVE
from azbot.channels.web.live.routes import is_cut, pour
from azbot.channels.web.live.streams import frame
from azbot.channels.web.pages import visit_html
from azbot.channels.web.portal.acting import Acting
from azbot.channels.web.portal.asking import ACTS, Given, ask_of, refused, why_not
from azbot.channels.web.portal.files import PortalFiles
from azbot.channels.web.portal.page import Asked, PortalPage, page_of
from azbot.channels.web.portal.reading import PortalReader, asked_of
from azbot.channels.web.portal.scene import TABS, Scene
from azbot.channels.web.posted import read_posted
from azbot.channels.web.problems import as_document
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import PART, is_part
from azbot.channels.web.uploads import Form, read_form
from azbot.channels.web.visitors.access import Visitor
from azbot.channels.web.visitors.frame import visit_frame
from azbot.channels.web.visitors.whose import whose_of
from azbot.errors import Refused
from azbot.media import ALLOWED

REF = "{ref:[A-Z]{4}[0-9]{8,12}}"
PARTS = ("head", "tabs", "panel", "foot")
"""What a script may renew."""

DONE = ("message", "files", *ACTS, "edit")
"""What a page may say was done."""

_STYLES = ("uploads.css", "portal/portal.css")
_SCRIPTS = ("uploading.js", "portal/portal.js")


class PortalRoom:
    """Serves the page of one assistance."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._reader = PortalReader(deps)
        self._acting = Acting(deps)
        self._files = PortalFiles(deps, self._reader)

    def add_to(self, app: web.Application) -> None:
        """Serve everything below ``/portal/{ref}``."""
        one = f"/portal/{REF}"
        app.router.add_get(one, self.show)
        app.router.add_get(f"{one}/{{tab:{'|'.join(TABS)}}}", self.show)
        app.router.add_post(f"{one}/messages", self.say)
        app.router.add_post(f"{one}/documents", self.join)
        act = f"{one}/{{act:{'|'.join(ACTS)}|edit/[a-z]+}}"
        app.router.add_get(act, self.ask)
        app.router.add_post(act, self.decide)
        app.router.add_get(f"{one}/live", self.live, allow_head=False)
        self._files.add_to(app, one)

    # -- reading -----------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.Response:
        """Return the page with one tab open; 410, 404 for links that open nothing."""
        scene = await self._reader.scene(request)
        return self._page(request, scene, asked_of(request))

    async def shown_to(
        self, request: web.Request, visitor: Visitor, base: str
    ) -> web.Response:
        """Return what somebody sees, for an agent who looks: nothing can be pressed."""
        scene = await self._reader.scene_of(visitor, base, is_preview=True)
        return self._page(request, scene, asked_of(request))

    async def live(self, request: web.Request) -> web.StreamResponse:
        """Tell a page when to look again, until it goes (C11).

        What happened since the page was made makes it look at once.
        """
        scene = await self._reader.scene(request)
        given = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        after = int(given) if given.isascii() and given.isdigit() else 0
        person, cut = scene.visitor.person.id, partial(is_cut, request)
        async with request.app[LIVE].followed(scene.it.ref, person, cut) as stream:
            newest = (await self._reader.scene(request)).seen
            if newest > after:
                told = frame("change", {}, newest)
                stream.push(told, told)
            return await pour(request, stream)

    def _page(
        self,
        request: web.Request,
        scene: Scene,
        asked: Asked,
        *,
        text: str = "",
        why: str = "",
        status: int = 200,
    ) -> web.Response:
        page = page_of(scene, asked)
        said = request.query.get("done", "")
        context: dict[str, object] = {
            "frame": visit_frame(request, styles=_STYLES, scripts=_SCRIPTS),
            "it": page,
            "whose": whose_of(scene.visitor),
            "done": said if said in DONE else "",
            "text": text,
            "why": why,
            "kinds": ",".join(sorted(ALLOWED)),
        }
        if is_part(request):
            return self._parts(request, page, scene.language, context, status)
        drawn = self._deps.pages.page("portal", scene.language, **context)
        return visit_html(drawn, scene.language, status)

    def _parts(
        self,
        request: web.Request,
        page: PortalPage,
        language: str,
        context: Mapping[str, object],
        status: int,
    ) -> web.Response:
        """Return the parts that were asked for, by name."""
        asked = request.headers[PART].split()
        found = {
            name: self._deps.pages.part(f"portal/_{name}", language, **context)
            for name in PARTS
            if name in asked
        }
        response = web.json_response(
            {
                "parts": found,
                "seen": page.seen,
                "once": page.once,
                "status": page.status_label,
                "why": context["why"],
            },
            status=status,
        )
        response.headers["Cache-Control"] = "no-store"
        response.enable_compression()
        return response

    # -- writing -----------------------------------------------------------------------

    async def say(self, request: web.Request) -> web.Response:
        """Take a message with its files."""
        return await self._say(request, "messages", "message")

    async def join(self, request: web.Request) -> web.Response:
        """Take files that were asked for, or that help."""
        return await self._say(request, "documents", "files")

    async def _say(self, request: web.Request, tab: str, done: str) -> web.Response:
        scene = await self._reader.scene(request)
        form = await read_form(request, self._deps)
        if form.refused:
            # Words and good files are not half sent: the writer chooses again.
            name, problem = form.refused[0]
            told = as_document(problem, scene.words, "", request.path)["detail"]
            why = scene.t("wrong.file", name=name, why=told)
            return self._again(request, scene, form, tab, why, problem.status)
        try:
            await self._acting.say(scene, form)
        except Refused as refusal:
            why = why_not(scene, refusal)
            return self._again(request, scene, form, tab, why, 422)
        if is_part(request):
            fresh = await self._reader.scene(request)
            return self._page(request, fresh, Asked(tab=form.value("tab") or tab))
        # Whoever may not see documents finds what they sent among their messages.
        there = tab if tab in scene.tabs else "messages"
        raise web.HTTPSeeOther(f"{scene.url(there)}?done={done}")

    def _again(
        self,
        request: web.Request,
        scene: Scene,
        form: Form,
        tab: str,
        why: str,
        status: int,
    ) -> web.Response:
        """Return the page with the words that were not sent, and why."""
        text = form.value("text")
        asked = Asked(tab=form.value("tab") or tab)
        return self._page(request, scene, asked, text=text, why=why, status=status)

    # -- deciding ----------------------------------------------------------------------

    async def ask(self, request: web.Request) -> web.Response:
        """Return the page of a decision; nothing happens yet (X18)."""
        scene, name = await self._reader.scene(request), request.match_info["act"]
        ask_of(scene, name)
        _require_known(scene, name)
        block = request.query.get("block", "")
        return self._ask(request, scene, name, Given({"block": block}), 200)

    async def decide(self, request: web.Request) -> web.Response:
        """Do what was decided, once however often it is pressed (X19)."""
        scene, name = await self._reader.scene(request), request.match_info["act"]
        ask_of(scene, name)
        _require_known(scene, name)
        values = (await read_posted(request)).first()
        try:
            await self._acting.decide(scene, name, values)
        except Refused as refusal:
            given = refused(scene, refusal, values)
            return self._ask(request, scene, name, given, 422)
        done = name.partition("/")[0]
        raise web.HTTPSeeOther(f"{scene.base}?done={done}")

    def _ask(
        self,
        request: web.Request,
        scene: Scene,
        name: str,
        given: Given,
        status: int,
    ) -> web.Response:
        page = page_of(scene, Asked())
        context = {
            "frame": visit_frame(request, styles=_STYLES),
            "it": page,
            "ask": ask_of(scene, name, given),
        }
        drawn = self._deps.pages.page("portal/act", scene.language, **context)
        return visit_html(drawn, scene.language, status)


def _require_known(scene: Scene, name: str) -> None:
    """Send to the door whoever holds a link alone and wants to cancel (ux.md 7.1).

    Raises:
        web.HTTPSeeOther: to the door, which leads back.
    """
    if name == "cancel" and not scene.visitor.is_known:
        raise web.HTTPSeeOther(f"/portal/signin?next={quote(scene.url(name))}")
