"""A talk whose process is killed at every step loses nothing and says it once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from io import BytesIO
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from PIL import Image

from azbot.store import UnitOfWork, open_store
from azbot.store.queries import Filters
from azbot.testing.telegram import FakeTelegram, Person, fake_telegram
from azbot.workflow.model import Assistance
from tests.crash import chatter
from tests.crash.forks import begin

PLACE = "18 rue des Charmettes, 69100 Villeurbanne"


def a_photo(colour: str) -> bytes:
    photo = BytesIO()
    Image.new("RGB", (320, 240), colour).save(photo, "JPEG")
    return photo.getvalue()


PHOTOS = [a_photo(colour) for colour in ("red", "green", "blue")]

Act = Callable[[Person], object]
STEPS: list[tuple[str, Act]] = [
    ("De quoi avez-vous besoin", lambda who: who.says("/nouvelle")),
    ("Où se trouve le chantier", lambda who: who.presses("Mise en service")),
    ("Quel système", lambda who: who.says(PLACE)),
    ("Combien de systèmes", lambda who: who.presses("Régulation de radiateurs")),
    ("combien de thermostats", lambda who: who.presses("1")),
    ("Quelle est la marque", lambda who: who.presses("5")),
    ("Qui la station", lambda who: who.says("Daikin")),
    ("3 fichiers", lambda who: who.sends_album(PHOTOS)),
    ("Où vous répondre", lambda who: who.says("Karim Benali 06 39 98 56 78")),
    ("8 sur 9", lambda who: who.says("k.benali@clim.example, Clim Benali")),
    ("Votre demande", lambda who: who.presses("Continuer")),
    ("Demande envoyée", lambda who: who.presses("Envoyer")),
]
"""What is seen when a step is over, and what somebody does for it."""


@dataclass
class Site:
    """One installation with a bot, whose process dies and comes back."""

    url: str
    folder: Path
    bot: FakeTelegram
    process: ForkServerProcess | None = None
    deaths: int = 0
    is_doomed: bool = False
    _commits: list[int] = field(default_factory=lambda: [1, -1, 2, -2, 3, -3, 4])

    @property
    def orders(self) -> Path:
        """The pipe that tells a process when to die."""
        return self.folder / "orders"

    async def start(self) -> None:
        """Start azbot; it is ready, and works."""
        given = {
            "url": self.url,
            "folder": str(self.folder),
            "api": self.bot.address,
            "token": self.bot.token,
            "orders": str(self.orders),
        }
        self.process, heard = await asyncio.to_thread(begin, chatter.run, given)
        with heard:
            assert await asyncio.to_thread(heard.recv) == "ready"
        self.is_doomed = False

    async def doom(self) -> None:
        """Let the process die around one of its next commits."""
        if self.process is None or not self.process.is_alive():
            await self.start()
        if not self.is_doomed:
            commit = self._commits.pop(0)
            self._commits.append(commit)
            await asyncio.to_thread(self.orders.write_text, f"{commit}\n")
            self.is_doomed = True

    async def until(self, is_over: Callable[[], bool]) -> None:
        """Wait for something; whoever dies meanwhile is started again."""
        async with asyncio.TaskGroup() as group:
            reviving = group.create_task(self._revive())
            await self.bot.until(is_over, 60)
            reviving.cancel()

    async def _revive(self) -> None:
        while True:
            assert self.process is not None
            if await asyncio.to_thread(wait, [self.process.sentinel], 0.2):
                self.process.join()
                assert self.process.exitcode == -signal.SIGKILL
                self.deaths += 1
                await self.start()

    async def stop(self) -> None:
        """Kill whatever runs."""
        if self.process is not None:
            self.process.kill()
            await asyncio.to_thread(self.process.join)


@pytest.fixture
async def site(store_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with fake_telegram() as bot:
        made = Site(store_url, tmp_path, bot)
        os.mkfifo(made.orders)
        yield made
        await made.stop()


def seen_by(who: Person) -> list[str]:
    return [message.text for message in who.sees if message.is_from_bot]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_a_request_interrupted_at_each_step_is_one_with_every_photo(
    site: Site,
) -> None:
    """Telegram.md §8 (14): one request, every photo, one confirmation."""
    karim = site.bot.user(900, "Karim")
    karim.chat.door = "open"
    for expected, act in STEPS:
        await site.doom()
        act(karim)
        await site.until(lambda: any(expected in each for each in seen_by(karim)))  # noqa: B023
    assert site.deaths >= len(STEPS) // 2
    await site.stop()
    async with open_store(site.url, site.folder / "files") as store:
        found = await store.views.page(Filters())
        states = [await store.views.assistance(line.id) for line in found.items]
        await store.write(lambda uow: whole(uow, states))
    told = [text for text in seen_by(karim) if "Demande envoyée" in text]
    assert len(set(told)) == 1
    # The greeting and the confirmation; each death may have left a question behind
    # whose sending it kept us from noting.
    assert len(seen_by(karim)) <= 2 + site.deaths


def whole(uow: UnitOfWork, found: list[Assistance]) -> None:
    (it,) = found
    assert not it.missing
    assert it.answer("address") == "18 rue des Charmettes"
    assert it.answer("contact_name") == "Karim Benali"
    kept = sorted(uow.blobs.read(each.blob) for each in it.documents)
    assert kept == sorted(PHOTOS)
    assert uow.raw.quarantined() == []
    assert uow.request_drafts.get("telegram:900") is None
