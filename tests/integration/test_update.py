"""The update of docs/admin/update.md with real processes, and the way back."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

import azbot
from azbot.cli import main
from azbot.messages import PersonId
from azbot.store import Store, UnitOfWork, open_store
from azbot.store.drafts import Draft, DraftKind
from azbot.store.engine import address_of, write_engine
from azbot.store.migrate import upgrade
from azbot.store.schema import HEAD
from azbot.workflow.model import AssistanceId
from tests.processes import configure, running
from tests.servers.places import free_port
from tests.stores import an_assistance

ROOT = Path(azbot.__file__).parents[1]
WORDS = "Votre dossier est complet, nous"
BEFORE_HEAD = "0012"


def typed(folder: Path, *arguments: str) -> str:
    """Run one command beside the service; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "azbot", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "LANG": "en_GB.UTF-8"},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def answers(url: str) -> bool:
    with urllib.request.urlopen(f"{url}/healthz", timeout=30) as answer:
        return bool(answer.status == 200)


def older(file: Path) -> None:
    """A database as the version before this one left it, with one agent."""
    engine = write_engine(address_of(f"sqlite:///{file}"), "OFF", 1)
    with engine.begin() as connection:
        upgrade(connection, BEFORE_HEAD)
        connection.execute(
            text("INSERT INTO people (id, kind, name) VALUES (1, 'agent', 'Camille')")
        )
    engine.dispose()


async def begun(store: Store) -> None:
    """An agent has begun to answer."""

    def work(uow: UnitOfWork) -> None:
        it = an_assistance(uow)
        at = datetime(2026, 3, 2, 9, tzinfo=UTC)
        uow.drafts.put(Draft(PersonId(1), it.id, DraftKind.REPLY, WORDS, at))

    await store.write(work)


async def draft_in(folder: Path) -> str:
    files = folder / "data" / "files"
    async with open_store(f"sqlite:///{folder}/data/azbot.db", files) as store:
        kept = await store.write(
            lambda uow: uow.drafts.get(PersonId(1), AssistanceId(1), DraftKind.REPLY)
        )
    return kept.text if kept else ""


async def test_an_update_costs_no_draft_and_can_be_taken_back(
    tmp_path: Path,
) -> None:
    """D8; how long a start takes is said by ``dev.py bench shown``."""
    port = free_port()
    configure(tmp_path, f"[web]\nport = {port}\n")
    (tmp_path / "data").mkdir()
    older(tmp_path / "data" / "azbot.db")
    url = f"http://127.0.0.1:{port}"
    with running(tmp_path, "run", PYTHONPATH=str(ROOT)) as service:
        assert service.address() == url
        with closing(sqlite3.connect(tmp_path / "data" / "azbot.db")) as there:
            (found,) = there.execute("SELECT version_num FROM alembic_version")
        assert found == (HEAD,)
        files = tmp_path / "data" / "files"
        async with open_store(f"sqlite:///{tmp_path}/data/azbot.db", files) as store:
            await begun(store)
        # While it serves.
        told = json.loads(typed(tmp_path, "backup", "--json"))
        assert answers(url)
        service.stop()
    with running(tmp_path, "run", PYTHONPATH=str(ROOT)) as service:
        service.address()
        assert answers(url)
        service.stop()
    assert await draft_in(tmp_path) == WORDS
    async with open_store(f"sqlite:///{tmp_path}/data/azbot.db", files) as store:
        await store.write(lambda uow: an_assistance(uow, "later@example.org"))
    # The way back.
    typed(tmp_path, "restore", "--replace", told["archive"])
    assert await draft_in(tmp_path) == WORDS
    async with open_store(f"sqlite:///{tmp_path}/data/azbot.db", files) as store:
        assert (
            await store.write(lambda uow: uow.people.by_address("later@example.org"))
            is None
        )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "mettez azbot à jour"),
        ("en", "update azbot"),
        ("es", "actualice azbot"),
    ],
)
def test_a_newer_database_is_refused_in_plain_words(
    language: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "azbot.toml"
    config.write_text(f"[service]\nlanguage = '{language}'\n")
    assert main(["migrate", "--config", str(config)], {}) == 0
    with closing(sqlite3.connect(tmp_path / "data" / "azbot.db")) as there, there:
        there.execute("UPDATE alembic_version SET version_num = '9999'")
    for verb in ("migrate", "run", "backup"):
        assert main([verb, "--config", str(config)], {}) == 2
        told = capsys.readouterr().err
        assert words in told
        assert "9999" in told
        assert "Traceback" not in told


@pytest.mark.parametrize("content", ["theirs", "text"])
def test_a_file_of_another_program_is_refused_in_plain_words(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, file = tmp_path / "azbot.toml", tmp_path / "theirs.db"
    config.write_text(f"[store]\nurl = 'sqlite:///{file}'\n[service]\nlanguage='en'\n")
    if content == "theirs":
        with closing(sqlite3.connect(file)) as there, there:
            there.execute("CREATE TABLE bills (amount INTEGER)")
    else:
        file.write_text("a letter, and no database")
    before = file.read_bytes()
    said = {"theirs": "another program", "text": "no database"}[content]
    for verb in ("migrate", "run", "backup"):
        assert main([verb, "--config", str(config)], {}) == 2
        told = capsys.readouterr().err
        assert said in told
        assert "Traceback" not in told
    assert file.read_bytes() == before
