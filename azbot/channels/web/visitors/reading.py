"""What a visitor has read of the desk's messages (R169): a press, never an opening."""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.access import Access


class Reading:
    """Notes that somebody saw the messages of an assistance."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the address that the conversation's script posts to."""
        app.router.add_post("/portal/{ref}/seen", self.note)

    async def note(self, request: web.Request) -> web.Response:
        """Count every message of the desk up to now as read (204)."""
        visitor = await self._access.visitor(request, request.match_info["ref"])
        key, person = visitor.it.id, visitor.person.id
        told = await self._deps.store.views.told(person, (key,))
        if key in told and told[key].unread:
            count = told[key].messages
            await self._deps.store.write(
                lambda uow: uow.readings.see(person, key, count)
            )
        return web.Response(status=204)
