"""Claim, extend, release: work that several workers share, once at a time.

A claim is a lease: it ends by itself, so what a killed worker held comes back. A
table that takes part has the columns ``claims``, ``leased_by`` and ``lease_until``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    and_,
    bindparam,
    or_,
    select,
    text,
    update,
)

from azbot.store.schema import UtcDateTime
from azbot.store.sql import Sql

_NOW = bindparam("now", type_=UtcDateTime)
_LOCKS = {
    "raw_messages": 0x617A_0001,
    "outbox": 0x617A_0002,
    "timers": 0x617A_0003,
    "holds": 0x617A_0004,
}
_LOCK = text("SELECT 1 FROM (SELECT pg_advisory_xact_lock(:lock)) AS locked")


class Leases:
    """The lease rules of one table, compiled once.

    Args:
        table: with the three lease columns.
        ready: which rows may be worked on, leases apart; may use the parameter
            ``now``.
        order: in which order they are given.
        columns: what a claim returns.
        lane: rows alike in these columns never have two holders.
        alive: the ``state`` of rows that are worked on, where there is a lane.
    """

    def __init__(
        self,
        table: Table,
        ready: ColumnElement[bool],
        order: Sequence[Column[Any]],
        columns: Sequence[ColumnElement[Any]],
        lane: Sequence[Column[Any]] = (),
        alive: str = "pending",
    ) -> None:
        self.table = table
        self._keys = tuple(table.primary_key.columns)
        free = or_(table.c.lease_until.is_(None), table.c.lease_until <= _NOW)
        self._find = (
            select(*columns)
            .where(ready, free, *_lane_is_free(table, lane, alive))
            .order_by(*order)
            .limit(bindparam("limit"))
            .with_for_update(skip_locked=True, of=table)
        )
        this = and_(*(key == bindparam(f"k_{key.name}") for key in self._keys))
        self._take = (
            update(table)
            .where(this)
            .values(
                claims=table.c.claims + 1,
                leased_by=bindparam("worker"),
                lease_until=bindparam("until", type_=UtcDateTime),
            )
        )
        mine = and_(this, table.c.leased_by == bindparam("worker"))
        self._extend = (
            update(table)
            .where(mine, table.c.lease_until > _NOW)
            .values(lease_until=bindparam("until", type_=UtcDateTime))
        )
        self._release = (
            update(table)
            .where(mine)
            .values(claims=table.c.claims - 1, leased_by=None, lease_until=None)
        )

    def claim(
        self,
        sql: Sql,
        worker: str,
        limit: int,
        lease: timedelta,
        now: datetime,
        facts: Mapping[str, Any] | None = None,
    ) -> list[Any]:
        """Take up to ``limit`` ready rows for ``worker`` until ``now + lease``.

        Args:
            sql: the transaction.
            worker: who takes them.
            limit: how many at most.
            lease: for how long.
            now: the present.
            facts: further parameters of ``ready``.

        Returns:
            the rows as they were before the claim, in the documented order.
        """
        if sql.is_postgresql:
            # Two claims at once could each take one row of the same lane: neither
            # sees the lease the other has not committed. Claims are short.
            sql.value(_LOCK, {"lock": _LOCKS[self.table.name]})
        rows = sql.all(self._find, {**(facts or {}), "now": now, "limit": limit})
        if rows:
            until = now + lease
            sql.run(
                self._take,
                [
                    {**self._key(row._asdict()), "worker": worker, "until": until}
                    for row in rows
                ],
            )
        return rows

    def extend(
        self,
        sql: Sql,
        key: Mapping[str, Any],
        worker: str,
        lease: timedelta,
        now: datetime,
    ) -> bool:
        """Hold a row longer; False when the lease is over or another's."""
        values = {"worker": worker, "until": now + lease, "now": now}
        return sql.run(self._extend, {**self._key(key), **values}) == 1

    def release(self, sql: Sql, key: Mapping[str, Any], worker: str) -> bool:
        """Give a row back as if it had not been claimed; False when not held."""
        return sql.run(self._release, {**self._key(key), "worker": worker}) == 1

    def _key(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {f"k_{key.name}": row[key.name] for key in self._keys}


def _lane_is_free(
    table: Table, lane: Sequence[Column[Any]], alive: str
) -> tuple[ColumnElement[bool], ...]:
    """No other row of the lane is held: its order is kept between workers."""
    if not lane:
        return ()
    other = table.alias("other")
    alike = [other.c[column.name] == column for column in lane]
    held = select(1).where(*alike, other.c.state == alive, other.c.lease_until > _NOW)
    return (~held.exists(),)
