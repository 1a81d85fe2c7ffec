"""The page of a client in a browser: one thumb, a slow line, no script (ux.md 7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from azbot.tokens import Purpose, issue_link
from azbot.workflow import commands as c
from azbot.workflow.conversation import messages
from azbot.workflow.model import AssistanceRef, Status
from tests.browser.axe import each_width, violations, violations_everywhere
from tests.browser.inboxdesk import InboxDesk
from tests.browser.test_inbox_pages import SMALL
from tests.browser.test_live import until

pytestmark = pytest.mark.browser

TABS = ("", "/station", "/visits", "/documents", "/history", "/messages")
CUT = r"""
() => [...document.querySelectorAll('.track li')].flatMap((step) => {
  const found = [], range = document.createRange();
  const texts = document.createTreeWalker(step, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.matches('.sr')) continue;
    for (const word of text.data.matchAll(/\S+/g)) {
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (range.getClientRects().length > 1) found.push(word[0]);
    }
  }
  return found;
})
"""
"""Words of the steps that are broken over two lines."""


def link(desk: InboxDesk, ref: AssistanceRef) -> str:
    it = desk.write(lambda uow: uow.assistances.by_ref(ref))
    end = desk.app.clock.now() + timedelta(days=30)
    token = issue_link(desk.app.door.keyring, Purpose.LINK, it.id, it.requester, end)
    return f"{desk.address}/a/{token}"


def said(desk: InboxDesk, ref: AssistanceRef) -> list[str]:
    it = desk.write(lambda uow: uow.assistances.by_ref(ref))
    views = desk.app.store.views
    return [m.text for m in messages(desk.run(views.timeline(it.id, is_internal=True)))]


def status(desk: InboxDesk, ref: AssistanceRef) -> Status:
    return desk.write(lambda uow: uow.assistances.by_ref(ref)).status


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        viewport={"width": 360, "height": 640},
        locale="fr-FR",
        reduced_motion="reduce",
        is_mobile=True,
        has_touch=True,
    )
    yield context
    context.close()


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": 360, "height": 640},
        locale="fr-FR",
        java_script_enabled=False,
    )
    yield context.new_page()
    context.close()


MAIN = {
    "waiting": ("Photographier", "Répondre"),
    "planned": ("Ajouter à mon agenda", "Demander une autre date"),
    "done": ("Oui, clôturer", "Non"),
    "incomplete": ("Compléter la demande",),
}


def test_what_there_is_to_do_is_in_sight_and_opens_by_one_tap(
    phone: BrowserContext, desk: InboxDesk
) -> None:
    """C1; C2: open, « Photographier », shutter, use: no tap of the page's own."""
    page = phone.new_page()
    for name, labels in MAIN.items():
        page.goto(link(desk, desk.refs[name]))
        bar = page.locator(".msg").bounding_box()
        assert bar is not None
        for label in labels:
            one = page.locator(".step :is(a, label)", has_text=label).first
            box = one.bounding_box()
            assert box is not None, (name, label)
            assert box["y"] + box["height"] <= bar["y"], (name, label, box)
            assert box["height"] >= 44, (name, label)
    photo = page.locator("input[capture]")
    page.goto(link(desk, desk.refs["waiting"]))
    assert photo.get_attribute("accept") == "image/*"


def test_a_photo_is_sent_as_soon_as_it_is_taken(
    phone: BrowserContext, desk: InboxDesk
) -> None:
    """C2."""
    page, ref = phone.new_page(), desk.refs["waiting"]
    page.goto(link(desk, ref))
    page.set_input_files(
        "input[capture]",
        {"name": "bon.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n" * 9},
    )
    expect(page.locator(".said")).to_contain_text("Fichier envoyé")
    assert status(desk, ref) is Status.SUBMITTED


def test_tabs_go_by_tap_and_arrows_stand_in_the_address_and_go_back(
    phone: BrowserContext, desk: InboxDesk
) -> None:
    """C9."""
    page, ref = phone.new_page(), desk.refs["planned"]
    page.goto(link(desk, ref))
    page.wait_for_selector(".has-script")
    page.click("[data-tab=documents]")
    expect(page.locator("[data-tab=documents]")).to_have_attribute(
        "aria-current", "page"
    )
    assert page.url.endswith(f"/portal/{ref}/documents")
    page.focus("[data-tab=documents]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#panel.history")).to_be_visible()
    assert page.url.endswith("/history")
    assert page.evaluate("document.activeElement.dataset.tab") == "history"
    page.go_back()
    expect(page.locator("#panel.documents")).to_be_visible()
    page.go_back()
    expect(page.locator("#panel.request")).to_be_visible()
    assert page.title().endswith("Demande")
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.tab ?? ''"))
    assert len(reached - {""}) == 6


def test_a_message_that_is_sent_appears_once(
    phone: BrowserContext, desk: InboxDesk
) -> None:
    """C10, X19."""
    page, ref = phone.new_page(), desk.refs["assigned"]
    page.goto(link(desk, ref))
    page.wait_for_selector(".has-script")
    page.fill("#message", "Le portail est vert.")
    page.locator(".go").dblclick()
    expect(page.locator("[data-state]")).to_contain_text("Envoyé")
    assert page.input_value("#message") == ""
    assert said(desk, ref).count("Le portail est vert.") == 1
    page.click("[data-tab=messages]")
    expect(page.locator(".bubble", has_text="Le portail est vert.")).to_have_count(1)


def test_what_happens_shows_in_the_open_page_and_disturbs_nobody(
    phone: BrowserContext, desk: InboxDesk
) -> None:
    """C11, X8, X16: no reload, no stolen focus, nothing typed lost."""
    page, ref = phone.new_page(), desk.refs["assigned"]
    page.goto(link(desk, ref))
    page.wait_for_selector(".has-script")
    page.evaluate("window.isSame = true")
    page.click("[data-tab=messages]")
    page.fill("#message", "Je suis en train")
    desk.do(ref, c.AddMessage("Bonjour, une précision."), by=desk.actor("camille"))
    expect(page.locator(".bubble", has_text="une précision")).to_be_visible()
    assert page.evaluate("window.isSame")
    assert page.evaluate("document.activeElement.id") == "message"
    assert page.input_value("#message") == "Je suis en train"
    assert page.inner_text("#told")
    desk.do(ref, c.AcceptMission(), by=desk.actor("camille"))
    expect(page.locator(".head .chip")).to_have_text("En cours")
    assert "En cours" in page.inner_text("#told")


def test_without_script_everything_is_read_written_and_answered(
    plain: Page, desk: InboxDesk
) -> None:
    """C12, C13, X15."""
    ref = desk.refs["done"]
    plain.goto(link(desk, ref))
    for name in ("station", "visits", "documents", "history", "messages", "request"):
        plain.click(f"[data-tab={name}]")
        expect(plain.locator(f"#panel.{name}")).to_be_visible()
    plain.fill("#message", "Un mot sans script.")
    plain.set_input_files(
        ".msg input[type=file]",
        {"name": "un.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n" * 9},
    )
    plain.click(".go")
    expect(plain.locator(".said")).to_contain_text("Envoyé")
    expect(plain.locator(".bubble", has_text="Un mot sans script.")).to_contain_text(
        "un.pdf"
    )
    plain.click("text=Oui, clôturer")
    assert status(desk, ref) is Status.DONE
    plain.click("button:has-text('Oui, clôturer')")
    expect(plain.locator(".chip.closed").first).to_be_visible()
    assert status(desk, ref) is Status.CLOSED


def test_a_first_load_is_small(phone: BrowserContext, desk: InboxDesk) -> None:
    """X13."""
    page = phone.new_page()
    sizes: dict[str, int] = {}

    def note(answer: Any) -> None:
        if "/live" not in answer.url and answer.status == 200:
            sizes[answer.url] = answer.request.sizes()["responseBodySize"]

    page.on("requestfinished", lambda asked: note(asked.response()))
    page.goto(link(desk, desk.refs["planned"]))
    page.wait_for_selector(".has-script")
    until(lambda: len(sizes) >= 4)
    total = sum(sizes.values())
    print(f"portal: {total} octets in {len(sizes)} files")  # noqa: T201
    assert total <= 40 * 1024, sizes
    assert all(url.startswith(desk.address) for url in sizes)


def test_axe_finds_nothing_in_any_status(chromium: Browser, desk: InboxDesk) -> None:
    """X1, X2, X4, X9."""
    cancelled = desk.refs["new"]
    desk.do(cancelled, c.CancelAssistance("Doublon"), by=desk.actor("camille"))
    context = chromium.new_context(locale="fr-FR", reduced_motion="reduce")
    page = context.new_page()
    for ref in desk.refs.values():
        page.goto(link(desk, ref))
        for tab in TABS if ref in (desk.refs["done"], desk.refs["planned"]) else ("",):
            page.goto(f"{desk.address}/portal/{ref}{tab}")
            assert page.locator("h1").count() == 1
            assert page.title().startswith(ref)
            assert violations_everywhere(page) == [], (ref, tab)
            for width in each_width(page, (320, 360, 390, 768)):
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (ref, tab, width)
                assert page.evaluate(CUT) == [], (ref, tab, width)
            page.set_viewport_size({"width": 360, "height": 800})
            assert page.evaluate(SMALL) == [], (ref, tab)
    for act in ("edit/contact", "mistake", "not-solved", "other-date"):
        page.goto(f"{desk.address}/portal/{desk.refs['planned']}/{act}")
        assert violations(page) == [], act
        assert page.evaluate(SMALL) == [], act
    context.close()
