"""What a bot may write, and in which words it is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram import KeyboardButton as Key
from telegram.error import BadRequest, ChatMigrated, Forbidden

from azbot.testing.clock import A_MONDAY_MORNING, FakeClock
from azbot.testing.telegram import FakeTelegram, Person
from tests.servers.telegram import asked


def card(*buttons: tuple[str, str]) -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(text, callback_data=data)] for text, data in buttons]
    return InlineKeyboardMarkup(rows)


async def test_a_text_is_seen_as_it_was_written(bot: Bot, sophie: Person) -> None:
    text = "<b>Été</b> 🔧 &lt;1&gt;"
    sent = await bot.send_message(sophie.id, text, parse_mode="HTML")
    assert sophie.last.text == sent.text == "Été 🔧 <1>"
    assert sophie.last.html == text
    assert sent.date == A_MONDAY_MORNING
    assert sent.from_user
    assert sent.from_user.is_bot


async def test_ids_count_in_each_chat(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    other = server.user(first_name="Karim")
    other.start()
    first = await bot.send_message(sophie.id, "un")
    assert (first.message_id, (await bot.send_message(other.id, "un")).id) == (2, 2)
    assert (await bot.send_message(sophie.id, "deux")).message_id == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Message text is empty"),
        ("  \n", "Text must be non-empty"),
        ("<b></b>", "Text must be non-empty"),
        ("é" * 4097, "Message is too long"),
        ("🔧" * 2049, "Message is too long"),
        ("<b>1", "(?i)can't find end tag"),
    ],
)
async def test_a_text_that_cannot_be_sent(
    bot: Bot, sophie: Person, text: str, words: str
) -> None:
    with pytest.raises(BadRequest, match=words):
        await bot.send_message(sophie.id, text, parse_mode="HTML")


@pytest.mark.parametrize("text", ["é" * 4096, "🔧" * 2048, "<b>" + "é" * 4096 + "</b>"])
async def test_a_text_is_as_long_as_it_may_be(
    bot: Bot, sophie: Person, text: str
) -> None:
    await bot.send_message(sophie.id, text, parse_mode="HTML")


async def test_a_hundred_styles_are_the_most(bot: Bot, sophie: Person) -> None:
    await bot.send_message(sophie.id, "<b>a</b> " * 100, parse_mode="HTML")
    with pytest.raises(BadRequest, match=r"(?i)entities_too_long"):
        await bot.send_message(sophie.id, "<b>a</b> " * 101, parse_mode="HTML")


async def test_a_bot_does_not_write_first(server: FakeTelegram, bot: Bot) -> None:
    nobody = server.user()
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(nobody.id, "Bonjour")
    nobody.start("r_1")
    await bot.send_message(nobody.id, "Bonjour")


async def test_nobody_is_written_to_who_is_not_there(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "Bonjour")


async def test_who_blocked_the_bot_gets_nothing(bot: Bot, sophie: Person) -> None:
    sophie.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(sophie.id, "Bonjour")
    sophie.unblocks()
    await bot.send_message(sophie.id, "Bonjour")
    changes = [one.my_chat_member for one in await bot.get_updates()][1:]
    assert [one.new_chat_member.status for one in changes if one] == [
        "kicked",
        "member",
    ]


async def test_a_reply_needs_its_message(bot: Bot, sophie: Person) -> None:
    question = sophie.says("Quand ?")
    answer = await bot.send_message(
        sophie.id, "Lundi", reply_parameters=ReplyParameters(question.id)
    )
    assert answer.reply_to_message
    assert answer.reply_to_message.text == "Quand ?"
    assert sophie.last.reply_to == question.id
    sophie.deletes(question)
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(
            sophie.id, "Mardi", reply_parameters=ReplyParameters(question.id)
        )
    anyway = ReplyParameters(question.id, allow_sending_without_reply=True)
    sent = await bot.send_message(sophie.id, "Mardi", reply_parameters=anyway)
    assert sent.reply_to_message is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "(?i)text buttons are unallowed"),
        ("é" * 32 + "a", "(?i)button_data_invalid"),
    ],
)
async def test_data_of_a_button_has_1_to_64_octets(
    bot: Bot, sophie: Person, data: str, words: str
) -> None:
    with pytest.raises(BadRequest, match=words):
        await bot.send_message(
            sophie.id, "?", reply_markup=card(("Oui", data), ("Non", "n"))
        )
    await bot.send_message(sophie.id, "?", reply_markup=card(("Oui", "é" * 32)))


async def test_a_web_app_needs_https(server: FakeTelegram, sophie: Person) -> None:
    markup = {"inline_keyboard": [[{"text": "x", "web_app": {"url": "http://x"}}]]}
    answer = await asked(
        server, "sendMessage", chat_id=sophie.id, text="x", reply_markup=markup
    )
    assert "Only HTTPS links are allowed" in answer["description"]


async def test_a_keyboard_stays_until_it_is_removed(bot: Bot, sophie: Person) -> None:
    keys = ReplyKeyboardMarkup([[Key("Partager mon numéro", request_contact=True)]])
    await bot.send_message(sophie.id, "Votre numéro ?", reply_markup=keys)
    await bot.send_message(sophie.id, "Nous attendons.")
    contact = sophie.taps("Partager mon numéro")
    assert contact.wire["contact"]["user_id"] == sophie.id
    await bot.send_message(sophie.id, "Merci", reply_markup=ReplyKeyboardRemove())
    assert sophie.keyboard == ()


async def test_a_number_is_not_asked_for_in_a_group(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    group = server.group(sophie)
    keys = ReplyKeyboardMarkup([[Key("Mon numéro", request_contact=True)]])
    with pytest.raises(BadRequest, match="private chats only"):
        await bot.send_message(group.chat.id, "?", reply_markup=keys)


async def test_a_group_that_was_upgraded_says_its_new_number(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    group = server.group(sophie)
    now = group.migrates()
    with pytest.raises(ChatMigrated) as refused:
        await bot.send_message(group.chat.id, "Bonjour")
    assert refused.value.new_chat_id == now.chat.id
    await bot.send_message(now.chat.id, "Bonjour")
    told = [one.message for one in await bot.get_updates() if one.message]
    assert [one.migrate_to_chat_id for one in told][-2:] == [now.chat.id, None]


async def test_a_group_without_the_bot_is_closed_to_it(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    group = server.group(sophie)
    sophie.says("/start", where=group)
    assert await bot.leave_chat(group.chat.id)
    with pytest.raises(Forbidden, match="not a member of the group"):
        await bot.send_message(group.chat.id, "Bonjour")


async def test_what_the_bot_does_is_seen_until_it_writes(
    bot: Bot, sophie: Person
) -> None:
    await bot.send_chat_action(sophie.id, "typing")
    await bot.send_message_draft(sophie.id, 1, "Bonj")
    assert (sophie.chat.action, sophie.chat.draft) == ("typing", "Bonj")
    await bot.send_message(sophie.id, "Bonjour")
    assert (sophie.chat.action, sophie.chat.draft) == ("", "")
    with pytest.raises(BadRequest, match="Wrong parameter action"):
        await bot.send_chat_action(sophie.id, "dancing")


async def test_places_and_cards_are_seen(bot: Bot, sophie: Person) -> None:
    await bot.send_location(sophie.id, 45.76, 4.88)
    await bot.send_venue(sophie.id, 45.76, 4.88, "Atelier", "18 rue des Charmettes")
    await bot.send_contact(sophie.id, "+33199001234", "Froid Rhône")
    kinds = [one.media for one in sophie.sees if one.is_from_bot]
    assert kinds == ["location", "venue", "contact"]
    with pytest.raises(BadRequest, match="Wrong location"):
        await bot.send_location(sophie.id, 91, 4.88)


async def test_a_copy_is_a_message_of_its_own(bot: Bot, sophie: Person) -> None:
    original = sophie.says("Fuite au plafond")
    copy = await bot.copy_message(sophie.id, sophie.id, original.id)
    assert sophie.last.id == copy.message_id != original.id
    assert sophie.last.text == "Fuite au plafond"
    with pytest.raises(BadRequest, match="Message to copy not found"):
        await bot.copy_message(sophie.id, sophie.id, 999)


async def test_a_topic_is_there_or_not(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    with pytest.raises(BadRequest, match="not a forum"):
        await bot.create_forum_topic(sophie.id, "ASFR26000184")
    server.has_topics = True
    topic = await bot.create_forum_topic(sophie.id, "ASFR26000184")
    thread = topic.message_thread_id
    sent = await bot.send_message(sophie.id, "Bonjour", message_thread_id=thread)
    assert sent.is_topic_message
    answer = sophie.says("Merci", reply_to=sophie.last)
    assert answer.wire["message_thread_id"] == thread
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(sophie.id, "Bonjour", message_thread_id=99)


async def test_dates_are_those_of_the_clock(
    clock: FakeClock, bot: Bot, sophie: Person
) -> None:
    await clock.advance(timedelta(seconds=90))
    sent = await bot.send_message(sophie.id, "Bonjour")
    assert sent.date == clock.now()
