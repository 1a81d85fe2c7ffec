"""Links that open nothing any more: those of a person that left before an instant."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, insert, or_, select, update

from azbot.messages import PersonId
from azbot.store.schema import UtcDateTime
from azbot.store.schema import revocations as table
from azbot.store.sql import Sql
from azbot.workflow.model import AssistanceId

EVERY = AssistanceId(0)
"""Stands for all assistances, as in tokens it stands for none."""

_VALUES = {c.name: bindparam(c.name, type_=c.type) for c in table.c}
_ADD = insert(table).values(_VALUES)
_MOVE = (
    update(table)
    .where(
        table.c.person_id == bindparam("person"),
        table.c.assistance_id == bindparam("assistance"),
    )
    .values(before=bindparam("at", type_=UtcDateTime))
)

_BEFORE = select(func.max(table.c.before).label("before")).where(
    table.c.person_id == bindparam("person"),
    table.c.assistance_id.in_((bindparam("assistance"), EVERY)),
)


class Revocations:
    """The revocations, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def revoke(
        self, person: PersonId, at: datetime, assistance: AssistanceId = EVERY
    ) -> None:
        """End every link of a person that left before an instant.

        Args:
            person: whose links.
            at: those that left in this very second live on.
            assistance: of this one alone; ``EVERY``: of all of them.
        """
        at = at.replace(microsecond=0)
        values = {"person": person, "assistance": assistance, "at": at}
        if self._sql.run(_MOVE, values) == 0:
            row = {"person_id": person, "assistance_id": assistance, "before": at}
            self._sql.run(_ADD, row)

    def before(self, person: PersonId, assistance: AssistanceId) -> datetime | None:
        """Return until when links about an assistance must have left to be dead."""
        values = {"person": person, "assistance": assistance}
        at: datetime | None = self._sql.value(_BEFORE, values)
        return at


def ends(person: PersonId, assistance: AssistanceId) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of what ends a link about an assistance."""
    is_about = or_(table.c.assistance_id == assistance, table.c.assistance_id == EVERY)
    return (table.c.person_id == person, is_about)
