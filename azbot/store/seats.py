"""What one process of several does: whoever sits there, does it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NoReturn

from sqlalchemy import bindparam, update

from azbot.errors import StoreUnreachable
from azbot.ports import Clock
from azbot.store.codec import decode, encode
from azbot.store.drawers import Settings
from azbot.store.schema import settings as table
from azbot.store.sql import Sql

LEASE = timedelta(seconds=30)
"""How long a process that was killed on another machine keeps its seats."""

PREFIX = "seat."
"""Of the names of settings that say who sits where."""
_LOOK_AFTER = timedelta(seconds=5)
_TURN = (
    update(table)
    .where(table.c.name == bindparam("of_name"), table.c.value == bindparam("before"))
    .values(value=bindparam("after"))
)


class Seats:
    """The seats, inside one unit of work; each is a lease that ends by itself."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._settings = Settings(sql)

    def take(self, place: str, worker: str, lease: timedelta, now: datetime) -> bool:
        """Sit down, or stay seated, until ``now + lease``; False: somebody else sits.

        Args:
            place: what is done there.
            worker: who wants to.
            lease: for how long.
            now: the present.
        """
        name = PREFIX + place
        mine = encode([worker, (now + lease).isoformat()])
        before = self._settings.first(name, mine)
        if before == mine:
            return True
        holder, until = decode(before)
        if holder != worker and datetime.fromisoformat(until) > now:
            return False
        # Of two who find the seat free at once one is too late.
        values = {"of_name": name, "before": before, "after": mine}
        return self._sql.run(_TURN, values) == 1

    def leave(self, place: str, worker: str) -> bool:
        """Get up; False, and nothing changes, when somebody else sits there."""
        name = PREFIX + place
        held = self._settings.get(name)
        if held is None or decode(held)[0] != worker:
            return False
        return self._settings.drop(name)

    def is_taken(self, place: str, now: datetime) -> bool:
        """Whether somebody sits there now."""
        held = self._settings.get(PREFIX + place)
        return held is not None and datetime.fromisoformat(decode(held)[1]) > now

    def holders(self) -> set[str]:
        """Return everybody who sits somewhere, or sat there last."""
        return {decode(value)[0] for value in self._settings.below(PREFIX).values()}

    def forget(self, worker: str) -> int:
        """Free what somebody sits on who will never come back; return how much."""
        held = self._settings.below(PREFIX)
        places = [place for place, value in held.items() if decode(value)[0] == worker]
        return sum(self._settings.drop(PREFIX + place) for place in places)


Ask = Callable[[Callable[[Seats], bool]], Awaitable[bool]]
"""Runs one question about seats as a unit of work."""


async def seated(
    ask: Ask,
    clock: Clock,
    worker: str,
    place: str,
    work: Callable[[], Awaitable[None]],
) -> None:
    """Do the work once seated, and for as long; see ``ports.Sink.alone``."""

    async def sit() -> bool:
        now = clock.now()
        return await ask(lambda seats: seats.take(place, worker, LEASE, now))

    async def rest() -> None:
        await clock.sleep_until(clock.now() + _LOOK_AFTER)

    async def stay() -> NoReturn:
        while True:
            await rest()
            if not await sit():
                raise StoreUnreachable(f"another process took over {place}")

    while not await sit():
        await rest()
    try:
        async with asyncio.TaskGroup() as group:
            staying = group.create_task(stay())
            try:
                await work()
            finally:
                staying.cancel()
    finally:
        await asyncio.shield(ask(lambda seats: seats.leave(place, worker)))
