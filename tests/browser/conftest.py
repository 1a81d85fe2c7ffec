"""Chromium, and a demonstration that runs as a user would start it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from azbot.testing.patience import PATIENCE
from tests.browser.demonstration import (
    NO_CHROMIUM,
    faultless,
    launched,
    verification_in,
)
from tests.browser.inboxdesk import InboxDesk, inbox_desk
from tests.sandbox import Sandbox, demonstrated

expect.set_options(timeout=PATIENCE * 1000)


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
def played() -> Iterator[Sandbox]:
    """A demonstration in which everything has been played."""
    with demonstrated() as box:
        box.play_all()
        yield box


@pytest.fixture(scope="session")
def places(played: Sandbox) -> Mapping[str, str]:
    """Every page for people, by name, as its reader comes to it."""
    return {
        "status": f"{played.address}/demo/go/portal",
        "verify": verification_in(played.get("/demo/go/report")),
        "privacy": f"{played.address}/privacy?lang=fr",
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
