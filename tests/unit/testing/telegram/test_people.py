"""People write and press as they do on a phone, and see what is there now."""

from __future__ import annotations

import asyncio

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from azbot.testing.telegram import FakeTelegram, Person
from tests.unit.testing.telegram.test_files import PHOTO


async def test_a_link_brings_its_payload(server: FakeTelegram, bot: Bot) -> None:
    sophie = server.user(first_name="Sophie")
    sophie.start("r_" + "a" * 62)
    message = (await bot.get_updates())[-1].message
    assert message
    assert message.text == "/start r_" + "a" * 62
    assert message.entities[0].type == "bot_command"
    for payload in ("a" * 65, "été", "a b"):
        with pytest.raises(ValueError, match="cannot stand in a link"):
            sophie.start(payload)


@pytest.mark.parametrize("name", ["</b><a href='x'>", "\u202eeihpoS", "👩‍🔧", "S" * 64])
async def test_people_call_themselves_anything(
    server: FakeTelegram, bot: Bot, name: str
) -> None:
    server.user(first_name=name).start()
    update = (await bot.get_updates())[-1]
    assert update.effective_user
    assert update.effective_user.first_name == name
    assert update.effective_user.username is None
    assert update.effective_user.language_code is None


async def test_a_long_text_leaves_in_parts(bot: Bot, sophie: Person) -> None:
    sophie.says("é" * 5000)
    parts = [one.message for one in await bot.get_updates()][1:]
    assert [len(one.text or "") for one in parts if one] == [4096, 904]


async def test_an_edit_is_told_and_a_deletion_is_not(bot: Bot, sophie: Person) -> None:
    message = sophie.says("demain")
    sophie.edits(message, "mardi")
    sophie.deletes(message)
    kept, edited = (await bot.get_updates())[1:]
    assert kept.message
    assert kept.message.text == "demain"
    assert edited.edited_message
    assert edited.edited_message.text == "mardi"
    assert edited.edited_message.edit_date
    assert [one.text for one in sophie.sees] == ["/start"]


async def test_a_reaction_says_what_was_before(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    await bot.get_updates(allowed_updates=["message", "message_reaction"])
    message = sophie.says("Bonjour")
    sophie.reacts(message, "👍")
    sophie.reacts(message, "")
    changes = [one.message_reaction for one in await bot.get_updates()][2:]
    counts = [(len(one.old_reaction), len(one.new_reaction)) for one in changes if one]
    assert counts == [(0, 1), (1, 0)]


async def test_a_group_hears_its_people(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    group = server.group(sophie, title="Chantier")
    sophie.says("/start", where=group)
    _, added, service, hello = await bot.get_updates()
    assert added.my_chat_member
    assert added.my_chat_member.new_chat_member.status == "member"
    assert service.message
    assert service.message.new_chat_members
    assert hello.effective_chat
    assert (hello.effective_chat.type, hello.effective_chat.id) == (
        "group",
        group.chat.id,
    )
    rows = [[InlineKeyboardButton("Oui", callback_data="oui")]]
    keyboard = InlineKeyboardMarkup(rows)
    await bot.send_message(group.chat.id, "Bien ?", reply_markup=keyboard)
    sophie.presses("Oui", where=group)
    query = (await bot.get_updates())[-1].callback_query
    assert query
    assert query.message
    assert query.message.chat.id == group.chat.id
    group.throws_out(sophie)
    assert [one.text for one in sophie.sees] == ["/start"]


async def test_a_photo_can_answer_a_card(bot: Bot, sophie: Person) -> None:
    await bot.send_message(sophie.id, "Votre mission")
    sophie.sends_photo(PHOTO, caption="Avant", reply_to=sophie.last)
    sophie.sends_album([PHOTO] * 2, caption="Après", reply_to=sophie.last)
    messages = [one.message for one in await bot.get_updates()][1:]
    answered = [one.reply_to_message for one in messages if one]
    assert [one and one.text for one in answered] == ["Votre mission"] * 3
    assert [one.caption for one in messages if one] == ["Avant", "Après", None]


async def test_what_is_to_come_is_waited_for(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    async with asyncio.TaskGroup() as tasks:
        seen = tasks.create_task(sophie.sees_text("reçue"))
        done = tasks.create_task(server.until(lambda: len(sophie.sees) == 3))
        await bot.send_message(sophie.id, "Un instant")
        await bot.send_message(sophie.id, "Votre demande est reçue")
    assert seen.result().id == 3
    assert done.done()
    with pytest.raises(TimeoutError):
        await sophie.sees_text("perdue", within=0)


async def test_a_phone_is_told_of_each_change(bot: Bot, sophie: Person) -> None:
    seen: list[int] = []
    sophie.listen(lambda: seen.append(len(sophie.sees)))
    sent = await bot.send_message(sophie.id, "Bonjour")
    await bot.edit_message_text("Bonsoir", sophie.id, sent.message_id)
    await bot.delete_message(sophie.id, sent.message_id)
    sophie.says("?")
    assert seen == [2, 2, 1, 2]


async def test_the_calls_about_a_chat_are_kept_in_order(
    bot: Bot, sophie: Person
) -> None:
    rows = [[InlineKeyboardButton("Oui", callback_data="oui")]]
    await bot.send_message(sophie.id, "?", reply_markup=InlineKeyboardMarkup(rows))
    press = sophie.presses("Oui")
    await bot.answer_callback_query(press.id, "Merci")
    await bot.edit_message_text("!", sophie.id, sophie.last.id)
    assert [call.method for call in sophie.history] == [
        "sendMessage",
        "answerCallbackQuery",
        "editMessageText",
    ]
    assert all(call.answer["ok"] for call in sophie.history)


async def test_what_opens_a_page_is_not_pressed(bot: Bot, sophie: Person) -> None:
    rows = [[InlineKeyboardButton("Ouvrir", url="https://sav.example/d/1")]]
    markup = InlineKeyboardMarkup(rows)
    await bot.send_message(sophie.id, "Votre demande", reply_markup=markup)
    assert sophie.last.buttons[0][0].url == "https://sav.example/d/1"
    with pytest.raises(LookupError, match="Ouvrir"):
        sophie.presses("Ouvrir")
    with pytest.raises(LookupError, match="on the keyboard"):
        sophie.taps("Ouvrir")


async def test_thousands_of_updates_are_no_load(server: FakeTelegram, bot: Bot) -> None:
    people = [server.user(first_name=str(number)) for number in range(40)]
    for number in range(1_200):
        people[number % 40].says(str(number))
    told: list[str] = []
    offset = None
    while updates := await bot.get_updates(offset=offset):
        told += [str(one.message and one.message.text) for one in updates]
        offset = updates[-1].update_id + 1
    assert told == [str(number) for number in range(1_200)]
