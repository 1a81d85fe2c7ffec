"""A process of azbot for the crash tests: works until told to die, or until done.

Dies by SIGKILL just before or just after its n-th commit when asked to; otherwise runs
until nothing is left to do.
"""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import structlog
from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.engine import Engine

from azbot.app import App, opened
from azbot.channels.email.settings import EmailSettings, ImapSettings, SmtpSettings
from azbot.config import (
    RetentionSettings,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)
from azbot.store import DeliveryState, RawState
from azbot.workflow.model import AssistanceId

DESK = "support@sav.example"
READERS = "equipe@sav.example"
_LOOK_EVERY = timedelta(milliseconds=100)


def settings(given: dict[str, object]) -> Settings:
    """Build the settings of one process from plain values."""
    folder = Path(str(given["folder"]))
    imap = ImapSettings(
        host="127.0.0.1",
        port=int(str(given["imap"])),
        security="none",
        user=str(given["user"]),
        password=SecretStr("secret"),
        poll_seconds=0.2,
    )
    smtp = SmtpSettings(host="127.0.0.1", port=int(str(given["smtp"])), security="none")
    return Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings(desk=READERS),
        store=StoreSettings(url=str(given["url"]), files=folder / "files"),
        web=WebSettings(),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={"email": EmailSettings(address=DESK, imap=imap, smtp=smtp)},
    )


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


async def work(app: App, mails: int) -> None:
    """Run until so many messages have their outcome and nothing waits to leave."""
    async with asyncio.TaskGroup() as group:
        running = group.create_task(app.run())
        while True:
            health = await app.store.views.health(app.clock.now())
            stored = sum(health.raw.values())
            if stored >= mails and not (
                health.raw[RawState.RECEIVED]
                or health.outbox[DeliveryState.PENDING]
                or await app.store.views.holds_of(AssistanceId(1))
            ):
                break
            await app.clock.sleep_until(app.clock.now() + _LOOK_EVERY)
        running.cancel()


async def live(given: dict[str, object], said: Connection) -> None:
    """Open azbot and work; what ``die`` says may end it at any commit."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    die = given.get("die")
    async with opened(settings(given)) as app:
        if isinstance(die, int) and die:
            # Opening commits too (schema, keys): counted from here on.
            die_at(abs(die), before=die < 0)
        said.send("ready")
        await work(app, int(str(given["mails"])))
    said.send("done")


def run(given: dict[str, object], said: Connection) -> None:
    """Work, and say ``ready`` before and ``done`` after.

    Args:
        given: ``url``, ``folder``, ``imap``, ``smtp``, ``user``, ``mails``: how many
            there are in all, ``die``: at which commit, negative for just before it.
        said: where it is said.
    """
    asyncio.run(live(given, said))
