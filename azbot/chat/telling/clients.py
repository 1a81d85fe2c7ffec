"""What clients are told in chats."""

from __future__ import annotations

from azbot.chat.telling.seams import Teller, Telling
from azbot.screens import Screen, plain


def card(telling: Telling) -> Screen:
    """Draw the assistance as it is now."""
    it = telling.it
    if it is None:
        return Screen(telling.words.t("chat_case.gone"))
    status = telling.words.t(f"status.{it.status.value}")
    return Screen(f"<b>{plain(it.ref)}</b>\n{status}")


def answered(telling: Telling) -> Screen:
    """Draw a question that is over."""
    return card(telling)


TELLER = Teller({}, card, answered)
"""Notices clients are told, their cards, their questions."""
