"""Every row as it was at one instant, in words of neither database.

What is read here is written by ``azbot.store.refill``, into SQLite or PostgreSQL,
whichever it came from.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Engine,
    LargeBinary,
    NullPool,
    Select,
    Table,
    create_engine,
    event,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.types import Integer, TypeEngine

from azbot.store.assistances import reference_of
from azbot.store.engine import Address, address_of, check_schema, opening
from azbot.store.schema import (
    HEAD,
    UtcDateTime,
    erasure_gate,
    metadata,
    reference_counters,
    settings,
)
from azbot.store.seats import PREFIX as SEAT
from azbot.workflow.model import AssistanceRef

Cell = None | bool | int | float | str | dict[str, str]
"""One value as JSON has it; octets are ``{"octets": base64}``."""

Progress = Callable[[str, int, int], None]
"""Told what is done (``tables``, ``files``, ``verify``, ``search``), how far it is, of
how much."""

OCTETS = "octets"
_AT_ONCE = 500
_PATIENT = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0"


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    INSTANT = "instant"
    OCTETS = "octets"


@dataclass(frozen=True, slots=True)
class Shape:
    """One table, as a snapshot names it.

    Attributes:
        columns: name and kind of each, in the order of the cells of a row.
    """

    name: str
    columns: tuple[tuple[str, Kind], ...]


class Snapshot:
    """One instant of a database; later commits do not show."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def schema(self) -> str:
        """The number of the last migration."""
        return HEAD

    def shapes(self) -> tuple[Shape, ...]:
        """Return every table, those that others refer to first."""
        return tuple(_shape(table) for table in _tables())

    def count(self, shape: Shape) -> int:
        """Return how many rows a table has."""
        query = select(func.count()).select_from(_rows(shape).subquery())
        return int(self._connection.scalar(query) or 0)

    def rows(self, shape: Shape) -> Iterator[list[Cell]]:
        """Yield the rows of a table, in the order of its key."""
        key = metadata.tables[shape.name].primary_key.columns
        query = _rows(shape).order_by(*key)
        found = self._connection.execute(query, execution_options={"yield_per": 500})
        for part in found.partitions(_AT_ONCE):
            for row in part:
                yield [_cell(value) for value in row]

    def each(self, progress: Progress) -> Iterator[tuple[Shape, list[Cell]]]:
        """Yield every row of every table; progress is told of ``search``."""
        shapes = self.shapes()
        total, done = sum(map(self.count, shapes)), 0
        for shape in shapes:
            for row in self.rows(shape):
                yield shape, row
                done += 1
                if done % _AT_ONCE == 0:
                    progress("search", done, total)
        progress("search", total, total)

    def sequences(self) -> dict[str, int]:
        """Return the last number given by each table that counts for itself."""
        return sequences_of(self._connection)

    def next_references(self) -> tuple[AssistanceRef, ...]:
        """Return the reference the next assistance gets, of each country and year."""
        return next_references(self._connection)


@contextmanager
def snapshot(url: str) -> Iterator[Snapshot]:
    """Hold one instant of a database while others go on writing.

    SQLite: a reader of its write-ahead log waits for nobody, and nobody for it.
    PostgreSQL: one read-only transaction, REPEATABLE READ. Blocking; the shorter it
    is held the better: what is deleted meanwhile keeps its place on the disk.

    Raises:
        ConfigError: no such database, or one of another version or owner.
        StoreUnreachable: it does not answer.
    """
    address = address_of(url)
    engine = _patient_engine(address)
    try:
        with opening(address), engine.connect() as connection, connection.begin():
            check_schema(connection, address)
            yield Snapshot(connection)
    finally:
        engine.dispose()


def _patient_engine(address: Address) -> Engine:
    if address.is_postgresql:
        return create_engine(
            address.url,
            poolclass=NullPool,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
            connect_args={"connect_timeout": 10, "options": _PATIENT},
        )
    engine = create_engine(
        address.url, poolclass=NullPool, connect_args={"isolation_level": None}
    )
    event.listen(engine, "connect", _only_read)
    # Deferred: the snapshot begins with the first row that is read.
    event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN"))
    return engine


def _only_read(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()


def line_of(row: list[Cell]) -> bytes:
    """Return one row as one line of JSON, its end included."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def sequences_of(connection: Connection) -> dict[str, int]:
    """Return the last number given by each table that counts for itself."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        return {row.name: row.seq for row in found if row.name in metadata.tables}
    numbers = {}
    for table in _tables():
        words = "SELECT pg_get_serial_sequence(:name, 'id')"
        if "id" not in table.c or not _counts(table):
            continue
        sequence = connection.scalar(text(words), {"name": table.name})
        if sequence is not None:
            row = connection.execute(
                text(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608 - the server's own name
            ).one()
            numbers[table.name] = int(row.last_value) if row.is_called else 0
    return numbers


def next_references(connection: Connection) -> tuple[AssistanceRef, ...]:
    """Return the reference the next assistance gets, of each country and year."""
    counters = reference_counters
    query = select(counters).order_by(counters.c.country, counters.c.year)
    return tuple(
        reference_of(row.country, row.year, row.last + 1)
        for row in connection.execute(query)
    )


def _count(connection: Connection, name: str) -> int:
    quoted = connection.dialect.identifier_preparer.quote(name)
    counted = connection.scalar(text(f"SELECT count(*) FROM {quoted}"))  # noqa: S608 - quoted
    return int(counted or 0)


def counts(connection: Connection, names: Iterator[str]) -> Mapping[str, int]:
    """Return how many rows each of these tables has."""
    known = set(inspect(connection).get_table_names())
    return {name: _count(connection, name) for name in names if name in known}


def _rows(shape: Shape) -> Select[Any]:
    table = metadata.tables[shape.name]
    if table is not settings:
        return select(table)
    # Who sits where is true of running processes alone.
    return select(table).where(~table.c.name.startswith(SEAT, autoescape=True))


def _tables() -> list[Table]:
    # A gate is open inside one transaction alone: nobody else ever sees it.
    return [table for table in metadata.sorted_tables if table is not erasure_gate]


def _counts(table: Table) -> bool:
    return table.c["id"].autoincrement is True


def _shape(table: Table) -> Shape:
    return Shape(table.name, tuple((c.name, _kind(c.type)) for c in table.c))


def _kind(type_: TypeEngine[object]) -> Kind:
    match type_:
        case UtcDateTime():
            return Kind.INSTANT
        case LargeBinary():
            return Kind.OCTETS
        case Boolean():
            return Kind.FLAG
        case Integer():
            return Kind.NUMBER
        case _:
            return Kind.TEXT


def _cell(value: object) -> Cell:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case bytes() | memoryview():
            return {OCTETS: base64.b64encode(value).decode()}
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(f"no column holds {type(value).__name__}")
