"""Ends a trial and dies on the way; see ``test_trial_kill``."""

from __future__ import annotations

import asyncio
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

from azbot.store import UnitOfWork, open_store


def run(url: str, blobs: Path, said: Connection) -> None:
    """End the trial, and be killed with all of it done and nothing committed."""

    def work(uow: UnitOfWork) -> None:
        uow.trial.end()
        said.send("done, not committed")
        os.kill(os.getpid(), signal.SIGKILL)

    async def go() -> None:
        async with open_store(url, blobs) as store:
            await store.write(work)

    asyncio.run(go())
