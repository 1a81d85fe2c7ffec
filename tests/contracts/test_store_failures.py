"""What breaks underneath: every caller hears his own answer, nothing is half there."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Integer, column, create_engine, text

from azbot.errors import StoreUnreachable
from azbot.store import Store, UnitOfWork, open_store
from tests.stores import a_delivery, a_raw, an_assistance


async def test_a_full_disk_fails_only_what_does_not_fit(sqlite_store: Store) -> None:
    """SQLite then ends the whole transaction, in which several works may be."""

    def shrink(uow: UnitOfWork) -> None:
        pages = uow.sql.value(text("PRAGMA page_count").columns(column("n", Integer)))
        uow.sql.command(f"PRAGMA max_page_count = {pages + 40}")

    def small(uow: UnitOfWork) -> str:
        return an_assistance(uow).ref

    def large(uow: UnitOfWork) -> None:
        uow.raw.accept([a_raw(n, b"x" * 60_000) for n in range(1, 20)])

    await sqlite_store.write(shrink)
    outcomes = await asyncio.gather(
        *map(sqlite_store.write, (small, large, small)), return_exceptions=True
    )
    assert outcomes[0] == "ASFR26000001"
    assert isinstance(outcomes[1], StoreUnreachable)
    assert outcomes[2] == "ASFR26000002"
    assert await sqlite_store.views.ledger() == []
    assert len((await sqlite_store.views.page()).items) == 2


async def test_a_database_that_stays_locked_is_unreachable_and_recovers(
    sqlite_store: Store, tmp_path: Path
) -> None:
    await sqlite_store.write(lambda uow: uow.sql.command("PRAGMA busy_timeout = 20"))
    other = sqlite3.connect(tmp_path / "azbot.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnreachable):
        await sqlite_store.accept([a_raw()])
    other.execute("ROLLBACK")
    other.close()
    await sqlite_store.accept([a_raw()])
    assert len(await sqlite_store.views.ledger()) == 1


@pytest.mark.postgres
async def test_a_cut_connection_is_made_again_without_a_word(
    postgres_url: Callable[[str], str], migrated_database: str, tmp_path: Path
) -> None:
    url = postgres_url(migrated_database)
    async with open_store(url, tmp_path / "blobs") as store:
        for _ in range(8):
            await store.write(lambda uow: uow.settings.get("x"))
        administrator = create_engine(url)
        with administrator.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        administrator.dispose()
        row = a_delivery()
        outcomes = [await store.write(lambda uow: uow.outbox.put([row]))]
        outcomes += await asyncio.gather(
            *(store.write(lambda uow: uow.outbox.put([row])) for _ in range(8))
        )
        assert outcomes == [1] + [0] * 8
        assert len(await store.views.outbox()) == 1


async def test_an_unreachable_server_is_said_at_once(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreUnreachable):
        open_store(f"postgresql://azbot@/azbot?host={tmp_path}", tmp_path / "blobs")
