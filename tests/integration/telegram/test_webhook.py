"""Telegram brings updates: 200 means stored, and nothing else does."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, web

from azbot.channels.telegram.bot import Client
from azbot.channels.telegram.eras import Eras
from azbot.channels.telegram.webhook import HEADER, LARGEST, Webhook, secret_of
from azbot.errors import TemporaryFailure
from azbot.testing.clock import FakeClock
from azbot.testing.sink import RecordingSink
from azbot.testing.telegram import TOKEN, FakeTelegram, Person
from azbot.testing.telegram.faults import delivered_twice
from tests.integration.telegram.test_polling import texts

SECRET = secret_of(TOKEN)
UPDATE = {"update_id": 700, "message": {"message_id": 1, "date": 1}}


class Door:
    """Our web, and who brings something to it."""

    def __init__(self, client: Client, clock: FakeClock) -> None:
        self.sink = RecordingSink()
        self._client = client
        self._clock = clock
        self.url = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Webhook]:
        app = web.Application()
        runner = web.AppRunner(app, access_log=None)
        hook: list[Webhook] = []

        async def receive(request: web.Request) -> web.Response:
            return await hook[0].receive(request, self.sink)

        app.router.add_post("/telegram", receive)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            self.url = f"http://{host}:{port}/telegram"
            eras = Eras(self._client.id, self._clock)
            made = Webhook(
                self._client, eras, self._clock, self.url, "/telegram", SECRET
            )
            hook.append(made)
            yield made
        finally:
            await runner.cleanup()

    async def bring(
        self,
        update: Any = UPDATE,
        secret: str | None = SECRET,
        media_type: str = "application/json",
    ) -> int:
        headers = {"Content-Type": media_type}
        if secret is not None:
            headers[HEADER] = secret
        body = update if isinstance(update, bytes) else json.dumps(update).encode()
        async with (
            ClientSession() as session,
            session.post(self.url, data=body, headers=headers) as answer,
        ):
            return answer.status


@pytest.fixture
def door(client: Client, clock: FakeClock) -> Door:
    return Door(client, clock)


@asynccontextmanager
async def listening(webhook: Webhook, sink: RecordingSink) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(webhook.run(sink))
        yield
        task.cancel()


async def test_what_telegram_brings_is_stored_as_it_came(
    door: Door, bot: FakeTelegram, jo: Person
) -> None:
    async with door.open() as webhook, listening(webhook, door.sink):
        await bot.until(lambda: bot.webhook.url)
        for number in range(5):
            jo.says(f"{number} é")
        await door.sink.wait_for(5)
        await bot.until(lambda: not bot.updates.waiting)

    assert texts(door.sink) == [f"{number} é" for number in range(5)]
    assert {raw.lane for raw in door.sink.messages} == {"501"}


@pytest.mark.parametrize("at_once", [False, True])
async def test_what_is_brought_twice_is_stored_once(
    door: Door, bot: FakeTelegram, jo: Person, at_once: bool
) -> None:
    """Test 3: one after the other, and both at the same time."""
    async with door.open() as webhook, listening(webhook, door.sink):
        await bot.until(lambda: bot.webhook.url)
        bot.faults.add(delivered_twice(is_at_once=at_once), "webhook")
        jo.says("un")
        await bot.until(lambda: len(bot.webhook.attempts) == 2)
        await bot.until(lambda: not bot.updates.waiting)

    assert len(door.sink.batches) == 2
    assert texts(door.sink) == ["un"]


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "0", "é"])
async def test_who_does_not_know_the_secret_brings_nothing(
    door: Door, secret: str | None
) -> None:
    async with door.open():
        assert await door.bring(secret=secret) == 401

    assert not door.sink.batches


async def test_a_store_that_is_away_makes_telegram_keep_it(
    door: Door, bot: FakeTelegram, jo: Person
) -> None:
    async with door.open() as webhook, listening(webhook, door.sink):
        await bot.until(lambda: bot.webhook.url)
        door.sink.fail(times=2)
        jo.says("un")
        await door.sink.wait_for(1)
        await bot.until(lambda: not bot.updates.waiting)

    assert [status for _, status in bot.webhook.attempts] == [503, 503, 200]
    assert texts(door.sink) == ["un"]


@pytest.mark.parametrize(
    ("update", "media_type", "status"),
    [
        (UPDATE, "text/plain", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 90_000, "application/json", 400),
        ({"message": {}}, "application/json", 400),
        (b" " * (LARGEST + 1), "application/json", 413),
        ({"update_id": 9, "strange": "\ud800"}, "application/json", 200),
    ],
)
async def test_what_is_no_update_is_refused(
    door: Door, update: Any, media_type: str, status: int
) -> None:
    async with door.open():
        assert await door.bring(update, media_type=media_type) == status


async def test_an_update_may_be_as_large_as_is_allowed(door: Door) -> None:
    head = json.dumps(UPDATE).encode()
    async with door.open():
        assert await door.bring(head + b" " * (LARGEST - len(head))) == 200


async def test_a_webhook_that_does_not_work_is_a_failure(
    door: Door, bot: FakeTelegram, jo: Person, clock: FakeClock
) -> None:
    async with door.open() as webhook, asyncio.TaskGroup() as group:
        failing = group.create_task(failure_of(webhook, door.sink))
        await bot.until(lambda: bot.webhook.url)
        door.sink.fail(times=1_000)
        jo.says("un")
        await bot.until(lambda: bot.webhook.attempts)
        await clock.until_asleep()
        await clock.advance(timedelta(minutes=1))

        assert "cannot bring" in await failing


async def test_a_webhook_that_was_taken_away_is_a_failure(
    door: Door, client: Client, bot: FakeTelegram, clock: FakeClock
) -> None:
    async with door.open() as webhook, asyncio.TaskGroup() as group:
        failing = group.create_task(failure_of(webhook, door.sink))
        await clock.until_asleep()
        await client.ask("deleteWebhook", {}, 5)
        await clock.advance(timedelta(minutes=1))

        assert "took the webhook away" in await failing


async def failure_of(webhook: Webhook, sink: RecordingSink) -> str:
    with pytest.raises(TemporaryFailure) as caught:
        await webhook.run(sink)
    return caught.value.reason


def test_the_secret_is_one_that_telegram_takes_and_says_nothing_of_the_token() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,256}", SECRET)
    assert secret_of(TOKEN + "x") != SECRET
    assert TOKEN not in SECRET
