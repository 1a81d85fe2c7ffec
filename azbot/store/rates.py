"""How often somebody wrote lately: what tells a robot in a loop from a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, literal_column, or_, select

from azbot.messages import PersonId
from azbot.store.schema import UtcDateTime, assistances, events, outbox
from azbot.store.sql import Sql
from azbot.workflow.model import AssistanceId

_SINCE = bindparam("since", type_=UtcDateTime)
_OPENED = (
    select(func.count())
    .select_from(assistances)
    .where(
        assistances.c.requester_id == bindparam("person"),
        assistances.c.opened_at >= _SINCE,
    )
)
_SAID = (
    select(func.count())
    .select_from(events)
    .where(
        events.c.assistance_id == bindparam("assistance"),
        events.c.person_id == bindparam("person"),
        events.c.at >= _SINCE,
        events.c.kind == "MessageAdded",
    )
)
# The newest lines first: whoever talks at present is found at once.
_HAS_SAID = _SAID.with_only_columns(events.c.id).order_by(events.c.seq.desc()).limit(1)
_ABSENCES = (
    select(func.count())
    .select_from(events)
    .where(
        events.c.assistance_id == bindparam("assistance"),
        events.c.at >= _SINCE,
        events.c.kind == "AbsenceNoted",
    )
)
_ACKNOWLEDGED = select(func.max(outbox.c.due_at)).where(
    outbox.c.assistance_id.in_(
        select(assistances.c.id).where(
            assistances.c.requester_id == bindparam("person"),
            assistances.c.opened_at >= _SINCE,
        )
    ),
    outbox.c.person_id == bindparam("person"),
    or_(
        outbox.c.kind == literal_column("'opened'"),
        outbox.c.kind == literal_column("'incomplete'"),
    ),
)


class Rates:
    """Counts over a recent while, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def opened(self, person: PersonId, since: datetime) -> int:
        """Return how many assistances somebody opened since then."""
        values = {"person": person, "since": since}
        return int(self._sql.value(_OPENED, values) or 0)

    def said(self, assistance: AssistanceId, person: PersonId, since: datetime) -> int:
        """Return how many messages somebody added to one assistance since then."""
        values = {"assistance": assistance, "person": person, "since": since}
        return int(self._sql.value(_SAID, values) or 0)

    def has_said(
        self, assistance: AssistanceId, person: PersonId, since: datetime
    ) -> bool:
        """Whether somebody added a message to one assistance since then."""
        values = {"assistance": assistance, "person": person, "since": since}
        return self._sql.value(_HAS_SAID, values) is not None

    def absences(self, assistance: AssistanceId, since: datetime) -> int:
        """Return how many automatic answers one assistance noted since then."""
        values = {"assistance": assistance, "since": since}
        return int(self._sql.value(_ABSENCES, values) or 0)

    def acknowledged_at(self, person: PersonId, since: datetime) -> datetime | None:
        """Return for when the last acknowledgement to somebody is meant.

        Args:
            person: the requester.
            since: assistances opened earlier do not count.
        """
        values = {"person": person, "since": since}
        at: datetime | None = self._sql.value(_ACKNOWLEDGED, values)
        return at
