"""How much of an assistance each agent has seen."""

from __future__ import annotations

from sqlalchemy import bindparam, select, text

from azbot.messages import PersonId
from azbot.store.schema import readings as table
from azbot.store.sql import Sql
from azbot.workflow.model import AssistanceId

_PUT = (
    "INSERT INTO readings (person_id, assistance_id, inbound)"
    " VALUES (:person, :assistance, :inbound)"
    " ON CONFLICT (person_id, assistance_id) DO UPDATE SET inbound = excluded.inbound"
)
_SEE = text(f"{_PUT} WHERE readings.inbound < excluded.inbound")
_UNSEE = text(_PUT)
_SEEN = select(table.c.inbound).where(
    table.c.person_id == bindparam("person"),
    table.c.assistance_id == bindparam("assistance"),
)


class Readings:
    """The readings, inside one unit of work.

    What is counted are the messages that came in, ``Assistance.inbound``: whoever has
    seen fewer has something unread.
    """

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def seen(self, person: PersonId, assistance: AssistanceId) -> int:
        """Return how many messages somebody has seen."""
        values = {"person": person, "assistance": assistance}
        return int(self._sql.value(_SEEN, values) or 0)

    def see(self, person: PersonId, assistance: AssistanceId, inbound: int) -> None:
        """Note that somebody has seen so many messages; never fewer than before."""
        self._sql.run(_SEE, _row(person, assistance, inbound))

    def unsee(self, person: PersonId, assistance: AssistanceId, inbound: int) -> None:
        """Make the last of so many messages unread again (ux.md 6.2, ``U``)."""
        self._sql.run(_UNSEE, _row(person, assistance, max(inbound - 1, 0)))


def _row(person: PersonId, assistance: AssistanceId, inbound: int) -> dict[str, int]:
    return {"person": person, "assistance": assistance, "inbound": inbound}
