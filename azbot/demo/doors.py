"""One listening socket; whoever comes is led to the world that is on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

HOST = "127.0.0.1"
"""Nobody but this machine."""

_FAREWELL = 1.0
"""Seconds what is being answered has to end."""


class Doors:
    """A socket that outlives the applications behind it.

    A world that begins takes over before the one before it ends: nobody who comes
    meanwhile finds the door closed.
    """

    def __init__(self) -> None:
        self._behind: web.Server | None = None
        self.port = 0

    @asynccontextmanager
    async def open(self, port: int) -> AsyncIterator[str]:
        """Listen while inside; gives the address.

        Args:
            port: taken by somebody else, it is no obstacle: the system then chooses.
        """
        server = await self._listen(port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield f"http://{HOST}:{self.port}"
        finally:
            server.close()
            await server.wait_closed()

    @asynccontextmanager
    async def leading_to(self, app: web.Application) -> AsyncIterator[None]:
        """Lead everybody who comes from now on to an application."""
        runner = web.AppRunner(
            app, handle_signals=False, access_log=None, shutdown_timeout=_FAREWELL
        )
        await runner.setup()
        self._behind = runner.server
        try:
            yield
        finally:
            await runner.cleanup()

    async def _listen(self, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        try:
            return await loop.create_server(self._protocol, HOST, port)
        except OSError:
            return await loop.create_server(self._protocol, HOST, 0)

    def _protocol(self) -> asyncio.Protocol:
        if self._behind is None:
            raise RuntimeError("there is nothing behind the door")
        return self._behind()
