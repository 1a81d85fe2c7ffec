"""A file that says an outage was told, for processes that share nothing else then."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO


class Turn:
    """The turn of one process to tell.

    Attributes:
        since: when the outage began, once it was told; None before.
    """

    def __init__(self, since: datetime | None) -> None:
        self.since = since

    def note(self, since: datetime) -> None:
        """Note that it was told."""
        self.since = since


class Beacon:
    """Lit while an outage that was told goes on; every process of a machine sees it.

    A folder that cannot be written to stops nobody from telling: then each process
    remembers for itself.

    Args:
        file: in a folder all of them write to.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._own: datetime | None = None

    @contextmanager
    def turn(self) -> Iterator[Turn | None]:
        """Give one process at a time the turn to tell; None: another one has it.

        Whoever dies at it loses the turn, so that an outage is rather told twice than
        never.
        """
        try:
            number = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            turn = Turn(self._own)
            yield turn
            self._own = turn.since
            return
        with os.fdopen(number, "r+b") as file:
            try:
                # The lock goes with the process that holds it, however it dies.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield None
                return
            turn = Turn(_read(file))
            yield turn
            if turn.since is not None:
                file.seek(0)
                file.truncate()
                file.write(turn.since.isoformat().encode())

    def lit_since(self) -> datetime | None:
        """Return since when the outage lasts that was told; None: none was."""
        try:
            with self._file.open("rb") as file:
                return _read(file)
        except OSError:
            return self._own

    def douse(self) -> None:
        """Put it out: the outage is over, and that is written down."""
        self._own = None
        with suppress(OSError):
            self._file.unlink()


def _read(file: BinaryIO) -> datetime | None:
    try:
        return datetime.fromisoformat(file.read(100).decode())
    except ValueError:
        # Empty: nobody got to the end of telling it.
        return None
