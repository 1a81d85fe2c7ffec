"""Chromium, and a demonstration that runs as a user would start it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.demonstration import (
    NO_CHROMIUM,
    demonstration,
    faultless,
    launched,
    press,
    read,
    verification_in,
)
from tests.browser.inboxdesk import InboxDesk, inbox_desk


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium of the system, else the one Playwright brought.

    Playwright's loop runs while it lives: kept for longer than a module it would
    stand in the way of every other test of its process.
    """
    with sync_playwright() as playwright:
        browser = launched(playwright)
        if browser is None:
            pytest.skip(NO_CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def untouched() -> Iterator[str]:
    """A demonstration in which nothing has been played."""
    with demonstration() as address:
        yield address


@pytest.fixture(scope="session")
def played() -> Iterator[str]:
    """A demonstration in which everything has been played."""
    with demonstration() as address:
        press(f"{address}/demo/all")
        yield address


@pytest.fixture(scope="session")
def places(untouched: str, played: str) -> Mapping[str, str]:
    """Every page for people, by name, as its reader comes to it."""
    home = read(played).decode()
    mails = [f"{played}{path}" for path in re.findall(r'href="(/demo/mail/\d+)"', home)]
    text = read(mails[0]).decode()
    status = re.search(r'href="(http://[^"]+/a/[^"]+)"', text)
    attached = re.search(r'href="(/demo/mail/\d+/file/\d+)"', text)
    assert status
    assert attached
    return {
        "home_before": untouched,
        "home_after": played,
        "mail": mails[0],
        "status": status[1],
        "verify": verification_in(read(f"{played}{attached[1]}")),
        "privacy": f"{played}/privacy?lang=fr",
    }


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InboxDesk]:
    """azbot with people and a few assistances, one for each module of tests."""
    with inbox_desk(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that must load without an error, and from one host alone."""
    with faultless(chromium) as page:
        yield page
