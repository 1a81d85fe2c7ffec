"""Words of an agent, in the chat of whom they answer (ux.md 10.6)."""

from __future__ import annotations

from azbot.chat.telling.seams import Telling
from azbot.screens import Say, Screen, plain
from azbot.store.chats import card_slot


def said(telling: Telling) -> Say:
    """Return « Camille : … » under the card: every character as it was typed."""
    facts, key = telling.facts, telling.row.assistance_id
    name = f"<b>{plain(facts['agent'])}</b>"
    text = str(facts["text"])
    if text.strip():
        name = f"{telling.words.t('chat_relay.says', name=name)} {plain(text)}"
    reply_to = "" if key is None else f"slot:{card_slot(key)}"
    return Say(Screen(name), reply_to=reply_to, files=telling.row.files)
