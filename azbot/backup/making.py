"""``back_up``: an archive of database and files, while everything goes on."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from azbot import __version__
from azbot.backup.archive import (
    FORMAT,
    Manifest,
    TableEntry,
    Writer,
    names_digest,
    opened,
)
from azbot.errors import AzbotError, NotFound, Refused
from azbot.messages import BlobId
from azbot.store import Store
from azbot.store.backups import LastBackup
from azbot.store.blobs import sync_folder
from azbot.store.named import FILES, named_in, owed_in
from azbot.store.snapshot import Progress, Shape, Snapshot, line_of, silent, snapshot

_PART = ".part"
_OURS = re.compile(r"azbot-\d{8}T\d{6}Z\.zip")
_LEFT_AFTER = 24 * 3600
_COMPLETE = 1
"""Format of an archive with all its files, which every azbot reads."""


@dataclass(frozen=True, slots=True)
class Made:
    """An archive that was written, read again and found good."""

    archive: Path
    octets: int
    manifest: Manifest
    dropped: tuple[Path, ...] = ()


async def back_up(
    store: Store,
    url: str,
    target: Path,
    now: datetime,
    *,
    keep: int = 0,
    with_files: bool = True,
    progress: Progress = silent,
) -> Made:
    """Write an archive and read it again; only then it has its name.

    Rows are those of one instant. Files are never changed once written and are stored
    before a row names them, so those are copied afterwards.

    Args:
        store: the open store; no file is deleted from it meanwhile.
        url: its database.
        target: a folder, made when it does not exist, or a file ending in ``.zip``.
        now: the present.
        keep: so many archives stay in the folder, older ones go; 0: all stay.
        with_files: else their names alone are written, and who keeps them is relied
            on to have them when the archive comes back.
        progress: told how far it is.

    Raises:
        OSError: the disk is full, the folder cannot be written to.
        Refused: ``backup_exists``; ``archive_altered``: the disk does not return what
            was written to it.
    """
    place = _place(target, now)
    if place.exists():
        raise Refused("backup_exists", {"file": place})
    place.parent.mkdir(parents=True, exist_ok=True)
    _tidy(place.parent)

    # Journals beside the archive say of which installation they are.
    await store.write(lambda uow: uow.settings.instance_id())

    async def work() -> Made:
        part = place.with_name(f".{place.name}.{secrets.token_hex(4)}{_PART}")
        try:
            manifest = await _written(store, url, part, now, progress, with_files)
            octets = part.stat().st_size
            await asyncio.to_thread(_verify, part, progress)
            part.replace(place)
            sync_folder(place.parent)
        finally:
            part.unlink(missing_ok=True)
        done = LastBackup(now, str(place.absolute()), octets)
        await store.write(lambda uow: uow.backups.note(done))
        dropped = _drop_old(place.parent, keep) if keep and place != target else ()
        return Made(place, octets, manifest, dropped)

    return await _undisturbed(store, work)


async def _undisturbed(store: Store, work: Callable[[], Awaitable[Made]]) -> Made:
    """Do the work while nobody deletes files; its errors come as they are."""
    done: list[Made] = []

    async def go() -> None:
        done.append(await work())

    try:
        await store.alone(FILES, go)
    except* (AzbotError, OSError) as group:
        raise _first(group) from None
    return done[0]


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


@dataclass(slots=True)
class _Rows:
    """What the database holds, and what it says of files."""

    schema: str = ""
    tables: list[TableEntry] = field(default_factory=list)
    sequences: dict[str, int] = field(default_factory=dict)
    next_references: tuple[str, ...] = ()
    named: set[BlobId] = field(default_factory=set)
    owed: set[BlobId] = field(default_factory=set)


async def _written(
    store: Store,
    url: str,
    part: Path,
    now: datetime,
    progress: Progress,
    with_files: bool,  # noqa: FBT001 - of one caller
) -> Manifest:
    writer = Writer(part, now)
    try:
        rows = await asyncio.to_thread(_write_rows, url, writer, progress)
        octets, there, left = 0, set(), set()
        for done, blob in enumerate(sorted(rows.named), 1):
            if not with_files:
                if await asyncio.to_thread(store.blobs.size, blob) is not None:
                    left.add(blob)
            elif (size := await _write_file(store, writer, blob)) is not None:
                octets += size
                there.add(blob)
            progress("files", done, len(rows.named))
        manifest = Manifest(
            format=FORMAT if left else _COMPLETE,
            version=__version__,
            schema=rows.schema,
            made_at=now,
            database="postgresql" if url.startswith("postgresql") else "sqlite",
            tables=tuple(rows.tables),
            sequences=rows.sequences,
            next_references=rows.next_references,
            files=len(there),
            file_octets=octets,
            names_sha256=names_digest(there),
            missing=tuple(sorted(rows.owed - there - left)),
            left=tuple(sorted(left)),
        )
        await asyncio.to_thread(writer.close, manifest)
    finally:
        writer.abandon()
    return manifest


def _write_rows(url: str, writer: Writer, progress: Progress) -> _Rows:
    rows = _Rows()
    with snapshot(url) as seen:
        total, done = sum(seen.count(shape) for shape in seen.shapes()), 0
        for shape in seen.shapes():
            entry = writer.table(shape, _lines(seen, shape, rows))
            rows.tables.append(entry)
            done += entry.rows
            progress("tables", done, total)
        rows.schema = seen.schema
        rows.sequences = seen.sequences()
        rows.next_references = seen.next_references()
    return rows


def _lines(seen: Snapshot, shape: Shape, rows: _Rows) -> Iterator[bytes]:
    for row in seen.rows(shape):
        rows.named |= named_in(row)
        rows.owed |= owed_in(shape, row)
        yield line_of(row)


async def _write_file(store: Store, writer: Writer, blob: BlobId) -> int | None:
    """Copy one file; return its octets, None when there is none of this name."""
    content = store.blobs.stream(blob)
    try:
        first = await anext(content, b"")
    except NotFound:
        return None
    size = len(first)
    with writer.file(blob) as sink:
        sink.write(first)
        async for chunk in content:
            sink.write(chunk)
            size += len(chunk)
    return size


def _verify(part: Path, progress: Progress) -> None:
    with part.open("rb") as file:
        # Out of the memory of the system: what is read must come from the disk.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    with opened(part) as archive:
        archive.verify(progress)


def _place(target: Path, now: datetime) -> Path:
    if target.suffix == ".zip" and not target.is_dir():
        return target
    return target / f"azbot-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"


def archives_in(folder: Path) -> list[Path]:
    """Return the archives that were made in a folder, the newest first."""
    found = (path for path in folder.iterdir() if _OURS.fullmatch(path.name))
    return sorted(found, reverse=True)


def _drop_old(folder: Path, keep: int) -> tuple[Path, ...]:
    old = archives_in(folder)[keep:]
    for path in old:
        path.unlink(missing_ok=True)
    return tuple(old)


def _tidy(folder: Path) -> None:
    """Remove what backups left that were killed a day ago or more."""
    for path in folder.glob(f".*.zip.*{_PART}"):
        if path.stat().st_mtime < time.time() - _LEFT_AFTER:
            path.unlink(missing_ok=True)
