"""A page that does nothing but listen, in the place of one of the desk's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import ProxyHandler, build_opener

from playwright.sync_api import Browser, BrowserContext, Page

from azbot.channels.web.static import Assets
from azbot.testing.patience import PATIENCE
from tests.browser.inboxdesk import InboxDesk

PATH = "/inbox/listening"
_MODULE = Assets().url("inbox/live.js")
_PAGE = """<!doctype html><html lang="fr"><title>Écoute</title>
<script type="module">
  import { connect } from %(module)s;
  window.told = [];
  window.states = [];
  const live = connect(%(options)s);
  for (const type of ["change", "outbox", "ledger", "settings", "reset"])
    live.addEventListener(type, ({ detail }) =>
      window.told.push([type, detail.ref, detail.event]));
  live.addEventListener("state", ({ detail }) => window.states.push(detail));
  window.live = live;
</script></html>"""


def mark_of(desk: InboxDesk) -> str:
    """Return the mark a page made now would begin at."""

    async def newest() -> str:
        events, signals = await desk.app.store.views.newest_numbers(1)
        return f"{max(events, default=0)}.{max(signals, default=0)}"

    return desk.run(newest())


def open_page(
    context: BrowserContext,
    desk: InboxDesk,
    who: str,
    address: str = "",
    *,
    has_own_time: bool = False,
) -> Page:
    """Open one more tab; return once it is live.

    Args:
        context: the browser.
        desk: what it looks at.
        who: is signed in.
        address: of the desk, when it is not reached directly.
        has_own_time: its clock can be put forward.
    """
    page = context.new_page()
    if has_own_time:
        page.clock.install()
    options = {
        "url": "/inbox/live",
        "presence": "/inbox/presence",
        "after": mark_of(desk),
        "me": desk.people[who],
    }
    text = _PAGE % {"module": json.dumps(_MODULE), "options": json.dumps(options)}
    page.route(
        f"**{PATH}",
        lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8"),
    )
    page.goto((address or desk.address) + PATH)
    page.unroute(f"**{PATH}")
    wait(page, "window.live?.state === 'live'")
    return page


@contextmanager
def browser_of(
    chromium: Browser, desk: InboxDesk, who: str
) -> Iterator[BrowserContext]:
    """A browser in which somebody is signed in."""
    context = chromium.new_context(locale="fr-FR")
    page = context.new_page()
    desk.signed_in(page, who)
    page.close()
    try:
        yield context
    finally:
        context.close()


def wait(page: Page, condition: str) -> None:
    """Return once something is true in a page.

    Args:
        page: where.
        condition: in JavaScript.
    """
    page.wait_for_function(condition, timeout=PATIENCE * 1000)


def told(page: Page, ref: str) -> list[int]:
    """Return the numbers of the changes a tab was told of one assistance."""
    found: list[int] = page.evaluate(
        "ref => window.told.filter(([type, of]) => type === 'change' && of === ref)"
        ".map(([, , number]) => number)",
        ref,
    )
    return found


def streams(desk: InboxDesk) -> int:
    """Return how many connections the server feeds."""
    read = build_opener(ProxyHandler({})).open
    text = read(f"{desk.address}/metrics", timeout=10).read().decode()
    (line,) = [
        each for each in text.splitlines() if each.startswith("azbot_live_streams")
    ]
    return int(float(line.split()[1]))
