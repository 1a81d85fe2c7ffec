"""What was done at an address before the upgrade is remembered after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command

from azbot.store import migrate, open_store
from azbot.store.migrate import alembic_config
from azbot.workflow.model import AssistanceId
from tests.migrations.test_migrations import engine_of
from tests.migrations.test_upgrades import UNDER_WAY, everybody, lived, write_old

BEFORE = "0006"


@pytest.fixture
def old_url(empty_url: str) -> Iterator[str]:
    """A database of before: two assistances at one address, spelled in two ways."""
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), BEFORE)
        everybody(connection)
        for number, address in (
            (1, "18, rue des Charmettes"),
            (2, "18 R. DES CHARMETTES"),
        ):
            it, history = lived(number, UNDER_WAY)
            there = replace(it, answers={**it.answers, "address": address})
            write_old(connection, there, history)
    yield empty_url
    engine.dispose()


async def test_two_spellings_of_before_are_one_address(
    old_url: str, tmp_path: Path
) -> None:
    migrate(old_url)
    async with open_store(old_url, tmp_path / "blobs") as store:
        here = await store.views.assistance(AssistanceId(2))
        found = await store.views.earlier_at_site(here)
        assert [it.id for it in found] == [AssistanceId(1)]
