"""A process of azbot that works until it is done, or dies at a commit.

Dies by SIGKILL just before or just after its n-th commit when asked to.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from multiprocessing.connection import Connection

import structlog
from sqlalchemy import event
from sqlalchemy.engine import Engine

from azbot.app import App, opened
from azbot.config import Settings

_LOOK_EVERY = timedelta(milliseconds=100)


async def live(
    settings: Settings,
    is_done: Callable[[App], Awaitable[bool]],
    die: object,
    said: Connection,
) -> None:
    """Open azbot and work until done, saying ``ready`` before and ``done`` after.

    Args:
        settings: of this process.
        is_done: says when there is nothing left to do.
        die: at which commit it dies, negative for just before it; none: it lives.
        said: where it is said.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    async with opened(settings) as app:
        if isinstance(die, int) and die:
            # Opening commits too (schema, keys): counted from here on.
            die_at(abs(die), before=die < 0)
        said.send("ready")
        async with asyncio.TaskGroup() as group:
            running = group.create_task(app.run())
            while not await is_done(app):
                await app.clock.sleep_until(app.clock.now() + _LOOK_EVERY)
            running.cancel()
    said.send("done")


def die_at(commit: int, *, before: bool) -> None:
    """Kill this process around one of its commits, as a power cut would.

    ``commit`` fires before the database commits; the next ``begin`` is the first
    instant after it.
    """
    seen = 0

    def count(_: object) -> None:
        nonlocal seen
        seen += 1
        if before and seen == commit:
            os.kill(os.getpid(), signal.SIGKILL)

    def begin(_: object) -> None:
        if not before and seen >= commit:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", count)
    event.listen(Engine, "begin", begin)
