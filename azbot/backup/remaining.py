"""What still holds what was taken out of the database: copies made before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from azbot.backup.archive import opened
from azbot.backup.making import archives_in
from azbot.errors import Refused
from azbot.store import Store
from azbot.store.refill import put_aside


class CopyKind(StrEnum):
    """What a copy is."""

    ARCHIVE = "archive"
    DATABASE = "database"
    """As it was before a restore."""
    FILES = "files"
    """Likewise."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy that is still there.

    Attributes:
        place: a path; of PostgreSQL the name of a schema.
        at: the instant it shows; None: it does not say.
    """

    kind: CopyKind
    place: str
    at: datetime | None


async def folders_of_backups(store: Store, files: Path) -> tuple[Path, ...]:
    """Return where archives are: the usual folder, and where the last one went.

    Args:
        store: knows of the last one.
        files: the folder of the files of azbot.
    """
    last = await store.write(lambda uow: uow.backups.last())
    found = [files.parent / "backups"]
    if last is not None:
        found.append(Path(last.archive).parent)
    return tuple(dict.fromkeys(path.absolute() for path in found))


def copies(url: str, files: Path, folders: tuple[Path, ...]) -> list[Copy]:
    """Return the copies this machine knows of, the oldest first. Blocking.

    Raises:
        ConfigError, StoreUnreachable: the database cannot be asked.
    """
    found = [
        Copy(CopyKind.ARCHIVE, str(path), _made_at(path))
        for folder in folders
        if folder.is_dir()
        for path in archives_in(folder)
    ]
    found += [
        Copy(CopyKind.FILES, str(path), _at_in(path.name))
        for path in files.glob("before-*")
    ]
    found += _databases(url)
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda each: (each.at or never, each.place))


def _made_at(path: Path) -> datetime | None:
    try:
        with opened(path) as archive:
            return archive.manifest.made_at
    except (OSError, Refused):
        return _at_in(path.stem.replace("azbot-", "before-"))


def _databases(url: str) -> list[Copy]:
    return [
        Copy(CopyKind.DATABASE, name, _at_in(Path(name).name.replace("_", "-")))
        for name in put_aside(url)
    ]


def _at_in(name: str) -> datetime | None:
    """Return the instant of ``…before-20260302T023000Z``."""
    told = name.rpartition("before-")[2].upper()
    try:
        return datetime.strptime(told, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
