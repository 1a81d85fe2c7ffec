"""What stands in the chats of a life, word for word, one thing after the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from azbot.i18n.catalogue import catalogue
from azbot.testing.telegram.chats import Button, Message
from azbot.testing.telegram.people import Person
from tests.stories.lives import Life

_BREATH = 2
"""Seconds somebody takes to read before they do the next thing."""
_KEY = re.compile(r"[a-z_]+(\.[a-z_]+)+")


class Book:
    """Writes down what everybody does, and what their phone then shows anew.

    A message has the number it has in its chat. What is new is marked « + », what is
    drawn anew in place « ~ », what is taken away « - », what a press is answered with
    « ! », what stands in place of the phone's keyboard « = ».

    Args:
        life: where it happens.
        language: what is pressed may be named by a key of its catalogue.
        phones: whose, by the name they go by.
    """

    def __init__(self, life: Life, language: str, **phones: Person) -> None:
        self._life = life
        self._words = catalogue(language)
        self._phones = phones
        self._shown: dict[str, dict[int, str]] = {name: {} for name in phones}
        self._keyboards = dict.fromkeys(phones, "")
        self._answers = dict.fromkeys(phones, 0)
        self._lines: list[str] = []

    @property
    def text(self) -> str:
        """Everything so far."""
        return "\n".join(self._lines)

    def scene(self, title: str) -> None:
        """Begin a part."""
        self._lines += [f"## {title}", ""]

    async def happens(self, what: str) -> None:
        """Note what was done elsewhere, and what it makes phones show."""
        await self._after(f"({what})")

    async def says(self, who: str, *texts: str) -> None:
        """Let somebody write."""
        for text in texts:
            self._phones[who].says(text)
            await self._after(f"{who} > {text}")

    async def presses(self, who: str, *labels: str | int) -> None:
        """Let somebody press buttons.

        Args:
            who: their name.
            labels: of each, its first words, or the key of these; a number: which
                button of the newest message that has any.
        """
        for label in labels:
            message, button = self._button(self._phones[who], label)
            self._phones[who].presses(button.data, message)
            await self._after(f"{who} > [{button.label}]")

    async def taps(self, who: str, key: str) -> None:
        """Let somebody tap what stands in place of their keyboard."""
        label = self._words.t(key)
        self._phones[who].taps(label)
        await self._after(f"{who} > <{label}>")

    async def sends(self, who: str, what: str) -> None:
        """Note what somebody has sent, and what it makes phones show."""
        await self._after(f"{who} > ({what})")

    def link(self, who: str, label: str) -> str:
        """Return the address behind the newest button with these words, or this key."""
        return self._button(self._phones[who], label, is_link=True)[1].url

    def _button(
        self, person: Person, label: str | int, *, is_link: bool = False
    ) -> tuple[Message, Button]:
        if isinstance(label, str) and _KEY.fullmatch(label):
            label = self._words.t(label)
        seen = []
        for message in reversed(person.sees):
            buttons = [
                button
                for row in message.buttons
                for button in row
                if (button.url if is_link else button.data)
            ]
            if isinstance(label, int):
                if buttons:
                    return message, buttons[label]
                continue
            wanted = spaced(label)
            found = [b for b in buttons if spaced(b.label) == wanted]
            found += [b for b in buttons if spaced(b.label).startswith(wanted)]
            if found:
                return message, found[0]
            seen += [button.label for button in buttons]
        raise LookupError(f"no button {label!r} among {seen}")

    async def _after(self, done: str) -> None:
        await self._life.later(seconds=_BREATH)
        self._lines.append(done)
        for name, person in self._phones.items():
            self._lines += self._news(name, person)
        self._lines.append("")

    def _news(self, name: str, person: Person) -> list[str]:
        presses = person.presses_made[self._answers[name] :]
        self._answers[name] = len(person.presses_made)
        answers = [press.answer.text if press.answer else "…" for press in presses]
        news = [f"  {name} ! {text}" for text in answers if text]
        shown = self._shown[name]
        stands = {one.id: drawn(one) for one in person.sees if one.is_from_bot}
        for number in [n for n in shown if n not in stands]:
            del shown[number]
            news.append(f"  {name} - {number}")
        for number, text in stands.items():
            if shown.get(number) != text:
                mark = "~" if number in shown else "+"
                news += [f"  {name} {mark} {number}", text]
                shown[number] = text
        keyboard = _rows(person.keyboard)
        if keyboard != self._keyboards[name]:
            news.append(f"  {name} = {keyboard}".rstrip())
            self._keyboards[name] = keyboard
        return news


def spaced(text: str) -> str:
    """Return words with every space an ordinary one."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def drawn(message: Message) -> str:
    """Return a message as it stands: its words, its file, its buttons by row."""
    media = [f"({message.media})"] if message.media else []
    text = message.text.split("\n") if message.text else []
    reply = [f"re {message.reply_to}"] if message.reply_to else []
    lines = [*reply, *media, *text, *(_rows([row]) for row in message.buttons)]
    return "\n".join(f"      {line}".rstrip() for line in lines)


def _rows(rows: Sequence[Sequence[Button]]) -> str:
    return " ".join(f"[{button.label}]" for row in rows for button in row)
