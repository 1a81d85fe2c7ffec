"""Addresses of the web that pages name are addresses of the web."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from azbot.app import opened
from azbot.channels.web.server import build_app
from azbot.config import Settings, load
from tests.docs.markdown import pages

_ADDRESS = re.compile(r"(?:(GET|POST|PUT|PATCH|DELETE|HEAD) )?(/[\w{}./-]*)(?:[?#].*)?")
_PART = re.compile(r"\{[^}]*\}|ASFR\d{8}")


@pytest.fixture
def settings(tmp_path: Path, migrated_file: Path) -> Settings:
    """Of an azbot that was never set up."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "azbot.db").write_bytes(migrated_file.read_bytes())
    file = tmp_path / "azbot.toml"
    file.write_text("")
    return load(file, {}, {})


@pytest.fixture
async def routes(settings: Settings) -> set[tuple[str, str]]:
    """Method and path of each route, names of parts taken out."""
    async with opened(settings, environ={}) as app:
        return {
            (route.method, _PART.sub("{}", route.resource.canonical))
            for route in build_app(app.web()).router.routes()
            if route.resource is not None
        }


def named() -> Iterator[tuple[str, str, str]]:
    """Yield where, method (possibly empty) and path of each address."""
    for page in pages():
        for where, code in page.code():
            if found := _ADDRESS.fullmatch(code):
                yield where, found[1] or "", _PART.sub("{}", found[2]).rstrip("/")


async def test_every_address_a_page_names_is_one(routes: set[tuple[str, str]]) -> None:
    paths = {path for _, path in routes}
    # What begins as no address of ours does is a file, or a command of a chat.
    rooms = {room_of(path) for path in paths} - {"", "{}"}
    ours = [each for each in named() if room_of(each[2]) in rooms]
    assert len(ours) > 60
    gone = [
        f"{where}: {method} {path}"
        for where, method, path in ours
        if not ((method, path) in routes if method else path in paths)
    ]
    assert gone == []


async def test_the_page_of_the_api_names_its_operations(
    routes: set[tuple[str, str]],
) -> None:
    """It leaves the beginning out, ``/api/v1``, and sometimes the assistance."""
    paths = {path for _, path in routes}
    ours = [each for each in named() if each[0].startswith("docs/developers/api.md")]
    assert len(ours) > 8
    gone = [
        f"{where}: {path}"
        for where, _, path in ours
        if not any(re.search(pattern_of(path), one) for one in paths)
    ]
    assert gone == []


def pattern_of(path: str) -> str:
    """Return what the end of a route looks like: a part may be one of several words."""
    return re.escape(path).replace(r"\{\}", "[^/]+") + "$"


def room_of(path: str) -> str:
    return path.split("/")[1]
