"""A sink that remembers what it was given, and fails when told to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from azbot.errors import StoreUnreachable
from azbot.messages import RawMessage
from azbot.testing.patience import PATIENCE


class RecordingSink:
    """Stores raw messages in memory (``ports.Sink``).

    Attributes:
        batches: what each ``accept`` was given, in order, repeats included.
    """

    def __init__(self) -> None:
        self.batches: list[tuple[RawMessage, ...]] = []
        self._stored: dict[tuple[str, int], RawMessage] = {}
        self._failures = 0
        self._changed = asyncio.Event()

    @property
    def messages(self) -> list[RawMessage]:
        """Every message once, in the order of arrival."""
        return list(self._stored.values())

    def fail(self, times: int = 1) -> None:
        """Let the next batches fail as an unreachable database does."""
        self._failures = times

    async def accept(self, messages: Sequence[RawMessage]) -> None:
        """Store the batch; a known message is silent success.

        Raises:
            StoreUnreachable: as told by ``fail``; nothing of the batch is stored.
        """
        self.batches.append(tuple(messages))
        if self._failures:
            self._failures -= 1
            raise StoreUnreachable("told to fail")
        for message in messages:
            self._stored.setdefault((message.source, message.position), message)
        self._changed.set()

    async def position(self, source: str) -> int:
        """Return the highest position stored from a source, 0 when none."""
        return max(
            (number for name, number in self._stored if name == source), default=0
        )

    async def latest(self, prefix: str) -> tuple[str, datetime] | None:
        """Return the last source that begins so, and when it was heard."""
        for message in reversed(self._stored.values()):
            if message.source.startswith(prefix):
                return message.source, message.received_at
        return None

    async def alone(self, place: str, work: Callable[[], Awaitable[None]]) -> None:  # noqa: ARG002
        """Do the work: there is no other process."""
        await work()

    async def wait_for(self, count: int, within: float = PATIENCE) -> list[RawMessage]:
        """Return the messages once there are so many.

        Raises:
            TimeoutError: there were fewer after so many real seconds.
        """
        async with asyncio.timeout(within):
            while len(self._stored) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.messages
