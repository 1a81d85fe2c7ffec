"""Step 2: keep what a channel received, before anybody reads it."""

from __future__ import annotations

from collections.abc import Sequence

from azbot.messages import RawMessage
from azbot.store import Store, UnitOfWork


class LedgerSink:
    """The ``ports.Sink`` of azbot: one commit per batch, then the bell."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def accept(self, messages: Sequence[RawMessage]) -> None:
        """Store the batch durably; see ``ports.Sink.accept``."""
        if not messages:
            return

        def work(uow: UnitOfWork) -> None:
            if uow.raw.accept(messages):
                uow.ring("raw")

        await self._store.write(work)

    async def position(self, source: str) -> int:
        """Return the highest position stored from ``source``, 0 when none."""
        return await self._store.write(lambda uow: uow.raw.position(source))
