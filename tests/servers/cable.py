"""A cable to a server, which can be pulled out: nobody is reached, nothing is said."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.servers.places import LOOPBACK

_CHUNK = 65_536


class Cable:
    """Carries octets from a port of its own to a server.

    Args:
        port: the server's, on this machine.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._carrying: set[asyncio.Task[None]] = set()
        self._socket = _bound(0)
        self._own = int(self._socket.getsockname()[1])
        self._server: asyncio.Server | None = None

    @property
    def is_in(self) -> bool:
        """Tell whether it is plugged in."""
        return self._server is not None

    @property
    def address(self) -> str:
        """``http://127.0.0.1:<port>``."""
        return f"http://{LOOPBACK}:{self._own}"

    async def plug_in(self) -> None:
        """Let the server be reached."""
        self._server = await asyncio.start_server(self._carry, sock=self._socket)

    async def pull_out(self) -> None:
        """Break every connection; new ones are refused until it is plugged in."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for task in tuple(self._carrying):
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)
        # Bound and deaf: nobody else gets the port, and who calls is refused.
        self._socket = _bound(self._own)

    async def aclose(self) -> None:
        """Let go of everything."""
        await self.pull_out()
        self._socket.close()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._carrying.add(task)
        other = None
        try:
            there, other = await asyncio.open_connection(LOOPBACK, self._port)
            await asyncio.gather(_pour(reader, other), _pour(there, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._carrying.discard(task)
            for end in filter(None, (writer, other)):
                end.transport.abort()


async def _pour(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    while octets := await source.read(_CHUNK):
        into.write(octets)
        await into.drain()
    with suppress(OSError):
        into.write_eof()


def _bound(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((LOOPBACK, port))
    return made


@asynccontextmanager
async def cable_to(port: int) -> AsyncIterator[Cable]:
    """Give a cable that is plugged in."""
    cable = Cable(port)
    await cable.plug_in()
    try:
        yield cable
    finally:
        await cable.aclose()
