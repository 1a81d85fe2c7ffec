"""One request at a time for each file, and the newest is the one that counts.

A line that died keeps its request alive on our side until somebody notices. Whoever
comes back for the same file ends it, and continues where it came to.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Turn:
    """The right to work on one file.

    Attributes:
        lock: held by whoever has the turn.
        waiting: how many want it, the holder included.
        patience: ends the holder's reading, while it reads.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    patience: asyncio.Timeout | None = None

    def interrupt(self) -> None:
        """End the reading of whoever has the turn; what it read stays."""
        if self.patience is not None and not self.patience.expired():
            self.patience.reschedule(asyncio.get_running_loop().time())


class Turns:
    """The turns of every file of this process."""

    def __init__(self) -> None:
        self._turns: dict[str, Turn] = {}

    @asynccontextmanager
    async def taken(self, key: str) -> AsyncIterator[Turn]:
        """Take the turn of one file over from whoever reads."""
        turn = self._turns.setdefault(key, Turn())
        turn.waiting += 1
        turn.interrupt()
        try:
            async with turn.lock:
                yield turn
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                del self._turns[key]
