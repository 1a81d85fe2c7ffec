"""Which message belongs to which assistance (email.md §3)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select, text, update

from azbot.messages import PersonId
from azbot.store.records import Direction, ThreadHit
from azbot.store.schema import threads as table
from azbot.store.sql import Sql
from azbot.workflow.model import AssistanceId

_REMEMBER = text(
    "INSERT INTO threads (message_id, direction, assistance_id, person_id)"
    " VALUES (:message_id, :direction, :assistance_id, :person_id)"
    " ON CONFLICT (message_id, direction) DO NOTHING"
)
_FIND = (
    select(table)
    .where(table.c.message_id == bindparam("message_id"))
    .order_by(table.c.direction.desc())
)
_MOVE = (
    update(table)
    .where(table.c.message_id == bindparam("name"), table.c.direction == "in")
    .values(assistance_id=bindparam("assistance"))
)


class Threads:
    """The known message ids, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._remembered: set[tuple[str, Direction]] = set()

    def remember(
        self,
        message_id: str,
        assistance: AssistanceId,
        person: PersonId | None,
        direction: Direction,
    ) -> None:
        """Note whose thread a message id names; the first to say so is believed.

        Args:
            message_id: with brackets; an empty one is passed over.
            assistance: whose thread.
            person: who wrote it (in) or for whom it is (out).
            direction: who sent it.
        """
        name = message_id.replace("\x00", "")
        if not name or (name, direction) in self._remembered:
            return  # where words were sent and what they became both say so
        self._remembered.add((name, direction))
        self._sql.run(
            _REMEMBER,
            {
                "message_id": name,
                "direction": direction.value,
                "assistance_id": assistance,
                "person_id": person,
            },
        )

    def move(self, message_id: str, assistance: AssistanceId) -> None:
        """Let a received message name the thread of another assistance from now on."""
        name = message_id.replace("\x00", "")
        self._sql.run(_MOVE, {"name": name, "assistance": assistance})

    def find(self, message_ids: Sequence[str]) -> ThreadHit | None:
        """Return the first of the ids that is known, in the order given.

        What we sent ourselves wins over a received message of the same id: anybody
        can write our ids into a mail of theirs.
        """
        for name in message_ids:
            row = self._sql.one(_FIND, {"message_id": name.replace("\x00", "")})
            if row is not None:
                return ThreadHit(
                    row.message_id,
                    Direction(row.direction),
                    AssistanceId(row.assistance_id),
                    None if row.person_id is None else PersonId(row.person_id),
                )
        return None
