"""When everything was last copied to somewhere safe; for whoever watches over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from azbot.store.codec import decode, encode
from azbot.store.drawers import Settings
from azbot.store.sql import Sql

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
        value = self._settings.get(_LAST)
        if value is None:
            return None
        told = decode(value)
        told["at"] = datetime.fromisoformat(told["at"])
        return LastBackup(**told)

    def note(self, done: LastBackup) -> None:
        """Remember a good one."""
        self._settings.put(_LAST, encode(done))
