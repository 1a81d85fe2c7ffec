"""Whether things can be kept where the settings say; looked at before a start."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from azbot.config.models import Settings
from azbot.errors import ConfigError, Problem


def check_ground(settings: Settings) -> None:
    """Make the folders of an installation, and write to each.

    Raises:
        ConfigError: with every folder or file that cannot be used.
    """
    problems = tuple(_problems(settings))
    if problems:
        raise ConfigError(str(settings.file), problems)


def _problems(settings: Settings) -> Iterator[Problem]:
    url = settings.store.url
    path = url.removeprefix("sqlite:///")
    if path != url:
        file = Path(path)
        code = _fault(file.parent) or _fault_of_file(file)
        if code:
            yield Problem("store.url", None, code, {"where": str(file)})
    if code := _fault(settings.store.files):
        facts = {"where": str(settings.store.files)}
        yield Problem("store.files", None, code, facts)


def _fault(folder: Path) -> str:
    """Return why nothing can be kept in a folder, empty when it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except (FileExistsError, NotADirectoryError):
        return "place_no_folder"
    except PermissionError:
        return "place_forbidden"
    except OSError:
        # Read-only, full, not there: the account cannot change any of it.
        return "place_unusable"


def _fault_of_file(file: Path) -> str:
    if file.is_dir():
        return "place_no_file"
    is_closed = file.exists() and not os.access(file, os.R_OK | os.W_OK)
    return "place_forbidden" if is_closed else ""
