"""How fast a service of talks was written to: when it may be again.

The same is kept of how fast people write to us there (``chat.flood``), under a name
of its own.

Pacing is one instant for each chat and one for all of them (``ports.Rate``). It
stands in the store, so that a restart does not begin a new burst and several
processes share one limit.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, func, literal_column, select, text

from azbot.ports import Rate
from azbot.store.schema import UtcDateTime
from azbot.store.schema import chat_paces as table
from azbot.store.sql import Sql

ALL = ""
"""The chat without a name: the service as a whole."""

_NOW = bindparam("now", type_=UtcDateTime)
_OF = table.c.channel == bindparam("of_channel")
_FREE_AT = select(table.c.free_at).where(_OF, table.c.chat == bindparam("of_chat"))
_HELD = _FREE_AT.with_for_update()
_COLUMNS = ("channel", "chat", "free_at", "paused_until")
_SAVE = text(
    f"INSERT INTO chat_paces ({', '.join(_COLUMNS)})"  # noqa: S608 - our own names
    f" VALUES ({', '.join(':' + name for name in _COLUMNS)})"
    " ON CONFLICT (channel, chat) DO UPDATE SET free_at = excluded.free_at,"
    " paused_until = coalesce(excluded.paused_until, chat_paces.paused_until)"
).bindparams(*(bindparam(name, type_=table.c[name].type) for name in _COLUMNS))
_NEXT_FREE = select(func.min(table.c.free_at)).where(_OF, table.c.free_at > _NOW)
_PAUSED = (
    select(func.count())
    .select_from(table)
    .where(
        _OF,
        table.c.chat != literal_column("''"),
        table.c.paused_until > _NOW,
    )
)
_SWEEP = delete(table).where(table.c.free_at <= bindparam("before", type_=UtcDateTime))


class Paces:
    """The pace of chats, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def free_at(self, channel: str, chat: str = ALL) -> datetime | None:
        """Return when a chat may be written to again, None: it was not lately."""
        values = {"of_channel": channel, "of_chat": chat}
        at: datetime | None = self._sql.value(_FREE_AT, values)
        return at

    def _held(self, channel: str, chat: str) -> datetime | None:
        """Return the same, and let nobody else change it before the end of the work."""
        values = {"of_channel": channel, "of_chat": chat}
        at: datetime | None = self._sql.value(_HELD, values)
        return at

    def spend(
        self, channel: str, chat: str, rate: Rate, now: datetime, count: int = 1
    ) -> None:
        """Note that a chat is written to so many times."""
        at = rate.after(self._held(channel, chat), now, count)
        self._save(channel, chat, at)

    def take(
        self, channel: str, chat: str, rate: Rate, now: datetime, count: int
    ) -> bool:
        """Note that so many were written, when there is room for them.

        Returns:
            whether there was.
        """
        free_at = self._held(channel, chat)
        if rate.room(free_at, now) < count:
            return False
        self._save(channel, chat, rate.after(free_at, now, count))
        return True

    def pause(
        self, channel: str, chat: str, until: datetime, now: datetime, many: int
    ) -> None:
        """Note that the service wants nothing for a chat before an instant.

        When so many chats are to pause at once, it wants nothing at all.
        """
        # Two that pause at once must see each other: the whole is held first.
        whole = self._held(channel, ALL)
        self._pause(channel, chat, self._held(channel, chat), until)
        if self.paused(channel, now) >= many:
            self._pause(channel, ALL, whole, until)

    def paused(self, channel: str, now: datetime) -> int:
        """Return for how many chats the service wants a pause at present."""
        return int(self._sql.value(_PAUSED, {"of_channel": channel, "now": now}) or 0)

    def next_free(self, channel: str, now: datetime) -> datetime | None:
        """Return when the next chat that is not free will be, None: all are."""
        values = {"of_channel": channel, "now": now}
        at: datetime | None = self._sql.value(_NEXT_FREE, values)
        return at

    def sweep(self, before: datetime) -> int:
        """Forget chats that are free since an instant; return how many."""
        return self._sql.run(_SWEEP, {"before": before})

    def _pause(
        self, channel: str, chat: str, at: datetime | None, until: datetime
    ) -> None:
        self._save(channel, chat, max(at or until, until), until)

    def _save(
        self, channel: str, chat: str, at: datetime, until: datetime | None = None
    ) -> None:
        values = {"channel": channel, "chat": chat}
        self._sql.run(_SAVE, {**values, "free_at": at, "paused_until": until})
