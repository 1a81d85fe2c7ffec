"""The ten minutes of somebody who has never seen azbot (ux.md 13), at the sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import pypdf
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    ViewportSize,
    expect,
)

from tests.browser.axe import violations_everywhere
from tests.browser.formhands import (
    fill_everything,
    finish,
    kept_pages,
    says,
    sign,
)
from tests.browser.test_live import until
from tests.sandbox import demonstrated

pytestmark = pytest.mark.browser

WIDE = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
NARROW = 320
PLAYED_WITHIN = 180_000
"""A minute on the machine of whoever looks; a machine of tests does other things."""

SIGNATORIES = {
    "installer": "Sophie Martin",
    "client": "Paul Lefèvre",
    "station": "Karim Benali",
}
WORDS = """Bonjour,
Mise en service à prévoir à Villeurbanne, lundi prochain. 5 thermostats.
Merci, Sophie"""
MISSING = """Adresse : 18 rue des Charmettes
Code postal : 69100
Système : Zonage
Nombre de systèmes : 1
Fabricant de la machine : Daikin"""


class Evaluation:
    """The page of the sandbox, and what is opened from it."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.page = context.new_page()
        self.page.goto(address)
        expect(self.page.locator(".steps .all")).to_be_visible()
        self.mail = self.page.frame_locator("#reader iframe")
        self.journal = self.page.locator(".log")
        self.client = self.page.locator("[data-list=client]")
        self.station = self.page.locator("[data-chat=station]")

    def opened(self, press: Locator) -> Page:
        """Return the page that a press opens in a window of its own."""
        with self.context.expect_page() as one:
            press.click()
        one.value.set_viewport_size(WIDE)
        return one.value

    def link(self, name: str) -> Page:
        return self.opened(self.page.get_by_role("link", name=re.compile(name)))

    def reads(self, title: str) -> None:
        """Open the newest mail of the client that has this title."""
        self.client.get_by_role("button", name=title).first.click()
        heading = self.mail.get_by_role("heading", name=title)
        expect(heading.first).to_be_visible()

    def answers(self, words: str, *samples: str) -> None:
        self.page.locator("#answer").fill(words)
        for sample in samples:
            self.page.locator(f"#reply [data-sample={sample}]").click()
        self.page.locator("#reply button.primary").click()
        expect(self.page.locator("#answer")).to_have_value("")

    def on_site(self) -> Page:
        """Open the form of the visit on the technician's phone."""
        form = self.link("Téléphone STA")
        form.set_viewport_size(PHONE)
        form.on("dialog", lambda dialog: dialog.accept())
        form.get_by_role("button", name="Je suis sur place").click()
        form.wait_for_selector("body[data-ready]")
        return form

    def finishes(self, form: Page) -> None:
        finish(form)
        expect(form.locator(".end h2")).to_have_text("Intervention terminée")
        form.close()

    def tap(self, name: str) -> None:
        self.station.get_by_role("button", name=re.compile(name)).last.click()


@pytest.fixture
def evaluation(chromium: Browser) -> Iterator[Evaluation]:
    """A browser at a new sandbox; what its scripts throw fails the test."""
    with demonstrated() as box:
        context = chromium.new_context(viewport=WIDE, locale="fr-FR")
        faults: list[str] = []
        context.on("weberror", lambda error: faults.append(str(error.error)))
        yield Evaluation(context, box.address)
        context.close()
    assert faults == []


def test_ten_minutes_of_somebody_who_has_never_seen_azbot(
    evaluation: Evaluation,
) -> None:
    for minute in (
        everything_plays_by_itself,
        a_mail_of_ones_own_becomes_a_case,
        what_is_missing_is_told_and_filed,
        two_agents_see_each_other,
        the_keyboard_assigns,
        the_station_accepts_and_plans_in_its_chat,
        the_form_survives_without_network,
        a_no_opens_again_and_a_yes_closes,
        no_loop_no_violation_no_scrolling,
    ):
        minute(evaluation)


def everything_plays_by_itself(it: Evaluation) -> None:
    """D2: at the pace of the command line it takes less than a minute."""
    it.page.get_by_role("button", name=re.compile("Tout jouer")).click()
    done = it.page.locator(".guide li.done")
    expect(done).to_have_count(5, timeout=PLAYED_WITHIN)
    for said in ("Demandée → Assignée", "Assignée → En cours", "Réalisée → Clôturée"):
        expect(it.journal).to_contain_text(said)
    expect(it.page.locator(".phone").get_by_role("img", name="Photo")).to_have_count(2)
    expect(it.mail.get_by_role("heading", level=1)).to_have_text(
        "Votre demande est clôturée"
    )
    href = it.page.get_by_role("link", name="Rapport PDF").get_attribute("href")
    report = it.page.request.get(f"{it.page.url.rstrip('/')}{href}").body()
    pages = pypdf.PdfReader(BytesIO(report)).pages
    text = "".join(page.extract_text() for page in pages)
    for name in SIGNATORIES.values():
        assert name in text


def a_mail_of_ones_own_becomes_a_case(it: Evaluation) -> None:
    with it.page.expect_navigation():
        it.page.get_by_role("button", name="Recommencer").click()
    expect(it.page.locator(".steps .all")).to_be_visible()
    it.page.get_by_role("button", name="Écrire").click()
    it.page.get_by_label("Objet").fill("Mise en service à Villeurbanne")
    it.page.locator("#compose textarea").fill(WORDS)
    it.page.locator("#compose button.primary").click()
    expect(it.journal).to_contain_text("Demande enregistrée")
    it.reads("Il manque 5 informations")
    told = it.mail.locator("body")
    for line in MISSING.splitlines():
        expect(told).to_contain_text(f"{line.partition(' : ')[0]} :")
    expect(told).to_contain_text("Nombre de thermostats")


def what_is_missing_is_told_and_filed(it: Evaluation) -> None:
    it.answers(MISSING, "photo", "order")
    it.reads("Votre demande est complète")
    expect(it.journal).to_contain_text("Document ajouté")
    expect(it.mail.locator("body")).to_contain_text("18 rue des Charmettes")
    inbox = it.opened(it.page.get_by_role("button", name="Ouvrir la boîte"))
    timeline = inbox.locator("[data-timeline]")
    expect(timeline).to_contain_text("Fabricant de la machine : Daikin")
    expect(timeline.get_by_text("Complétez après les deux-points").first).to_be_hidden()
    expect(timeline).to_contain_text("plaque.jpg")
    inbox.close()


def two_agents_see_each_other(it: Evaluation) -> None:
    camille = it.opened(it.page.get_by_role("button", name="Ouvrir la boîte"))
    camille.wait_for_selector(".composer.has-script")
    ines = it.link("2e agent")
    ines.wait_for_selector(".composer.has-script")
    expect(ines.get_by_text("Camille Durand voit ce dossier.")).to_be_visible()
    with ines.expect_response(re.compile("/draft/reply")):
        ines.get_by_label("Réponse au client").fill("Bonjour, nous regardons cela.")
    expect(camille.get_by_text("Inès Fabre rédige une réponse")).to_be_visible()
    camille.get_by_text("Voir son brouillon").click()
    expect(camille.get_by_text("Bonjour, nous regardons cela.")).to_be_visible()
    ines.get_by_role("button", name=re.compile("Envoyer au client")).click()
    expect(ines.get_by_text("Message envoyé dans").last).to_be_visible()
    expect(it.client).to_contain_text("Bonjour, nous regardons cela.")
    for page in (camille, ines):
        page.close()


def the_keyboard_assigns(it: Evaluation) -> None:
    inbox = it.opened(it.page.get_by_role("button", name="Ouvrir la boîte"))
    inbox.wait_for_selector(".composer.has-script")
    inbox.locator("body").press("a")
    proposed = inbox.get_by_role("radio", name=re.compile("Froid Rhône Services"))
    expect(proposed).to_be_checked()
    inbox.keyboard.press("Enter")
    expect(inbox.locator(".toast")).to_be_visible()
    inbox.close()
    expect(it.station.get_by_role("button", name="Accepter").last).to_be_visible()
    it.reads("Une station technique est attribuée")


def the_station_accepts_and_plans_in_its_chat(it: Evaluation) -> None:
    for taps in ("Accepter", "lundi|mardi", "^9 h$"):
        it.tap(taps)
    expect(it.station).to_contain_text("Visite programmée")
    it.reads("Votre intervention est programmée")
    told = it.mail.locator("body")
    expect(told).to_contain_text(re.compile(r"à\s9\sh"))
    expect(told).to_contain_text("heure de Paris")
    expect(it.page.locator("#reader .files")).to_contain_text(".ics")


def the_form_survives_without_network(it: Evaluation) -> None:
    form = it.on_site()
    until(lambda: len(kept_pages(form)) == 2)
    it.context.set_offline(True)
    fill_everything(form)
    form.locator("#next").click()
    expect(form.locator("dialog")).to_have_count(0)
    for role, name in SIGNATORIES.items():
        sign(form, role, name)
    says(form, "Hors ligne")
    form.reload()
    form.wait_for_selector("body[data-ready]")
    expect(form.locator(".sig .ink")).to_have_count(len(SIGNATORIES))
    assert form.input_value("#f-distance_km") == "18.5"
    it.context.set_offline(False)
    says(form, "Enregistré")
    it.finishes(form)
    signed = it.journal.get_by_text(re.compile("Visite 1 signée par"))
    expect(signed).to_have_count(len(SIGNATORIES))


def a_no_opens_again_and_a_yes_closes(it: Evaluation) -> None:
    case = it.page.locator(".support .row")
    it.reads("Le problème est-il résolu")
    it.answers("Non, la chambre 2 ne chauffe pas")
    expect(it.journal).to_contain_text("Votre demande reste ouverte")
    expect(it.journal).to_contain_text("la chambre 2 ne chauffe pas")
    expect(case).to_contain_text("En cours")
    for taps in ("Programmer la visite", "lundi|mardi", "^14 h$"):
        it.tap(taps)
    expect(it.journal).to_contain_text("à valider")
    # The desk approves the second visit, and it takes place: « Jouer ».
    it.page.locator("[data-until='4']").click()
    asked = it.client.get_by_text("Le problème est-il résolu")
    expect(asked).to_have_count(2)
    it.reads("Le problème est-il résolu")
    it.answers("OUI")
    expect(case).to_contain_text("Clôturée")


def no_loop_no_violation_no_scrolling(it: Evaluation) -> None:
    it.reads("Votre demande est clôturée")
    lines = it.client.get_by_role("button").count()
    it.page.get_by_role("button", name="Absence auto").click()
    expect(it.client.get_by_role("button")).to_have_count(lines + 1)
    pages = {
        "sandbox": it.page,
        "inbox": it.opened(it.page.get_by_role("button", name="Ouvrir la boîte")),
        "portal": it.link("Espace client"),
        "mission": it.link("Téléphone STA"),
    }
    for name, page in pages.items():
        page.bring_to_front()
        assert violations_everywhere(page) == [], name
        page.set_viewport_size({"width": NARROW, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= NARROW, name
    # Everything has come to rest since: nobody answered the robot.
    expect(it.client.get_by_role("button")).to_have_count(lines + 1)
