"""Files named by their content, written whole or not at all."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from typing_extensions import override

from azbot.errors import FilesUnreachable, NotFound
from azbot.messages import BlobId
from azbot.ports import Blobs

CHUNK = 64 * 1024
_READ = 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = ".part-"


class FileBlobs(Blobs):
    """A folder of files: ``ab/ab12…``, two digits of the name as folder.

    A file appears under its name only when every octet and the name itself are on
    the disk: it is written beside, synced, renamed, and its folder synced.

    Args:
        folder: made when it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @override
    def put(self, content: bytes) -> BlobId:
        """Store durably; see ``ports.Blobs``.

        Raises:
            FilesUnreachable: the disk is full or away; nothing was stored.
        """
        blob = BlobId(hashlib.sha256(content).hexdigest())
        path = self._path(blob)
        try:
            if not _renewed(path):
                self._write(path, content)
        except OSError as error:
            raise FilesUnreachable(error.strerror or type(error).__name__) from error
        return blob

    @override
    def adopt(self, file: Path, blob: BlobId | None = None) -> BlobId:
        """Take a file over; see ``ports.Blobs``.

        On the same disk it is renamed: no second copy is written.
        """
        try:
            blob = blob or blob_of(file)
            path = self._path(blob)
            if _renewed(path):
                file.unlink()
            else:
                self._move(file, path)
        except FileNotFoundError as error:
            raise NotFound("file", file.name) from error
        except OSError as error:
            raise FilesUnreachable(error.strerror or type(error).__name__) from error
        return blob

    @override
    def read(self, blob: BlobId) -> bytes:
        """Return the whole content; see ``ports.Blobs``."""
        try:
            return self._path(blob).read_bytes()
        except FileNotFoundError as error:
            raise NotFound("file", blob) from error

    @override
    async def stream(self, blob: BlobId, start: int = 0) -> AsyncGenerator[bytes, None]:
        """Yield the content in chunks; see ``ports.Blobs``."""
        try:
            file = await asyncio.to_thread(self._path(blob).open, "rb")
        except FileNotFoundError as error:
            raise NotFound("file", blob) from error
        try:
            file.seek(start)
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk
        finally:
            file.close()

    @override
    def delete(self, blob: BlobId) -> None:
        """Forget the file; see ``ports.Blobs``."""
        self._path(blob).unlink(missing_ok=True)

    @override
    def older(
        self, than: datetime, among: Iterable[BlobId] | None = None
    ) -> list[BlobId]:
        """Return the files that were stored last before an instant."""
        if among is None:
            paths = list(self._folder.glob("[0-9a-f][0-9a-f]/*"))
        else:
            paths = [self._path(blob) for blob in among]
        found = []
        for path in paths:
            with suppress(FileNotFoundError):
                is_old = path.stat().st_mtime < than.timestamp()
                if is_old and is_name(path.name):
                    found.append(BlobId(path.name))
        return found

    @override
    def size(self, blob: BlobId) -> int | None:
        """Return how many octets a file has, None when there is none."""
        path = self._path(blob)
        return path.stat().st_size if path.exists() else None

    @override
    def is_whole(self, blob: BlobId) -> bool:
        """Whether the file is there and holds what its name says."""
        path = self._path(blob)
        return path.exists() and blob_of(path) == blob

    @override
    def tidy(self, before: datetime) -> int:
        """Remove what crashed writers left behind; return how many files."""
        left = [
            path
            for path in self._folder.glob(f"*/{_TEMPORARY}*")
            if path.stat().st_mtime < before.timestamp()
        ]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _path(self, blob: BlobId) -> Path:
        return self._folder / place_of(blob)

    def _move(self, file: Path, path: Path) -> None:
        folder = self._made(path.parent)
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
        try:
            file.replace(path)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._copy(file, path)
            file.unlink()
        sync_folder(folder)

    def _copy(self, file: Path, path: Path) -> None:
        """Bring a file over from another disk, whole or not at all."""
        beside = path.parent / f"{_TEMPORARY}{secrets.token_hex(8)}"
        try:
            with file.open("rb") as source, beside.open("xb") as sink:
                shutil.copyfileobj(source, sink, CHUNK)
                sink.flush()
                os.fsync(sink.fileno())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

    def _made(self, folder: Path) -> Path:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            sync_folder(self._folder)
        return folder

    def _write(self, path: Path, content: bytes) -> None:
        folder = self._made(path.parent)
        beside = folder / f"{_TEMPORARY}{secrets.token_hex(8)}"
        try:
            with beside.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(folder)


def is_name(text: str) -> bool:
    """Whether a text names a content."""
    return _NAME.fullmatch(text) is not None


def place_of(blob: BlobId) -> str:
    """Return where a file stands in its keeper, ``ab/ab12…``.

    Raises:
        NotFound: it is no name, and came from a request: it must not walk elsewhere.
    """
    if not is_name(blob):
        raise NotFound("file", blob)
    return f"{blob[:2]}/{blob}"


def _renewed(path: Path) -> bool:
    """Whether a file is there; it is young from now on, and so nobody's orphan."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def blob_of(file: Path) -> BlobId:
    """Return the name of what stands in a file, read in pieces.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with file.open("rb", buffering=0) as content:
        while chunk := content.read(_READ):
            digest.update(chunk)
    return BlobId(digest.hexdigest())


def sync_folder(folder: Path) -> None:
    """Make names inside a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
