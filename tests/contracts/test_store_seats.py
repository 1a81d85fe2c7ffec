"""What one process of several does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from azbot.errors import StoreUnreachable
from azbot.store import Store, open_store
from azbot.store.seats import LEASE
from azbot.testing.clock import FakeClock
from tests.stores import MINUTE, NOW, a_raw


async def take(
    store: Store, worker: str, *, later: timedelta = timedelta(), place: str = "x"
) -> bool:
    now = NOW + later
    return await store.write(lambda uow: uow.seats.take(place, worker, MINUTE, now))


async def test_a_seat_is_one_persons_until_it_is_left(store: Store) -> None:
    assert await take(store, "one")
    assert not await take(store, "two")
    assert await take(store, "two", place="y")
    assert not await store.write(lambda uow: uow.seats.leave("x", "two"))
    assert await store.write(lambda uow: uow.seats.leave("x", "one"))
    assert await take(store, "two")


async def test_a_seat_is_kept_by_sitting_down_again(store: Store) -> None:
    assert await take(store, "one")
    assert await take(store, "one", later=MINUTE / 2)
    assert not await take(store, "two", later=MINUTE)
    assert await take(store, "two", later=2 * MINUTE)
    assert not await take(store, "one", later=2 * MINUTE)


async def test_of_many_who_come_at_once_one_sits(store: Store) -> None:
    await take(store, "zero")
    names = [str(number) for number in range(8)]
    late = 2 * MINUTE
    found = await asyncio.gather(*(take(store, name, later=late) for name in names))
    assert sum(found) == 1


async def test_what_the_dead_sat_on_is_free(store: Store) -> None:
    await take(store, "one")
    assert await store.write(lambda uow: uow.holders.names()) == {"one"}
    assert await store.write(lambda uow: uow.holders.forget("one")) == 1
    assert await take(store, "two")


async def tick(clock: FakeClock) -> None:
    while True:
        await clock.until_asleep(1)
        await clock.advance(timedelta(seconds=5))


async def test_two_processes_work_one_after_the_other(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    clock = FakeClock()
    log: list[str] = []

    async def work(name: str, gate: asyncio.Event) -> None:
        log.append(f"{name} begins")
        await gate.wait()
        log.append(f"{name} ends")

    first, second = asyncio.Event(), asyncio.Event()
    second.set()
    async with (
        open_store(store_url, tmp_path / "a", clock=clock) as one,
        open_store(store_url, tmp_path / "b", clock=clock) as two,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(one.alone("x", lambda: work("one", first)))
        await clock.until_asleep(1)
        waiting = group.create_task(two.alone("x", lambda: work("two", second)))
        await clock.until_asleep(2)
        await clock.advance(timedelta(minutes=5))
        assert log == ["one begins"]
        first.set()
        ticking = group.create_task(tick(clock))
        await waiting
        ticking.cancel()

    assert log == ["one begins", "one ends", "two begins", "two ends"]


async def test_who_lost_the_seat_stops(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    clock = FakeClock()
    async with (
        open_store(store_url, tmp_path / "a", clock=clock) as one,
        asyncio.TaskGroup() as group,
    ):

        async def work() -> None:
            await asyncio.Event().wait()

        async def lose() -> None:
            with pytest.raises(ExceptionGroup) as caught:
                await one.alone("x", work)
            assert caught.group_contains(StoreUnreachable)

        losing = group.create_task(lose())
        await clock.until_asleep(1)
        await store.write(lambda uow: uow.seats.leave("x", one.worker))
        later = clock.now() + timedelta(days=1)
        await store.write(lambda uow: uow.seats.take("x", "other", LEASE, later))
        await clock.advance(timedelta(seconds=5))
        await losing


async def test_the_source_heard_last_is_known(store: Store) -> None:
    assert await store.latest("telegram:1;") is None
    for number, source in enumerate(("telegram:1;a", "telegram:1;b", "telegram:12;c")):
        at = NOW + timedelta(days=number)
        raw = replace(a_raw(number + 1), source=source, received_at=at)
        await store.accept([raw])

    assert await store.latest("telegram:1;") == (
        "telegram:1;b",
        NOW + timedelta(days=1),
    )
