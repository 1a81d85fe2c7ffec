"""Data files are found in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from azbot.errors import NotFound
from azbot.resources import data_dir, data_file


def test_this_checkout_has_its_templates() -> None:
    assert data_dir("templates").is_dir()


def test_a_checkout_gives_the_folder_at_its_root(tmp_path: Path) -> None:
    package = make(tmp_path / "azbot")
    make(tmp_path / "templates")
    make(package / "_data" / "templates")
    (tmp_path / "pyproject.toml").touch()
    assert data_dir("templates", package) == tmp_path / "templates"


def test_a_wheel_gives_the_folder_inside_the_package(tmp_path: Path) -> None:
    package = make(tmp_path / "azbot")
    inside = make(package / "_data" / "templates")
    assert data_dir("templates", package) == inside


def test_a_strangers_folder_beside_an_installed_package_is_ignored(
    tmp_path: Path,
) -> None:
    package = make(tmp_path / "azbot")
    make(tmp_path / "templates")
    inside = make(package / "_data" / "templates")
    assert data_dir("templates", package) == inside


def test_a_damaged_installation_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="data folder templates"):
        data_dir("templates", make(tmp_path / "azbot"))


def test_a_file_is_found_as_folders_are(tmp_path: Path) -> None:
    package = make(tmp_path / "azbot")
    inside = make(package / "_data") / "config.example.toml"
    inside.touch()
    assert data_file("config.example.toml", package) == inside
    assert data_file("config.example.toml").is_file()


def make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
