"""The inbox of the demonstration, full of work, on a day that is always the same."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from playwright.sync_api import BrowserContext

from azbot.channels.web.server import build_app, serve
from azbot.channels.web.staff import COOKIE
from azbot.demo.desk import sign_in
from azbot.demo.seed import seed
from azbot.demo.stage import staged

THURSDAY = datetime(2026, 3, 12, 9, 24, tzinfo=UTC)
"""Twenty-four past ten in Paris."""


@dataclass(frozen=True)
class InboxStage:
    """A served azbot with the twelve lives in it.

    Attributes:
        address: ``http://127.0.0.1:…``.
        secrets: of open sessions, by who: ``camille`` is agent, ``ines`` administrator.
    """

    address: str
    secrets: dict[str, str]

    def signed_in(self, context: BrowserContext, who: str = "camille") -> None:
        """Give a browser the session of somebody, as if they had signed in."""
        context.add_cookies(
            [
                {
                    "name": COOKIE,
                    "value": self.secrets[who],
                    "domain": "127.0.0.1",
                    "path": "/",
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "Lax",
                }
            ]
        )


@contextmanager
def inbox_stage(at: datetime = THURSDAY) -> Iterator[InboxStage]:
    """Serve the seeded inbox from a thread while inside; time runs on from ``at``."""
    started: Future[InboxStage] = Future()
    stop = threading.Event()

    def live() -> None:
        try:
            asyncio.run(_live(at, started, stop))
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=live, name="inbox-stage")
    thread.start()
    try:
        yield started.result(60)
    finally:
        stop.set()
        thread.join(30)


async def _live(
    at: datetime, started: Future[InboxStage], stop: threading.Event
) -> None:
    async with staged(begins_at=at) as stage:
        cast = await seed(stage, at)
        secrets = {
            "camille": await sign_in(stage, cast.camille),
            "ines": await sign_in(stage, cast.ines),
        }
        async with serve(build_app(stage.app.web()), "127.0.0.1", 0) as address:
            started.set_result(InboxStage(address, secrets))
            await asyncio.to_thread(stop.wait)
