"""Reading azbot's own files, for tests that hold for all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "azbot"

# Made by tools, or not ours to read.
_SKIPPED = {"__pycache__", "_data", "htmlcov", "dist", "LICENSE"}


def modules(folder: Path = PACKAGE) -> list[Path]:
    """Return every Python file below a folder; there is at least one."""
    found = sorted(folder.rglob("*.py"))
    assert found, f"no Python file below {folder}"
    return found


def name_of(path: Path) -> str:
    """Return a path as people write it, ``azbot/store/engine.py``."""
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of each text file of the repository."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if _SKIPPED.intersection(parts) or not path.is_file():
            continue
        if any(
            part.startswith(".") and part not in {".ci", ".gitignore"} for part in parts
        ):
            continue
        try:
            yield name_of(path), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
