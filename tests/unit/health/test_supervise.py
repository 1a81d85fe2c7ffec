"""Loops are kept alive, one not disturbing the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.errors import PermanentFailure, TemporaryFailure
from azbot.health.supervise import (
    LoopHealth,
    LoopState,
    Pace,
    Supervisor,
    describe,
    repeat,
)
from azbot.testing.clock import FakeClock, settle

SECOND = timedelta(seconds=1)
PACE = Pace(
    first_after=SECOND,
    longest_after=8 * SECOND,
    asked_at_most_for=60 * SECOND,
    steady_for=30 * SECOND,
)


class Scripted:
    """A loop that fails as told, once per start, then runs until cancelled.

    Each entry of the script is the failure to raise, after how long a run.
    """

    def __init__(
        self, clock: FakeClock, *script: tuple[timedelta, BaseException | None]
    ) -> None:
        self._clock = clock
        self._script = iter(script)
        self.started_at: list[datetime] = []

    async def __call__(self) -> None:
        self.started_at.append(self._clock.now())
        ran_for, failure = next(self._script, (timedelta(days=999), None))
        await self._clock.sleep_until(self._clock.now() + ran_for)
        if failure is not None:
            raise failure

    def pauses(self) -> list[float]:
        pairs = zip(self.started_at, self.started_at[1:], strict=False)
        return [(later - earlier).total_seconds() for earlier, later in pairs]


class Bell:
    """Rings when told; waits on the clock of the test."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.waits: list[tuple[str, datetime]] = []

    def ring(self, topics: Iterable[str]) -> None:
        raise AssertionError("nobody rings here")

    async def wait(self, topic: str, until: datetime) -> None:
        self.waits.append((topic, until))
        await self._clock.sleep_until(until)


@asynccontextmanager
async def keeping(
    supervisor: Supervisor, **loops: Callable[[], Awaitable[object]]
) -> AsyncIterator[Sequence[asyncio.Task[None]]]:
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(supervisor.keep(name, loop))
            for name, loop in loops.items()
        ]
        await settle()
        yield tasks
        for task in tasks:
            task.cancel()


def supervised(clock: FakeClock) -> Supervisor:
    return Supervisor(clock, PACE, draw=lambda: 1.0)


def only(supervisor: Supervisor) -> LoopHealth:
    (health,) = supervisor.health()
    return health


NOW = timedelta(0)
OOPS = TemporaryFailure("mailbox busy")


async def test_a_loop_that_runs_is_well() -> None:
    clock = FakeClock()
    supervisor = supervised(clock)
    async with keeping(supervisor, mail=Scripted(clock)):
        assert only(supervisor) == LoopHealth("mail", LoopState.RUNNING)
        assert only(supervisor).is_well


async def test_a_failed_loop_waits_and_is_started_again() -> None:
    clock = FakeClock()
    supervisor = supervised(clock)
    loop = Scripted(clock, (NOW, OOPS))
    async with keeping(supervisor, mail=loop):
        failed_at = clock.now()
        waiting = only(supervisor)
        assert waiting.state is LoopState.WAITING
        assert waiting.last_error == "mailbox busy"
        assert waiting.failing_since_at == waiting.last_failed_at == failed_at
        assert waiting.retry_at == failed_at + SECOND
        assert not waiting.is_well
        await clock.advance(SECOND)
        recovering = only(supervisor)
        assert recovering.state is LoopState.RECOVERING
        assert recovering.restarts == 1
        assert recovering.failing_since_at == failed_at
        assert recovering.retry_at is None


async def test_only_what_nobody_foresaw_is_reported() -> None:
    clock = FakeClock()
    crashes: list[tuple[str, str]] = []

    async def crashed(loop: str, failure: Exception) -> None:
        crashes.append((loop, str(failure)))

    supervisor = Supervisor(clock, PACE, draw=lambda: 1.0, crashed=crashed)
    loop = Scripted(clock, (NOW, OOPS), (NOW, ValueError("a defect")))
    async with keeping(supervisor, mail=loop):
        assert crashes == []
        await clock.advance(SECOND)
        assert crashes == [("mail", "a defect")]


async def test_a_loop_is_well_again_after_a_steady_run_and_not_before() -> None:
    clock = FakeClock()
    supervisor = supervised(clock)
    async with keeping(supervisor, mail=Scripted(clock, (NOW, OOPS))):
        await clock.advance(SECOND)
        await clock.advance(PACE.steady_for - SECOND)
        assert only(supervisor).state is LoopState.RECOVERING
        await clock.advance(SECOND)
        well = only(supervisor)
        assert well.is_well
        assert well.failing_since_at is None
        assert well.last_error == "mailbox busy"


async def test_pauses_double_up_to_their_cap() -> None:
    clock = FakeClock()
    loop = Scripted(clock, *[(NOW, OOPS)] * 6)
    async with keeping(supervised(clock), mail=loop):
        await clock.advance(timedelta(minutes=1))
    assert loop.pauses() == [1, 2, 4, 8, 8, 8]


async def test_pauses_start_small_again_after_a_steady_run() -> None:
    clock = FakeClock()
    steady = PACE.steady_for
    loop = Scripted(clock, *[(NOW, OOPS)] * 3, (steady, OOPS), (NOW, OOPS))
    async with keeping(supervised(clock), mail=loop):
        await clock.advance(timedelta(minutes=2))
    assert loop.pauses() == [1, 2, 4, steady.total_seconds() + 1, 2]


async def test_a_run_just_short_of_steady_forgets_nothing() -> None:
    clock = FakeClock()
    almost = PACE.steady_for - SECOND
    loop = Scripted(clock, (NOW, OOPS), (almost, OOPS))
    async with keeping(supervised(clock), mail=loop):
        await clock.advance(timedelta(minutes=2))
    assert loop.pauses() == [1, almost.total_seconds() + 2]


async def test_failing_counts_from_the_first_failure() -> None:
    clock = FakeClock()
    supervisor = supervised(clock)
    began = clock.now()
    async with keeping(supervisor, mail=Scripted(clock, *[(NOW, OOPS)] * 4)):
        await clock.advance(5 * SECOND)
        health = only(supervisor)
        assert health.failing_since_at == began
        assert health.last_failed_at == began + 3 * SECOND


@pytest.mark.parametrize(("asked", "waited"), [(20, 20), (600, 60), (0, 1)])
async def test_a_pause_the_other_side_asks_for_is_kept_within_its_cap(
    asked: int, waited: int
) -> None:
    clock = FakeClock()
    busy = TemporaryFailure("slow down", retry_after=asked * SECOND)
    loop = Scripted(clock, (NOW, ExceptionGroup("both", [OSError(), busy])))
    async with keeping(supervised(clock), mail=loop):
        await clock.advance(timedelta(minutes=2))
    assert loop.pauses() == [waited]


async def test_a_loop_that_returns_is_started_again() -> None:
    clock = FakeClock()
    supervisor = supervised(clock)
    loop = Scripted(clock, (NOW, None))
    async with keeping(supervisor, mail=loop):
        assert only(supervisor).last_error == "ended by itself"
        await clock.advance(SECOND)
    assert len(loop.started_at) == 2


async def test_a_cancellation_that_escapes_a_library_stops_nothing() -> None:
    clock = FakeClock()
    supervisor = supervised(clock)
    loop = Scripted(clock, (NOW, asyncio.CancelledError()))
    async with keeping(supervisor, mail=loop):
        assert only(supervisor).last_error == "cancelled from within"
        await clock.advance(SECOND)
    assert len(loop.started_at) == 2


@pytest.mark.parametrize("script", [(), ((NOW, OOPS),)], ids=["running", "waiting"])
async def test_cancelling_stops_a_loop_at_once(
    script: tuple[tuple[timedelta, Exception], ...],
) -> None:
    clock = FakeClock()
    supervisor = supervised(clock)
    async with keeping(supervisor, mail=Scripted(clock, *script)) as (task,):
        task.cancel()
        await settle()
        assert task.cancelled()
        assert only(supervisor).state is LoopState.STOPPED
        assert clock.alarms == ()


async def test_one_broken_loop_does_not_disturb_another() -> None:
    clock = FakeClock()
    supervisor = supervised(clock)
    broken = Scripted(clock, *[(NOW, ZeroDivisionError())] * 99)
    sound = Scripted(clock)
    async with keeping(supervisor, chat=broken, mail=sound):
        await clock.advance(timedelta(minutes=5))
        states = {each.name: each.state for each in supervisor.health()}
    assert states == {"chat": LoopState.WAITING, "mail": LoopState.RUNNING}
    assert len(sound.started_at) == 1


async def test_two_loops_cannot_have_one_name_until_one_has_stopped() -> None:
    clock = FakeClock()
    supervisor = supervised(clock)
    async with keeping(supervisor, mail=Scripted(clock)):
        with pytest.raises(ValueError, match="already runs"):
            await supervisor.keep("mail", Scripted(clock))
    async with keeping(supervisor, mail=Scripted(clock)):
        assert only(supervisor).is_well


def test_a_foreign_failure_is_shown_by_its_class_alone() -> None:
    assert describe(OSError("password hunter2 refused")) == "OSError"
    assert describe(PermanentFailure("login refused")) == "login refused"
    group = ExceptionGroup("two", [ExceptionGroup("one", [KeyError("x")]), OOPS])
    assert describe(group) == "KeyError"


@given(
    failures=st.integers(1, 10_000),
    draw=st.floats(0, 1),
    asked=st.none() | st.timedeltas(timedelta(0), timedelta(days=400)),
)
def test_a_pause_stays_within_its_bounds(
    failures: int, draw: float, asked: timedelta | None
) -> None:
    pace = Pace()
    pause = pace.pause(failures, draw, asked)
    assert pace.first_after / 2 <= pause
    assert pause <= max(pace.longest_after, min(asked or NOW, pace.asked_at_most_for))


async def test_a_worker_works_until_nothing_is_left_then_rests() -> None:
    clock = FakeClock()
    bell = Bell(clock)
    left = [5, 3, 0, 0]
    steps: list[datetime] = []

    async def step(now: datetime) -> int:
        steps.append(now)
        return left.pop(0) if left else 0

    async def worker() -> None:
        await repeat(step, clock=clock, bell=bell, topic="outbox", rest_for=10 * SECOND)

    start = clock.now()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(worker())
        await settle()
        assert steps == [start] * 3
        assert bell.waits == [("outbox", start + 10 * SECOND)]
        await clock.advance(10 * SECOND)
        assert steps == [start] * 3 + [start + 10 * SECOND]
        task.cancel()


async def test_a_loop_that_may_give_up_rests_after_a_final_failure() -> None:
    clock = FakeClock()
    supervisor = supervised(clock)
    refused = PermanentFailure("the token is refused")
    loop = Scripted(clock, (NOW, OOPS), (NOW, ExceptionGroup("some", [refused])))
    async with asyncio.TaskGroup() as group:
        kept = group.create_task(supervisor.keep("chat", loop, may_give_up=True))
        await clock.advance(timedelta(hours=3))

        health = only(supervisor)
        assert len(loop.started_at) == 2
        assert health.state is LoopState.GIVEN_UP
        assert not health.is_well
        assert health.failing_since_at is not None
        assert health.last_error == "the token is refused"
        assert health.retry_at is None
        kept.cancel()
    assert only(supervisor).state is LoopState.STOPPED


async def test_a_loop_that_may_not_is_started_again_whatever_it_says() -> None:
    clock = FakeClock()
    supervisor = supervised(clock)
    loop = Scripted(clock, (NOW, PermanentFailure("never")))
    async with keeping(supervisor, mail=loop):
        await clock.advance(2 * SECOND)
        assert len(loop.started_at) == 2
