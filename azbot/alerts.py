"""Tells the administrator, once, that a part has been failing for a while (E24).

A part that has given up is told of at once: nothing will mend it but a person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from azbot.desk import Desk
from azbot.store import Store, UnitOfWork
from azbot.supervise import LoopHealth, LoopState
from azbot.workflow.decision import Audience, Notice, NoticeKind

_AFTER = timedelta(minutes=10)
_NAMES = {
    "receive.email": "imap",
    "receive.telegram": "telegram",
    "work.raw": "intake",
    "work.outbox": "outbox",
}
"""Which alert of the catalogue a loop stands for; others have general words."""


class Alerts:
    """Watches the loops of one process.

    A failure is named by its loop and the instant it began: however often it is
    looked at, and by however many processes, it is told once.

    Args:
        health: how every loop fares now.
    """

    def __init__(
        self, store: Store, desk: Desk, health: Callable[[], Sequence[LoopHealth]]
    ) -> None:
        self._store = store
        self._desk = desk
        self._health = health
        self._told: dict[str, datetime] = {}

    async def step(self, now: datetime) -> int:
        """Tell of every loop that has given up, or has been failing for ten minutes.

        Returns:
            how many were told just now.
        """
        told = 0
        for loop in self._health():
            since = loop.failing_since_at
            if since is None:
                continue
            if now - since < _AFTER and loop.state is not LoopState.GIVEN_UP:
                continue
            if self._told.get(loop.name) == since:
                continue
            await self._store.write(partial(self._tell, loop, since, now))
            self._told[loop.name] = since
            told += 1
        return told

    def _tell(
        self, loop: LoopHealth, since: datetime, now: datetime, uow: UnitOfWork
    ) -> None:
        facts = {
            "what": _NAMES.get(loop.name, "other"),
            "cause": f"{loop.name}: {loop.last_error}",
            "since": since.isoformat(),
            "at": now.isoformat(),
        }
        notice = Notice(NoticeKind.ALERT, Audience.ADMIN, facts)
        key = f"alert:{loop.name}:{since.isoformat()}"
        self._desk.tell(uow, (notice,), None, key)
