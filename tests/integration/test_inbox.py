"""The inbox over HTTP: what agents see, press and take back, scripts or not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from selectolax.lexbor import LexborNode

from azbot.channels.web.inbox.actions import ACTIONS
from azbot.channels.web.server import build_app
from azbot.channels.web.staff import COOKIE, lives_until, new_secret, secret_hash
from azbot.desk import Draft
from azbot.store import NewDelivery, UnitOfWork
from azbot.store.accounts import Account, Session
from azbot.store.chats import MAY_HAVE_ARRIVED
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.model import (
    InterventionStatus,
    Role,
    Status,
)
from tests.maildesk import CLIENT, MailDesk, read
from tests.webdesk import REQUEST

PART = {"Azbot-Part": "assistance"}
HELD_FOR = timedelta(seconds=9)
NOTE = "Le client paie mal, rester prudent."


@dataclass
class Inbox:
    """A served inbox, and azbot behind it."""

    desk: MailDesk
    client: TestClient[Any, Any] | ClientSession
    headers: dict[str, str]
    presses: int = 0

    async def html(self, path: str, status: int = 200) -> HTMLParser:
        """Return a page as a browser without scripts reads it."""
        async with self.client.get(path, headers=self.headers) as answer:
            assert answer.status == status, await answer.text()
            return HTMLParser(await answer.text())

    async def post(
        self, path: str, *, script: bool = True, **form: Any
    ) -> tuple[int, Any]:
        """Press; with a script the answer is JSON, without it an address."""
        self.presses += 1
        form.setdefault("once", f"press-{self.presses:06}")
        fields = [
            (name, value)
            for name, values in form.items()
            for value in ([values] if isinstance(values, str) else values)
        ]
        headers = {**self.headers, **(PART if script else {})}
        if script:
            headers["Accept"] = "application/json"
        async with self.client.post(
            path, data=fields, headers=headers, allow_redirects=False
        ) as answer:
            if script:
                return answer.status, await answer.json()
            return answer.status, answer.headers.get("Location", "")

    async def ref(self, number: int = 1) -> str:
        """The reference of an assistance."""
        return (await self.desk.it(number)).ref

    async def let_leave(self) -> None:
        """Let what is held leave, and every worker come to rest."""
        await self.desk.clock.advance(HELD_FOR)
        await self.desk.app.holding.step(self.desk.clock.now())
        await self.desk.settle()


def at(node: HTMLParser | LexborNode, css: str) -> LexborNode:
    """Return the first of a kind; it must be there."""
    found = node.css_first(css)
    assert found is not None, css
    return found


@asynccontextmanager
async def served(desk: MailDesk, role: Role = Role.AGENT) -> AsyncIterator[Inbox]:
    """Serve the web of a desk, an agent signed in."""
    headers = await signed_in(desk, role)
    app = build_app(desk.app.web())
    async with TestClient(TestServer(app)) as client:
        yield Inbox(desk, client, headers)


async def signed_in(desk: MailDesk, role: Role = Role.AGENT) -> dict[str, str]:
    """Sign an agent in; return the headers of their browser."""
    secret, now = new_secret(), desk.clock.now()
    person = desk.people.staff.person
    assert person is not None

    def sign_in(uow: UnitOfWork) -> None:
        uow.stations.add("Clim Alpes", "bureau@clim-alpes.example", zones=("38",))
        uow.accounts.put(Account(person, role, now))
        until = lives_until(now, now)
        uow.sessions.add(Session(secret_hash(secret), person, now, now, until))

    await desk.store.write(sign_in)
    return {
        "Cookie": f"{COOKIE}={secret}",
        "Accept": "text/html",
        "Accept-Language": "fr-FR",
        "Sec-Fetch-Site": "same-origin",
    }


@pytest.fixture
async def inbox(desk: MailDesk) -> AsyncIterator[Inbox]:
    """The inbox over a mailbox of this process."""
    async with served(desk) as found:
        yield found


# --- how far a life is --------------------------------------------------------


async def incomplete(desk: MailDesk) -> None:
    desk.client.write("Bonjour, panne chez nous.", subject="Panne")
    await desk.settle()


async def submitted(desk: MailDesk) -> None:
    await desk.submitted()


async def waiting(desk: MailDesk) -> None:
    await desk.submitted()
    await desk.act(c.AskComplement("Une photo, merci.", ("order_proof",)))


async def assigned(desk: MailDesk) -> None:
    await desk.assigned()


async def underway(desk: MailDesk) -> None:
    await desk.underway()


async def planned(desk: MailDesk) -> None:
    await desk.planned()


async def to_approve(desk: MailDesk) -> None:
    await desk.planned()
    visit = (await desk.it()).visit
    assert visit is not None
    assert visit.planned_at is not None
    following = visit.planned_at + timedelta(days=14)
    await desk.finish_visit(
        solved=False, next_visit=True, next_visit_at=f"{following:%Y-%m-%dT%H:%M}"
    )


async def done(desk: MailDesk) -> None:
    await desk.done()


async def closed(desk: MailDesk) -> None:
    await desk.done()
    await desk.act(c.CloseAssistance())


async def cancelled(desk: MailDesk) -> None:
    await desk.submitted()
    await desk.act(c.CancelAssistance("Doublon."))


STAGES = {
    "incomplete": (incomplete, "complement"),
    "submitted": (submitted, "complement"),
    "waiting": (waiting, "remind-client"),
    "assigned": (assigned, "remind-station"),
    "underway": (underway, "plan"),
    "planned": (planned, "move"),
    "to_approve": (to_approve, "approve"),
    "done": (done, "close"),
    "closed": (closed, "reopen"),
    "cancelled": (cancelled, "reopen"),
}
"""How a life gets so far, and which action is then the main one (ux.md 6.3)."""


def offered_in(page: HTMLParser) -> list[str]:
    """Return the actions of a page, in order, each once."""
    found = [node.attributes["data-do"] for node in page.css("#assistance [data-do]")]
    return list(dict.fromkeys(name for name in found if name))


@pytest.mark.parametrize("stage", STAGES)
async def test_the_main_action_follows_the_status(stage: str, inbox: Inbox) -> None:
    prepare, main = STAGES[stage]
    await prepare(inbox.desk)

    page = await inbox.html(f"/inbox/a/{await inbox.ref()}")

    assert offered_in(page)[0] == main


OFFERS = [
    (stage, action.name)
    for stage, offered in {
        "submitted": ("assign", "complement", "requalify", "cancel", "edit-contact"),
        "waiting": ("remind-client", "complement", "assign"),
        "assigned": (
            *("remind-station", "change-station", "withdraw"),
            *("accept-mission", "refuse-mission"),
        ),
        "underway": ("plan", "change-station", "cancel"),
        "planned": ("move", "cancel-visit"),
        "to_approve": ("approve", "decline"),
        "done": (
            *("close", "ask-closing", "confirm-closing", "refuse-closing", "reopen"),
        ),
        "closed": ("reopen",),
        "cancelled": ("reopen",),
    }.items()
    for action in ACTIONS
    if action.name in offered
]


def filled(dialog: HTMLParser) -> dict[str, Any]:
    """Fill a dialog as somebody in a hurry: as proposed, words where needed."""
    form: dict[str, Any] = {}
    for node in dialog.css("form [name]"):
        name, kind = str(node.attributes["name"]), node.attributes.get("type")
        if kind in ("radio", "checkbox"):
            if "checked" in node.attributes:
                form.setdefault(name, str(node.attributes.get("value")))
        elif node.tag == "textarea":
            form[name] = node.text() or "Parce que c’est mieux ainsi."
        elif node.tag == "select":
            chosen = node.css("option[selected]")
            form[name] = str(chosen[0].attributes["value"]) if chosen else ""
        elif kind == "datetime-local":
            form[name] = str(node.attributes.get("value") or "2026-03-20T09:00")
        else:
            form[name] = str(node.attributes.get("value") or "")
    return form


def told_in(dialog: HTMLParser) -> int:
    """Return how many letters a dialog announces."""
    return len(dialog.css(".told li"))


@pytest.mark.parametrize(("stage", "action"), OFFERS)
async def test_an_action_writes_to_whom_its_dialog_says_and_to_nobody_before(
    stage: str, action: str, inbox: Inbox
) -> None:
    prepare, _ = STAGES[stage]
    await prepare(inbox.desk)
    path = f"/inbox/a/{await inbox.ref()}/do/{action}"
    dialog = await inbox.html(path)
    before = len(await inbox.desk.deliveries())

    status, told = await inbox.post(path, **filled(dialog))

    assert status == 200, told
    assert told["words"]
    outside = told_in(dialog)
    if outside:
        assert told["undo"]["url"].startswith("/inbox/holds/")
        assert len(await inbox.desk.deliveries()) == before
        await inbox.let_leave()
    sent = [
        row
        for row in (await inbox.desk.deliveries())[before:]
        if row.facts.get("audience") not in ("desk", "admin")
        and row.kind not in ("tomorrow", "today")
    ]
    assert len({(row.address, row.kind) for row in sent}) == outside


@pytest.mark.parametrize(("stage", "action"), OFFERS)
async def test_what_is_undone_in_time_never_happened(
    stage: str, action: str, inbox: Inbox
) -> None:
    prepare, _ = STAGES[stage]
    await prepare(inbox.desk)
    path = f"/inbox/a/{await inbox.ref()}/do/{action}"
    history = await inbox.desk.events()
    _, told = await inbox.post(path, **filled(await inbox.html(path)))
    if not told["undo"]:
        return  # told to nobody: done at once, its way back is another action

    status, _ = await inbox.post(told["undo"]["url"], **told["undo"]["fields"])
    await inbox.let_leave()

    assert status == 200
    assert await inbox.desk.events() == history


async def test_without_script_an_action_leads_back_to_its_assistance(
    inbox: Inbox,
) -> None:
    await inbox.desk.submitted()
    ref = await inbox.ref()

    status, location = await inbox.post(
        f"/inbox/a/{ref}/do/complement?queue=todo",
        script=False,
        comment="Une photo, merci.",
        items=["order_proof", "photo"],
    )
    await inbox.let_leave()

    assert (status, location) == (303, f"/inbox/a/{ref}?queue=todo")
    it = await inbox.desk.it()
    assert (it.status, it.asked_items) == (Status.WAITING, ("order_proof", "photo"))


async def test_the_same_press_twice_acts_once(inbox: Inbox) -> None:
    await inbox.desk.submitted()
    path = f"/inbox/a/{await inbox.ref()}/do/complement"

    for _ in range(2):
        await inbox.post(path, once="one-press-0001", comment="Une photo, merci.")
    await inbox.let_leave()

    asked = [x for x in await inbox.desk.events() if isinstance(x, e.ComplementAsked)]
    assert len(asked) == 1


async def test_a_refusal_keeps_every_value_and_stands_beside_its_question(
    inbox: Inbox,
) -> None:
    await inbox.desk.planned()
    path = f"/inbox/a/{await inbox.ref()}/do/move"

    status, told = await inbox.post(path, planned_at="2026-03-20T09:00", reason="")
    dialog = HTMLParser(told["dialog"])

    assert status == 422
    assert at(dialog, "[name=planned_at]").attributes["value"] == "2026-03-20T09:00"
    why = at(dialog, "#do-reason-why")
    assert why.text()
    assert at(dialog, '.errors a[href="#do-reason"]') is not None


async def test_a_date_is_an_hour_of_the_site(inbox: Inbox) -> None:
    await inbox.desk.underway()
    path = f"/inbox/a/{await inbox.ref()}/do/plan"

    await inbox.post(path, planned_at="2026-03-20T09:00")
    await inbox.let_leave()

    visit = (await inbox.desk.it()).visit
    assert visit is not None
    assert visit.planned_at is not None
    assert visit.planned_at == datetime(2026, 3, 20, 8, tzinfo=UTC)


async def test_approving_the_proposed_date_approves_that_very_instant(
    inbox: Inbox,
) -> None:
    await to_approve(inbox.desk)
    proposed = (await inbox.desk.it()).visit
    assert proposed is not None
    path = f"/inbox/a/{await inbox.ref()}/do/approve"

    await inbox.post(path, **filled(await inbox.html(path)))
    await inbox.let_leave()

    visit = (await inbox.desk.it()).visit
    assert visit is not None
    assert visit.status is InterventionStatus.PLANNED
    assert visit.planned_at == proposed.planned_at


async def test_two_who_edit_one_field_both_see_it_and_the_second_chooses(
    inbox: Inbox,
) -> None:
    await inbox.desk.submitted()
    path = f"/inbox/a/{await inbox.ref()}/do/edit-contact"
    form = filled(await inbox.html(path))
    await inbox.post(path, **{**form, "contact_name": "Paul Girard"})
    await inbox.let_leave()

    status, told = await inbox.post(path, **{**form, "contact_name": "Paule Girard"})
    dialog = HTMLParser(told["dialog"])

    assert status == 422
    assert "Paul Girard" in at(dialog, "#do-contact_name-why").text()
    assert at(dialog, "#do-contact_name").attributes["value"] == "Paule Girard"
    status, _ = await inbox.post(path, **filled(dialog))
    await inbox.let_leave()
    assert status == 200
    assert (await inbox.desk.it()).answer("contact_name") == "Paule Girard"


async def test_a_field_nobody_touched_is_not_written(inbox: Inbox) -> None:
    await inbox.desk.submitted()
    path = f"/inbox/a/{await inbox.ref()}/do/edit-site"
    form = filled(await inbox.html(path))

    await inbox.post(path, **{**form, "town": "Bron"})
    await inbox.let_leave()

    changes = [x for x in await inbox.desk.events() if isinstance(x, e.RequestAmended)]
    assert [[c.field for c in x.changes] for x in changes] == [["town"]]


async def test_an_unreadable_value_is_told_beside_its_field(inbox: Inbox) -> None:
    await inbox.desk.submitted()
    path = f"/inbox/a/{await inbox.ref()}/do/edit-contact"
    form = filled(await inbox.html(path))

    status, told = await inbox.post(path, **{**form, "phone": "12"})

    assert status == 422
    dialog = HTMLParser(told["dialog"])
    assert at(dialog, "#do-phone-why").text()
    assert at(dialog, "#do-phone").attributes["value"] == "12"


# --- the desk's own affairs ---------------------------------------------------


async def test_handled_leaves_the_queue_at_once_and_can_be_taken_back(
    inbox: Inbox,
) -> None:
    await inbox.desk.submitted()
    ref = await inbox.ref()

    _, told = await inbox.post(f"/inbox/a/{ref}/do/handled")
    assert (await inbox.desk.it()).attention is None
    await inbox.post(told["undo"]["url"], **told["undo"]["fields"])

    assert (await inbox.desk.it()).attention is not None
    assert inbox.desk.client.kinds == ["opened"] or len(inbox.desk.client.mails) == 1


async def test_opening_an_assistance_does_not_take_it_out_of_the_queue(
    inbox: Inbox,
) -> None:
    await inbox.desk.submitted()
    ref = await inbox.ref()

    await inbox.html(f"/inbox/a/{ref}?queue=todo")
    async with inbox.client.post(
        f"/inbox/a/{ref}/seen", headers=inbox.headers
    ) as answer:
        assert answer.status == 204

    page = await inbox.html("/inbox?queue=todo")
    assert [x.attributes["data-ref"] for x in page.css("li[data-ref]")] == [ref]


async def test_a_snoozed_assistance_comes_back_on_time(inbox: Inbox) -> None:
    await inbox.desk.submitted()
    ref = await inbox.ref()

    await inbox.post(f"/inbox/a/{ref}/do/snooze", until="2026-03-04T08:00")
    assert not (await inbox.html("/inbox?queue=todo")).css("li[data-ref]")
    await inbox.desk.later(days=2)

    page = await inbox.html("/inbox?queue=todo")
    assert [x.attributes["data-ref"] for x in page.css("li[data-ref]")] == [ref]


async def test_taking_an_assistance_names_its_owner_and_undo_gives_it_back(
    inbox: Inbox,
) -> None:
    await inbox.desk.submitted()
    ref = await inbox.ref()

    _, told = await inbox.post(f"/inbox/a/{ref}/do/take")
    owner = (await inbox.desk.it()).owner_name
    await inbox.post(told["undo"]["url"], **told["undo"]["fields"])

    assert owner == "Camille Durand"
    assert (await inbox.desk.it()).owner is None


async def test_seen_is_each_agents_own_and_can_be_unseen(inbox: Inbox) -> None:
    await inbox.desk.submitted()
    ref = await inbox.ref()

    async def fresh() -> int:
        page = await inbox.html(f"/inbox/a/{ref}")
        return len(page.css("[data-fresh]"))

    assert await fresh() == 1
    for how, count in (("seen", 0), ("unseen", 1)):
        async with inbox.client.post(
            f"/inbox/a/{ref}/{how}", headers=inbox.headers
        ) as answer:
            assert answer.status == 204
        assert await fresh() == count


# --- what is shown ------------------------------------------------------------


async def test_the_page_of_a_client_shows_neither_note_nor_agent(inbox: Inbox) -> None:
    await inbox.desk.submitted()
    await inbox.desk.act(c.AddNote(NOTE))
    ref = await inbox.ref()

    own = await inbox.html(f"/inbox/a/{ref}")
    theirs = await inbox.html(f"/inbox/a/{ref}/as-client")

    assert own.body is not None
    assert theirs.body is not None
    assert NOTE in own.body.text()
    assert NOTE not in theirs.body.text()
    assert "Durand" not in theirs.body.text()


async def test_an_automatic_reply_is_folded_and_changes_nothing(inbox: Inbox) -> None:
    recap = await inbox.desk.submitted()
    ref = await inbox.ref()
    await inbox.post(f"/inbox/a/{ref}/do/handled")
    inbox.desk.client.answer(
        recap, "Je suis absente jusqu’à lundi.", Auto_Submitted="auto-replied"
    )
    await inbox.desk.settle()

    page = await inbox.html(f"/inbox/a/{ref}")

    robot = at(page, ".m.robot details")
    assert "open" not in robot.attributes
    assert "absente" in robot.text()
    it = await inbox.desk.it()
    assert (it.status, it.attention, it.inbound) == (Status.SUBMITTED, None, 1)


async def test_quotations_are_folded_and_the_original_is_one_press_away(
    inbox: Inbox,
) -> None:
    recap = await inbox.desk.submitted()
    inbox.desk.client.answer(recap, "Voici la suite.")
    await inbox.desk.settle()

    page = await inbox.html(f"/inbox/a/{await inbox.ref()}")
    said = page.css(".m.in")[-1]
    original = await inbox.html(str(at(said, "footer a.original").attributes["href"]))

    assert at(said, "p").text() == "Voici la suite."
    assert "a écrit" in at(said, "details.quoted").text()
    assert CLIENT in at(original, "dl").text()
    assert "a écrit" in at(original, "pre").text()


async def test_every_change_is_a_line_with_author_before_and_after(
    inbox: Inbox,
) -> None:
    await inbox.desk.submitted()
    await inbox.desk.act(c.AssignStation(inbox.desk.people.station, "urgent"))

    page = await inbox.html(f"/inbox/a/{await inbox.ref()}")
    line = next(ev for ev in page.css(".ev") if "Froid Rhône" in ev.text())

    assert "Demandée" in at(line, ".change").text()
    assert "Assignée" in at(line, ".change").text()
    assert at(line, ".who").text() == "Camille Durand"
    assert at(line, "time").attributes["datetime"]


async def test_stations_are_proposed_with_a_reason_and_one_press_assigns(
    inbox: Inbox,
) -> None:
    answers = {**REQUEST, "service": "incident_warranty"}
    draft = Draft(answers, "paule@clim-nord.example", "Paule Nord")
    await inbox.desk.app.desk.open(draft, inbox.desk.people.staff)
    ref = await inbox.ref()

    page = await inbox.html(f"/inbox/a/{ref}")
    proposal = at(page, ".side .sta")
    assert at(proposal, "small").text()
    form: dict[str, Any] = {
        str(n.attributes["name"]): str(n.attributes["value"])
        for n in proposal.css("input")
    }
    status, told = await inbox.post(f"/inbox/a/{ref}/do/assign", **form)
    assert status == 200, told
    await inbox.let_leave()

    it = await inbox.desk.it()
    assert it.status is Status.ASSIGNED
    assert it.mission is not None
    assert it.mission.station.company in proposal.text()


async def test_a_part_is_the_same_as_in_the_whole_page(inbox: Inbox) -> None:
    await inbox.desk.submitted()
    path = f"/inbox/a/{await inbox.ref()}"
    whole = await inbox.html(path)
    headers = {**inbox.headers, "Azbot-Part": "assistance side"}

    async with inbox.client.get(path, headers=headers) as answer:
        told = await answer.json()

    assert set(told["parts"]) == {"assistance", "side"}
    assert at(whole, "title").text() == told["title"]
    part = HTMLParser(told["parts"]["assistance"])
    assert at(part, "h1").text() == at(whole, "h1").text()
    assert len(part.css(".ev, .m")) == len(whole.css("#assistance .ev, #assistance .m"))


async def test_paper_shows_the_whole_assistance(inbox: Inbox) -> None:
    await inbox.desk.planned()
    page = await inbox.html(f"/inbox/a/{await inbox.ref()}/print")
    assert page.body is not None
    for words in ("Villeurbanne", "Froid Rhône Services", "Visite 1", "Sophie Martin"):
        assert words in page.body.text()


# --- what was set aside -------------------------------------------------------


async def held(inbox: Inbox, text: str = "C’est moi, avec un autre e-mail.") -> int:
    recap = await inbox.desk.submitted()
    stranger = inbox.desk.writer("Jean Dupuis", "jean@ailleurs.example")
    stranger.answer(recap, text)
    await inbox.desk.settle()
    assert (await inbox.desk.states())[-1] == "quarantined"
    return len(inbox.desk.mailbox.inbox)


async def test_a_held_message_shows_its_words_and_why(inbox: Inbox) -> None:
    number = await held(inbox)

    listed = await inbox.html("/inbox/held")
    page = await inbox.html(f"/inbox/held/{number}")

    assert page.body is not None
    assert len(listed.css(".set-aside li")) == 1
    assert "avec un autre e-mail" in page.body.text()
    assert at(page, ".warned strong").text()


async def test_a_held_message_is_attached_opened_or_set_aside(inbox: Inbox) -> None:
    number = await held(inbox)
    ref = await inbox.ref()

    status, location = await inbox.post(
        f"/inbox/held/{number}/attach", script=False, ref=ref.lower()
    )
    assert (status, location) == (303, f"/inbox/a/{ref}")
    assert (await inbox.desk.messages())[-1].text == "C’est moi, avec un autre e-mail."

    again, where = await inbox.post(f"/inbox/held/{number}/open", script=False)
    assert (again, where) == (303, "/inbox/held"), "decided once, it waits no more"


async def test_a_held_message_becomes_a_new_request(inbox: Inbox) -> None:
    number = await held(inbox, "Bonjour, autre chantier à Lyon, mise en service.")

    status, location = await inbox.post(f"/inbox/held/{number}/open", script=False)

    assert status == 303
    assert location == f"/inbox/a/{await inbox.ref(2)}"


async def test_attaching_to_no_assistance_says_so_and_keeps_what_was_typed(
    inbox: Inbox,
) -> None:
    number = await held(inbox)
    async with inbox.client.post(
        f"/inbox/held/{number}/attach",
        data={"ref": "ASFR26999999"},
        headers=inbox.headers,
    ) as answer:
        page = HTMLParser(await answer.text())
        assert answer.status == 422
    assert "ASFR26999999" in at(page, ".field.wrong .why").text()
    assert (await inbox.desk.states())[-1] == "quarantined"


async def test_words_that_may_not_have_arrived_in_a_chat_are_told_with_a_name(
    inbox: Inbox,
) -> None:
    """Not with the number of a chat, and in the agent's language."""
    await inbox.desk.submitted()
    it = await inbox.desk.it()
    (opened, *_) = await inbox.desk.store.views.timeline(it.id, is_internal=False)

    def work(uow: UnitOfWork) -> None:
        row = NewDelivery(
            "talk",
            "message",
            "5000000001",
            "telegram",
            inbox.desk.clock.now(),
            assistance_id=it.id,
            event_id=opened.id,
            person=it.requester,
        )
        uow.outbox.put([row])
        found = uow.outbox.by_key("talk")
        assert found is not None
        uow.outbox.dead(found.id, MAY_HAVE_ARRIVED)

    await inbox.desk.store.write(work)
    (line,) = (await inbox.html("/inbox/dead")).css(".set-aside li")
    assert "Non remis à Sophie Martin (Telegram)" in line.text()
    assert "peut-être arrivé" in line.text()
    assert it.ref in line.text()
    page = await inbox.html(f"/inbox/a/{it.ref}")
    shown = at(page, "#assistance .failed").text()
    assert "Non remis par Telegram" in shown
    assert "peut-être arrivé" in shown
    assert "5000000001" not in (page.html or "")


async def test_a_dead_letter_is_told_red_and_sent_again_once(inbox: Inbox) -> None:
    await inbox.desk.submitted()
    dead = (await inbox.desk.deliveries())[0].id

    def kill(uow: UnitOfWork) -> None:
        uow.outbox.resend(dead, inbox.desk.clock.now())
        uow.outbox.dead(dead, "550 boîte inconnue")

    await inbox.desk.store.write(kill)
    ref = await inbox.ref()

    page = await inbox.html(f"/inbox/a/{ref}")
    assert "550 boîte inconnue" in at(page, "#assistance .failed").text()
    assert len((await inbox.html("/inbox/dead")).css(".set-aside li")) == 1
    for _ in range(2):
        await inbox.post(f"/inbox/letters/{dead}/resend")
    await inbox.desk.settle()
    assert (await inbox.desk.deliveries())[0].state.value == "sent"


# --- two assistances ----------------------------------------------------------


async def two(inbox: Inbox) -> tuple[str, str]:
    await inbox.desk.submitted()
    await inbox.desk.later(minutes=5)
    inbox.desk.client.write(
        "Mise en service au 3 rue des Lilas, 69003 Lyon.", subject="Autre chantier"
    )
    await inbox.desk.settle()
    return await inbox.ref(1), await inbox.ref(2)


async def test_two_are_linked_and_unlinked_from_either_page(inbox: Inbox) -> None:
    one, other = await two(inbox)

    await inbox.post(f"/inbox/a/{one}/with/link", other=other)
    assert (await inbox.desk.it(2)).links == (one,)
    await inbox.post(f"/inbox/a/{other}/with/unlink", other=one)

    assert (await inbox.desk.it(1)).links == ()


async def test_merging_tells_the_requester_and_goes_on_in_the_other(
    inbox: Inbox,
) -> None:
    one, other = await two(inbox)
    dialog = await inbox.html(f"/inbox/a/{one}/with/merge")
    assert told_in(dialog) == 1

    status, location = await inbox.post(
        f"/inbox/a/{one}/with/merge", script=False, other=other
    )
    await inbox.desk.settle()

    assert (status, location) == (303, f"/inbox/a/{other}")
    assert (await inbox.desk.it(1)).merged_into == other
    assert "merged" in inbox.desk.client.kinds
    page = await inbox.html(f"/inbox/a/{other}")
    assert page.body is not None
    assert "18 rue des Charmettes" in page.body.text()


async def test_a_misfiled_message_moves_and_its_old_page_forgets_the_words(
    inbox: Inbox,
) -> None:
    one, other = await two(inbox)
    inbox.desk.client.answer(inbox.desk.client.mails[0], "Le code défaut est 9.")
    await inbox.desk.settle()
    page = await inbox.html(f"/inbox/a/{one}")
    link = page.css(".m.in footer a[data-do=move]")[-1].attributes["href"]

    status, told = await inbox.post(str(link), other=other)

    assert status == 200, told
    before = await inbox.html(f"/inbox/a/{one}")
    after = await inbox.html(f"/inbox/a/{other}")
    assert all("code défaut" not in m.text() for m in before.css(".m"))
    assert any("code défaut" in m.text() for m in after.css(".m"))


# --- opened on the phone ------------------------------------------------------


async def test_an_agent_registers_what_a_client_says_on_the_phone(inbox: Inbox) -> None:
    form = {
        "email": "paule@clim-nord.example",
        "requester": "Paule Nord",
        "company": "Clim Nord",
        "service": "incident",
        "address": "3 rue des Lilas",
        "postcode": "59000",
        "town": "Lille",
        "country": "FR",
        "maker": "other:",
        "maker.other": "Ballu",
        "text": "Plus de chauffage depuis hier.",
    }
    status, location = await inbox.post("/inbox/new", script=False, **form)
    await inbox.desk.settle()

    it = await inbox.desk.it()
    assert (status, location) == (303, f"/inbox/a/{it.ref}")
    assert it.answer("maker") == "other:Ballu"
    assert it.opened_via == "web"
    paule = inbox.desk.writer("Paule Nord", "paule@clim-nord.example")
    assert paule.kinds == ["incomplete"]


async def test_a_wrong_address_is_told_and_nothing_typed_is_lost(inbox: Inbox) -> None:
    async with inbox.client.post(
        "/inbox/new",
        data={"email": "paule", "town": "Lille", "once": "press-000000"},
        headers=inbox.headers,
    ) as answer:
        page = HTMLParser(await answer.text())
        assert answer.status == 422
    assert at(page, "#email-why").text()
    assert at(page, "#town").attributes["value"] == "Lille"


# --- what strangers send ------------------------------------------------------

EVIL = '<script>document.title="pwned"</script><img src=x onerror=alert(1)>'
HTML_MAIL = f"""<html><body onload="alert(1)"><p>Bonjour</p>{EVIL}
<form action="https://evil.example"><input name=a></form></body></html>"""


async def test_no_word_of_a_stranger_becomes_markup(inbox: Inbox) -> None:
    client = inbox.desk.writer("<img src=x onerror=alert(1)>", CLIENT)
    client.write(f"Panne {EVIL} https://exemple.example/a?b=<c>", subject=EVIL)
    await inbox.desk.settle()
    ref = await inbox.ref()
    await inbox.desk.act(c.AddNote(EVIL))

    for path in (
        f"/inbox/a/{ref}",
        "/inbox",
        f"/inbox?q={EVIL}",
        f"/inbox/a/{ref}/print",
    ):
        page = await inbox.html(path)
        assert page.css("script:not([src])") == []
        assert page.css("[onerror], [onload], img[src=x]") == []
        assert "pwned" not in at(page, "title").text()


async def test_the_html_of_a_mail_is_framed_without_origin_script_or_network(
    inbox: Inbox,
) -> None:
    client = inbox.desk.client
    octets = (
        f"From: {client.name} <{CLIENT}>\r\nTo: support@sav.example\r\n"
        "Subject: Panne\r\n"
        "Message-ID: <html.1@clim-martin.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/html; charset=utf-8\r\n\r\n" + HTML_MAIL
    )
    inbox.desk.mailbox.deliver(octets.encode(), CLIENT, "support@sav.example", "")
    await inbox.desk.settle()
    page = await inbox.html(f"/inbox/a/{await inbox.ref()}")
    original = str(at(page, "a.original").attributes["href"])

    shown = await inbox.html(original)
    frame = at(shown, "iframe")
    async with inbox.client.get(f"{original}/html", headers=inbox.headers) as answer:
        policy = answer.headers["Content-Security-Policy"]

    assert frame.attributes["sandbox"] == "allow-popups"
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("name", "media_type", "octets"),
    [
        ("plan.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("page.html", "text/html", b"<html><script>alert(1)</script></html>"),
        ("photo.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 20_000),
        ('"><img src=x onerror=alert(1)>.pdf', "application/pdf", b"%PDF-1.7\n" * 2000),
    ],
)
async def test_a_file_is_a_download_that_no_browser_runs(
    name: str, media_type: str, octets: bytes, inbox: Inbox
) -> None:
    inbox.desk.client.write(
        "Panne au 18 rue des Charmettes, 69100 Villeurbanne.",
        (name, media_type, octets),
    )
    await inbox.desk.settle()
    ref = await inbox.ref()
    page = await inbox.html(f"/inbox/a/{ref}")
    assert page.css("[onerror]") == []

    for document in (await inbox.desk.it()).documents:
        async with inbox.client.get(
            f"/inbox/a/{ref}/files/{document.number}", headers=inbox.headers
        ) as answer:
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.content_type not in ("image/svg+xml", "text/html")


@pytest.mark.parametrize(
    "path",
    ["files/../../../etc/passwd", "files/1%2F..%2F..%2F2", "files/0", "files/99/small"],
)
async def test_a_path_leads_nowhere_but_to_files_of_the_assistance(
    path: str, inbox: Inbox
) -> None:
    await inbox.desk.submitted()
    url = f"/inbox/a/{await inbox.ref()}/{path}"
    async with inbox.client.get(url, headers=inbox.headers) as answer:
        assert answer.status in (303, 404)


async def test_a_small_picture_that_cannot_be_drawn_is_not_found(inbox: Inbox) -> None:
    broken = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20_000
    inbox.desk.client.write(
        "Panne au 18 rue des Charmettes, 69100 Villeurbanne.",
        ("photo.png", "image/png", broken),
    )
    await inbox.desk.settle()
    url = f"/inbox/a/{await inbox.ref()}/files/1/small"
    async with inbox.client.get(url, headers=inbox.headers) as answer:
        assert answer.status == 404


async def test_a_note_is_in_no_mail_of_any_kind(inbox: Inbox) -> None:
    await inbox.desk.submitted()
    ref = await inbox.ref()
    await inbox.post(f"/inbox/a/{ref}/note", key="press-note-1", text=NOTE)
    for action in ("complement", "assign"):
        path = f"/inbox/a/{ref}/do/{action}"
        await inbox.post(path, **filled(await inbox.html(path)))
        await inbox.let_leave()

    assert any(isinstance(x, e.NoteAdded) for x in await inbox.desk.events())
    sent = [read(letter).text for letter in inbox.desk.mailbox.sent]
    assert len(sent) > 2
    assert all(NOTE not in text for text in sent)
    assert all(NOTE not in repr(row.facts) for row in await inbox.desk.deliveries())


async def test_no_page_has_an_inline_script_or_style(inbox: Inbox) -> None:
    await inbox.desk.planned()
    ref = await inbox.ref()
    for path in (
        "/inbox",
        f"/inbox/a/{ref}",
        f"/inbox/a/{ref}/do/move",
        f"/inbox/a/{ref}/with/merge",
        "/inbox/held",
        "/inbox/dead",
        "/inbox/new",
        "/inbox/stats",
        "/account",
    ):
        async with inbox.client.get(path, headers=inbox.headers) as answer:
            text = await answer.text()
            policy = answer.headers["Content-Security-Policy"]
        assert answer.status == 200, path
        assert "unsafe-inline" not in policy, path
        assert "script-src 'self'" in policy, path
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", text), path


async def test_a_session_that_ended_is_told_to_scripts_and_shown_the_door(
    inbox: Inbox,
) -> None:
    await inbox.desk.submitted()
    ref = await inbox.ref()
    inbox.headers["Cookie"] = f"{COOKIE}={new_secret()}"

    status, told = await inbox.post(f"/inbox/a/{ref}/do/handled")
    async with inbox.client.get(
        f"/inbox/a/{ref}?queue=todo", headers=inbox.headers, allow_redirects=False
    ) as answer:
        location = answer.headers["Location"]

    assert (status, told["code"]) == (401, "session_over")
    assert parse_qs(urlsplit(location).query) == {
        "next": [f"/inbox/a/{ref}?queue=todo"]
    }


async def test_an_unknown_assistance_is_a_page_that_names_its_lines_of_the_log(
    inbox: Inbox,
) -> None:
    page = await inbox.html("/inbox/a/ASFR26999999", 404)
    assert at(page, "h1").text()
    assert at(page, "code").text()
    # Nothing went wrong, and trying again would find no more.
    assert "incident" not in at(page, "body").text().lower()
    assert page.css_first("a.button:not(.quiet)") is None
