"""Days of an agent in Chromium: the criteria of ux.md 6.7 that need the whole inbox.

What each part shows alone is in the file of the part: test_live (A2, A3, A10),
test_composer (A7 to A9, A11, A12, A18), test_inbox_list (A14, X16), test_inbox_pages
(X1 to X4, X7, X9, X13, X18).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from azbot.desk import Draft
from azbot.desk.holding import HELD_FOR
from azbot.store import UnitOfWork
from azbot.store.canned import CannedAnswer
from azbot.store.saved_views import SavedView
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.model import AssistanceRef, InterventionStatus, Status
from tests.browser.inboxdesk import CLIENT, InboxDesk
from tests.browser.late import Late
from tests.browser.test_inbox_pages import deliver, to_approve
from tests.browser.test_live import until
from tests.browser.test_signin import enter
from tests.webdesk import REQUEST

pytestmark = pytest.mark.browser

COMPLETE = {**REQUEST, "service": "incident_warranty"}
"""A request that misses nothing: what is under guarantee needs no order."""


@pytest.fixture(scope="module", autouse=True)
def canned(desk: InboxDesk) -> None:
    """One answer that every request can fill in."""
    text = "Bonjour {prénom}, nous avons reçu votre demande {référence}."
    answer = CannedAnswer(0, "Accusé", text, desk.app.clock.now(), "recu")
    desk.write(lambda uow: uow.canned_answers.add(answer))


@pytest.fixture
def browser(chromium: Browser, desk: InboxDesk) -> Iterator[BrowserContext]:
    """A browser that Camille has signed in with."""
    context = chromium.new_context(locale="fr-FR", reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def tab(browser: BrowserContext, desk: InboxDesk) -> Iterator[Page]:
    """A wide tab whose scripts never fail and never ask what a dialog would."""
    tab = browser.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("dialog", lambda dialog: faults.append(dialog.message))
    tab.set_viewport_size({"width": 1440, "height": 900})
    desk.signed_in(tab, "camille")
    yield tab
    assert faults == []


@pytest.fixture
def quick(desk: InboxDesk) -> Iterator[None]:
    """What is held leaves at the next look of its worker."""
    desk.app.holding.held_for = timedelta(0)
    yield
    desk.app.holding.held_for = HELD_FOR


@pytest.fixture
def patient(desk: InboxDesk) -> Iterator[None]:
    """What is held waits long enough for a machine that is busy."""
    desk.app.holding.held_for = timedelta(minutes=5)
    yield
    desk.app.holding.held_for = HELD_FOR
    for hold in desk.run(desk.app.store.views.holds_by(desk.people["camille"])):
        desk.run(desk.app.holding.undo(hold.id, desk.people["camille"]))


def opened(desk: InboxDesk, **answers: object) -> AssistanceRef:
    """Let the client of the desk ask for something more."""
    client = desk.client_of(desk.refs["new"])
    draft = Draft({**COMPLETE, **answers}, CLIENT[1], text="La zone reste froide.")
    return desk.run(desk.app.desk.open(draft, client)).assistance.ref


def go(tab: Page, desk: InboxDesk, path: str) -> None:
    """Open a page of the inbox; return once its scripts listen."""
    tab.goto(desk.address + path)
    tab.wait_for_selector("html.scripted")


def status_of(desk: InboxDesk, ref: AssistanceRef) -> Status:
    return desk.write(lambda uow: uow.assistances.by_ref(ref).status)


def said(desk: InboxDesk, ref: AssistanceRef) -> list[str]:
    """What was said in an assistance, in order."""
    it = desk.write(lambda uow: uow.assistances.by_ref(ref))
    lines = desk.write(lambda uow: uow.events.of(it.id))
    return [x.event.text for x in lines if isinstance(x.event, e.MessageAdded)]


def mails_to(desk: InboxDesk, address: str) -> list[str]:
    """What arrived at an address, decoded as far as a test looks."""
    return [
        letter.content.decode(errors="replace")
        for letter in desk.mailbox.sent
        if address in letter.content.decode(errors="replace")
    ]


class Keyboard:
    """Presses keys and counts them; typing words does not count."""

    def __init__(self, tab: Page) -> None:
        self._tab = tab
        self.presses = 0

    def press(self, *keys: str) -> None:
        """Press one key after the other."""
        for key in keys:
            self._tab.keyboard.press(key)
            self.presses += 1


# --- live (A1, A2) ------------------------------------------------------------------


def test_a_mail_shows_in_an_open_inbox_without_a_reload(
    tab: Page, desk: InboxDesk
) -> None:
    """A1, from the mail server to the line of the list; X8: it is said aloud."""
    go(tab, desk, "/inbox?queue=all&tri=recent")
    tab.evaluate("window.isTheSame = true")
    tab.wait_for_selector(".live.live")
    body = "Bonjour, plus rien ne chauffe au 5 rue Neuve, 69001 Lyon."
    deliver(desk, "nadia@neuf.example", "Plus de chauffage", body, f"<p>{body}</p>")
    expect(tab.locator(".rows")).to_contain_text("plus rien ne chauffe")
    assert tab.evaluate("window.isTheSame")


def test_a_message_shows_in_the_open_assistance_and_takes_no_focus(
    tab: Page, desk: InboxDesk
) -> None:
    """A1, X8: the timeline is a log, which screen readers follow by themselves."""
    ref = opened(desk)
    go(tab, desk, f"/inbox/a/{ref}")
    tab.wait_for_selector(".live.live")
    area = tab.get_by_label("Réponse au client")
    area.fill("Bonjour Sophie")
    desk.do(ref, c.AddMessage("Et le salon aussi."), by=desk.client_of(ref))
    timeline = tab.get_by_role("log")
    expect(timeline).to_contain_text("Et le salon aussi.")
    expect(area).to_be_focused()
    expect(area).to_have_value("Bonjour Sophie")
    for what in ("#toasts", "[data-live]", "[data-state] >> nth=0"):
        expect(tab.locator(what)).to_have_attribute("role", "status")


def test_two_tabs_go_their_own_ways(
    browser: BrowserContext, tab: Page, desk: InboxDesk
) -> None:
    """A2: they share the connection, not the place."""
    other = browser.new_page()
    other.set_viewport_size({"width": 1440, "height": 900})
    one, two = opened(desk), opened(desk)
    go(tab, desk, f"/inbox/a/{one}?queue=all&tri=recent")
    go(other, desk, f"/inbox/a/{two}?queue=all&tri=recent")
    for page in (tab, other):
        page.wait_for_selector(".live.live")
    tab.locator(f"[data-ref={desk.refs['done']}] .it").click()
    expect(tab).to_have_url(re.compile(desk.refs["done"]))
    desk.do(two, c.AddMessage("Bonjour."), by=desk.client_of(two))
    expect(other.get_by_role("log")).to_contain_text("Bonjour.")
    assert two in other.url
    assert desk.refs["done"] in tab.url
    tab.go_back()
    expect(tab.locator("#assistance")).to_have_attribute("data-ref", one)


# --- by keyboard (A4 to A6, A8, X6) -------------------------------------------------


def test_three_in_a_row_are_answered_by_keyboard_alone(
    tab: Page, desk: InboxDesk, quick: None
) -> None:
    """A4: read, canned answer, send, next, in at most six presses each."""
    three = [opened(desk) for _ in range(3)]
    go(tab, desk, f"/inbox/a/{three[2]}?queue=all&tri=demandee")
    for ref in reversed(three):
        keyboard = Keyboard(tab)
        expect(tab.locator("#assistance")).to_have_attribute("data-ref", ref)
        tab.wait_for_selector(".composer.has-script")
        keyboard.press("r", ";")
        expect(tab.get_by_role("option")).to_have_count(1)
        keyboard.press("Enter", "Control+Enter")
        expect(tab.get_by_label("Réponse au client")).to_have_value("")
        keyboard.press("Escape", "j")
        assert keyboard.presses <= 6
    for ref in three:
        until(lambda ref=ref: any(ref in text for text in said(desk, ref)))  # type: ignore[misc]


def walked(desk: InboxDesk) -> tuple[AssistanceRef, AssistanceRef, AssistanceRef]:
    """Three assistances in the order in which J opens them; each says its place."""
    three = [opened(desk) for _ in range(3)]
    for ref, place in zip(reversed(three), ("un", "deux", "trois"), strict=True):
        desk.do(ref, c.AddMessage(f"Dossier {place}."), by=desk.client_of(ref))
    first, second, third = reversed(three)
    return first, second, third


def shows(tab: Page, ref: AssistanceRef, place: str) -> None:
    """The page is in all its parts that of an assistance."""
    expect(tab.locator("#assistance")).to_have_attribute("data-ref", ref)
    expect(tab).to_have_url(re.compile(ref))
    expect(tab.get_by_role("log")).to_contain_text(f"Dossier {place}.")
    expect(tab.locator(".composer")).to_have_attribute("data-ref", ref)
    expect(tab.locator("#list li:has(.it.sel)")).to_have_attribute("data-ref", ref)


def test_what_was_asked_of_one_assistance_never_covers_the_next(
    tab: Page, desk: InboxDesk
) -> None:
    """A4: its messages would stand above the composer of another client."""
    first, second, third = walked(desk)
    go(tab, desk, f"/inbox/a/{first}?queue=all&tri=demandee")
    tab.wait_for_selector(".live.live")
    late = Late(tab, rf"/inbox/a/{first}\?", "queues list")
    desk.do(first, c.AddMessage("Encore un mot."), by=desk.client_of(first))
    late.asked()
    tab.keyboard.press("j")
    shows(tab, second, "deux")
    late.come()
    shows(tab, second, "deux")
    tab.keyboard.press("j")
    shows(tab, third, "trois")


def test_what_changes_while_an_assistance_opens_shows_once_it_is_open(
    browser: BrowserContext, tab: Page, desk: InboxDesk
) -> None:
    first, second, _ = walked(desk)
    go(tab, desk, f"/inbox/a/{first}?queue=all&tri=demandee")
    tab.wait_for_selector(".live.live")
    other = browser.new_page()
    go(other, desk, f"/inbox/a/{second}")
    late = Late(tab, rf"/inbox/a/{second}\?", "assistance")
    tab.keyboard.press("j")
    late.asked()
    late.drawn()
    desk.do(second, c.AddMessage("Encore un mot."), by=desk.client_of(second))
    # The first tab holds the connection: it knows what another one shows.
    expect(other.get_by_role("log")).to_contain_text("Encore un mot.")
    late.come()
    expect(tab.get_by_role("log")).to_contain_text("Encore un mot.")
    shows(tab, second, "deux")


def test_keys_pressed_faster_than_assistances_open_count_in_their_order(
    tab: Page, desk: InboxDesk
) -> None:
    """J J R: the reply is one to the third, and no word of it to another."""
    first, second, third = walked(desk)
    go(tab, desk, f"/inbox/a/{first}?queue=all&tri=demandee")
    late = Late(tab, rf"/inbox/a/{second}\?", "assistance")
    later = Late(tab, rf"/inbox/a/{third}\?", "assistance")
    tab.keyboard.press("j")
    late.asked()
    tab.keyboard.press("j")
    later.asked()
    tab.keyboard.press("r")
    tab.keyboard.press("n")
    later.come()
    late.come()
    shows(tab, third, "trois")
    area = tab.get_by_label("Réponse au client")
    expect(area).to_be_focused()
    expect(area).to_have_value("")


def test_a_reply_that_leads_to_the_next_skips_nobody_when_its_answer_is_late(
    tab: Page, desk: InboxDesk, patient: None
) -> None:
    """A4: who pressed J meanwhile is at the next one already."""
    first, second, _ = walked(desk)
    go(tab, desk, f"/inbox/a/{first}?queue=all&tri=demandee")
    tab.get_by_label("Réponse au client").fill("Nous regardons.")
    late = Late(tab, rf"/inbox/a/{first}/send", "data")
    tab.locator("[data-form=reply] [data-menu] summary").click()
    tab.locator("[data-form=reply] [value=next]").click()
    late.asked()
    tab.keyboard.press("Escape")
    tab.keyboard.press("j")
    shows(tab, second, "deux")
    # Whatever it leads to begins before the list is drawn again.
    with tab.expect_response(
        lambda it: "list" in it.request.headers.get("azbot-part", "")
    ):
        late.come()
    expect(tab.locator(".toast")).to_be_visible()
    shows(tab, second, "deux")


def test_a_dialog_that_comes_late_is_not_shown_over_another_assistance(
    tab: Page, desk: InboxDesk
) -> None:
    first, second, _ = walked(desk)
    go(tab, desk, f"/inbox/a/{first}?queue=all&tri=demandee")
    late = Late(tab, rf"/inbox/a/{first}/do/complement", "dialog")
    tab.keyboard.press("d")
    late.asked()
    tab.keyboard.press("j")
    shows(tab, second, "deux")
    late.come()
    expect(tab.locator("#dialog")).to_be_hidden()


def test_the_line_with_the_focus_keeps_it_when_the_list_is_drawn_again(
    tab: Page, desk: InboxDesk
) -> None:
    first, second, third = walked(desk)
    go(tab, desk, "/inbox?queue=all&tri=demandee")
    tab.wait_for_selector(".live.live")
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    line = tab.locator(f"#list [data-ref={second}] .it")
    expect(line).to_be_focused()
    desk.do(first, c.AddMessage("Encore un mot."), by=desk.client_of(first))
    expect(tab.locator(f"#list [data-ref={first}]")).to_contain_text("Encore un mot.")
    expect(line).to_be_focused()
    tab.keyboard.press("j")
    expect(tab.locator(f"#list [data-ref={third}] .it")).to_be_focused()


def test_a_proposed_station_is_assigned_in_two_actions(
    tab: Page, desk: InboxDesk, quick: None
) -> None:
    """A5: open, « Attribuer »."""
    ref = opened(desk)
    go(tab, desk, "/inbox?queue=all&tri=recent")
    tab.locator(f"[data-ref={ref}] .it").click()
    tab.get_by_role("button", name=re.compile("Froid Rhône Services")).click()
    expect(tab.locator(".toast")).to_be_visible()
    until(lambda: status_of(desk, ref) is Status.ASSIGNED)
    until(lambda: any(ref in mail for mail in mails_to(desk, "froid@sta.example")))


def test_a_complement_is_asked_in_four_actions(
    tab: Page, desk: InboxDesk, quick: None
) -> None:
    """A6: D, tick, Ctrl+Enter; the client has the mail ten seconds later."""
    ref = opened(desk, service="commissioning")
    go(tab, desk, f"/inbox/a/{ref}")
    keyboard = Keyboard(tab)
    keyboard.press("d")
    dialog = tab.locator("#dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Photo", exact=False).first.check()
    comment = dialog.locator("textarea")
    if not comment.input_value():
        comment.fill("Une photo, merci.")
    keyboard.press("Control+Enter")
    assert keyboard.presses + 1 <= 4
    expect(dialog).to_be_hidden()
    until(lambda: status_of(desk, ref) is Status.WAITING)
    until(lambda: any(ref in mail for mail in mails_to(desk, CLIENT[1])))


def test_another_assistance_opens_on_the_reply_unless_a_note_was_begun(
    tab: Page, desk: InboxDesk
) -> None:
    """A8."""
    one, two = opened(desk), opened(desk)
    go(tab, desk, f"/inbox/a/{two}?queue=all&tri=recent")
    tab.wait_for_selector(".composer.has-script")
    tab.keyboard.press("n")
    with tab.expect_response(re.compile("/draft/note$")):
        tab.get_by_label("Note pour l’équipe").press_sequentially("À revoir")
    tab.locator(f"[data-ref={one}] .it").click()
    expect(tab.get_by_role("button", name="Envoyer au client")).to_be_visible()
    tab.locator(f"[data-ref={two}] .it").click()
    expect(tab.get_by_role("button", name="Enregistrer la note")).to_be_visible()
    expect(tab.get_by_label("Note pour l’équipe")).to_have_value("À revoir")


def test_letters_act_only_outside_of_fields_and_can_be_turned_off(
    tab: Page, desk: InboxDesk
) -> None:
    """X6."""
    ref = opened(desk)
    go(tab, desk, f"/inbox/a/{ref}")
    tab.locator("#q").press_sequentially("amdn?")
    expect(tab.locator("dialog[open]")).to_have_count(0)
    expect(tab.locator("#q")).to_have_value("amdn?")

    shortcuts(tab, desk, act=False)
    go(tab, desk, f"/inbox/a/{ref}")
    tab.keyboard.press("?")
    tab.keyboard.press("a")
    tab.keyboard.press("Control+k")
    expect(tab.locator("#palette")).to_be_visible()
    expect(tab.locator("dialog[open]")).to_have_count(1)
    shortcuts(tab, desk, act=True)


def shortcuts(tab: Page, desk: InboxDesk, *, act: bool) -> None:
    """Say whether single letters act; return once it is kept."""
    tab.goto(f"{desk.address}/account")
    tab.get_by_label(re.compile("[Rr]accourcis")).set_checked(act)
    # Whoever closes the tab too soon leaves the letters off for all tests to come.
    with tab.expect_navigation():
        tab.locator("form[action='/account/profile'] button").click()


# --- on a phone (A22) ---------------------------------------------------------------


def test_on_a_phone_one_reads_replies_assigns_and_validates_a_visit(
    tab: Page, desk: InboxDesk, quick: None
) -> None:
    """A22."""
    tab.set_viewport_size({"width": 360, "height": 740})
    ref, second = opened(desk), to_approve(desk)
    go(tab, desk, "/inbox?queue=all&tri=recent")
    tab.locator(f"[data-ref={ref}] .it").click()
    expect(tab.get_by_role("log")).to_contain_text("La zone reste froide.")
    tab.get_by_label("Réponse au client").fill("Nous nous en occupons.")
    tab.get_by_role("button", name="Envoyer au client").click()
    until(lambda: "Nous nous en occupons." in said(desk, ref))

    tab.locator("#assistance [data-do=assign]").click()
    tab.locator("#dialog").get_by_label("Froid Rhône Services").check()
    tab.locator("#dialog button.primary").click()
    until(lambda: status_of(desk, ref) is Status.ASSIGNED)

    tab.get_by_role("link", name="Retour à la liste").click()
    tab.locator(f"[data-ref={second}] .it").click()
    tab.locator("#assistance [data-do=approve]").click()
    tab.locator("#dialog button.primary").click()

    def is_planned() -> bool:
        it = desk.write(lambda uow: uow.assistances.by_ref(second))
        return it.interventions[-1].status is InterventionStatus.PLANNED

    until(is_planned)


# --- taken back, pressed twice (X17, X19) -------------------------------------------


def test_an_action_can_be_taken_back_for_eight_seconds(
    tab: Page, desk: InboxDesk
) -> None:
    """X17: the server holds it for as long as the page offers to undo."""
    assert timedelta(seconds=8) == HELD_FOR
    ref = opened(desk)
    go(tab, desk, f"/inbox/a/{ref}")
    tab.get_by_role("button", name=re.compile("Froid Rhône Services")).click()
    tab.locator(".toast").get_by_role("button", name="Annuler").click()
    expect(tab.locator(".toast")).to_contain_text("nnulé")
    assert status_of(desk, ref) is Status.SUBMITTED
    assert not desk.run(desk.app.store.views.holds_by(desk.people["camille"]))


@pytest.mark.parametrize(
    ("what", "count"),
    [
        ("reply", lambda desk, ref: said(desk, ref).count("Deux fois.")),
        ("note", lambda desk, ref: notes(desk, ref).count("Deux fois.")),
    ],
)
def test_a_double_press_is_one(
    what: str,
    count: Callable[[InboxDesk, AssistanceRef], int],
    tab: Page,
    desk: InboxDesk,
    quick: None,
) -> None:
    """X19."""
    ref = opened(desk)
    go(tab, desk, f"/inbox/a/{ref}")
    tab.wait_for_selector(".composer.has-script")
    tab.locator(f"[data-kind][value={what}]").check(force=True)
    tab.locator(f"#composer-{what}").fill("Deux fois.")
    tab.locator(f"[data-form={what}] [data-send]").dblclick()
    until(lambda: count(desk, ref) > 0)
    expect(tab.locator(f"#composer-{what}")).to_have_value("")
    assert not desk.run(desk.app.store.views.holds_by(desk.people["camille"]))
    assert count(desk, ref) == 1


def notes(desk: InboxDesk, ref: AssistanceRef) -> list[str]:
    """The notes of an assistance, in order."""
    it = desk.write(lambda uow: uow.assistances.by_ref(ref))
    lines = desk.write(lambda uow: uow.events.of(it.id))
    return [x.event.text for x in lines if isinstance(x.event, e.NoteAdded)]


# --- without script -----------------------------------------------------------------


def test_without_script_one_signs_in_reads_replies_undoes_acts_and_notes(
    chromium: Browser, desk: InboxDesk, patient: None
) -> None:
    ref = opened(desk)
    context = chromium.new_context(locale="fr-FR", java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{desk.address}/inbox?queue=all&tri=recent")
    enter(tab, "camille")
    tab.locator(f"[data-ref={ref}] .it").click()
    expect(tab.get_by_role("log")).to_contain_text("La zone reste froide.")

    tab.get_by_label("Réponse au client").fill("Nous regardons.")
    tab.get_by_role("button", name="Envoyer au client").click()
    expect(tab.locator(".held")).to_contain_text("Message envoyé dans")
    tab.locator(".held").get_by_role("button", name="Annuler").click()
    tab.goto(f"{desk.address}/inbox/a/{ref}")
    expect(tab.get_by_label("Réponse au client")).to_have_value("Nous regardons.")

    tab.locator("summary[aria-label='Autres actions']").click()
    tab.locator("#assistance .drop [data-do=requalify]:visible").click()
    tab.locator("[name=service]").last.check()
    tab.locator("[name=reason]").fill("Le client s’est trompé.")
    tab.locator(".bar .primary").click()
    expect(tab).to_have_url(re.compile(f"/inbox/a/{ref}"))

    tab.locator("[data-kind][value=note]").check(force=True)
    tab.get_by_label("Note pour l’équipe").fill("À suivre.")
    tab.get_by_role("button", name="Enregistrer la note").click()
    expect(tab.get_by_role("log")).to_contain_text("À suivre.")
    assert notes(desk, ref) == ["À suivre."]
    context.close()


# --- words of strangers -------------------------------------------------------------

EVIL = '"><img src=x onerror=alert(1)><script>alert(2);document.title="pris"</script>'


def test_no_word_of_anybody_runs_in_a_browser(
    tab: Page, desk: InboxDesk, patient: None
) -> None:
    """Stored XSS; the console tells when a policy had to stop something."""
    said_aloud: list[str] = []
    tab.on("console", lambda it: said_aloud.append(it.text))
    deliver(
        desk,
        "eve@mauvais.example",
        EVIL,
        f"Panne au 9 rue Neuve, 69001 Lyon. {EVIL}",
        f"<body onload='alert(3)'><p>Panne {EVIL}</p>"
        "<svg onload='alert(4)'></svg><a href='javascript:alert(5)'>ici</a></body>",
        name=EVIL.replace('"', ""),
    )
    eve: list[AssistanceRef] = []

    def arrived() -> bool:
        person = desk.run(desk.app.store.views.by_address("eve@mauvais.example"))
        eve.extend(_of(desk, person.id) if person else [])
        return bool(eve)

    until(arrived)
    ref = eve[0]
    camille = desk.actor("camille")
    desk.do(ref, c.AddNote(EVIL), c.SetTags((EVIL[:30],)), by=camille)

    def furnish(uow: UnitOfWork) -> None:
        now, me = desk.app.clock.now(), desk.people["camille"]
        uow.saved_views.add(SavedView(0, me, EVIL[:60], "dept=69", now))
        uow.canned_answers.add(CannedAnswer(0, EVIL[:60], EVIL, now, "mal"))

    desk.write(furnish)
    it = desk.write(lambda uow: uow.assistances.by_ref(ref))
    first = desk.write(lambda uow: uow.events.of(it.id))[0].id
    for path in (
        f"/inbox/a/{ref}?queue=all&tri=recent",
        f"/inbox/a/{ref}/print",
        f"/inbox/a/{ref}/original/{first}",
        f"/inbox/a/{ref}/as-client",
        f"/inbox/a/{ref}/do/tags",
        "/inbox?q=%22%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E",
        "/inbox/held",
        "/inbox/dead",
        "/inbox/stats",
    ):
        tab.goto(desk.address + path)
        assert tab.locator("[onerror], [onload], img[src=x]").count() == 0, path
        assert tab.title() != "pris"
    go(tab, desk, f"/inbox/a/{ref}")
    tab.wait_for_selector(".composer.has-script")
    tab.keyboard.press("r")
    tab.keyboard.press(";")
    expect(tab.get_by_role("option")).to_have_count(2)
    tab.keyboard.type("mal")
    tab.keyboard.press("Enter")
    expect(tab.get_by_label("Réponse au client")).to_have_value(re.compile("onerror"))
    tab.locator("[data-form=reply] [data-pick]").set_input_files(
        FilePayload(name=f"{EVIL[:36]}.pdf", mimeType="application/pdf", buffer=_PDF)
    )
    expect(tab.locator(".files li")).to_have_count(1)
    tab.get_by_role("button", name="Envoyer au client").click()
    expect(tab.locator(".files li")).to_have_count(0)
    tab.keyboard.press("Escape")
    tab.keyboard.press("Control+k")
    tab.locator("#palette-q").fill("eve@mauvais")
    expect(tab.locator("#palette-list [data-ref]")).to_have_count(1)
    # The frame of the original may run and load nothing; Chromium tells so.
    faults = [it for it in said_aloud if "/original/" not in it]
    assert faults == []


_PDF = b"%PDF-1.7\n" + b"bon de commande " * 8


def _of(desk: InboxDesk, person: int) -> list[AssistanceRef]:
    """The assistances somebody asked for."""
    page = desk.run(desk.app.store.views.page(limit=50))
    return [it.ref for it in page.items if it.requester == person]
