"""The restricted archive: out of everyday work, opened with a reason, never lost."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import FormData
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from azbot.clock import years_after, years_before
from azbot.config import RetentionSettings
from azbot.errors import Archived
from azbot.messages import PersonId, Trust
from azbot.personal.archiving import Archivist
from azbot.personal.exporting import export
from azbot.personal.purging import purge
from azbot.store import Store, UnitOfWork
from azbot.store.archive import IS_RIPE
from azbot.store.figures import Scope
from azbot.store.queries import Filters
from azbot.store.schema import assistances
from azbot.testing.clock import FakeClock
from azbot.workflow import commands as c
from azbot.workflow.model import Actor, Assistance, AssistanceRef, Role, Status
from azbot.workflow.worktime import worktime
from tests.maildesk import STRANGER, Mail, MailDesk
from tests.webdesk import BROWSER, Web, running

LONG = timedelta(days=3 * 366)
KEPT = RetentionSettings(years=3, archive_years=5)
SOPHIE = "sophie@clim-martin.example"
REASON = "Litige sur la garantie du client"


@dataclass
class Old:
    """A desk on which one request ended more than three years ago.

    Attributes:
        ref: its reference.
        link: the address in a mail about it.
        ended_link: another, whose life is over.
    """

    web: Web
    ref: AssistanceRef
    link: str
    ended_link: str
    archivist: Archivist
    clock: FakeClock

    async def step(self) -> int:
        return await self.archivist.step(self.clock.now())

    async def get(
        self, path: str, headers: dict[str, str], status: int = 200
    ) -> LexborHTMLParser:
        async with self.web.client.get(path, headers=headers) as response:
            text = await response.text()
            assert response.status == status, text[-1500:]
            return LexborHTMLParser(text)

    async def post(
        self, path: str, headers: dict[str, str], status: int, **fields: str
    ) -> str:
        """Press a button; where it leads, else the page."""
        sent = FormData({"once": "a-press-of-it", **fields})
        async with self.web.client.post(
            path, data=sent, headers=headers, allow_redirects=False
        ) as response:
            text = await response.text()
            assert response.status == status, text[-1500:]
            return response.headers.get("Location", text)

    async def state(self) -> Assistance:
        views = self.web.deps.store.views
        line = await views.archived_ref(self.ref)
        assert line is not None
        state = await views.archived_state(line.id)
        assert state is not None
        return state


@pytest.fixture
async def ended(store: Store, clock: FakeClock) -> AsyncIterator[Old]:
    """The same desk on the day the request ended."""
    async with running(store, clock) as web:
        ref = AssistanceRef(await web.opened())
        await web.command(ref, "cancel-assistance", reason="Plus besoin")
        link = await web.link(ref, days=10_000)
        ended = await web.link(ref, days=30)
        yield Old(web, ref, link, ended, Archivist(store, KEPT), clock)


@pytest.fixture
async def old(ended: Old) -> Old:
    await ended.clock.advance(LONG)
    return ended


def words(page: LexborHTMLParser) -> str:
    body = page.body
    return " ".join((body.text(separator=" ") if body else "").split())


# --- what leaves ----------------------------------------------------------------------


def test_the_29th_of_february_comes_back_in_every_year() -> None:
    leap = datetime(2028, 2, 29, 8, tzinfo=UTC)
    assert years_before(leap, 3) == datetime(2025, 2, 28, 8, tzinfo=UTC)
    assert years_after(leap, 4) == datetime(2032, 2, 29, 8, tzinfo=UTC)


async def test_what_ended_long_ago_is_in_no_list_search_or_suggestion(
    old: Old,
) -> None:
    views, store = old.web.deps.store.views, old.web.deps.store
    assert await views.suggestions("martin")
    row = (await views.outbox())[0]
    await store.write(lambda uow: uow.outbox.dead(row.id, "550 no such mailbox"))
    assert (await views.queue_counts(PersonId(1))).dead == 1
    assert await old.step() == 1
    assert await views.outbox() == []

    it = await old.state()
    for filters in (
        Filters(),
        Filters(words="martin"),
        Filters(reference=old.ref),
        Filters(refs=frozenset({old.ref})),
        Filters(statuses=frozenset({Status.CANCELLED})),
        Filters(requester=it.requester),
        Filters(seen_by=it.requester),
        Filters(requested_by="sophie"),
    ):
        assert (await views.page(filters)).items == ()
        assert await views.count(filters) == 0
    assert sum((await views.counts()).values()) == 0
    queues = await views.queue_counts(PersonId(1))
    assert not any(queues.statuses.values())
    assert queues.dead == 0
    assert await views.suggestions("martin") == []
    assert await views.suggestions(old.ref[-3:]) == []
    assert await views.states([it.id]) == {}
    assert await views.stations_of(it.requester) == {}

    def look(uow: UnitOfWork) -> None:
        assert uow.assistances.asked_by(it.requester, 5) == []
        assert uow.assistances.seen_by(it.requester, 5, 0) == []
        for get in (uow.assistances.get, uow.assistances.peek):
            with pytest.raises(Archived):
                get(it.id)
        with pytest.raises(Archived):
            uow.assistances.by_ref(old.ref)

    await old.web.deps.store.write(look)
    listed = await old.web.json("GET", "/assistances")
    assert listed["items"] == []
    answer = await old.web.call("GET", f"/assistances/{old.ref}")
    assert answer.status == 404


async def test_moving_twice_is_moving_once_and_a_batch_at_a_time(ended: Old) -> None:
    for _ in range(2):
        ref = await ended.web.opened()
        await ended.web.command(ref, "cancel-assistance", reason="Plus besoin")
    await ended.clock.advance(LONG)
    small = Archivist(ended.web.deps.store, KEPT, batch=2)
    now = ended.clock.now()
    assert [await small.step(now) for _ in range(3)] == [2, 1, 0]

    views = ended.web.deps.store.views
    first = await views.archived(10)
    assert len(first) == 3
    pages = [await views.archived(2), await views.archived(2, first[1].id)]
    assert [line for page in pages for line in page] == first
    await ended.clock.advance(timedelta(days=30))
    assert await ended.step() == 0
    assert await views.archived(10) == first


async def test_whoever_stirred_keeps_all_of_theirs_at_hand(old: Old) -> None:
    fresh = await old.web.opened()
    assert await old.step() == 0
    # Closed again, their time counts from this day.
    await old.web.command(fresh, "cancel-assistance", reason="Plus besoin")
    await old.clock.advance(timedelta(days=2 * 365))
    assert await old.step() == 0
    await old.clock.advance(timedelta(days=366 + 1))
    assert await old.step() == 2


async def test_somebody_elses_shared_request_keeps_nobody_but_its_own(
    old: Old,
) -> None:
    """A companion of one request is no part of everybody's."""
    answer = await old.web.json(
        "POST",
        "/assistances",
        {
            "requester": {"email": "paul@ailleurs.example", "name": "Paul Petit"},
            "answers": {"service": "incident"},
        },
    )
    ref = answer["assistance"]["ref"]

    def invite(uow: UnitOfWork) -> None:
        guest = uow.people.by_address("camille@sav.example")
        assert guest is not None
        it = uow.assistances.by_ref(AssistanceRef(ref))
        requester = uow.people.get(it.requester)
        actor = Actor(Role.CLIENT, requester.id, "Paul", Trust.PROVEN, "web")
        old.web.deps.desk.apply(uow, it, c.InviteColleague(guest.id, "Camille"), actor)

    await old.web.deps.store.write(invite)
    assert await old.step() == 1


async def test_what_waits_for_the_desk_is_never_archived(ended: Old) -> None:
    """Words that came to an ended request must be read first."""
    it = await ended.web.deps.store.views.by_ref(ended.ref)
    actor = Actor(Role.CLIENT, it.requester, "Sophie", Trust.PROVEN, "email")
    await ended.web.do(ended.ref, c.AddMessage("Et pourtant, une question."), actor)
    await ended.clock.advance(LONG)
    assert await ended.step() == 0


async def test_figures_count_what_is_archived_and_name_nobody(old: Old) -> None:
    views, now = old.web.deps.store.views, old.clock.now()
    scope = Scope(now - timedelta(days=2000), now)
    work = worktime(old.web.deps.desk.rules.working, scope.since, scope.before)
    before = await views.flow(scope, work), await views.first_answers(scope, work, now)
    assert before[0].opened.count == 1
    await old.step()
    after = await views.flow(scope, work), await views.first_answers(scope, work, now)
    assert after == before


def test_the_look_for_what_is_ripe_begins_at_an_index(migrated_file: Path) -> None:
    query = select(assistances.c.id).where(IS_RIPE).limit(100)
    shown = query.compile(dialect=sqlite.dialect())
    # What is asked for does not matter to the way it is looked up.
    values = ["" for _ in shown.positiontup or ()]
    with sqlite3.connect(migrated_file) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {shown}", values).fetchall()
    connection.close()
    assert "ix_assistances_status_updated_at_id (status=? AND updated_at<?)" in str(
        plan
    )
    assert "SCAN" not in str(plan)


# --- who opens it ---------------------------------------------------------------------


async def test_opening_needs_an_administrator_a_reason_and_leaves_a_line(
    old: Old,
) -> None:
    await old.step()
    agent, admin = await old.web.sign_in("agent"), await old.web.sign_in("admin")
    path = f"/admin/archive/{old.ref}"
    await old.get(path, agent, 403)
    told = words(await old.get(f"/inbox/a/{old.ref}", agent, 410))
    assert "Demande archivée" in told
    assert "Martin" not in told

    listed = await old.get("/admin/archive", admin)
    assert old.ref in words(listed)
    assert "Martin" not in words(listed)
    # Everyday's address leads an administrator to the door, which asks why.
    door = await old.get(f"/inbox/a/{old.ref}", admin)
    assert door.css_first(f'form[action="{path}"] textarea[name=reason]') is not None
    assert "Martin" not in words(door)
    refused = await old.post(path, admin, 422, reason="voir")
    assert "Martin" not in refused

    inside = await old.post(path, admin, 303, reason=REASON)
    page = words(await old.get(inside, admin))
    assert "Sophie Martin" in page
    line = (await old.web.deps.store.views.audit())[0]
    assert (line.what, line.subject) == ("archive.opened", old.ref)
    assert line.actor == "Alix Moreau"
    assert line.after == {"reason": REASON}
    log = words(await old.get("/admin/log?about=archive", admin))
    assert REASON in log


async def test_an_opening_is_its_writers_alone_and_ends_by_itself(old: Old) -> None:
    await old.step()
    admin = await old.web.sign_in("admin")
    other = await old.web.sign_in("admin", "Noé Roux", "noe@sav.example")
    inside = await old.post(f"/admin/archive/{old.ref}", admin, 303, reason=REASON)
    assert "Martin" not in words(await old.get(inside, other))
    guessed = f"/admin/archive/{old.ref}?opening=1"
    assert "Martin" not in words(await old.get(guessed, other))
    await old.clock.advance(timedelta(minutes=16))
    assert "Martin" not in words(await old.get(inside, admin))


async def test_a_search_of_the_archive_is_exact_and_noted(old: Old) -> None:
    await old.step()
    admin = await old.web.sign_in("admin")
    for sought in (SOPHIE.upper(), old.ref.lower()):
        page = await old.post("/admin/archive", admin, 200, sought=sought)
        assert old.ref in page
    for sought in ("sophie", "clim-martin.example", "ASFR26999999"):
        page = await old.post("/admin/archive", admin, 200, sought=sought)
        assert f"/admin/archive/{old.ref}" not in page
    lines = await old.web.deps.store.views.audit(whats=("archive.searched",))
    assert [line.subject for line in lines].count(old.ref) == 2
    assert len(lines) == 5


# --- whom it is about -----------------------------------------------------------------


@pytest.mark.parametrize("is_over", [False, True], ids=["alive", "over"])
async def test_an_old_link_says_so_and_lets_the_client_ask(
    old: Old,
    is_over: bool,
) -> None:
    await old.step()
    link = old.ended_link if is_over else old.link
    response = await old.web.read(link)
    text = await response.text()
    assert response.status == 410
    assert "Cette demande est archivée" in text
    assert old.ref in text
    assert "Œillets" not in text
    assert "Sophie" not in text

    first = await old.web.client.get(link, headers=BROWSER, allow_redirects=False)
    cookies = "; ".join(f"{one.key}={one.value}" for one in first.cookies.values())
    headers = {"Cookie": cookies, **BROWSER}
    path = f"/portal/{old.ref}/archived"
    await old.post(path, headers, 422, text="  ")
    asked = await old.post(path, headers, 303, text="Il me faut le rapport.")
    again = await old.post(path, headers, 303, text="Il me faut le rapport.")
    assert asked == again
    page = words(await old.get(asked, headers, 410))
    listed = (await old.web.deps.store.views.page()).items
    assert len(listed) == 1
    assert listed[0].ref in page
    it = await old.web.deps.store.views.by_ref(listed[0].ref)
    assert it.latest is not None
    assert it.latest.text == f"({old.ref}) Il me faut le rapport."
    assert it.requester == (await old.state()).requester


async def test_a_session_learns_of_its_own_archive_and_of_nobody_elses(
    old: Old,
) -> None:
    await old.step()
    own, other = await old.web.known(SOPHIE), await old.web.known("paul@a.example")
    assert "archivée" in words(await old.get(f"/portal/{old.ref}", own, 410))
    assert old.ref not in words(await old.get("/portal", own))
    unknown = await old.get(f"/portal/{old.ref}", other, 404)
    assert "archivée" not in words(unknown)
    await old.post(f"/portal/{old.ref}/archived", other, 404, text="Bonjour")


async def test_export_and_purge_reach_what_is_archived(
    old: Old, store_url: str, tmp_path: Path
) -> None:
    """It is restricted, not out of reach of the rights of whom it is about."""
    await old.step()
    store, now = old.web.deps.store, old.clock.now()
    done = await export(store, SOPHIE, tmp_path / "sophie.zip", now)
    assert done.assistances == (old.ref,)
    kept = await purge(store, store_url, KEPT, now)
    assert kept.people == 0
    await old.clock.advance(timedelta(days=2 * 366))
    over = await purge(store, store_url, KEPT, old.clock.now())
    assert over.people == 1
    it = await old.state()
    assert not it.answers.get("address")
    assert it.status is Status.CANCELLED


# --- what is written to it ------------------------------------------------------------


async def put_away(desk: MailDesk) -> tuple[AssistanceRef, Mail]:
    """A request that is archived, and the mail its requester still has."""
    recap = await desk.submitted()
    ref = (await desk.it()).ref
    await desk.act(c.CancelAssistance("Plus besoin"))
    await desk.settle()
    await desk.clock.advance(LONG)
    assert await Archivist(desk.store, KEPT).step(desk.clock.now()) == 1
    return ref, recap


async def test_a_mail_that_answers_it_becomes_a_request_that_names_it(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    ref, recap = await put_away(desk)
    history = await desk.events()
    desk.client.answer(recap, "La panne est revenue.")
    await desk.settle()

    it = await desk.it(2)
    assert it.latest is not None
    assert it.latest.text.startswith(f"({ref})")
    assert "La panne est revenue." in it.latest.text
    # Nothing of the archive came back with it, and nothing was written there.
    assert not it.answer("address")
    assert await desk.events() == history
    assert (await desk.states())[-1] == "applied"


async def test_a_stranger_with_its_token_is_held_for_a_person(desk: MailDesk) -> None:
    _, recap = await put_away(desk)
    desk.writer("Paul", STRANGER).answer(recap, "OUI")
    await desk.settle()
    assert await desk.last_reason() == "foreign_sender"


async def test_a_robot_that_answers_it_changes_nothing(desk: MailDesk) -> None:
    _, recap = await put_away(desk)
    history = await desk.events()
    desk.client.answer(recap, "Absent.", Auto_Submitted="auto-replied")
    await desk.settle()
    assert (await desk.states())[-1] == "ignored"
    assert await desk.events() == history
