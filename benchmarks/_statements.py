"""What a database was told, and how fast it does the same with nothing around it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, event
from typing_extensions import override


class Took(NamedTuple):
    """What a stretch of work took.

    Attributes:
        seconds: by the clock on the wall; other programs, and the disk, count.
        cpu_seconds: of this process alone, all its threads.
    """

    seconds: float
    cpu_seconds: float


@contextmanager
def timing(took: list[Took]) -> Iterator[None]:
    """Note what the block takes."""
    began, cpu = time.perf_counter(), time.process_time()
    yield
    took.append(Took(time.perf_counter() - began, time.process_time() - cpu))


class Statement(NamedTuple):
    """One statement and its values; of ``is_many``, a sequence of them."""

    words: str
    values: Any = ()
    is_many: bool = False


class _Cursor(sqlite3.Cursor):
    connection: Recorded

    @override
    def execute(self, words: str, values: Any = (), /) -> Any:
        self.connection.said.append(Statement(words, values))
        return super().execute(words, values)

    @override
    def executemany(self, words: str, values: Any, /) -> Any:
        self.connection.said.append(Statement(words, values, is_many=True))
        return super().executemany(words, values)


class Recorded(sqlite3.Connection):
    """A connection that remembers what was said, in order."""

    said: list[Statement]

    @override
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    @override
    def commit(self) -> None:
        self.said.append(Statement("COMMIT"))
        super().commit()


@contextmanager
def recording() -> Iterator[list[Recorded]]:
    """Have every synchronous connection made meanwhile remember; yields them all."""
    made: list[Recorded] = []

    def connect(dialect: Any, _record: Any, place: Any, how: Any) -> Any:
        if dialect.is_async:
            return None
        connection = sqlite3.connect(*place, **how, factory=Recorded)
        connection.said = []
        made.append(connection)
        return connection

    event.listen(Engine, "do_connect", connect)
    try:
        yield made
    finally:
        event.remove(Engine, "do_connect", connect)


def copied(database: Path, target: Path) -> None:
    """Copy a database that is in use."""
    with (
        closing(sqlite3.connect(database)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)


def said_again(database: Path, said: Sequence[Statement]) -> Took:
    """Say statements to a copy of where they were said first."""
    took: list[Took] = []
    with closing(sqlite3.connect(database, isolation_level=None)) as alone:
        alone.execute("PRAGMA journal_mode = WAL")
        alone.execute("PRAGMA synchronous = FULL")
        with timing(took):
            for each in said:
                say = alone.executemany if each.is_many else alone.execute
                say(each.words, each.values).fetchall()
    return took[0]
