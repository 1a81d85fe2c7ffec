"""The door without password and « Mes demandes », in a browser (X1, X2, X4, C18)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from azbot.store import UnitOfWork
from azbot.tokens import Purpose, issue_link
from tests.browser.axe import each_width, violations_everywhere
from tests.browser.inboxdesk import CLIENT, InboxDesk
from tests.browser.test_inbox_pages import SMALL

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(chromium: Browser, desk: InboxDesk) -> Iterator[Page]:
    """A French telephone that nobody is signed in on."""
    context = chromium.new_context(
        locale="fr-FR", viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    yield page
    context.close()


def code_for(desk: InboxDesk, address: str) -> str:
    """The code last mailed to an address."""
    sent = desk.run(desk.app.store.views.outbox())
    codes = [e for e in sent if e.kind == "access_code" and e.address == address]
    return str(max(codes, key=lambda each: each.id).facts["code"])


def look_at(page: Page) -> None:
    """Look at a page narrow and wide, light and dark, and with a thumb."""
    assert violations_everywhere(page) == [], page.url
    for width in each_width(page, (320, 390, 768)):
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (page.url, width)
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="light")
    assert page.evaluate(SMALL) == [], page.url
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "fr"


def test_somebody_comes_in_by_a_pasted_code_and_finds_their_requests(
    phone: Page, desk: InboxDesk
) -> None:
    address = CLIENT[1]
    phone.goto(f"{desk.address}/portal")
    expect(phone).to_have_url(f"{desk.address}/portal/signin?next=/portal")
    look_at(phone)
    phone.get_by_label("Adresse e-mail").fill(address)
    phone.get_by_role("button", name="Recevoir mon code").click()
    expect(phone.get_by_label("Code à six chiffres")).to_be_focused()
    phone.reload()
    look_at(phone)
    code = code_for(desk, address)
    phone.get_by_label("Code à six chiffres").fill(f"{code[:3]} {code[3:]}")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="Mes demandes")).to_be_visible()
    ref = desk.refs["planned"]
    expect(phone.get_by_role("link", name=ref, exact=True)).to_be_visible()
    look_at(phone)
    phone.get_by_text("Filtrer").click()
    look_at(phone)
    phone.get_by_label("Référence").fill(ref)
    phone.get_by_role("button", name="Appliquer").click()
    expect(phone.locator("tbody tr")).to_have_count(1)
    phone.get_by_role("link", name="Réinitialiser").click()
    assert phone.locator("tbody tr").count() > 1
    phone.get_by_role("link", name="Mon profil").click()
    look_at(phone)
    phone.goto(f"{desk.address}/portal/{ref}/invite")
    look_at(phone)


def test_a_link_that_ended_is_a_page_with_one_button(
    phone: Page, desk: InboxDesk
) -> None:
    ref, app = desk.refs["planned"], desk.app

    def owner(uow: UnitOfWork) -> tuple[int, int]:
        it = uow.assistances.by_ref(ref)
        return it.id, it.requester

    key, person = desk.write(owner)
    until = app.clock.now() - timedelta(days=1)
    token = issue_link(app.door.keyring, Purpose.LINK, key, person, until)
    phone.goto(f"{desk.address}/a/{token}")
    expect(phone).to_have_url(f"{desk.address}/portal/{ref}")
    look_at(phone)
    phone.get_by_role("button", name="Recevoir un nouveau lien").click()
    expect(phone.get_by_role("status")).to_contain_text("Un nouveau lien part à")
    look_at(phone)
