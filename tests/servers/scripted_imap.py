"""An IMAP server that says exactly what a test tells it to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from tests.servers.places import LOOPBACK

GREETING = b"* OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS] ready\r\n"
CAPABILITIES = b"IMAP4rev1 IDLE MOVE UIDPLUS"

Answer = bytes | Callable[["Talk"], Awaitable[None]]


class Talk:
    """One connection: commands come in, the script answers.

    Attributes:
        tag: of the command being answered.
        line: what the client sent, without its tag.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._reader = reader
        self._writer = writer
        self.tag = b""
        self.line = b""

    async def read(self) -> bytes:
        """Return the next line of the client, empty when it has gone."""
        return (await self._reader.readline()).rstrip(b"\r\n")

    async def say(self, octets: bytes) -> None:
        """Send octets; ``TAG`` stands for the tag of the present command."""
        self._writer.write(octets.replace(b"TAG", self.tag))
        await self._writer.drain()

    async def fall_silent(self) -> None:
        """Keep the connection and say nothing any more."""
        while await self.read():
            pass

    def vanish(self) -> None:
        """Cut the connection without a word."""
        self._writer.transport.abort()


class ScriptedImap:
    """A server whose commands are answered from a table.

    Args:
        answers: by the beginning of a command, ``UID SEARCH``; the longest that
            fits counts. A list is used up from its front, its last answer stays.

    Attributes:
        host: 127.0.0.1.
        port: chosen by the system.
        heard: every line any client sent, without tags.
    """

    host = LOOPBACK

    def __init__(self, **answers: Answer | list[Answer]) -> None:
        self.port = 0
        self.heard: list[bytes] = []
        self.connections = 0
        self.greeting: Answer = GREETING
        self._talks: dict[asyncio.Task[Any] | None, Talk] = {}
        self._answers: dict[bytes, list[Answer]] = {
            b"CAPABILITY": [b"* CAPABILITY " + CAPABILITIES + b"\r\nTAG OK done\r\n"],
            b"LOGIN": [b"TAG OK in\r\n"],
            b"SELECT": [
                b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] here\r\nTAG OK [READ-WRITE] in\r\n"
            ],
            b"UID SEARCH": [b"* SEARCH\r\nTAG OK done\r\n"],
            b"NOOP": [b"TAG OK done\r\n"],
            b"LOGOUT": [b"* BYE\r\nTAG OK bye\r\n"],
            b"IDLE": [idle],
        }
        for command, given in answers.items():
            self.on(command.replace("_", " "), given)

    def on(self, command: str, given: Answer | list[Answer]) -> None:
        """Answer a command so from now on."""
        self._answers[command.encode()] = given if isinstance(given, list) else [given]

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[ScriptedImap]:
        """Listen on a free port."""
        server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for talk in self._talks.values():
                talk.vanish()
            await asyncio.gather(*filter(None, self._talks), return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        talk = self._talks[asyncio.current_task()] = Talk(reader, writer)
        self.connections += 1
        with contextlib.suppress(ConnectionError):
            await self._give(talk, self.greeting)
            while line := await talk.read():
                talk.tag, _, talk.line = line.partition(b" ")
                self.heard.append(talk.line or talk.tag)
                await self._give(talk, self._next(talk.line))
        writer.transport.abort()

    async def _give(self, talk: Talk, answer: Answer) -> None:
        if isinstance(answer, bytes):
            await talk.say(answer)
        else:
            await answer(talk)

    def _next(self, line: bytes) -> Answer:
        fits = [start for start in self._answers if line.startswith(start)]
        if not fits:
            return b"TAG BAD unknown\r\n"
        waiting = self._answers[max(fits, key=len)]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


async def idle(talk: Talk) -> None:
    """Idle properly, without any news."""
    await talk.say(b"+ idling\r\n")
    await talk.read()
    await talk.say(b"TAG OK done\r\n")


def fetched(uid: int, content: bytes, tail: bytes = b"") -> bytes:
    """Return an untagged FETCH with a whole message."""
    head = (
        b'* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "25-Mar-2026 12:00:00 +0100" '
        b"BODY[] {%d}\r\n"
    )
    return head % (uid, uid, len(content), len(content)) + content + tail + b")\r\n"


def sized(*sizes: tuple[int, int]) -> bytes:
    """Return the answer to a question for sizes: (uid, size) pairs."""
    lines = [b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (u, u, s) for u, s in sizes]
    return b"".join(lines) + b"TAG OK done\r\n"
