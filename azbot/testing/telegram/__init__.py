"""Telegram on this machine: a Bot API server with people who write and press.

``fake_telegram`` runs it; what it gives is one bot (``FakeTelegram``), with people
(``user``) whose phones show what the bot has written (``sees``). It speaks HTTP as
Telegram does, refuses what Telegram refuses, in its words, and fails when told to.
"""

from __future__ import annotations

from azbot.testing.telegram.chats import Button, Message
from azbot.testing.telegram.control import FakeTelegram
from azbot.testing.telegram.flood import Flood
from azbot.testing.telegram.people import Group, Person
from azbot.testing.telegram.server import TOKEN, fake_telegram

__all__ = [
    "TOKEN",
    "Button",
    "FakeTelegram",
    "Flood",
    "Group",
    "Message",
    "Person",
    "fake_telegram",
]
