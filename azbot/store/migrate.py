"""Bring a database to the schema of this code; forward only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from azbot.store.engine import (
    address_of,
    file_of,
    mark_ours,
    opening,
    refuse_foreign,
    schema_version,
    write_engine,
)
from azbot.store.schema import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(2053792367)"
"""What whoever changes a schema on PostgreSQL waits for, until its transaction ends."""


def migrate(url: str) -> None:
    """Create or upgrade the schema; an up-to-date one is left alone.

    Blocking. Each migration is one transaction: an interrupted upgrade goes on
    where it stopped. Several processes may call it at once.

    Args:
        url: as for ``open_store``; a SQLite file and its folder are made.

    Raises:
        ConfigError: ``schema_foreign`` or ``schema_newer``; nothing was changed.
        StoreUnreachable: the database does not answer.
    """
    address = address_of(url)
    if not address.is_postgresql:
        file_of(address).parent.mkdir(parents=True, exist_ok=True)
    engine = write_engine(address, "FULL", 1)
    try:
        with opening(address), engine.begin() as connection:
            if address.is_postgresql:
                connection.exec_driver_sql(ONE_AT_A_TIME)
            refuse_foreign(connection, address)
            if schema_version(connection) != HEAD:
                upgrade(connection)
    finally:
        engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration, with the connection its ``env.py`` uses."""
    # Alembic costs half a second and 20 MB: only an upgrade pays it.
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, to: str = HEAD) -> None:
    """Run the migrations up to one, inside the transaction of the caller."""
    from alembic import command  # noqa: PLC0415

    command.upgrade(alembic_config(connection), to)
    mark_ours(connection)
