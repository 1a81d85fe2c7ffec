"""A process of azbot with a bot, for the crash tests: it works until it is killed.

It dies around one of its commits once it is told to; what it was doing is then half
done, as by a power cut.
"""

from __future__ import annotations

import asyncio
import threading
from multiprocessing.connection import Connection
from pathlib import Path

import structlog
from pydantic import SecretStr

from azbot.app import opened
from azbot.channels.email.settings import EmailSettings
from azbot.channels.telegram.settings import TelegramSettings
from azbot.config import (
    RetentionSettings,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)
from tests.crash.dying import die_at
from tests.crash.worker import DESK, READERS


def settings(given: dict[str, object]) -> Settings:
    """Build the settings of one process from plain values."""
    folder = Path(str(given["folder"]))
    telegram = TelegramSettings(
        token=SecretStr(str(given["token"])), api_base_url=str(given["api"])
    )
    return Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings(desk=READERS),
        store=StoreSettings(url=str(given["url"]), files=folder / "files"),
        web=WebSettings(),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={"email": EmailSettings(address=DESK), "telegram": telegram},
    )


async def live(given: dict[str, object], said: Connection) -> None:
    """Open azbot and work until something kills it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    async with opened(settings(given)) as app:
        threading.Thread(target=_wait_for_death, args=(given,), daemon=True).start()
        said.send("ready")
        await app.run()


def _wait_for_death(given: dict[str, object]) -> None:
    """Read from a pipe in the file system at which commit to die."""
    with Path(str(given["orders"])).open() as orders:
        for line in orders:
            die_at(abs(int(line)), before=int(line) < 0)


def run(given: dict[str, object], said: Connection) -> None:
    """Work, and say ``ready`` before.

    Args:
        given: ``url``, ``folder``, ``api``, ``token``, ``orders``: a named pipe that
            tells at which commit to die, negative for just before it.
        said: where it is said.
    """
    asyncio.run(live(given, said))
