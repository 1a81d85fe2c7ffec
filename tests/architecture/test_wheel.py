"""What people install has everything, wherever it is started."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import azbot
from tests.architecture.sources import PACKAGE, ROOT

LATE = {".pyc", ".pyo"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the content of the wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    outcome = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert outcome.returncode == 0, outcome.stderr
    (wheel,) = folder.glob("*.whl")
    site = folder / "site-packages"
    zipfile.ZipFile(wheel).extractall(site)
    return site


def files_below(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in LATE
    }


def test_the_wheel_has_every_template(installed: Path) -> None:
    ours = files_below(ROOT / "templates")
    assert ours
    assert files_below(installed / "azbot" / "_data" / "templates") == ours


def test_the_wheel_has_the_example_of_the_configuration(installed: Path) -> None:
    theirs = installed / "azbot" / "_data" / "config.example.toml"
    assert theirs.read_bytes() == (ROOT / "config.example.toml").read_bytes()


def test_the_wheel_has_every_file_of_the_package(installed: Path) -> None:
    theirs = files_below(installed / "azbot")
    inside = {name for name in theirs if not name.startswith("_data/")}
    assert inside == files_below(PACKAGE)
    assert "py.typed" in inside


def test_the_installed_package_finds_its_templates_from_an_empty_folder(
    installed: Path, tmp_path: Path
) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(installed)!r})
import azbot
from azbot.resources import data_dir
assert azbot.__file__.startswith({str(installed)!r}), azbot.__file__
print(data_dir("templates"))
"""
    # -I: neither the folder it starts in nor the environment is looked at.
    outcome = subprocess.run(
        [sys.executable, "-I", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert Path(outcome.stdout.strip()) == installed / "azbot" / "_data" / "templates"


def test_the_version_is_the_same_everywhere(installed: Path) -> None:
    (information,) = installed.glob("azbot-*.dist-info")
    assert information.name == f"azbot-{azbot.__version__}.dist-info"
