"""Files named by their content: whole or absent, the same for every keeper."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azbot.errors import NotFound, StoreUnreachable
from azbot.messages import BlobId
from azbot.ports import Blobs
from azbot.store.blobs import CHUNK, FileBlobs
from tests.stores import MINUTE, NOW

KEEPERS: list[Callable[[Path], Blobs]] = [FileBlobs]
UNKNOWN = BlobId("0" * 64)


@pytest.fixture(params=KEEPERS, ids=lambda keeper: keeper.__name__)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """An empty keeper of files."""
    keeper: Callable[[Path], Blobs] = request.param
    return keeper(tmp_path / "blobs")


async def streamed(blobs: Blobs, blob: BlobId) -> list[bytes]:
    return [chunk async for chunk in blobs.stream(blob)]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
async def test_what_was_put_comes_back_whole_and_in_chunks(
    blobs: Blobs, size: int
) -> None:
    content = bytes(n % 251 for n in range(size))
    blob = blobs.put(content)
    assert blob == hashlib.sha256(content).hexdigest()
    assert blobs.read(blob) == content
    chunks = await streamed(blobs, blob)
    assert b"".join(chunks) == content
    assert all(0 < len(chunk) <= CHUNK for chunk in chunks)


@pytest.mark.parametrize("start", [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK])
async def test_a_file_is_read_from_anywhere(blobs: Blobs, start: int) -> None:
    content = os.urandom(2 * CHUNK)
    blob = blobs.put(content)
    chunks = [chunk async for chunk in blobs.stream(blob, start)]
    assert b"".join(chunks) == content[start:]


async def test_the_same_content_is_one_file(blobs: Blobs) -> None:
    assert blobs.put(b"twice") == blobs.put(b"twice")


@pytest.mark.parametrize("size", [0, 1, 3 * CHUNK + 7])
async def test_a_file_is_taken_over_and_is_the_same_as_its_content(
    blobs: Blobs, tmp_path: Path, size: int
) -> None:
    content, file = os.urandom(size), tmp_path / "came"
    file.write_bytes(content)
    blob = blobs.adopt(file)
    assert blob == hashlib.sha256(content).hexdigest()
    assert not file.exists()
    assert blobs.read(blob) == content
    file.write_bytes(content)
    assert blobs.adopt(file, blob) == blobs.put(content) == blob
    assert not file.exists()


async def test_a_file_that_is_gone_is_not_taken_over(
    blobs: Blobs, tmp_path: Path
) -> None:
    for blob in (None, UNKNOWN):
        with pytest.raises(NotFound):
            blobs.adopt(tmp_path / "gone", blob)


async def test_unknown_files_are_not_found(blobs: Blobs) -> None:
    with pytest.raises(NotFound):
        blobs.read(UNKNOWN)
    with pytest.raises(NotFound):
        await streamed(blobs, UNKNOWN)


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "0" * 63])
async def test_a_name_that_is_no_digest_is_never_a_path(
    blobs: Blobs, name: str
) -> None:
    with pytest.raises(NotFound):
        blobs.read(BlobId(name))
    with pytest.raises(NotFound):
        await streamed(blobs, BlobId(name))


async def test_forgetting_twice_is_fine(blobs: Blobs) -> None:
    blob = blobs.put(b"short-lived")
    blobs.delete(blob)
    blobs.delete(blob)
    with pytest.raises(NotFound):
        blobs.read(blob)
    assert blobs.put(b"short-lived") == blob
    assert blobs.read(blob) == b"short-lived"


async def test_many_writers_of_one_content_do_not_disturb_each_other(
    blobs: Blobs,
) -> None:
    content = os.urandom(3 * CHUNK)
    with ThreadPoolExecutor(8) as threads:
        names = set(threads.map(blobs.put, [content] * 32))
    assert len(names) == 1
    assert blobs.read(names.pop()) == content


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=4096))
def test_any_content_comes_back(tmp_path: Path, content: bytes) -> None:
    for keeper in KEEPERS:
        blobs = keeper(tmp_path / "any")
        assert blobs.read(blobs.put(content)) == content


# --- the folder alone ------------------------------------------------------------


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_only_whole_files_have_a_name(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    blob = blobs.put(b"content")
    assert [path.name for path in files_in(tmp_path)] == [blob]


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """A folder that is a file stands for a disk that refuses."""
    (tmp_path / "blobs").write_bytes(b"")
    with pytest.raises(StoreUnreachable):
        FileBlobs(tmp_path / "blobs").put(b"content")


def test_a_file_of_the_same_disk_is_renamed_not_copied(tmp_path: Path) -> None:
    file = tmp_path / "came"
    file.write_bytes(b"content")
    number = file.stat().st_ino
    blob = FileBlobs(tmp_path).adopt(file)
    assert (tmp_path / blob[:2] / blob).stat().st_ino == number


def test_a_full_disk_leaves_the_file_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_bytes(b"")
    file = tmp_path / "came"
    file.write_bytes(b"content")
    with pytest.raises(StoreUnreachable):
        FileBlobs(tmp_path / "blobs").adopt(file)
    assert file.read_bytes() == b"content"


def test_what_a_crash_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    blob = blobs.put(b"content")
    half = tmp_path / blob[:2] / ".part-0123"
    half.write_bytes(b"half")
    os.utime(half, (NOW.timestamp(), NOW.timestamp()))
    assert blobs.tidy(NOW) == 0
    assert blobs.tidy(NOW + MINUTE) == 1
    assert not half.exists()
    assert blobs.exists(blob)
