"""Nothing is acknowledged before it is stored, and nothing else ever is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import structlog
from typing_extensions import override

from azbot.channels.telegram.bot import Client
from azbot.channels.telegram.channel import factory
from azbot.channels.telegram.eras import Eras
from azbot.channels.telegram.parse import parse
from azbot.channels.telegram.polling import PollingReceiver
from azbot.channels.telegram.settings import TelegramSettings
from azbot.errors import PermanentFailure, StoreUnreachable, TemporaryFailure
from azbot.messages import Inbound, RawMessage, Unparseable
from azbot.testing.clock import FakeClock
from azbot.testing.sink import RecordingSink
from azbot.testing.telegram import FakeTelegram, Person
from azbot.testing.telegram.faults import broken, cut, second_poller


def a_receiver(client: Client, clock: FakeClock) -> PollingReceiver:
    return PollingReceiver(client, Eras(client.id, clock), clock)


@asynccontextmanager
async def polling(
    receiver: PollingReceiver, sink: RecordingSink
) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(receiver.run(sink))
        yield
        task.cancel()


def texts(sink: RecordingSink) -> list[str]:
    read = [parse(raw) for raw in sink.messages]
    return [one.text for one in read if isinstance(one, Inbound)]


def offsets(bot: FakeTelegram) -> list[int | None]:
    calls = bot.called("getUpdates")
    return [call.number("offset") if "offset" in call.parameters else None
            for call in calls]  # fmt: skip


async def test_a_batch_is_acknowledged_once_it_is_stored(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person
) -> None:
    sink = RecordingSink()
    for number in range(3):
        jo.says(f"{number}")
    last = bot.updates.waiting[-1]["update_id"]
    async with polling(a_receiver(client, clock), sink):
        await bot.until(lambda: not bot.updates.waiting and bot.updates.is_polled)

    assert texts(sink) == ["0", "1", "2"]
    assert offsets(bot) == [None, last + 1]


async def test_what_could_not_be_stored_is_not_acknowledged(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person
) -> None:
    sink = RecordingSink()
    sink.fail()
    jo.says("un")
    with pytest.raises(StoreUnreachable):
        await a_receiver(client, clock).run(sink)

    assert len(bot.updates.waiting) == 1
    assert offsets(bot) == [None]


async def test_what_is_given_again_is_stored_once(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person
) -> None:
    sink = RecordingSink()
    async with polling(a_receiver(client, clock), sink):
        jo.says("un")
        await sink.wait_for(1)
        await bot.until(lambda: not bot.updates.waiting and bot.updates.is_polled)
        bot.updates.deliver_again(1)
        jo.says("deux")
        await sink.wait_for(2)

    assert texts(sink) == ["un", "deux"]


async def test_an_acknowledgement_is_told_once(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person
) -> None:
    """A number of another week could take away what nobody has seen."""
    sink = RecordingSink()
    receiver = a_receiver(client, clock)
    jo.says("un")
    async with polling(receiver, sink):
        await bot.until(lambda: not bot.updates.waiting and bot.updates.is_polled)
        bot.updates.expire()
        await bot.until(lambda: len(bot.called("getUpdates")) == 3)

    assert offsets(bot)[2] is None


async def test_after_an_idle_week_lower_numbers_are_new(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person
) -> None:
    """Test 21: also one that has a number of last week; the process never stopped."""
    sink = RecordingSink()
    jo.says("avant")
    first = bot.updates.waiting[0]["update_id"]
    async with polling(a_receiver(client, clock), sink):
        await sink.wait_for(1)
        jo.says("encore")
        await sink.wait_for(2)
        await bot.until(lambda: not bot.updates.waiting and bot.updates.is_polled)
        bot.updates.expire()
        await bot.until(lambda: offsets(bot)[-1] is None and bot.updates.is_polled)
        await clock.advance(timedelta(days=8))
        bot.updates.restart_ids(first - 1)
        jo.says("plus bas")
        await sink.wait_for(3)
        jo.says("le même")
        await sink.wait_for(4)

    assert texts(sink) == ["avant", "encore", "plus bas", "le même"]
    assert sink.messages[0].position == sink.messages[3].position


async def test_after_an_idle_week_a_new_process_loses_nothing(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person
) -> None:
    sink = RecordingSink()
    jo.says("avant")
    first = bot.updates.waiting[0]["update_id"]
    async with polling(a_receiver(client, clock), sink):
        await bot.until(lambda: not bot.updates.waiting and bot.updates.is_polled)
    await clock.advance(timedelta(days=8))
    bot.updates.restart_ids(first)
    jo.says("après")
    async with polling(a_receiver(client, clock), sink):
        await sink.wait_for(2)

    assert texts(sink) == ["avant", "après"]


class KilledAfter(RecordingSink):
    """What it stores is never acknowledged: the next poll does not arrive."""

    def __init__(self, bot: FakeTelegram) -> None:
        super().__init__()
        self._bot = bot

    @override
    async def accept(self, messages: Sequence[RawMessage]) -> None:
        await super().accept(messages)
        self._bot.faults.add(cut(), "getUpdates")


async def test_what_was_stored_and_not_acknowledged_is_known_the_next_day(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person
) -> None:
    sink = KilledAfter(bot)
    jo.says("un")
    with pytest.raises(TemporaryFailure):
        await a_receiver(client, clock).run(sink)
    await clock.advance(timedelta(hours=23))
    jo.says("deux")
    with pytest.raises(TemporaryFailure):
        await a_receiver(client, clock).run(sink)

    assert [len(batch) for batch in sink.batches] == [1, 2]
    assert texts(sink) == ["un", "deux"]


async def test_a_poisoned_update_holds_nobody_up(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person
) -> None:
    """Test 2: it is stored, set aside, and the next one is read."""
    sink = RecordingSink()
    jo.says("avant")
    bot.updates.poison(501)
    bot.updates.inject({"message": []})
    jo.says("après")
    async with polling(a_receiver(client, clock), sink):
        await sink.wait_for(4)
        await bot.until(lambda: not bot.updates.waiting)

    read = [parse(raw) for raw in sink.messages]
    assert [isinstance(one, Unparseable) for one in read] == [False, True, True, False]
    assert [raw.lane for raw in sink.messages] == ["501", "501", "", "501"]


async def test_another_poller_is_a_failure_to_wait_for(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person
) -> None:
    """Test 17: 409 ends the run; the supervisor backs off and the desk is told."""
    sink = RecordingSink()
    bot.faults.add(second_poller(), "getUpdates")
    with pytest.raises(TemporaryFailure, match="another program"):
        await a_receiver(client, clock).run(sink)
    jo.says("un")
    async with polling(a_receiver(client, clock), sink):
        await sink.wait_for(1)


@pytest.mark.parametrize("fault", [broken(502), broken(500), cut()])
async def test_a_service_that_fails_is_asked_again_later(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person, fault: object
) -> None:
    bot.faults.add(fault, "getUpdates")  # type: ignore[arg-type]
    with pytest.raises(TemporaryFailure):
        await a_receiver(client, clock).run(RecordingSink())


async def test_a_webhook_of_before_is_taken_away_and_loses_nothing(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person
) -> None:
    sink = RecordingSink()
    url = "http://127.0.0.1:9/telegram"
    await client.ask("setWebhook", {"url": url}, 5)
    jo.says("un")
    async with polling(a_receiver(client, clock), sink):
        await sink.wait_for(1)

    assert bot.webhook.url == ""


async def test_a_long_outage_is_pointed_out(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person
) -> None:
    sink = RecordingSink()
    jo.says("un")
    async with polling(a_receiver(client, clock), sink):
        await bot.until(lambda: not bot.updates.waiting)
    await clock.advance(timedelta(hours=30))
    jo.says("deux")
    with structlog.testing.capture_logs() as logs:
        async with polling(a_receiver(client, clock), sink):
            await sink.wait_for(2)

    [told] = [line for line in logs if line["event"] == "telegram.long_outage"]
    assert told["pending"] == 1


async def test_what_we_want_is_said_at_each_poll(
    client: Client, clock: FakeClock, bot: FakeTelegram, jo: Person
) -> None:
    sink = RecordingSink()
    jo.says("un")
    async with polling(a_receiver(client, clock), sink):
        await sink.wait_for(1)

    assert "message_reaction" in bot.updates.allowed
    assert "channel_post" not in bot.updates.allowed


async def test_each_run_asks_whether_the_token_is_still_good(
    bot: FakeTelegram, settings: TelegramSettings, clock: FakeClock, jo: Person
) -> None:
    channel = factory(settings, clock, {"BOT_TOKEN": bot.token})
    for _ in range(2):
        bot.faults.add(broken(502), "getWebhookInfo")
        with pytest.raises(TemporaryFailure):
            await channel.run(RecordingSink())
    await channel.aclose()

    assert len(bot.called("getMe")) == 2


@pytest.mark.parametrize("token", ["110201543:another-token", "no token at all"])
async def test_a_token_that_is_refused_is_final(
    bot: FakeTelegram, settings: TelegramSettings, clock: FakeClock, token: str
) -> None:
    channel = factory(settings, clock, {"BOT_TOKEN": token})
    with pytest.raises(PermanentFailure) as caught:
        await channel.run(RecordingSink())
    await channel.aclose()

    assert token not in repr(caught.value)
    assert caught.value.__cause__ is None
