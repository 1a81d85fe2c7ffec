"""Forgotten, exported, purged: lives of the demonstration, put into each database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from azbot.backup.making import back_up
from azbot.backup.restoring import restore
from azbot.demo.seed import seed
from azbot.demo.stage import staged
from azbot.desk import Desk, DeskSettings
from azbot.forms.folding import fold
from azbot.messages import PersonId, Trust
from azbot.personal.erasing import erase, found
from azbot.store import Store, UnitOfWork, open_store
from azbot.store.snapshot import line_of, snapshot
from azbot.testing.clock import FakeClock
from azbot.workflow.commands import CancelAssistance
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import Actor, Assistance, AssistanceId, Role

THURSDAY = datetime(2026, 3, 12, 9, 24, tzinfo=UTC)
LATER = THURSDAY + timedelta(days=30)
JULIEN = "j.perrin@bati-confort.example"
NADIA = "n.haddad@azur-genie-clim.example"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The twelve lives of the demonstration, backed up."""
    file = tmp_path_factory.mktemp("lives") / "lives.zip"

    async def play() -> None:
        async with staged() as stage:
            await seed(stage, THURSDAY)
            store = stage.app.store
            await back_up(store, stage.app.settings.store.url, file, THURSDAY)

    asyncio.run(play())
    return file


@dataclass(frozen=True)
class Place:
    """One installation and its files."""

    store: Store
    url: str
    files: Path

    def octets(self) -> bytes:
        """Everything that stands on the disk, and every row in words."""
        found = [path.read_bytes() for path in self.files.rglob("*") if path.is_file()]
        if self.url.startswith("sqlite"):
            file = Path(self.url.removeprefix("sqlite:///"))
            found += [path.read_bytes() for path in file.parent.glob(f"{file.name}*")]
        with snapshot(self.url) as seen:
            for shape in seen.shapes():
                found += [line_of(row) for row in seen.rows(shape)]
        return b"\n".join(found)


@pytest.fixture
async def place(
    empty_url: str, archive: Path, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Place]:
    """The twelve lives, on each database."""
    files = tmp_path / "files"
    restore(archive, empty_url, files, THURSDAY)
    store = open_store(empty_url, files, synchronous="OFF", clock=clock)
    async with store:
        yield Place(store, empty_url, files)


def asked_by(uow: UnitOfWork, person: PersonId) -> list[Assistance]:
    return uow.assistances.asked_by(person, 50)


async def ended(place: Place, person: PersonId) -> list[AssistanceId]:
    """Let the desk cancel whatever of theirs is not over."""
    desk = Desk(place.store, FakeClock(LATER), DeskSettings("", "", "fr"), Rules)
    agent = Actor(Role.AGENT, None, "Camille Durand", Trust.STAFF, "web")

    def work(uow: UnitOfWork) -> list[AssistanceId]:
        lives = asked_by(uow, person)
        for it in lives:
            if it.is_open:
                fresh = uow.assistances.get(it.id)
                desk.apply(uow, fresh, CancelAssistance("Fin de l’essai."), agent)
        return [it.id for it in lives]

    return await place.store.write(work)


def words_of(uow: UnitOfWork, person: PersonId) -> set[str]:
    """What must not be said any more, in the spellings it may stand in."""
    who = uow.people.get(person)
    plain = {who.name, who.company, *who.name.split(), *who.addresses, *who.phones}
    for it in asked_by(uow, person):
        plain |= {str(it.answers.get(key) or "") for key in ("address", "contact_name")}
        plain |= {document.name for document in it.documents}
        for line in uow.events.of(it.id):
            if line.actor.person == person:
                text = getattr(line.event, "text", "")
                plain |= {
                    part
                    for part in text.splitlines()
                    if len(part) > 20 and " : " not in part
                }
    spread = {f"0{number[3:]}" for number in who.phones}
    return {word for word in plain | spread | {fold(w) for w in plain} if len(word) > 4}


async def test_of_a_client_who_is_forgotten_no_word_is_left_anywhere(
    place: Place,
) -> None:
    person = await place.store.write(lambda uow: found(uow, JULIEN))
    words = await place.store.write(lambda uow: words_of(uow, person.id))
    keys = await ended(place, person.id)
    before = place.octets().lower()
    assert sum(word.encode().lower() in before for word in words) > 12
    done = await erase(place.store, place.url, person, LATER)
    assert len(done.assistances) == len(keys) > 1
    after = place.octets().lower()
    left = {word for word in words if word.encode().lower() in after}
    assert left == set()
