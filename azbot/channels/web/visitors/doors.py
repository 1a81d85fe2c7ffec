"""``/a/{token}``: the address in every mail, which leaves the address bar at once.

Opening it changes nothing, however often and by whomever (ux.md X18).
"""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.languages import preferred
from azbot.channels.web.pages import html
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.access import (
    Access,
    PutAway,
    Visitor,
    is_over,
    no_link,
)
from azbot.channels.web.visitors.links import held_links, hold, proven
from azbot.tokens import DOCUMENTS, FORM, TO, Purpose, Token, read_ended_link
from azbot.workflow.todo import step_of


class Doors:
    """Lets in whoever holds a link."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the address."""
        app.router.add_get("/a/{token}", self.enter)

    async def enter(self, request: web.Request) -> web.Response:
        """Put the link into a cookie and go on to its page (303).

        Raises:
            HttpProblem: ``no_link``: 410 for a link that ended, 404 for one that
                never was.
        """
        text = request.match_info["token"]
        token = proven(self._deps.keyring, text, self._deps.clock.now())
        if not isinstance(token, Token):
            if is_over(token):
                return await self._enter_late(request, text)
            raise no_link(404)
        try:
            visitor = await self._access.opened(token)
        except PutAway as archived:
            # Its page says so, and lets them ask: with the link in their hands.
            visitor = archived.visitor
        return _let_in(request, visitor, text)

    async def _enter_late(self, request: web.Request, text: str) -> web.Response:
        """Go on with a link whose life is over: its page tells what it was.

        A browser that came by a newer one keeps that.
        """
        ended = read_ended_link(self._deps.keyring, Purpose.LINK, text)
        try:
            visitor = None if ended is None else await self._access.behind(ended)
        except PutAway as archived:
            visitor = archived.visitor
        if visitor is None:
            raise no_link(410)
        newer = held_links(request).get(visitor.it.ref, "")
        token = proven(self._deps.keyring, newer, self._deps.clock.now())
        if isinstance(token, Token):
            return web.Response(status=303, headers={"Location": page_of(visitor)})
        return _let_in(request, visitor, text)


def _let_in(request: web.Request, visitor: Visitor, text: str) -> web.Response:
    place, visit = page_of(visitor), visitor.it.visit
    if request.query.get(TO) == FORM and visitor.is_station:
        # Where there is no form to fill in, the page of the mission says why.
        is_due = visit is not None and step_of(visitor.it) in ("arrive", "fill")
        place += f"/visits/{visit.number}" if visit and is_due else ""
    if request.query.get(TO) == DOCUMENTS and not visitor.is_station:
        # What a chat or a mailbox does not take is sent there; a tab more is nothing
        # for whoever learns of visits alone.
        place += "" if visitor.is_contact else f"/{DOCUMENTS}"
    response = web.Response(status=303, headers={"Location": place})
    hold(request, response, visitor.it.ref, text.strip().lower())
    return response


def page_of(visitor: Visitor) -> str:
    """Return the address of the page somebody's link leads to."""
    room = "missions" if visitor.is_station else "portal"
    return f"/{room}/{visitor.it.ref}"


def gone_page(
    deps: WebDeps, stylesheet: str, request: web.Request, status: int
) -> web.Response:
    """Return the one page for everything that opens nothing (C14)."""
    language = preferred(request.headers.get("Accept-Language", ""))
    page = deps.pages.page("gone", language, stylesheet=stylesheet)
    return html(page, language, status)
