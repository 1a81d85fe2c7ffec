"""What is committed installs the same everywhere, and speaks of azbot alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, texts

LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-build.lock",
    "requirements-uv.lock",
)

# Written apart, so that this file does not contain what it looks for.
REGISTRIES = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".",
    "debian" + ".org",
)
UNFINISHED = ("TO" + "DO", "FIX" + "ME", "XX" + "X")


def pins(lock: str) -> dict[str, set[str]]:
    """Return the versions of each package; markers may pin one twice."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[.*?])?==([^ ;\\]+)", line):
            found.setdefault(match[1], set()).add(match[2])
    assert found, f"{lock} pins nothing"
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_its_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    without = [
        entry.splitlines()[0]
        for entry in entries
        if "==" in entry.splitlines()[0] and "--hash=sha256:" not in entry
    ]
    assert without == []


def test_running_and_development_use_the_same_versions() -> None:
    running, development = pins("requirements.lock"), pins("requirements-dev.lock")
    apart = {
        name: (versions, development.get(name))
        for name, versions in running.items()
        if development.get(name) != versions
    }
    assert apart == {}


def test_no_file_names_a_registry() -> None:
    found = [
        (name, host) for name, text in texts() for host in REGISTRIES if host in text
    ]
    assert found == []


def test_nothing_is_left_for_later() -> None:
    looked_at = [(name, text) for name, text in texts() if name.endswith(".py")]
    assert len(looked_at) > 20
    found = [
        (name, word)
        for name, text in looked_at
        for word in UNFINISHED
        if re.search(rf"\b{word}\b", text)
    ]
    assert found == []


def test_every_snapshot_belongs_to_a_test() -> None:
    strangers = []
    for folder in (ROOT / "tests").rglob("__snapshots__"):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                strangers += strange_snapshots(path, folder)
    assert strangers == []


def strange_snapshots(path: Path, folder: Path) -> list[str]:
    """Return the snapshots of a file that no test function writes."""
    inside = path.relative_to(folder).parts
    if len(inside) == 1:  # one file for all tests of a module
        module, text = path.stem, path.read_text(encoding="utf-8")
        names = re.findall(r"^# name: ([\w.]+)", text, re.MULTILINE)
    else:  # a folder for each module, a file for each snapshot
        module, names = inside[0], [re.split(r"[\[.]", path.name)[0]]
    source = folder.parent / f"{module}.py"
    if not source.exists():
        return [f"{path}: no {source.name}"]
    text = source.read_text(encoding="utf-8")
    # Of TestVisit.test_it.1 the function is the last word that is no number.
    functions = {name: re.sub(r"\.\d+$", "", name).rpartition(".")[2] for name in names}
    return [
        f"{path}: {n}" for n, word in functions.items() if f"def {word}(" not in text
    ]
