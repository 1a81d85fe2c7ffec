"""Time that runs like everybody's, and can jump ahead to the next scene."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from azbot.ports import Clock


class StillClock:
    """A clock that shows one instant for ever."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return the instant."""
        return self._at

    async def sleep_until(self, when: datetime) -> None:
        """Return at once for what is past; the rest never comes."""
        if when > self._at:
            await asyncio.Event().wait()


class StoryClock:
    """A clock ahead of another by as much as the story has skipped.

    Args:
        real: runs on.
        begins_at: what it shows first; the present by default.
    """

    def __init__(self, real: Clock, begins_at: datetime | None = None) -> None:
        self._real = real
        self._before = begins_at - real.now() if begins_at else timedelta()
        self._ahead = self._before
        self._jumped = asyncio.Event()

    def now(self) -> datetime:
        """Return the present instant of the story, aware, UTC."""
        return self._real.now() + self._ahead

    def jump_to(self, when: datetime) -> None:
        """Go ahead to an instant; a past one changes nothing."""
        if when > self.now():
            self._ahead += when - self.now()
            self._jumped.set()
            self._jumped = asyncio.Event()

    def begin_again(self) -> None:
        """Take back every jump: the story begins anew, in the real present."""
        self._ahead = self._before

    async def sleep_until(self, when: datetime) -> None:
        """Return once the story has reached ``when``, by waiting or by a jump."""
        while self.now() < when:
            jumped, left = self._jumped, when - self.now()
            try:
                async with asyncio.timeout(left.total_seconds()):
                    await jumped.wait()
            except TimeoutError:
                return
