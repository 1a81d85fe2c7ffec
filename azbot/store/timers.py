"""What must happen, and when, unless the state changes first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select

from azbot.store.leases import Leases
from azbot.store.schema import UtcDateTime
from azbot.store.schema import timers as table
from azbot.store.sql import Sql
from azbot.workflow.decision import Timer
from azbot.workflow.model import AssistanceId

_KEPT = (table.c.kind, table.c.subject, table.c.due_at)
_MINE = table.c.assistance_id == bindparam("key")
_OF = select(*_KEPT).where(_MINE).order_by(table.c.due_at, table.c.kind)
_ADD = insert(table).values(
    {
        name: bindparam(name, type_=table.c[name].type)
        for name in ("assistance_id", "kind", "subject", "due_at")
    }
)
_DROP = delete(table).where(
    _MINE,
    table.c.kind == bindparam("was_kind"),
    table.c.subject == bindparam("was_subject"),
)
_DONE = _DROP.where(table.c.due_at == bindparam("was_due_at", type_=UtcDateTime))
_LEASES = Leases(
    table,
    table.c.due_at <= bindparam("now", type_=UtcDateTime),
    (table.c.due_at, table.c.assistance_id, table.c.kind, table.c.subject),
    (table.c.assistance_id, *_KEPT),
)


class Timers:
    """The timers, inside one unit of work."""

    def __init__(self, sql: Sql, topics: set[str]) -> None:
        self._sql = sql
        self._topics = topics

    def replace(self, assistance: AssistanceId, timers: Sequence[Timer]) -> bool:
        """Make these the live timers of an assistance.

        Equal ones stay untouched, their lease included; others are dropped or new.

        Returns:
            whether anything changed.
        """
        old = set(self.of(assistance))
        new = set(timers)
        for timer in old - new:
            self._sql.run(_DROP, _key(assistance, timer))
        rows = [
            {
                "assistance_id": assistance,
                "kind": timer.kind,
                "subject": timer.subject,
                "due_at": timer.due_at,
            }
            for timer in timers
            if timer not in old
        ]
        if rows:
            self._sql.run(_ADD, rows)
            self._topics.add("timers")
        return old != new

    def of(self, assistance: AssistanceId) -> tuple[Timer, ...]:
        """Return the live timers of an assistance, soonest first."""
        rows = self._sql.all(_OF, {"key": assistance})
        return tuple(Timer(row.kind, row.subject, row.due_at) for row in rows)

    def claim(
        self, worker: str, limit: int, lease: timedelta, now: datetime
    ) -> list[tuple[AssistanceId, Timer]]:
        """Take up to ``limit`` timers that are due, longest due first."""
        rows = _LEASES.claim(self._sql, worker, limit, lease, now)
        return [
            (AssistanceId(row.assistance_id), Timer(row.kind, row.subject, row.due_at))
            for row in rows
        ]

    def done(self, assistance: AssistanceId, timer: Timer) -> bool:
        """Drop a timer that has fired.

        Returns:
            False when it is gone or has another instant: the state changed.
        """
        values = {**_key(assistance, timer), "was_due_at": timer.due_at}
        return self._sql.run(_DONE, values) == 1


def _key(assistance: AssistanceId, timer: Timer) -> dict[str, object]:
    return {
        "key": assistance,
        "was_kind": timer.kind,
        "was_subject": timer.subject,
    }
