"""How long until what happens stands in a page that is open.

``dev.py bench shown [--times N]``. azbot with its workers in a thread, Chromium, one
thing at a time. In milliseconds, from the commit, the delivery or the press on:

* ``message``: of a client, until it stands in the assistance an agent has open (ux.md
  A1: two seconds); ``mail``: of somebody new, until it is a line of the list (A1).
* ``types``: a colleague begins to write, until the other one reads so (A10).
* ``sent``: a client presses « Envoyer », until it says so (C10: a second);
  ``told``: the desk writes, until it stands in the client's page (C11: five seconds).
* ``slow``: a client's page over a line as slow as « Slow 3G » of Chromium, until the
  first paint (C1: three seconds).

Beside them ``bare``: a text put into the same page by the browser's own means, until
the same look has seen it. ``start_s`` is ``azbot run`` on a database that is there,
until a page is answered: what an update costs (D8: ten seconds).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from playwright.sync_api import Browser, Page, sync_playwright

from azbot.tokens import Purpose, issue_link
from azbot.workflow import commands as c
from azbot.workflow.model import AssistanceRef
from benchmarks import _rig
from benchmarks.latency import figures
from tests.browser.demonstration import NO_CHROMIUM, launched
from tests.browser.inboxdesk import DESK, InboxDesk, inbox_desk
from tests.processes import configure, running

_SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}
"""Milliseconds, and octets a second."""

_SEEN = "([place, words]) => document.querySelector(place)?.innerText.includes(words)"
_BARE = "words => { document.title = words; document.body.dataset.bare = words; }"
_PAINTED = """new Promise((done) => new PerformanceObserver(
  (list) => done(list.getEntries()[0].startTime)
).observe({ type: "paint", buffered: true }))"""


class Watch:
    """Measures one thing after the other, each as often as asked.

    Args:
        times: how often.
    """

    def __init__(self, times: int) -> None:
        self._times = times

    def until(
        self, page: Page, place: str, begin: Callable[[str], object]
    ) -> dict[str, float]:
        """Begin something with words of its own; wait until a place shows them."""
        taken = []
        for number in range(self._times):
            words = f"Mesure {place} {number}."
            began = time.perf_counter()
            begin(words)
            page.wait_for_function(_SEEN, arg=[place, words])
            taken.append(time.perf_counter() - began)
        return figures(taken)

    def bare(self, page: Page) -> dict[str, float]:
        """Let the browser itself put words into the page."""
        taken = []
        for number in range(self._times):
            began = time.perf_counter()
            page.evaluate(_BARE, str(number))
            page.wait_for_function(
                "words => document.body.dataset.bare === words", arg=str(number)
            )
            taken.append(time.perf_counter() - began)
        return figures(taken)


def link(desk: InboxDesk, ref: AssistanceRef) -> str:
    """Return the address a client of it has."""
    it = desk.write(lambda uow: uow.assistances.by_ref(ref))
    end = desk.app.clock.now() + timedelta(days=1)
    token = issue_link(desk.app.door.keyring, Purpose.LINK, it.id, it.requester, end)
    return f"{desk.address}/a/{token}"


@contextmanager
def tab(browser: Browser, desk: InboxDesk, who: str, path: str) -> Iterator[Page]:
    """A page of the inbox, live."""
    context = browser.new_context(locale="fr-FR")
    page = context.new_page()
    desk.signed_in(page, who)
    page.goto(desk.address + path)
    page.wait_for_selector(".live.live")
    yield page
    context.close()


def inbox(watch: Watch, browser: Browser, desk: InboxDesk) -> dict[str, object]:
    """Measure what agents see."""
    ref = desk.refs["new"]
    client = desk.client_of(ref)
    open_ = f"/inbox/a/{ref}?queue=all&tri=recent"

    def say(words: str) -> None:
        desk.do(ref, c.AddMessage(words), by=client)

    def write(words: str) -> None:
        # Somebody else each time: who writes too often is asked to wait.
        number = abs(hash(words))
        sender = f"nadia.{number}@neuf.example"
        mail = (
            f"From: Nadia <{sender}>\r\nTo: {DESK}\r\nSubject: {words}\r\n"
            f"Message-ID: <{number}@neuf.example>\r\n\r\n"
            f"{words} Plus rien ne chauffe au 5 rue Neuve, 69001 Lyon.\r\n"
        )

        async def arrive() -> None:
            desk.mailbox.deliver(mail.encode(), sender=sender)

        desk.run(arrive())

    with tab(browser, desk, "camille", open_) as page:
        found: dict[str, object] = {
            "bare": watch.bare(page),
            "message": watch.until(page, "[data-timeline]", say),
            "mail": watch.until(page, ".rows", write),
        }
        with tab(browser, desk, "bruno", open_) as other:
            area = other.get_by_label("Réponse au client")

            def type_(_: str) -> None:
                area.press_sequentially("a")

            began = time.perf_counter()
            type_("")
            page.wait_for_function(_SEEN, arg=["[data-presence-of]", "Bruno Keller"])
            found["types_ms"] = round(1000 * (time.perf_counter() - began), 1)
    return found


def portal(watch: Watch, browser: Browser, desk: InboxDesk) -> dict[str, object]:
    """Measure what a client sees, on a phone."""
    ref, camille = desk.refs["assigned"], desk.actor("camille")
    context = browser.new_context(
        viewport={"width": 360, "height": 640},
        locale="fr-FR",
        is_mobile=True,
        has_touch=True,
    )
    page = context.new_page()
    page.goto(link(desk, ref))
    page.wait_for_selector(".has-script")

    def send(words: str) -> None:
        page.fill("#message", words)
        page.locator(".go").click()

    def say(words: str) -> None:
        desk.do(ref, c.AddMessage(words), by=camille)

    page.click("[data-tab=messages]")
    found: dict[str, object] = {
        "sent": watch.until(page, "#panel", send),
        "told": watch.until(page, "#panel", say),
        "slow": figures([slow(context.new_page(), link(desk, ref)) for _ in range(3)]),
    }
    context.close()
    return found


def slow(page: Page, address: str) -> float:
    """Open an address over a slow line; return the seconds until the first paint."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    session.send("Network.emulateNetworkConditions", _SLOW_3G)
    page.goto(address, wait_until="commit")
    painted: float = page.evaluate(_PAINTED)
    page.close()
    return painted / 1000


def start(folder: Path) -> float:
    """Start a service for the second time; return the seconds until it answers."""
    configure(folder, "[web]\nport = 0\n")
    with running(folder, "run") as service:
        service.address()
        service.stop()
    began = time.perf_counter()
    with running(folder, "run") as service:
        service.address()
        taken = time.perf_counter() - began
        service.stop()
    return round(taken, 2)


def main(times: int) -> None:
    """Measure everything; print it."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    watch = Watch(times)
    with (
        TemporaryDirectory(prefix="azbot-bench-") as name,
        sync_playwright() as playwright,
    ):
        browser = launched(playwright)
        if browser is None:
            raise SystemExit(NO_CHROMIUM)
        (Path(name) / "desk").mkdir()
        (Path(name) / "service").mkdir()
        with inbox_desk(Path(name) / "desk") as desk:
            found = inbox(watch, browser, desk) | portal(watch, browser, desk)
        browser.close()
        _rig.emit(
            {
                "bench": "shown",
                "times": times,
                **found,
                "start_s": start(Path(name) / "service"),
            }
        )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=20)
    main(arguments.parse_args().times)
