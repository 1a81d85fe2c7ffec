"""A change of the database that nobody else may be there for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import StaticPool

from azbot.errors import Refused
from azbot.store.blobs import FileBlobs
from azbot.store.engine import Address, address_of, file_of, opening
from azbot.store.refill import OTHERS, locked
from azbot.store.sql import Sql
from azbot.store.unit_of_work import UnitOfWork


@contextmanager
def alone(url: str, folder: Path) -> Iterator[UnitOfWork]:
    """Give a unit of work that is committed when the block ends well. Blocking.

    Whoever opens the database meanwhile waits for its end.

    Args:
        url: of a database that is there, as for ``open_store``.
        folder: of the files.

    Raises:
        Refused: ``database_in_use``: somebody has it open.
        StoreUnreachable: it does not answer.
    """
    address = address_of(url)
    way = _in_postgresql if address.is_postgresql else _in_sqlite
    with opening(address), way(address) as sql:
        yield UnitOfWork(sql, FileBlobs(folder))


@contextmanager
def _in_sqlite(address: Address) -> Iterator[Sql]:
    try:
        held = locked(file_of(address))
    except Refused as error:
        raise Refused("database_in_use") from error
    with contextlib.closing(held):
        # Inside its exclusive transaction, which nobody else can read past.
        engine = create_engine("sqlite://", creator=lambda: held, poolclass=StaticPool)
        with _transaction(engine) as sql:
            yield sql


@contextmanager
def _in_postgresql(address: Address) -> Iterator[Sql]:
    engine = create_engine(
        address.url,
        connect_args={"connect_timeout": 10, "options": "-c lock_timeout=5s"},
    )
    with _transaction(engine) as sql:
        # Before others are counted: who comes later waits before it reads anything.
        sql.command("LOCK TABLE settings IN ACCESS EXCLUSIVE MODE")
        if sql.value(text(OTHERS)):
            raise Refused("database_in_use")
        yield sql


@contextmanager
def _transaction(engine: Engine) -> Iterator[Sql]:
    try:
        with engine.begin() as connection:
            yield Sql(connection)
    finally:
        engine.dispose()
