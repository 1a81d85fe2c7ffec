"""The manual from its first page to its last, walked by three people in browsers.

One function for each chapter. They click and type as people do, and follow the links of
the mails that were really sent; what they come past is shown to whoever looks on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import (
    Browser,
    BrowserContext,
    FilePayload,
    Locator,
    Page,
    ViewportSize,
    expect,
)
from pypdf import PdfReader

from azbot.channels.email.correspondent import Opened
from azbot.demo.stage import DESK_READERS
from azbot.demo.story import ORDER
from tests.browser.formhands import answer, draw, fill, fill_everything, unfold
from tests.browser.inboxdesk import PASSWORD
from tests.browser.manualstage import ManualStage
from tests.browser.visitstage import PHONE

Look = Callable[[int, Page | Locator], None]
"""Told the number of an illustration of the manual, and what is like it here."""

CLIENT = ("Nadia Roux", "nadia@clim-roux.example")
STATION = "atelier@froid-rhone.example"
COMMENT = "Il nous manque votre bon de commande. Une photo lisible suffit."
QUESTION = "Bonjour, le digicode du portail a changé : 4512 B."
REPLY = "Merci, la station est prévenue du nouveau digicode."
LEFT = "Registre de la chambre 2 à remplacer."
_PARIS = ZoneInfo("Europe/Paris")
_DESKTOP = ViewportSize(width=1280, height=900)
_LETTER = ViewportSize(width=600, height=800)
_LINK = re.compile(r"http://127\.0\.0\.1:\d+/a/\S+")
_CODE = re.compile(r"^(\d{6})\r?$", re.MULTILINE)


@dataclass
class Walk:
    """Three browsers, and what went wrong in them.

    Attributes:
        letters: a page that shows mails as their readers see them.
        look: told of everything that has an illustration in the manual.
        faults: errors of the console and of scripts, answers of 400 and above, and
            requests to other hosts.
    """

    stage: ManualStage
    client: Page
    agent: Page
    station: Page
    letters: Page
    look: Look
    faults: list[str] = field(default_factory=list)

    def letter(self, number: int, mail: Opened) -> None:
        """Show a mail that has an illustration."""
        self.letters.set_content(mail.html)
        self.look(number, self.letters)

    def follow(self, page: Page, mail: Opened) -> None:
        """Open the link of a mail."""
        found = _LINK.search(mail.text)
        assert found, mail.text
        page.goto(found[0])

    def let_time_pass(self, when: datetime) -> None:
        """Go ahead, browsers too: the watches of phones and of azbot agree."""
        self.stage.jump_to(when)
        for page in (self.client, self.agent, self.station):
            page.clock.set_system_time(self.stage.now)

    def held_leaves(self) -> None:
        """Wait until what the agent did cannot be undone any more."""
        self.let_time_pass(self.stage.now + timedelta(seconds=10))


@contextmanager
def walking(
    browser: Browser, stage: ManualStage, look: Look, scale: float = 1
) -> Iterator[Walk]:
    """Give three people a browser each while inside.

    Args:
        scale: pixels of a picture for each of the page.
    """
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def page(size: ViewportSize, *, is_phone: bool = False) -> Page:
        context = browser.new_context(
            locale="fr-FR",
            timezone_id="Europe/Paris",
            viewport=size,
            has_touch=is_phone,
            device_scale_factor=scale,
            reduced_motion="reduce",
        )
        contexts.append(context)
        opened = context.new_page()
        opened.clock.set_system_time(stage.now)
        _watch(opened, stage.address, faults)
        return opened

    try:
        yield Walk(
            stage=stage,
            client=page(PHONE, is_phone=True),
            agent=page(_DESKTOP),
            station=page(PHONE, is_phone=True),
            letters=page(_LETTER),
            look=look,
            faults=faults,
        )
    finally:
        for context in contexts:
            context.close()


def _watch(page: Page, address: str, faults: list[str]) -> None:
    page.on(
        "console",
        lambda said: faults.append(said.text) if said.type == "error" else None,
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "response",
        lambda got: (
            faults.append(f"{got.status} {got.request.method} {got.url}")
            if got.status >= 400
            else None
        ),
    )
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((address, "data:", "blob:", "about:"))
            else faults.append(f"asked elsewhere: {asked.url}")
        ),
    )


# --- chapter 1: coming in ------------------------------------------------------------


def comes_in(walk: Walk) -> None:
    """Sign up with an address and six digits."""
    page, stage = walk.client, walk.stage
    page.goto(f"{stage.address}/portal")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    walk.look(2, page)
    page.get_by_label("Adresse e-mail").fill(CLIENT[1])
    page.get_by_role("button", name="Recevoir mon code").click()
    found = _CODE.search(stage.mail(CLIENT[1], "access_code").text)
    assert found
    page.get_by_label("Code à six chiffres").fill(found[1])
    walk.look(3, page)
    page.keyboard.press("Enter")
    page.get_by_label("Prénom et nom").fill(CLIENT[0])
    page.get_by_label("Entreprise").fill("Clim Roux")
    page.get_by_label("Installateur").check()
    page.get_by_label("Téléphone").fill("06 39 98 12 34")
    walk.look(1, page)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", name="Mes demandes")).to_be_visible()
    walk.look(4, page.locator("header.top"))
    walk.look(5, page)


def _turns_to(page: Page, tab: str) -> None:
    """Open a tab of an assistance, and bring it to the top of the screen."""
    page.locator(f"[data-tab={tab}]").click()
    expect(page.locator(f"#panel.{tab}")).to_be_visible()
    page.locator("nav.tabs").evaluate("one => one.scrollIntoView()")


# --- chapter 2: the request ----------------------------------------------------------


def asks(walk: Walk) -> None:
    """Make a request in four steps, with a document."""
    page, stage = walk.client, walk.stage
    begin = page.get_by_role("link", name="Nouvelle demande")
    walk.look(6, begin)
    begin.click()
    page.locator("label:has([value=commissioning])").click()
    page.locator("#address").fill("18 rue des Charmettes")
    page.locator("#postcode").press_sequentially("69100")
    page.locator("#town").fill("Villeurbanne")
    _goes_on(page, 2)
    page.select_option("#system", "zoned_ducted")
    page.select_option("#maker", "daikin")
    page.locator("#system_count").fill("1")
    page.locator("#thermostat_count").fill("5")
    walk.look(7, page)
    _goes_on(page, 3)
    for key, text in {
        "contact_name": CLIENT[0],
        "phone": "06 39 98 12 34",
        "installer": "Clim Roux",
    }.items():
        page.locator(f"#{key}").fill(text)
    _goes_on(page, 4)
    page.locator("[data-uploads] input[multiple]").set_input_files(
        _paper("plan du rez-de-chaussée.pdf")
    )
    expect(page.locator(".up[data-state=done]")).to_be_visible()
    walk.look(8, page)
    page.locator("button[value=send]").click()
    ref = page.locator(".ref strong").inner_text()
    assert ref == stage.it.ref
    page.get_by_role("link", name="Mes demandes").last.click()
    expect(page.get_by_role("link", name=ref, exact=True)).to_be_visible()
    walk.look(9, page)
    walk.letter(10, stage.mail(CLIENT[1], "opened"))


def _goes_on(page: Page, step: int) -> None:
    page.locator("button[value=next]").click()
    expect(page.locator(".way strong")).to_have_text(f"{step} sur 4")


def _paper(name: str) -> FilePayload:
    return FilePayload(name=name, mimeType="application/pdf", buffer=ORDER)


def completes(walk: Walk) -> None:
    """The desk asks for what is missing, the client gives it."""
    page, agent, stage = walk.client, walk.agent, walk.stage
    agent.goto(f"{stage.address}/inbox")
    agent.get_by_label("Adresse e-mail").fill(DESK_READERS)
    agent.get_by_label("Mot de passe").fill(PASSWORD)
    agent.get_by_role("button", name="Se connecter", exact=True).click()
    agent.locator(f"[data-ref={stage.it.ref}] .it").click()
    expect(agent.get_by_role("log")).to_be_visible()
    agent.locator("#assistance [data-do=complement]:visible").first.click()
    dialog = agent.locator("#dialog")
    dialog.locator("input[value=order_proof]").check()
    dialog.locator("textarea").fill(COMMENT)
    dialog.locator("button.primary").click()
    expect(dialog).to_be_hidden()
    walk.held_leaves()
    asked = stage.mail(CLIENT[1], "complement")
    walk.letter(11, asked)
    walk.follow(page, asked)
    expect(page.locator(".step .comment")).to_have_text(COMMENT)
    _turns_to(page, "history")
    expect(page.locator(".past")).to_contain_text(COMMENT)
    walk.look(12, page)
    page.set_input_files(".step input[multiple]", _paper("bon de commande.pdf"))
    expect(page.locator(".said")).to_contain_text("Fichier envoyé")
    walk.let_time_pass(stage.now + timedelta(minutes=3))
    stage.mail(CLIENT[1], "received")


def is_assigned(walk: Walk) -> None:
    """The desk chooses a station, which accepts and gives a date."""
    agent, station, stage = walk.agent, walk.station, walk.stage
    agent.get_by_role("button", name=re.compile("Froid Rhône Services")).click()
    expect(agent.locator(".toast", has_text="Mission proposée")).to_be_visible()
    walk.held_leaves()
    walk.letter(13, stage.mail(CLIENT[1], "assigned"))
    walk.follow(station, stage.mail(STATION, "mission"))
    station.locator(".bar button.primary").click()
    station.wait_for_url("**/plan**")
    # The news of a yes waits for the date, which mostly comes at once.
    walk.let_time_pass(stage.now + timedelta(minutes=30))
    _reads_of_station(walk)
    walk.look(14, walk.client)
    walk.look(15, walk.client.locator("#panel"))


def _reads_of_station(walk: Walk) -> None:
    page = walk.client
    walk.follow(page, walk.stage.mail(CLIENT[1], "accepted"))
    _turns_to(page, "station")
    expect(page.locator("#panel.station")).to_contain_text("Froid Rhône Services")


# --- chapters 3 and 4: the visits ----------------------------------------------------


def is_planned(walk: Walk) -> None:
    """The station gives the date by taps, the client reads it everywhere."""
    page, station, stage = walk.client, walk.station, walk.stage
    station.locator(".days label").nth(2).click()
    station.locator(".hours label").nth(11).click()
    station.locator(".bar button.primary").click()
    station.wait_for_url("**?said=planned")
    stage.mail(STATION, "mission_accepted")
    stage.mail(STATION, "mission_planned")
    planned = stage.mail(CLIENT[1], "planned")
    assert any(name.endswith(".ics") for name in planned.files)
    walk.letter(16, planned)
    page.get_by_role("link", name="Mes demandes").click()
    expect(page.locator("tbody tr")).to_contain_text("Froid Rhône Services")
    walk.look(17, page)
    walk.follow(page, planned)
    _turns_to(page, "station")
    expect(page.locator("#panel.station .visits li")).to_have_count(1)
    walk.look(18, page)


def is_visited(walk: Walk) -> None:
    """A first visit that leaves something to do: the next date, three signatures."""
    page, station, stage = walk.client, walk.station, walk.stage
    _comes_to_the_site(walk)
    fill_everything(station)
    fill(station, "action_notes", LEFT)
    station.evaluate("scrollTo(0, 0)")
    walk.look(20, station)
    answer(station, "solved", "Non")
    answer(station, "next_visit", "Oui")
    again = stage.now.astimezone(_PARIS) + timedelta(days=7)
    station.locator("#f-next_visit_at").fill(f"{again:%Y-%m-%d}T09:00")
    station.locator("#f-next_visit_at").blur()
    _signs(station)
    walk.look(21, station)
    _finishes(station)
    stage.mail(CLIENT[1], "continued")
    stage.mail(STATION, "mission_planned")
    page.reload()
    _turns_to(page, "visits")
    page.locator("#visit").select_option("1")
    expect(page.locator("#panel.visits")).to_contain_text(LEFT)
    walk.look(19, page)
    walk.agent.goto(f"{stage.address}/inbox/a/{stage.it.ref}")
    walk.agent.locator("#assistance [data-do=approve]:visible").first.click()
    walk.agent.locator("#dialog button.primary").click()
    walk.held_leaves()
    walk.letter(22, stage.mail(CLIENT[1], "follow_up"))
    stage.mail(STATION, "follow_up_decided")


def is_solved(walk: Walk) -> None:
    """The second visit ends the work."""
    station = walk.station
    _comes_to_the_site(walk)
    fill_everything(station)
    fill(station, "action_notes", "Registre remplacé.")
    _signs(station)
    walk.look(23, station)
    _finishes(station)


def is_closed(walk: Walk) -> None:
    """The client takes the report and says yes."""
    page, stage = walk.client, walk.stage
    finished = stage.mail(CLIENT[1], "finished")
    walk.letter(24, finished)
    walk.follow(page, finished)
    _turns_to(page, "visits")
    expect(page.locator("#visit option")).to_have_count(2)
    walk.look(25, page)
    report = page.locator("#panel a[href$='report.pdf']").first
    with page.expect_download() as download:
        report.click()
    name = download.value.suggested_filename
    assert name == f"Rapport-{stage.it.ref}-visite-2.pdf"
    text = "".join(p.extract_text() for p in PdfReader(download.value.path()).pages)
    assert "Registre" in text
    walk.look(26, report)
    page.locator("[data-tab=request]").click()
    page.get_by_role("link", name="Oui, clôturer").click()
    page.locator("main form button.primary").click()
    expect(page.locator(".head .chip")).to_have_text("Clôturée")
    stage.mail(CLIENT[1], "closed")
    stage.mail(STATION, "closed")


def _comes_to_the_site(walk: Walk) -> None:
    """The day comes, with its reminders; the link of the last opens the form."""
    stage, it = walk.stage, walk.stage.it
    visit = it.visit
    assert visit is not None
    assert visit.planned_at is not None

    def reminded(address: str, kind: str) -> Opened:
        timers = stage.write(lambda uow: uow.timers.of(it.id))
        walk.let_time_pass(timers[0].due_at)
        return stage.mail(address, kind)

    reminded(CLIENT[1], "tomorrow")
    walk.follow(walk.station, reminded(STATION, "today"))
    walk.let_time_pass(visit.planned_at)
    walk.station.wait_for_selector("body[data-ready]")
    walk.station.get_by_role("button", name="Je suis sur place").click()


def _signs(page: Page) -> None:
    """Two draw on the glass, one types."""
    unfold(page, "conclusion")
    for role, name in (("installer", CLIENT[0]), ("client", "Paul Lefèvre")):
        page.locator(f'[data-role="{role}"] .pad.empty').click()
        page.fill("#sig-name", name)
        draw(page)
        page.get_by_role("button", name="Valider").click()
        expect(page.locator("dialog")).to_have_count(0)
    page.locator('[data-role="station"]').get_by_text("Signer au clavier").click()
    page.fill("#sig-name", "Karim Benali")
    page.check("#sig-agrees")
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("dialog")).to_have_count(0)


def _finishes(page: Page) -> None:
    page.locator("#next").click()
    page.locator("dialog .primary").click()
    expect(page.locator(".end h2")).to_have_text("Intervention terminée")


# --- chapter 5: messages -------------------------------------------------------------


def talk(walk: Walk) -> None:
    """A message from the bar, the answer of the desk by mail and on the page."""
    page, agent, stage = walk.client, walk.agent, walk.stage
    page.locator("#message").fill(QUESTION)
    page.locator(".go").click()
    expect(page.locator("[data-state]")).to_contain_text("Envoyé")
    _turns_to(page, "messages")
    expect(page.locator(".bubble", has_text=QUESTION)).to_have_count(1)
    agent.goto(f"{stage.address}/inbox/a/{stage.it.ref}")
    expect(agent.get_by_role("log")).to_contain_text(QUESTION)
    agent.get_by_label("Réponse au client").fill(REPLY)
    agent.get_by_role("button", name="Envoyer au client").click()
    expect(agent.locator(".toast", has_text="Message envoyé")).to_be_visible()
    walk.held_leaves()
    walk.letter(28, stage.mail(CLIENT[1], "message"))
    expect(page.locator(".bubble", has_text=REPLY)).to_be_visible()
    _turns_to(page, "messages")
    walk.look(27, page)


CHAPTERS = (
    comes_in, asks, completes, is_assigned, is_planned, talk, is_visited, is_solved,
    is_closed,
)  # fmt: skip
"""In the order of a life: one writes while the work is under way."""
