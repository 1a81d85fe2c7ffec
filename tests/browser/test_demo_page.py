"""The sandbox as a person uses it: played, by hand, on a telephone, without a mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.axe import EVERY_RULE, each_width, violations_everywhere
from tests.browser.keyboard import walk
from tests.sandbox import Sandbox, demonstrated

pytestmark = pytest.mark.browser

_REQUEST = """Bonjour,

Mise en service à prévoir au 18 rue des Charmettes, 69100 Villeurbanne, unité Daikin.
Système : multizone gainable
Nombre de systèmes : 1
Nombre de thermostats : 5
Sur place : Sophie Martin, 06 39 98 12 34.
"""
# What a thumb has to meet; what lies inside the line of another target may be smaller.
_SMALL = """
() => [...document.querySelectorAll('button, .btn, .chip-btn, textarea, input')]
  .filter((one) => one.checkVisibility() && !one.matches('.sr') && !one.closest('.sr'))
  .filter((one) => getComputedStyle(one).position !== 'absolute')
  .map((one) => [one.innerText, one.getBoundingClientRect().height])
  .filter(([, height]) => height < 38)
"""


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """A demonstration that is begun anew by each test."""
    with demonstrated() as box:
        yield box


@pytest.fixture
def sandbox(box: Sandbox, page: Page) -> Page:
    """The page at the beginning of a story."""
    box.post("/demo/restart")
    page.goto(box.address)
    expect(page.locator(".guide .now").first).to_be_visible()
    return page


def _steps_done(page: Page) -> Locator:
    return page.locator(".guide li.done")


def _mails(page: Page, kind: str) -> Locator:
    return page.locator(f'[data-list="client"] .ml{kind}')


def test_what_is_done_by_hand_ticks_itself(sandbox: Page) -> None:
    sandbox.get_by_role("button", name="Écrire", exact=True).click()
    sandbox.get_by_label("Objet").fill("Mise en service à Villeurbanne")
    sandbox.get_by_label("Texte", exact=True).fill(_REQUEST)
    sandbox.get_by_role("button", name="Envoyer").first.click()
    expect(_mails(sandbox, ":not(.own)")).to_have_count(1)
    answer = sandbox.get_by_role("textbox", name="Votre réponse")
    answer.fill("OUI")
    sandbox.get_by_role("button", name="Photo d’exemple").first.click()
    sandbox.get_by_role("button", name="Répondre").click()
    expect(_steps_done(sandbox)).to_have_count(1)
    expect(answer).to_have_value("")
    expect(sandbox.get_by_text("plaque.jpg").first).to_be_visible()
    # Nobody answers a program.
    received = _mails(sandbox, ":not(.own)").count()
    with sandbox.expect_response("**/away") as told:
        sandbox.get_by_role("button", name="Absence auto").click()
    assert told.value.status == 204
    expect(_mails(sandbox, ".own")).to_have_count(3)
    assert _mails(sandbox, ":not(.own)").count() == received
    # The rest may be played: it goes on from here.
    sandbox.get_by_role("button", name="Jouer : La STA accepte").click()
    expect(_steps_done(sandbox)).to_have_count(3)


def test_the_telephone_is_pressed_and_written_on(sandbox: Page) -> None:
    telephone = sandbox.get_by_role("region", name="Support technique")
    telephone.get_by_role("button", name="Sophie, cliente").click()
    telephone.get_by_role("button", name="Mes demandes").click()
    expect(telephone).to_contain_text("aucune demande")
    telephone.get_by_role("textbox", name="Message").fill("Bonjour <b>vous</b>")
    telephone.get_by_role("textbox", name="Message").press("Enter")
    expect(telephone.locator("[data-chat=client] .me").last).to_contain_text(
        "Bonjour <b>vous</b>"
    )
    telephone.get_by_role("button", name="Photo d’exemple").click()
    telephone.get_by_role("button", name="Envoyer").click()
    expect(telephone.get_by_role("img", name="Photo")).to_be_visible()


def test_every_view_of_a_mail_and_the_page_it_names(sandbox: Page) -> None:
    sandbox.get_by_role("button", name="Jouer : Le client écrit").click()
    expect(_steps_done(sandbox)).to_have_count(1)
    context: BrowserContext = sandbox.context
    with context.expect_page() as opened:
        links = sandbox.frame_locator("iframe").get_by_role("link")
        links.filter(has_text=re.compile("demande", re.IGNORECASE)).first.click()
    expect(opened.value.get_by_role("heading", level=1)).to_be_visible()
    opened.value.close()
    sandbox.get_by_role("button", name="En-têtes").click()
    expect(sandbox.locator("[data-body=head]")).to_contain_text("Message-ID:")
    sandbox.get_by_role("button", name="Texte brut").click()
    expect(sandbox.locator("[data-body=text]")).to_contain_text("Sophie Martin")


def test_the_inbox_is_one_click_away_and_full(sandbox: Page) -> None:
    context: BrowserContext = sandbox.context
    with context.expect_page() as opened:
        sandbox.get_by_role("button", name="Ouvrir la boîte complète").click()
    expect(opened.value.get_by_role("navigation").first).to_be_visible()
    assert "/inbox" in opened.value.url
    opened.value.close()


def test_it_is_accessible_narrow_and_reached_by_keyboard(sandbox: Page) -> None:
    sandbox.get_by_role("button", name="Jouer : La STA accepte").click()
    expect(_steps_done(sandbox)).to_have_count(3)
    expect(sandbox.get_by_role("button", name="Tout jouer")).to_be_visible()
    assert violations_everywhere(sandbox, tags=EVERY_RULE) == []
    for width in each_width(sandbox, (320, 360, 390, 768, 1200, 1440)):
        assert sandbox.evaluate("document.documentElement.scrollWidth") <= width, width
    sandbox.set_viewport_size({"width": 1440, "height": 860})
    walk(sandbox)
    sandbox.set_viewport_size({"width": 390, "height": 844})
    for pane in ("Telegram", "Support", "E-mails"):
        sandbox.get_by_role("navigation").get_by_role("button", name=pane).click()
        expect(sandbox.locator(".win:visible")).to_have_count(1)
        assert sandbox.evaluate(_SMALL) == []
        assert sandbox.evaluate("document.documentElement.scrollWidth") <= 390
