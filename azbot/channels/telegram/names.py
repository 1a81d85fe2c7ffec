"""How Telegram's numbers are written in the core: ``telegram:5/17``, ``telegram:5``."""

from __future__ import annotations

import re

NAME = "telegram"

_MESSAGE = re.compile(rf"{NAME}:(-?\d{{1,20}})/(\d{{1,20}})")


def message_name(chat: str, number: int | str) -> str:
    """Return how a message is called: numbers repeat from chat to chat."""
    return f"{NAME}:{chat}/{number}"


def address_of(account: str) -> str:
    """Return how an account is called where others have mail addresses."""
    return f"{NAME}:{account}"


def number_of(name: str, chat: str) -> int:
    """Return the number of a message in its chat, 0 when it is none of that chat."""
    match = _MESSAGE.fullmatch(name)
    return int(match[2]) if match and match[1] == chat else 0
