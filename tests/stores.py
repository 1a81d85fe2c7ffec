"""The store as tests get it: migrated, empty, on each database it supports.

``store`` is parametrised over SQLite and PostgreSQL. A database is a copy of one
that was migrated once, so each test pays milliseconds.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from azbot.store import Store, migrate, open_store
from azbot.testing.clock import FakeClock

if TYPE_CHECKING:
    from tests.servers.postgres import Postgres

DATABASES = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.postgres),
]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and nothing else; copy it."""
    file = tmp_path_factory.mktemp("store") / "migrated.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_database(postgres: Postgres) -> str:
    """URL of a PostgreSQL database with the schema and nothing else; copy it."""
    url = postgres.create()
    migrate(url)
    return url


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database that holds nothing, one for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    make: Callable[[], str] = request.getfixturevalue("postgres_url")
    return make()


@pytest.fixture(params=DATABASES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a migrated database without rows, one for each kind."""
    if request.param == "sqlite":
        file = tmp_path / "azbot.db"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        return f"sqlite:///{file}"
    make: Callable[[str], str] = request.getfixturevalue("postgres_url")
    return make(request.getfixturevalue("migrated_database"))


@pytest.fixture
async def store(
    store_url: str, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Store]:
    """An empty store on each database; its bell hears the test's clock."""
    opened = open_store(
        store_url, tmp_path / "blobs", synchronous="OFF", clock=clock
    )
    async with opened:
        yield opened


@pytest.fixture
async def sqlite_store(
    migrated_file: Path, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Store]:
    """An empty store on SQLite alone, for tests whose matter is not the database."""
    file = tmp_path / "azbot.db"
    shutil.copy(migrated_file, file)
    opened = open_store(
        f"sqlite:///{file}", tmp_path / "blobs", synchronous="OFF", clock=clock
    )
    async with opened:
        yield opened
