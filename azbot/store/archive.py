"""The restricted archive: what has left everyday work and is not erased yet.

An archived row stays where it is, for its figures and its history; ``archived_at``
takes it out of every list, search and state that everyday work reads.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, exists, select, update

from azbot.store.filters import IS_AT_HAND, IS_OPEN
from azbot.store.lapsing import BEFORE, HAS_LAPSED
from azbot.store.records import DeliveryState
from azbot.store.schema import (
    UtcDateTime,
    assistances,
    holds,
    outbox,
    people,
    reply_drafts,
    timers,
)
from azbot.store.sql import Sql, Statement
from azbot.workflow.model import AssistanceId

_KEY = bindparam("key", type_=assistances.c.id.type)
IS_RIPE = and_(
    # Each said as its index says it: the oldest that ended, without a look at others.
    ~IS_OPEN,
    assistances.c.updated_at < BEFORE,
    IS_AT_HAND,
    # Somebody waits for the desk, or an agent wants it back: that is work.
    assistances.c.attention_since.is_(None),
    assistances.c.snoozed_until.is_(None),
    exists(
        select(people.c.id).where(people.c.id == assistances.c.requester_id, HAS_LAPSED)
    ),
)
"""It ended, and its requester's time in everyday work is over since ``before``."""

_PUT_AWAY = (
    update(assistances)
    .where(assistances.c.id == _KEY, IS_RIPE)
    .values(archived_at=bindparam("now", type_=UtcDateTime))
)
_HAS = select(assistances.c.id).where(
    assistances.c.id == _KEY, assistances.c.archived_at.is_not(None)
)
_LEFT_LYING: tuple[Statement, ...] = (
    *(
        delete(table).where(table.c.assistance_id == _KEY)
        for table in (reply_drafts, holds, timers)
    ),
    # Nobody will send them again after years: they leave the queue of failures.
    update(outbox)
    .where(outbox.c.assistance_id == _KEY, outbox.c.state == DeliveryState.DEAD.value)
    .values(state=DeliveryState.CANCELLED.value),
)


class Archive:
    """The archive, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def has(self, key: AssistanceId) -> bool:
        """Whether an assistance has left everyday work."""
        return self._sql.one(_HAS, {"key": key}) is not None

    def put_away(
        self, keys: Collection[AssistanceId], before: datetime, now: datetime
    ) -> int:
        """Let assistances leave everyday work, those that are ripe; return how many.

        Looked at again here: somebody may have written since they were found.

        Args:
            keys: found by ``ArchiveViews.ripe``.
            before: the last activity of the requester must lie before it.
            now: since when they are archived.
        """
        done = 0
        for key in keys:
            values = {"key": key, "before": before, "now": now}
            if self._sql.run(_PUT_AWAY, values):
                done += 1
                for statement in _LEFT_LYING:
                    self._sql.run(statement, {"key": key})
        return done
