"""Who writes too fast is told how long to wait, by the clock of the test."""

from __future__ import annotations

from datetime import timedelta

import pytest
from telegram import Bot, InputMediaPhoto
from telegram.error import RetryAfter

from azbot.testing.clock import FakeClock
from azbot.testing.telegram import FakeTelegram, Flood, Person
from tests.unit.testing.telegram.test_files import PHOTO


async def test_one_a_second_goes_to_a_chat_after_a_few(
    clock: FakeClock, server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    server.flood = Flood(at_once=2)
    karim = server.user(first_name="Karim")
    karim.start()
    for _ in range(2):
        await bot.send_message(sophie.id, "Bonjour")
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(sophie.id, "Bonjour")
    assert refused.value.retry_after == timedelta(seconds=1)
    await bot.send_message(karim.id, "Bonjour")
    await bot.send_chat_action(sophie.id, "typing")
    await clock.advance(timedelta(seconds=1))
    await bot.send_message(sophie.id, "Bonjour")
    assert len(sophie.sees) == 4


async def test_thirty_a_second_go_in_all(
    clock: FakeClock, server: FakeTelegram, bot: Bot
) -> None:
    server.flood = Flood()
    people = [server.user(first_name=str(each)) for each in range(31)]
    for each in people:
        each.start()
    for each in people[:30]:
        await bot.send_message(each.id, "Bonjour")
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(people[30].id, "Bonjour")
    assert refused.value.retry_after == timedelta(seconds=1)
    await clock.advance(timedelta(seconds=1))
    await bot.send_message(people[30].id, "Bonjour")


async def test_twenty_a_minute_go_to_a_group(
    clock: FakeClock, server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    server.flood = Flood(at_once=100)
    group = server.group(sophie)
    for _ in range(20):
        await bot.send_message(group.chat.id, "Bonjour")
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(group.chat.id, "Bonjour")
    assert refused.value.retry_after == timedelta(seconds=3)
    await clock.advance(timedelta(seconds=3))
    await bot.send_message(group.chat.id, "Bonjour")


async def test_an_album_counts_as_its_items(
    clock: FakeClock, server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    server.flood = Flood(at_once=3)
    await bot.send_media_group(sophie.id, [InputMediaPhoto(PHOTO)] * 4)
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(sophie.id, "Bonjour")
    assert refused.value.retry_after == timedelta(seconds=2)
