"""Every page for people: accessible, narrow enough, by keyboard alone (X1 to X9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import EVERY_RULE, each_width, violations_everywhere
from tests.browser.demonstration import faultless
from tests.sandbox import Sandbox

pytestmark = pytest.mark.browser

PAGES = ("status", "verify", "privacy")

# Marks what the keyboard must reach, and tells how many there are.
_MARK = """
() => {
  const all = document.querySelectorAll(
    'a[href], button, input, textarea, iframe, [tabindex="0"]');
  let count = 0;
  for (const one of all) if (one.checkVisibility()) one.dataset.stop = ++count;
  return count;
}
"""
# [mark, outline in pixels] of what has the focus.
_FOCUS = """
() => {
  const one = document.activeElement;
  return [one.dataset.stop || '', parseFloat(getComputedStyle(one).outlineWidth),
    getComputedStyle(one).outlineStyle];
}
"""
# What a thumb has to meet: links inside a sentence may be smaller (WCAG 2.5.8).
_SMALL = """
() => [...document.querySelectorAll('button, .button, input, textarea')]
  .filter((one) => one.checkVisibility() && !one.matches('.sr'))
  .map((one) => [one.innerText, one.getBoundingClientRect().height])
  .filter(([, height]) => height < 44)
"""


@pytest.fixture(scope="module", params=PAGES)
def name(request: pytest.FixtureRequest) -> str:
    """The name of one of the pages."""
    return str(request.param)


@pytest.fixture(scope="module")
def shown(name: str, chromium: Browser, places: Mapping[str, str]) -> Iterator[Page]:
    """One of the pages, loaded once; every test says how wide it looks at it."""
    with faultless(chromium) as page:
        page.goto(places[name])
        yield page


def test_axe_finds_nothing(shown: Page) -> None:
    assert violations_everywhere(shown, tags=EVERY_RULE) == []


@pytest.mark.parametrize("path", ["/v/" + "a" * 64, "/a/no-such-link"])
def test_pages_that_show_nothing_are_as_good(
    path: str, chromium: Browser, played: Sandbox
) -> None:
    page = chromium.new_page(locale="fr-FR")
    answer = page.goto(f"{played.address}{path}")
    assert answer is not None
    assert answer.status == 404
    assert violations_everywhere(page, (360,), tags=EVERY_RULE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_nothing_scrolls_sideways(shown: Page) -> None:
    for width in each_width(shown, (320, 360, 390, 768, 1440)):
        assert shown.evaluate("document.documentElement.scrollWidth") <= width, width


def test_large_letters_still_fit(shown: Page) -> None:
    shown.set_viewport_size({"width": 390, "height": 800})
    shown.evaluate("document.documentElement.style.fontSize = '200%'")
    assert shown.evaluate("getComputedStyle(document.body).fontSize") == "32px"
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    shown.evaluate("document.documentElement.style.fontSize = ''")


def test_everything_is_reached_by_keyboard_and_seen(shown: Page) -> None:
    shown.set_viewport_size({"width": 1280, "height": 720})
    count = shown.evaluate(_MARK)
    assert count > 0
    reached: set[str] = set()
    for _ in range(2 * count + 20):  # a frame has stops of its own
        shown.keyboard.press("Tab")
        mark, outline, style = shown.evaluate(_FOCUS)
        if mark and mark not in reached:
            reached.add(mark)
            is_frame = shown.evaluate("document.activeElement.tagName") == "IFRAME"
            assert is_frame or (outline >= 2 and style != "none"), mark
        if len(reached) == count:
            break
    assert len(reached) == count


def test_targets_are_large_enough_for_a_thumb(shown: Page) -> None:
    shown.set_viewport_size({"width": 360, "height": 800})
    assert shown.evaluate(_SMALL) == []


def test_a_page_has_one_title_and_its_language(name: str, shown: Page) -> None:
    assert shown.locator("h1").count() == 1
    assert shown.title()
    assert shown.evaluate("document.documentElement.lang") == "fr"
    assert name == "status" or shown.locator("script").count() == 0


def test_axe_would_find_what_shows_in_one_colour_or_width_alone(page: Page) -> None:
    page.set_content(
        "<!doctype html><html lang=fr><title>Essai</title><style>"
        "@media (prefers-color-scheme: dark) { p { color: #999 } }"
        "@media (min-width: 1000px) { p.wide { color: #aaa } }"
        "</style><main><h1>Essai</h1><p>Sombre</p><p class=wide>Large</p></main></html>"
    )
    found = violations_everywhere(page)
    seen = {(width, scheme, html) for width, scheme, (_, html, _) in found}
    dim, wide = "<p>Sombre</p>", '<p class="wide">Large</p>'
    assert seen == {
        *((width, "dark", dim) for width in (360, 1440)),
        *((1440, scheme, wide) for scheme in ("light", "dark")),
        (360, "dark", wide),
    }
