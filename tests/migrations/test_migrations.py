"""The schema is the sum of its migrations, and foreign databases stay untouched."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from azbot.errors import ConfigError
from azbot.store import migrate, open_store
from azbot.store.engine import address_of
from azbot.store.migrate import MIGRATIONS, alembic_config
from azbot.store.migrations.scope import include_name
from azbot.store.schema import APPLICATION_ID, HEAD, metadata
from tests.stores import NOW, a_raw, an_assistance


def engine_of(url: str) -> Engine:
    return create_engine(address_of(url).url)


def codes(refused: pytest.ExceptionInfo[ConfigError]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def scripts(url: str) -> ScriptDirectory:
    engine = engine_of(url)
    with engine.connect() as connection:
        found = ScriptDirectory.from_config(alembic_config(connection))
    engine.dispose()
    return found


def test_the_code_expects_the_newest_migration(empty_url: str) -> None:
    assert scripts(empty_url).get_current_head() == HEAD


def test_migrations_are_numbered_and_go_forward_only(empty_url: str) -> None:
    files = sorted(MIGRATIONS.glob("versions/[0-9]*.py"))
    assert files
    revisions = sorted(each.revision for each in scripts(empty_url).walk_revisions())
    assert revisions == [f"{n:04d}" for n in range(1, len(files) + 1)]
    assert [file.name[:4] for file in files] == revisions
    for file in files:
        assert "def downgrade" not in file.read_text(encoding="utf-8")


def test_the_schema_equals_the_sum_of_its_migrations(empty_url: str) -> None:
    migrate(empty_url)
    engine = engine_of(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": include_name,
                "compare_type": True,
                "compare_server_default": False,
            },
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    migrate(empty_url)
    engine = engine_of(empty_url)
    assert "assistances" in inspect(engine).get_table_names()
    engine.dispose()


def test_a_sqlite_file_says_whose_it_is(tmp_path: Path) -> None:
    file = tmp_path / "new" / "azbot.db"
    migrate(f"sqlite:///{file}")
    with sqlite3.connect(file) as connection:
        number = connection.execute("PRAGMA application_id").fetchone()[0]
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.close()
    assert (number, mode) == (APPLICATION_ID, "wal")


async def test_an_empty_database_asks_to_be_migrated(
    empty_url: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as refused:
        open_store(empty_url, tmp_path / "blobs")
    assert codes(refused) == ["schema_missing"]


def run(url: str, *statements: str) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


async def test_a_foreign_database_is_refused_and_left_alone(
    empty_url: str, tmp_path: Path
) -> None:
    run(empty_url, "CREATE TABLE theirs (id INTEGER PRIMARY KEY)")
    for use in (migrate, lambda url: open_store(url, tmp_path / "blobs")):
        with pytest.raises(ConfigError) as refused:
            use(empty_url)
        assert codes(refused) == ["schema_foreign"]
    engine = engine_of(empty_url)
    assert inspect(engine).get_table_names() == ["theirs"]
    engine.dispose()


async def test_another_programs_migrations_are_foreign(
    empty_url: str, tmp_path: Path
) -> None:
    run(
        empty_url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO alembic_version VALUES ('a1b2c3d4')",
    )
    for use in (migrate, lambda url: open_store(url, tmp_path / "blobs")):
        with pytest.raises(ConfigError) as refused:
            use(empty_url)
        assert codes(refused) == ["schema_foreign"]


@pytest.mark.parametrize(
    ("version", "code"), [("9999", "schema_newer"), ("0000", "schema_behind")]
)
async def test_another_version_is_refused_with_what_to_do(
    empty_url: str, tmp_path: Path, version: str, code: str
) -> None:
    migrate(empty_url)
    run(empty_url, f"UPDATE alembic_version SET version_num = '{version}'")
    with pytest.raises(ConfigError) as refused:
        open_store(empty_url, tmp_path / "blobs")
    assert codes(refused) == [code]
    facts = refused.value.problems[0].facts
    assert (facts["found"], facts["expected"]) == (version, HEAD)
    if code == "schema_newer":
        with pytest.raises(ConfigError):
            migrate(empty_url)


async def test_an_upgrade_keeps_what_is_there(store_url: str, tmp_path: Path) -> None:
    async with open_store(store_url, tmp_path / "blobs") as store:
        added = await store.write(an_assistance)
        await store.accept([a_raw()])
    migrate(store_url)
    async with open_store(store_url, tmp_path / "blobs") as store:
        assert await store.views.assistance(added.id) == added
        assert (await store.views.health(NOW)).last_received_at == NOW
