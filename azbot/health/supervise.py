"""Keeps loops alive, and knows how each one fares.

A loop is a coroutine function that works until it is cancelled: a channel's
``run``, or ``repeat`` around a worker's ``step``. Whatever it raises, it is started
again after a growing, jittered pause; one broken loop never stops another. Only a
loop that may give up, and says that trying again is of no use before somebody has
changed something, rests. What failed, since when and when it is tried again can be
read at any time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NoReturn

import structlog

from azbot.errors import AzbotError, PermanentFailure, TemporaryFailure
from azbot.ports import Bell, Clock, Trouble

_log = structlog.get_logger(__name__)


class LoopState(StrEnum):
    """How a loop fares."""

    RUNNING = "running"
    """It runs, and has not failed lately."""
    RECOVERING = "recovering"
    """It was started again and has not yet run long enough to be trusted."""
    WAITING = "waiting"
    """It failed and pauses before its next start."""
    GIVEN_UP = "given_up"
    """It failed for good: somebody has to change something and start azbot anew."""
    STOPPED = "stopped"
    """It was cancelled."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a failed loop is started again.

    Attributes:
        first_after: the longest pause after the first failure.
        longest_after: the cap of the doubling.
        asked_at_most_for: cap of a pause that the other side asks for.
        steady_for: after running so long, earlier failures are forgotten.
    """

    first_after: timedelta = timedelta(seconds=1)
    longest_after: timedelta = timedelta(minutes=1)
    asked_at_most_for: timedelta = timedelta(hours=1)
    steady_for: timedelta = timedelta(minutes=1)

    def pause(self, failures: int, draw: float, asked: timedelta | None) -> timedelta:
        """Return how long to wait before the next start.

        Args:
            failures: in a row, 1 or more.
            draw: from 0 to 1; spreads the starts over the upper half of the pause.
            asked: the pause that the other side asked for, kept when longer.
        """
        # Beyond 32 doublings every sensible cap is reached.
        doubled = self.first_after * (1 << min(failures - 1, 32))
        pause = min(doubled, self.longest_after) * (0.5 + draw / 2)
        if asked is None:
            return pause
        return max(pause, min(asked, self.asked_at_most_for))


@dataclass(frozen=True, slots=True)
class LoopHealth:
    """What there is to know about one loop.

    Attributes:
        name: as given to ``Supervisor.keep``.
        state: how it fares now.
        restarts: how often it was started again, since the process started.
        failing_since_at: its first failure since it last ran steadily; None when
            all is well.
        last_failed_at: its latest failure, None when there was none.
        last_error: one line, without secret or address; empty when there was none.
        retry_at: when it starts again; None unless it waits.
        failure: class of the latest failure, ``Contested``; empty when there was none.
    """

    name: str
    state: LoopState
    restarts: int = 0
    failing_since_at: datetime | None = None
    last_failed_at: datetime | None = None
    last_error: str = ""
    retry_at: datetime | None = None
    failure: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nobody needs to look after it."""
        return self.state in {LoopState.RUNNING, LoopState.STOPPED}


def _fares(name: str, trouble: Trouble | None) -> LoopHealth:
    if trouble is None:
        return LoopHealth(name, LoopState.RUNNING)
    return LoopHealth(
        name,
        LoopState.WAITING,
        failing_since_at=trouble.since_at,
        last_failed_at=trouble.since_at,
        last_error=trouble.error,
    )


Crashed = Callable[[str, Exception], Awaitable[object]]


class Supervisor:
    """Keeps any number of named loops alive.

    Args:
        clock: where time comes from.
        pace: how fast failed loops are started again.
        draw: gives a number from 0 to 1, to spread the starts.
        crashed: told of a failure nobody foresaw, with the name of its loop.
    """

    def __init__(
        self,
        clock: Clock,
        pace: Pace | None = None,
        draw: Callable[[], float] = random.random,
        crashed: Crashed | None = None,
    ) -> None:
        self._clock = clock
        self._pace = pace or Pace()
        self._draw = draw
        self._crashed = crashed
        self._kept: dict[str, _Kept] = {}
        self._watched: dict[str, Callable[[], Trouble | None]] = {}

    def watch(self, name: str, look: Callable[[], Trouble | None]) -> None:
        """Let health tell of work that goes on whatever fails in it.

        Args:
            name: as of a loop, and unlike any.
            look: returns what is the matter now, None: nothing.
        """
        self._watched[name] = look

    async def keep(
        self,
        name: str,
        loop: Callable[[], Awaitable[object]],
        *,
        may_give_up: bool = False,
    ) -> NoReturn:
        """Run the loop, and run it again whenever it fails or returns.

        Args:
            name: names it in health and logs; unique among those that run.
            loop: makes a fresh run each time it is called.
            may_give_up: after a ``PermanentFailure`` it is not run again.

        Raises:
            asyncio.CancelledError: this task was cancelled; the only way out.
            ValueError: a loop of this name already runs.
        """
        known = self._kept.get(name)
        if known is not None and known.state is not LoopState.STOPPED:
            raise ValueError(f"a loop named {name!r} already runs")
        kept = self._kept[name] = _Kept(self._clock.now())
        try:
            while True:
                failure = await _run_once(loop)
                retry_at = self._note(name, kept, failure)
                if self._crashed is not None and not _is_foreseen(failure):
                    await self._crashed(name, failure)
                if may_give_up and _is_final(failure):
                    kept.give_up()
                    _log.error("loop.given_up", loop=name, error=kept.last_error)
                    await asyncio.get_running_loop().create_future()
                await self._clock.sleep_until(retry_at)
                kept.start(self._clock.now())
        finally:
            kept.stop()

    def health(self) -> tuple[LoopHealth, ...]:
        """Return how every loop fares now, by name."""
        now = self._clock.now()
        loops = [k.health(name, now, self._pace) for name, k in self._kept.items()]
        loops += [_fares(name, look()) for name, look in self._watched.items()]
        return tuple(sorted(loops, key=lambda loop: loop.name))

    def _note(self, name: str, kept: _Kept, failure: Exception) -> datetime:
        now = self._clock.now()
        line = describe(failure)
        kept.fail(now, line, type(next(_leaves(failure))).__name__, self._pace)
        asked = _asked_pause(failure)
        retry_at = now + self._pace.pause(kept.failures, self._draw(), asked)
        kept.retry_at = retry_at
        log = _log.bind(
            loop=name, error=line, failures=kept.failures, retry_at=retry_at.isoformat()
        )
        if _is_foreseen(failure):
            log.warning("loop.failed")
        else:
            # Whoever is told of it writes the places down.
            log.error("loop.failed", exc_info=None if self._crashed else failure)
        return retry_at


async def repeat(
    step: Callable[[datetime], Awaitable[int]],
    *,
    clock: Clock,
    bell: Bell,
    topic: str,
    rest_for: timedelta,
) -> NoReturn:
    """Repeat a worker's step until cancelled.

    Args:
        step: handles one batch that is due at the instant given, and returns how
            many there were; called again at once until there are none.
        clock: where time comes from.
        bell: wakes the worker early.
        topic: what the worker listens for.
        rest_for: the longest rest between two looks, for what no bell announces:
            timers, and commits of other processes.
    """
    while True:
        if await step(clock.now()):
            # A step that never had to wait must not starve the other loops.
            await asyncio.sleep(0)
            continue
        await bell.wait(topic, clock.now() + rest_for)


def describe(failure: BaseException) -> str:
    """Return one line about a failure, safe to show.

    azbot's own errors promise to carry no secret; of foreign ones only the class
    is told, and the rest stands in the log.
    """
    leaf = next(_leaves(failure))
    return str(leaf) if isinstance(leaf, AzbotError) else type(leaf).__name__


class _Kept:
    """What the supervisor remembers of one loop."""

    def __init__(self, now: datetime) -> None:
        self.state = LoopState.RUNNING
        self.started_at = now
        self.restarts = 0
        self.failures = 0
        self.failing_since_at: datetime | None = None
        self.last_failed_at: datetime | None = None
        self.last_error = ""
        self.failure = ""
        self.retry_at: datetime | None = None

    def start(self, now: datetime) -> None:
        self.state = LoopState.RECOVERING
        self.started_at = now
        self.restarts += 1
        self.retry_at = None

    def fail(self, now: datetime, line: str, failure: str, pace: Pace) -> None:
        if self.is_steady(now, pace):
            self.failures = 0
            self.failing_since_at = None
        self.state = LoopState.WAITING
        self.failures += 1
        self.failing_since_at = self.failing_since_at or now
        self.last_failed_at = now
        self.last_error = line
        self.failure = failure

    def give_up(self) -> None:
        self.state = LoopState.GIVEN_UP
        self.retry_at = None

    def stop(self) -> None:
        self.state = LoopState.STOPPED
        self.retry_at = None

    def is_steady(self, now: datetime, pace: Pace) -> bool:
        return now - self.started_at >= pace.steady_for

    def health(self, name: str, now: datetime, pace: Pace) -> LoopHealth:
        state = self.state
        if state is LoopState.RECOVERING and self.is_steady(now, pace):
            state = LoopState.RUNNING
        is_failing = state not in {LoopState.RUNNING, LoopState.STOPPED}
        return LoopHealth(
            name=name,
            state=state,
            restarts=self.restarts,
            failing_since_at=self.failing_since_at if is_failing else None,
            last_failed_at=self.last_failed_at,
            last_error=self.last_error,
            retry_at=self.retry_at,
            failure=self.failure,
        )


async def _run_once(loop: Callable[[], Awaitable[object]]) -> Exception:
    """Run a loop until it fails; return why. Only our own cancelling passes."""
    try:
        await loop()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # A library cancelled something of its own and let it escape: nobody has
        # asked this loop to stop.
        return TemporaryFailure("cancelled from within")
    except Exception as failure:  # noqa: BLE001 (whatever it is, start again)
        return failure
    return TemporaryFailure("ended by itself")


def _is_foreseen(failure: Exception) -> bool:
    return all(isinstance(leaf, AzbotError) for leaf in _leaves(failure))


def _is_final(failure: Exception) -> bool:
    return any(isinstance(leaf, PermanentFailure) for leaf in _leaves(failure))


def _asked_pause(failure: Exception) -> timedelta | None:
    asked = [
        leaf.retry_after
        for leaf in _leaves(failure)
        if isinstance(leaf, TemporaryFailure) and leaf.retry_after is not None
    ]
    return max(asked, default=None)


def _leaves(failure: BaseException) -> Iterator[BaseException]:
    """Yield the failures inside groups, in order; a plain one yields itself."""
    if isinstance(failure, BaseExceptionGroup):
        for inner in failure.exceptions:
            yield from _leaves(inner)
    else:
        yield failure
