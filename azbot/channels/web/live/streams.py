"""One open connection of a browser: what it has still to read, bounded."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping

from azbot.messages import PersonId

MOST_WAITING = 1000
"""Frames a slow reader may leave unread. They are shared by all streams, so each
costs a reference; who is further behind is quicker in reading the page anew."""


def frame(event: str, data: Mapping[str, object], mark: object = None) -> bytes:
    """Return one event as it goes over the wire.

    Args:
        event: its type.
        data: small, JSON.
        mark: what the reader has been told with it; None leaves that as it was.

    Source: HTML Living Standard §9.2.5 (event stream format).
    """
    told = "" if mark is None else f"id: {mark}\n"
    words = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{told}event: {event}\ndata: {words}\n\n".encode()


class Stream:
    """What one connection has still to read; iterating waits for more.

    Args:
        session: hash of the session that opened it.
        person: whose session that is.
        is_cut: tells when nobody is at the other end any more.
    """

    def __init__(
        self, session: str, person: PersonId, is_cut: Callable[[], bool]
    ) -> None:
        self.session = session
        self.person = person
        self._is_cut = is_cut
        self._frames: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._is_over = False

    @property
    def is_open(self) -> bool:
        """Whether it is worth writing to."""
        return not self._is_over and not self._is_cut()

    @property
    def waiting(self) -> int:
        """How many frames nobody has read yet."""
        return len(self._frames)

    def push(self, told: bytes, instead: bytes) -> None:
        """Add a frame; when too many wait, drop them all and end.

        Args:
            told: the frame.
            instead: said last to a reader who is too slow.
        """
        if self._is_over:
            return
        if len(self._frames) >= MOST_WAITING:
            self._frames.clear()
            self.end(instead)
            return
        self._frames.append(told)
        self._news.set()

    def end(self, last: bytes = b"") -> None:
        """Let the connection end once everything is read."""
        if last and not self._is_over:
            self._frames.append(last)
        self._is_over = True
        self._news.set()

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> bytes:
        """Return everything that waits, in one piece."""
        while not self._frames:
            if self._is_over:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        told = b"".join(self._frames)
        self._frames.clear()
        return told
