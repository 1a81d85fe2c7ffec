"""A process that backs up, and dies when told to."""

from __future__ import annotations

import asyncio
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

from azbot.backup.making import back_up
from azbot.clock import SystemClock
from azbot.store import open_store


async def _copied(given: dict[str, str], die: int) -> int:
    told = 0

    def progress(what: str, done: int, total: int) -> None:
        nonlocal told
        told += 1
        if told == die:
            os.kill(os.getpid(), signal.SIGKILL)

    async with open_store(given["url"], Path(given["files"])) as store:
        now = SystemClock().now()
        target = Path(given["target"])
        await back_up(store, given["url"], target, now, progress=progress)
    return told


def run(given: dict[str, str], die: int, said: Connection) -> None:
    """Back up; say how often progress was told.

    Args:
        given: ``url``, ``files``, ``target``.
        die: by SIGKILL when progress is told for the n-th time; 0: never.
        said: where it is said.
    """
    said.send(asyncio.run(_copied(given, die)))
