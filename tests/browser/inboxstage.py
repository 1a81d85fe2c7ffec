"""The inbox of the demonstration, full of work, on a day that is always the same."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from playwright.sync_api import BrowserContext

from azbot.channels.web.server import build_app, serve
from azbot.channels.web.staff import COOKIE
from azbot.demo.desk import sign_in
from azbot.demo.seed import seed
from azbot.demo.stage import Stage, staged
from azbot.messages import PersonId
from azbot.tokens import Purpose, issue_link
from azbot.workflow.model import AssistanceRef

THURSDAY = datetime(2026, 3, 12, 9, 24, tzinfo=UTC)
"""Twenty-four past ten in Paris."""


@dataclass(frozen=True)
class InboxStage:
    """A served azbot with the twelve lives in it.

    Attributes:
        address: ``http://127.0.0.1:…``.
        secrets: of open sessions, by who: ``camille`` is agent, ``ines`` administrator.
        links: address of the link in a mail, by assistance and reader: ``client``,
            ``contact`` or ``station``, for those it has.
    """

    address: str
    secrets: dict[str, str]
    links: Mapping[tuple[str, str], str]

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
            links = {key: address + path for key, path in (await _links(stage)).items()}
            started.set_result(InboxStage(address, secrets, links))
            await asyncio.to_thread(stop.wait)


async def _links(stage: Stage) -> dict[tuple[str, str], str]:
    """Return what the newest mails lead to, by assistance and reader."""
    views, keyring = stage.app.store.views, stage.app.door.keyring
    until = stage.clock.now() + timedelta(days=30)
    found: dict[tuple[str, str], str] = {}
    for line in (await views.page(limit=500)).items:
        it = await views.by_ref(AssistanceRef(line.ref))
        readers: dict[str, PersonId | None] = {
            "client": it.requester,
            "contact": it.contact,
        }
        if it.mission is not None:
            contacts = await views.contacts_of([it.mission.station.id])
            readers["station"] = contacts[it.mission.station.id][0].id
        for role, person in readers.items():
            if person is not None:
                token = issue_link(keyring, Purpose.LINK, it.id, person, until)
                found[it.ref, role] = f"/a/{token}"
    return found
