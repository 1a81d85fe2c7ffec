"""One backup as one zip file that says of itself whether it is whole.

    tables/people.jsonl        a line for each row, see ``store.snapshot``
    files/ab/ab12…             each file under its SHA-256
    manifest.json              what there must be: versions, counts, hashes

The manifest is written last, and its own hash stands in the comment at the very end of
the zip: a file that was cut anywhere has neither. Any program that opens zip files
opens it, when nothing of azbot is left.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from azbot.errors import Refused
from azbot.messages import BlobId
from azbot.store.snapshot import Kind, Progress, Shape, silent

FORMAT = 2
"""Of the archive; a greater one is of a newer azbot. 2 may leave files out."""

_MANIFEST = "manifest.json"
_MARK = b"azbot-backup "
_CHUNK = 256 * 1024
_LEVEL = 4
_BEGINS = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table of an archive.

    Attributes:
        sha256: of its lines.
    """

    name: str
    columns: tuple[tuple[str, Kind], ...]
    rows: int
    sha256: str

    @property
    def shape(self) -> Shape:
        """Its columns as ``store`` knows them."""
        return Shape(self.name, self.columns)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds.

    Attributes:
        format: of the archive.
        version: of the azbot that wrote it.
        schema: number of the last migration.
        made_at: the instant it shows.
        database: ``sqlite`` or ``postgresql``, where it comes from.
        sequences: the last number given, by table.
        next_references: that of the next assistance, by country and year.
        files: how many there are.
        file_octets: how long all are.
        names_sha256: of the names of all files, sorted, a line end after each.
        missing: files that rows name and that were gone already.
        left: files that rows name and that stay with their keeper alone.
    """

    format: int
    version: str
    schema: str
    made_at: datetime
    database: str
    tables: tuple[TableEntry, ...]
    sequences: Mapping[str, int]
    next_references: tuple[str, ...]
    files: int
    file_octets: int
    names_sha256: str
    missing: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows all tables have."""
        return sum(table.rows for table in self.tables)


_READER = TypeAdapter(Manifest)


def names_digest(names: Iterable[str]) -> str:
    """Return the hash of the names of files, whatever their order."""
    return hashlib.sha256("".join(f"{n}\n" for n in sorted(names)).encode()).hexdigest()


class Writer:
    """An archive being written; it is one once ``close`` has returned.

    Args:
        path: must not exist; only its owner may read it.
        at: the instant entries carry.
    """

    def __init__(self, path: Path, at: datetime) -> None:
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(number, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", allowZip64=True)
        self._at = at.timetuple()[:6]

    def table(self, shape: Shape, lines: Iterable[bytes]) -> TableEntry:
        """Write a table; return what was written."""
        digest, count = hashlib.sha256(), 0
        info = self._info(f"tables/{shape.name}.jsonl", zipfile.ZIP_DEFLATED)
        with self._zip.open(info, "w", force_zip64=True) as sink:
            for line in lines:
                sink.write(line)
                digest.update(line)
                count += 1
        return TableEntry(shape.name, shape.columns, count, digest.hexdigest())

    @contextmanager
    def file(self, blob: BlobId) -> Iterator[IO[bytes]]:
        """Yield where the content of a file goes."""
        info = self._info(_name_of(blob), zipfile.ZIP_STORED)
        with self._zip.open(info, "w", force_zip64=True) as sink:
            yield sink

    def close(self, manifest: Manifest) -> None:
        """Write what makes it an archive, and make it durable."""
        told = to_json(manifest, indent=1)
        info = self._info(_MANIFEST, zipfile.ZIP_DEFLATED)
        self._zip.writestr(info, told)
        self._zip.comment = _MARK + hashlib.sha256(told).hexdigest().encode()
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        """Let go of a file that will never be an archive; after ``close`` nothing."""
        self._file.close()

    def _info(self, name: str, way: int) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._at)
        info.compress_type = way
        info._compresslevel = _LEVEL  # type: ignore[attr-defined]  # noqa: SLF001 - public as compress_level from 3.13 on
        info.external_attr = 0o600 << 16
        return info


class Archive:
    """An archive that can be read; see ``opened``.

    Attributes:
        manifest: what it says of itself.
    """

    def __init__(self, file: zipfile.ZipFile, manifest: Manifest) -> None:
        self._zip = file
        self.manifest = manifest

    def files(self) -> list[BlobId]:
        """Return the names of its files."""
        return [
            BlobId(Path(name).name)
            for name in self._zip.namelist()
            if name.startswith("files/")
        ]

    def lines(self, table: TableEntry) -> Iterator[Sequence[Any]]:
        """Yield the rows of a table."""
        with self._zip.open(f"tables/{table.name}.jsonl") as source:
            for line in source:
                yield json.loads(line)

    @contextmanager
    def file(self, blob: BlobId) -> Iterator[IO[bytes]]:
        """Yield the content of a file."""
        with self._zip.open(_name_of(blob)) as source:
            yield source

    def verify(self, progress: Progress = silent) -> None:
        """Read every octet and compare every hash and count.

        Raises:
            Refused: ``archive_altered``: something is missing, is one too many, or is
                not what was written.
        """
        told, files = self.manifest, self.files()
        expected = {_MANIFEST, *(f"tables/{t.name}.jsonl" for t in told.tables)}
        expected |= {_name_of(blob) for blob in files}
        names = self._zip.namelist()
        is_same = set(names) == expected and len(names) == len(expected)
        if not is_same or names_digest(files) != told.names_sha256:
            raise Refused("archive_altered", {"what": _MANIFEST})
        done, total = 0, len(told.tables) + len(files)
        for table in told.tables:
            if self._table(table) != (table.sha256, table.rows):
                raise Refused("archive_altered", {"what": table.name})
            progress("verify", done := done + 1, total)
        octets = 0
        for blob in files:
            digest, size = self._digest(_name_of(blob))
            octets += size
            if digest != blob:
                raise Refused("archive_altered", {"what": blob})
            progress("verify", done := done + 1, total)
        if octets != told.file_octets or len(files) != told.files:
            raise Refused("archive_altered", {"what": _MANIFEST})

    def _table(self, table: TableEntry) -> tuple[str, int]:
        digest, count = hashlib.sha256(), 0
        with _whole(table.name), self._zip.open(f"tables/{table.name}.jsonl") as source:
            for line in source:
                digest.update(line)
                count += 1
        return digest.hexdigest(), count

    def _digest(self, name: str) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        with _whole(name), self._zip.open(name) as source:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
        return digest.hexdigest(), size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()


def opened(path: Path) -> Archive:
    """Open an archive and read what it says of itself; its content is not read yet.

    Raises:
        Refused: ``archive_missing``, ``archive_half``, ``archive_foreign``,
            ``archive_newer``, ``archive_altered``.
    """
    try:
        file = zipfile.ZipFile(path)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise Refused("archive_missing", {"file": path}) from error
    except zipfile.BadZipFile as error:
        with path.open("rb") as content:
            code = "half" if content.read(4) == _BEGINS else "foreign"
        raise Refused(f"archive_{code}", {"file": path}) from error
    try:
        return Archive(file, _manifest(file, path))
    except BaseException:
        file.close()
        raise


def _manifest(file: zipfile.ZipFile, path: Path) -> Manifest:
    if not file.comment.startswith(_MARK):
        raise Refused("archive_foreign", {"file": path})
    with _whole(_MANIFEST):
        told = file.read(_MANIFEST)
    if hashlib.sha256(told).hexdigest().encode() != file.comment[len(_MARK) :]:
        raise Refused("archive_altered", {"what": _MANIFEST})
    newer = Refused("archive_newer", {"file": path})
    if json.loads(told).get("format", 0) > FORMAT:
        raise newer
    try:
        return _READER.validate_json(told)
    except ValidationError as error:
        raise newer from error


@contextmanager
def _whole(what: str) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise Refused("archive_altered", {"what": what}) from error


def _name_of(blob: BlobId) -> str:
    return f"files/{blob[:2]}/{blob}"
