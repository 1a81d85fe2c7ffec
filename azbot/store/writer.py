"""The write side: units of work, each as one function in one thread hop.

Waking a thread for each statement is what costs (docs/decisions/0002). A writer
thread therefore runs the whole function, and when several wait it runs them in one
transaction, each under its own savepoint: they share the commit, which is where
the disk is waited for, and nothing else.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from azbot.errors import StoreUnreachable
from azbot.ports import Blobs
from azbot.store.sql import Sql
from azbot.store.translate import is_worth_one_more, may_retry, translated
from azbot.store.unit_of_work import UnitOfWork

T = TypeVar("T")
Announce = Callable[[Connection, set[str]], None]

_ATTEMPTS = 5


@dataclass(slots=True, eq=False)
class _Job(Generic[T]):
    work: Callable[[UnitOfWork], T]
    future: asyncio.Future[T]
    value: T | None = None
    error: BaseException | None = None

    @property
    def is_wanted(self) -> bool:
        return not self.future.cancelled()


class Writer:
    """Runs units of work in its own threads.

    Args:
        engine: of the write side.
        threads: how many; one for SQLite, which has one writer.
        together: most units of work in one transaction; 1 where the database
            groups commits itself.
        announce: called inside each transaction with the topics to ring.
        ring: called after each commit with the same topics, from any thread.
    """

    def __init__(
        self,
        engine: Engine,
        blobs: Blobs,
        *,
        threads: int,
        together: int,
        announce: Announce,
        ring: Callable[[set[str]], None],
    ) -> None:
        self._engine = engine
        self._blobs = blobs
        self._together = together
        self._announce = announce
        self._ring = ring
        self._jobs: queue.SimpleQueue[list[_Job[Any]] | None] = queue.SimpleQueue()
        self._handed: list[_Job[Any]] = []
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"azbot-writer-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    async def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run one unit of work; return its value after the commit."""
        if self._is_closed:
            raise StoreUnreachable("the store is closed")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        # What one turn of the loop hands in goes over together: the thread would
        # otherwise wake for the first and commit it alone.
        if not self._handed:
            loop.call_soon(self._hand_over)
        self._handed.append(_Job(work, answer))
        return await answer

    def _hand_over(self) -> None:
        handed, self._handed = self._handed, []
        for start in range(0, len(handed), self._together):
            self._jobs.put(handed[start : start + self._together])

    async def aclose(self) -> None:
        """Finish what was handed in, then stop the threads. May be called twice."""
        if not self._is_closed:
            self._is_closed = True
            self._hand_over()
            for _ in self._threads:
                self._jobs.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    # --- in the threads ------------------------------------------------------------

    def _serve(self) -> None:
        connection: Connection | None = None
        while (jobs := self._next()) is not None:
            try:
                if connection is None or connection.closed:
                    connection = self._engine.connect()
                self._run(connection, jobs)
            except BaseException as error:  # noqa: BLE001 - every caller is told
                for job in jobs:
                    job.error = job.error or _told(error)
            if connection is not None and connection.invalidated:
                connection.close()
                connection = None
            _answer(jobs)
        if connection is not None:
            connection.close()

    def _next(self) -> list[_Job[Any]] | None:
        """Wait for jobs, then take along what waits behind them."""
        jobs = self._jobs.get()
        while jobs is not None and len(jobs) < self._together:
            try:
                more = self._jobs.get_nowait()
            except queue.Empty:
                break
            if more is None:
                self._jobs.put(None)
                break
            jobs += more
        return jobs

    def _run(self, connection: Connection, jobs: Sequence[_Job[Any]]) -> None:
        wanted = [job for job in jobs if job.is_wanted]
        if len(wanted) > 1 and self._run_together(connection, wanted):
            return
        for job in wanted:
            self._run_alone(connection, job)

    def _run_together(self, connection: Connection, jobs: Sequence[_Job[Any]]) -> bool:
        """Run several in one transaction; False when none of it counts.

        Some errors end the whole transaction (a full disk, an interrupted
        statement): then each is run alone and hears its own answer.
        """
        topics: set[str] = set()
        try:
            with connection.begin():
                for job in jobs:
                    topics |= self._run_under_savepoint(connection, job)
                self._announce(connection, topics)
        except SQLAlchemyError:
            for job in jobs:
                job.value = job.error = None
            return False
        self._ring(topics)
        return True

    def _run_under_savepoint(self, connection: Connection, job: _Job[Any]) -> set[str]:
        sql = Sql(connection)
        uow = UnitOfWork(sql, self._blobs)
        sql.command("SAVEPOINT work")
        try:
            job.value = job.work(uow)
        except BaseException as error:  # noqa: BLE001 - told to its caller
            sql.command("ROLLBACK TO work")
            job.error = _told(error)
            return set()
        finally:
            sql.command("RELEASE work")
        return uow.topics

    def _run_alone(self, connection: Connection, job: _Job[Any]) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            may_repeat = True
            try:
                with connection.begin():
                    uow = UnitOfWork(Sql(connection), self._blobs)
                    job.value = job.work(uow)
                    self._announce(connection, uow.topics)
                    # A connection lost from here on leaves us in doubt.
                    may_repeat = False
            except BaseException as error:  # noqa: BLE001 - told to its caller
                if may_retry(error) and attempt < _ATTEMPTS:
                    continue
                if may_repeat and attempt == 1 and is_worth_one_more(error):
                    continue
                job.error = _told(error)
            else:
                self._ring(uow.topics)
            return


def _told(error: BaseException) -> BaseException:
    if not isinstance(error, Exception):
        return error
    other = translated(error)
    if other is not error:
        other.__cause__ = error
    return other


def _answer(jobs: Sequence[_Job[Any]]) -> None:
    """Wake each loop once for all its jobs."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job[Any]]] = {}
    for job in jobs:
        by_loop.setdefault(job.future.get_loop(), []).append(job)
    for loop, own in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, own)


def _resolve(jobs: Sequence[_Job[Any]]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.value)
