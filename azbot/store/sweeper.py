"""Removes what nobody needs: uploads and requests left lying, halves, free paces."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from azbot.store.store import Store
from azbot.store.unit_of_work import UnitOfWork

_LOG = structlog.get_logger(__name__)
_BATCH = 100
_A_DAY = timedelta(days=1)
REQUESTS_KEPT_FOR = timedelta(days=7)
"""A request nobody went on with is forgotten after so long (ux.md 10.4)."""
_LEFT_ALONE = timedelta(hours=1)
"""A chat nobody wrote to for so long may be written to as if nobody ever had."""
_LONGER_THAN_ANY = timedelta(days=2)
"""A partial file that nothing was written to for so long is nobody's any more."""

_PARTS = 16
"""Of what is made of files, looked through one after the other, once a day."""


class Sweeper:
    """Keeps disk and tables free of what nobody comes back for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._part = -1

    async def step(self, now: datetime) -> int:
        """Remove one batch; return how many uploads there were.

        The row goes first: a file without one is found by its age, a row without its
        file would promise what is not there.
        """
        gone = await self._store.write(lambda uow: _drop(uow, now))
        for name in gone:
            await asyncio.to_thread(self._store.partials.drop, name)
        if not gone:
            await asyncio.to_thread(self._tidy, now)
        return len(gone)

    def _tidy(self, now: datetime) -> None:
        for name in self._store.partials.older(now - _LONGER_THAN_ANY):
            self._store.partials.drop(name)
            _LOG.info("sweeper.orphan", upload=name)
        self._store.blobs.tidy(now - _A_DAY)
        part = int(now.timestamp() * _PARTS / _A_DAY.total_seconds()) % _PARTS
        if part != self._part:
            self._store.drop_made_of_gone(part)
            self._part = part


def _drop(uow: UnitOfWork, now: datetime) -> list[str]:
    uow.request_drafts.drop_old(now - REQUESTS_KEPT_FOR)
    uow.paces.sweep(now - _LEFT_ALONE)
    gone = uow.uploads.over(now, _BATCH)
    for name in gone:
        uow.uploads.drop(name)
    return gone
