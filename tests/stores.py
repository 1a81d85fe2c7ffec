"""The store as tests get it: migrated, empty, on each database it supports.

``store`` is parametrised over SQLite and PostgreSQL. A SQLite file is a copy of one
that was migrated once; on PostgreSQL the tests of a process share a database that is
emptied before each. Whoever changes a schema makes a database of their own.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from azbot.messages import PersonId, RawMessage, Trust
from azbot.store import (
    NewDelivery,
    NewPerson,
    PersonKind,
    Store,
    UnitOfWork,
    migrate,
    open_store,
)
from azbot.store.schema import metadata
from azbot.testing.clock import FakeClock
from azbot.workflow.decision import Recorded
from azbot.workflow.events import AssistanceOpened, Event, evolve
from azbot.workflow.model import Actor, Assistance, Role, Status

if TYPE_CHECKING:
    from tests.servers.postgres import Postgres

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANSWERS: Mapping[str, object] = {
    "service": "incident",
    "address": "18 rue des Œillets",
    "postcode": "69100",
    "town": "Évry",
    "country": "FR",
}

EMPTYING = [
    # A trigger refuses to delete from the history.
    f"truncate {table}" if table.name == "events" else f"delete from {table}"
    for table in reversed(metadata.sorted_tables)
]
"""What takes every row out of a database: those that refer to others come first."""

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


@pytest.fixture(scope="session")
def used_database(postgres: Postgres, migrated_database: str) -> str:
    """URL of a PostgreSQL database that one test after the other gets, emptied."""
    return postgres.create(migrated_database)


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
    server: Postgres = request.getfixturevalue("postgres")
    url: str = request.getfixturevalue("used_database")
    server.empty(url, EMPTYING)
    return url


@pytest.fixture
def another_url(request: pytest.FixtureRequest, store_url: str, tmp_path: Path) -> str:
    """Address of a second migrated database, of the same kind as ``store_url``."""
    if store_url.startswith("sqlite"):
        file = tmp_path / "another.db"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        return f"sqlite:///{file}"
    make: Callable[[str], str] = request.getfixturevalue("postgres_url")
    return make(request.getfixturevalue("migrated_database"))


@pytest.fixture
async def store(
    store_url: str, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Store]:
    """An empty store on each database; its bell hears the test's clock."""
    opened = open_store(store_url, tmp_path / "blobs", synchronous="OFF", clock=clock)
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


def an_opening(
    uow: UnitOfWork,
    email: str = "anne@example.org",
    *,
    at: datetime = NOW,
    text: str = "",
    **answers: object,
) -> AssistanceOpened:
    """The first event of a life, of a requester who is known or added."""
    requester = uow.people.by_address(email) or uow.people.add(
        NewPerson(PersonKind.CLIENT, (email,), name="Anne Dupont")
    )
    key, ref = uow.assistances.new_identity("FR", at.year)
    return AssistanceOpened(
        id=key,
        ref=ref,
        requester=requester.id,
        contact=None,
        language="fr",
        zone_name="Europe/Paris",
        via="email",
        answers={**ANSWERS, **answers},
        missing=(),
        is_confirmed=True,
        text=text,
    )


def an_assistance(
    uow: UnitOfWork,
    email: str = "anne@example.org",
    *,
    at: datetime = NOW,
    text: str = "",
    **answers: object,
) -> Assistance:
    """Store a new assistance with its first line of history."""
    opened = an_opening(uow, email, at=at, text=text, **answers)
    added = uow.assistances.add(evolve(None, opened, at))
    uow.events.append(added.id, [a_line(opened, at=at, person=added.requester)])
    return added


def a_line(
    event: Event, *, at: datetime = NOW, person: PersonId | None = None
) -> Recorded:
    """A line of history that left the status alone."""
    actor = Actor(Role.CLIENT, person, "Anne Dupont", Trust.KNOWN, "email")
    return Recorded(event, at, actor, Status.SUBMITTED, Status.SUBMITTED)


def a_raw(
    position: int = 1, content: bytes = b"From: a@example.org\r\n\r\nBonjour"
) -> RawMessage:
    """A received message."""
    source = "imap:desk@example.org/INBOX;1700000000"
    return RawMessage("email", source, position, content, NOW, len(content))


def a_delivery(
    key: str = "1/opened/anne@example.org/email",
    address: str = "anne@example.org",
    *,
    due_at: datetime = NOW,
    group_key: str = "",
) -> NewDelivery:
    """A notice to send."""
    return NewDelivery(
        key, "opened", address, "email", due_at, {"n": 1}, group_key=group_key
    )
