"""How views ask: one statement, one short-lived connection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Table, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from azbot.ports import Blobs
from azbot.store.octets import fetch
from azbot.store.translate import translating

_SECONDS = 30.0


class Reader:
    """What the parts of ``Views`` share."""

    def __init__(self, engine: AsyncEngine, blobs: Blobs) -> None:
        self._engine = engine
        self._blobs = blobs
        self._is_postgresql = engine.dialect.name == "postgresql"

    async def _all(self, query: Select[Any]) -> Sequence[Any]:
        with translating():
            async with asyncio.timeout(_SECONDS), self._engine.connect() as connection:
                rows: Sequence[Any] = (await connection.execute(query)).all()
                return rows

    async def _one(self, query: Select[Any]) -> Any | None:
        rows = await self._all(query)
        return rows[0] if rows else None

    async def _octets(self, table: Table, key: int) -> bytes | None:
        query = select(table.c.content, table.c.blob).where(table.c.id == key)
        row = await self._one(query)
        if row is None:
            return None
        return await asyncio.to_thread(fetch, self._blobs, row.content, row.blob)

    async def _by_state(self, table: Table) -> dict[str, int]:
        query = select(table.c.state, func.count()).group_by(table.c.state)
        return {row[0]: row[1] for row in await self._all(query)}
