"""Reads the file that is there and puts another in its place, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from azbot.cli.setup.draft import Draft
from azbot.config import Settings
from azbot.config.reading import read_document, read_text
from azbot.config.writing import Value, flat, rewritten
from azbot.errors import ConfigError
from azbot.resources import data_file

EXAMPLE = "config.example.toml"

_SYSTEM = Path("/etc")
_DATA = Path("/var/lib/azbot")
"""Where a service keeps its data when its configuration is the system's (FHS)."""


def filed(file: Path) -> dict[str, object]:
    """Return what a file says, by dotted path; nothing when there is none.

    Raises:
        ConfigError: it cannot be read, or is not what azbot accepts.
    """
    if not file.exists():
        return {}
    return flat(read_document(file, {}, {}).tables)


def example() -> str:
    """Return the commented example every new file is made of."""
    return data_file(EXAMPLE).read_text("utf-8")


def composed(file: Path, draft: Draft) -> str:
    """Return the text the file will have.

    Args:
        file: where it goes; what stands there now is kept but for what was answered.
        draft: the answers.

    Raises:
        ConfigError: a key stands there in a form that only its author can change.
    """
    if file.exists() and draft.filed:
        return rewritten(read_text(file), draft.changes, example())
    changes = {**_places(file), **draft.changes}
    return rewritten(_own(example()), changes, example())


def _own(text: str) -> str:
    """Let the example speak of the file it becomes."""
    _, _, rest = text.partition("\n#\n")
    head = "# azbot: configuration. Made by `azbot init`, which also changes it."
    return f"{head}\n#\n{rest}"


def _places(file: Path) -> dict[str, Value]:
    if not file.absolute().is_relative_to(_SYSTEM):
        return {}
    return {"store.url": f"sqlite:///{_DATA}/azbot.db", "store.files": f"{_DATA}/files"}


def folders(file: Path) -> tuple[Path, ...]:
    """Return where a new installation writes."""
    folder = file.absolute().parent
    return (folder, _DATA) if _places(file) else (folder,)


def locked(file: Path) -> Path | None:
    """Return the first folder that cannot be written to, None when all can."""
    for folder in folders(file):
        there = next(each for each in (folder, *folder.parents) if each.exists())
        if not os.access(there, os.W_OK | os.X_OK):
            return there
    return None


def backup_of(file: Path) -> Path:
    """Return where the file that was there is kept."""
    return file.with_name(f"{file.name}.bak")


def put(file: Path, text: str, read: Callable[[Path], Settings]) -> Settings:
    """Write a file of mode 600 and return what azbot reads in it.

    The old one stays, complete, until the new one is on the disk and accepted; then it
    is called ``….bak``. Nobody ever sees half a file.

    Args:
        file: its name.
        text: its content.
        read: reads a file as azbot does.

    Raises:
        ConfigError: azbot would refuse it; nothing is changed.
        OSError: it cannot be written; nothing is changed.
    """
    file = file.absolute()
    file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with _beside(file) as new:
        _write(new, text)
        try:
            read(new)
        except ConfigError as error:
            raise ConfigError(str(file), list(error.problems)) from error
        if file.exists():
            _keep(file)
        new.replace(file)
    _settle(file.parent)
    return read(file)


@contextlib.contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """Give a new file in the same folder, hence on the same disk; gone afterwards."""
    descriptor, name = tempfile.mkstemp(".new", f".{file.name}.", file.parent)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _write(file: Path, text: str) -> None:
    # mkstemp made it with mode 600: no instant at which others may read it.
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _keep(file: Path) -> None:
    """Call the file ``….bak`` too; a link, so that its own name never lacks."""
    kept = backup_of(file)
    with _beside(kept) as link:
        link.unlink()
        link.hardlink_to(file)
        link.replace(kept)
    kept.chmod(0o600)


def _settle(folder: Path) -> None:
    """Let the folder's entries reach the disk as well."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
