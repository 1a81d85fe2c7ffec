"""Mails in a real browser: phone widths, both schemes, accessibility (M3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from azbot.render import Reader
from azbot.render.colours import contrast
from tests.browser.axe import EVERY_RULE, violations
from tests.mails.samples import SAMPLES, Sample, a_renderer, links_for, sample, write

pytestmark = pytest.mark.browser

RENDERER = a_renderer()
every_sample = pytest.mark.parametrize("one", SAMPLES, ids=lambda one: str(one.name))

# What every text lies on: the nearest ground that is not see-through.
_TEXTS = """
() => {
  const hex = (rgb) => '#' + rgb.match(/\\d+/g).slice(0, 3)
    .map((n) => Number(n).toString(16).padStart(2, '0')).join('');
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest('caption')) continue;
    let ground = element;
    while (/, 0\\)$|transparent/.test(getComputedStyle(ground).backgroundColor))
      ground = ground.parentElement;
    found.push([walker.currentNode.data.trim(), hex(getComputedStyle(element).color),
      hex(getComputedStyle(ground).backgroundColor)]);
  }
  return found;
}
"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """A page that is used again and again: mails bring no script and no state."""
    page = chromium.new_page()
    yield page
    page.close()


def show(
    page: Page,
    html: str,
    width: int = 360,
    scheme: Literal["light", "dark"] = "light",
) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    page.emulate_media(color_scheme=scheme)
    page.set_content(html)


@every_sample
def test_nothing_overflows_on_a_phone(one: Sample, page: Page) -> None:
    show(page, write(one, "fr", RENDERER).html)
    for width in (320, 360, 700):
        page.set_viewport_size({"width": width, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@every_sample
def test_buttons_are_tall_enough_for_a_thumb(one: Sample, page: Page) -> None:
    show(page, write(one, "fr", RENDERER).html)
    for button in page.query_selector_all("a.b1, a.b2"):
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 250, "full width on a phone"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@every_sample
def test_every_text_can_be_read(
    one: Sample, scheme: Literal["light", "dark"], page: Page
) -> None:
    show(page, write(one, "fr", RENDERER).html, scheme=scheme)
    texts: list[list[str]] = page.evaluate(_TEXTS)
    assert len(texts) > 4
    for text, ink, ground in texts:
        assert contrast(ink, ground) >= 4.5, (text, ink, ground)


def test_the_preheader_is_hidden_and_padded(page: Page) -> None:
    show(page, write(sample("planned"), "fr", RENDERER).html)
    assert not page.get_by_text("À prévoir : accès, signataire").is_visible()


@pytest.mark.parametrize("name", ["planned", "incomplete", "mission", "message"])
def test_axe_finds_nothing(name: str, page: Page) -> None:
    show(page, write(sample(name), "fr", RENDERER).html, 700)
    # A mail is a part of the mail program's page, which has the landmarks.
    theirs = ("region", "landmark-one-main", "page-has-heading-one")
    assert violations(page, without=theirs, tags=EVERY_RULE) == []


def test_long_words_wrap_instead_of_widening_the_page(page: Page) -> None:
    one = sample("desk")
    facts = {**one.all_facts, "text": "https://exemple.example/" + "a" * 300,
             "installer": "Donaudampfschifffahrtsgesellschaft" * 3}  # fmt: skip
    reader = Reader("", "fr", "desk", is_first_mail=False)
    html = RENDERER.mail(one.kind, facts, reader, links_for(one)).html
    show(page, html)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
