"""Killed in the middle of forty talks: nothing is lost, doubled, or out of order."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
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
PRESSES = [n for n in range(1, EACH) if n % 10 == 0]
"""Which of the updates of a chat are presses."""


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
    # A loaded machine may be dead for longer than a button waits. Here buttons wait, so
    # that an answer that came late can be told from one that never came.
    site.bot.press_lives_for = timedelta(days=1)
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
        if number in PRESSES:
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
        await _every_press_is_answered(store, people)


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


async def _every_press_is_answered(store: Store, people: Sequence[Person]) -> None:
    """One answer each, and nothing but the service's silence keeps one back.

    Whether a press is answered is what the server saw. That its row says so is not
    enough: a row that is written down too early says it of an answer that died. What
    azbot gives up after twenty seconds of trying (decision 15) was tried; here nothing
    is refused, so that hardly any is, on whatever machine.
    """
    rows = [
        row
        for row in await store.views.outbox(limit=10_000)
        if row.channel == NAME and row.facts.get("act") == "acknowledge"
    ]
    answers = {str(row.facts["tap"]): row for row in rows}
    presses = {press.id: press for person in people for press in person.presses_made}
    assert len(rows) == len(answers) == len(presses) == CHATS * len(PRESSES)
    assert answers.keys() == presses.keys()
    unanswered = [answers[key] for key in presses if presses[key].answer is None]
    assert all(row.state is DeliveryState.CANCELLED for row in unanswered)
    assert all(row.first_attempt_at is not None for row in unanswered)
    assert len(unanswered) < CHATS


async def _everything_is_there_once(store: Store) -> None:
    ledger = await store.views.ledger(limit=10_000)
    assert len(ledger) == CHATS * EACH
    assert {entry.outcome.state for entry in ledger} == {RawState.APPLIED}
    outbox = await store.views.outbox(limit=10_000)
    # Cards that are drawn anew tomorrow, when a promise is broken, wait for it.
    now = SystemClock().now()
    acts = [row for row in outbox if row.channel == NAME and row.due_at <= now]
    assert {row.state for row in acts} <= {DeliveryState.SENT, DeliveryState.CANCELLED}

    def said(uow: UnitOfWork, chat: int) -> list[str]:
        history = [line.event for line in uow.events.of(AssistanceId(chat + 1))]
        return [event.text for event in history if isinstance(event, e.MessageAdded)]

    numbers = [n for n in range(1, EACH) if n not in PRESSES]
    for chat in range(CHATS):
        found = await store.write(lambda uow, chat=chat: said(uow, chat))  # type: ignore[misc]
        assert found == [words(chat, n) for n in numbers]
