"""What stations are told in chats."""

from __future__ import annotations

from azbot.chat.telling.seams import Teller, Telling
from azbot.screens import Screen, plain


def card(telling: Telling) -> Screen:
    """Draw the mission as it is now."""
    return Screen(f"<b>{plain(telling.it.ref if telling.it else '')}</b>")


def answered(telling: Telling) -> Screen:
    """Draw a question of the mission that is over."""
    return card(telling)


TELLER = Teller({}, card, answered)
"""Notices stations are told, their cards, their questions."""
