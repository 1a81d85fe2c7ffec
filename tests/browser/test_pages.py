"""Every page for people: accessible, narrow enough, by keyboard alone (X1 to X9)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import EVERY_RULE, violations_everywhere

pytestmark = pytest.mark.browser

PAGES = ("home_before", "home_after", "mail", "status", "verify", "privacy")
every_page = pytest.mark.parametrize("name", PAGES)

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
() => [...document.querySelectorAll('button, .button, input, textarea, .mails a')]
  .filter((one) => one.checkVisibility() && !one.matches('.sr'))
  .map((one) => [one.innerText, one.getBoundingClientRect().height])
  .filter(([, height]) => height < 44)
"""


@every_page
def test_axe_finds_nothing(name: str, page: Page, places: Mapping[str, str]) -> None:
    page.goto(places[name])
    assert violations_everywhere(page, tags=EVERY_RULE) == []


@pytest.mark.parametrize("path", ["/v/" + "a" * 64, "/a/no-such-link"])
def test_pages_that_show_nothing_are_as_good(
    path: str, chromium: Browser, played: str
) -> None:
    page = chromium.new_page(locale="fr-FR")
    answer = page.goto(f"{played}{path}")
    assert answer is not None
    assert answer.status == 404
    assert violations_everywhere(page, (360,), tags=EVERY_RULE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


@every_page
def test_nothing_scrolls_sideways(
    name: str, page: Page, places: Mapping[str, str]
) -> None:
    page.goto(places[name])
    for width in (320, 360, 390, 768, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


@every_page
def test_large_letters_still_fit(
    name: str, page: Page, places: Mapping[str, str]
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(places[name])
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "32px"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@every_page
def test_everything_is_reached_by_keyboard_and_seen(
    name: str, page: Page, places: Mapping[str, str]
) -> None:
    page.goto(places[name])
    count = page.evaluate(_MARK)
    assert count > 0
    reached: set[str] = set()
    for _ in range(2 * count + 20):  # a frame has stops of its own
        page.keyboard.press("Tab")
        mark, outline, style = page.evaluate(_FOCUS)
        if mark and mark not in reached:
            reached.add(mark)
            is_frame = page.evaluate("document.activeElement.tagName") == "IFRAME"
            assert is_frame or (outline >= 2 and style != "none"), mark
        if len(reached) == count:
            break
    assert len(reached) == count


@every_page
def test_targets_are_large_enough_for_a_thumb(
    name: str, page: Page, places: Mapping[str, str]
) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(places[name])
    assert page.evaluate(_SMALL) == []


@every_page
def test_a_page_has_one_title_and_its_language(
    name: str, page: Page, places: Mapping[str, str]
) -> None:
    page.goto(places[name])
    assert page.locator("h1").count() == 1
    assert page.title()
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert name == "status" or page.locator("script").count() == 0


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
