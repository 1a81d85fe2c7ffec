"""What is over long enough leaves everyday work (``[retention] years``, ux.md 5.1).

Every loop of every process may do this at once: which assistances leave follows from
the rows alone, each is looked at again in the unit of work that moves it, and moving
it twice is moving it once.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from azbot.clock import years_before
from azbot.config import RetentionSettings
from azbot.store import Store

_LOG = structlog.get_logger(__name__)
_BATCH = 100
"""So many are moved in one unit of work; others wait for the writer meanwhile."""


class Archivist:
    """Moves assistances into the restricted archive, a batch at a time."""

    def __init__(
        self, store: Store, kept: RetentionSettings, batch: int = _BATCH
    ) -> None:
        self._store = store
        self._kept = kept
        self._batch = batch

    async def step(self, now: datetime) -> int:
        """Move one batch; return how many there were, 0 when there is no more."""
        before = years_before(now, self._kept.years)
        ripe = await self._store.views.ripe(before, self._batch)
        if not ripe:
            return 0
        moved = await self._store.write(
            lambda uow: uow.archive.put_away(ripe, before, now)
        )
        _LOG.info("archive.moved", count=moved)
        return moved
