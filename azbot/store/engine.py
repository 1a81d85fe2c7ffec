"""SQLite and PostgreSQL: addresses, connections, and whose schema it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    exc,
    inspect,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from azbot.errors import ConfigError, Problem
from azbot.store.schema import APPLICATION_ID, HEAD
from azbot.store.translate import translating

Synchronous = Literal["OFF", "NORMAL", "FULL", "EXTRA"]

_BUSY_MS = 30_000
# A network that swallows packets must not keep a writer for ever (milliseconds).
_PATIENCE = {"connect_timeout": 10, "keepalives_idle": 20, "tcp_user_timeout": 20_000}


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is.

    Attributes:
        url: of the synchronous driver; the asynchronous one differs in its name.
        is_postgresql: else it is SQLite.
    """

    url: URL
    is_postgresql: bool

    @property
    def shown(self) -> str:
        """The address without its password."""
        return self.url.render_as_string(hide_password=True)


def address_of(url: str) -> Address:
    """Read ``sqlite:///path`` or ``postgresql://…``; the driver is ours to choose.

    Raises:
        ConfigError: neither of the two, or a SQLite database in memory.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _refusal("store", "store_url_unreadable") from error
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return Address(parsed.set(drivername="postgresql+psycopg"), is_postgresql=True)
    if backend != "sqlite":
        raise _refusal(backend, "store_url_unknown", scheme=backend)
    if not parsed.database or parsed.database == ":memory:":
        raise _refusal("sqlite", "store_url_in_memory")
    return Address(parsed.set(drivername="sqlite"), is_postgresql=False)


def write_engine(address: Address, synchronous: Synchronous, size: int) -> Engine:
    """Return the engine of the write side, ``size`` connections at most."""
    if address.is_postgresql:
        return create_engine(
            address.url,
            pool_size=size,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={
                **_PATIENCE,
                "options": "-c statement_timeout=60s -c lock_timeout=5s",
            },
        )
    engine = create_engine(
        address.url,
        poolclass=NullPool,
        # No implicit BEGIN: ours takes the write lock at once, so that a unit of
        # work never finds out half-way that it read something stale.
        connect_args={
            "isolation_level": None,
            "check_same_thread": False,
            "cached_statements": 256,
        },
    )
    _on_connect(engine, _write_pragmas(synchronous))
    event.listen(engine, "connect", _log_ahead)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def read_engine(address: Address) -> AsyncEngine:
    """Return the engine of the read side; its connections cannot write."""
    if address.is_postgresql:
        return create_async_engine(
            address.url,
            pool_size=4,
            max_overflow=4,
            pool_pre_ping=True,
            isolation_level="AUTOCOMMIT",
            connect_args={
                **_PATIENCE,
                "options": "-c statement_timeout=30s"
                " -c default_transaction_read_only=on",
            },
        )
    engine = create_async_engine(
        address.url.set(drivername="sqlite+aiosqlite"),
        pool_size=4,
        max_overflow=4,
        connect_args={"isolation_level": None},
    )
    _on_connect(engine.sync_engine, (*_PRAGMAS, "PRAGMA query_only = ON"))
    return engine


_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_MS}",
    "PRAGMA cache_size = -4096",
    "PRAGMA temp_store = MEMORY",
)


def _write_pragmas(synchronous: Synchronous) -> tuple[str, ...]:
    return (
        *_PRAGMAS,
        f"PRAGMA synchronous = {synchronous}",
        "PRAGMA foreign_keys = ON",
        "PRAGMA journal_size_limit = 67108864",
    )


def _on_connect(engine: Engine, pragmas: tuple[str, ...]) -> None:
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine, "connect", prepare)


def _log_ahead(connection: Any, _record: object) -> None:
    """Let a database that is ours, or nobody's yet, have a write-ahead log.

    That is written into its file: one of another program is only looked at.
    """
    cursor = connection.cursor()
    (whose,) = cursor.execute("PRAGMA application_id").fetchone()
    (pages,) = cursor.execute("PRAGMA page_count").fetchone()
    if whose == APPLICATION_ID or not pages:
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def opening(address: Address) -> Iterator[None]:
    """Raise azbot errors from the block that looks at a database first.

    Raises:
        ConfigError: ``store_not_a_database``: a file that SQLite cannot read.
        StoreUnreachable: the database does not answer.
    """
    with translating():
        try:
            yield
        except exc.DatabaseError as error:
            code = getattr(error.orig, "sqlite_errorcode", None)
            if code not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise
            raise _refusal(address.shown, "store_not_a_database") from error


def check_schema(connection: Connection, address: Address) -> None:
    """Refuse a database this code must not touch.

    Raises:
        ConfigError: ``schema_missing`` (empty), ``schema_behind`` (migrate first),
            ``schema_newer`` (update azbot), ``schema_foreign`` (somebody else's).
    """
    found = schema_version(connection)
    if found == HEAD:
        return
    if found is None:
        code = "schema_foreign" if _has_tables(connection) else "schema_missing"
    elif not is_ours(connection):
        code = "schema_foreign"
    else:
        code = "schema_behind" if found < HEAD else "schema_newer"
    raise _refusal(address.shown, code, found=found or "", expected=HEAD)


def schema_version(connection: Connection) -> str | None:
    """Return the number of the last migration, None without any."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])


def refuse_foreign(connection: Connection, address: Address) -> None:
    """Refuse to migrate what is not ours, or is ahead of us.

    Raises:
        ConfigError: ``schema_foreign`` or ``schema_newer``.
    """
    refuse_strangers(connection, address)
    found = schema_version(connection)
    if found is not None and found > HEAD:
        raise _refusal(address.shown, "schema_newer", found=found, expected=HEAD)


def refuse_strangers(connection: Connection, address: Address) -> None:
    """Refuse what is not ours; of which version it is does not matter.

    Raises:
        ConfigError: ``schema_foreign``.
    """
    found = schema_version(connection)
    if found is None and not _has_tables(connection):
        return
    if found is None or not is_ours(connection):
        raise _refusal(address.shown, "schema_foreign", found=found or "")


def mark_ours(connection: Connection) -> None:
    """Write our name into a SQLite file; on PostgreSQL the tables say it."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def is_ours(connection: Connection) -> bool:
    """Whether a database has our tables."""
    return inspect(connection).has_table("raw_messages")


def _has_tables(connection: Connection) -> bool:
    return bool(inspect(connection).get_table_names())


def _refusal(where: str, code: str, **facts: str) -> ConfigError:
    facts = {"where": where, **facts}
    return ConfigError(where, [Problem("store.url", None, code, facts)])


def file_of(address: Address) -> Path:
    """Return the SQLite file.

    Raises:
        ValueError: it is PostgreSQL.
    """
    if address.is_postgresql or not address.url.database:
        raise ValueError("only SQLite lives in a file")
    return Path(address.url.database)
