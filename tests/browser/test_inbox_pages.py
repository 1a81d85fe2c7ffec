"""Every page of the desk, in every state: readable, narrow, by keyboard, untouched.

The criteria X1 to X4, X7, X9, X13 and X18 of ux.md 5.2. The rooms of administrators
and the door have lists of their own; the first test sees to it that together they name
every page there is.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from azbot.channels.web.inbox.actions import ACTIONS
from azbot.channels.web.server import build_app
from azbot.channels.web.staff import ROOMS, SIGN_IN, is_below
from azbot.desk import Draft
from azbot.messages import Trust
from azbot.store import Delivery, DeliveryState, RawState, UnitOfWork
from azbot.store.canned import CannedAnswer
from azbot.store.saved_views import SavedView
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.model import (
    Actor,
    AssistanceRef,
    Role,
    Signatory,
    SignatureMethod,
    Stroke,
)
from tests.browser import test_admin_pages, test_signin
from tests.browser.axe import SCHEMES, each_width, violations_everywhere
from tests.browser.inboxdesk import CLIENT, DESK, InboxDesk
from tests.browser.keyboard import walk
from tests.browser.test_live import until
from tests.webdesk import REQUEST, VISIT

pytestmark = pytest.mark.browser

STATES = (
    "incomplete", "new", "waiting", "assigned", "planned", "to_approve", "done",
    "closed", "cancelled",
)  # fmt: skip
"""How far an assistance may have come."""

DIALOGS = {
    "assign": "new",
    "complement": "incomplete",
    "approve": "to_approve",
    "decline": "to_approve",
    "close": "done",
    "move": "planned",
    "plan": "unplanned",
    "add-visit": "planned",
    "cancel-visit": "planned",
    "change-station": "assigned",
    "withdraw": "assigned",
    "refuse-mission": "assigned",
    "refuse-closing": "done",
    "requalify": "new",
    "edit-contact": "new",
    "edit-site": "new",
    "edit-request": "new",
    "reopen": "closed",
    "cancel": "new",
    "snooze": "new",
    "owner": "new",
    "tags": "new",
}
"""Every action that asks something, and an assistance that offers it."""

PAGES: Mapping[str, str] = {
    "queue": "/inbox",
    "queue-empty": "/inbox?queue=mine",
    "list": "/inbox?queue=all&statut=attente&dept=38",
    "nothing-found": "/inbox?q=zzz&statut=attente",
    **{state: f"/inbox/a/{{{state}}}?queue=all" for state in STATES},
    **{f"do-{name}": f"/inbox/a/{{{it}}}/do/{name}" for name, it in DIALOGS.items()},
    "link": "/inbox/a/{planned}/with/link",
    "merge": "/inbox/a/{planned}/with/merge",
    "move-message": "/inbox/a/{mailed}/move/{message}",
    "mailed": "/inbox/a/{mailed}",
    "print": "/inbox/a/{planned}/print",
    "as-client": "/inbox/a/{planned}/as-client",
    "as-client-visits": "/inbox/a/{planned}/as-client/visits",
    "original": "/inbox/a/{mailed}/original/{message}",
    "compose": "/inbox/a/{planned}/compose",
    "held": "/inbox/held",
    "held-message": "/inbox/held/{held}",
    "dead": "/inbox/dead",
    "open-request": "/inbox/new",
    "stats": "/inbox/stats",
    "account": "/account",
    "unknown": "/inbox/a/ASFR00000000",
}
"""What is looked at here, by name; braces stand for what ``furnished`` made."""

NO_PAGES = {
    "/admin/archive/{ref}",
    "/admin/archive/{ref}/files/{number}",
    "/admin/stations.csv",
    "/admin/brand/preview",
    "/admin/mails/{group}/{language}/preview",
    "/inbox/a/{ref}/canned",
    "/inbox/a/{ref}/draft/{kind}",
    "/inbox/a/{ref}/draft/{kind}/of/{person}",
    "/inbox/a/{ref}/files/{number}",
    "/inbox/a/{ref}/files/{number}/small",
    "/inbox/a/{ref}/original/{number}/eml",
    "/inbox/a/{ref}/original/{number}/html",
    "/inbox/export.csv",
    "/inbox/held/{number}/eml",
    "/inbox/holds",
    "/inbox/live",
    "/inbox/stats.csv",
    "/inbox/suggest",
}
"""Addresses that answer a file or stream, are read by scripts, or opened with a reason
(``test_admin_pages``)."""

_ROOMS = (*ROOMS, SIGN_IN)


@dataclass(frozen=True)
class Furnished:
    """A desk on which no page is empty.

    Attributes:
        names: what the braces of ``PAGES`` stand for.
    """

    desk: InboxDesk
    names: Mapping[str, object]

    def url(self, path: str) -> str:
        """Return the whole address of one of ``PAGES``."""
        return self.desk.address + path.format_map(self.names)


@pytest.fixture(scope="module")
def furnished(desk: InboxDesk) -> Furnished:
    """A desk with every state, a held message, a dead letter, a view, a tag."""
    camille = desk.actor("camille")
    made: dict[str, object] = {**desk.refs}
    made["to_approve"] = to_approve(desk)
    made["unplanned"] = unplanned(desk)
    made["closed"], made["cancelled"] = opened(desk), opened(desk)
    desk.do(made["cancelled"], c.CancelAssistance("Doublon."), by=camille)  # type: ignore[arg-type]
    finish(desk, made["closed"], solved=True)  # type: ignore[arg-type]
    desk.do(made["closed"], c.CloseAssistance(), by=camille)  # type: ignore[arg-type]
    desk.do(desk.refs["planned"], c.SetTags(("garantie",)), by=camille)
    made |= mailed(desk)
    made["held"] = held(desk)

    def rest(uow: UnitOfWork) -> None:
        now, person = desk.app.clock.now(), desk.people["camille"]
        uow.saved_views.add(SavedView(0, person, "Lyon", "dept=69", now))
        uow.canned_answers.add(CannedAnswer(0, "Bien reçu", "Bonjour {prénom}.", now))

    desk.write(rest)
    bury(desk)
    # What happens on its own would draw the pages anew while one looks at them.
    until(lambda: not waiting_letters(desk))
    return Furnished(desk, made)


def opened(desk: InboxDesk) -> AssistanceRef:
    """Let the client of the desk ask for something more."""
    client = desk.client_of(desk.refs["new"])
    request = Draft(REQUEST, CLIENT[1], text="La zone salon reste froide.")
    return desk.run(desk.app.desk.open(request, client)).assistance.ref


def visitor(desk: InboxDesk) -> Actor:
    """The station that has the missions."""
    it = desk.station
    return Actor(Role.STATION, None, it.company, Trust.PROVEN, "web", it.id)


def unplanned(desk: InboxDesk) -> AssistanceRef:
    """A mission that was taken and has no date yet."""
    ref = opened(desk)
    assign = c.AssignStation(desk.station, "par téléphone")
    desk.do(ref, assign, by=desk.actor("camille"))
    desk.do(ref, c.AcceptMission(), by=visitor(desk))
    return ref


def finish(desk: InboxDesk, ref: AssistanceRef, *, solved: bool) -> None:
    """Let a station visit, sign and leave; unsolved, it proposes a second visit."""
    now = desk.app.clock.now().replace(minute=0, second=0, microsecond=0)
    following = now + timedelta(days=9)
    form = {**VISIT}
    if not solved:
        form |= {
            "solved": False,
            "next_visit": True,
            "next_visit_at": f"{following:%Y-%m-%dT%H:%M}",
        }
    line = Stroke(((0, 0), (400, 300), (900, 100)))
    steps: list[Command] = [
        c.AcceptMission(),
        c.ScheduleIntervention(now + timedelta(days=2)),
        c.ArriveOnSite(),
        c.SaveInterventionForm(form),
        *(
            c.SignIntervention(who, name, SignatureMethod.DRAWN, (line,))
            for who, name in (
                (Signatory.INSTALLER, "Karim Benali"),
                (Signatory.CLIENT, "Sophie Martin"),
                (Signatory.STATION, "Luc Petit"),
            )
        ),
        c.FinishIntervention(),
    ]
    assign = c.AssignStation(desk.station, "par téléphone")
    desk.do(ref, assign, by=desk.actor("camille"))
    desk.do(ref, *steps, by=visitor(desk))


def to_approve(desk: InboxDesk) -> AssistanceRef:
    """An assistance whose second visit waits for the desk."""
    ref = opened(desk)
    finish(desk, ref, solved=False)
    return ref


def deliver(
    desk: InboxDesk, sender: str, subject: str, body: str, html: str, name: str = ""
) -> None:
    """Let a mail arrive, with its words twice as programs write them."""
    octets = (
        f'From: "{name}" <{sender}>\r\nTo: {DESK}\r\nSubject: {subject}\r\n'
        f"Message-ID: <{abs(hash((sender, subject)))}@exemple.example>\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b--\r\n"
    )

    async def arrive() -> None:
        desk.mailbox.deliver(octets.encode(), sender=sender)

    desk.run(arrive())


def mailed(desk: InboxDesk) -> dict[str, object]:
    """An assistance that began with a mail, and the number of that message."""
    before = set(refs(desk))
    body = "Bonjour, panne au 3 rue Neuve, 69001 Lyon."
    deliver(desk, "lea@neuf.example", "Panne chez nous", body, f"<p>{body}</p>")
    until(lambda: bool(set(refs(desk)) - before))
    (ref,) = set(refs(desk)) - before
    it = desk.write(lambda uow: uow.assistances.by_ref(ref))
    lines = desk.write(lambda uow: uow.events.of(it.id))
    return {"mailed": ref, "message": lines[0].id}


def refs(desk: InboxDesk) -> list[AssistanceRef]:
    """Every reference there is."""
    with sqlite3.connect(file_of(desk)) as rows:
        return [AssistanceRef(ref) for (ref,) in rows.execute(_REFS)]


_REFS = "select ref from assistances"


def file_of(desk: InboxDesk) -> str:
    """Return where the database of a desk is."""
    return desk.app.settings.store.url.removeprefix("sqlite:///")


def held(desk: InboxDesk) -> int:
    """A message of a stranger who answers what was never sent to them."""
    subject = f"Re: [{desk.refs['planned']}] Votre demande"
    deliver(desk, "jean@ailleurs.example", subject, "C’est moi.", "<p>C’est moi.</p>")
    views = desk.app.store.views
    until(lambda: bool(desk.run(views.ledger(RawState.QUARANTINED, limit=9))))
    return desk.run(views.ledger(RawState.QUARANTINED, limit=9))[0].id


def bury(desk: InboxDesk) -> None:
    """Let one letter come back for good."""
    views = desk.app.store.views

    def sent() -> list[Delivery]:
        return desk.run(views.outbox(DeliveryState.SENT, limit=1))

    until(lambda: bool(sent()))
    last = sent()[0].id

    def kill(uow: UnitOfWork) -> None:
        uow.outbox.resend(last, desk.app.clock.now() + timedelta(days=1))
        uow.outbox.dead(last, "550 boîte inconnue")

    desk.write(kill)


@pytest.fixture(scope="module")
def tab(chromium: Browser, furnished: Furnished) -> Iterator[Page]:
    """One tab of an agent for the whole module; each page is loaded into it once."""
    context = chromium.new_context(locale="fr-FR", reduced_motion="reduce")
    tab = context.new_page()
    furnished.desk.signed_in(tab, "camille")
    yield tab
    context.close()


@pytest.fixture(scope="module", params=PAGES)
def shown(request: pytest.FixtureRequest, tab: Page, furnished: Furnished) -> Page:
    """One of the pages, as its reader comes to it."""
    tab.goto(furnished.url(PAGES[request.param]))
    tab.wait_for_function("document.getAnimations().length === 0")
    return tab


def test_every_page_of_the_desk_is_looked_at_somewhere(furnished: Furnished) -> None:
    """X1: a new page that no list names fails here."""
    looked_at = [furnished.url(path).partition("?")[0] for path in PAGES.values()]
    looked_at += [f"/admin{path}" for path in test_admin_pages.PAGES]
    looked_at += [path.replace("{invited}", "a") for path in test_signin.PAGES]
    paths = {path.removeprefix(furnished.desk.address) for path in looked_at}
    forgotten = set()
    for route in build_app(furnished.desk.app.web()).router.routes():
        if route.method != "GET" or route.resource is None:
            continue
        address, told = route.resource.canonical, route.resource.get_info()
        whole = told.get("pattern") or re.compile(re.escape(told.get("path", "")))
        if is_below(address, _ROOMS) and not any(map(whole.fullmatch, paths)):
            forgotten.add(address)
    assert forgotten == NO_PAGES


def test_every_action_that_asks_something_has_its_dialog_looked_at() -> None:
    assert set(DIALOGS) == {action.name for action in ACTIONS if action.has_questions}


def test_axe_finds_nothing(shown: Page) -> None:
    """X1; A23: the dark colours are those of the system, with all their contrasts."""
    assert violations_everywhere(shown) == []
    for scheme in SCHEMES:
        shown.emulate_media(color_scheme=scheme)
        background = shown.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness = sum(map(int, re.findall(r"\d+", background)[:3])) / 3
        assert (brightness < 80) == (scheme == "dark"), background


def test_nothing_scrolls_sideways_even_with_large_letters(shown: Page) -> None:
    """X2."""
    wide = "document.documentElement.scrollWidth"
    for width in (320, 360, 390, 768, 1440):
        shown.set_viewport_size({"width": width, "height": 800})
        assert shown.evaluate(wide) <= width, width
    for width in (390, 1440):
        shown.set_viewport_size({"width": width, "height": 800})
        shown.evaluate("document.documentElement.style.fontSize = '200%'")
        assert shown.evaluate(wide) <= width, f"{width} with large letters"
        shown.evaluate("document.documentElement.style.fontSize = ''")


def test_everything_is_reached_by_keyboard_and_seen(shown: Page) -> None:
    """X3."""
    for _ in each_width(shown):
        walk(shown)


# Links inside a sentence may be smaller (WCAG 2.5.8), as may what a label stands for.
SMALL = """
() => [...document.querySelectorAll('a, button, summary, input, select, textarea')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => one.type !== 'hidden')
  .filter((one) => !one.matches('.skip, .sr') || one.closest('label'))
  .filter((one) => !(one.matches('p a') && getComputedStyle(one).display === 'inline'))
  .map((one) => [one.closest('label') ?? one, one])
  .map(([it, one]) => [it.getBoundingClientRect(), one.outerHTML.slice(0, 160)])
  .filter(([box]) => box.width > 1 && (box.height < 43.9 || box.width < 43.9))
  .map(([box, html]) => [Math.round(box.width), Math.round(box.height), html])
"""


def test_targets_on_a_phone_are_large_enough_for_a_thumb(shown: Page) -> None:
    """X4; of a desktop's axe tells, which knows the exceptions of 2.5.8."""
    shown.set_viewport_size({"width": 360, "height": 800})
    assert shown.evaluate(SMALL) == []


def test_a_page_has_its_language_one_heading_landmarks_and_a_title(
    shown: Page,
) -> None:
    """X9."""
    assert shown.evaluate("document.documentElement.lang") == "fr"
    heads = "[...document.querySelectorAll('h1')].filter((h) => h.checkVisibility())"
    for width in each_width(shown):
        assert shown.evaluate(f"{heads}.length") == 1, width
        assert shown.locator("main:visible").count() == 1, width
    assert shown.title()


def test_a_title_begins_with_what_waits_or_with_the_reference(
    tab: Page, furnished: Furnished
) -> None:
    """X9, which also asks that no two are the same."""
    titles = []
    for name in ("queue", "planned", "print", "held", "dead", "original", "stats"):
        tab.goto(furnished.url(PAGES[name]))
        titles.append(tab.title())
    assert len(set(titles)) == len(titles)
    assert re.match(r"\(\d+\) ", titles[0])
    assert titles[1].startswith(f"{furnished.names['planned']} · ")


def test_a_status_has_a_shape_of_its_own(tab: Page, furnished: Furnished) -> None:
    """X7: without any colour, no two look the same."""
    tab.goto(furnished.url("/inbox"))
    tab.set_viewport_size({"width": 1440, "height": 800})
    drawn = tab.eval_on_selector_all(
        "#queues .chip",
        """(all) => all.map((one) => {
          const { width, height, borderRadius, borderStyle, transform, clipPath,
            backgroundImage, backgroundColor } = getComputedStyle(one, '::before');
          const isHollow = backgroundColor === 'rgba(0, 0, 0, 0)';
          return [width, height, borderRadius, borderStyle, transform, clipPath,
            backgroundImage !== 'none', isHollow].join();
        })""",
    )
    assert len(drawn) == 7
    assert len(set(drawn)) == 7
    words = tab.eval_on_selector_all("#queues .chip", "a => a.map(b => b.innerText)")
    assert len(set(words)) == 7


# --- what stands above a page ---------------------------------------------------------


OPENED = {
    "sheet of keys": ("planned", ("?",), "#keys"),
    "palette": ("planned", ("Control+k",), "#palette"),
    "dialog": ("new", ("a",), "#dialog"),
    "canned answers": ("planned", ("r", "Control+a", ";"), "dialog.canned"),
    "note": ("planned", ("n",), ".for-note"),
}


@pytest.mark.parametrize("name", OPENED)
def test_axe_finds_nothing_in_what_a_key_opens(
    name: str, tab: Page, furnished: Furnished
) -> None:
    """X1."""
    page, keys, shows = OPENED[name]
    for width in each_width(tab):
        tab.goto(furnished.url(PAGES[page]))
        tab.wait_for_selector(".composer.has-script")
        for key in keys:
            tab.keyboard.press(key)
        expect(tab.locator(f"{shows}:visible").first).to_be_visible()
        assert violations_everywhere(tab, (width,)) == []


# --- what a page costs, and what looking at it does -----------------------------------


def test_the_first_load_of_the_inbox_is_small(
    chromium: Browser, furnished: Furnished
) -> None:
    """X13: octets over the wire with an empty cache, no other host, no letters."""
    context = chromium.new_context(locale="fr-FR")
    page = context.new_page()
    furnished.desk.signed_in(page, "camille")
    answers: list[Response] = []
    # A bound method of a list is none that Playwright can wrap.
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108
    page.goto(furnished.url(PAGES["planned"]))
    page.wait_for_selector(".composer.has-script")
    files = [a for a in answers if not a.url.endswith("/inbox/live")]
    sizes = {
        a.url: a.request.sizes()["responseBodySize"]
        for a in files
        if "/inbox/live" not in a.url and a.request.method == "GET"
    }
    assert len(sizes) > 10, "page, styles and modules"
    assert sum(sizes.values()) <= 90 * 1024, sizes
    assert all(url.startswith(furnished.desk.address) for url in sizes)
    assert all(a.request.resource_type != "font" for a in files)
    context.close()


def test_looking_at_every_page_changes_nothing(tab: Page, furnished: Furnished) -> None:
    """X18: every address of the desk is asked for, files and parts included."""
    tab.goto("about:blank")
    names = {**furnished.names, "ref": furnished.names["planned"], "number": 1}
    paths = [furnished.url(path) for path in PAGES.values()]
    paths += [
        furnished.desk.address
        + path.format_map({**names, "kind": "reply", "person": 1})
        for path in NO_PAGES
        if path.startswith("/inbox") and path != "/inbox/live"
    ]
    until(lambda: not waiting_letters(furnished.desk))
    before = everything(furnished.desk)
    for path, part in product(paths, ({}, {"Azbot-Part": "list assistance dialog"})):
        answer = tab.request.get(path, headers=part, max_redirects=0)
        assert answer.status in (200, 404, 406), f"{answer.status} {path}"
    assert everything(furnished.desk) == before


def waiting_letters(desk: InboxDesk) -> bool:
    """Whether a letter is about to leave."""
    with sqlite3.connect(file_of(desk)) as rows:
        due = "select count(*) from outbox where state = 'pending' and due_at < ?"
        now = (desk.app.clock.now() + timedelta(minutes=1)).isoformat()
        return bool(rows.execute(due, (now,)).fetchone()[0])


def everything(desk: InboxDesk) -> dict[str, list[Any]]:
    """Return the rows of every table, but for who is there and since when.

    A session notes when it was last seen, and the desk who is online: both tell of
    the reader alone.
    """
    with sqlite3.connect(file_of(desk)) as rows:
        tables = rows.execute("select name from sqlite_master where type = 'table'")
        names = {name for (name,) in tables} - {"sessions", "presence"}
        return {name: list(rows.execute(f'select * from "{name}"')) for name in names}
