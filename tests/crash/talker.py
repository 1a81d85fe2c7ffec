"""A process of azbot that talks by Telegram: works until killed, or until done."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import structlog
from pydantic import SecretStr

from azbot.app import App, opened
from azbot.channels.telegram.settings import TelegramSettings
from azbot.config import (
    RetentionSettings,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)
from azbot.store import DeliveryState, RawState
from tests.crash.worker import die_at

_LOOK_EVERY = timedelta(milliseconds=100)


def settings(given: dict[str, object]) -> Settings:
    """Build the settings of one process from plain values."""
    folder = Path(str(given["folder"]))
    telegram = TelegramSettings(
        token=SecretStr(str(given["token"])), api_base_url=str(given["telegram"])
    )
    return Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings(),
        store=StoreSettings(url=str(given["url"]), files=folder / "files"),
        web=WebSettings(),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={"telegram": telegram},
    )


async def work(app: App, updates: int) -> None:
    """Run until so many updates have their outcome and every chat has heard all."""
    async with asyncio.TaskGroup() as group:
        running = group.create_task(app.run())
        while not await _is_done(app, updates):
            await app.clock.sleep_until(app.clock.now() + _LOOK_EVERY)
        running.cancel()


async def _is_done(app: App, updates: int) -> bool:
    raw = (await app.store.views.health(app.clock.now())).raw
    if sum(raw.values()) < updates or raw[RawState.RECEIVED]:
        return False
    waiting = await app.store.views.outbox(DeliveryState.PENDING, limit=10_000)
    # A card that is drawn anew tomorrow keeps nobody waiting today.
    now = app.clock.now()
    return not any(
        row.channel in app.connected.chats and row.due_at <= now for row in waiting
    )


async def live(given: dict[str, object], said: Connection) -> None:
    """Open azbot and talk; what ``die`` says may end it at any commit."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    die = given.get("die")
    async with opened(settings(given)) as app:
        if isinstance(die, int) and die:
            # Opening commits too (schema, keys): counted from here on.
            die_at(abs(die), before=die < 0)
        said.send("ready")
        await work(app, int(str(given["updates"])))
    said.send("done")


def run(given: dict[str, object], said: Connection) -> None:
    """Talk, and say ``ready`` before and ``done`` after.

    Args:
        given: ``url``, ``folder``, ``telegram``: address of the server, ``token``,
            ``updates``: how many there are in all, ``die``: at which commit,
            negative for just before it.
        said: where it is said.
    """
    asyncio.run(live(given, said))
