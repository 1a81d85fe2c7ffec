"""``/a/{token}``: the address in every mail, which leaves the address bar at once.

Opening it changes nothing, however often and by whomever (ux.md X18).
"""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.languages import preferred
from azbot.channels.web.pages import html
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.access import Access, Visitor, is_over, no_link
from azbot.channels.web.visitors.links import hold, proven
from azbot.tokens import Token


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
            raise no_link(410 if is_over(token) else 404)
        visitor = await self._access.opened(token)
        response = web.Response(status=303, headers={"Location": page_of(visitor)})
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
