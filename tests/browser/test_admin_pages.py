"""The room of administrators in Chromium: readable, narrow, without script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from azbot.desk import Draft
from azbot.messages import PersonId, Trust
from azbot.store import NewPerson, PersonKind, UnitOfWork
from azbot.store.canned import CannedAnswer
from azbot.workflow import commands as c
from azbot.workflow.model import Actor, AssistanceRef, Role
from tests.browser.axe import EVERY_RULE, each_width, violations, violations_everywhere
from tests.browser.inboxdesk import InboxDesk
from tests.webdesk import REQUEST

pytestmark = pytest.mark.browser

PAGES = (
    "",
    "/health",
    "/agents",
    "/agents/1",
    "/stations",
    "/stations/1",
    "/stations/new",
    "/stations/import",
    "/lists",
    "/lists/makers",
    "/lists/makers/daikin",
    "/canned",
    "/canned/1",
    "/canned/new",
    "/delays",
    "/brand",
    "/mails",
    "/mails/planned/fr",
    "/archive",
    "/log",
)
every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path or "home")


@pytest.fixture(scope="module")
def furnished(desk: InboxDesk) -> InboxDesk:
    """A desk with something on every page of the administration."""
    now = desk.app.clock.now()

    desk.write(
        lambda uow: uow.canned_answers.add(
            CannedAnswer(0, "Bien reçu", "Bonjour {prénom}, merci.", now, "recu")
        )
    )
    desk.write(
        lambda uow: uow.audit.add(
            desk.actor("alix"),
            now,
            "delays.changed",
            before={"reopen_days": 30, "working_days": [1, 2, 3, 4, 5]},
            after={"reopen_days": 45, "working_days": [1, 2, 3, 4]},
        )
    )
    return desk


@pytest.fixture
def plain(chromium: Browser, furnished: InboxDesk) -> Iterator[Page]:
    """A browser without script, in the hands of the administrator."""
    page = chromium.new_page(java_script_enabled=False, locale="fr-FR")
    furnished.signed_in(page, "alix")
    yield page
    page.close()


@every_page
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    path: str, page: Page, furnished: InboxDesk
) -> None:
    furnished.signed_in(page, "alix")
    answer = page.goto(f"{furnished.address}/admin{path}")
    assert answer is not None
    assert answer.status == 200
    assert violations_everywhere(page, tags=EVERY_RULE) == []
    for width in each_width(page, (320, 360, 390, 768, 1440)):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


def archived(desk: InboxDesk) -> AssistanceRef:
    """What somebody asked for who has not been heard of for years."""
    now, address = desk.app.clock.now(), "ancien@neuf.example"

    def known(uow: UnitOfWork) -> PersonId:
        new = NewPerson(PersonKind.CLIENT, (address,), name="Ancien Client")
        return uow.people.add(new).id

    client = Actor(Role.CLIENT, desk.write(known), "", Trust.PROVEN, "email")
    it = desk.run(desk.app.desk.open(Draft(REQUEST, address), client)).assistance
    desk.do(it.ref, c.CancelAssistance("Plus besoin"), by=desk.actor("camille"))
    then = now + timedelta(days=1)
    assert desk.write(lambda uow: uow.archive.put_away([it.id], then, now)) == 1
    return it.ref


def test_what_is_archived_is_read_by_whoever_gives_a_reason(
    page: Page, furnished: InboxDesk
) -> None:
    ref = archived(furnished)
    furnished.signed_in(page, "alix")
    page.goto(f"{furnished.address}/admin/archive/{ref}")
    assert violations_everywhere(page, tags=EVERY_RULE) == []
    assert "18 rue des Charmettes" not in page.inner_text("main")
    page.fill("#reason", "Litige sur la garantie")
    page.locator("form:has(#reason) button").click()
    expect(page.locator("main")).to_contain_text("18 rue des Charmettes")
    assert violations_everywhere(page, tags=EVERY_RULE) == []
    for width in each_width(page, (320, 360, 390, 768, 1440)):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


def test_a_refused_form_is_accessible_and_leads_to_the_field(
    chromium: Browser, furnished: InboxDesk
) -> None:
    # Not the fixture: Chromium calls an answer 422 an error of the console.
    page = chromium.new_page(locale="fr-FR")
    furnished.signed_in(page, "alix")
    page.goto(f"{furnished.address}/admin/delays")
    page.get_by_label("Fermeture", exact=True).fill("07:00")
    page.get_by_role("button", name="Enregistrer").last.click()
    assert violations(page, tags=EVERY_RULE) == []
    summary = page.locator(".errors[role=alert]")
    assert summary.evaluate("one => document.activeElement === one")
    summary.get_by_role("link", name="Fermeture").click()
    assert page.locator("#closes").evaluate("one => document.activeElement === one")
    page.close()


def test_a_delay_is_changed_without_script(plain: Page, furnished: InboxDesk) -> None:
    plain.goto(f"{furnished.address}/admin/delays")
    plain.get_by_label("Une réponse rouvre le dossier pendant (jours)").fill("45")
    plain.get_by_role("button", name="Enregistrer").last.click()
    assert plain.locator(".said").inner_text() == "Enregistré."
    assert furnished.app.desk.rules.reopen_for.days == 45
    plain.get_by_role("button", name="Revenir à la valeur du fichier").click()
    assert furnished.app.desk.rules.reopen_for.days == 30


def test_a_mail_is_previewed_without_script_before_it_is_saved(
    plain: Page, furnished: InboxDesk
) -> None:
    plain.goto(f"{furnished.address}/admin/mails/planned/fr")
    frame = plain.frame_locator("iframe[name=preview]")
    assert frame.locator("h1").inner_text() == "Votre intervention est programmée"
    plain.get_by_label("Titre", exact=True).fill("Rendez-vous pris")
    plain.get_by_role("button", name="Voir l’e-mail").click()
    frame.get_by_role("heading", name="Rendez-vous pris").wait_for()
    plain.get_by_role("button", name="Voir le texte brut").click()
    frame.locator("pre").filter(has_text="Rendez-vous pris").wait_for()
    assert plain.get_by_label("Titre", exact=True).input_value() == "Rendez-vous pris"
    plain.goto(f"{furnished.address}/admin/mails/planned/fr")
    assert frame.locator("h1").inner_text() == "Votre intervention est programmée"


def test_a_table_of_stations_is_tried_before_it_is_imported(
    plain: Page, furnished: InboxDesk, tmp_path: Path
) -> None:
    file = tmp_path / "stations.csv"
    file.write_text("Société;E-mail\nFroid Sud;sud@sta.example\nSans;\n", "cp1252")
    plain.goto(f"{furnished.address}/admin/stations/import")
    plain.get_by_label("Fichier CSV").set_input_files(file)
    plain.get_by_role("button", name="Voir ce qui changera").click()
    assert plain.locator("tbody tr").count() == 2
    plain.get_by_role("button", name="Importer 1 ligne").click()
    assert plain.get_by_role("link", name="Froid Sud").is_visible()


def test_a_logo_and_a_colour_are_on_the_page_at_once(
    plain: Page, furnished: InboxDesk, tmp_path: Path
) -> None:
    file = tmp_path / "logo.png"
    Image.new("RGBA", (300, 80), "#aa3300").save(file)
    plain.goto(f"{furnished.address}/admin/brand")
    plain.get_by_label("Couleur").fill("#aa3300")
    plain.get_by_role("button", name="Enregistrer").last.click()
    button = plain.get_by_role("button", name="Enregistrer").last
    colour = button.evaluate("one => getComputedStyle(one).backgroundColor")
    assert colour == "rgb(170, 51, 0)"
    plain.get_by_label("Image").set_input_files(file)
    plain.get_by_role("button", name="Utiliser cette image").click()
    logo = plain.locator(".top .logo img")
    assert logo.evaluate("one => one.naturalWidth") == 300
    plain.get_by_role("button", name="Revenir à la valeur du fichier").click()
    plain.get_by_role("button", name="Se passer de logo").click()
    assert plain.locator(".top .logo img").count() == 0
