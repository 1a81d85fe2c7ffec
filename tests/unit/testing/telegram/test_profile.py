"""What the bot says of itself, by scope and language."""

from __future__ import annotations

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    MenuButtonCommands,
)
from telegram.error import BadRequest

from azbot.testing.telegram import FakeTelegram, Person

AIDE = BotCommand("aide", "Obtenir de l’aide")
HELP = BotCommand("help", "Get help")
MISSIONS = BotCommand("missions", "Vos missions")


async def test_commands_are_kept_by_scope_and_language(
    bot: Bot, sophie: Person
) -> None:
    private = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([HELP])
    await bot.set_my_commands([AIDE], private, "fr")
    await bot.set_my_commands([MISSIONS], BotCommandScopeChat(sophie.id))
    assert await bot.get_my_commands() == (HELP,)
    assert await bot.get_my_commands(private) == ()
    assert await bot.get_my_commands(private, "fr") == (AIDE,)
    assert await bot.get_my_commands(BotCommandScopeChat(sophie.id)) == (MISSIONS,)
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()


async def test_a_phone_shows_the_commands_that_fit_best(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    await bot.set_my_commands([HELP])
    assert sophie.commands == {"help": "Get help"}
    await bot.set_my_commands([AIDE], BotCommandScopeAllPrivateChats(), "fr")
    assert sophie.commands == {"aide": "Obtenir de l’aide"}
    await bot.set_my_commands([MISSIONS], BotCommandScopeChat(sophie.id))
    assert sophie.commands == {"missions": "Vos missions"}
    assert server.user(first_name="Karim").commands == {"help": "Get help"}


@pytest.mark.parametrize(
    ("name", "description", "words"),
    [
        ("Aide", "x", "(?i)bot_command_invalid"),
        ("a" * 33, "x", "(?i)bot_command_invalid"),
        ("aide", "", "(?i)bot_command_description_invalid"),
        ("aide", "é" * 257, "(?i)bot_command_description_invalid"),
    ],
)
async def test_a_command_has_a_form(
    bot: Bot, name: str, description: str, words: str
) -> None:
    with pytest.raises(BadRequest, match=words):
        await bot.set_my_commands([BotCommand(name, description)])
    await bot.set_my_commands([BotCommand("a" * 32, "é" * 256)] * 100)
    with pytest.raises(BadRequest, match=r"(?i)bot_commands_too_much"):
        await bot.set_my_commands([BotCommand("a", "é")] * 101)


async def test_a_scope_and_a_language_exist(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Invalid language code"):
        await bot.set_my_commands([HELP], language_code="french")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.set_my_commands([HELP], BotCommandScopeChat(1))


async def test_descriptions_are_kept_by_language(bot: Bot) -> None:
    await bot.set_my_description("Assistance")
    await bot.set_my_description("Support", "en")
    await bot.set_my_short_description("SAV")
    assert (await bot.get_my_description()).description == "Assistance"
    assert (await bot.get_my_description("en")).description == "Support"
    assert (await bot.get_my_description("es")).description == "Assistance"
    assert (await bot.get_my_short_description()).short_description == "SAV"
    with pytest.raises(BadRequest, match="Description is too long"):
        await bot.set_my_description("é" * 513)
    with pytest.raises(BadRequest, match="Short description is too long"):
        await bot.set_my_short_description("é" * 121)
    await bot.set_my_description("é" * 512)
    await bot.set_my_short_description("é" * 120)


async def test_a_menu_button_is_kept(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    await bot.set_chat_menu_button(sophie.id, MenuButtonCommands())
    assert server.profile["menu_button", str(sophie.id)] == {"type": "commands"}


async def test_a_chat_says_what_it_is(bot: Bot, sophie: Person) -> None:
    chat = await bot.get_chat(sophie.id)
    assert (chat.type, chat.first_name) == ("private", "Sophie")
