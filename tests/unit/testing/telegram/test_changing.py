"""Edits, deletions, presses and reactions follow the rules of Telegram."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
)
from telegram.error import BadRequest

from azbot.testing.clock import FakeClock
from azbot.testing.telegram import FakeTelegram, Person
from azbot.testing.telegram.account import Answer

TOO_OLD = "Query is too old and response timeout expired or query id is invalid"
OUI = InlineKeyboardMarkup([[InlineKeyboardButton("Oui", callback_data="c1.4.oui")]])
NON = InlineKeyboardMarkup([[InlineKeyboardButton("Non", callback_data="c1.5.non")]])


async def test_an_edit_takes_the_place_of_what_was(bot: Bot, sophie: Person) -> None:
    sent = await bot.send_message(sophie.id, "1 sur 9", reply_markup=OUI)
    before = sophie.last
    await bot.edit_message_text("2 sur 9", sophie.id, sent.id, reply_markup=NON)
    assert (sophie.last.text, sophie.last.labels) == ("2 sur 9", ("Non",))
    assert sophie.last.is_edited
    assert before.text == "1 sur 9"
    assert len(sophie.sees) == 2


async def test_an_edit_without_buttons_takes_them_away(
    bot: Bot, sophie: Person
) -> None:
    sent = await bot.send_message(sophie.id, "Bien ?", reply_markup=OUI)
    await bot.edit_message_text("Merci", sophie.id, sent.id)
    assert sophie.last.labels == ()


async def test_an_edit_changes_something(bot: Bot, sophie: Person) -> None:
    sent = await bot.send_message(sophie.id, "Bien ?", reply_markup=OUI)
    for _ in range(2):  # an edit before does not matter
        with pytest.raises(BadRequest, match="Message is not modified"):
            await bot.edit_message_text("Bien ?", sophie.id, sent.id, reply_markup=OUI)
        await bot.edit_message_text("Ah.", sophie.id, sent.id)
        await bot.edit_message_text("Bien ?", sophie.id, sent.id, reply_markup=OUI)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(sophie.id, sent.id, reply_markup=OUI)
    await bot.edit_message_reply_markup(sophie.id, sent.id)
    assert sophie.last.labels == ()


async def test_only_what_is_there_can_be_edited(bot: Bot, sophie: Person) -> None:
    hers = sophie.says("Bonjour")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("Bonsoir", sophie.id, hers.id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("Bonsoir", sophie.id, 99)
    place = await bot.send_location(sophie.id, 45, 4)
    with pytest.raises(BadRequest, match="no text in the message to edit"):
        await bot.edit_message_text("Ici", sophie.id, place.id)
    with pytest.raises(BadRequest, match="no caption in the message to edit"):
        await bot.edit_message_caption(sophie.id, place.id, caption="Ici")


async def test_a_message_with_a_keyboard_cannot_be_edited(
    bot: Bot, sophie: Person
) -> None:
    keys = ReplyKeyboardMarkup([["Un", "Deux"]])
    sent = await bot.send_message(sophie.id, "Combien ?", reply_markup=keys)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("Combien donc ?", sophie.id, sent.id)


async def test_a_message_is_deleted_once(bot: Bot, sophie: Person) -> None:
    sent = await bot.send_message(sophie.id, "Bonjour")
    assert await bot.delete_message(sophie.id, sent.id)
    assert [one.text for one in sophie.sees] == ["/start"]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(sophie.id, sent.id)
    numbers = [(await bot.send_message(sophie.id, str(each))).id for each in range(3)]
    assert await bot.delete_messages(sophie.id, [*numbers, 999])
    assert len(sophie.sees) == 1


async def test_a_message_of_two_days_stays(
    clock: FakeClock, bot: Bot, sophie: Person
) -> None:
    sent = await bot.send_message(sophie.id, "Bonjour")
    await clock.advance(timedelta(hours=48, seconds=1))
    with pytest.raises(BadRequest, match="can't be deleted for everyone"):
        await bot.delete_message(sophie.id, sent.id)


async def test_a_press_is_answered_once(bot: Bot, sophie: Person) -> None:
    await bot.send_message(sophie.id, "Bien ?", reply_markup=OUI)
    press = sophie.presses("Oui")
    query = (await bot.get_updates())[-1].callback_query
    assert query
    assert query.data == "c1.4.oui"
    assert query.chat_instance
    assert query.message
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(press.answered())
        await bot.answer_callback_query(query.id, "Déjà fait", show_alert=True)
    assert waiting.result() == Answer("Déjà fait", is_alert=True)
    with pytest.raises(BadRequest, match=TOO_OLD):
        await bot.answer_callback_query(query.id)


async def test_a_press_is_answered_in_time(
    clock: FakeClock, server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    await bot.send_message(sophie.id, "Bien ?", reply_markup=OUI)
    press = sophie.presses("c1.4.oui")
    await clock.advance(server.press_lives_for + timedelta(seconds=1))
    with pytest.raises(BadRequest, match=TOO_OLD):
        await bot.answer_callback_query(press.id)
    with pytest.raises(BadRequest, match=TOO_OLD):
        await bot.answer_callback_query("1")


async def test_an_answer_has_200_characters(bot: Bot, sophie: Person) -> None:
    await bot.send_message(sophie.id, "Bien ?", reply_markup=OUI)
    press = sophie.presses("Oui")
    with pytest.raises(BadRequest, match=r"(?i)message_too_long"):
        await bot.answer_callback_query(press.id, "é" * 201)
    await bot.answer_callback_query(press.id, "é" * 200)


async def test_an_old_card_can_still_be_pressed(bot: Bot, sophie: Person) -> None:
    sent = await bot.send_message(sophie.id, "Bien ?", reply_markup=OUI)
    looked_at = sophie.last
    await bot.edit_message_text("Et là ?", sophie.id, sent.id, reply_markup=NON)
    with pytest.raises(LookupError, match="Oui"):
        sophie.presses("Oui")
    sophie.presses("Oui", looked_at)
    sophie.deletes(sophie.last)
    sophie.presses("Oui", looked_at)
    *_, stands, gone = [one.callback_query for one in await bot.get_updates()]
    assert stands
    assert stands.message
    assert stands.message.is_accessible
    assert gone
    assert gone.message
    assert not gone.message.is_accessible


async def test_anybody_can_send_any_data(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    await bot.send_message(sophie.id, "Bien ?", reply_markup=OUI)
    karim = server.user(first_name="Karim")
    karim.forges("c1.4.oui", sophie.last)
    query = (await bot.get_updates())[-1].callback_query
    assert query
    assert (query.from_user.id, query.data) == (karim.id, "c1.4.oui")


async def test_one_reaction_of_the_set_is_put(bot: Bot, sophie: Person) -> None:
    message = sophie.says("Bonjour")
    await bot.set_message_reaction(sophie.id, message.id, "👀")
    assert sophie.sees[-1].reaction == "👀"
    with pytest.raises(BadRequest, match=r"(?i)reaction_invalid"):
        await bot.set_message_reaction(sophie.id, message.id, "✅")
    with pytest.raises(BadRequest, match=r"(?i)reactions_too_many"):
        await bot.set_message_reaction(sophie.id, message.id, ["👀", "👍"])
    await bot.set_message_reaction(sophie.id, message.id)
    assert sophie.sees[-1].reaction == ""


async def test_a_message_is_pinned(bot: Bot, sophie: Person) -> None:
    sent = await bot.send_message(sophie.id, "Carte")
    await bot.pin_chat_message(sophie.id, sent.id)
    assert sophie.chat.pinned == [sent.id]
    pinned = (await bot.get_chat(sophie.id)).pinned_message
    assert pinned
    assert pinned.text == "Carte"
    with pytest.raises(BadRequest, match="Message to pin not found"):
        await bot.pin_chat_message(sophie.id, 99)
