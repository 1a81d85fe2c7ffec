"""How old the newest good backup is."""

from __future__ import annotations

import asyncio
import shlex
from datetime import datetime, timedelta
from pathlib import Path

from azbot.config import StoreSettings
from azbot.doctor.database import database_file, opened
from azbot.doctor.finding import Finding, Note, Repair, ok, skipped, warning
from azbot.errors import ConfigError, StoreUnreachable
from azbot.ports import Clock

PAGE = "docs/admin/backup.md"
OLD = timedelta(hours=48)


class BackupProbe:
    """Reads when the database and its files were last copied and proved.

    Args:
        store: ``[store]``.
        clock: tells how old that is.
        file: the configuration, for the command that is shown.
    """

    name = "backup"

    def __init__(self, store: StoreSettings, clock: Clock, file: Path) -> None:
        self._store = store
        self._clock = clock
        self._command = f"azbot backup --config {shlex.quote(str(file))}"

    async def check(self) -> Finding:
        """Look, within ten seconds."""
        return Finding(self.name, (await self._note(),))

    async def _note(self) -> Note:
        file = database_file(self._store.url)
        if file and not file.exists():
            return skipped("backup_unknown")
        try:
            async with asyncio.timeout(8.0):
                last = await self._last()
        except (ConfigError, StoreUnreachable, OSError):
            # What is wrong with the database is said beside its own name.
            return skipped("backup_unknown")
        if last is None:
            return warning("backup_never", *self._repairs())
        age = self._clock.now() - last
        hours = {"hours": f"{age.total_seconds() / 3600:.0f}"}
        if age > OLD:
            return warning("backup_old", *self._repairs(), **hours)
        if age < timedelta(hours=1):
            return ok("backup_now")
        return ok("backup_ok", **hours)

    async def _last(self) -> datetime | None:
        async with opened(self._store) as store:
            last = await store.write(lambda uow: uow.backups.last())
        return last.at if last else None

    def _repairs(self) -> tuple[Repair, ...]:
        now = Repair("backup_now", {}, self._command, "shell", PAGE)
        nightly = Repair(
            "backup_schedule", {}, f"{self._command} --schedule", "shell", PAGE
        )
        return now, nightly
