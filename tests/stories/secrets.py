"""What a log must not tell of a life: keys, words, names, numbers, places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from azbot.testing.telegram.chats import Chat
from tests.maildesk import CLIENT, STATION
from tests.stories.lives import Life

_PEOPLE = (
    *("Sophie", "Karim", "Benali", "Lefèvre", "Clim Martin", "Froid Rhône", "Camille"),
    *(CLIENT, STATION, "639981234", "39 98 12 34", "199001234", "Charmettes"),
)
_OPENS = re.compile(r"(?:/a/|/sign/|start=|/unlink/)([\w.-]{12,})")
_TAG = re.compile(r"<[^>]*>")
_TELLING = len("ASFR26000001")
"""Letters; a reference tells nothing, and a shorter line may be a word of anybody."""


def told_in(log: str, life: Life) -> list[str]:
    """Return everything private of a life that stands in a log.

    Raises:
        AssertionError: nothing was logged, or nothing was private: it proves nothing.
    """
    secrets = {secret for secret in _secrets(life) if secret}
    assert "intake.done" in log
    assert "chat.sent" in log
    assert len(secrets) > len(_PEOPLE)
    # JSON may write letters with accents as numbers.
    plain = re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), log)
    return sorted(secret for secret in secrets if secret in plain)


def _secrets(life: Life) -> Iterator[str]:
    token = life.bot.token
    yield from (token, token.partition(":")[2], "/file/bot", *_PEOPLE)
    for chat in life.bot.chats.values():
        for text in _texts(chat):
            yield from _OPENS.findall(text)
            lines = _TAG.sub("\n", text).splitlines()
            yield from (line.strip() for line in lines if len(line) > _TELLING)
    for letter in life.desk.mailbox.sent:
        yield from _OPENS.findall(letter.content.decode("utf-8", "replace"))


def _texts(chat: Chat) -> Iterator[str]:
    """Give everything that was ever written in a chat, buttons included."""
    for call in chat.history:
        yield call.words
        yield call.text("reply_markup")
    for message in chat.messages.values():
        yield message.text
        yield str(message.wire.get("document", {}).get("file_name", ""))
