"""Answers that take as long as a test wants: what comes in another order than asked."""

from __future__ import annotations

import re

from playwright.sync_api import APIResponse, Page, Route

from tests.browser.test_live import until


class Late:
    """The answer to one thing a page asks: it comes when a test lets it.

    Attributes:
        parts: what the header of a script says begins with this.
    """

    def __init__(self, tab: Page, path: str, parts: str) -> None:
        self._tab, self._parts = tab, parts
        self._kept: list[Route] = []
        self._drawn: APIResponse | None = None
        tab.route(re.compile(path), self._keep)

    def _keep(self, route: Route) -> None:
        asked = route.request.headers.get("azbot-part", "")
        if self._kept or not asked.startswith(self._parts):
            route.continue_()
        else:
            self._kept.append(route)

    def asked(self) -> None:
        """Return once the page has asked."""
        # Whatever a page is told lets Playwright hear of its requests.
        until(lambda: bool(self._tab.evaluate("true") and self._kept))

    def drawn(self) -> None:
        """Let the server answer; what happens afterwards is not in it."""
        [route] = self._kept
        self._drawn = route.fetch()

    def come(self) -> None:
        """Let it come; return once the page has done with it what it does."""
        [route] = self._kept
        if self._drawn:
            route.fulfill(response=self._drawn)
        else:
            route.continue_()
        answer = route.request.response()
        if answer:  # none where the page asked in vain, for it no longer wants it
            answer.finished()
        self._tab.evaluate("new Promise((done) => setTimeout(done))")
