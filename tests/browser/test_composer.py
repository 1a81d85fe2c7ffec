"""The composer in Chromium: what it adds to a form (ux.md 6.1, 6.5, A4–A18)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    FilePayload,
    Page,
    Route,
    expect,
)

from azbot.desk import Draft as Request
from azbot.desk.holding import HELD_FOR
from azbot.store import UnitOfWork
from azbot.store.canned import CannedAnswer
from azbot.store.drafts import Draft, DraftKind
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.model import AssistanceRef
from tests.browser.axe import each_width, violations_everywhere
from tests.browser.inboxdesk import CLIENT, InboxDesk
from tests.webdesk import REQUEST

pytestmark = pytest.mark.browser

PDF = b"%PDF-1.7\n" + b"bon de commande " * 8
TEXT = "Bonjour Sophie, votre dossier est complet."
CANNED = (
    ("Accusé", "recu", "Bonjour {prénom}, nous avons reçu votre demande {référence}."),
    ("Station", "sta", "La station {sta} vous appellera."),
)


@pytest.fixture(scope="module", autouse=True)
def canned(desk: InboxDesk) -> None:
    """Two answers: one that this desk's requests fill in, one that waits for a STA."""

    def add(uow: UnitOfWork) -> None:
        for place, (title, shortcut, text) in enumerate(CANNED):
            at = desk.app.clock.now()
            answer = CannedAnswer(0, title, text, at, shortcut, position=place)
            uow.canned_answers.add(answer)

    desk.write(add)


@pytest.fixture(autouse=True)
def nothing_held(desk: InboxDesk) -> None:
    """What other tests sent is not offered to be undone in this one."""
    camille = desk.people["camille"]
    for hold in desk.run(desk.app.store.views.holds_by(camille)):
        desk.run(desk.app.holding.undo(hold.id, camille))


@pytest.fixture
def context(chromium: Browser, desk: InboxDesk) -> Iterator[BrowserContext]:
    """A browser that Camille has signed in with."""
    with_session = chromium.new_context(locale="fr-FR")
    yield with_session
    with_session.close()


@pytest.fixture
def page(context: BrowserContext, desk: InboxDesk) -> Iterator[Page]:
    """A page that runs without a fault; refusals by the server are no fault."""
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: _watch(asked.url, faults))
    desk.signed_in(page, "camille")
    yield page
    assert faults == []


def _watch(url: str, faults: list[str]) -> None:
    if urlsplit(url).hostname != "127.0.0.1":
        faults.append(f"asked another host: {url}")


@pytest.fixture
def quick(desk: InboxDesk) -> Iterator[None]:
    """What is held leaves at the next look of its worker."""
    desk.app.holding.held_for = timedelta(seconds=1)
    yield
    desk.app.holding.held_for = HELD_FOR


@pytest.fixture
def patient(desk: InboxDesk) -> Iterator[None]:
    """What is held waits long enough for a machine that is busy."""
    desk.app.holding.held_for = timedelta(minutes=5)
    yield
    desk.app.holding.held_for = HELD_FOR


@pytest.fixture
def ref(desk: InboxDesk) -> AssistanceRef:
    """A request of this test alone."""
    client = desk.client_of(desk.refs["new"])
    request = Request(REQUEST, CLIENT[1], text="La zone salon reste froide.")
    return desk.run(desk.app.desk.open(request, client)).assistance.ref


def opened(page: Page, desk: InboxDesk, ref: AssistanceRef) -> None:
    page.goto(f"{desk.address}/inbox/a/{ref}/compose")
    expect(page.locator(".composer.has-script")).to_be_visible()


def drafts(desk: InboxDesk, ref: AssistanceRef) -> list[Draft]:
    it = desk.write(lambda uow: uow.assistances.by_ref(ref))
    return desk.run(desk.app.store.views.drafts_of(it.id))


def said(desk: InboxDesk, ref: AssistanceRef) -> list[str]:
    it = desk.write(lambda uow: uow.assistances.by_ref(ref))
    lines = desk.write(lambda uow: uow.events.of(it.id))
    return [x.event.text for x in lines if isinstance(x.event, e.MessageAdded)]


# --- drafts (A9) ------------------------------------------------------------------


def test_typing_then_reloading_keeps_the_text(
    page: Page, desk: InboxDesk, ref: AssistanceRef
) -> None:
    opened(page, desk, ref)
    page.get_by_label("Réponse au client").press_sequentially("Bonjour Sophie")
    page.reload()
    expect(page.get_by_label("Réponse au client")).to_have_value("Bonjour Sophie")


def test_a_draft_is_on_the_server_after_the_last_key_and_on_a_phone(
    page: Page, desk: InboxDesk, ref: AssistanceRef, chromium: Browser
) -> None:
    opened(page, desk, ref)
    area = page.get_by_label("Réponse au client")
    with page.expect_response(re.compile(r"/draft/reply$")) as saved:
        area.press_sequentially("Bonjour")
    assert saved.value.ok
    expect(page.get_by_text("Brouillon enregistré")).to_be_visible()
    assert [each.text for each in drafts(desk, ref)] == ["Bonjour"]
    phone = chromium.new_context(locale="fr-FR", viewport={"width": 360, "height": 740})
    other = phone.new_page()
    desk.signed_in(other, "camille")
    opened(other, desk, ref)
    expect(other.get_by_label("Réponse au client")).to_have_value("Bonjour")
    phone.close()


def test_a_draft_that_was_saved_while_the_page_was_drawn_anew_is_shown(
    page: Page, desk: InboxDesk, ref: AssistanceRef
) -> None:
    """A reload asks for the page first, and saves what was typed while it waits."""
    opened(page, desk, ref)
    before = page.request.get(page.url).text()
    with page.expect_response(re.compile(r"/draft/reply$")):
        page.get_by_label("Réponse au client").press_sequentially("Bonjour")
    expect(page.get_by_text("Brouillon enregistré")).to_be_visible()
    page.route(
        page.url, lambda route: route.fulfill(body=before, content_type="text/html")
    )
    page.reload()
    expect(page.get_by_label("Réponse au client")).to_have_value("Bonjour")


def test_text_the_server_never_got_is_still_there_after_a_crash_of_the_tab(
    page: Page, desk: InboxDesk, ref: AssistanceRef
) -> None:
    opened(page, desk, ref)
    page.route("**/draft/reply", lambda route: route.abort())
    page.get_by_label("Réponse au client").press_sequentially("Bonjour")
    expect(page.get_by_text("Gardé dans ce navigateur")).to_be_visible()
    page.goto("about:blank")
    page.unroute("**/draft/reply")
    with page.expect_response(re.compile(r"/draft/reply$")):
        opened(page, desk, ref)
    expect(page.get_by_label("Réponse au client")).to_have_value("Bonjour")


# --- sending and undoing (A12) ----------------------------------------------------


def test_a_reply_can_be_undone_and_the_text_comes_back(
    page: Page, desk: InboxDesk, ref: AssistanceRef, patient: None
) -> None:
    before = said(desk, ref)
    opened(page, desk, ref)
    area = page.get_by_label("Réponse au client")
    area.fill(TEXT)
    page.get_by_role("button", name="Envoyer au client").click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text(re.compile(r"Message envoyé dans \d+"))
    expect(area).to_have_value("")
    toast.get_by_role("button", name="Annuler").click()
    expect(area).to_have_value(TEXT)
    expect(area).to_be_focused()
    expect(page.locator(".toast")).to_contain_text("Envoi annulé")
    assert said(desk, ref) == before


def test_a_reply_leaves_once_its_time_has_come(
    page: Page, desk: InboxDesk, ref: AssistanceRef, quick: None
) -> None:
    text = "Nous passons demain matin."
    opened(page, desk, ref)
    page.get_by_label("Réponse au client").fill(text)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Message envoyé", exact=True)).to_be_visible()
    assert said(desk, ref).count(text) == 1


def test_a_reload_within_the_eight_seconds_still_offers_to_undo(
    page: Page, desk: InboxDesk, ref: AssistanceRef, patient: None
) -> None:
    opened(page, desk, ref)
    page.get_by_label("Réponse au client").fill(TEXT)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_be_visible()
    page.reload()
    page.locator(".toast").get_by_role("button", name="Annuler").click()
    expect(page.get_by_label("Réponse au client")).to_have_value(TEXT)


def test_send_and_take_it_stands_in_the_menu(
    page: Page, desk: InboxDesk, ref: AssistanceRef, quick: None
) -> None:
    opened(page, desk, ref)
    page.get_by_label("Réponse au client").fill("Je m’en occupe.")
    page.get_by_label("Envoyer et…").click()
    page.get_by_role("button", name="Envoyer et me l’attribuer").click()
    expect(page.get_by_text("Message envoyé", exact=True)).to_be_visible()
    owner = desk.write(lambda uow: uow.assistances.by_ref(ref).owner_name)
    assert owner == "Camille Durand"


# --- notes (A7, A8) ---------------------------------------------------------------


def test_a_note_looks_like_one_and_stays(
    page: Page, desk: InboxDesk, ref: AssistanceRef
) -> None:
    opened(page, desk, ref)
    expect(page.get_by_label("Réponse au client")).to_be_visible()
    plain = colour(page)
    page.get_by_text("Note interne").click()
    area = page.get_by_label("Note pour l’équipe")
    expect(area).to_be_focused()
    expect(page.get_by_label("Réponse au client")).to_be_hidden()
    expect(page.get_by_role("button", name="Envoyer au client")).to_be_hidden()
    expect(page.get_by_text("ne part jamais")).to_be_visible()
    assert colour(page) != plain
    area.fill("Rappeler avant midi.")
    page.get_by_role("button", name="Enregistrer la note").click()
    expect(page.get_by_text("Note enregistrée")).to_be_visible()
    lines = desk.write(lambda uow: uow.events.of(uow.assistances.by_ref(ref).id))
    assert any(
        isinstance(line.event, e.NoteAdded)
        and line.event.text == "Rappeler avant midi."
        for line in lines
    )


def colour(page: Page) -> str:
    return str(
        page.locator(".cmp").evaluate("it => getComputedStyle(it).backgroundColor")
    )


# --- files (A18) ------------------------------------------------------------------


def test_five_files_have_five_bars_and_one_that_fails_loses_no_other(
    page: Page, desk: InboxDesk, ref: AssistanceRef, quick: None
) -> None:
    opened(page, desk, ref)
    gate = Gate()
    page.route("**/inbox/uploads*", gate.hold)
    page.get_by_label("Réponse au client").fill("Voici les pièces.")
    files = [(f"piece-{n}.pdf", PDF + bytes([n])) for n in range(4)]
    files.append(("outil.pdf", b"MZ" + b"\0" * 500))
    chosen = [a_file(name, content) for name, content in files]
    page.locator("[data-form=reply] [data-pick]").set_input_files(chosen)
    expect(page.locator("[data-form=reply] progress")).to_have_count(5)
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Envoyer au client").click()
    expect(page.get_by_text("partira dès que les fichiers")).to_be_visible()
    assert len(gate.routes) == 3, "three at once"
    gate.open()
    expect(page.get_by_text("Un fichier n’est pas arrivé")).to_be_visible()
    bad = page.locator(".files .bad")
    expect(bad).to_have_count(1)
    expect(bad).to_contain_text("joignez une image, une vidéo ou un PDF")
    assert not any("pièces" in text for text in said(desk, ref))
    page.get_by_label("Retirer outil.pdf").click()
    page.get_by_role("button", name="Envoyer au client").click()
    expect(page.get_by_text("Message envoyé", exact=True)).to_be_visible()
    documents = desk.write(lambda uow: uow.assistances.by_ref(ref).documents)
    assert [d.name for d in documents][-4:] == [f"piece-{n}.pdf" for n in range(4)]


def a_file(name: str, content: bytes = PDF) -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


class Gate:
    """Holds requests back until it is opened."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.is_open = False

    def hold(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.routes.append(route)

    def open(self) -> None:
        self.is_open = True
        for route in self.routes:
            route.continue_()


def test_a_pasted_and_a_dropped_file_are_attached(
    page: Page, desk: InboxDesk, ref: AssistanceRef
) -> None:
    opened(page, desk, ref)
    page.evaluate(
        """() => {
          for (const [kind, name] of [["paste", "a.pdf"], ["drop", "b.pdf"]]) {
            const data = new DataTransfer();
            data.items.add(new File(["%PDF-1.7\\n" + name], name));
            const how = { bubbles: true, cancelable: true };
            const made = kind === "paste"
              ? new ClipboardEvent("paste", { clipboardData: data, ...how })
              : new DragEvent("drop", { dataTransfer: data, ...how });
            document.querySelector("#composer-reply").dispatchEvent(made);
          }
        }"""
    )
    expect(page.locator(".files li")).to_have_count(2)
    expect(page.locator(".files progress:visible")).to_have_count(0)
    page.reload()
    expect(page.locator(".files li")).to_have_count(2)


# --- canned answers (6.2, A4) -----------------------------------------------------


def test_a_semicolon_at_the_start_of_a_word_opens_the_canned_answers(
    page: Page, desk: InboxDesk, ref: AssistanceRef
) -> None:
    opened(page, desk, ref)
    area = page.get_by_label("Réponse au client")
    area.focus()
    keys = (";", "Enter", "Control+Enter")
    page.keyboard.type(keys[0])
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press(keys[1])
    filled = f"Bonjour Sophie, nous avons reçu votre demande {ref}."
    expect(area).to_have_value(filled)
    page.keyboard.press(keys[2])
    expect(page.locator(".toast")).to_be_visible()
    expect(area).to_have_value("")


def test_a_semicolon_inside_a_sentence_is_a_semicolon(
    page: Page, desk: InboxDesk, ref: AssistanceRef
) -> None:
    opened(page, desk, ref)
    page.get_by_label("Réponse au client").press_sequentially("Bonjour; merci")
    expect(page.locator("dialog.canned")).to_be_hidden()


def test_a_variable_without_value_is_selected_and_blocks_sending(
    page: Page, desk: InboxDesk, ref: AssistanceRef
) -> None:
    opened(page, desk, ref)
    page.get_by_role("button", name="Réponses types").click()
    page.keyboard.type("station")
    expect(page.get_by_role("option")).to_contain_text("À remplir")
    page.keyboard.press("Enter")
    area = page.get_by_label("Réponse au client")
    expect(area).to_have_value("La station {sta} vous appellera.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Remplissez {sta} avant d’envoyer.")).to_be_visible()
    page.keyboard.type("Froid Rhône")
    expect(area).to_have_value("La station Froid Rhône vous appellera.")


# --- collisions, network, session (A11, 6.6) --------------------------------------


def test_a_message_that_came_meanwhile_is_shown_and_the_text_intact(
    page: Page, desk: InboxDesk, ref: AssistanceRef
) -> None:
    opened(page, desk, ref)
    area = page.get_by_label("Réponse au client")
    area.fill(TEXT)
    desk.do(ref, c.AddMessage("Finalement mardi."), by=desk.client_of(ref))
    page.keyboard.press("Control+Enter")
    clash = page.locator(".clash")
    expect(clash).to_contain_text("Finalement mardi.")
    expect(clash).to_contain_text("Sophie Martin")
    expect(area).to_have_value(TEXT)
    clash.get_by_role("button", name="Envoyer quand même").click()
    expect(page.locator(".toast")).to_be_visible()
    expect(clash).to_have_count(0)


def test_without_network_sending_waits_in_sight_and_leaves_once_it_is_back(
    page: Page,
    context: BrowserContext,
    desk: InboxDesk,
    ref: AssistanceRef,
    quick: None,
) -> None:
    text = "Écrit dans le tunnel."
    opened(page, desk, ref)
    page.get_by_label("Réponse au client").fill(text)
    context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".queue")).to_contain_text("Hors ligne")
    expect(page.locator(".queue")).to_contain_text(text)
    context.set_offline(False)
    expect(page.locator(".queue")).to_be_hidden()
    expect(page.get_by_text("Message envoyé", exact=True)).to_be_visible()
    assert said(desk, ref).count(text) == 1


def test_an_ended_session_keeps_the_text_and_shows_the_door(
    page: Page, context: BrowserContext, desk: InboxDesk, ref: AssistanceRef
) -> None:
    opened(page, desk, ref)
    area = page.get_by_label("Réponse au client")
    area.fill(TEXT)
    context.clear_cookies()
    page.get_by_role("button", name="Envoyer au client").click()
    link = page.locator("[data-why] a")
    expect(link).to_have_text("Reconnectez-vous pour envoyer")
    assert str(link.get_attribute("href")).startswith("/signin?next=%2Finbox")
    expect(area).to_have_value(TEXT)
    desk.signed_in(page, "camille")
    page.reload()
    expect(area).to_have_value(TEXT)


# --- in the inbox ---------------------------------------------------------------------


def test_in_the_inbox_a_reply_is_written_by_keyboard_alone(
    page: Page, desk: InboxDesk, ref: AssistanceRef, patient: None
) -> None:
    page.goto(f"{desk.address}/inbox/a/{ref}")
    expect(page.locator(".composer.has-script")).to_be_visible()
    page.locator("#assistance-title").focus()
    for key in ("r", ";"):
        page.keyboard.press(key)
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-held]")).to_contain_text("Message envoyé dans")
    page.locator("[data-held]").get_by_role("button", name="Annuler").click()
    expect(page.get_by_label("Réponse au client")).to_have_value(re.compile("Bonjour"))


def test_a_message_the_live_page_shows_stops_no_reply(
    page: Page, desk: InboxDesk, ref: AssistanceRef, patient: None
) -> None:
    page.goto(f"{desk.address}/inbox/a/{ref}")
    page.get_by_label("Réponse au client").fill(TEXT)
    desk.do(ref, c.AddMessage("Finalement mardi."), by=desk.client_of(ref))
    expect(page.locator("[data-timeline]")).to_contain_text("Finalement mardi.")
    expect(page.get_by_label("Réponse au client")).to_have_value(TEXT)
    page.get_by_role("button", name="Envoyer au client").click()
    expect(page.locator("[data-held]")).to_be_visible()
    expect(page.locator(".clash")).to_have_count(0)


def test_a_colleagues_draft_is_shown_on_demand(
    page: Page, desk: InboxDesk, ref: AssistanceRef
) -> None:
    bruno = desk.people["bruno"]

    def begin(uow: UnitOfWork) -> None:
        it, at = uow.assistances.by_ref(ref), desk.app.clock.now()
        uow.drafts.put(Draft(bruno, it.id, DraftKind.REPLY, "Je regarde.", at))

    desk.write(begin)
    opened(page, desk, ref)
    module = page.locator("script[type=module]").get_attribute("src")
    page.evaluate(
        """async ([module, ref, person]) => {
          const composer = await import(module.replace("compose.js", "composer.js"));
          await composer.showDraftOf(ref, person);
        }""",
        [module, ref, bruno],
    )
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Brouillon de Bruno Keller")
    expect(dialog).to_contain_text("Je regarde.")
    dialog.get_by_role("button", name="Fermer").click()
    expect(dialog).to_be_hidden()


# --- without script, and for everybody --------------------------------------------


def test_without_script_a_reply_and_a_file_are_sent(
    chromium: Browser, desk: InboxDesk, ref: AssistanceRef, patient: None
) -> None:
    plain = chromium.new_context(locale="fr-FR", java_script_enabled=False)
    page = plain.new_page()
    desk.signed_in(page, "camille")
    page.goto(f"{desk.address}/inbox/a/{ref}/compose")
    page.get_by_label("Réponse au client").fill("Sans script.")
    page.get_by_label("Joindre").first.set_input_files(a_file("plan.pdf"))
    page.get_by_role("button", name="Envoyer au client").click()
    page.goto(f"{desk.address}/inbox/a/{ref}/compose")
    expect(page.locator(".held")).to_contain_text("Message envoyé dans")
    page.locator(".held").get_by_role("button", name="Annuler").click()
    page.goto(f"{desk.address}/inbox/a/{ref}/compose")
    expect(page.get_by_label("Réponse au client")).to_have_value("Sans script.")
    expect(page.locator(".files").first).to_contain_text("plan.pdf")
    plain.close()


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_axe_finds_nothing(chromium: Browser, desk: InboxDesk, kind: str) -> None:
    context = chromium.new_context(locale="fr-FR")
    page = context.new_page()
    desk.signed_in(page, "camille")
    opened(page, desk, desk.refs["waiting"])
    page.locator(f"[data-kind][value={kind}]").check(force=True)
    page.locator(f"[data-form={kind}] [data-pick]").set_input_files(
        [a_file("a.pdf"), a_file("b.pdf", b"MZ")]
    )
    expect(page.locator(".files .bad")).to_have_count(1)
    assert violations_everywhere(page, within=".compose") == []
    for width in each_width(page):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
    context.close()
