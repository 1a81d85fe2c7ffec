"""A set-up that is being tried: real servers are configured, nothing may reach them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from azbot.app import App, opened
from azbot.channels.email.correspondent import File
from azbot.channels.email.settings import EmailSettings, ImapSettings, SmtpSettings
from azbot.channels.web.server import build_app
from azbot.config import (
    RetentionSettings,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)
from azbot.store.alone import alone
from azbot.testing.clock import FakeClock
from azbot.testing.patience import PATIENCE
from azbot.trial.office import Office, Pen
from tests.webdesk import Decided, Web

DESK = "desk@sav.example"
CLIENT = "sophie@clim-martin.example"
ASKED = (
    "Bonjour,\n\nLe zonage ne démarre plus au 18 rue des Charmettes, 69100"
    " Villeurbanne.\nTéléphone 06 39 98 12 34.\n\nSophie Martin"
)


def settings_of(
    folder: Path,
    url: str,
    smtp_port: int = 9,
    imap_port: int = 9,
    user: str = "desk",
    password: str = "",
) -> Settings:
    """An installation with real servers, on some database."""
    email = EmailSettings(
        address=DESK,
        imap=ImapSettings(
            host="127.0.0.1",
            port=imap_port,
            security="none",
            user=user,
            password=password,  # type: ignore[arg-type]
        ),
        smtp=SmtpSettings(host="127.0.0.1", port=smtp_port, security="none"),
    )
    return Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings(desk="team@sav.example", admin="root@sav.example"),
        store=StoreSettings(url=url, files=folder / "files", synchronous="NORMAL"),
        web=WebSettings(public_url="https://sav.example"),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={"email": email, "telegram": None},
    )


def begin(settings: Settings, now: datetime) -> None:
    """Begin a trial where nobody is at work."""
    with alone(settings.store.url, settings.store.files) as uow:
        uow.trial.begin(now)


@asynccontextmanager
async def trying(settings: Settings, clock: FakeClock) -> AsyncIterator[App]:
    """An azbot whose trial lasts."""
    async with opened(settings, clock=clock, environ={}) as app:
        assert app.trial is not None
        yield app


def office_of(app: App) -> Office:
    """The post office of an azbot that is being tried."""
    assert app.trial is not None
    return app.trial


async def asks(
    app: App, press: str = "press-0001", files: tuple[File, ...] = ()
) -> None:
    """Let a client write, and azbot answer inside."""
    pen = Pen(CLIENT, "Sophie Martin", press)
    await office_of(app).write(pen, "Panne du zonage", ASKED, files)
    await app.settle()


@asynccontextmanager
async def pages_of(app: App, clock: FakeClock) -> AsyncIterator[Web]:
    """The pages of an azbot, with hands to sign in."""
    async with TestClient(TestServer(build_app(app.web()))) as client:
        yield Web(app.web(), client, clock, Decided())


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
