"""A new request on a phone, with scripts: few taps, and nothing that is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    FilePayload,
    Page,
    Route,
    ViewportSize,
    expect,
)

from azbot.channels.web.staff import new_secret
from azbot.channels.web.visitors.access import SESSION, session_hash
from azbot.store import NewPerson, PersonKind, UnitOfWork
from azbot.store.accounts import Session
from azbot.store.queries import Filters
from azbot.workflow.model import Assistance
from tests.browser.axe import violations_everywhere
from tests.browser.inboxdesk import CLIENT, InboxDesk
from tests.browser.keyboard import walk
from tests.browser.test_inbox_pages import SMALL
from tests.browser.test_live import until
from tests.webdesk import PDF

pytestmark = pytest.mark.browser

NEW = "/portal/new"
PHONE = ViewportSize(width=390, height=844)

_HIDE = """
() => {
  Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
  document.dispatchEvent(new Event('visibilitychange'));
}
"""


class Phone:
    """The browser of a client, whose taps are counted."""

    def __init__(self, desk: InboxDesk, context: BrowserContext, address: str) -> None:
        self.desk = desk
        self.address = address
        secret, now = new_secret(), desk.app.clock.now()
        until = now + timedelta(days=30)

        def sign_in(uow: UnitOfWork) -> None:
            new = NewPerson(
                PersonKind.CLIENT, (address,), "Nadia Roux", is_verified=True
            )
            person = uow.people.by_address(address) or uow.people.add(new)
            uow.sessions.add(Session(session_hash(secret), person.id, now, now, until))

        desk.write(sign_in)
        context.add_cookies(
            [
                {
                    "name": SESSION,
                    "value": secret,
                    "domain": "127.0.0.1",
                    "path": "/",
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "Lax",
                }
            ]
        )
        self.page = context.new_page()
        self.taps = 0

    def open(self, path: str = NEW) -> None:
        self.page.goto(self.desk.address + path)

    def tap(self, what: str) -> None:
        self.page.locator(what).first.click()
        self.taps += 1

    def type(self, field: str, text: str) -> None:
        self.tap(f"#{field}")
        self.page.keyboard.type(text)

    def go_on(self, step: int) -> None:
        self.tap("button[value=next]")
        expect(self.page.locator(".way strong")).to_have_text(f"{step} sur 4")

    def attach(self, name: str) -> None:
        """Choose a file: the button, and the file in the phone's own picker."""
        file = FilePayload(name=name, mimeType="application/pdf", buffer=PDF)
        self.page.locator("[data-uploads] input[multiple]").set_input_files(file)
        self.taps += 2

    def saved(self) -> None:
        """Wait until the page says that everything is kept."""
        expect(self.page.locator("[data-state]")).to_have_text("Enregistré")

    def theirs(self) -> list[Assistance]:
        views, run = self.desk.app.store.views, self.desk.run
        person = run(views.by_address(self.address))
        assert person is not None
        found = run(views.page(Filters(requester=person.id)))
        return [run(views.by_ref(line.ref)) for line in found.items]


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="fr-FR", viewport=PHONE, has_touch=True)
    yield context
    context.close()


def fill_site(phone: Phone) -> None:
    phone.tap("label:has([value=commissioning])")
    phone.type("address", "18 rue des Charmettes")
    phone.type("postcode", "69100")
    expect(phone.page.locator("#region")).to_have_value("Auvergne-Rhône-Alpes")
    expect(phone.page.locator("#postcode-hint")).to_have_text("69 – Rhône")
    phone.type("town", "Villeurbanne")
    phone.go_on(2)


def test_a_returning_client_needs_few_taps_and_the_mail_comes_at_once(
    desk: InboxDesk, context: BrowserContext
) -> None:
    """C3: at most 25 taps beside typing; C6."""
    phone = Phone(desk, context, CLIENT[1])
    before = len(phone.theirs())
    phone.open()
    phone.tap("summary")
    phone.tap(".earlier .pick")
    fill_site(phone)
    phone.type("system_count", "1")
    phone.type("thermostat_count", "5")
    phone.go_on(3)
    expect(phone.page.locator("#contact_name")).to_have_value("Sophie Martin")
    phone.go_on(4)
    phone.attach("bon de commande.pdf")
    phone.tap("button[value=send]")
    ref = phone.page.locator(".ref strong").inner_text()
    assert phone.taps <= 25
    it = phone.theirs()[0]
    assert it.ref == ref
    assert len(phone.theirs()) == before + 1
    until(lambda: bool(phone.theirs()[0].documents))
    assert [each.name for each in phone.theirs()[0].documents] == [
        "bon de commande.pdf"
    ]
    until(lambda: any(ref in str(each) for each in letters(desk)))


def letters(desk: InboxDesk) -> list[object]:
    """Everything that was mailed to clients."""
    views = desk.app.store.views
    found = desk.run(views.deliveries(newest(desk).id))
    return [(each.kind, each.state, newest(desk).ref) for each in found if each.sent_at]


def newest(desk: InboxDesk) -> Assistance:
    views = desk.app.store.views
    line = desk.run(views.page(limit=1)).items[0]
    return desk.run(views.by_ref(line.ref))


def test_a_tab_that_is_closed_at_step_three_loses_nothing(
    desk: InboxDesk, chromium: Browser, context: BrowserContext
) -> None:
    """C5, and a network that goes away for a while."""
    phone = Phone(desk, context, "nadia@clim-roux.example")
    phone.open()
    fill_site(phone)
    phone.page.select_option("#system", "zoned_ducted")
    phone.page.select_option("#maker", "other:")
    phone.type("maker-other", "Ballu")
    phone.type("system_count", "1")
    phone.type("thermostat_count", "5")
    phone.go_on(3)
    phone.type("phone", "06 12")
    phone.page.fill("#contact_name", "Karim Benali")
    phone.tap("#phone_2")
    expect(phone.page.locator("#phone-why")).to_contain_text("Il manque des chiffres")
    context.set_offline(True)
    phone.type("phone_2", "0639985678")
    phone.tap("#distributor")
    expect(phone.page.locator("[data-state]")).to_contain_text("Pas de réseau")
    context.set_offline(False)
    phone.saved()
    expect(phone.page.locator("#phone_2")).to_have_value(
        "06\u00a039\u00a098\u00a056\u00a078"
    )
    # The tab goes away in the middle of a word.
    phone.type("installer", "Clim Ro")
    with phone.page.expect_response(lambda answer: answer.request.method == "PUT"):
        phone.page.evaluate(_HIDE)
    phone.page.close()
    other = chromium.new_context(locale="fr-FR", viewport=PHONE)
    phone = Phone(desk, other, "nadia@clim-roux.example")
    phone.open()
    for key, text in {
        "phone": "06 12", "contact_name": "Karim Benali", "installer": "Clim Ro",
    }.items():  # fmt: skip
        expect(phone.page.locator(f"#{key}")).to_have_value(text)
    phone.tap("button[value=back]")
    expect(phone.page.locator("#maker-other")).to_have_value("Ballu")
    other.close()


def test_a_double_tap_on_send_is_one_request(
    desk: InboxDesk, context: BrowserContext
) -> None:
    """X19."""
    phone = Phone(desk, context, "double@clim-roux.example")
    whole(phone)
    phone.page.locator("button[value=send]").dblclick()
    expect(phone.page.locator(".ref strong")).to_be_visible()
    phone.page.reload()
    phone.page.go_back()
    assert len(phone.theirs()) == 1


def test_sending_does_not_wait_for_files_and_they_follow(
    desk: InboxDesk, context: BrowserContext
) -> None:
    """C6: the request is registered while its upload stands still."""
    phone = Phone(desk, context, "lent@clim-roux.example")
    whole(phone)
    page = phone.page
    phone.attach("plan.pdf")
    page.locator(".up[data-state=done] [name=proof]").check()
    held: list[Route] = []
    # A bound method of a list is none that Playwright can wrap.
    page.route("**/uploads**", lambda route: held.append(route))  # noqa: PLW0108
    page.locator("[data-uploads] input[multiple]").set_input_files(
        FilePayload(name="suite.pdf", mimeType="application/pdf", buffer=PDF + b"2")
    )
    expect(page.locator("[data-left]")).to_contain_text("1 fichier en cours")
    phone.tap("button[value=send]")
    expect(page.locator(".ref strong")).to_be_visible()
    expect(page.locator("h1")).to_be_focused()
    (it,) = phone.theirs()
    assert page.url.endswith(f"/sent/{it.ref}")
    assert [(d.name, d.kind.value) for d in it.documents] == [
        ("plan.pdf", "order_proof")
    ]
    expect(page.locator("[data-left]")).to_contain_text("1 fichier en cours")
    for route in held:
        route.continue_()
    page.unroute("**/uploads**")
    until(lambda: len(phone.theirs()[0].documents) == 2)
    expect(page.locator("[data-left]")).to_be_hidden()
    assert [d.name for d in phone.theirs()[0].documents] == ["plan.pdf", "suite.pdf"]


def test_a_file_that_is_taken_off_goes_from_the_draft_too(
    desk: InboxDesk, context: BrowserContext
) -> None:
    phone = Phone(desk, context, "retrait@clim-roux.example")
    whole(phone)
    phone.attach("plan.pdf")
    expect(phone.page.locator(".up[data-state=done] [name=proof]")).to_be_attached()
    with phone.page.expect_response(lambda answer: answer.request.method == "PUT"):
        phone.tap(".up .x")
    phone.open()
    expect(phone.page.locator("[data-uploads]")).to_be_visible()
    assert phone.page.locator(".kept").count() == 0


def whole(phone: Phone) -> None:
    """Fill everything up to the last step."""
    phone.open()
    fill_site(phone)
    phone.page.select_option("#system", "zoned_ducted")
    phone.page.select_option("#maker", "daikin")
    phone.type("system_count", "1")
    phone.type("thermostat_count", "5")
    phone.go_on(3)
    phone.type("phone", "06 39 98 12 34")
    phone.type("installer", "Clim Roux")
    phone.go_on(4)


def test_every_step_can_be_read_and_used_by_everybody(
    desk: InboxDesk, chromium: Browser
) -> None:
    """X1 to X4, X9, X13 of ux.md 5.2."""
    context = chromium.new_context(locale="fr-FR", viewport=PHONE)
    phone = Phone(desk, context, "tous@clim-roux.example")
    page = phone.page
    titles = []
    sizes: list[int] = []
    page.on("response", lambda a: sizes.append(a.request.sizes()["responseBodySize"]))
    phone.open()
    page.wait_for_load_state("networkidle")
    assert sum(sizes) <= 40 * 1024, sizes
    looked(page)
    phone.tap("button[value=next]")
    expect(page.locator(".errors")).to_be_focused()
    looked(page)
    whole(phone)
    for path in (f"{NEW}?step=2", f"{NEW}?step=3", NEW, f"{NEW}/restart"):
        phone.open(path)
        titles.append(page.title())
        looked(page)
    phone.open()
    phone.tap("button[value=send]")
    expect(page.locator(".ref strong")).to_be_visible()
    titles.append(page.title())
    looked(page)
    phone.open()
    phone.tap("summary")
    looked(page)
    assert len(set(titles)) == len(titles)
    context.close()


def looked(page: Page) -> None:
    """Look at a page as axe, a narrow screen, a thumb and a keyboard do."""
    for width in (1440, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SMALL) == []
    # The bar of buttons covers what one scrolls behind it; sizes were looked at above.
    assert violations_everywhere(page, (360,), without=("target-size",)) == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 360, "height": 640})
    assert page.locator("h1").count() == 1
    walk(page)
