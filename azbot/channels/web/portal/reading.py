"""Finds out who looks at which assistance, and what they may read of it."""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.portal.page import Asked
from azbot.channels.web.portal.scene import Scene
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.access import Access, Visitor, no_link
from azbot.forms.kinds import Context


class PortalReader:
    """Makes the scene of a request."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._access = Access(deps)

    async def scene(self, request: web.Request) -> Scene:
        """Return what whoever asks may read.

        Raises:
            HttpProblem: ``no_link``: nothing opens it, or their room is another.
        """
        visitor = await self._access.visitor(request, request.match_info["ref"])
        if visitor.is_station:
            raise no_link(404)
        return await self.scene_of(visitor, f"/portal/{visitor.it.ref}")

    async def scene_of(
        self, visitor: Visitor, base: str, *, is_preview: bool = False
    ) -> Scene:
        """Return what somebody may read who was let in.

        Args:
            visitor: who, and which assistance.
            base: address of the page.
            is_preview: an agent looks at it.
        """
        it, rules = visitor.it, self._deps.desk.rules
        history = await self._deps.store.views.timeline(it.id, is_internal=False)
        return Scene(
            visitor=visitor,
            history=history,
            rules=rules,
            now=self._deps.clock.now(),
            base=base,
            is_preview=is_preview,
            lists=Context(
                country=it.answer("country") or "FR",
                zone=it.zone_name,
                catalogues=rules.lists,
            ),
        )


def asked_of(request: web.Request) -> Asked:
    """Return what an address asks for; anything else is the usual page."""
    number = request.query.get("visit", "")
    is_number = number.isascii() and number.isdigit() and len(number) < 6
    return Asked(
        tab=request.match_info.get("tab", "request"),
        visit=int(number) if is_number else 0,
        oldest_first=request.query.get("order") == "oldest",
    )
