"""Killed at any instant, a writer leaves whole units of work and nothing else."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from azbot.store import Store, open_store
from azbot.store.octets import INLINE_LIMIT
from azbot.store.queries import ListItem
from azbot.workflow.events import MessageAdded

ROUNDS = 3

# Each unit writes to every part of the store; its number stands in all of them. A
# line on stdout says that its commit was reported.
WRITER = textwrap.dedent(
    """
    import asyncio, sys
    from dataclasses import replace
    from pathlib import Path
    from azbot.store import open_store, RawOutcome, RawState
    from azbot.workflow.decision import Timer
    from azbot.workflow.events import MessageAdded
    from tests.stores import NOW, MINUTE, a_delivery, a_line, a_raw, an_assistance
    from azbot.store.octets import INLINE_LIMIT

    def unit(number):
        def work(uow):
            it = an_assistance(uow)
            said = MessageAdded(f"unit {number}")
            uow.events.append(it.id, [a_line(said)])
            uow.assistances.save(replace(it, messages=number))
            uow.outbox.put([replace(a_delivery(f"unit {number}"),
                                    assistance_id=it.id)])
            uow.timers.replace(it.id, [Timer("unit", number, NOW)])
            big = b"%d" % number * (INLINE_LIMIT if number % 3 == 0 else 1)
            uow.raw.accept([a_raw(number, big)])
            print(uow.raw.position(a_raw().source), end="", file=sys.stderr)
            return it.id
        return work

    async def caller(store, numbers):
        for number in numbers:
            await store.write(unit(number))
            print(number, flush=True)

    async def main(url, blobs, start):
        async with open_store(url, Path(blobs)) as store:
            numbers = iter(range(int(start), int(start) + 100_000))
            await asyncio.gather(*(caller(store, numbers) for _ in range(5)))

    asyncio.run(main(*sys.argv[1:]))
    """
)


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
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, url, str(blobs), str(start)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    reported = []
    with process:
        for line in process.stdout:
            reported.append(int(line))
            if len(reported) == after:
                process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
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
        assert content == b"%d" % number * (INLINE_LIMIT if number % 3 == 0 else 1)
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
