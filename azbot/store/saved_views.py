"""Saved views: filters with a name, one's own or everybody's (ux.md 6.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from azbot.errors import NotFound
from azbot.messages import PersonId
from azbot.store.schema import saved_views as table
from azbot.store.sql import Sql


@dataclass(frozen=True, slots=True)
class SavedView:
    """One of them.

    Attributes:
        id: 0 for one that is not stored yet.
        person: whose it is; nobody else changes it.
        query: the parameters of its address, ``statut=attente&sta=froid``.
        is_shared: whether colleagues see it.
    """

    id: int
    person: PersonId
    name: str
    query: str
    created_at: datetime
    is_shared: bool = False


_MINE = (table.c.id == bindparam("key"), table.c.person_id == bindparam("person"))
_ADD = (
    insert(table)
    .values(
        {c.name: bindparam(c.name, type_=c.type) for c in table.c if c.name != "id"}
    )
    .returning(table.c.id)
)
_GET = select(table).where(table.c.id == bindparam("key"))
_CHANGE = (
    update(table)
    .where(*_MINE)
    .values(
        name=bindparam("v_name"),
        query=bindparam("v_query"),
        is_shared=bindparam("v_is_shared", type_=table.c.is_shared.type),
    )
)
_DROP = delete(table).where(*_MINE)


class SavedViews:
    """The saved views, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(self, it: SavedView) -> int:
        """Store a new one; return its number."""
        row = {
            "person_id": it.person,
            "name": _clean(it.name),
            "query": _clean(it.query),
            "is_shared": it.is_shared,
            "created_at": it.created_at,
        }
        key: int = self._sql.value(_ADD, row)
        return key

    def get(self, key: int) -> SavedView:
        """Return one.

        Raises:
            NotFound: there is none of this number.
        """
        row = self._sql.one(_GET, {"key": key})
        if row is None:
            raise NotFound("saved view", key)
        return saved_view(row)

    def change(self, it: SavedView) -> None:
        """Store name, query and sharing of one that belongs to ``it.person``.

        Raises:
            NotFound: there is none of this number, or it is somebody else's.
        """
        values = {
            "key": it.id,
            "person": it.person,
            "v_name": _clean(it.name),
            "v_query": _clean(it.query),
            "v_is_shared": it.is_shared,
        }
        if self._sql.run(_CHANGE, values) != 1:
            raise NotFound("saved view", it.id)

    def drop(self, key: int, person: PersonId) -> bool:
        """Forget one of somebody's own; False when they have none of this number."""
        return self._sql.run(_DROP, {"key": key, "person": person}) == 1


def saved_view(row: Any) -> SavedView:
    """Return one from all columns of its row."""
    return SavedView(
        id=row.id,
        person=PersonId(row.person_id),
        name=row.name,
        query=row.query,
        created_at=row.created_at,
        is_shared=row.is_shared,
    )


def _clean(line: str) -> str:
    return line.replace("\x00", "")
