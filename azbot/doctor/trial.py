"""Whether letters leave, or an installation is only being tried."""

from __future__ import annotations

import asyncio
import shlex
from datetime import datetime
from pathlib import Path

from azbot.config import StoreSettings
from azbot.doctor.database import database_file, opened
from azbot.doctor.finding import Finding, Note, Repair, ok, skipped, warning
from azbot.errors import ConfigError, StoreUnreachable

PAGE = "docs/admin/trial.md"


class TrialProbe:
    """Reads whether a trial lasts: forgotten, it leaves clients without an answer.

    Args:
        store: ``[store]``.
        file: the configuration, for the command that is shown.
    """

    name = "trial"

    def __init__(self, store: StoreSettings, file: Path) -> None:
        self._store = store
        self._command = f"azbot trial off --config {shlex.quote(str(file))}"

    async def check(self) -> Finding:
        """Look, within ten seconds."""
        return Finding(self.name, (await self._note(),))

    async def _note(self) -> Note:
        file = database_file(self._store.url)
        if file and not file.exists():
            return skipped("trial_unknown")
        try:
            async with asyncio.timeout(8.0):
                begun_at = await self._begun_at()
        except (ConfigError, StoreUnreachable, OSError):
            # What is wrong with the database is said beside its own name.
            return skipped("trial_unknown")
        if begun_at is None:
            return ok("trial_none")
        repair = Repair("trial_off", {}, self._command, "shell", PAGE)
        return warning("trial_on", repair, since=f"{begun_at.astimezone():%Y-%m-%d}")

    async def _begun_at(self) -> datetime | None:
        async with opened(self._store) as store:
            return await store.views.trial_begun_at()
