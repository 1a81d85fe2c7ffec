"""The room of the figures in Chromium: readable, narrow enough, without script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import EVERY_RULE, each_width, violations_everywhere
from tests.browser.inboxstage import InboxStage, inbox_stage

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def stage() -> Iterator[InboxStage]:
    """The inbox of the demonstration, full of work."""
    with inbox_stage() as served:
        yield served


@pytest.fixture
def stats(stage: InboxStage, page: Page) -> Page:
    """The figures of ninety days, as an agent sees them."""
    stage.signed_in(page.context)
    page.goto(f"{stage.address}/inbox/stats?period=90")
    return page


def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(stats: Page) -> None:
    for summary in stats.get_by_text("Voir les valeurs").all():
        summary.click()
    assert violations_everywhere(stats, tags=EVERY_RULE) == []
    for width in each_width(stats, (320, 360, 390, 768, 1440)):
        assert stats.evaluate("document.documentElement.scrollWidth") <= width, width


def test_words_of_a_chart_do_not_run_into_each_other_on_a_phone(stats: Page) -> None:
    stats.set_viewport_size({"width": 360, "height": 800})
    assert (
        stats.evaluate("""
        () => [...document.querySelectorAll('svg.chart')].flatMap((chart) => {
          const boxes = [...chart.querySelectorAll('text')]
            .map((one) => [one.textContent, one.getBoundingClientRect()]);
          return boxes.flatMap(([words, a], at) => boxes.slice(at + 1)
            .filter(([, b]) => a.left < b.right && b.left < a.right
              && a.top < b.bottom && b.top < a.bottom)
            .map(([others]) => `${words} / ${others}`));
        })
        """)
        == []
    )


def test_a_period_is_one_click_and_its_filters_stay(stats: Page) -> None:
    stats.get_by_label("Type de service").select_option("Mise en service")
    stats.get_by_role("button", name="Afficher").click()
    stats.get_by_role("link", name="12 mois").click()
    current = stats.get_by_role("link", name="12 mois")
    expect(current).to_have_attribute("aria-current", "page")
    expect(stats.get_by_label("Type de service")).to_have_value("commissioning")


def test_changing_a_date_is_enough_for_a_period_of_ones_own(stats: Page) -> None:
    stats.get_by_label("Du", exact=True).fill("2026-03-01")
    stats.get_by_role("button", name="Afficher").click()
    expect(stats.get_by_text("Du 01/03/2026 au 12/03/2026")).to_be_visible()


def test_each_chart_has_its_values_beside_it(stats: Page) -> None:
    region = stats.get_by_role("region", name="Réponses des STA", exact=True)
    expect(region.get_by_role("img")).to_be_visible()
    region.get_by_text("Voir les valeurs").click()
    row = region.get_by_role("row").filter(has_text="Froid Rhône Services")
    expect(row).to_be_visible()
