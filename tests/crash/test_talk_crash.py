"""Killed in the middle of forty talks: nothing is lost, doubled, or out of order."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from azbot.channels.telegram.names import NAME
from azbot.clock import SystemClock
from azbot.desk import Desk, DeskSettings, Draft
from azbot.messages import Trust
from azbot.store import DeliveryState, Store, UnitOfWork, open_store
from azbot.store.chats import ChatAccount
from azbot.store.records import RawState
from azbot.testing.telegram import FakeTelegram, Flood, Person, fake_telegram
from azbot.workflow import events as e
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import Actor, AssistanceId, Role
from tests.crash import talker
from tests.crash.forks import begin

CHATS = 40
EACH = 30
"""Updates of one chat: a command, words, and presses in between."""
KILLS = 9
PRESSED_EVERY = 10


@dataclass(frozen=True, slots=True)
class Site:
    """One installation whose process dies and comes back, and a Bot API server."""

    url: str
    folder: Path
    bot: FakeTelegram

    async def start(
        self, updates: int, die: int = 0
    ) -> tuple[ForkServerProcess, Connection]:
        """Start azbot; it is ready, and works."""
        given = {
            "url": self.url,
            "folder": str(self.folder),
            "telegram": self.bot.address,
            "token": self.bot.token,
            "updates": updates,
            "die": die,
        }
        process, heard = begin(talker.run, given)
        assert await asyncio.to_thread(heard.poll, 60)
        assert heard.recv() == "ready"
        return process, heard

    async def finish(self, updates: int) -> None:
        """Let a healthy process bring everything to its end."""
        process, heard = await self.start(updates)
        with heard:
            assert await asyncio.to_thread(heard.poll, 180)
            assert heard.recv() == "done"
        await asyncio.to_thread(process.join, 60)
        assert process.exitcode == 0

    def opened(self) -> Store:
        """Look at what is stored."""
        return open_store(self.url, self.folder / "files")


@pytest.fixture
async def site(store_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with fake_telegram() as bot:
        yield Site(store_url, tmp_path, bot)


def words(chat: int, number: int) -> str:
    return f"Chat {chat}, message {number}."


async def acquainted(site: Site) -> list[Person]:
    """Let clients have an assistance each, and an account that is theirs."""
    people = [site.bot.user(first_name=f"Sophie {n}") for n in range(CHATS)]
    site.bot.flood = Flood()
    now = SystemClock().now()

    def work(uow: UnitOfWork) -> None:
        for number, person in enumerate(people):
            draft = Draft(
                {"service": "incident", "address": "18 rue des Charmettes"},
                f"sophie-{number}@client.example",
                "Sophie Martin",
            )
            actor = Actor(Role.CLIENT, None, "Sophie Martin", Trust.PROVEN, "web")
            it = desk.register(uow, draft, actor).assistance
            uow.chats.save(
                ChatAccount(
                    NAME,
                    str(person.id),
                    str(person.id),
                    now,
                    now,
                    person=it.requester,
                    linked_at=now,
                    greeted_at=now,
                )
            )

    async with site.opened() as store:
        desk = Desk(store, SystemClock(), DeskSettings("", ""), Rules)
        await store.write(work)
    return people


def speak(people: Sequence[Person], number: int) -> None:
    """Let everybody say their next thing, or press a button of the menu."""
    for chat, person in enumerate(people):
        if number % PRESSED_EVERY == 0:
            person.forges("menu.settings", person.last)
        else:
            person.says(words(chat, number))


async def test_nine_kills_in_forty_talks_lose_double_and_disorder_nothing(
    site: Site,
) -> None:
    people = await acquainted(site)
    for person in people:
        person.says("/aide")
    await site.finish(CHATS)
    rnd = random.Random(7)
    said, deaths = 1, 0
    for kill in range(KILLS):
        upto = EACH if kill == KILLS - 1 else said + 3
        for number in range(said, upto):
            speak(people, number)
        said = upto
        deaths += await _death(site, rnd, at_a_commit=kill % 2 == 0)
    assert deaths == KILLS
    await site.finish(CHATS * EACH)
    async with site.opened() as store:
        await _everything_is_there_once(store)
    # Not every press is answered: where the process was away for a minute, the button
    # had stopped waiting by itself. What it set going is among what is there once.
    assert all(person.presses_made for person in people)


async def _death(site: Site, rnd: random.Random, *, at_a_commit: bool) -> bool:
    """Let a process die: around one of its commits, or at any instant of its talk."""
    commit = rnd.choice((-1, 1)) * rnd.randint(2, 40)
    process, heard = await site.start(CHATS * EACH, commit if at_a_commit else 0)
    with heard:
        if not at_a_commit:
            calls = len(site.bot.calls) + rnd.randint(2, 60)
            await site.bot.until(lambda: len(site.bot.calls) >= calls, 60)
            process.kill()
        await asyncio.to_thread(process.join, 60)
    return process.exitcode == -signal.SIGKILL


async def _everything_is_there_once(store: Store) -> None:
    ledger = await store.views.ledger(limit=10_000)
    assert len(ledger) == CHATS * EACH
    assert {entry.outcome.state for entry in ledger} == {RawState.APPLIED}
    outbox = await store.views.outbox(limit=10_000)
    acts = [row for row in outbox if row.channel == NAME]
    assert {row.state for row in acts} <= {DeliveryState.SENT, DeliveryState.CANCELLED}

    def said(uow: UnitOfWork, chat: int) -> list[str]:
        history = [line.event for line in uow.events.of(AssistanceId(chat + 1))]
        return [event.text for event in history if isinstance(event, e.MessageAdded)]

    numbers = [n for n in range(1, EACH) if n % PRESSED_EVERY]
    for chat in range(CHATS):
        found = await store.write(lambda uow, chat=chat: said(uow, chat))  # type: ignore[misc]
        assert found == [words(chat, n) for n in numbers]
