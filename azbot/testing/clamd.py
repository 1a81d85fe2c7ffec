"""A ClamAV daemon of this process: speaks its protocol, finds one word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

WORM = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
"""What it finds; scanners of the world agree to find it (eicar.org)."""


@dataclass
class FakeClamd:
    """A daemon that can be told to misbehave.

    Attributes:
        place: ``host:port``.
        largest: octets of a stream; a longer one ends with its error.
        is_mute: takes everything and answers nothing.
        seen: size of every stream it looked at.
    """

    place: str = ""
    largest: int = 200_000_000
    is_mute: bool = False
    seen: list[int] = field(default_factory=list)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            if await reader.readuntil(b"\0") != b"zINSTREAM\0":
                writer.write(b"UNKNOWN COMMAND\0")
                return
            answer = await self._looked(reader)
            if self.is_mute:
                await reader.read()
                return
            writer.write(answer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _looked(self, reader: asyncio.StreamReader) -> bytes:
        size, before, is_bad = 0, b"", False
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            piece = await reader.readexactly(length)
            size += length
            if size > self.largest:
                return b"INSTREAM size limit exceeded. ERROR\0"
            is_bad = is_bad or WORM in before + piece
            before = piece[-len(WORM) :]
        self.seen.append(size)
        return b"stream: Eicar-Test-Signature FOUND\0" if is_bad else b"stream: OK\0"


@asynccontextmanager
async def fake_clamd() -> AsyncIterator[FakeClamd]:
    """Run a daemon on a free port while inside."""
    daemon = FakeClamd()
    server = await asyncio.start_server(daemon._serve, "127.0.0.1", 0)  # noqa: SLF001 - its own server
    host, port = server.sockets[0].getsockname()[:2]
    daemon.place = f"{host}:{port}"
    async with server:
        yield daemon
