"""The list of the inbox in a browser: keyboard, filters, several at once, live."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from azbot.channels.web.inbox import listing
from azbot.workflow import commands as c
from tests.browser.axe import each_width, violations_everywhere
from tests.browser.inboxdesk import InboxDesk
from tests.browser.late import Late

pytestmark = pytest.mark.browser

ALL = "/inbox?queue=all&tri=ancien"


@pytest.fixture
def camille(desk: InboxDesk, page: Page) -> Page:
    """A browser of somebody who is signed in."""
    desk.signed_in(page, "camille")
    page.set_viewport_size({"width": 1440, "height": 900})
    return page


def go(page: Page, desk: InboxDesk, url: str) -> None:
    page.goto(desk.address + url)
    page.wait_for_selector("html.scripted")


def shown(page: Page) -> list[str]:
    return [str(ref) for ref in page.eval_on_selector_all(
        ".rows > li", "all => all.map((one) => one.dataset.ref)"
    )]  # fmt: skip


def test_letters_move_tick_and_several_are_taken_in_one_go(
    desk: InboxDesk, camille: Page
) -> None:
    page = camille
    go(page, desk, ALL)
    known = shown(page)
    page.keyboard.press("j")
    expect(page.locator(".it:focus")).to_have_attribute(
        "href", f"/inbox/a/{known[0]}?queue=all&tri=ancien"
    )
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")
    page.keyboard.press("Shift+J")
    expect(page.locator("[data-picked]")).to_have_text("3")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("[data-picked]")).to_have_text("2")
    page.click(".bulk button[value=take]")
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("2 dossiers seront modifiés.")
    dialog.locator("button.primary").click()
    expect(page.locator("#toasts")).to_contain_text("2 dossiers modifiés.")
    expect(dialog).to_be_hidden()
    owners = [
        desk.write(lambda uow, ref=ref: uow.assistances.by_ref(ref).owner_name)  # type: ignore[misc]
        for ref in (known[0], known[1], known[2])
    ]
    assert owners == ["Camille Durand", "", "Camille Durand"]


def test_filters_leave_a_clean_address_and_the_back_button_brings_them_back(
    desk: InboxDesk, camille: Page
) -> None:
    page = camille
    go(page, desk, ALL)
    page.click("[data-filter=status] summary")
    page.check("input[name=statut][value=attente]")
    page.click("[data-filter=service] summary")
    # One panel closes the other, and keeps what was chosen in it.
    expect(page.locator("[data-filter=status]")).not_to_have_attribute("open", "")
    page.check("input[name=type][value=hors]")
    page.click("[data-filter=service] .primary")
    page.wait_for_url("**/inbox?*statut=attente*")
    query = page.url.partition("?")[2]
    assert sorted(query.split("&")) == [
        "queue=all",
        "statut=attente",
        "tri=ancien",
        "type=hors",
    ]
    assert shown(page) == [desk.refs["waiting"]]
    page.click(".chips a.on >> text=Statut")
    expect(page.locator(".rows > li")).to_have_count(2)
    page.go_back()
    assert shown(page) == [desk.refs["waiting"]]
    page.reload()
    assert shown(page) == [desk.refs["waiting"]]


def test_a_panel_closes_by_escape_and_by_a_press_elsewhere(
    desk: InboxDesk, camille: Page
) -> None:
    page = camille
    go(page, desk, ALL)
    panel = page.locator("[data-filter=planned]")
    panel.locator("summary").click()
    page.keyboard.press("Escape")
    expect(panel).not_to_have_attribute("open", "")
    expect(panel.locator("summary")).to_be_focused()
    panel.locator("summary").click()
    page.fill("input[name=programmee_du]", "2026-03-01")
    panel.locator("text=cette semaine").click()
    expect(page.locator("input[name=programmee_du]")).to_have_value("")
    page.click("#list-title")
    expect(panel).not_to_have_attribute("open", "")


def test_further_pages_and_ticks_stay_when_something_happens(
    desk: InboxDesk, camille: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 4)
    page = camille
    page.set_viewport_size({"width": 1440, "height": 420})
    go(page, desk, ALL)
    assert len(shown(page)) == 4
    page.click("[data-next]")
    expect(page.locator(".rows > li")).to_have_count(6)
    assert len(set(shown(page))) == 6
    page.locator(".box").nth(5).click(force=True)
    ref = desk.refs["new"]
    desk.do(ref, c.SetTags(("vu par camille",)), by=desk.actor("camille"))
    expect(page.locator(".tag")).to_have_text("vu par camille")
    expect(page.locator(".rows > li")).to_have_count(6)
    expect(page.locator(".pick").nth(5)).to_be_checked()


def test_pages_that_come_late_stand_once_and_in_order(
    desk: InboxDesk, camille: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third was asked for when the list was drawn again, the second was not."""
    page = camille
    go(page, desk, ALL)
    whole = shown(page)
    monkeypatch.setattr(listing, "PAGE", 2)
    go(page, desk, ALL)
    page.wait_for_selector(".live.live")
    page.click("[data-next]")
    expect(page.locator(".rows > li")).to_have_count(4)
    third = Late(page, "apres=", "list")
    page.click("[data-next]")
    third.asked()
    second = Late(page, "apres=", "list")
    ref = desk.refs["new"]
    desk.do(ref, c.SetTags(("vu par bruno",)), by=desk.actor("bruno"))
    second.asked()
    third.come()
    second.come()
    expect(page.locator(".rows > li")).to_have_count(len(whole))
    assert shown(page) == whole


def test_who_reads_further_down_is_told_not_moved(
    desk: InboxDesk, camille: Page
) -> None:
    page = camille
    page.set_viewport_size({"width": 1440, "height": 420})
    go(page, desk, ALL)
    page.eval_on_selector("[data-items]", "(items) => items.scrollTo(0, 200)")
    ref = desk.refs["planned"]
    desk.do(ref, c.AddMessage("Une question."), by=desk.client_of(ref))
    bar = page.locator("[data-news]")
    expect(bar).to_have_text("1 nouveau")
    assert page.eval_on_selector("[data-items]", "(items) => items.scrollTop") == 200
    bar.click()
    expect(bar).to_be_hidden()
    expect(page.locator(f"[data-ref={ref}]")).to_contain_text("Une question.")


@pytest.fixture
def wide(chromium: Browser, desk: InboxDesk) -> Iterator[Page]:
    """A browser whose widths and colours are tried one after the other."""
    page = chromium.new_page(locale="fr-FR")
    desk.signed_in(page, "camille")
    yield page
    page.context.close()


def test_axe_finds_nothing_in_any_state_of_the_list(
    wide: Page, desk: InboxDesk
) -> None:
    states = {
        ALL: "",
        "/inbox?statut=attente&dept=38&programmee=semaine": "[data-more] summary",
        "/inbox?q=zzz+priorite:haute&statut=attente": "",
        "/inbox?queue=all": "[data-filter=more] summary",
        "/inbox?queue=mine": "[data-filter=planned] summary",
    }
    for url, press in states.items():
        wide.set_viewport_size({"width": _WIDTHS[0], "height": 800})
        wide.goto(desk.address + url)
        if press:
            wide.click(press)
        # An open menu covers targets that nobody presses meanwhile.
        covered = ("target-size",) if press else ()
        assert violations_everywhere(wide, _WIDTHS, without=covered) == [], url
        for width in each_width(wide, _WIDTHS):
            assert wide.evaluate("document.documentElement.scrollWidth") <= width, url
            assert wide.locator("#list details[open]").count() == bool(press), url


_WIDTHS = (360, 800, 1440)


def test_axe_finds_nothing_where_several_are_recapitulated(
    wide: Page, desk: InboxDesk
) -> None:
    wide.goto(desk.address + ALL)
    wide.evaluate(
        "document.querySelectorAll('.pick').forEach((one) => (one.checked = true))"
    )
    # Without the dialog, as a browser without scripts shows it.
    wide.evaluate(
        "() => { const form = document.querySelector('[data-bulk]');"
        " form.append(Object.assign(document.createElement('input'),"
        " { name: 'do', value: 'remind' })); form.submit(); }"
    )
    wide.wait_for_url("**/inbox/bulk")
    assert wide.locator(".told").inner_text().startswith("4 e-mails partiront")
    assert violations_everywhere(wide, _WIDTHS) == []
