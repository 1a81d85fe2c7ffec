"""A process that backs up or restores, and dies when told to."""

from __future__ import annotations

import asyncio
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

from azbot.backup.making import back_up
from azbot.backup.restoring import restore
from azbot.clock import SystemClock
from azbot.store import open_store


class _Death:
    """Progress that is told, and at its n-th word the process dies."""

    def __init__(self, at: int) -> None:
        self.told = 0
        self._at = at

    def __call__(self, what: str, done: int, total: int) -> None:
        self.told += 1
        if self.told == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


async def _copied(given: dict[str, str], death: _Death) -> None:
    async with open_store(given["url"], Path(given["files"])) as store:
        now = SystemClock().now()
        target = Path(given["target"])
        await back_up(store, given["url"], target, now, progress=death)


def run(given: dict[str, str], die: int, said: Connection) -> None:
    """Back up; say how often progress was told.

    Args:
        given: ``url``, ``files``, ``target``.
        die: by SIGKILL when progress is told for the n-th time; 0: never.
        said: where it is said.
    """
    death = _Death(die)
    asyncio.run(_copied(given, death))
    said.send(death.told)


def run_back(given: dict[str, str], die: int, said: Connection) -> None:
    """Restore over what is there; otherwise as ``run``."""
    death = _Death(die)
    restore(
        Path(given["target"]),
        given["url"],
        Path(given["files"]),
        SystemClock().now(),
        may_replace=True,
        progress=death,
    )
    said.send(death.told)
