"""Who holds leases, over all tables: what a dead process held is free at once."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from azbot.store.schema import holds, outbox, raw_messages, timers
from azbot.store.seats import Seats
from azbot.store.sql import Sql

_TABLES = (raw_messages, outbox, timers, holds)
_NAMES = [
    select(table.c.leased_by).where(table.c.leased_by.is_not(None)).distinct()
    for table in _TABLES
]
_FORGET = [
    update(table)
    .where(table.c.leased_by == bindparam("worker"))
    .values(leased_by=None, lease_until=None)
    for table in _TABLES
]


class Holders:
    """The workers that hold something, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._seats = Seats(sql)

    def names(self) -> set[str]:
        """Return every worker that holds a lease, over or not."""
        names = {row.leased_by for query in _NAMES for row in self._sql.all(query)}
        return names | self._seats.holders()

    def forget(self, worker: str) -> int:
        """Free what a worker holds that will never come back; return how much.

        Claims stay counted: a message that kills its workers is found out.
        """
        rows = sum(self._sql.run(query, {"worker": worker}) for query in _FORGET)
        return rows + self._seats.forget(worker)
