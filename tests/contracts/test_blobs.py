"""Files named by their content: whole or absent, the same for every keeper."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azbot.clock import SystemClock
from azbot.config import BucketSettings
from azbot.errors import NotFound, StoreUnreachable
from azbot.messages import BlobId
from azbot.ports import Blobs
from azbot.store.blobs import CHUNK, FileBlobs
from azbot.store.bucket import BucketBlobs
from tests.servers.s3 import S3, complaint, grumbling
from tests.stores import MINUTE, NOW

UNKNOWN = BlobId("0" * 64)
AN_HOUR = timedelta(hours=1)

Ageing = Callable[[datetime], None]
"""Lets everything that is kept be as old as if it was stored at that instant."""


@pytest.fixture(params=["folder", "bucket"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Blobs, Ageing]:
    """An empty keeper of files, and how what it keeps grows old."""
    if request.param == "folder":
        folder = tmp_path / "blobs"
        return FileBlobs(folder), lambda at: aged(folder, at)
    s3: S3 = request.getfixturevalue("s3")
    bucket = s3.bucket()
    return BucketBlobs(bucket, SystemClock()), lambda at: s3.age(bucket, at)


@pytest.fixture
def blobs(kept: tuple[Blobs, Ageing]) -> Blobs:
    """An empty keeper of files."""
    return kept[0]


def aged(folder: Path, at: datetime) -> None:
    for file in files_in(folder):
        os.utime(file, (at.timestamp(), at.timestamp()))


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
def test_any_content_comes_back(blobs: Blobs, content: bytes) -> None:
    assert blobs.read(blobs.put(content)) == content


def test_what_is_kept_has_a_size_and_is_whole(blobs: Blobs) -> None:
    blob = blobs.put(b"content")
    assert blobs.size(blob) == 7
    assert blobs.is_whole(blob)
    assert blobs.size(UNKNOWN) is None
    assert blobs.size(blobs.put(b"")) == 0
    assert not blobs.is_whole(UNKNOWN)


def test_files_are_found_by_when_they_were_stored_last(
    kept: tuple[Blobs, Ageing],
) -> None:
    blobs, age = kept
    now = SystemClock().now()
    old, again = blobs.put(b"old"), blobs.put(b"again")
    age(now - 2 * AN_HOUR)
    assert blobs.put(b"again") == again
    young = blobs.put(b"young")
    assert blobs.older(now - AN_HOUR) == [old]
    assert set(blobs.older(now + AN_HOUR)) == {old, again, young}
    assert blobs.older(now - AN_HOUR, (young, old, UNKNOWN)) == [old]


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
    assert blobs.is_whole(blob)


# --- the bucket alone ------------------------------------------------------------

PARTS = 20_000_000
"""Octets of a file that leaves in three parts."""


@pytest.fixture
def bucket(s3: S3) -> BucketSettings:
    """An empty bucket."""
    return s3.bucket()


def keeper_of(settings: BucketSettings) -> BucketBlobs:
    return BucketBlobs(settings, SystemClock())


def big_file(folder: Path) -> Path:
    file = folder / "film"
    file.write_bytes(os.urandom(1_000_000) * (PARTS // 1_000_000))
    return file


def test_the_bucket_is_laid_out_as_the_folder_below_its_prefix(
    s3: S3, bucket: BucketSettings
) -> None:
    blob = keeper_of(bucket).put(b"content")
    assert s3.names(bucket) == [f"azbot/{blob[:2]}/{blob}"]


async def test_a_large_file_leaves_in_parts_and_comes_back_in_pieces(
    s3: S3, bucket: BucketSettings, tmp_path: Path
) -> None:
    file, blobs = big_file(tmp_path), keeper_of(bucket)
    content = file.read_bytes()
    blob = blobs.adopt(file)
    assert not file.exists()
    assert s3.uploads(bucket) == 0
    assert blobs.is_whole(blob)
    assert b"".join(await streamed(blobs, blob)) == content
    assert b"".join([c async for c in blobs.stream(blob, PARTS - 7)]) == content[-7:]


def test_a_large_file_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    """In a process of its own, to a service that keeps nothing and is quick."""
    file = tmp_path / "film"
    with file.open("wb") as film:
        film.truncate(100_000_000)
    begun = f"<{BEGUN}><UploadId>1</UploadId></{BEGUN}>"
    ended = f"<{ENDED}><ETag>0</ETag></{ENDED}>"
    with grumbling((404, ""), (200, begun), (200, ended)) as service:
        told = subprocess.run(
            [sys.executable, "-c", CARRIER, service.url, str(file)],
            capture_output=True,
            check=True,
            text=True,
        )
    assert not file.exists()
    assert service.asked == ["HEAD", "POST", *["PUT"] * 13, "POST"]
    assert int(told.stdout) < 60_000_000


BEGUN, ENDED = "InitiateMultipartUploadResult", "CompleteMultipartUploadResult"
CARRIER = """
import re, sys
from pathlib import Path
from pydantic import SecretStr
from azbot.clock import SystemClock
from azbot.config import BucketSettings
from azbot.store.bucket import BucketBlobs

def most():
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) * 1024

endpoint, file = sys.argv[1:]
key = {"access_key": "key-of-tests", "secret_key": SecretStr("secret-of-tests")}
settings = BucketSettings(bucket="files", endpoint=endpoint, **key)
blobs = BucketBlobs(settings, SystemClock())
before = most()
blobs.adopt(Path(file))
print(most() - before)
"""


@pytest.mark.parametrize("size", [1_000, PARTS])
def test_a_file_that_is_not_what_its_name_says_never_gets_that_name(
    s3: S3, bucket: BucketSettings, tmp_path: Path, size: int
) -> None:
    file, blobs = tmp_path / "came", keeper_of(bucket)
    file.write_bytes(bytes(size))
    with pytest.raises(StoreUnreachable, match="changed"):
        blobs.adopt(file, UNKNOWN)
    assert s3.names(bucket) == []
    assert s3.uploads(bucket) == 0
    assert file.exists()


async def test_a_damaged_object_is_never_read_to_its_end(
    s3: S3, bucket: BucketSettings
) -> None:
    blobs = keeper_of(bucket)
    blob = blobs.put(b"content")
    s3.change(bucket, b"changed")
    assert not blobs.is_whole(blob)
    with pytest.raises(NotFound):
        blobs.read(blob)
    chunks = blobs.stream(blob)
    with pytest.raises(NotFound):
        await anext(chunks)


async def test_a_missing_bucket_is_no_missing_file(s3: S3) -> None:
    blobs = keeper_of(s3.at(bucket="nowhere"))
    for use in (
        lambda: blobs.put(b"content"),
        lambda: blobs.delete(UNKNOWN),
        lambda: blobs.older(SystemClock().now()),
    ):
        with pytest.raises(StoreUnreachable, match="NoSuchBucket"):
            use()


def test_a_service_that_is_overrun_is_asked_again(s3: S3) -> None:
    slow = (503, complaint("SlowDown"))
    with grumbling((404, ""), slow, slow, (200, "")) as service:
        keeper_of(s3.at(bucket="files", endpoint=service.url)).put(b"content")
    assert service.asked == ["HEAD", "PUT", "PUT", "PUT"]


def test_a_service_that_stays_overrun_is_given_up(s3: S3) -> None:
    with grumbling((404, ""), (503, complaint("SlowDown"))) as service:
        blobs = keeper_of(s3.at(bucket="files", endpoint=service.url))
        with pytest.raises(StoreUnreachable, match="SlowDown"):
            blobs.put(b"content")
    assert len(service.asked) == 5


def test_a_service_that_says_nothing_is_not_waited_for(s3: S3) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        endpoint = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        settings = s3.at(bucket="files", endpoint=endpoint, command_seconds=0.1)
        with pytest.raises(StoreUnreachable, match="silent"):
            keeper_of(settings).put(b"content")


def test_variables_for_other_programs_change_nothing(
    bucket: BucketSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ENDPOINT", "ENDPOINT_URL", "ENDPOINT_URL_S3"):
        monkeypatch.setenv(f"AWS_{name}", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of another key")
    blobs = keeper_of(bucket)
    assert blobs.read(blobs.put(b"content")) == b"content"


def test_who_has_no_bucket_loads_nothing_that_speaks_to_one() -> None:
    script = (
        "import sys; from azbot.config import StoreSettings;"
        "from azbot.store.keepers import keeper_of; keeper_of(StoreSettings());"
        "assert 'obstore' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_bucket_of_a_virtual_host_is_named_in_the_host(s3: S3) -> None:
    settings = s3.at(bucket="files", addressing="virtual", region="eu-west-3")
    assert settings.url.startswith("http://files.127.0.0.1:")
    amazon = s3.at(bucket="files", endpoint="", region="eu-west-3")
    assert amazon.url == "https://s3.eu-west-3.amazonaws.com"
