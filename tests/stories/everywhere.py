"""Somebody with a mail program, a phone and a browser: whichever is at hand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from azbot.testing.telegram import Person
from tests.maildesk import Mail, Writer, read
from tests.stories.book import spaced
from tests.stories.lives import Browser, Life

_START = re.compile(r"https://t\.me/\w+\?start=([A-Za-z0-9_-]+)")
_BREATH = 2
"""Seconds somebody takes between two things."""
_AWHILE = 3
"""Minutes: mails of the same quarter of an hour would be one, those of now are not."""


@dataclass(frozen=True, slots=True)
class News:
    """What somebody was told since they last looked.

    Attributes:
        mails: kinds of the mails, in order.
        chat: first lines of what was put in the chat anew, in order; what is only
            drawn anew in place rings nowhere.
    """

    mails: tuple[str, ...] = ()
    chat: tuple[str, ...] = ()


@dataclass
class Everywhere:
    """Somebody, and all they have.

    Attributes:
        told: everything there was, in order.
    """

    life: Life
    mails: Writer
    phone: Person
    browser: Browser
    told: list[News] = field(default_factory=list)
    _read: int = 0
    _heard: int = 0

    async def news(self) -> News:
        """Return what is new, once everything has arrived."""
        await self.life.later(minutes=_AWHILE)
        letters = self.mails.mailbox.sent_to(self.mails.address)[self._read :]
        mails = [read(letter).kind for letter in letters]
        self._read += len(mails)
        calls = self.phone.history
        put = [
            call.text("text") or call.text("caption")
            for call in calls[self._heard :]
            if call.method.startswith("send") and call.answer.get("ok")
        ]
        self._heard = len(calls)
        lines = tuple(_first_line(words) for words in put)
        self.told.append(News(tuple(mails), lines))
        return self.told[-1]

    @property
    def labels(self) -> list[str]:
        """What the buttons in the chat say now."""
        return [spaced(each) for one in self.phone.sees for each in one.labels]

    async def says(self, text: str) -> None:
        """Write in the chat."""
        self.phone.says(text)
        await self.life.rest()

    async def presses(self, *labels: str) -> None:
        """Press buttons of the chat, each the newest whose label begins so."""
        for label in labels:
            for message in reversed(self.phone.sees):
                found = [
                    button
                    for row in message.buttons
                    for button in row
                    if button.data and spaced(button.label).startswith(label)
                ]
                if found:
                    self.phone.presses(found[0].data, message)
                    break
            else:
                raise LookupError(label)
            await self.life.later(seconds=_BREATH)

    async def writes(self, subject: str, text: str) -> None:
        """Write a mail."""
        self.mails.write(text, subject=subject)
        await self.life.rest()

    async def answers(self, kind: str, text: str) -> None:
        """Answer the newest mail of a kind."""
        self.mails.answer(self.mails.newest(kind), text)
        await self.life.rest()

    async def opens_page(self, mail: Mail) -> None:
        """Open the page a mail leads to."""
        found = re.search(r"https://sav\.example(/a/[\w.-]+)", mail.lines)
        assert found is not None, mail.lines
        await self.browser.opens(found[1])

    async def follows_in_chat(self, mail: Mail) -> None:
        """« Suivre dans Telegram »: two taps."""
        found = _START.search(mail.lines)
        assert found is not None, mail.lines
        self.phone.start(found[1])
        await self.life.later(seconds=_BREATH)
        await self.presses("Oui, c’est moi")


def _first_line(html: str) -> str:
    return spaced(re.sub(r"<[^>]+>", "", html).partition("\n")[0])
