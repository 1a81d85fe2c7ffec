"""Updates are kept until they are acknowledged, as Telegram keeps them."""

from __future__ import annotations

import asyncio
import warnings
from datetime import timedelta

import pytest
from aiohttp import ClientSession
from telegram import Bot, Update
from telegram.error import Conflict
from telegram.warnings import PTBUserWarning

from azbot.testing.clock import FakeClock
from azbot.testing.telegram import FakeTelegram, Person
from tests.servers.telegram import asked


async def texts(bot: Bot, offset: int | None = None, limit: int = 100) -> list[str]:
    updates = await bot.get_updates(offset=offset, limit=limit)
    return [str(one.message and one.message.text) for one in updates]


async def test_the_bot_knows_itself(server: FakeTelegram, bot: Bot) -> None:
    me = await bot.get_me()
    assert me.is_bot
    assert me.id == int(server.token.partition(":")[0])


async def test_what_was_not_acknowledged_is_told_again(
    bot: Bot, sophie: Person
) -> None:
    sophie.says("Bonjour")
    assert await texts(bot) == ["/start", "Bonjour"]
    assert await texts(bot) == ["/start", "Bonjour"]


async def test_an_offset_acknowledges_what_is_below(bot: Bot, sophie: Person) -> None:
    sophie.says("Bonjour")
    sophie.says("Au revoir")
    first = (await bot.get_updates(limit=1))[0].update_id
    assert await texts(bot, first + 1) == ["Bonjour", "Au revoir"]
    assert await texts(bot) == ["Bonjour", "Au revoir"]


async def test_a_negative_offset_keeps_only_the_last(bot: Bot, sophie: Person) -> None:
    for word in ("un", "deux", "trois"):
        sophie.says(word)
    assert await texts(bot, -2) == ["deux", "trois"]
    assert await texts(bot) == ["deux", "trois"]


@pytest.mark.parametrize(("limit", "told"), [(1, 1), (100, 100), (0, 1), (500, 100)])
async def test_no_more_than_a_hundred_are_told_at_once(
    server: FakeTelegram, sophie: Person, limit: int, told: int
) -> None:
    for number in range(150):
        sophie.says(str(number))
    answer = await asked(server, "getUpdates", limit=limit)
    assert len(answer["result"]) == told


async def test_a_poll_waits_for_what_comes(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    last = (await bot.get_updates())[-1].update_id
    async with asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(bot.get_updates(offset=last + 1, timeout=20))
        await server.until(lambda: server.updates.is_polled)
        sophie.says("Enfin")
    (update,) = poll.result()
    assert update.message
    assert update.message.text == "Enfin"


async def test_a_poll_ends_without_anything(bot: Bot) -> None:
    assert await bot.get_updates(timeout=0) == ()


async def test_a_second_poll_ends_the_first(server: FakeTelegram, bot: Bot) -> None:
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(outcome(bot))
        await server.until(lambda: server.updates.is_polled)
        second = tasks.create_task(outcome(bot))
        assert "terminated by other getUpdates" in await first
        server.user().start()
    assert second.result() == "1 updates"


async def outcome(bot: Bot) -> str:
    try:
        return f"{len(await bot.get_updates(timeout=20))} updates"
    except Conflict as conflict:
        return conflict.message


async def test_a_poll_that_was_given_up_is_no_second_one(
    server: FakeTelegram, sophie: Person
) -> None:
    async with ClientSession() as http:
        last = server.updates.waiting[-1]["update_id"]
        url = f"{server.base_url}{server.token}/getUpdates"
        body = {"timeout": 50, "offset": last + 1}
        async with asyncio.TaskGroup() as tasks:
            poll = tasks.create_task(http.post(url, json=body))
            await server.until(lambda: server.updates.is_polled)
            poll.cancel()
    await server.until(lambda: not server.updates.is_polled)


async def test_only_kinds_that_were_asked_for_are_told(
    bot: Bot, sophie: Person
) -> None:
    message = sophie.says("Bonjour")
    sophie.reacts(message, "👍")
    sophie.edits(message, "Bonsoir")
    assert [kind_of(one) for one in await bot.get_updates()] == [
        "message",
        "message",
        "edited_message",
    ]
    await bot.get_updates(offset=-1, allowed_updates=["message_reaction"])
    sophie.reacts(message, "👎")
    sophie.says("Rien")
    assert kind_of((await bot.get_updates())[-1]) == "message_reaction"


def kind_of(update: Update) -> str:
    return next(kind for kind in Update.ALL_TYPES if getattr(update, kind, None))


async def test_a_day_is_how_long_updates_are_kept(
    clock: FakeClock, bot: Bot, sophie: Person
) -> None:
    sophie.says("hier")
    await clock.advance(timedelta(hours=23, minutes=59))
    assert len(await texts(bot)) == 2
    await clock.advance(timedelta(minutes=2))
    assert await texts(bot) == []


async def test_ids_may_begin_below_what_they_were(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    last = (await bot.get_updates())[-1].update_id
    await bot.get_updates(offset=last + 1)
    server.updates.restart_ids(1_000)
    sophie.says("Après les congés")
    assert [one.update_id for one in await bot.get_updates()] == [1_000]
    assert await texts(bot, last + 1) == []  # such an offset deletes it
    assert server.updates.waiting == ()


async def test_what_was_acknowledged_can_come_again(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    (update,) = await bot.get_updates()
    await bot.get_updates(offset=update.update_id + 1)
    server.updates.deliver_again(1)
    (again,) = await bot.get_updates(offset=update.update_id + 1)
    assert again.update_id == update.update_id
    assert await texts(bot) == []


async def test_a_poison_update_cannot_be_parsed(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    update = server.updates.poison(sophie.id)
    with pytest.raises(KeyError):
        await bot.get_updates()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PTBUserWarning)
        found = await bot.do_api_request("getUpdates")
    assert found[-1] == update


async def test_another_token_is_not_let_in(server: FakeTelegram) -> None:
    async with ClientSession() as http:
        for token, code, words in (
            ("1:other", 401, "Unauthorized"),
            ("other", 404, "Not Found"),
        ):
            async with http.get(f"{server.base_url}{token}/getMe") as response:
                answer = await response.json()
            assert (response.status, answer["description"]) == (code, words)


async def test_an_unknown_method_is_not_found(server: FakeTelegram) -> None:
    answer = await asked(server, "sendCarrierPigeon")
    assert answer == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }


async def test_two_bots_of_one_server_share_nothing(
    server: FakeTelegram, sophie: Person
) -> None:
    other = server.beside("77:other")
    assert (await asked(other, "getUpdates"))["result"] == []
    assert len((await asked(server, "getUpdates"))["result"]) == 1
    answer = await asked(other, "sendMessage", chat_id=sophie.id, text="?")
    assert answer["description"] == "Bad Request: chat not found"


@pytest.mark.parametrize("form", ["json", "data", "params"])
async def test_any_form_of_body_is_read(
    server: FakeTelegram, sophie: Person, form: str
) -> None:
    body = {"chat_id": sophie.id, "text": "Bonjour"}
    async with ClientSession() as http:
        url = f"{server.base_url}{server.token}/SENDMESSAGE"
        async with http.post(url, **{form: body}) as response:  # type: ignore[arg-type]
            assert (await response.json())["ok"]
    assert sophie.last.text == "Bonjour"
