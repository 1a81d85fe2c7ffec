"""Files on their way in: whose they are, how large they will be, what became of them.

How much of one has come is the size of its partial file and stands nowhere else: a
process that dies leaves no number behind that the disk contradicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from azbot.errors import NotFound
from azbot.messages import BlobId
from azbot.store.schema import UtcDateTime
from azbot.store.schema import uploads as table
from azbot.store.sql import Sql


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file on its way in.

    Attributes:
        id: 32 hexadecimal digits that cannot be guessed.
        owner: whose it is: ``visitor:12``, ``web:7``.
        ref: the assistance whose link proves the owner; empty when a session does.
        name: as it is shown.
        size: octets it will have.
        expires_at: from then on it is forgotten.
        blob: where it is stored, once every octet came and was found good.
        media_type: what it is, by its content; None as long as ``blob`` is.
    """

    id: str
    owner: str
    ref: str
    name: str
    size: int
    created_at: datetime
    expires_at: datetime
    blob: BlobId | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """How many files may be on their way, and how large they may be together.

    Attributes:
        open_each, octets_each: unfinished ones of one owner.
        daily_each: of one owner, those that came in lately included.
        open_all, octets_all: unfinished ones of everybody.
    """

    open_each: int = 30
    octets_each: int = 300_000_000
    daily_each: int = 200
    open_all: int = 1_000
    octets_all: int = 20_000_000_000


class Full(StrEnum):
    """Whose room is full."""

    OWNER = "owner"
    ALL = "all"


_AT = bindparam("at", type_=UtcDateTime)
_COLUMNS = {c.name: bindparam(c.name, type_=c.type) for c in table.c}
_ADD = insert(table).values(_COLUMNS)
_GET = select(table).where(table.c.id == bindparam("key"), table.c.expires_at > _AT)
_KEEP = (
    update(table)
    .where(table.c.id == bindparam("key"), table.c.blob.is_(None))
    .values(
        blob=bindparam("stored"),
        media_type=bindparam("kind"),
        name=bindparam("shown"),
        expires_at=bindparam("until", type_=UtcDateTime),
    )
)
_DROP = delete(table).where(table.c.id == bindparam("key"))
_SIZES = (func.count().label("count"), func.coalesce(func.sum(table.c.size), 0))
_OPEN = (table.c.blob.is_(None), table.c.expires_at > _AT)
_OF_ALL = select(*_SIZES).where(*_OPEN)
_OF_OWNER = _OF_ALL.where(table.c.owner == bindparam("whose"))
_DAILY = select(func.count()).where(
    table.c.owner == bindparam("whose"), table.c.expires_at > _AT
)
_OVER = select(table.c.id).where(table.c.expires_at <= _AT).limit(bindparam("most"))


class Uploads:
    """The files on their way in, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(self, it: Arrival, room: Room) -> Full | None:
        """Begin a file, if there is room for it; else say whose room is full.

        On PostgreSQL units of work that run at the same instant do not see each
        other: as many files as there are writers may stand above a limit.
        """
        owner = {"whose": it.owner, "at": it.created_at}
        count, octets = self._sql.one(_OF_OWNER, owner)
        if (
            count >= room.open_each
            or octets + it.size > room.octets_each
            or self._sql.value(_DAILY, owner) >= room.daily_each
        ):
            return Full.OWNER
        count, octets = self._sql.one(_OF_ALL, {"at": it.created_at})
        if count >= room.open_all or octets + it.size > room.octets_all:
            return Full.ALL
        self._sql.run(_ADD, {c.name: getattr(it, c.name) for c in table.c})
        return None

    def get(self, key: str, at: datetime) -> Arrival:
        """Return one that is not over.

        Raises:
            NotFound: there is none, or not any more.
        """
        row = self._sql.one(_GET, {"key": key, "at": at})
        if row is None:
            raise NotFound("upload", key)
        return arrival(row)

    def keep(
        self, key: str, blob: BlobId, media_type: str, name: str, until: datetime
    ) -> bool:
        """Note where a file is stored; False when that was noted before, or it went."""
        return (
            self._sql.run(
                _KEEP,
                {
                    "key": key,
                    "stored": blob,
                    "kind": media_type,
                    "shown": name,
                    "until": until,
                },
            )
            == 1
        )

    def drop(self, key: str) -> bool:
        """Forget one; False when there was none."""
        return self._sql.run(_DROP, {"key": key}) == 1

    def over(self, at: datetime, most: int) -> list[str]:
        """Return those whose time is over, at most so many."""
        return [row.id for row in self._sql.all(_OVER, {"at": at, "most": most})]


def arrival(row: Any) -> Arrival:
    """Return one from all columns of its row."""
    values = {c.name: getattr(row, c.name) for c in table.c}
    return Arrival(**values)
