"""A new database out of the rows of a snapshot, in the place of the present one.

Until the last step nothing of the present one has changed, whenever the process dies:
SQLite gets a new file that is renamed, PostgreSQL one transaction.
"""

from __future__ import annotations

import base64
import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    delete,
    insert,
    inspect,
    text,
)
from sqlalchemy.types import TypeEngine

from azbot.errors import ConfigError, Refused
from azbot.store.backups import RESTORED_FROM
from azbot.store.blobs import sync_folder
from azbot.store.engine import (
    Address,
    address_of,
    file_of,
    is_ours,
    opening,
    refuse_strangers,
    write_engine,
)
from azbot.store.migrate import ONE_AT_A_TIME, upgrade
from azbot.store.restored import set_aside
from azbot.store.schema import UtcDateTime, settings
from azbot.store.snapshot import (
    OCTETS,
    Kind,
    Shape,
    counts,
    next_references,
)
from azbot.workflow.model import AssistanceRef

_AT_ONCE = 500
_IS_MARK = settings.c.name == RESTORED_FROM
_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.TEXT: Text(),
    Kind.NUMBER: BigInteger(),
    Kind.FLAG: Boolean(),
    Kind.INSTANT: UtcDateTime(),
    Kind.OCTETS: LargeBinary(),
}
# What a database that was really used has, and one that only started has not.
_USED = ("people", "assistances", "raw_messages", "stations")
OTHERS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
 AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
"""How many other sessions use a PostgreSQL database."""


class Refill:
    """A database being filled; it is nobody's yet.

    Attributes:
        kept: under which name the former database is found afterwards, a file or a
            schema; None: there was none.
    """

    def __init__(self, connection: Connection, kept: str | None) -> None:
        self._connection = connection
        self.kept = kept

    def load(self, shape: Shape, rows: Iterable[Sequence[Any]]) -> int:
        """Put rows into a table; return how many there were.

        Args:
            shape: as the snapshot had it.
            rows: cells in the order of its columns.
        """
        columns = [Column(name, _TYPES[kind]) for name, kind in shape.columns]
        statement = insert(Table(shape.name, MetaData(), *columns))
        count, left = 0, iter(rows)
        while part := list(islice(left, _AT_ONCE)):
            values = [_row(shape, cells) for cells in part]
            self._connection.execute(statement, values)
            count += len(values)
        return count

    def go_on_from(self, table: str, last: int) -> None:
        """Let a table that counts for itself give numbers after this one."""
        if self._connection.dialect.name == "sqlite":
            values = {"name": table, "last": last}
            told = text("UPDATE sqlite_sequence SET seq = :last WHERE name = :name")
            if not self._connection.execute(told, values).rowcount:
                words = "INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"
                self._connection.execute(text(words), values)
            return
        words = (
            "SELECT setval(pg_get_serial_sequence(:name, 'id'),"
            " greatest(:last, 1), :is_called)"
        )
        values = {"name": table, "last": last, "is_called": last > 0}
        self._connection.execute(text(words), values)

    def counts(self, shapes: Iterable[Shape]) -> dict[str, int]:
        """Return how many rows each table has."""
        return dict(counts(self._connection, (shape.name for shape in shapes)))

    def next_references(self) -> tuple[AssistanceRef, ...]:
        """Return the reference the next assistance gets, of each country and year."""
        return next_references(self._connection)

    def set_aside(self, now: datetime) -> int:
        """Let nothing leave that may have left already; return how much waits."""
        return set_aside(self._connection, now)

    def finish(self) -> None:
        """Bring it to the schema of this code."""
        upgrade(self._connection)

    def mark(self, made_at: datetime) -> None:
        """Let whoever opens it first know of what instant it is."""
        self._connection.execute(delete(settings).where(_IS_MARK))
        told = made_at.astimezone(UTC).isoformat()
        values = {"name": RESTORED_FROM, "value": told}
        self._connection.execute(insert(settings).values(values))


def _row(shape: Shape, cells: Sequence[Any]) -> dict[str, Any]:
    return {
        name: _value(kind, cell)
        for (name, kind), cell in zip(shape.columns, cells, strict=True)
    }


def _value(kind: Kind, cell: Any) -> Any:
    if cell is None:
        return None
    if kind is Kind.INSTANT:
        return datetime.fromisoformat(cell)
    if kind is Kind.OCTETS:
        return base64.b64decode(cell[OCTETS])
    return cell


@contextmanager
def refilling(
    url: str, schema: str, aside: str, *, may_replace: bool
) -> Iterator[Refill]:
    """Yield an empty database that takes its place when the block ends well.

    Args:
        url: where it goes; what is there is kept beside.
        schema: the migration whose tables it has at first.
        aside: part of the name what is there is kept under.
        may_replace: else what is there must be empty.

    Raises:
        ConfigError: what is there belongs to another program.
        Refused: ``restore_not_empty``; ``restore_running``: somebody uses it.
        StoreUnreachable: it does not answer.
    """
    address = address_of(url)
    way = _in_postgresql if address.is_postgresql else _in_sqlite
    with opening(address), way(address, schema, aside, may_replace) as refill:
        yield refill


def _beside(file: Path, aside: str) -> Path:
    return file.with_name(f"{file.name}.before-{aside}")


@contextmanager
def _in_sqlite(
    address: Address,
    schema: str,
    aside: str,
    may_replace: bool,  # noqa: FBT001
) -> Iterator[Refill]:
    file = file_of(address)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.restoring")
    _drop(fresh)
    made = address_of(f"sqlite:///{fresh}")
    # Synced as a whole, once: until it is renamed a power cut may take it.
    engine = write_engine(made, "OFF", 1)
    try:
        with _alone(file, address, aside, may_replace=may_replace):
            with engine.begin() as connection:
                upgrade(connection, schema)
                kept = str(_beside(file, aside)) if file.exists() else None
                yield Refill(connection, kept)
            with contextlib.closing(sqlite3.connect(fresh)) as last:
                last.execute("PRAGMA journal_mode = DELETE")
            fresh.chmod(0o600)
            with fresh.open("rb") as handle:
                os.fsync(handle.fileno())
            if file.exists():
                os.link(file, _beside(file, aside))
            fresh.replace(file)
            sync_folder(file.parent)
    finally:
        engine.dispose()
        _drop(fresh)


@contextmanager
def _alone(
    file: Path, address: Address, aside: str, *, may_replace: bool
) -> Iterator[None]:
    """Hold a SQLite database, all of it in its one file, while nobody else can use it.

    A damaged one may be replaced too: nobody can use it anyway.

    Raises:
        ConfigError: ``schema_foreign``, ``store_not_a_database``.
        Refused: ``restore_running``, ``restore_not_empty``.
    """
    if not file.exists():
        yield
        return
    try:
        with opening(address):
            _look_into(address, may_replace=may_replace)
    except ConfigError as error:
        codes = [problem.code for problem in error.problems]
        if not may_replace or codes != ["store_not_a_database"]:
            raise
        _move_logs(file, aside)
        yield
        return
    with contextlib.closing(locked(file)):
        yield


def _look_into(address: Address, *, may_replace: bool) -> None:
    engine = create_engine(address.url, connect_args={"timeout": 2})
    try:
        with engine.connect() as connection:
            refuse_strangers(connection, address)
            if not may_replace:
                _refuse_used(connection)
    finally:
        engine.dispose()


def locked(file: Path) -> sqlite3.Connection:
    """Hold a SQLite database in a transaction of its own while nobody has it open.

    Raises:
        Refused: ``restore_running``: somebody has.
    """
    alone = sqlite3.connect(file, timeout=2, isolation_level=None)
    try:
        # It cannot leave its write-ahead log while anybody else has it open.
        mode = alone.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        alone.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        alone.close()
        raise Refused("restore_running") from error
    if mode != "delete":
        alone.close()
        raise Refused("restore_running")
    return alone


def _move_logs(file: Path, aside: str) -> None:
    """Put the logs of a damaged database beside: SQLite would apply them to the new."""
    for tail in ("-wal", "-shm", "-journal"):
        log = file.with_name(file.name + tail)
        if log.exists():
            beside = _beside(file, aside)
            log.replace(beside.with_name(beside.name + tail))


def _drop(file: Path) -> None:
    for tail in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + tail).unlink(missing_ok=True)


@contextmanager
def _in_postgresql(
    address: Address,
    schema: str,
    aside: str,
    may_replace: bool,  # noqa: FBT001
) -> Iterator[Refill]:
    engine = create_engine(
        address.url,
        connect_args={"connect_timeout": 10, "options": "-c lock_timeout=5s"},
    )
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(ONE_AT_A_TIME)
            if connection.scalar(text(OTHERS)):
                raise Refused("restore_running")
            kept = None
            if inspect(connection).get_table_names():
                refuse_strangers(connection, address)
                if not may_replace:
                    _refuse_used(connection)
                kept = f"before_{aside.lower()}"
                _put_aside(connection, kept)
            upgrade(connection, schema)
            yield Refill(connection, kept)
    finally:
        engine.dispose()


def _put_aside(connection: Connection, name: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    here = connection.scalar(text("SELECT current_schema()"))
    connection.exec_driver_sql(f"ALTER SCHEMA {quote(here)} RENAME TO {quote(name)}")
    connection.exec_driver_sql(f"CREATE SCHEMA {quote(here)}")


def put_aside(url: str) -> list[str]:
    """Return the former databases that restores left: files, or names of schemas.

    Raises:
        ConfigError, StoreUnreachable: the database cannot be asked.
    """
    address = address_of(url)
    if not address.is_postgresql:
        file = file_of(address)
        return sorted(map(str, file.parent.glob(f"{file.name}.before-*")))
    engine = create_engine(address.url, connect_args={"connect_timeout": 10})
    try:
        with opening(address), engine.connect() as connection:
            names = inspect(connection).get_schema_names()
    finally:
        engine.dispose()
    return sorted(name for name in names if name.startswith("before_"))


def _refuse_used(connection: Connection) -> None:
    if not is_ours(connection):
        return
    found = counts(connection, iter(_USED))
    if any(found.values()):
        raise Refused("restore_not_empty")
