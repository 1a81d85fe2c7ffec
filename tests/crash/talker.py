"""A process of azbot that talks by Telegram: until killed, or until done."""

from __future__ import annotations

import asyncio
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from pydantic import SecretStr

from azbot.app import App
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
from tests.crash.dying import live


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


def run(given: dict[str, object], said: Connection) -> None:
    """Talk, and say ``ready`` before and ``done`` after.

    Args:
        given: ``url``, ``folder``, ``telegram``: address of the server, ``token``,
            ``updates``: how many there are in all, ``die``: at which commit,
            negative for just before it.
        said: where it is said.
    """
    is_done = partial(_is_done, updates=int(str(given["updates"])))
    asyncio.run(live(settings(given), is_done, given.get("die"), said))
