"""The commands Telegram shows: to one chat, and to whoever has said nothing yet."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

import structlog
from telegram import Bot, BotCommand

from azbot.channels.telegram.failures import translated
from azbot.channels.telegram.markup import read, units
from azbot.errors import PermanentFailure, TemporaryFailure

_LOG = structlog.get_logger(__name__)

LONGEST_MEANING = 256
"""Of what a command does."""

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")

Commands = Sequence[tuple[str, str]]
"""Name without slash, and what it does, in order."""

Menus = Mapping[str, Commands]
"""By language, two letters; under the empty one those of every other language."""


def commands_of(commands: Commands) -> list[BotCommand]:
    """Return commands as Telegram takes them, without those it would refuse."""
    return [
        BotCommand(name, shortened(meaning, LONGEST_MEANING))
        for name, meaning in commands
        if _COMMAND.fullmatch(name) and meaning.strip()
    ]


def shortened(text: str, longest: int) -> str:
    """Return plain text that is not longer, cut at a word."""
    if units(text) <= longest:
        return text
    return f"{html.unescape(read(html.escape(text)).parts(longest - 1)[0])}…"


async def show(bot: Bot, menus: Menus) -> None:
    """Let every chat without commands of its own show these.

    What stands there already is not sent again. A service that will not have them
    is no reason to receive nothing.
    """
    try:
        for language, commands in menus.items():
            wanted = tuple(commands_of(commands))
            with translated():
                known = await bot.get_my_commands(language_code=language or None)
                if known != wanted:
                    await bot.set_my_commands(wanted, language_code=language or None)
    except (TemporaryFailure, PermanentFailure) as failure:
        _LOG.warning("telegram.no_menu", why=failure.reason)
