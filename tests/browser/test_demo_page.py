"""The demonstration as a person uses it: play, read a mail, answer it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.demonstration import demonstration

pytestmark = pytest.mark.browser


def test_a_yes_in_the_form_closes_the_assistance(page: Page) -> None:
    with demonstration() as address:
        page.goto(address)
        for _ in range(9):  # until the closing question
            page.get_by_role("button", name="Jouer l’étape suivante").click()
        page.get_by_role("link", name=re.compile("peut-on clôturer")).click()
        shown = page.frame_locator("iframe")
        expect(shown.get_by_role("heading", level=1)).to_be_visible()
        page.get_by_role("textbox", name="Texte").fill("Oui")
        page.get_by_role("button", name="Envoyer").click()
        journal = page.get_by_role("region", name="Journal")
        expect(journal).to_contain_text("Assistance clôturée par le demandeur.")


def test_words_of_ones_own_open_a_second_request(page: Page) -> None:
    with demonstration() as address:
        page.goto(address)
        page.get_by_role("button", name="Envoyer").click()
        box = page.get_by_role("region", name="Sophie Martin")
        expect(box.get_by_role("listitem")).to_have_count(1)
        expect(box).to_contain_text("ASFR")


def test_the_button_of_a_mail_opens_the_page_it_names(page: Page, played: str) -> None:
    page.goto(played)
    page.get_by_role("link", name=re.compile("Demande clôturée")).first.click()
    context: BrowserContext = page.context
    with context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Ouvrir").click()
    expect(opened.value.get_by_text("Clôturée").first).to_be_visible()


def test_the_report_is_the_one_its_code_leads_to(
    page: Page, places: dict[str, str]
) -> None:
    # Of the combined report, the one the last mail brings.
    page.goto(places["verify"])
    expect(page.get_by_text("Visite 2")).to_be_visible()
    expect(page.get_by_text("Rapport authentique")).to_be_visible()
    expect(page.get_by_text("Froid Rhône Services").first).to_be_visible()


def test_the_language_of_the_notice_can_be_changed(page: Page, played: str) -> None:
    page.goto(f"{played}/privacy")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your personal data")
