"""People and stations that were known before the search named them are found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import insert, update

from azbot.store import migrate, open_store
from azbot.store.migrate import alembic_config
from azbot.store.projection import words_of
from azbot.store.queries import Filters
from azbot.store.schema import addresses, people, search_texts
from azbot.store.search import SHIFT, searchable
from tests.migrations.test_migrations import engine_of
from tests.migrations.test_upgrades import ASSIGN, everybody, lived, write_old

BEFORE = "0004"
MANY = 501
"""One more than a batch of the migration."""


@pytest.fixture
def old_url(empty_url: str) -> Iterator[str]:
    """A database of before: one requester, assistances without names in the search."""
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), BEFORE)
        everybody(connection)
        it, history = lived(1, ASSIGN)
        connection.execute(
            update(people)
            .where(people.c.id == it.requester)
            .values(name="Zoé Œuvrard", company="Énergies du Sud")
        )
        connection.execute(
            insert(addresses).values(
                key="zoe@sud.example",
                person_id=it.requester,
                email="zoe@sud.example",
                rank=0,
            )
        )
        for number in range(1, MANY + 1):
            each, history = lived(number, ASSIGN)
            write_old(connection, each, history[:1])
            words = words_of(each).replace(it.missions[0].station.company, "")
            connection.execute(
                insert(search_texts).values(
                    id=each.id << SHIFT,
                    assistance_id=each.id,
                    event_id=0,
                    folded=searchable(words),
                )
            )
    yield empty_url
    engine.dispose()


async def test_names_are_found_after_the_upgrade(old_url: str, tmp_path: Path) -> None:
    migrate(old_url)
    station = lived(1, ASSIGN)[0].missions[0].station.company
    async with open_store(old_url, tmp_path / "blobs") as store:
        for filters in (
            Filters(requested_by="oeuvrard energies"),
            Filters(requested_by="zoe sud example"),
            Filters(words="œuvrard"),
            Filters(words=station),
        ):
            assert await store.views.count(filters, MANY + 10) == MANY, filters
