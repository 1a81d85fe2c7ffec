"""How Telegram's numbers are written in the core: ``telegram:5/17``, ``telegram:5``."""

from __future__ import annotations

import re
import unicodedata

NAME = "telegram"

LONGEST_NAME = 80
"""Characters of what somebody calls themselves."""

_MESSAGE = re.compile(rf"{NAME}:(-?\d{{1,20}})/(\d{{1,20}})")
_DECEIVING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb]+"
)
"""Seen by nobody, and used to deceive; what joins emojis is none of it."""


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


def whole(text: str) -> str:
    """Return a text without half surrogate pairs: JSON has them, and nothing else."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def clean_text(text: str) -> str:
    """Return what somebody wrote, unchanged to the eye: NFC, LF, no NUL."""
    lines = whole(text).replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", lines.replace("\x00", ""))


def clean_name(*parts: str | None) -> str:
    """Return what somebody is called, on one line, written in the order it is read."""
    text = clean_text(" ".join(part for part in parts if part))
    return " ".join(_DECEIVING.sub(" ", text).split())[:LONGEST_NAME].strip()
