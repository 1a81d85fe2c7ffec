"""``/portal/new/sent``: what follows once a request is sent (C6)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from aiohttp import web

from azbot.channels.web import uploads
from azbot.channels.web.once import once
from azbot.channels.web.pages import visit_html
from azbot.channels.web.portal.request import drawing
from azbot.channels.web.portal.request.drafts import Drafts, client_of
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import is_part
from azbot.channels.web.visitors.access import Access, Visitor, no_link
from azbot.channels.web.visitors.frame import visit_frame
from azbot.desk.requesting import answer_by, document_of, lacks_proof
from azbot.i18n import formats
from azbot.store import Person, UnitOfWork
from azbot.workflow.commands import AddMessage

SENT = "/portal/new/sent"


def url_after(ref: object, refused: Sequence[str]) -> str:
    """Return where who sent a request goes on.

    Args:
        ref: of the request.
        refused: codes of files that were not taken.
    """
    query = urlencode([("refused", code) for code in refused])
    return f"{SENT}/{ref}" + (f"?{query}" if query else "")


class SentRoom:
    """Serves the page after sending, and takes the files that come late."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._access = Access(deps)
        self._drafts = Drafts(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the page."""
        app.router.add_get(f"{SENT}/{{ref}}", self.show)
        app.router.add_post(f"{SENT}/{{ref}}", self.follow)

    async def show(self, request: web.Request) -> web.Response:
        """Return what follows: the reference, who acts now, and by when (C6)."""
        visitor = await self._sender(request)
        it, words, rules = visitor.it, visitor.words, self._deps.desk.rules
        page = self._deps.pages.page(
            "request/sent",
            words.language,
            frame=visit_frame(request, styles=drawing.STYLES),
            ref=it.ref,
            service=words.t(f"service.{it.service.value}") if it.service else "",
            place=formats.address_line(
                it.answer("address"), it.answer("postcode"), it.answer("town")
            ),
            address=visitor.person.address,
            answer_by=formats.date_and_hour(
                answer_by(it, rules), it.zone_name, words.language, with_zone=True
            ),
            needs_proof=lacks_proof(it, rules),
            count=len(it.documents),
            chat=await self._chat(visitor.person),
            refused=self._drafts.refused_in(request, words),
        )
        return visit_html(page, words.language)

    async def follow(self, request: web.Request) -> web.Response:
        """Add files that were still on their way when the request was sent."""
        visitor = await self._sender(request)
        form = await uploads.read_form(request, self._deps)
        files = self._drafts.came(form, visitor.person)
        if not files:
            raise HttpProblem(400, "no_file")
        named = repr(sorted(each.blob for each in files)).encode()
        key = hashlib.sha256(f"{visitor.it.ref}|".encode() + named).hexdigest()[:48]

        def work(uow: UnitOfWork) -> Mapping[str, object]:
            it = uow.assistances.get(visitor.it.id)
            # A file may have come with the request after all.
            known = {each.blob for each in it.documents}
            new = tuple(document_of(each) for each in files if each.blob not in known)
            if new:
                command = AddMessage("", documents=new)
                self._deps.desk.apply(uow, it, command, visitor.actor)
            return {"count": len(new)}

        told = await once(self._deps, visitor.scope, key, work)
        if is_part(request):
            return web.json_response(told)
        raise web.HTTPSeeOther(f"{SENT}/{visitor.it.ref}")

    async def _chat(self, person: Person) -> str:
        """Return the service somebody may follow in, empty when they do, or cannot."""
        door = self._deps.chat
        if door is None:
            return ""
        accounts = await self._deps.store.views.chats_of(person.id)
        is_linked = any(each.channel == door.service for each in accounts)
        return "" if is_linked else door.name

    async def _sender(self, request: web.Request) -> Visitor:
        """Return who asks for the page after sending: whoever may act for the asker."""
        await client_of(self._access, request)
        visitor = await self._access.visitor(request, request.match_info["ref"])
        if visitor.is_contact:
            raise no_link(404)
        return visitor
