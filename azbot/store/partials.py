"""Files of which a part has come: only appended to, by one writer at a time.

What has come is what stands on the disk, so a process that is killed between two
octets loses none it had, and counts none it had not.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from azbot.errors import Conflict, NotFound, StoreUnreachable
from azbot.store.blobs import sync_folder

_NAME = re.compile(r"[0-9a-f]{32}")
_SPARED = 512 * 1024 * 1024


class Partials:
    """A folder of partial files; on the disk of the whole ones, so none is copied.

    Every method blocks: call it in a worker thread.

    Args:
        folder: made when it does not exist.

    Raises:
        NotFound: from every method with a name: there is no such file.
        StoreUnreachable: from every method: the disk is full or away.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has_room(self, octets: int) -> bool:
        """Whether the disk has so much, and half a gigabyte for everything else."""
        with _told():
            self._folder.mkdir(parents=True, exist_ok=True)
            return shutil.disk_usage(self._folder).free > octets + _SPARED

    def begin(self, name: str) -> None:
        """Make an empty file; one that is there stays as it is."""
        path = self._path(name)
        with _told():
            self._folder.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            sync_folder(self._folder)

    def size(self, name: str) -> int:
        """Return how many octets have come."""
        path = self._path(name)
        with _told():
            return path.stat().st_size

    def path(self, name: str) -> Path:
        """Return where the file is, for who reads it or takes it over."""
        return self._path(name)

    def writer(self, name: str) -> PartialWriter:
        """Give the file to one writer of all processes; close it.

        Raises:
            Conflict: somebody else writes to it.
        """
        path = self._path(name)
        with _told():
            # Appends to what is there; a file that is gone is not made again.
            number = os.open(path, os.O_WRONLY | os.O_APPEND)
        file = os.fdopen(number, "ab", buffering=0)
        try:
            # The lock goes with the process that holds it, however it dies.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise Conflict(f"upload {name} is being written") from error
        if os.fstat(file.fileno()).st_nlink == 0 or not path.exists():
            # Between opening and locking it was taken over, or dropped.
            file.close()
            raise NotFound("upload", name)
        return PartialWriter(file)

    def drop(self, name: str) -> None:
        """Remove the file; unknown ones are silent success."""
        with _told():
            self._path(name).unlink(missing_ok=True)

    def older(self, than: datetime) -> list[str]:
        """Return the names of files nothing was written to since an instant."""
        with _told():
            found = list(self._folder.glob("*")) if self._folder.is_dir() else []
            return [
                path.name
                for path in found
                if _NAME.fullmatch(path.name)
                and path.stat().st_mtime < than.timestamp()
            ]

    def _path(self, name: str) -> Path:
        # The name comes from a request: it must not walk anywhere else.
        if not _NAME.fullmatch(name):
            raise NotFound("upload", name)
        return self._folder / name


class PartialWriter:
    """The end of one partial file, held by one writer."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    def append(self, octets: bytes) -> None:
        """Write at the end.

        Raises:
            StoreUnreachable: not all of it could be; ``size`` says how much is there.
        """
        rest = memoryview(octets)
        with _told():
            while rest:
                written = self._file.write(rest)
                self.size += written
                rest = rest[written:]

    def sync(self) -> None:
        """Make durable what was written."""
        with _told():
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file; twice is fine."""
        self._file.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("upload", Path(str(error.filename)).name) from error
    except OSError as error:
        raise StoreUnreachable(f"files: {error.strerror}") from error
