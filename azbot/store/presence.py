"""Who of the desk is there, and which assistance they see or write to (ux.md 6.5).

One row for each open tab, renewed by the tab and forgotten when it is not.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, select, text

from azbot.errors import NotFound
from azbot.messages import PersonId
from azbot.store.schema import UtcDateTime, assistances
from azbot.store.schema import presence as table
from azbot.store.sql import Sql
from azbot.workflow.model import AssistanceRef

LASTS_FOR = timedelta(seconds=45)
"""How long a tab is there that says nothing more."""

TYPES_FOR = timedelta(seconds=8)
"""How long somebody is said to write after the page last said so (A10: 10 s)."""

_FORGOTTEN_AFTER = timedelta(minutes=10)
"""Rows over for longer are deleted; nobody is about to renew one of them."""


class Level(StrEnum):
    """How closely somebody looks; the later ones include the earlier."""

    HERE = "here"
    SEES = "sees"
    TYPES = "types"
    """Writes to the client."""
    BRIEFS = "briefs"
    """Writes to the station, or to both."""


_WRITES = (Level.TYPES, Level.BRIEFS)

_COLUMNS = tuple(c.name for c in table.c)
_PUT = text(
    f"INSERT INTO presence ({', '.join(_COLUMNS)})"  # noqa: S608 - our own names
    f" VALUES ({', '.join(':' + name for name in _COLUMNS)})"
    " ON CONFLICT (tab) DO UPDATE SET assistance_id = excluded.assistance_id,"
    " level = excluded.level, since = excluded.since, until = excluded.until"
    # A name that another person's tab has is not taken over.
    " WHERE presence.person_id = excluded.person_id"
).bindparams(*(bindparam(c.name, type_=c.type) for c in table.c))
_GET = select(table).where(
    table.c.tab == bindparam("tab"), table.c.person_id == bindparam("person")
)
_LEAVE = delete(table).where(
    table.c.tab == bindparam("tab"), table.c.person_id == bindparam("person")
)
_FORGET = delete(table).where(table.c.until < bindparam("at", type_=UtcDateTime))
_ASSISTANCE = select(assistances.c.id).where(assistances.c.ref == bindparam("ref"))


class Presence:
    """Who is there, inside one unit of work."""

    def __init__(self, sql: Sql, topics: set[str]) -> None:
        self._sql = sql
        self._topics = topics

    def put(
        self,
        tab: str,
        person: PersonId,
        ref: AssistanceRef | None,
        level: Level,
        now: datetime,
    ) -> None:
        """Say what a tab shows, from now on for ``LASTS_FOR``.

        Args:
            tab: named by the page, unique, at most 40 characters.
            person: who is signed in there.
            ref: what it shows; None for no assistance, whatever the level.
            level: how closely; who writes is said to see after a while.
            now: the present.

        Raises:
            NotFound: no such assistance.
        """
        assistance = None if ref is None else self._assistance(ref)
        if assistance is None:
            level = Level.HERE
        old = self._sql.one(_GET, {"tab": tab, "person": person})
        is_same = (
            old is not None
            and old.until > now
            and old.assistance_id == assistance
            and level_at(old, now) is level
        )
        self._sql.run(
            _PUT,
            {
                "tab": tab,
                "person_id": person,
                "assistance_id": assistance,
                "level": level.value,
                "since": old.since if is_same else now,
                "until": now + LASTS_FOR,
            },
        )
        if not is_same:
            self._topics.add("presence")
            self._sql.run(_FORGET, {"at": now - _FORGOTTEN_AFTER})

    def leave(self, tab: str, person: PersonId) -> None:
        """Forget a tab that closes; unknown ones are silent success."""
        if self._sql.run(_LEAVE, {"tab": tab, "person": person}):
            self._topics.add("presence")

    def _assistance(self, ref: AssistanceRef) -> int:
        key: int | None = self._sql.value(_ASSISTANCE, {"ref": ref})
        if key is None:
            raise NotFound("assistance", ref)
        return key


def level_at(row: Any, now: datetime) -> Level:
    """Return the level of a row now, from its columns ``level`` and ``until``."""
    level = Level(row.level)
    if level in _WRITES and now >= changes_at(row):
        return Level.SEES
    return level


def changes_at(row: Any) -> datetime:
    """Return until when a row says what its column ``level`` says."""
    until: datetime = row.until
    if Level(row.level) in _WRITES:
        return until - LASTS_FOR + TYPES_FOR
    return until
