"""Rings after a commit: in this process, and through PostgreSQL in all of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from typing_extensions import override

from azbot.ports import Bell, Clock

TOPICS = (
    "raw",
    "outbox",
    "acts",
    "timers",
    "events",
    "holds",
    "signals",
    "presence",
    "settings",
)
"""What is rung for: ``outbox`` says of letters what ``acts`` says of chats; of
``settings`` only whoever changes one."""


class LocalBell(Bell):
    """A bell for one process.

    Each task that waits is told once of what rang since its last wait, so several
    tasks may wait for one topic and none misses a ring.

    Args:
        clock: decides when ``until`` is reached.
        poll: a wait ends after so long in any case, as if it had rung: another
            process may have committed without a bell we hear. None: never.
    """

    def __init__(self, clock: Clock, poll: timedelta | None = None) -> None:
        self._clock = clock
        self._poll = poll
        self._lock = threading.Lock()
        self._rung: dict[str, int] = {}
        self._unheard: set[str] = set()
        self._heard: WeakKeyDictionary[asyncio.Task[object], dict[str, int]]
        self._heard = WeakKeyDictionary()
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}

    @override
    def ring(self, topics: Iterable[str]) -> None:
        """Wake whoever waits; see ``ports.Bell``."""
        with self._lock:
            for topic in topics:
                self._rung[topic] = self._rung.get(topic, 0) + 1
                sleepers = self._waiting.pop(topic, set())
                if not sleepers:
                    self._unheard.add(topic)
                for sleeper in sleepers:
                    _wake(sleeper)

    @override
    async def wait(self, topic: str, until: datetime) -> None:
        """Return when it rang, or at ``until``; see ``ports.Bell``."""
        sleeper = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._has_news(topic):
                return
            self._waiting.setdefault(topic, set()).add(sleeper)
        try:
            await self._first(sleeper, until)
        finally:
            with self._lock:
                self._waiting.get(topic, set()).discard(sleeper)
                self._note(topic)

    async def _first(self, sleeper: asyncio.Future[None], until: datetime) -> None:
        if self._poll is not None:
            until = min(until, self._clock.now() + self._poll)
        async with asyncio.TaskGroup() as group:
            alarm = group.create_task(self._clock.sleep_until(until))
            await asyncio.wait((alarm, sleeper), return_when=asyncio.FIRST_COMPLETED)
            alarm.cancel()

    def _has_news(self, topic: str) -> bool:
        """Whether it rang since this task's last wait; notes that it was told."""
        task = asyncio.current_task()
        heard = None if task is None else self._heard.get(task)
        if heard is not None and topic in heard:
            news = self._rung.get(topic, 0) > heard[topic]
        else:
            news = topic in self._unheard
        if news:
            self._note(topic)
        return news

    def _note(self, topic: str) -> None:
        self._unheard.discard(topic)
        task = asyncio.current_task()
        if task is not None:
            self._heard.setdefault(task, {})[topic] = self._rung.get(topic, 0)


def _wake(sleeper: asyncio.Future[None]) -> None:
    def resolve() -> None:
        if not sleeper.done():
            sleeper.set_result(None)

    # The loop may have closed between the commit and the ring.
    with suppress(RuntimeError):
        sleeper.get_loop().call_soon_threadsafe(resolve)
