"""When everything was last copied to somewhere safe; for whoever watches over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from azbot.store.codec import decode, encode
from azbot.store.drawers import Settings
from azbot.store.sql import Sql

LAST_AT = "backup.last_at"
"""Name of the value that says when the last good backup was made: ISO 8601, UTC."""

RESTORED_FROM = "backup.restored_from"
"""Name of the value that says that this database came out of an archive, of what
instant, and that erasures after it were not repeated yet: ISO 8601, UTC."""

_LAST = "backup.last"


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The newest archive that was written, read again and found good.

    Attributes:
        at: the instant it shows.
        archive: its path, on the machine that made it.
        octets: its size.
    """

    at: datetime
    archive: str
    octets: int


class Backups:
    """What is known of backups, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._settings = Settings(sql)

    def last(self) -> LastBackup | None:
        """Return the newest good one, None when there never was any."""
        at, told = self._settings.get(LAST_AT), self._settings.get(_LAST)
        if at is None or told is None:
            return None
        return LastBackup(datetime.fromisoformat(at), **decode(told))

    def note(self, done: LastBackup) -> None:
        """Remember a good one."""
        self._settings.put(LAST_AT, done.at.astimezone(UTC).isoformat())
        told = {"archive": done.archive, "octets": done.octets}
        self._settings.put(_LAST, encode(told))
