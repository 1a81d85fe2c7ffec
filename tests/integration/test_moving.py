"""``azbot files``: from folder to bucket and back; what is there, and what is not."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from azbot.cli import main
from azbot.clock import SystemClock
from azbot.config import BucketSettings
from azbot.errors import StoreUnreachable
from azbot.messages import BlobId
from azbot.personal.purging import sweep_files
from azbot.store import migrate, open_store
from azbot.store.blobs import FileBlobs
from azbot.store.bucket import BucketBlobs
from azbot.store.moving import move
from tests.servers.s3 import S3
from tests.stores import a_raw

LARGE = bytes(range(256)) * 400
"""So long that it is kept as a file."""

CONTENTS = [b"", b"one", b"two", LARGE]


@pytest.fixture
def bucket(s3: S3) -> BucketSettings:
    """An empty bucket."""
    return s3.bucket()


@pytest.fixture
def installation(tmp_path: Path, bucket: BucketSettings) -> Path:
    """The configuration of an azbot whose files are still in a folder."""
    (tmp_path / "secret").write_text("secret-of-tests\n")
    file = tmp_path / "azbot.toml"
    file.write_text(
        "[store]\n"
        'url = "sqlite:///azbot.db"\n'
        'files = "files"\n'
        "[store.s3]\n"
        f'endpoint = "{bucket.endpoint}"\n'
        f'bucket = "{bucket.bucket}"\n'
        'access_key = "key-of-tests"\n'
        'secret_key_file = "secret"\n'
    )
    return file


def typed(file: Path, *words: str) -> int:
    return main([*words, "--config", str(file), "--lang", "en"], {})


def test_files_go_into_the_bucket_and_back(
    installation: Path,
    bucket: BucketSettings,
    s3: S3,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = FileBlobs(installation.parent / "files")
    names = sorted(map(folder.put, CONTENTS))
    assert typed(installation, "files", "move", "bucket") == 0
    assert "4 files copied" in capsys.readouterr().out
    assert sorted(Path(name).name for name in s3.names(bucket)) == names
    late = folder.put(b"came meanwhile")
    assert typed(installation, "files", "move", "bucket", "--json") == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["copied"], done["there"], done["emptied"]) == (1, 4, 0)
    assert typed(installation, "files", "move", "bucket", "--empty") == 0
    assert folder.older(SystemClock().now()) == []
    assert typed(installation, "files", "move", "folder", "--empty") == 0
    assert s3.names(bucket) == []
    assert all(folder.is_whole(name) for name in [*names, late])
    assert list((installation.parent / "files" / "partial").iterdir()) == []


def test_what_is_damaged_stays_and_is_told(
    installation: Path,
    bucket: BucketSettings,
    s3: S3,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = installation.parent / "files"
    blob = FileBlobs(folder).put(b"content")
    (folder / blob[:2] / blob).write_bytes(b"changed")
    assert typed(installation, "files", "move", "bucket", "--empty") == 1
    assert blob in capsys.readouterr().err
    assert s3.names(bucket) == []
    assert (folder / blob[:2] / blob).exists()


def test_a_bucket_that_is_away_is_no_database_that_is_away(
    installation: Path, bucket: BucketSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    text = installation.read_text()
    installation.write_text(text.replace(bucket.bucket, "nowhere"))
    FileBlobs(installation.parent / "files").put(b"content")
    assert typed(installation, "files", "move", "bucket") == 1
    told = capsys.readouterr().err
    assert "NoSuchBucket" in told
    assert "azbot doctor --only files" in told
    assert "database" not in told


def test_without_a_bucket_nothing_is_moved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "azbot.toml"
    file.write_text('[store]\nfiles = "files"\n')
    assert typed(file, "files", "move", "bucket") == 1
    assert "[store.s3]" in capsys.readouterr().err


async def test_a_move_that_was_cut_goes_on_where_it_was(
    tmp_path: Path, bucket: BucketSettings, s3: S3
) -> None:
    folder = FileBlobs(tmp_path / "files")
    for n in range(20):
        folder.put(b"%d" % n)
    target = _Cut(bucket)
    with pytest.raises(StoreUnreachable):
        await move(folder, target, tmp_path / "partial", SystemClock().now())
    assert len(s3.names(bucket)) == 7
    assert list((tmp_path / "partial").iterdir()) == []
    whole = BucketBlobs(bucket, SystemClock())
    later = await move(folder, whole, tmp_path / "partial", SystemClock().now())
    assert (later.copied, later.there) == (13, 7)


class _Cut(BucketBlobs):
    """A bucket whose network goes away after some files."""

    def __init__(self, settings: BucketSettings) -> None:
        super().__init__(settings, SystemClock())
        self._left = 7

    @override
    def adopt(self, file: Path, blob: BlobId | None = None) -> BlobId:
        self._left -= 1
        if self._left < 0:
            raise StoreUnreachable("files: connect")
        return super().adopt(file, blob)


def test_a_check_reads_every_file_a_row_names(
    installation: Path,
    bucket: BucketSettings,
    s3: S3,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = f"sqlite:///{installation.parent / 'azbot.db'}"
    blobs = BucketBlobs(bucket, SystemClock())

    async def fill() -> None:
        async with open_store(url, installation.parent, blobs=blobs) as store:
            await store.accept([a_raw(content=LARGE), a_raw(2, content=LARGE[1:])])

    migrate(url)
    asyncio.run(fill())
    assert typed(installation, "files", "check") == 0
    assert "2 files" in capsys.readouterr().out
    lost, changed = sorted(blobs.older(SystemClock().now()))
    blobs.delete(lost)
    s3.change(bucket, b"changed")
    assert typed(installation, "files", "check", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told == {"files": 2, "missing": [lost], "damaged": [changed]}


async def test_a_purge_has_the_same_patience_with_a_bucket(
    tmp_path: Path, bucket: BucketSettings, s3: S3
) -> None:
    url, clock = f"sqlite:///{tmp_path / 'azbot.db'}", SystemClock()
    await asyncio.to_thread(migrate, url)
    blobs = BucketBlobs(bucket, clock)
    async with open_store(url, tmp_path / "files", blobs=blobs) as store:
        await store.accept([a_raw(content=LARGE)])
        orphan = await asyncio.to_thread(blobs.put, b"orphan")
        s3.age(bucket, clock.now() - timedelta(hours=23))
        assert await sweep_files(store, url, clock.now()) == (0, 0)
        s3.age(bucket, clock.now() - timedelta(hours=25))
        again = await asyncio.to_thread(blobs.put, b"sent again")
        assert await sweep_files(store, url, clock.now()) == (1, 6)
    assert blobs.size(orphan) is None
    assert blobs.size(again) == 10
    assert len(s3.names(bucket)) == 2
