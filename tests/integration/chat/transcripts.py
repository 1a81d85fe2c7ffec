"""Guided requests as they are read in a chat, from the first word to the last.

``python -m tests.integration.chat.transcripts`` writes them again after a change made
on purpose; the difference then shows in review what people will read.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from azbot.i18n.catalogue import LANGUAGES, catalogue
from azbot.messages import Spot
from azbot.store import migrate, open_store
from azbot.testing.chat import Bubble, LocalPerson
from azbot.testing.clock import FakeClock
from tests.chatdesk import ChatDesk, desk_by_chat

ROOT = Path(__file__).resolve().parents[3]
SNAPSHOTS = Path("tests", "snapshots", "talks")
PLACE = "18 rue des Charmettes, 69100 Villeurbanne"
PHOTO = ("photo.jpg", "image/jpeg", b"\xff\xd8\xff" * 99)
PDF = ("bon.pdf", "application/pdf", b"%PDF-1.7\n%%EOF")
FREE = {
    "fr": "mise en service lundi à Villeurbanne, 5 thermostats",
    "en": "commissioning on Monday in Villeurbanne, 5 thermostats",
    "es": "puesta en marcha el lunes en Villeurbanne, 5 termostatos",
}
QUESTION = {
    "fr": "vous travaillez le samedi ?",
    "en": "do you work on Saturdays?",
    "es": "¿trabajan el sábado?",
}
DO = "chat_request.button."


class Transcript:
    """What one person does, and what then stands in the chat that did not before."""

    def __init__(self, desk: ChatDesk, who: LocalPerson, language: str) -> None:
        self._desk = desk
        self._who = who
        self._words = catalogue(language)
        self._shown: dict[str, str] = {}
        self._lines: list[str] = []

    @property
    def text(self) -> str:
        """Everything so far."""
        return "\n".join(self._lines)

    async def says(self, *texts: str) -> None:
        for text in texts:
            self._who.says(text)
            await self._after(f"> {text}")

    async def presses(self, *buttons: int | str) -> None:
        """Press buttons of the open question: by place, or by key of their words."""
        for each in buttons:
            found = [b for row in self._open.screen.rows for b in row]
            if isinstance(each, str):
                label = self._words.t(each)
                (button,) = (b for b in found if b.label.startswith(label))
            else:
                button = found[each]
            self._who.presses_data(button.data, self._open.id)
            await self._after(f"> [{button.label}]")

    async def sends(self, name: str, act: Callable[[], object]) -> None:
        act()
        await self._after(f"> ({name})")

    @property
    def _open(self) -> Bubble:
        *_, found = (
            bubble
            for bubble in self._who.sees
            if any(b.data.startswith("request.") for r in bubble.screen.rows for b in r)
        )
        return found

    async def _after(self, done: str) -> None:
        answered = len(self._who.answers)
        await self._desk.settle()
        told = [a.text for a in self._who.answers[answered:] if a.text]
        stands = {bubble.id: _drawn(bubble) for bubble in self._who.sees}
        new = [text for key, text in stands.items() if self._shown.get(key) != text]
        self._shown = stands
        self._lines += [done, *(f"  * {text}" for text in told), *new, ""]


def _drawn(bubble: Bubble) -> str:
    screen = bubble.screen
    words = [f"  {line}".rstrip() for line in screen.text.split("\n")]
    rows = ["  " + " ".join(f"[{b.label}]" for b in row) for row in screen.rows]
    return "\n".join([*words, *rows])


async def known(desk: ChatDesk, language: str) -> str:
    """Somebody we know, who presses, looks back, changes their mind and sends."""
    who, it = await _sophie(desk, language)
    await it.says("/nouvelle", QUESTION[language])
    await it.presses(f"{DO}stray", "service.commissioning", f"{DO}place")
    await it.sends("place", lambda: who.shares_place(Spot(45.764043, 4.835659)))
    await it.says("18 rue des Charmettes", "69100 Villeurbanne")
    await it.presses("form.system.radiators", 0, "chat.back", 1, 4)
    await it.says("mitsubishi")
    await it.presses(0)
    await it.sends("photo", lambda: who.sends(PHOTO, text="78 °C"))
    await it.says("Karim Benali", "06 39 98")
    await it.presses("chat.menu.support", "chat.back")
    await it.says("06 39 98 56 78")
    await it.sends("pdf", lambda: who.sends(PDF, kind="document"))
    await it.presses(f"{DO}go_on", f"{DO}change", "chat_request.label.maker")
    await it.says("Daikin")
    await it.presses(f"{DO}cancel", f"{DO}continue", f"{DO}send")
    return it.text


async def unknown(desk: ChatDesk, language: str) -> str:
    """Somebody we do not know, who writes, goes on, and sends."""
    it = Transcript(desk, desk.stranger(language=language), language)
    await it.says(FREE[language], "/nouvelle")
    await it.presses(f"{DO}continue")
    await it.says(PLACE)
    await it.presses(0, 0)
    await it.says("Ballu", "Karim Benali, 06 39 98 56 78", "Clim Benali")
    await it.says("k.benali@clim", "k.benali@clim.example")
    await it.presses(f"{DO}skip", f"{DO}send")
    return it.text


async def undecided(desk: ChatDesk, language: str) -> str:
    """Somebody who gives up, begins again, and cannot finish it here."""
    _, it = await _sophie(desk, language)
    await it.says("/nouvelle")
    await it.presses(f"{DO}cancel", "chat.menu.new", "service.incident_warranty")
    await it.presses("chat.menu.support", f"{DO}send_now")
    return it.text


async def _sophie(desk: ChatDesk, language: str) -> tuple[LocalPerson, Transcript]:
    """Return somebody we know, who speaks a language."""
    who = await desk.linked(language=language)
    who.presses_data(f"menu.language.{language}")
    await desk.settle()
    who.sees.clear()
    return who, Transcript(desk, who, language)


TALKS: dict[str, Callable[[ChatDesk, str], Awaitable[str]]] = {
    "known": known,
    "unknown": unknown,
    "undecided": undecided,
}
NAMES = [SNAPSHOTS / f"{name}.{each}.txt" for name in TALKS for each in LANGUAGES]


async def written(desk: ChatDesk, name: Path) -> str:
    """Return one transcript; the desk is a new one."""
    talk, language, _ = name.name.split(".")
    return await TALKS[talk](desk, language)


async def main() -> None:
    """Write every transcript."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/azbot.db"
            migrate(url)
            async with open_store(url, Path(folder, "files")) as store:
                desk = await desk_by_chat(store, FakeClock(), Path(folder))
                text = await written(desk, name)
        file = ROOT / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    asyncio.run(main())
