"""The live link over real HTTP: what a page is told while it stays open (ux.md 6.5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import Connection, Engine, create_engine

from azbot.channels.web.live.hub import (
    BEAT_EVERY,
    LIVE,
    MOST_REPLAYED,
    MOST_STREAMS,
)
from azbot.channels.web.live.streams import MOST_WAITING
from azbot.channels.web.server import build_app
from azbot.channels.web.staff import secret_hash
from azbot.choices.change import choose
from azbot.messages import PersonId, Reason, Receipt
from azbot.store import DeliveryId, RawOutcome, RawState, Store, UnitOfWork, open_store
from azbot.store.engine import address_of
from azbot.testing.clock import FakeClock
from azbot.testing.patience import PATIENCE
from azbot.workflow import events as e
from azbot.workflow.model import AssistanceRef
from tests.livestream import listening
from tests.stores import NOW, a_line, a_raw, an_assistance
from tests.webdesk import Decided, Web, deps_of, running

TAB = "tab-of-this-test"
SECOND = timedelta(seconds=1)
_INSTANTS = count(1)
"""Lines of one instant and author are one commit."""


async def noted(store: Store, ref: str, times: int = 1) -> list[int]:
    """Add notes to a history, each in a commit of its own; return their numbers."""
    numbers = []
    for turn in range(times):
        at = NOW + next(_INSTANTS) * SECOND
        line = a_line(e.NoteAdded(f"Note {turn}"), at=at)

        def work(uow: UnitOfWork, line: Any = line) -> list[int]:
            key = uow.assistances.by_ref(AssistanceRef(ref)).id
            return uow.events.append(key, [line])

        numbers += await store.write(work)
    return numbers


async def an_open_one(store: Store) -> str:
    return (await store.write(an_assistance)).ref


async def say(
    web: Web, session: dict[str, str], ref: str | None, level: str, tab: str = TAB
) -> int:
    body = {"tab": tab, "ref": ref, "level": level}
    response = await web.client.post("/inbox/presence", json=body, headers=session)
    return response.status


def names(told: dict[str, Any], ref: str) -> dict[str, str]:
    """Who is at a place, by name: at which level."""
    return {each["name"]: each["level"] for each in told["refs"].get(ref, [])}


async def test_a_commit_is_told_with_what_a_list_needs(web: Web) -> None:
    session = await web.sign_in()
    async with listening(web.client, session) as page:
        ref = await web.opened()
        told = await page.next("change")
        assert told.data["ref"] == ref
        assert told.data["kinds"][0] == "AssistanceOpened"
        assert (told.data["status"], told.data["is_inbound"]) == ("submitted", False)
        assert set(told.data) == {
            *("ref", "id", "event", "kinds", "at", "by", "is_inbound", "status")
        }


async def test_what_a_client_says_is_told_as_coming_in(web: Web) -> None:
    ref = await an_open_one(web.deps.store)
    async with listening(web.client, await web.sign_in()) as page:
        await noted(web.deps.store, ref)  # by the client of the builders
        told = await page.next("change")
        assert told.data["is_inbound"] is True


async def test_the_stream_is_one_that_proxies_let_through(web: Web) -> None:
    async with listening(web.client, await web.sign_in()) as page:
        headers = page.response.headers
        assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert headers["X-Accel-Buffering"] == "no"
        assert headers["Cache-Control"] == "no-store, no-transform"
        assert "Content-Encoding" not in headers


async def test_replay_from_the_last_event_id_gives_each_exactly_once(
    web: Web,
) -> None:
    session, store = await web.sign_in(), web.deps.store
    ref = await an_open_one(store)
    async with listening(web.client, session) as page:
        before = await noted(store, ref, 3)
        assert await page.changes(2) == before[:2]
        left_at = page.mark
    missed = await noted(store, ref, 3)
    async with listening(web.client, session, left_at, expected=["hello"]) as page:
        assert await page.changes(4) == [before[2], *missed]
        after = await noted(store, ref)
        assert await page.changes(1) == after
    kinds = [told.event for told in page.heard]
    assert kinds.count("change") == 5


async def test_a_new_leader_goes_on_where_the_last_one_was(web: Web) -> None:
    session, store = await web.sign_in(), web.deps.store
    ref = await an_open_one(store)
    async with listening(web.client, session) as page:
        await noted(store, ref)
        await page.changes(1)
        mark = page.mark
    missed = await noted(store, ref, 2)
    async with listening(
        web.client, session, query=mark, expected=["hello"]
    ) as another:
        assert await another.changes(2) == missed


async def test_what_happens_between_a_page_and_its_first_connection_is_told(
    web: Web,
) -> None:
    session, store = await web.sign_in(), web.deps.store
    ref = await an_open_one(store)
    mark = str(await web.client.app[LIVE].mark())
    missed = await noted(store, ref)
    async with listening(web.client, session, query=mark, expected=["hello"]) as page:
        assert await page.changes(1) == missed


async def test_who_missed_too_much_is_told_to_read_the_page_anew(web: Web) -> None:
    session, store = await web.sign_in(), web.deps.store
    it = await store.write(an_assistance)
    async with listening(web.client, session) as page:
        left_at = page.mark or page.heard[0].mark
    line = a_line(e.NoteAdded("Note"))
    many = [line] * (MOST_REPLAYED + 1)
    await store.write(lambda uow: uow.events.append(it.id, many))
    async with listening(
        web.client, session, left_at, expected=["hello", "reset", "presence"]
    ) as page:
        new = await noted(store, it.ref)
        assert await page.changes(1) == new


@pytest.mark.parametrize("mark", ["tomorrow", "999999", "0-1.2.3"])
async def test_a_mark_nobody_gave_is_answered_by_a_reset(web: Web, mark: str) -> None:
    session = await web.sign_in()
    first = ["hello", "reset", "presence"]
    async with listening(web.client, session, mark, expected=first) as page:
        assert page.heard[1].data["last"] == page.mark


async def test_a_delivery_that_left_is_told_to_who_watches(web: Web) -> None:
    ref, store = await web.opened(), web.deps.store
    it = await store.views.by_ref(AssistanceRef(ref))
    (first, *_) = await store.views.deliveries(it.id)
    async with listening(web.client, await web.sign_in()) as page:
        receipt = Receipt("1", web.clock.now())
        await store.write(lambda uow: uow.outbox.sent(DeliveryId(first.id), receipt))
        assert (await page.next("outbox")).data == {"ref": ref}
        left_at = page.mark
    async with listening(web.client, await web.sign_in(), left_at) as page:
        await store.write(
            lambda uow: uow.outbox.resend(DeliveryId(first.id), it.opened_at)
        )
        assert (await page.next()).event == "outbox"


async def test_a_delivery_that_left_during_a_cut_is_told_afterwards(web: Web) -> None:
    ref, store = await web.opened(), web.deps.store
    session = await web.sign_in()
    it = await store.views.by_ref(AssistanceRef(ref))
    async with listening(web.client, session) as page:
        left_at = page.heard[0].mark
    (first, *_) = await store.views.deliveries(it.id)
    await store.write(lambda uow: uow.outbox.cancel(first.id))
    begins = ["hello", "outbox", "presence"]
    async with listening(web.client, session, left_at, expected=begins) as page:
        assert page.heard[1].data == {"ref": ref}


async def test_a_message_that_waits_for_a_person_is_told(web: Web) -> None:
    store = web.deps.store
    await store.accept([a_raw()])
    (entry,) = await store.views.ledger()
    held = RawOutcome(RawState.QUARANTINED, Reason.UNPROVEN_SENDER)
    async with listening(web.client, await web.sign_in()) as page:
        await store.write(lambda uow: uow.raw.finish(entry.id, held))
        assert (await page.next("ledger")).data == {"waiting": 1}
        await store.write(lambda uow: uow.raw.reset(entry.id))
        assert (await page.next("ledger")).data == {"waiting": 0}


async def test_what_an_administrator_chooses_is_told(web: Web) -> None:
    store = web.deps.store
    async with listening(web.client, await web.sign_in()) as page:
        await store.write(lambda uow: choose(uow, "workflow.answer_hours", 4))
        assert (await page.next()).event == "settings"
        await store.write(lambda uow: uow.ring("settings"))  # nothing was chosen
        await web.opened()
        assert (await page.next()).event == "change"


async def test_a_silent_stream_says_every_fifteen_seconds_that_it_lives(
    web: Web,
) -> None:
    async with listening(web.client, await web.sign_in()) as page:
        for _ in range(2):
            await web.clock.advance(BEAT_EVERY)
            assert (await page.next()).event == "beat"


async def test_while_nobody_watches_nothing_wakes(web: Web) -> None:
    async with listening(web.client, await web.sign_in()):
        await web.clock.until_asleep(5)
    web.client.app[LIVE].close()
    # What sleeps now wakes once more, finds nobody, and rests.
    await web.clock.advance(BEAT_EVERY)
    await web.clock.advance(timedelta(days=365))
    assert web.clock.alarms == ()


@pytest.mark.parametrize("how", ["revoked", "expired", "disabled"])
async def test_a_session_that_is_over_ends_its_stream_within_thirty_seconds(
    web: Web, how: str
) -> None:
    session, other = await web.sign_in(), await web.sign_in("admin")
    key = secret_hash(session["Cookie"].partition("=")[2])
    now = web.clock.now()

    def work(uow: UnitOfWork) -> None:
        found = uow.sessions.get(key)
        assert found is not None
        if how == "revoked":
            uow.sessions.revoke(key, now)
        elif how == "expired":
            uow.sessions.seen(key, now, now + SECOND)
        else:
            account = uow.accounts.get(found.person)
            assert account is not None
            uow.accounts.put(replace(account, disabled_at=now))

    async with (
        listening(web.client, session) as page,
        listening(web.client, other) as colleague,
    ):
        await web.deps.store.write(work)
        await web.clock.advance(2 * BEAT_EVERY)
        assert set(await page.rest()) == {"beat"}
        assert (await colleague.next()).event == "beat"
        assert web.client.app[LIVE].streams == 1
    again = await web.client.get(
        "/inbox/live", headers={**session, "Accept": "text/event-stream"}
    )
    assert again.status == 401


async def test_nobody_listens_without_a_session(web: Web) -> None:
    response = await web.client.get(
        "/inbox/live", headers={"Accept": "text/event-stream"}, allow_redirects=False
    )
    assert response.status == 401
    said = await web.client.post("/inbox/presence", json={})
    assert said.status == 403  # nor from another site
    same = {"Sec-Fetch-Site": "same-origin"}
    said = await web.client.post("/inbox/presence", json={}, headers=same)
    assert said.status == 401


async def test_a_reader_who_stands_still_is_dropped_while_others_go_on(
    web: Web,
) -> None:
    store, hub = web.deps.store, web.client.app[LIVE]
    it = await store.write(an_assistance)
    lines = [
        a_line(e.NoteAdded("Note"), at=NOW + number * SECOND)
        for number in range(MOST_WAITING + 200)
    ]
    async with (
        listening(web.client, await web.sign_in()) as page,
        hub.joined("of nobody", PersonId(1), None) as still,
    ):
        numbers = await store.write(lambda uow: uow.events.append(it.id, lines))
        assert await page.changes(len(numbers)) == numbers
        assert not still.is_open
        assert [octets.count(b"event: ") async for octets in still] == [1]


async def test_one_person_has_so_many_streams_and_no_more(web: Web) -> None:
    session = await web.sign_in()
    async with AsyncExitStack() as stack:
        for _ in range(MOST_STREAMS):
            await stack.enter_async_context(listening(web.client, session))
        refused = await web.client.get(
            "/inbox/live", headers={**session, "Accept": "text/event-stream"}
        )
        assert refused.status == 429
        assert "20 navigateurs" in (await refused.json())["detail"]
        async with listening(web.client, await web.sign_in("admin")):
            pass
    async with listening(web.client, session):
        pass  # those that were closed do not count


async def test_who_is_there_is_told_at_two_levels(web: Web) -> None:
    session = await web.sign_in()
    ref = await an_open_one(web.deps.store)
    async with listening(web.client, await web.sign_in("admin")) as page:
        assert await say(web, session, ref, "sees") == 204
        told = (await page.next("presence")).data
        assert told["whole"] is False
        assert names(told, ref) == {"Camille Durand": "sees"}
        assert names(told, "") == {"Camille Durand": "here"}
        (there,) = told["refs"][ref]
        assert there["initials"] == "CD"
        await say(web, session, ref, "types")
        told = (await page.next("presence")).data
        assert told["refs"].keys() == {ref}
        assert names(told, ref) == {"Camille Durand": "types"}


async def test_who_stops_typing_or_leaves_is_told_without_being_asked(
    web: Web,
) -> None:
    session = await web.sign_in()
    ref = await an_open_one(web.deps.store)
    async with listening(web.client, await web.sign_in("admin")) as page:
        await say(web, session, ref, "types")
        await page.next("presence")
        await _pass(web, 8 * SECOND)
        told = (await page.next("presence")).data
        assert names(told, ref) == {"Camille Durand": "sees"}
        await _pass(web, 37 * SECOND)
        told = (await page.next("presence")).data
        assert told["refs"] == {"": [], ref: []}


async def _pass(web: Web, span: timedelta) -> None:
    """Let time pass as it does: what works in threads answers meanwhile."""
    until = web.clock.now() + span
    while web.clock.now() < until:
        await web.clock.advance(min(SECOND, until - web.clock.now()))
        await web.clock.until_asleep()
        await asyncio.to_thread(lambda: None)


async def test_two_tabs_of_one_person_are_one_colleague(web: Web) -> None:
    session = await web.sign_in()
    ref = await an_open_one(web.deps.store)
    async with listening(web.client, await web.sign_in("admin")) as page:
        await say(web, session, ref, "types", "the-first-tab")
        await page.next("presence")
        await say(web, session, ref, "sees", "the-second-tab")
        await say(web, session, None, "gone", "the-first-tab")
        told = (await page.next("presence")).data
        assert names(told, ref) == {"Camille Durand": "sees"}


async def test_who_connects_is_told_of_everybody_who_is_there(web: Web) -> None:
    ref = await an_open_one(web.deps.store)
    await say(web, await web.sign_in(), ref, "sees")
    async with listening(web.client, await web.sign_in("admin"), expected=()) as page:
        told = (await page.next("presence")).data
        assert told["whole"] is True
        assert names(told, ref) == {"Camille Durand": "sees"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"tab": TAB, "level": "here"}, 204),
        ({"tab": TAB, "ref": "ASFR26999999", "level": "sees"}, 404),
        ({"tab": "x", "level": "here"}, 400),
        ({"tab": TAB, "level": "dances"}, 400),
        ({"tab": TAB, "level": "here", "person": 1}, 400),
        ([], 400),
    ],
)
async def test_presence_is_believed_when_it_is_well_said(
    web: Web, body: object, status: int
) -> None:
    session = await web.sign_in()
    response = await web.client.post("/inbox/presence", json=body, headers=session)
    assert response.status == status


async def test_presence_is_said_so_often_and_no_more(web: Web) -> None:
    session = await web.sign_in()
    found = {await say(web, session, None, "here") for _ in range(300)}
    assert found == {204}
    assert await say(web, session, None, "here") == 429
    assert await say(web, await web.sign_in("admin"), None, "here", "other-tab") == 204
    await web.clock.advance(timedelta(minutes=1))
    assert await say(web, session, None, "here") == 204


async def test_a_stop_sends_everybody_elsewhere_and_waits_for_nobody(
    sqlite_store: Store, clock: FakeClock
) -> None:
    async with running(sqlite_store, clock) as web:
        session = await web.sign_in()
        async with listening(web.client, session) as page:
            async with asyncio.timeout(PATIENCE):
                await web.client.server.close()
            assert await page.rest() == ["bye"]


# --- several processes on one PostgreSQL ---------------------------------------------


@asynccontextmanager
async def two_processes(
    url: str, folder: Path, clock: FakeClock
) -> AsyncIterator[tuple[Web, Web]]:
    async with AsyncExitStack() as stack:
        webs: list[Web] = []
        for _ in range(2):
            store = open_store(url, folder, clock=clock)
            await stack.enter_async_context(store)
            # The first ring says that its ear listens.
            await asyncio.wait_for(
                store.bell.wait("raw", clock.now() + SECOND), PATIENCE
            )
            if not webs:
                webs.append(await stack.enter_async_context(running(store, clock)))
                continue
            decided = Decided()
            deps = deps_of(store, clock, decided)
            client = TestClient(TestServer(build_app(deps)))
            await stack.enter_async_context(client)
            webs.append(Web(deps, client, clock, decided))
        yield webs[0], webs[1]


@pytest.fixture
def shared_url(postgres_url: Callable[[str], str], migrated_database: str) -> str:
    return postgres_url(migrated_database)


@pytest.mark.postgres
async def test_two_processes_tell_what_the_other_commits(
    shared_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with two_processes(shared_url, tmp_path, clock) as (one, two):
        session, colleague = await one.sign_in(), await one.sign_in("admin")
        async with listening(two.client, colleague) as page:
            ref = await one.opened()
            assert (await page.next("change")).data["ref"] == ref
            await say(one, session, ref, "sees")
            assert names((await page.next("presence")).data, ref) == {
                "Camille Durand": "sees"
            }
            await say(one, session, ref, "types")
            assert names((await page.next("presence")).data, ref) == {
                "Camille Durand": "types"
            }


@pytest.mark.postgres
async def test_a_page_goes_on_in_another_process_where_it_was(
    shared_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with two_processes(shared_url, tmp_path, clock) as (one, two):
        session = await one.sign_in()
        ref = await an_open_one(one.deps.store)
        async with listening(one.client, session) as page:
            await noted(one.deps.store, ref)
            await page.changes(1)
            mark = page.mark
        missed = await noted(one.deps.store, ref, 2)
        async with listening(two.client, session, mark, expected=["hello"]) as page:
            assert await page.changes(2) == missed
            last = await noted(two.deps.store, ref)
            assert await page.changes(1) == last


class Slow:
    """A commit that takes long: its row has a number and is not visible yet."""

    def __init__(self, url: str, ref: str) -> None:
        self._engine: Engine = create_engine(address_of(url).url)
        self._ref = ref
        self._connection: Connection | None = None
        self.number = 0

    def begin(self) -> None:
        self._connection = self._engine.connect()
        found = self._connection.exec_driver_sql(
            "INSERT INTO events (assistance_id, seq, kind, at, role, actor, trust,"
            " channel, after, comment, is_internal, data) SELECT id, 1000, 'NoteAdded',"
            " now(), 'agent', 'Camille', 4, 'web', 'submitted', '', true, '{}'"
            " FROM assistances WHERE ref = %s RETURNING id",
            (self._ref,),
        )
        self.number = int(found.scalar_one())

    def commit(self) -> None:
        assert self._connection is not None
        self._connection.commit()
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()


@pytest.mark.postgres
async def test_a_smaller_number_that_comes_later_is_told_once(
    shared_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with two_processes(shared_url, tmp_path, clock) as (one, two):
        store, session = one.deps.store, await one.sign_in()
        ref, other = await an_open_one(store), await an_open_one(store)
        slow = Slow(shared_url, other)
        async with listening(one.client, session) as page:
            await asyncio.to_thread(slow.begin)
            (late,) = await noted(store, ref)
            assert slow.number < late
            assert await page.changes(1) == [late]
            left_at = page.mark
            await asyncio.to_thread(slow.commit)
            (last,) = await noted(store, ref)
            assert await page.changes(2) == [slow.number, last]
        # Who was cut between the two is told of it by any process, and once.
        async with listening(two.client, session, left_at, expected=["hello"]) as page:
            assert await page.changes(2) == [slow.number, last]
            assert (await page.next()).event == "presence"


@pytest.mark.postgres
async def test_a_page_made_during_a_slow_commit_is_told_of_it(
    shared_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with two_processes(shared_url, tmp_path, clock) as (one, _):
        store, session = one.deps.store, await one.sign_in()
        ref, other = await an_open_one(store), await an_open_one(store)
        slow = Slow(shared_url, other)
        await asyncio.to_thread(slow.begin)
        await noted(store, ref)
        async with listening(one.client, session) as page:
            await asyncio.to_thread(slow.commit)
            (last,) = await noted(store, ref)
            assert await page.changes(2) == [slow.number, last]
