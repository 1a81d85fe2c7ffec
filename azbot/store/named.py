"""Which files rows name.

A file is needed as long as any row says its name, wherever that stands: in a column,
in a state, in a history, in a draft, in a command that is held back. A name is 64
hexadecimal digits; a hash of something else that looks the same costs nothing, for
there is no file of that name. New tables are therefore counted before anybody thinks
of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from azbot.messages import BlobId
from azbot.store.snapshot import Cell, Progress, Shape, silent, snapshot

FILES = "files"
"""The seat of whoever needs that no file is deleted, and of whoever deletes some."""

_NAME = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_FIELD = re.compile(r'"blob"\s*:\s*"([0-9a-f]{64})"')


def named_in(row: Iterable[Cell]) -> set[BlobId]:
    """Return every name of a file that a row may hold."""
    return {
        BlobId(name)
        for cell in row
        if isinstance(cell, str) and len(cell) >= 64
        for name in _NAME.findall(cell)
    }


def owed_in(shape: Shape, row: Iterable[Cell]) -> set[BlobId]:
    """Return the names in a row that are surely those of files."""
    found: set[BlobId] = set()
    for (name, _), cell in zip(shape.columns, row, strict=True):
        if not isinstance(cell, str):
            continue
        if name == "blob":
            found.add(BlobId(cell))
        elif len(cell) >= 64:
            found.update(map(BlobId, _FIELD.findall(cell)))
    return found


def files_named(url: str, progress: Progress = silent) -> set[BlobId]:
    """Return the name of every file any row of a database names. Blocking.

    Raises:
        ConfigError, StoreUnreachable: as ``snapshot``.
    """
    found: set[BlobId] = set()
    with snapshot(url) as seen:
        for _, row in seen.each(progress):
            found |= named_in(row)
    return found


def files_owed(url: str, progress: Progress = silent) -> set[BlobId]:
    """Return the names in a database that are surely those of files. Blocking.

    Raises:
        ConfigError, StoreUnreachable: as ``snapshot``.
    """
    found: set[BlobId] = set()
    with snapshot(url) as seen:
        for shape, row in seen.each(progress):
            found |= owed_in(shape, row)
    return found
