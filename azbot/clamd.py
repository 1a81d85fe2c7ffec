"""Asks ClamAV's daemon about a file, over a socket, piece by piece.

Source: clamd(8), INSTREAM: after the command come pieces, each with its length in four
octets, then a length of nothing; the answer is one line that ends in NUL.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from datetime import timedelta

import structlog
from typing_extensions import override

from azbot.ports import Scan, Scanner

_LOG = structlog.get_logger(__name__)
_LONGEST_PIECE = 256 * 1024
_LONGEST_ANSWER = 4096
UNCHECKED = Scan(is_checked=False)


class Clamd(Scanner):
    """A scanner that is a daemon beside azbot, or on another machine.

    Args:
        place: ``host:port``, or the path of a Unix socket.
        refuses_unchecked: whether what it could not look at is turned away.
        silent_for: how long it may say and take nothing.
    """

    def __init__(
        self,
        place: str,
        *,
        refuses_unchecked: bool = False,
        silent_for: timedelta = timedelta(seconds=30),
    ) -> None:
        self._place = place
        self._refuses = refuses_unchecked
        self._seconds = silent_for.total_seconds()

    @override
    async def scan(self, chunks: AsyncIterable[bytes]) -> Scan:
        """Look at one file; see ``ports.Scanner``."""
        try:
            return await self._asked(chunks)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError) as error:
            _LOG.warning("clamd.away", why=type(error).__name__)
            return UNCHECKED

    @override
    def may_pass(self, scan: Scan) -> bool:
        """Whether a file may be kept; see ``ports.Scanner``."""
        return not scan.found and (scan.is_checked or not self._refuses)

    async def _asked(self, chunks: AsyncIterable[bytes]) -> Scan:
        async with asyncio.timeout(self._seconds):
            reader, writer = await self._connected()
        try:
            writer.write(b"zINSTREAM\0")
            try:
                async for chunk in chunks:
                    await self._give(writer, chunk)
                await self._give(writer, b"")
            except ConnectionError:
                # It has said why before it hung up: a file longer than it takes.
                pass
            async with asyncio.timeout(self._seconds):
                return _scan(await reader.readuntil(b"\0"))
        finally:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._place.startswith("/"):
            return await asyncio.open_unix_connection(
                self._place, limit=_LONGEST_ANSWER
            )
        host, _, port = self._place.rpartition(":")
        return await asyncio.open_connection(
            host.strip("[]"), int(port), limit=_LONGEST_ANSWER
        )

    async def _give(self, writer: asyncio.StreamWriter, chunk: bytes) -> None:
        """Send one piece; a piece of nothing is the end."""
        for start in range(0, max(len(chunk), 1), _LONGEST_PIECE):
            piece = chunk[start : start + _LONGEST_PIECE]
            writer.write(len(piece).to_bytes(4, "big") + piece)
            async with asyncio.timeout(self._seconds):
                await writer.drain()


def _scan(answer: bytes) -> Scan:
    """Read ``stream: OK``, ``stream: Eicar-Test FOUND``, or what else went wrong."""
    text = answer.rstrip(b"\0").decode("ascii", "replace").removeprefix("stream: ")
    if text == "OK":
        return Scan()
    if text.endswith(" FOUND"):
        return Scan(found=text.removesuffix(" FOUND"))
    _LOG.warning("clamd.unclear", answer=text[:200])
    return UNCHECKED
