"""Canned answers: texts that agents put into their replies (ux.md 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from azbot.errors import NotFound
from azbot.store.schema import canned_answers as table
from azbot.store.sql import Sql


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """One of them.

    Attributes:
        id: 0 for one that is not stored yet.
        shortcut: typed after ``;``, one word, possibly empty.
        text: with variables, ``{prénom}``.
        position: its place in the list.
    """

    id: int
    title: str
    text: str
    updated_at: datetime
    shortcut: str = ""
    language: str = "fr"
    position: int = 0


_VALUES = {
    c.name: bindparam(f"v_{c.name}", type_=c.type) for c in table.c if c.name != "id"
}
_ADD = insert(table).values(_VALUES).returning(table.c.id)
_SAVE = update(table).where(table.c.id == bindparam("key")).values(_VALUES)
_DROP = delete(table).where(table.c.id == bindparam("key"))
ALL = select(table).order_by(table.c.position, table.c.title, table.c.id)
"""Every canned answer, in the order of the list."""


class CannedAnswers:
    """The canned answers, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def all(self) -> list[CannedAnswer]:
        """Return every one, in the order of the list."""
        return [canned_answer(row) for row in self._sql.all(ALL)]

    def add(self, it: CannedAnswer) -> int:
        """Store a new one; return its number."""
        key: int = self._sql.value(_ADD, _row(it))
        return key

    def save(self, it: CannedAnswer) -> None:
        """Store every field of a known one.

        Raises:
            NotFound: there is none of this number.
        """
        if self._sql.run(_SAVE, {**_row(it), "key": it.id}) != 1:
            raise NotFound("canned answer", it.id)

    def drop(self, key: int) -> bool:
        """Forget one; False when there is none of this number."""
        return self._sql.run(_DROP, {"key": key}) == 1


def canned_answer(row: Any) -> CannedAnswer:
    """Return one from all columns of its row."""
    return CannedAnswer(
        id=row.id,
        title=row.title,
        text=row.text,
        updated_at=row.updated_at,
        shortcut=row.shortcut,
        language=row.language,
        position=row.position,
    )


def _row(it: CannedAnswer) -> dict[str, Any]:
    return {
        "v_title": it.title.replace("\x00", ""),
        "v_shortcut": it.shortcut.replace("\x00", ""),
        "v_text": it.text.replace("\x00", ""),
        "v_language": it.language,
        "v_position": it.position,
        "v_updated_at": it.updated_at,
    }
