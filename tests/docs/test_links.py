"""Every link between pages leads somewhere, and every page can be reached."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

import pytest

from tests.browser import shots
from tests.docs.markdown import ROOT, Page, pages, read

_PATHS = re.compile(
    r"(?:azbot|tests|docs|templates|benchmarks|examples)/[\w./-]*[\w/]"
    r"|config\.example\.toml|dev\.py"
)
_PAGES = re.compile(r"(docs/[\w/-]+\.md)(?:#([\w-]+))?")
_MADE_UP = re.compile(r"[<>{}*…]")


def target_of(page: Page, link: str) -> tuple[str, str]:
    """Return the path from the root and the anchor a link leads to."""
    path, _, anchor = link.partition("#")
    folder = PurePosixPath(page.name).parent
    return (os.path.normpath(folder / path) if path else page.name), anchor


def is_ours(link: str) -> bool:
    return "://" not in link and not link.startswith("mailto:")


_CHANGES = read((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), "CHANGELOG.md")


@pytest.mark.parametrize("page", [*pages(), _CHANGES], ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Page) -> None:
    by_name = {each.name: each for each in pages()}
    dead = []
    for where, link in filter(lambda found: is_ours(found[1]), page.links()):
        target, anchor = target_of(page, link)
        is_there = (ROOT / target).exists()
        if anchor and target in by_name:
            is_there = anchor in by_name[target].anchors()
        if not is_there:
            dead.append(f"{where}: {link}")
    assert dead == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_file_of_ours_a_page_names_exists(page: Page) -> None:
    gone = [
        f"{where}: {code}"
        for where, code in page.code()
        if _PATHS.fullmatch(code)
        and not _MADE_UP.search(code)
        and not (ROOT / code).exists()
    ]
    assert gone == []


def test_every_page_that_the_code_names_exists() -> None:
    by_name = {page.name: page for page in pages()}
    named = [
        (str(file.relative_to(ROOT)), page, anchor)
        for folder in ("azbot", "tests", "examples")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for page, anchor in _PAGES.findall(file.read_text(encoding="utf-8"))
    ]
    assert len(named) > 10
    gone = [
        each
        for each in named
        if each[1] not in by_name
        or (each[2] and each[2] not in by_name[each[1]].anchors())
    ]
    assert gone == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    by_name = {page.name: page for page in pages()}
    seen, to_read = set(), ["README.md"]
    while to_read:
        name = to_read.pop()
        if name not in seen and name in by_name:
            seen.add(name)
            page = by_name[name]
            to_read += [target_of(page, link)[0] for _, link in page.links()]
    assert sorted(set(by_name) - seen) == []


def test_every_picture_is_taken_by_dev_py_shots_and_shown_somewhere() -> None:
    folder = ROOT / "docs" / "pictures"
    kept = {path.relative_to(folder) for path in folder.rglob("*.*")}
    assert kept == set(shots.pictures())
    shown = {
        Path(target_of(page, link)[0]).resolve()
        for page in pages()
        for _, link in page.links()
        if link.endswith(".png")
    }
    assert {(folder / name).resolve() for name in kept} - shown == set()
