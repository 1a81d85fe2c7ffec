"""A process of azbot that works by mail: until killed, or until done."""

from __future__ import annotations

import asyncio
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from pydantic import SecretStr

from azbot.app import App
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
from tests.crash.dying import live

DESK = "support@sav.example"
READERS = "equipe@sav.example"


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


async def _is_done(app: App, mails: int) -> bool:
    health = await app.store.views.health(app.clock.now())
    return sum(health.raw.values()) >= mails and not (
        health.raw[RawState.RECEIVED]
        or health.outbox[DeliveryState.PENDING]
        or await app.store.views.holds_of(AssistanceId(1))
    )


def run(given: dict[str, object], said: Connection) -> None:
    """Work, and say ``ready`` before and ``done`` after.

    Args:
        given: ``url``, ``folder``, ``imap``, ``smtp``, ``user``, ``mails``: how many
            there are in all, ``die``: at which commit, negative for just before it.
        said: where it is said.
    """
    is_done = partial(_is_done, mails=int(str(given["mails"])))
    asyncio.run(live(settings(given), is_done, given.get("die"), said))
