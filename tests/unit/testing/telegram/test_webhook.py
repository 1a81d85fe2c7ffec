"""Updates are brought to an address until they are taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Conflict

from azbot.testing.telegram import FakeTelegram, Person, faults
from azbot.testing.telegram.chats import Changes


@dataclass
class Door:
    """What takes the updates, and refuses when told to."""

    url: str = ""
    refusals: int = 0
    shut_for: set[int] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)
    taken: list[dict[str, Any]] = field(default_factory=list)
    inside: int = 0
    most_inside: int = 0
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    changes: Changes = field(default_factory=Changes)

    async def take(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""))
        self.inside += 1
        self.most_inside = max(self.inside, self.most_inside)
        self.changes.tell()
        await self.is_open.wait()
        self.inside -= 1
        if self.refusals or update["message"]["chat"]["id"] in self.shut_for:
            self.refusals = max(self.refusals - 1, 0)
            return web.Response(status=503)
        self.taken.append(update)
        return web.Response()

    @property
    def texts(self) -> list[str]:
        return [one["message"]["text"] for one in self.taken]


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door = Door()
    door.is_open.set()
    app = web.Application()
    app.router.add_post("/telegram", door.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    door.url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    yield door
    await runner.cleanup()


async def test_what_is_taken_is_not_brought_again(
    server: FakeTelegram, bot: Bot, sophie: Person, door: Door
) -> None:
    await bot.set_webhook(door.url, secret_token="s3cret_-")
    sophie.says("Bonjour")
    await server.until(lambda: not server.updates.waiting)
    assert door.texts == ["/start", "Bonjour"]
    assert door.secrets == {"s3cret_-"}
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == (door.url, 0)


async def test_what_is_refused_is_brought_again_in_order(
    server: FakeTelegram, bot: Bot, sophie: Person, door: Door
) -> None:
    door.refusals = 3
    for word in ("un", "deux", "trois"):
        sophie.says(word)
    await bot.set_webhook(door.url)
    await server.until(lambda: not server.updates.waiting)
    assert door.texts == ["/start", "un", "deux", "trois"]
    assert [status for _, status in server.webhook.attempts] == [503] * 3 + [200] * 4
    info = await bot.get_webhook_info()
    assert info.last_error_message
    assert "503 Service Unavailable" in info.last_error_message


async def test_one_chat_does_not_hold_up_another(
    server: FakeTelegram, bot: Bot, sophie: Person, door: Door
) -> None:
    karim = server.user(first_name="Karim")
    door.shut_for.add(sophie.id)
    karim.start("k")
    await bot.set_webhook(door.url)
    await server.until(lambda: door.texts == ["/start k"])
    assert [one["message"]["text"] for one in server.updates.waiting] == ["/start"]
    door.shut_for.clear()
    await server.until(lambda: not server.updates.waiting)


async def test_chats_are_brought_at_the_same_time(
    server: FakeTelegram, bot: Bot, door: Door
) -> None:
    door.is_open.clear()
    for number in range(5):
        server.user(first_name=str(number)).start()
    await bot.set_webhook(door.url, max_connections=3)
    await door.changes.until(lambda: door.inside == 3)
    door.is_open.set()
    await server.until(lambda: not server.updates.waiting)
    assert door.most_inside == 3


@pytest.mark.parametrize("is_at_once", [True, False])
async def test_an_update_can_be_brought_twice(
    server: FakeTelegram, bot: Bot, sophie: Person, door: Door, is_at_once: bool
) -> None:
    fault = faults.delivered_twice(is_at_once=is_at_once)
    server.faults.add(fault, "webhook", text="Bonjour")
    await bot.set_webhook(door.url)
    await server.until(lambda: not server.updates.waiting)
    door.is_open.clear()
    sophie.says("Bonjour")
    await door.changes.until(lambda: door.inside == 1 + is_at_once)
    door.is_open.set()
    await server.until(lambda: not server.updates.waiting)
    assert door.texts == ["/start", "Bonjour", "Bonjour"]
    assert door.most_inside == 1 + is_at_once


async def test_an_answer_that_got_lost_brings_the_update_again(
    server: FakeTelegram, bot: Bot, sophie: Person, door: Door
) -> None:
    server.faults.add(faults.cut(is_executed=True), "webhook", times=2)
    await bot.set_webhook(door.url)
    await server.until(lambda: not server.updates.waiting)
    assert door.texts == ["/start"] * 3


async def test_nobody_polls_while_an_address_is_set(
    server: FakeTelegram, bot: Bot, sophie: Person, door: Door
) -> None:
    door.shut_for.add(sophie.id)
    await bot.set_webhook(door.url)
    with pytest.raises(Conflict, match="can't use getUpdates"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert len(await bot.get_updates()) == 1


async def test_an_address_ends_the_poll_that_waits(
    server: FakeTelegram, bot: Bot, door: Door
) -> None:
    async with asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(refused_poll(bot))
        await server.until(lambda: server.updates.is_polled)
        await bot.set_webhook(door.url)
        assert "terminated by setWebhook request" in await poll


async def refused_poll(bot: Bot) -> str:
    with pytest.raises(Conflict) as refused:
        await bot.get_updates(timeout=20)
    return refused.value.message


async def test_what_waits_can_be_dropped(
    server: FakeTelegram, bot: Bot, sophie: Person, door: Door
) -> None:
    await bot.set_webhook(door.url, drop_pending_updates=True)
    sophie.says("Bonjour")
    await server.until(lambda: not server.updates.waiting)
    assert door.texts == ["Bonjour"]
    await bot.set_webhook("")
    sophie.says("Au revoir")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


async def test_an_address_and_a_secret_are_checked(bot: Bot) -> None:
    with pytest.raises(BadRequest, match=r"(?i)an https url must be provided"):
        await bot.set_webhook("http://sav.example/telegram")
    with pytest.raises(BadRequest, match="unallowed characters"):
        await bot.set_webhook("https://sav.example/t", secret_token="é")


async def test_an_update_of_any_shape_is_brought(
    server: FakeTelegram, bot: Bot, door: Door, sophie: Person
) -> None:
    await bot.set_webhook(door.url)
    server.updates.poison(sophie.id)
    await server.until(lambda: not server.updates.waiting)
    assert door.taken[-1]["message"]["message_id"] == "one"
