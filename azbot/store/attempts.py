"""How often somebody tried lately, counted for every process together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select

from azbot.store.schema import UtcDateTime, attempts
from azbot.store.sql import Sql


@dataclass(frozen=True, slots=True)
class Tries:
    """What was tried in one scope.

    Attributes:
        last_at: None when nothing was.
    """

    count: int
    last_at: datetime | None


_AT = bindparam("at", type_=UtcDateTime)
_SCOPE = attempts.c.scope == bindparam("scope")
_ADD = (
    insert(attempts).values(scope=bindparam("scope"), at=_AT).returning(attempts.c.id)
)
_OF = select(func.count().label("count"), func.max(attempts.c.at).label("last_at"))
_OF = _OF.where(_SCOPE, attempts.c.at > _AT)
_FORGET = delete(attempts).where(_SCOPE)
_TAKE_BACK = delete(attempts).where(attempts.c.id == bindparam("key"))
_PURGE = delete(attempts).where(attempts.c.at < _AT)


class Attempts:
    """The attempts, inside one unit of work.

    A scope says who is tried or who tries: at most 80 characters, without anything
    personal in it.
    """

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(self, scope: str, at: datetime) -> int:
        """Count one more; return its number."""
        key: int = self._sql.value(_ADD, {"scope": scope, "at": at})
        return key

    def of(self, scope: str, since: datetime) -> Tries:
        """Return what was tried after an instant."""
        row = self._sql.one(_OF, {"scope": scope, "at": since})
        return Tries(row.count, row.last_at)

    def forget(self, scope: str) -> None:
        """Count anew from nothing."""
        self._sql.run(_FORGET, {"scope": scope})

    def take_back(self, key: int) -> None:
        """Let one attempt not have been."""
        self._sql.run(_TAKE_BACK, {"key": key})

    def purge(self, before: datetime) -> int:
        """Forget what was tried before an instant; return how many."""
        return self._sql.run(_PURGE, {"at": before})
