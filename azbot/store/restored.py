"""What may have left between a backup and its restoring: set aside for a person.

A restored database waits to send what it waited to send at the time of the backup, and
its timers fall due again. Nobody but the desk knows what left meanwhile.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from azbot.store.chats import ASKED, CARD
from azbot.store.drawers import Settings
from azbot.store.records import DeliveryState
from azbot.store.schema import UtcDateTime, outbox, settings
from azbot.store.sql import Sql
from azbot.workflow.model import AssistanceId

SET_ASIDE = "restored: it may have left after the backup"
"""Why a delivery was given up that nobody tried."""

RESTORED_AT = "restored_at"
"""Name of the value that says when a database was restored: ISO 8601, UTC."""
_ASIDE = (
    update(outbox)
    .where(
        outbox.c.state == DeliveryState.PENDING.value,
        # These change what stands in a chat already: once more does no harm.
        outbox.c.kind != CARD,
        outbox.c.kind != ASKED,
    )
    .values(
        state=DeliveryState.DEAD.value,
        error=SET_ASIDE,
        claims=0,
        leased_by=None,
        lease_until=None,
    )
)
_ASIDE_SINCE = _ASIDE.where(
    outbox.c.id > bindparam("last"), outbox.c.assistance_id == bindparam("assistance")
)
_LAST = select(func.max(outbox.c.id))
_HELD = select(outbox.c.id).where(
    outbox.c.state == DeliveryState.DEAD.value, outbox.c.error == SET_ASIDE
)


def set_aside(connection: Connection, now: datetime) -> int:
    """Give up what waits in a database that was just restored; return how much.

    What is to be sent later than now did not leave yet, and waits on.

    Args:
        connection: in the transaction that restores.
        now: when it is restored; remembered for what falls due by itself.
    """
    due_at = bindparam("now", type_=UtcDateTime)
    is_due = or_(outbox.c.due_at <= due_at, outbox.c.first_attempt_at.is_not(None))
    count = connection.execute(_ASIDE.where(is_due), {"now": now}).rowcount
    connection.execute(delete(settings).where(settings.c.name == RESTORED_AT))
    at = now.astimezone(UTC).isoformat()
    connection.execute(insert(settings), {"name": RESTORED_AT, "value": at})
    return count


class Restoring:
    """What a restored database has to be careful about, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def at(self) -> datetime | None:
        """Return when this database was restored; None: it never was."""
        kept = Settings(self._sql).get(RESTORED_AT)
        return None if kept is None else datetime.fromisoformat(kept)

    def last(self) -> int:
        """Return the number of the newest delivery, 0 when there is none."""
        return self._sql.value(_LAST) or 0

    def set_aside(self, assistance: AssistanceId, last: int) -> int:
        """Give up what this unit of work put for an assistance; return how much.

        Args:
            assistance: whose.
            last: the newest delivery before.
        """
        return self._sql.run(_ASIDE_SINCE, {"assistance": assistance, "last": last})

    def held(self) -> list[int]:
        """Return the numbers of what is set aside, oldest first."""
        return sorted(row.id for row in self._sql.all(_HELD))
