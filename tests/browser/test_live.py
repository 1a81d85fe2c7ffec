"""The live link in Chromium: tabs, cuts, colleagues (ux.md A1 to A3, A10)."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as TooLate

from azbot.testing.patience import PATIENCE
from azbot.workflow import commands as c
from tests.browser.inboxdesk import DESK, InboxDesk
from tests.browser.livepage import browser_of, open_page, streams, wait
from tests.browser.livepage import told as told_of
from tests.browser.wire import wire

pytestmark = pytest.mark.browser

SEEN = "window.live.othersAt({ref}).map(({{level}}) => level).join() === {level}"


def note(desk: InboxDesk, words: str) -> int:
    """Do something in an assistance; return the number of what happened."""
    ref = desk.refs["new"]
    desk.do(ref, c.AddNote(words), by=desk.actor("alix"))
    it = desk.write(lambda uow: uow.events.of(uow.assistances.by_ref(ref).id))
    assert it[-1].id is not None
    return it[-1].id


def told(page: Page, desk: InboxDesk) -> list[int]:
    """What a tab heard of ``note``, in order."""
    return told_of(page, desk.refs["new"])


def until(condition: Callable[[], bool]) -> None:
    """Wait for the server, which no page can watch."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def has(page: Page, number: int) -> None:
    wait(page, f"window.told.some(([, , n]) => n === {number})")


def sees(page: Page, ref: str, level: str) -> None:
    wait(page, SEEN.format(ref=repr(ref), level=repr(level)))


def test_a_change_shows_in_an_open_page(chromium: Browser, desk: InboxDesk) -> None:
    """A1, from the commit on."""
    with browser_of(chromium, desk, "camille") as context:
        page = open_page(context, desk, "camille")
        has(page, note(desk, "Vu."))


def test_a_mail_of_a_client_shows_in_an_open_page(
    chromium: Browser, desk: InboxDesk
) -> None:
    """A1, from the receipt on, through intake and commit."""
    mail = (
        f"From: Sophie Martin <sophie@clim-martin.example>\r\nTo: {DESK}\r\n"
        "Subject: Panne\r\nMessage-ID: <panne@clim-martin.example>\r\n\r\n"
        "Bonjour, plus rien ne chauffe au 3 rue Neuve, 69001 Lyon.\r\n"
    ).encode()

    async def arrive() -> None:
        desk.mailbox.deliver(mail, sender="sophie@clim-martin.example")

    with browser_of(chromium, desk, "camille") as context:
        page = open_page(context, desk, "camille")
        desk.run(arrive())
        news = "window.told.some(([type]) => type === 'change' || type === 'ledger')"
        wait(page, news)


def test_eight_tabs_live_together_over_one_connection(
    chromium: Browser, desk: InboxDesk
) -> None:
    """A2."""
    with browser_of(chromium, desk, "camille") as context:
        before = streams(desk)
        tabs = [open_page(context, desk, "camille") for _ in range(8)]
        assert streams(desk) - before == 1
        assert [tab.evaluate("live.isLeader") for tab in tabs] == [True] + [False] * 7
        number = note(desk, "Huit onglets.")
        for tab in tabs:
            has(tab, number)
            assert told(tab, desk) == [number]


def test_when_the_leading_tab_closes_the_others_go_on(
    chromium: Browser, desk: InboxDesk
) -> None:
    with browser_of(chromium, desk, "camille") as context:
        tabs = [open_page(context, desk, "camille") for _ in range(3)]
        first = note(desk, "Avant.")
        for tab in tabs:
            has(tab, first)
        tabs[0].close()
        second = note(desk, "Pendant.")
        for tab in tabs[1:]:
            has(tab, second)
            assert told(tab, desk) == [first, second]
        until(lambda: sum(tab.evaluate("live.isLeader") for tab in tabs[1:]) == 1)
        # A tab that comes later follows whoever leads now.
        late = open_page(context, desk, "camille")
        third = note(desk, "Après.")
        for tab in (*tabs[1:], late):
            has(tab, third)
        assert told(late, desk) == [third]


def test_after_a_cut_everything_is_caught_up_once(
    chromium: Browser, desk: InboxDesk
) -> None:
    """A3, with a cut that is long enough to be shown."""
    with wire(desk.address) as line, browser_of(chromium, desk, "camille") as context:
        tabs = [open_page(context, desk, "camille", line.address) for _ in range(2)]
        before = note(desk, "Avant la coupure.")
        for tab in tabs:
            has(tab, before)
        line.cut()
        for tab in tabs:
            wait(tab, "live.state === 'offline'")
        missed = [note(desk, f"Manqué {turn}.") for turn in range(3)]
        assert [told(tab, desk) for tab in tabs] == [[before]] * 2
        line.mend()
        for tab in tabs:
            has(tab, missed[-1])
            wait(tab, "live.state === 'live'")
        after = note(desk, "Après la coupure.")
        for tab in tabs:
            has(tab, after)
            assert told(tab, desk) == [before, *missed, after]
            assert tab.evaluate("window.states") == ["live", "offline", "live"]


def test_a_line_that_died_without_a_word_is_replaced(
    chromium: Browser, desk: InboxDesk
) -> None:
    with wire(desk.address) as line, browser_of(chromium, desk, "camille") as context:
        tab = open_page(context, desk, "camille", line.address, has_own_time=True)
        line.deaden()
        missed = note(desk, "Perdu en route.")
        tab.clock.fast_forward(46_000)
        # Chromium may first try a connection it kept, which is as dead.
        while not told(tab, desk):
            tab.clock.fast_forward(16_000)
            with suppress(TooLate):
                tab.wait_for_function("window.told.length", timeout=1500)
        assert told(tab, desk) == [missed]


def test_a_leading_tab_that_sleeps_is_relieved(
    chromium: Browser, desk: InboxDesk
) -> None:
    with browser_of(chromium, desk, "camille") as context:
        leader = open_page(context, desk, "camille")
        tab = open_page(context, desk, "camille", has_own_time=True)
        before = streams(desk)
        sleep = context.new_cdp_session(leader)
        sleep.send("Page.setWebLifecycleState", {"state": "frozen"})
        tab.clock.fast_forward(46_000)
        wait(tab, "live.isLeader && live.state === 'live'")
        number = note(desk, "Elle dort.")
        has(tab, number)
        sleep.send("Page.setWebLifecycleState", {"state": "active"})
        wait(leader, "!live.isLeader")
        has(leader, note(desk, "Elle se réveille."))
        until(lambda: streams(desk) == before)


def test_a_session_that_ended_is_told_from_a_net_that_is_lost(
    chromium: Browser, desk: InboxDesk
) -> None:
    with browser_of(chromium, desk, "bruno") as context:
        tabs = [open_page(context, desk, "bruno") for _ in range(2)]
        cookies = context.cookies(desk.address.replace("http:", "https:"))
        context.clear_cookies()
        tabs[1].evaluate("live.present.renew()")
        for tab in tabs:
            tab.evaluate("live.present.renew()")
            wait(tab, "live.state === 'signed-out'")
        context.add_cookies(
            [{**cookie, "secure": True} for cookie in cookies]  # type: ignore[typeddict-item]
        )
        tabs[1].evaluate("live.present.renew()")
        for tab in tabs:
            wait(tab, "live.state === 'live'")
            has(tab, note(desk, "De retour."))


def test_two_browsers_see_each_other_and_who_writes(
    chromium: Browser, desk: InboxDesk
) -> None:
    """A10."""
    ref = desk.refs["planned"]
    with (
        browser_of(chromium, desk, "alix") as one,
        browser_of(chromium, desk, "bruno") as two,
    ):
        alix, bruno = open_page(one, desk, "alix"), open_page(two, desk, "bruno")
        alix.evaluate("ref => live.present.see(ref)", ref)
        bruno.evaluate("ref => live.present.see(ref)", ref)
        sees(alix, ref, "sees")
        sees(bruno, ref, "sees")
        alix.evaluate("ref => live.present.type(ref)", ref)
        sees(bruno, ref, "types")
        sees(bruno, ref, "sees")
        assert alix.evaluate("ref => live.at(ref).length", ref) == 2
        alix.evaluate("live.present.leave()")
        sees(bruno, ref, "")
        is_there = "live.othersAt('').some(({ name }) => name === 'Alix Moreau')"
        assert bruno.evaluate(is_there)
        alix.goto("about:blank")
        wait(bruno, f"!{is_there}")


def test_a_tab_in_the_background_is_here_and_sees_nothing(
    chromium: Browser, desk: InboxDesk
) -> None:
    ref = desk.refs["done"]
    with (
        browser_of(chromium, desk, "camille") as one,
        browser_of(chromium, desk, "bruno") as two,
    ):
        camille, bruno = open_page(one, desk, "camille"), open_page(two, desk, "bruno")
        camille.evaluate("ref => live.present.see(ref)", ref)
        sees(bruno, ref, "sees")
        camille.evaluate(
            "Object.defineProperty(document, 'hidden', { value: true });"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
        sees(bruno, ref, "")
