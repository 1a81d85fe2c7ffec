"""History, append only: what happened, to whom it may be told, by whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from azbot.messages import PersonId, Trust
from azbot.store.codec import decode_event, encode
from azbot.store.schema import events as table
from azbot.store.search import Search
from azbot.store.sql import Sql
from azbot.workflow.decision import Recorded
from azbot.workflow.events import DocumentAdded, Event
from azbot.workflow.model import Actor, AssistanceId, Role, StationId, Status

_FILLED = [c for c in table.c if c.name not in ("id", "seq")]
# Whoever writes a history holds its assistance: nobody else takes the next place.
_NEXT = (
    select(func.coalesce(func.max(table.c.seq), 0) + 1)
    .where(table.c.assistance_id == bindparam("assistance_id"))
    .scalar_subquery()
)
_ADD = (
    insert(table)
    .values(
        {
            **{c.name: bindparam(c.name, type_=c.type) for c in _FILLED},
            "seq": _NEXT,
        }
    )
    .returning(table.c.id, table.c.seq)
)
_OF = (
    select(table).where(table.c.assistance_id == bindparam("key")).order_by(table.c.seq)
)
_LATER = (
    select(table)
    .where(
        table.c.assistance_id == bindparam("key"), table.c.id > bindparam("after_id")
    )
    .order_by(table.c.seq)
)


class Events:
    """The history, inside one unit of work."""

    def __init__(self, sql: Sql, search: Search, topics: set[str]) -> None:
        self._sql = sql
        self._topics = topics
        self._search = search

    def append(
        self, assistance: AssistanceId, history: Sequence[Recorded]
    ) -> list[int]:
        """Add lines to the end of a history.

        Their words become findable, those no client may read for the desk alone.

        Returns:
            their numbers, growing, in the order given.
        """
        numbers = []
        for line in history:
            row = event_row(assistance, line)
            added = self._sql.one(_ADD, row)
            numbers.append(int(added.id))
            if words := findable(line.event):
                place, is_private = (added.id, added.seq), row["is_internal"]
                self._search.index(assistance, place, words, is_internal=is_private)
        if numbers:
            self._topics.add("events")
        return numbers

    def of(self, assistance: AssistanceId) -> tuple[Recorded, ...]:
        """Return the whole history, oldest first; empty for an unknown one."""
        return tuple(recorded(row) for row in self._sql.all(_OF, {"key": assistance}))

    def later(self, assistance: AssistanceId, after: int) -> tuple[Recorded, ...]:
        """Return the lines with a greater number, oldest first."""
        values = {"key": assistance, "after_id": after}
        return tuple(recorded(row) for row in self._sql.all(_LATER, values))


def words_of(event: Event) -> str:
    """Return what a person wrote in an event, possibly empty."""
    for name in ("text", "comment", "reason"):
        words = getattr(event, name, "")
        if words and isinstance(words, str):
            return words
    return ""


def findable(event: Event) -> str:
    """Return what a search finds of an event: words, or the name of a file.

    Files that everybody in an assistance may have are found by its state.
    """
    words = words_of(event)
    if not words and isinstance(event, DocumentAdded):
        return "" if event.document.is_shared else event.document.name
    return words


def recorded(row: Any) -> Recorded:
    """Return one line of the history from all columns of its row."""
    return Recorded(
        event=decode_event(row.kind, row.data),
        at=row.at,
        actor=Actor(
            role=Role(row.role),
            person=None if row.person_id is None else PersonId(row.person_id),
            name=row.actor,
            trust=Trust(row.trust),
            channel=row.channel,
            station=None if row.station_id is None else StationId(row.station_id),
        ),
        before=None if row.before is None else Status(row.before),
        after=Status(row.after),
        id=row.id,
    )


def event_row(assistance: AssistanceId, line: Recorded) -> dict[str, Any]:
    """Return the row of one line of a history; number and place are the store's."""
    actor = line.actor
    return {
        "assistance_id": assistance,
        "kind": type(line.event).__name__,
        "at": line.at,
        "role": actor.role.value,
        "person_id": actor.person,
        "actor": actor.name.replace("\x00", ""),
        "station_id": actor.station,
        "trust": int(actor.trust),
        "channel": actor.channel,
        "before": line.before.value if line.before else None,
        "after": line.after.value,
        "comment": words_of(line.event).replace("\x00", ""),
        # Whatever no client may read, so that none of it is found or counted for one.
        "is_internal": line.event.is_private,
        "data": encode(line.event),
    }
