"""The fake clock is a clock, and lets a test decide when time passes."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.testing.clock import FakeClock, settle

SECOND = timedelta(seconds=1)


async def test_time_stands_still_until_it_is_advanced() -> None:
    clock = FakeClock()
    before = clock.now()
    await clock.advance(90 * SECOND)
    assert clock.now() - before == 90 * SECOND


async def test_a_past_instant_is_not_slept_for() -> None:
    clock = FakeClock()
    await clock.sleep_until(clock.now() - SECOND)
    await clock.sleep_until(clock.now())
    assert [*clock.alarms] == []


async def test_a_sleeper_wakes_at_its_instant_and_not_before() -> None:
    clock = FakeClock()
    woken: list[datetime] = []

    async def sleeper() -> None:
        await clock.sleep_until(clock.now() + 10 * SECOND)
        woken.append(clock.now())

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sleeper())
        start = clock.now()
        await clock.advance(9 * SECOND)
        assert woken == []
        await clock.advance(SECOND)
        assert woken == [start + 10 * SECOND]


async def test_whoever_wakes_may_sleep_again_within_one_advance() -> None:
    clock = FakeClock()
    start = clock.now()
    beats: list[float] = []

    async def beat() -> None:
        for _ in range(5):
            await clock.sleep_until(clock.now() + SECOND)
            beats.append((clock.now() - start).total_seconds())

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(beat())
        await clock.advance(10 * SECOND)
    assert beats == [1, 2, 3, 4, 5]


@given(delays=st.lists(st.integers(0, 100), max_size=20))
def test_sleepers_wake_in_the_order_of_their_instants(delays: list[int]) -> None:
    async def play() -> list[int]:
        clock = FakeClock()
        start = clock.now()
        woken: list[int] = []

        async def sleeper(delay: int) -> None:
            await clock.sleep_until(start + delay * SECOND)
            woken.append(delay)

        async with asyncio.TaskGroup() as tasks:
            for delay in delays:
                tasks.create_task(sleeper(delay))
            await clock.advance(100 * SECOND)
        return woken

    assert asyncio.run(play()) == sorted(delays)


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = FakeClock()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(clock.sleep_until(clock.now() + SECOND))
        await settle()
        assert [*clock.alarms] == [clock.now() + SECOND]
        task.cancel()
    assert [*clock.alarms] == []
    await clock.advance(2 * SECOND)


async def test_a_test_can_wait_until_a_loop_that_uses_threads_sleeps() -> None:
    clock = FakeClock()
    done: list[str] = []

    async def worker() -> None:
        await asyncio.to_thread(done.append, "in a thread")
        await clock.sleep_until(clock.now() + SECOND)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker())
        await clock.until_asleep()
        assert done == ["in a thread"]
        await clock.advance(SECOND)


async def test_time_does_not_run_back() -> None:
    clock = FakeClock()
    with pytest.raises(ValueError, match="past"):
        await clock.advance(-SECOND)


async def test_a_naive_instant_is_refused() -> None:
    naive = datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        FakeClock(naive)
    with pytest.raises(ValueError, match="time zone"):
        await FakeClock().sleep_until(naive)


async def test_a_loop_that_never_rests_is_reported() -> None:
    async def spin() -> None:
        for _ in itertools.repeat(None):
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(spin())
        with pytest.raises(RuntimeError, match="busy"):
            await settle()
        task.cancel()
