"""azbot with a real Telegram channel, phones of a fake Bot API, mailboxes and pages.

The channel is the one that is shipped: it polls the server over HTTP, python-telegram-
bot speaks to it, and the couriers bring what is said. Time stands still until somebody
lets it pass, so that a life reads alike each time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession, DummyCookieJar, FormData
from aiohttp.test_utils import TestClient

from azbot.app import App
from azbot.channels.telegram.channel import factory
from azbot.channels.telegram.settings import TelegramSettings
from azbot.channels.web.server import build_app, serve
from azbot.ports import Chat
from azbot.store import DeliveryState, Store
from azbot.testing.clock import FakeClock
from azbot.testing.patience import PATIENCE
from azbot.testing.telegram import FakeTelegram, Flood, Person, fake_telegram
from azbot.workflow.model import AssistanceId
from tests.integration.test_inbox import Inbox, at, signed_in
from tests.maildesk import MailDesk, People, desk_by_mail
from tests.servers.cable import Cable, cable_to
from tests.servers.places import LOOPBACK

"""Real seconds; a machine that does other things too may take its time."""
_GLANCE = 0.05
"""Real seconds after which time goes on by itself."""
_TICK = timedelta(seconds=1)
_WHILE = timedelta(seconds=20)
_SOON = timedelta(seconds=15)
"""What waits for what comes with it, such as the rest of an album, is due by then."""


@dataclass
class Life:
    """Everything, at rest between two things that somebody does.

    Attributes:
        desk: the same desk by mail.
        inbox: the pages, as an agent holds them.
        cable: on which everything goes to the Bot API server and comes back.
    """

    desk: MailDesk
    bot: FakeTelegram
    inbox: Inbox
    cable: Cable

    @property
    def clock(self) -> FakeClock:
        """Time, which stands still."""
        return self.desk.clock

    @property
    def store(self) -> Store:
        """The open store."""
        return self.desk.store

    async def rest(self) -> None:
        """Let everything that was said arrive, at the pace of Telegram."""
        while True:
            if self.cable.is_in:
                await self.bot.until(self._is_taken, PATIENCE)
            await self.desk.settle()
            is_over = self._is_taken() and not await self._leaves_soon()
            if is_over or not self.cable.is_in:
                return
            await self.clock.advance(_TICK)

    async def later(self, **by: float) -> None:
        """Let time pass, then rest."""
        await self.at(self.clock.now() + timedelta(**by))

    async def goes_down(self) -> None:
        """Pull the cable out; azbot notices."""
        await self.cable.pull_out()
        await self.clock.until_asleep()

    async def comes_back(self) -> None:
        """Plug it in again; azbot tries at least once a minute, and then rests."""
        await self.cable.plug_in()
        while not self.bot.updates.is_polled:
            await self.clock.advance(_TICK)
            with suppress(TimeoutError):
                await self.bot.until(lambda: self.bot.updates.is_polled, _GLANCE)
        await self.rest()

    async def next_timer(self, number: int = 1) -> datetime:
        """Return when the next thing is due that nobody does."""
        key = AssistanceId(number)
        timers = await self.store.write(lambda uow: uow.timers.of(key))
        return min(timer.due_at for timer in timers)

    async def at(self, when: datetime) -> None:
        """Let an instant come, and everything before it; then rest."""
        while not self.cable.is_in and self.clock.now() + _WHILE < when:
            # Who tries in vain fails at once, and not a minute later.
            await self.clock.advance(_WHILE)
            await self.clock.until_asleep()
            await self.rest()
        await self.clock.advance_to(when)
        await self.rest()

    def phone(self, number: int, name: str, language: str, phone: str) -> Person:
        """Return somebody with a phone, who has not opened the bot."""
        first, _, last = name.partition(" ")
        return self.bot.user(
            number, first, last_name=last, language_code=language, phone=phone
        )

    async def assign(self, company: str, number: int = 1, **more: str) -> None:
        """Let the agent take the proposal of a station, beside the assistance."""
        page = await self.inbox.html(f"/inbox/a/{await self.inbox.ref(number)}")
        (chosen,) = (node for node in page.css(".side .sta") if company in node.text())
        form: dict[str, Any] = {
            str(node.attributes["name"]): str(node.attributes["value"])
            for node in chosen.css("input")
        }
        await self.press("assign", number, **form, **more)

    def browser(self, language: str = "fr-FR") -> Browser:
        """Return somebody's browser, which nobody is signed in with."""
        return Browser(self.inbox.client, language)

    async def press(self, action: str, number: int = 1, **form: Any) -> None:
        """Let the agent press something in the inbox, and not take it back."""
        ref = await self.inbox.ref(number)
        status, told = await self.inbox.post(f"/inbox/a/{ref}/do/{action}", **form)
        assert status == 200, told
        await self.leave()

    async def say(self, text: str, number: int = 1) -> None:
        """Let the agent write to the client in the inbox."""
        await self._write("send", text, number)

    async def note(self, text: str, number: int = 1) -> None:
        """Let the agent write for agents."""
        await self._write("note", text, number)

    async def _write(self, where: str, text: str, number: int) -> None:
        path = f"/inbox/a/{await self.inbox.ref(number)}"
        seen = at(await self.inbox.html(path), "[name=seen_event]").attributes["value"]
        self.inbox.presses += 1
        key = f"press-{self.inbox.presses:08}"
        form: dict[str, Any] = {"key": key, "text": text, "seen_event": seen or ""}
        status, told = await self.inbox.post(f"{path}/{where}", **form)
        assert status == 200, told
        await self.leave()

    async def leave(self) -> None:
        """Let what is held leave, and arrive."""
        await self.inbox.let_leave()
        await self.rest()

    def _is_taken(self) -> bool:
        return self.bot.updates.is_polled and not self.bot.updates.waiting

    async def _leaves_soon(self) -> bool:
        rows = await self.store.views.outbox(DeliveryState.PENDING, limit=1_000)
        until = self.clock.now() + _SOON
        return any(row.channel == "telegram" and row.due_at <= until for row in rows)


@dataclass
class Browser:
    """A browser that keeps the cookies of the links it opened.

    Attributes:
        page: the newest page.
    """

    client: TestClient[Any, Any] | ClientSession
    language: str
    cookies: dict[str, str] = field(default_factory=dict)
    page: str = ""
    path: str = ""
    _orders: int = 0

    async def opens(self, address: str) -> None:
        """Open a link, wherever it leads."""
        where = urlsplit(address)
        path = where.path + (f"?{where.query}" if where.query else "")
        while path:
            async with self.client.get(
                path, headers=self._headers(), allow_redirects=False
            ) as answer:
                assert answer.status in {200, 303}, (path, answer.status)
                self.cookies |= {c.key: c.value for c in answer.cookies.values()}
                self.page, self.path = await answer.text(), path
                path = answer.headers.get("Location", "")

    async def sends(self, to: str, **fields: str) -> None:
        """Send a form of the page that is open, and read what follows."""
        form = FormData({"once": self._once, **fields})
        await self._send(to, form)

    async def joins(self, to: str, name: str, content: bytes) -> None:
        """Send a file by a form of the page that is open."""
        form = FormData({"once": self._once})
        form.add_field("files", content, filename=name)
        await self._send(to, form)

    @property
    def _once(self) -> str:
        found = re.search(r'name="once" value="([^"]+)"', self.page)
        assert found is not None, self.page
        return found[1]

    async def _send(self, to: str, form: FormData) -> None:
        async with self.client.post(
            f"{self.path.partition('?')[0]}{to}",
            data=form,
            headers=self._headers(),
            allow_redirects=False,
        ) as answer:
            assert answer.status == 303, await answer.text()
            path = answer.headers["Location"]
        await self.opens(path)

    async def asks(self, what: str) -> Any:
        """Return what the scripts of a page ask for."""
        path = f"{self.path.partition('?')[0]}/{what}"
        async with self.client.get(path, headers=self._headers()) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def orders(self, what: str, body: Mapping[str, object]) -> Any:
        """Give an order of the form of a visit, as its scripts do."""
        self._orders += 1
        given = {"id": f"story-{self._orders:04}", **body}
        headers = {**self._headers(), "Accept": "application/json"}
        path = f"{self.path.partition('?')[0]}/{what}"
        async with self.client.post(path, json=given, headers=headers) as answer:
            told = await answer.json()
            assert answer.status == 200, told
            return told

    def _headers(self) -> dict[str, str]:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {
            "Accept": "text/html",
            "Accept-Language": self.language,
            "Sec-Fetch-Site": "same-origin",
            **({"Cookie": kept} if kept else {}),
        }


@asynccontextmanager
async def lived(
    store: Store, clock: FakeClock, folder: Path, people: People | None = None
) -> AsyncIterator[Life]:
    """Build azbot on an open store, with a bot; an agent has signed in."""
    async with (
        fake_telegram(clock) as bot,
        cable_to(urlsplit(bot.address).port or 0) as cable,
    ):
        bot.flood = Flood()
        settings = TelegramSettings(token_env="BOT_TOKEN", api_base_url=cable.address)
        channel = factory(settings, clock, {"BOT_TOKEN": bot.token})
        chats = {channel.name: channel}
        desk = await desk_by_mail(store, clock, folder, chats=chats, people=people)
        try:
            async with _served(desk) as inbox, _received(desk.app, channel):
                life = Life(desk, bot, inbox, cable)
                await life.rest()
                yield life
        finally:
            await channel.aclose()


@asynccontextmanager
async def _served(desk: MailDesk) -> AsyncIterator[Inbox]:
    """Serve the pages as azbot does; browsers keep their own cookies."""
    headers = await signed_in(desk)
    async with (
        serve(build_app(desk.app.web()), LOOPBACK, 0) as address,
        ClientSession(address, cookie_jar=DummyCookieJar()) as client,
    ):
        yield Inbox(desk, client, headers)


@asynccontextmanager
async def _received(app: App, channel: Chat) -> AsyncIterator[None]:
    """Poll while inside, as azbot does; what fails inside is raised as it is."""
    receiving = asyncio.get_running_loop().create_task(
        app.supervisor.keep(
            f"receive.{channel.name}", lambda: channel.run(app.store), may_give_up=True
        )
    )
    try:
        yield
    finally:
        receiving.cancel()
        with suppress(asyncio.CancelledError):
            await receiving
