"""Bells: whoever waits is woken after the commit, and nobody misses a ring."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from azbot.store import Store, open_store
from azbot.store.bell import LocalBell
from azbot.testing.clock import FakeClock, settle
from azbot.testing.patience import PATIENCE
from tests.stores import a_raw, an_assistance

LONG = timedelta(hours=1)


@pytest.fixture
def bell(clock: FakeClock) -> LocalBell:
    """A bell that only rings and the clock wake."""
    return LocalBell(clock)


async def woken(waiting: Coroutine[object, object, None]) -> None:
    """Fail rather than hang when nobody wakes it."""
    async with asyncio.timeout(PATIENCE):
        await waiting


async def test_a_ring_wakes_every_waiter_of_its_topic_alone(
    bell: LocalBell, clock: FakeClock
) -> None:
    until = clock.now() + LONG
    woke: list[str] = []

    async def wait(name: str, topic: str) -> None:
        await bell.wait(topic, until)
        woke.append(name)

    async with asyncio.TaskGroup() as group:
        for name in ("a", "b"):
            group.create_task(wait(name, "raw"))
        group.create_task(wait("c", "outbox"))
        await settle()
        bell.ring(["raw"])
        await settle()
        assert sorted(woke) == ["a", "b"]
        await clock.advance(LONG)
    assert woke[-1] == "c"


async def test_a_ring_nobody_heard_is_told_to_the_next_who_waits(
    bell: LocalBell, clock: FakeClock
) -> None:
    bell.ring(["raw"])
    bell.ring(["raw"])
    await woken(bell.wait("raw", clock.now() + LONG))
    later = asyncio.ensure_future(bell.wait("raw", clock.now() + LONG))  # noqa: TID251
    await settle()
    assert not later.done()
    bell.ring(["raw"])
    await woken(asyncio.wait_for(later, None))


async def test_who_was_busy_is_told_although_another_was_woken(
    bell: LocalBell, clock: FakeClock
) -> None:
    until = clock.now() + LONG
    order: list[str] = []
    busy = asyncio.Event()

    async def first() -> None:
        await bell.wait("raw", until)
        order.append("first")
        await busy.wait()
        await bell.wait("raw", until)
        order.append("first again")

    async def second() -> None:
        await bell.wait("raw", until)
        order.append("second")
        await bell.wait("raw", until)
        order.append("second again")

    async with asyncio.TaskGroup() as group:
        group.create_task(first())
        group.create_task(second())
        await settle()
        bell.ring(["raw"])
        await settle()
        bell.ring(["raw"])  # the first is busy, the second waits
        await settle()
        assert order[2:] == ["second again"]
        busy.set()
        await settle()
        assert order[3:] == ["first again"]


async def test_without_a_ring_the_wait_ends_in_time(
    bell: LocalBell, clock: FakeClock
) -> None:
    waiting = asyncio.ensure_future(bell.wait("raw", clock.now() + LONG))  # noqa: TID251
    await clock.advance(LONG - timedelta(seconds=1))
    assert not waiting.done()
    await clock.advance(timedelta(seconds=1))
    await woken(asyncio.wait_for(waiting, None))


async def test_a_polling_bell_never_sleeps_longer_than_its_poll(
    clock: FakeClock,
) -> None:
    bell = LocalBell(clock, timedelta(seconds=5))
    waiting = asyncio.ensure_future(bell.wait("raw", clock.now() + LONG))  # noqa: TID251
    await clock.advance(timedelta(seconds=5))
    await woken(asyncio.wait_for(waiting, None))


async def test_a_ring_from_another_thread_is_heard(
    bell: LocalBell, clock: FakeClock
) -> None:
    waiting = asyncio.ensure_future(bell.wait("raw", clock.now() + LONG))  # noqa: TID251
    await settle()
    thread = Thread(target=bell.ring, args=(["raw"],))
    thread.start()
    thread.join()
    await woken(asyncio.wait_for(waiting, None))


async def test_a_cancelled_waiter_is_forgotten(
    bell: LocalBell, clock: FakeClock
) -> None:
    waiting = asyncio.ensure_future(bell.wait("raw", clock.now() + LONG))  # noqa: TID251
    await settle()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    bell.ring(["raw"])
    await woken(bell.wait("raw", clock.now() + LONG))


@pytest.mark.parametrize(
    ("topic", "work"),
    [
        ("events", an_assistance),
        ("raw", lambda uow: uow.raw.accept([a_raw()])),
        ("mine", lambda uow: uow.ring("mine")),
    ],
)
async def test_a_commit_rings_for_what_it_added(
    store: Store, clock: FakeClock, topic: str, work: object
) -> None:
    waiting = asyncio.ensure_future(store.bell.wait(topic, clock.now() + LONG))  # noqa: TID251
    await settle()
    await store.write(work)  # type: ignore[arg-type]
    await woken(asyncio.wait_for(waiting, None))


async def test_what_rolled_back_does_not_ring(
    sqlite_store: Store, clock: FakeClock
) -> None:
    def work(uow: object) -> None:
        an_assistance(uow)  # type: ignore[arg-type]
        raise LookupError("no")

    waiting = asyncio.ensure_future(  # noqa: TID251
        sqlite_store.bell.wait("events", clock.now() + LONG)
    )
    await settle()
    with pytest.raises(LookupError):
        await sqlite_store.write(work)
    await settle()
    assert not waiting.done()
    waiting.cancel()


@pytest.mark.postgres
async def test_other_processes_hear_a_commit_on_postgresql(
    postgres_url: object, migrated_database: str, tmp_path: Path, clock: FakeClock
) -> None:
    url = postgres_url(migrated_database)  # type: ignore[operator]
    one = open_store(url, tmp_path / "blobs", clock=clock)
    two = open_store(url, tmp_path / "blobs", clock=clock)
    async with one, two:
        until = clock.now() + LONG
        # The first ring says that the ear listens.
        await woken(two.bell.wait("raw", until))
        waiting = asyncio.ensure_future(two.bell.wait("raw", until))  # noqa: TID251
        await settle()
        await one.accept([a_raw()])
        await woken(asyncio.wait_for(waiting, None))
