"""Reads the live stream of the desk as a browser does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from azbot.testing.patience import PATIENCE


@dataclass(frozen=True)
class Told:
    """One event of the stream.

    Attributes:
        mark: the id a browser keeps after it.
    """

    event: str
    data: dict[str, Any]
    mark: str


@dataclass
class Listener:
    """An open stream.

    Attributes:
        mark: the last id, as the browser would send it.
        heard: everything so far.
    """

    response: ClientResponse
    mark: str = ""
    heard: list[Told] = field(default_factory=list)

    async def next(self, *events: str) -> Told:
        """Return the next event of these types, the next of all when none is named.

        Raises:
            TimeoutError: nothing came.
            EOFError: the stream ended.
        """
        async with asyncio.timeout(PATIENCE):
            while True:
                told = await self._one()
                if not events or told.event in events:
                    return told

    async def changes(self, count: int) -> list[int]:
        """Return the numbers of the next changes."""
        return [(await self.next("change")).data["event"] for _ in range(count)]

    async def rest(self) -> list[str]:
        """Return what still comes until the stream ends, by type."""
        found = []
        async with asyncio.timeout(PATIENCE):
            try:
                while True:
                    found.append((await self._one()).event)
            except EOFError:
                return found

    async def _one(self) -> Told:
        fields: dict[str, str] = {}
        while True:
            line = (await self.response.content.readline()).decode()
            if not line:
                raise EOFError
            if line == "\n":
                if "data" in fields:
                    break
                fields = {}
                continue
            name, _, value = line.rstrip("\n").partition(":")
            fields[name] = value.removeprefix(" ")
        self.mark = fields.get("id", self.mark)
        told = Told(fields["event"], json.loads(fields["data"]), self.mark)
        self.heard.append(told)
        return told


@asynccontextmanager
async def listening(
    client: TestClient[Any, Any],
    session: Mapping[str, str],
    after: str = "",
    *,
    query: str = "",
    expected: Collection[str] = ("hello", "presence"),
) -> AsyncIterator[Listener]:
    """Open the stream, and read what it begins with.

    Args:
        client: of the web.
        session: headers of a browser that is signed in.
        after: sent as ``Last-Event-ID``.
        query: sent as ``?after=``.
        expected: the first events, passed over; empty to read them oneself.
    """
    headers = {**session, "Accept": "text/event-stream"}
    if after:
        headers["Last-Event-ID"] = after
    params = {"after": query} if query else {}
    response = await client.get("/inbox/live", headers=headers, params=params)
    try:
        assert response.status == 200, await response.text()
        listener = Listener(response)
        for event in expected:
            await listener.next(event)
        yield listener
    finally:
        response.close()
