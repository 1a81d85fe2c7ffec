"""What stirs beside the histories: deliveries and the ledger, for pages that watch.

A signal says where to look again, not what was found. Signals are numbered like
events, so whoever watches asks for what came after the last one it saw; only the
newest are kept.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import bindparam, delete, insert, literal, select

from azbot.store.schema import outbox
from azbot.store.schema import signals as table
from azbot.store.sql import Sql

KEPT = 2000
"""At least so many of the newest signals stay."""

_SWEEP_EVERY = 500


class Topic(StrEnum):
    """What a signal is about."""

    DELIVERY = "delivery"
    """A delivery of an assistance was sent, put off, given up or set going again."""
    LEDGER = "ledger"
    """A message began or ceased to wait for a person."""


_ADD = (
    insert(table)
    .values(topic=bindparam("topic", type_=table.c.topic.type))
    .returning(table.c.id)
)
_ADD_DELIVERY = (
    insert(table)
    .from_select(
        ["topic", "assistance_id"],
        select(literal(Topic.DELIVERY.value), outbox.c.assistance_id).where(
            outbox.c.id == bindparam("key"), outbox.c.assistance_id.is_not(None)
        ),
    )
    .returning(table.c.id)
)
_SWEEP = delete(table).where(table.c.id <= bindparam("upto"))


class Signals:
    """The signals, inside one unit of work."""

    def __init__(self, sql: Sql, topics: set[str]) -> None:
        self._sql = sql
        self._topics = topics

    def delivery(self, key: int) -> None:
        """Note that a delivery changed; one about no assistance is passed over."""
        number = self._sql.value(_ADD_DELIVERY, {"key": key})
        if number is not None:
            self._added(number)

    def ledger(self) -> None:
        """Note that other messages wait for a person than before."""
        self._added(self._sql.value(_ADD, {"topic": Topic.LEDGER.value}))

    def _added(self, number: int) -> None:
        self._topics.add("signals")
        if number % _SWEEP_EVERY == 0:
            self._sql.run(_SWEEP, {"upto": number - KEPT})
