"""The door and one's own account in Chromium: by keyboard, by script, without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pyotp import TOTP

from tests.browser.axe import EVERY_RULE, each_width, violations, violations_everywhere
from tests.browser.inboxdesk import PASSWORD, PEOPLE, InboxDesk

pytestmark = pytest.mark.browser

BEFORE = ("/signin", "/signin/lost", "/signin/choose/{invited}", "/signin/choose/gone")
INSIDE = ("/account", "/account/second-factor")
PAGES = BEFORE + INSIDE
every_page = pytest.mark.parametrize("path", PAGES)


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A page that may be told of errors; the console of Chromium repeats those."""
    context = chromium.new_context(locale="fr-FR")
    yield context.new_page()
    context.close()


def come_to(desk: InboxDesk, page: Page, path: str) -> None:
    """Open one of the pages as its reader comes to it."""
    if path in INSIDE:
        desk.signed_in(page, "camille")
    page.goto(desk.address + path.replace("{invited}", invitation(desk)))


def invitation(desk: InboxDesk) -> str:
    """The secret of a link that is good."""
    return desk.invite("nina@sav.example", "Nina Petit").rpartition("/")[2]


def enter(page: Page, who: str, password: str = PASSWORD) -> None:
    """Fill the form of the door and press its button."""
    page.get_by_label("Adresse e-mail").fill(PEOPLE[who][1])
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter", exact=True).click()


@every_page
def test_axe_finds_nothing_and_nothing_scrolls_sideways_even_with_large_letters(
    path: str, tab: Page, desk: InboxDesk
) -> None:
    come_to(desk, tab, path)
    assert violations_everywhere(tab, tags=EVERY_RULE) == []
    for width in each_width(tab, (320, 360, 390, 768, 1440)):
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, width
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_one_signs_in_by_keyboard_alone_and_comes_where_one_wanted(
    page: Page, desk: InboxDesk
) -> None:
    page.goto(f"{desk.address}/account")
    assert page.url == f"{desk.address}/signin?next=/account"
    page.get_by_label("Adresse e-mail").focus()
    page.keyboard.type(PEOPLE["camille"][1])
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk.address}/account")
    assert page.get_by_role("heading", level=1).inner_text() == "Mon compte"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_chromium_keeps_the_cookie_of_this_machine(
    host: str, tab: Page, desk: InboxDesk
) -> None:
    """A Secure cookie over plain HTTP: loopback is trustworthy to Chromium."""
    address = desk.address.replace("127.0.0.1", host)
    tab.goto(f"{address}/signin?next=/account")
    enter(tab, "camille")
    tab.wait_for_url(f"{address}/account")
    (cookie,) = tab.context.cookies()
    assert (cookie["name"], cookie["secure"]) == ("__Host-azbot", True)


def test_everything_but_passkeys_works_without_script(
    chromium: Browser, desk: InboxDesk
) -> None:
    context = chromium.new_context(locale="fr-FR", java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{desk.address}/signin?next=/account")
    enter(tab, "camille")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Mon compte")
    tab.get_by_role("button", name="Se déconnecter").click()
    expect(tab.get_by_text("Vous êtes déconnecté.")).to_be_visible()
    context.close()


def test_a_wrong_password_has_the_focus_keeps_the_address_and_leads_to_its_field(
    tab: Page, desk: InboxDesk
) -> None:
    tab.goto(f"{desk.address}/signin")
    enter(tab, "bruno", "quelque chose d’autre")
    summary = tab.get_by_role("alert").filter(has_text="corriger")
    expect(summary).to_be_focused()
    expect(tab.get_by_label("Adresse e-mail")).to_have_value(PEOPLE["bruno"][1])
    summary.get_by_role("link").click()
    field = tab.get_by_label("Mot de passe")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        "L’adresse ou le mot de passe n’est pas le bon."
    )


def test_codes_are_turned_on_with_a_telephone_and_asked_for_afterwards(
    tab: Page, desk: InboxDesk
) -> None:
    desk.signed_in(tab, "bruno")
    tab.goto(f"{desk.address}/account")
    tab.get_by_role("link", name="Activer le second facteur").click()
    telephone = TOTP(tab.locator(".secret").inner_text().replace(" ", ""))
    code = telephone.now()
    tab.get_by_label("Code", exact=True).fill(code)
    tab.get_by_label("Mot de passe actuel").fill(PASSWORD)
    tab.get_by_role("button", name="Activer").click()
    paper = tab.locator(".codes li").all_inner_texts()
    assert len(paper) == 10
    assert violations(tab, tags=EVERY_RULE) == []
    tab.get_by_role("link", name="J’ai gardé ces codes").click()
    expect(tab.get_by_text("Il reste 10 codes de secours.")).to_be_visible()

    tab.get_by_role("button", name="Se déconnecter").click()
    tab.goto(f"{desk.address}/signin?next=/account")
    enter(tab, "bruno")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Code de vérification")
    assert violations(tab, tags=EVERY_RULE) == []
    field = tab.get_by_label("Code", exact=True)
    assert field.get_attribute("autocomplete") == "one-time-code", "X12"
    field.fill(code)
    tab.get_by_role("button", name="Vérifier").click()
    expect(tab.get_by_text("Ce code n’est pas le bon").first).to_be_visible()
    tab.get_by_label("Code", exact=True).fill(paper[0])
    tab.get_by_role("button", name="Vérifier").click()
    tab.wait_for_url(f"{desk.address}/account")
    expect(tab.get_by_text("Il reste 9 codes de secours.")).to_be_visible()
    tab.goto(f"{desk.address}/account/second-factor")
    assert violations(tab, tags=EVERY_RULE) == []


def test_the_square_to_scan_says_what_the_key_beside_it_says(
    tab: Page, desk: InboxDesk
) -> None:
    desk.signed_in(tab, "camille")
    tab.goto(f"{desk.address}/account/second-factor")
    box = tab.locator("svg.qr").bounding_box()
    assert box is not None
    assert box["width"] == box["height"] >= 190
    shown = tab.locator(".secret").inner_text().replace(" ", "")
    assert tab.locator('input[name="secret"]').input_value() == shown


def an_authenticator(tab: Page) -> Any:
    """Give Chromium a device that holds passkeys and knows its owner."""
    client = tab.context.new_cdp_session(tab)
    client.send("WebAuthn.enable", {"enableUI": False})
    client.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "ctap2Version": "ctap2_1",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return client


def test_a_passkey_is_made_and_opens_the_door_without_a_password(
    tab: Page, desk: InboxDesk
) -> None:
    # A passkey needs a domain: localhost is one, 127.0.0.1 is not.
    address = desk.address.replace("127.0.0.1", "localhost")
    an_authenticator(tab)
    tab.goto(f"{address}/signin?next=/account")
    enter(tab, "camille")
    tab.locator("summary", has_text="Ajouter une clé d’accès").click()
    tab.get_by_label("Nom de la clé").fill("Portable du bureau")
    form = tab.locator("#add-passkey")
    form.get_by_label("Mot de passe actuel").fill("un mot de passe faux")
    form.get_by_role("button", name="Créer la clé").click()
    expect(form.get_by_role("alert")).to_have_text(
        "Ce n’est pas votre mot de passe actuel."
    )
    form.get_by_label("Mot de passe actuel").fill(PASSWORD)
    form.get_by_role("button", name="Créer la clé").click()
    expect(tab.get_by_text("La clé d’accès est enregistrée.")).to_be_visible()
    expect(tab.locator("#passkeys .list")).to_contain_text("Portable du bureau")
    assert violations(tab, tags=EVERY_RULE) == []

    tab.get_by_role("button", name="Se déconnecter").click()
    tab.goto(f"{address}/signin?next=/account")
    tab.get_by_role("button", name="Utiliser une clé d’accès").click()
    tab.wait_for_url(f"{address}/account")
    expect(tab.locator("#passkeys .list")).to_contain_text("Dernière utilisation")

    tab.get_by_role("button", name="Retirer la clé Portable du bureau").click()
    expect(tab.get_by_text("La clé d’accès est retirée.")).to_be_visible()
    tab.get_by_role("button", name="Se déconnecter").click()
    tab.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(tab.locator("#passkey [role=alert]")).to_have_text(
        re.compile("Cette clé d’accès n’ouvre rien ici")
    )


def test_an_address_in_numbers_offers_no_passkeys_and_says_why(
    page: Page, desk: InboxDesk
) -> None:
    page.goto(f"{desk.address}/signin")
    expect(page.locator("#passkey")).to_have_count(0)
    desk.signed_in(page, "camille")
    page.goto(f"{desk.address}/account")
    expect(
        page.get_by_text("Les clés d’accès demandent une adresse https")
    ).to_be_visible()


def test_an_invitation_is_taken_up_in_two_fields(tab: Page, desk: InboxDesk) -> None:
    tab.goto(desk.address + "/signin/choose/" + invitation(desk))
    tab.get_by_label("Nouveau mot de passe").fill("deux hirondelles de mars")
    tab.get_by_label("Le même, encore une fois").fill("deux hirondelles de mars")
    with tab.expect_navigation():
        tab.get_by_role("button", name="Enregistrer et se connecter").click()
    tab.goto(f"{desk.address}/account")
    expect(tab.get_by_label("Nom", exact=True)).to_have_value("Nina Petit")
