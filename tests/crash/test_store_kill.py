"""Killed at any instant, a writer leaves whole units of work and nothing else."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from azbot.store import Store, open_store
from azbot.store.queries import ListItem
from azbot.workflow.events import MessageAdded
from tests.crash import writer
from tests.crash.forks import begin

ROUNDS = 3


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def durable_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database that a process may be killed over."""
    if request.param == "sqlite":
        file = tmp_path / "azbot.db"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        return f"sqlite:///{file}"
    make: Callable[[str], str] = request.getfixturevalue("postgres_url")
    return make(request.getfixturevalue("migrated_database"))


def kill_in_the_middle(url: str, blobs: Path, start: int, after: int) -> list[int]:
    """Run a writer, kill it at a random instant, return what it reported."""
    process, heard = begin(writer.run, url, blobs, start)
    reported: list[int] = []
    # What it said before it died stays in the pipe.
    with heard, contextlib.suppress(EOFError):
        while True:
            reported.append(heard.recv())
            if len(reported) == after:
                process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    return reported


async def whole_units(store: Store) -> set[int]:
    """The units that are there, each checked in every part of the store."""
    units: set[int] = set()
    letters = {each.key for each in await store.views.outbox(limit=10_000)}
    raws = {each.position: each for each in await store.views.ledger(limit=10_000)}
    items: list[ListItem] = []
    after = None
    while True:
        page = await store.views.page(after=after, limit=500)
        items += page.items
        after = page.after
        if after is None:
            break
    for item in items:
        number = item.messages
        history = await store.views.timeline(item.id, is_internal=True)
        assert [type(line.event).__name__ for line in history] == [
            "AssistanceOpened",
            "MessageAdded",
        ]
        said = history[1].event
        assert isinstance(said, MessageAdded)
        assert said.text == f"unit {number}"
        assert f"unit {number}" in letters
        (timer,) = await store.views.timers_of(item.id)
        assert timer.subject == number
        content = await store.views.raw_content(raws[number].id)
        assert content == writer.content_of(number)
        units.add(number)
    assert len(letters) == len(raws) == len(items) == len(units)
    return units


async def test_a_killed_writer_leaves_only_whole_units(
    durable_url: str, tmp_path: Path
) -> None:
    blobs = tmp_path / "blobs"
    chance = random.Random(tmp_path.name)
    reported: set[int] = set()
    for turn in range(ROUNDS):
        start = turn * 1_000 + 1
        reported |= set(
            kill_in_the_middle(durable_url, blobs, start, chance.randint(1, 60))
        )
        async with open_store(durable_url, blobs) as store:
            units = await whole_units(store)
            newest = (await store.views.page(limit=1)).items[0]
        assert reported <= units
        # No number was lost with a unit that was cut off.
        assert newest.ref == f"ASFR26{len(units):06d}"
    assert len(reported) >= ROUNDS
