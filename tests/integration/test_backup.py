"""``azbot backup`` and ``restore``: what comes back, and what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

import azbot
from azbot.backup.archive import opened
from azbot.backup.making import Made, back_up
from azbot.backup.restoring import restore
from azbot.cli import main
from azbot.clock import SystemClock
from azbot.errors import ConfigError, Refused
from azbot.messages import BlobId, RawId
from azbot.store import DeliveryState, NewDelivery, Store, UnitOfWork, open_store
from azbot.store.bucket import BucketBlobs
from azbot.store.chats import CARD
from azbot.store.refill import refilling
from azbot.store.schema import HEAD, stations
from azbot.store.snapshot import Kind, Shape, snapshot
from tests.servers.s3 import S3
from tests.stores import NOW, a_delivery, a_raw, an_assistance

ROOT = Path(azbot.__file__).parents[1]
LARGE = bytes(range(256)) * 400
"""So long that it is kept as a file."""


@pytest.fixture
async def made(store: Store, store_url: str, tmp_path: Path) -> Made:
    """An archive of one assistance and one message in a file."""
    await store.write(an_assistance)
    await store.accept([a_raw(content=LARGE)])
    return await back_up(store, store_url, tmp_path / "backups", NOW)


def counted(url: str) -> dict[str, int]:
    with snapshot(url) as seen:
        return {shape.name: seen.count(shape) for shape in seen.shapes()}


def altered(archive: Path, name: str, content: bytes) -> Path:
    """The same zip with another content in one place."""
    copy = archive.with_name("altered.zip")
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(copy, "w") as sink:
        for info in source.infolist():
            given = content if info.filename == name else source.read(info)
            sink.writestr(info, given)
        sink.comment = source.comment
    return copy


async def test_what_comes_back_is_what_was_there(
    store: Store, store_url: str, made: Made, empty_url: str, tmp_path: Path
) -> None:
    done = restore(made.archive, empty_url, tmp_path / "new", NOW)
    assert (done.kept_database, done.kept_files) == (None, None)
    told = done.manifest
    assert told.files == 1
    assert told.missing == ()
    assert told.next_references == ("ASFR26000002",)
    expected = {table.name: table.rows for table in told.tables}
    # When it was restored is written down, and that erasures of after the backup are
    # to be repeated.
    expected["settings"] += 2
    assert counted(empty_url) == expected
    async with open_store(empty_url, tmp_path / "new") as other:
        assert await other.write(lambda uow: uow.raw.content(RawId(1))) == LARGE
        it = await other.write(an_assistance)
        assert it.ref == "ASFR26000002"
        # Numbers go on after those that were ever given.
        await other.accept([a_raw(2)])
        assert await other.write(lambda uow: uow.raw.get(RawId(2)).position) == 2


@pytest.mark.parametrize("resumes", [False, True])
async def test_what_may_have_left_after_the_backup_waits_for_a_person(
    store: Store, store_url: str, empty_url: str, tmp_path: Path, *, resumes: bool
) -> None:
    later = NOW + timedelta(hours=1)

    def work(uow: UnitOfWork) -> None:
        card = NewDelivery("card", CARD, "501", "telegram", NOW, {})
        rows = [a_delivery("due"), a_delivery("then", due_at=later), card]
        uow.outbox.put(
            [*rows, a_delivery("still", due_at=later + timedelta(seconds=1))]
        )

    await store.write(work)
    made = await back_up(store, store_url, tmp_path / "backups", NOW)
    done = restore(made.archive, empty_url, tmp_path / "new", later, resumes=resumes)
    async with open_store(empty_url, tmp_path / "new") as other:
        rows = {row.key: row for row in await other.views.outbox()}
        held = await other.write(lambda uow: uow.restoring.held())

    aside = [] if resumes else ["due", "then"]
    assert done.set_aside == len(aside)
    assert [key for key, row in rows.items() if row.state is DeliveryState.DEAD] == [
        *reversed(aside)
    ]
    assert held == sorted(rows[key].id for key in aside)


async def test_doctors_can_read_when_the_last_good_backup_was_made(
    store: Store, made: Made
) -> None:
    last = await store.write(lambda uow: uow.backups.last())
    assert last is not None
    assert (last.at, last.archive) == (NOW, str(made.archive))
    assert last.octets == made.archive.stat().st_size
    assert (made.archive.stat().st_mode & 0o777) == 0o600


async def test_only_the_newest_archives_are_kept(
    sqlite_store: Store, tmp_path: Path
) -> None:
    url, folder = f"sqlite:///{tmp_path / 'azbot.db'}", tmp_path / "backups"
    folder.mkdir()
    (folder / "mine.zip").write_bytes(b"somebody else's")
    for day in range(4):
        at = NOW + timedelta(days=day)
        await back_up(sqlite_store, url, folder, at, keep=2)
    assert sorted(path.name for path in folder.iterdir()) == [
        "azbot-20260304T080000Z.zip",
        "azbot-20260305T080000Z.zip",
        "mine.zip",
    ]
    with pytest.raises(Refused, match="backup_exists"):
        await back_up(sqlite_store, url, folder, NOW + timedelta(days=3))


async def test_a_file_that_was_lost_is_told_and_the_rest_is_kept(
    store: Store, store_url: str, made: Made, tmp_path: Path
) -> None:
    (blob,) = store.blobs.older(NOW + timedelta(days=9999))
    store.blobs.delete(blob)
    after = await back_up(store, store_url, tmp_path / "after.zip", NOW)
    assert after.manifest.missing == (blob,)
    with opened(after.archive) as archive:
        archive.verify()


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_what_is_not_whole_is_refused_and_nothing_changes(
    made: Made, tmp_path: Path
) -> None:
    content = made.archive.read_bytes()
    half, other = tmp_path / "half.zip", tmp_path / "other.zip"
    half.write_bytes(content[: len(content) // 2])
    with zipfile.ZipFile(other, "w") as sink:
        sink.writestr("letter.txt", "Bonjour")
    text = tmp_path / "text.zip"
    text.write_text("Bonjour")
    with zipfile.ZipFile(made.archive) as source:
        manifest = json.loads(source.read("manifest.json"))
        people = source.read("tables/people.jsonl")
        (file,) = (name for name in source.namelist() if name.startswith("files/"))
    manifest["files"] = 0
    told = json.dumps(manifest).encode()
    flipped = tmp_path / "flipped.zip"
    at = content.index(LARGE[:256]) + 100
    flipped.write_bytes(content[:at] + b"!" + content[at + 1 :])
    for archive, code in (
        (half, "archive_half"),
        (other, "archive_foreign"),
        (text, "archive_foreign"),
        (tmp_path / "none.zip", "archive_missing"),
        (flipped, "archive_altered"),
    ):
        with pytest.raises(Refused, match=code):
            _restored(archive, tmp_path)
    for name, changed in (
        ("tables/people.jsonl", people.replace(b"Anne", b"Jean")),
        ("tables/people.jsonl", b""),
        (file, LARGE[1:]),
        ("manifest.json", told),
    ):
        with pytest.raises(Refused, match="archive_altered"):
            _restored(altered(made.archive, name, changed), tmp_path)
    assert not (tmp_path / "new").exists()


def _restored(archive: Path, folder: Path) -> None:
    url = f"sqlite:///{folder / 'new' / 'azbot.db'}"
    restore(archive, url, folder / "new" / "files", NOW)


async def test_what_is_there_is_replaced_only_when_asked_and_stays_beside(
    store: Store,
    store_url: str,
    made: Made,
    tmp_path: Path,
    another_url: str,
) -> None:
    files = tmp_path / "there"
    async with open_store(another_url, files) as there:
        await there.write(lambda uow: an_assistance(uow, "other@example.org"))
        await there.accept([a_raw(content=LARGE[1:])])
        with pytest.raises(Refused, match="restore_running"):
            restore(made.archive, another_url, files, NOW, may_replace=True)
    with pytest.raises(Refused, match="restore_not_empty"):
        restore(made.archive, another_url, files, NOW)
    done = restore(made.archive, another_url, files, NOW, may_replace=True)
    async with open_store(another_url, files) as there:
        assert (
            await there.write(lambda uow: uow.people.by_address("other@example.org"))
            is None
        )
    assert done.kept_database is not None
    assert done.kept_files is not None
    if another_url.startswith("sqlite"):
        former, table = f"sqlite:///{done.kept_database}", "addresses"
    else:
        former, table = another_url, f"{done.kept_database}.addresses"
    engine = create_engine(former, poolclass=NullPool)
    with engine.connect() as before:
        found = before.scalars(text(f"SELECT email FROM {table}"))
        assert list(found) == ["other@example.org"]
    blob = hashlib.sha256(LARGE[1:]).hexdigest()
    assert (done.kept_files / blob[:2] / blob).read_bytes() == LARGE[1:]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_a_database_of_another_program_is_never_replaced(
    made: Made, tmp_path: Path
) -> None:
    file = tmp_path / "theirs.db"
    with sqlite3.connect(file) as theirs:
        theirs.execute("CREATE TABLE bills (amount INTEGER)")
    theirs.close()
    before = file.read_bytes()
    with pytest.raises(ConfigError):
        restore(
            made.archive, f"sqlite:///{file}", tmp_path / "f", NOW, may_replace=True
        )
    assert file.read_bytes() == before


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_a_damaged_database_is_replaced_when_asked(
    made: Made, tmp_path: Path
) -> None:
    file, logs = tmp_path / "damaged.db", tmp_path / "damaged.db-wal"
    file.write_bytes(b"no database any more, after the disk failed")
    logs.write_bytes(b"nor are these its logs")
    url = f"sqlite:///{file}"
    with pytest.raises(ConfigError):
        restore(made.archive, url, tmp_path / "f", NOW)
    done = restore(made.archive, url, tmp_path / "f", NOW, may_replace=True)
    assert counted(url)["assistances"] == 1
    former = tmp_path / "damaged.db.before-20260302T080000Z"
    assert done.kept_database == str(former)
    assert former.read_bytes().startswith(b"no database")
    assert not logs.exists(), "SQLite would apply them to the new database"


def test_rows_of_an_older_schema_are_brought_up_to_date(empty_url: str) -> None:
    columns = [("id", Kind.NUMBER), ("company", Kind.TEXT), ("email", Kind.TEXT)]
    columns.append(("zone_name", Kind.TEXT))
    shape = Shape(stations.name, tuple(columns))
    row = [7, "Froid Rhône", "contact@froid-rhone.example", "Europe/Paris"]
    with refilling(empty_url, "0009", "x", may_replace=False) as refill:
        assert refill.load(shape, [row]) == 1
        refill.go_on_from("stations", 9)
        refill.finish()
    with snapshot(empty_url) as seen:
        assert seen.schema == HEAD
        assert seen.sequences()["stations"] == 9
        (found,) = (s for s in seen.shapes() if s.name == "stations")
        assert next(seen.rows(found))[:2] == [7, "Froid Rhône"]


# --- the command line -----------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A configured installation with one station."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "azbot.toml").write_text("[service]\nlanguage = 'en'\n")
    command = ["station", "add", "Froid Rhône", "--email", "contact@froid.example"]
    assert run(folder, *command) == 0
    return folder


def run(folder: Path, *arguments: str) -> int:
    return main([*arguments, "--config", str(folder / "azbot.toml")], {})


def test_an_installation_comes_back_by_two_commands(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(home, "backup", "--json") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["rows"]["stations"] == 1
    shutil.rmtree(home / "data" / "files", ignore_errors=True)
    (home / "data" / "azbot.db").unlink()
    assert run(home, "backup") == 1
    assert "no database" in capsys.readouterr().err
    assert run(home, "restore", told["archive"]) == 0
    assert "verified" in capsys.readouterr().out
    assert run(home, "restore", told["archive"]) == 1
    assert "--replace" in capsys.readouterr().err
    assert run(home, "restore", "--replace", told["archive"]) == 0
    assert "former database" in capsys.readouterr().out
    assert run(home, "outbox", "resend") == 1
    assert "--restored" in capsys.readouterr().err
    assert run(home, "outbox", "resend", "--restored") == 0
    assert run(home, "station", "list") == 0
    assert "Froid Rhône" in capsys.readouterr().out


def test_progress_is_drawn_for_people_and_not_for_logs(home: Path) -> None:
    command = [sys.executable, "-m", "azbot", "backup", "--config", "azbot.toml"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    quiet = subprocess.run(command, cwd=home, capture_output=True, check=True, env=env)
    assert quiet.stderr == b""
    target = [*command, "again.zip"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        target, cwd=home, env=env, stderr=theirs, stdout=subprocess.DEVNULL
    ):
        os.close(theirs)
        drawn = b""
        try:
            while part := os.read(ours, 4096):
                drawn += part
        except OSError:
            # Linux says so when the other end of a terminal is closed.
            pass
        os.close(ours)
    assert "Verification" in drawn.decode()


_CLOCK = SystemClock()

# --- with a bucket ------------------------------------------------------------------


async def test_files_of_a_bucket_go_into_the_archive_and_into_a_folder(
    migrated_file: Path, s3: S3, tmp_path: Path
) -> None:
    """What was kept in a bucket comes back where there is none, and the other way."""
    shutil.copy(migrated_file, tmp_path / "azbot.db")
    url, blobs = f"sqlite:///{tmp_path}/azbot.db", BucketBlobs(s3.bucket(), _CLOCK)
    async with open_store(url, tmp_path / "files", blobs=blobs) as store:
        await store.accept([a_raw(content=LARGE)])
        made = await back_up(store, url, tmp_path / "whole.zip", NOW)
    assert (made.manifest.files, made.manifest.left) == (1, ())
    there, blob = tmp_path / "there", BlobId(hashlib.sha256(LARGE).hexdigest())
    restore(made.archive, f"sqlite:///{there}/azbot.db", there / "files", NOW)
    assert (there / "files" / blob[:2] / blob).read_bytes() == LARGE
    blobs.delete(blob)
    back = tmp_path / "back"
    restore(made.archive, f"sqlite:///{back}/azbot.db", back, NOW, blobs=blobs)
    assert blobs.is_whole(blob)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_an_archive_without_files_relies_on_who_keeps_them(
    store: Store, store_url: str, made: Made, tmp_path: Path
) -> None:
    bare = await back_up(store, store_url, tmp_path / "bare.zip", NOW, with_files=False)
    (blob,) = bare.manifest.left
    assert (bare.manifest.files, bare.manifest.missing) == (0, ())
    assert bare.manifest.format > made.manifest.format, "older ones must refuse it"
    store.blobs.delete(BlobId(blob))
    there, kept = f"sqlite:///{tmp_path}/new/azbot.db", store.blobs
    done = restore(bare.archive, there, tmp_path / "new", NOW, blobs=kept)
    assert done.absent == (blob,)
    assert counted(there)["raw_messages"] == 1
