"""The server fails as Telegram does, when it is told to."""

from __future__ import annotations

import asyncio

import pytest
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from azbot.testing.telegram import FakeTelegram, Person, faults
from azbot.testing.telegram.faults import Fault


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (faults.retry_after(7), RetryAfter, "Flood control exceeded"),
        (faults.blocked(), Forbidden, "blocked by the user"),
        (faults.migrated(-100), ChatMigrated, "New chat id: -100"),
        (faults.second_poller(), Conflict, "terminated by other getUpdates"),
        (faults.broken(), NetworkError, "Internal Server Error"),
        (faults.broken(502), NetworkError, "Bad Gateway"),
        (faults.cut(), NetworkError, "disconnected|ReadError"),
    ],
)
async def test_a_call_fails_and_has_no_effect(
    server: FakeTelegram,
    bot: Bot,
    sophie: Person,
    fault: Fault,
    kind: type[TelegramError],
    words: str,
) -> None:
    server.faults.add(fault, "sendMessage")
    with pytest.raises(kind, match=words):
        await bot.send_message(sophie.id, "Bonjour")
    assert len(sophie.sees) == 1
    await bot.send_message(sophie.id, "Bonjour")
    assert len(sophie.sees) == 2


@pytest.mark.parametrize(
    "fault", [faults.broken(502, is_executed=True), faults.cut(is_executed=True)]
)
async def test_a_call_fails_and_has_its_effect(
    server: FakeTelegram, bot: Bot, sophie: Person, fault: Fault
) -> None:
    server.faults.add(fault)
    with pytest.raises(NetworkError):
        await bot.send_message(sophie.id, "Bonjour")
    assert sophie.last.text == "Bonjour"


async def test_only_calls_that_fit_fail_and_only_so_often(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    karim = server.user(first_name="Karim")
    karim.start()
    server.faults.add(
        faults.retry_after(1), "sendMessage", chat_id=karim.id, text="^Rapp", times=2
    )
    await bot.send_message(sophie.id, "Rappel")
    await bot.send_message(karim.id, "Un rappel")
    for _ in range(2):
        with pytest.raises(RetryAfter):
            await bot.send_message(karim.id, "Rappel")
    await bot.send_message(karim.id, "Rappel")
    assert [bool(call.answer["ok"]) for call in karim.history] == [
        True,
        False,
        False,
        True,
    ]


async def test_faults_can_be_called_off(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    server.faults.add(faults.broken(), times=100)
    with pytest.raises(NetworkError):
        await bot.send_message(sophie.id, "Bonjour")
    server.faults.clear()
    await bot.send_message(sophie.id, "Bonjour")


async def test_a_call_hangs_until_it_is_released(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    release = asyncio.Event()
    server.faults.add(faults.hanging(release), "sendMessage", chat_id=sophie.id)
    karim = server.user(first_name="Karim")
    karim.start()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(bot.send_message(sophie.id, "Bonjour"))
        await server.until(lambda: server.called("sendMessage"))
        await bot.send_message(karim.id, "Bonjour")  # others are served meanwhile
        assert len(sophie.sees) == 1
        release.set()
    assert len(sophie.sees) == 2


async def test_a_rule_of_telegram_speaks_before_a_fault_is_over(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    release = asyncio.Event()
    release.set()
    server.faults.add(faults.hanging(release))
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.send_message(sophie.id, "")


async def test_who_does_not_wait_never_learns_that_it_was_done(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    server.faults.add(faults.hanging(asyncio.Event(), is_executed=True))
    with pytest.raises(TimedOut):
        await bot.send_message(sophie.id, "Bonjour", read_timeout=0.05)
    assert sophie.last.text == "Bonjour"
