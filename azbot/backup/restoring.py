"""``restore``: an installation as an archive shows it, or as it is now; no third."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from azbot.backup.archive import Archive, Manifest, opened
from azbot.errors import Refused
from azbot.messages import BlobId
from azbot.ports import Blobs
from azbot.store.blobs import FileBlobs
from azbot.store.refill import Refill, refilling
from azbot.store.schema import HEAD
from azbot.store.snapshot import Progress, silent

_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there now.

    Attributes:
        set_aside: deliveries that may have left after the backup: they wait for a
            person.
        kept_database, kept_files: where the former ones are; None without any.
        absent: files the archive relies on somebody to keep, who has them not.
    """

    manifest: Manifest
    set_aside: int
    kept_database: str | None
    kept_files: Path | None
    absent: tuple[str, ...] = ()


def restore(
    file: Path,
    url: str,
    folder: Path,
    now: datetime,
    *,
    may_replace: bool = False,
    resumes: bool = False,
    blobs: Blobs | None = None,
    progress: Progress = silent,
) -> Restored:
    """Put the content of an archive in the place of database and files. Blocking.

    The archive is read as a whole before anything is written. Files are added before
    the database takes its place, which is one step: whenever the process dies, there
    is either the former installation or the one of the archive.

    Args:
        file: the archive.
        url: where the database goes.
        folder: where the files go, and on the way to a bucket.
        now: names what is kept of the former ones.
        may_replace: else nothing may be there.
        resumes: nothing was sent since the backup, so that what waits may leave.
        blobs: who keeps the files; the folder by default.
        progress: told how far it is.

    Raises:
        Refused: see ``archive.opened``; ``archive_schema_newer``; and
            ``restore_not_empty``, ``restore_running``, ``restore_differs``.
        ConfigError: the database there belongs to another program.
    """
    keeper = blobs or FileBlobs(folder)
    aside = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    with opened(file) as archive:
        told = archive.manifest
        if told.schema > HEAD:
            facts = {"version": told.version, "found": told.schema, "expected": HEAD}
            raise Refused("archive_schema_newer", facts)
        archive.verify(progress)
        with refilling(url, told.schema, aside, may_replace=may_replace) as refill:
            _fill(refill, archive, progress)
            aside_count = 0 if resumes else refill.set_aside(now)
            with _kept_beside(folder, aside) as kept:
                _add_files(archive, keeper, folder, progress)
                _compare(refill, told)
            former = refill.kept
    absent = tuple(n for n in told.left if keeper.size(BlobId(n)) is None)
    return Restored(told, aside_count, former, kept, absent)


def _fill(refill: Refill, archive: Archive, progress: Progress) -> None:
    told, done = archive.manifest, 0
    for table in told.tables:
        done += refill.load(table.shape, archive.lines(table))
        progress("tables", done, told.rows)
    for name, last in told.sequences.items():
        refill.go_on_from(name, last)
    counted = refill.counts(table.shape for table in told.tables)
    expected = {table.name: table.rows for table in told.tables}
    if counted != expected:
        wrong = sorted(n for n in expected if counted.get(n) != expected[n])
        raise Refused("restore_differs", {"what": ", ".join(wrong)})
    refill.finish()
    refill.mark(told.made_at)


def _compare(refill: Refill, told: Manifest) -> None:
    if refill.next_references() != told.next_references:
        raise Refused("restore_differs", {"what": "reference_counters"})


@contextmanager
def _kept_beside(folder: Path, aside: str) -> Iterator[Path | None]:
    """Give the files that are there a second name, which nothing here deletes.

    Inside their own folder: that may be a disk of its own, and no copy is made.
    """
    there = sorted(folder.glob("[0-9a-f][0-9a-f]"))
    if not there:
        yield None
        return
    beside = folder / f"before-{aside}"
    try:
        for part in there:
            (beside / part.name).mkdir(parents=True, exist_ok=True)
            for file in part.iterdir():
                os.link(file, beside / part.name / file.name)
        yield beside
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _add_files(
    archive: Archive, blobs: Blobs, folder: Path, progress: Progress
) -> None:
    names = archive.files()
    for done, blob in enumerate(names, 1):
        if not blobs.is_whole(blob):
            blobs.delete(blob)
            blobs.adopt(_taken_out(archive, blob, folder), blob)
            if not blobs.is_whole(blob):
                raise Refused("restore_differs", {"what": blob})
        progress("files", done, len(names))


def _taken_out(archive: Archive, blob: BlobId, folder: Path) -> Path:
    # Where partial files lie: on the disk of the whole ones, and swept in time.
    beside = folder / "partial"
    beside.mkdir(parents=True, exist_ok=True)
    path = beside / secrets.token_hex(16)
    with archive.file(blob) as source, path.open("xb") as sink:
        path.chmod(0o600)
        shutil.copyfileobj(source, sink, _CHUNK)
    return path
