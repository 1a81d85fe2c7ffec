"""Time that passes when a test says so."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

from azbot.clock import require_aware
from azbot.testing.patience import PATIENCE

A_MONDAY_MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""Where a fake clock starts: 9 o'clock in Paris, on a working day."""

_ROUNDS = 1_000


class FakeClock:
    """A clock that stands still until it is advanced.

    Args:
        start: the first instant, aware.
    """

    def __init__(self, start: datetime = A_MONDAY_MORNING) -> None:
        require_aware(start)
        self._now = start.astimezone(UTC)
        self._order = itertools.count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._lay_down = asyncio.Event()

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        return self._now

    async def sleep_until(self, when: datetime) -> None:
        """Return once ``now() >= when``; at once for a past instant.

        Raises:
            ValueError: ``when`` is naive.
        """
        require_aware(when)
        if when <= self._now:
            await asyncio.sleep(0)
            return
        alarm = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (when, next(self._order), alarm))
        self._lay_down.set()
        await alarm

    @property
    def alarms(self) -> tuple[datetime, ...]:
        """The instants somebody sleeps until, soonest first, UTC."""
        return tuple(sorted(when.astimezone(UTC) for when, _, _ in self._awaited()))

    async def advance(self, by: timedelta) -> None:
        """Let time pass; wake each sleeper at its own instant, in order.

        After each one the loop settles, so that whoever woke may sleep again within
        the same advance.

        Args:
            by: how long, not negative.
        """
        await self.advance_to(self._now + by)

    async def advance_to(self, when: datetime) -> None:
        """Let time pass until an instant; see ``advance``.

        Raises:
            ValueError: ``when`` is naive, or past.
        """
        require_aware(when)
        if when < self._now:
            raise ValueError(f"{when.isoformat()} is past: time does not run back")
        await settle()
        while self._sleepers and self._sleepers[0][0] <= when:
            due, _, alarm = heapq.heappop(self._sleepers)
            if alarm.done():
                continue
            self._now = max(self._now, due.astimezone(UTC))
            alarm.set_result(None)
            await settle()
        self._now = when.astimezone(UTC)
        await settle()

    async def until_asleep(self, sleepers: int = 1) -> None:
        """Return once so many sleep on this clock.

        For loops that work in threads: the loop looks settled while a thread still
        works for it.

        Raises:
            TimeoutError: after ``PATIENCE`` real seconds.
        """
        async with asyncio.timeout(PATIENCE):
            while len(self._awaited()) < sleepers:
                self._lay_down.clear()
                await self._lay_down.wait()

    def _awaited(self) -> list[tuple[datetime, int, asyncio.Future[None]]]:
        return [each for each in self._sleepers if not each[2].done()]


async def settle() -> None:
    """Return when nothing in the running loop is ready to run any more.

    Work in threads and on sockets is not waited for.

    Raises:
        RuntimeError: the loop never comes to rest.
    """
    # The queue of ready callbacks is private and has been there since 3.4; a loop
    # without it gets a number of turns that no test of ours needs.
    ready = getattr(asyncio.get_running_loop(), "_ready", None)
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
        if ready is not None and not ready:
            return
    if ready is not None:
        raise RuntimeError(f"the loop is still busy after {_ROUNDS} turns")
