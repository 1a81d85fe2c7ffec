"""The one way to change the history: for a person's right to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import bindparam, delete, insert
from sqlalchemy.exc import SQLAlchemyError

from azbot.store.schema import erasure_gate
from azbot.store.sql import Sql

_OPEN = insert(erasure_gate).values(reason=bindparam("reason"))
_SHUT = delete(erasure_gate)


@contextmanager
def erasing(sql: Sql, reason: str) -> Iterator[None]:
    """Let this transaction, and no other, change and delete lines of history.

    The gate is a row that the same transaction removes: nobody else ever sees it,
    and a crash leaves it shut.

    Args:
        sql: of the unit of work, ``uow.sql``.
        reason: for whoever watches the transaction.
    """
    sql.run(_OPEN, {"reason": reason})
    try:
        yield
    except BaseException:
        # PostgreSQL refuses everything after an error, this too, and the commit.
        with suppress(SQLAlchemyError):
            sql.run(_SHUT)
        raise
    sql.run(_SHUT)
