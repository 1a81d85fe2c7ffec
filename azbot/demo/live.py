"""The one stream of the page: every part that is not as it was, as soon as it is so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial

from aiohttp import web

from azbot.channels.web.live.streams import Stream, frame
from azbot.messages import PersonId

_NOBODY = PersonId(0)


class Live:
    """Tells open pages what they show.

    Args:
        draw: gives each part of the page, by name.
    """

    def __init__(self, draw: Callable[[], Awaitable[Mapping[str, str]]]) -> None:
        self._draw = draw
        self._parts: dict[str, str] = {}
        self._streams: set[Stream] = set()
        self._stirred = asyncio.Event()

    def stir(self) -> None:
        """Say that something may be otherwise now."""
        self._stirred.set()

    def tell(self, event: str, data: Mapping[str, object]) -> None:
        """Say something to every page that is open now."""
        for stream in self._streams:
            stream.push(frame(event, data), b"")

    async def run(self) -> None:
        """Draw and tell until cancelled; what stirs while it draws is drawn next."""
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            await self._renew()

    @asynccontextmanager
    async def joined(self, is_cut: Callable[[], bool]) -> AsyncIterator[Stream]:
        """Give a stream that begins with every part, and ends with the block."""
        stream = Stream("", _NOBODY, is_cut)
        await self._renew()
        stream.push(b"retry: 500\n\n", b"")
        for name, html in self._parts.items():
            stream.push(_part(name, html), b"")
        self._streams.add(stream)
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    def close(self) -> None:
        """End every stream."""
        for stream in self._streams:
            stream.end()

    async def _renew(self) -> None:
        for name, html in (await self._draw()).items():
            if self._parts.get(name) != html:
                self._parts[name] = html
                for stream in self._streams:
                    stream.push(_part(name, html), b"")


async def stream(live: Live, request: web.Request) -> web.StreamResponse:
    """Tell a page what it shows until one of both ends."""
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    async with live.joined(partial(_is_cut, request)) as told:
        # Whoever is gone is gone; that is how most streams end.
        with suppress(ConnectionError):
            async for frames in told:
                await response.write(frames)
    return response


def _is_cut(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _part(name: str, html: str) -> bytes:
    return frame("part", {"name": name, "html": html})
