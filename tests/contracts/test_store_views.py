"""Lists, searches and figures (R24–R31, ux.md A13, D9)."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

from azbot.errors import NotFound, Refused
from azbot.messages import PersonId
from azbot.store import Store, UnitOfWork
from azbot.store.filters import columns
from azbot.store.queries import Filters, Sort
from azbot.store.schema import assistances
from azbot.workflow.events import MessageAdded, NoteAdded
from azbot.workflow.model import (
    Assistance,
    AssistanceId,
    AssistanceRef,
    Attention,
    Intervention,
    InterventionStatus,
    Latest,
    Mission,
    MissionStatus,
    Role,
    ServiceType,
    Status,
)
from tests.stores import MINUTE, NOW, a_delivery, a_line, a_raw, an_assistance

DAY = timedelta(days=1)


async def refs(store: Store, filters: Filters | None = None, **options: object) -> str:
    """The last digit of each reference on the first page."""
    page = await store.views.page(filters, **options)  # type: ignore[arg-type]
    return "".join(item.ref[-1] for item in page.items)


def four(uow: UnitOfWork) -> list[Assistance]:
    """Four of one day each: Lyon, Évry (waiting), Nice (assigned), Évry (closed)."""
    station = uow.stations.add("Froid Sud", "sud@example.org").station
    lyon = an_assistance(uow, town="Lyon", postcode="69003", service="marking")
    evry = an_assistance(uow, at=NOW + DAY, own_number="Chantier Œuvre 12")
    nice = an_assistance(
        uow, "bob@example.org", at=NOW + 2 * DAY, town="Nice", postcode="06000"
    )
    closed = an_assistance(uow, at=NOW + 3 * DAY, address="2 impasse du Gué")
    proposed = Mission(1, station, MissionStatus.PROPOSED, NOW, NOW + DAY)
    visit = Intervention(
        1, 1, InterventionStatus.PLANNED, planned_at=NOW + 9 * DAY + MINUTE
    )
    save = uow.assistances.save
    owned = replace(
        evry,
        status=Status.WAITING,
        needs_agent=True,
        owner=PersonId(7),
        owner_name="Camille",
        tags=("Été", "Urgent"),
    )
    given = replace(
        nice,
        status=Status.ASSIGNED,
        missions=(proposed,),
        interventions=(visit,),
        updated_at=NOW + 30 * DAY,
        latest=Latest("Il fuit", NOW, Role.CLIENT, "telegram"),
    )
    hidden = replace(closed, status=Status.CLOSED, snoozed_until=NOW + 9 * DAY)
    calm = replace(lyon, attention=None, attention_since=None)
    return [save(calm), save(owned), save(given), save(hidden)]


async def test_the_list_shows_newest_first_and_what_r24_asks(store: Store) -> None:
    _, _, nice, _ = await store.write(four)
    assert await refs(store) == "4321"
    assert await refs(store, is_descending=False) == "1234"
    item = (await store.views.page()).items[1]
    assert (item.ref, item.service, item.status) == (
        nice.ref,
        ServiceType.INCIDENT,
        Status.ASSIGNED,
    )
    assert (item.address, item.postcode, item.town, item.country) == (
        "18 rue des Œillets",
        "06000",
        "Nice",
        "FR",
    )
    assert (item.opened_at, item.planned_at) == (
        NOW + 2 * DAY,
        NOW + 9 * DAY + MINUTE,
    )
    assert (item.station_name, item.version) == ("Froid Sud", nice.version)
    assert (item.channel, item.preview, item.preview_by) == (
        "telegram",
        "Il fuit",
        Role.CLIENT,
    )
    assert (item.attention, item.attention_since) == (Attention.NEW, item.opened_at)


async def test_the_longest_wait_comes_first_and_nobodys_last(store: Store) -> None:
    await store.write(four)
    by = Sort.WAITING
    assert await refs(store, sort=by, is_descending=False) == "2341"
    queue = Filters(needs_attention=True)
    assert await refs(store, queue, sort=by, is_descending=False) == "23"
    item = (await store.views.page(Filters(is_owned=True))).items[0]
    assert (item.owner, item.owner_name, item.tags) == (
        7,
        "Camille",
        ("Été", "Urgent"),
    )


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (Filters(needs_attention=True), "ix_assistances_attention_since_id"),
        (Filters(owners=frozenset({PersonId(7)})), "ix_assistances_owner_id"),
        (
            Filters(owners=frozenset({PersonId(7)}), is_open=True),
            "ix_assistances_open_of_owner",
        ),
        (Filters(is_to_approve=True), "ix_assistances_is_to_approve"),
        (Filters(is_snoozed=True), "ix_assistances_snoozed_until"),
        (Filters(tags=frozenset({"urgent"})), "ix_assistances_tagged"),
    ],
)
def test_each_queue_has_its_index(
    migrated_file: Path, filters: Filters, index: str
) -> None:
    query = select(assistances.c.id).where(*columns(filters))
    words = query.compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    with sqlite3.connect(migrated_file) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {words}").fetchall()
    connection.close()
    assert index in str(plan)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(reference="2"), "4321"),  # ASFR26…: every one of the year
        (Filters(reference="000003"), "3"),
        (Filters(reference="26000003"), "3"),
        (Filters(reference=" as fr 26000003 "), "3"),
        (Filters(reference="ASFR26000009"), ""),
        (Filters(reference="%"), ""),
        (Filters(services=frozenset({ServiceType.MARKING})), "1"),
        (Filters(services=frozenset({ServiceType.COMMISSIONING})), ""),
        (Filters(address="evry oeill"), "2"),
        (Filters(address="impasse 2"), "4"),
        (Filters(address="OEILLETS 69003"), "1"),
        (Filters(address=" - "), "4321"),
        (Filters(opened_from=NOW + DAY), "432"),
        (Filters(opened_before=NOW + DAY), "1"),
        (Filters(opened_from=NOW + DAY, opened_before=NOW + 2 * DAY), "2"),
        (Filters(planned_from=NOW + 9 * DAY, planned_before=NOW + 10 * DAY), "3"),
        (Filters(planned_before=NOW + 9 * DAY), ""),
        (Filters(statuses=frozenset({Status.WAITING, Status.CLOSED})), "42"),
        (Filters(departments=frozenset({"06", "69"})), "4321"),
        (Filters(departments=frozenset({"06"})), "3"),
        (Filters(needs_agent=True), "2"),
        (Filters(needs_agent=False), "431"),
        (Filters(is_silent=True), ""),
        (Filters(needs_attention=True), "32"),
        (Filters(needs_attention=False), "41"),
        (Filters(is_snoozed=True), "4"),
        (Filters(is_snoozed=False), "321"),
        (Filters(owners=frozenset({PersonId(7)})), "2"),
        (Filters(owners=frozenset({PersonId(8)})), ""),
        (Filters(is_owned=True), "2"),
        (Filters(is_owned=False), "431"),
        (Filters(is_to_approve=True), ""),
        (Filters(tags=frozenset({"ete"})), "2"),
        (Filters(tags=frozenset({"URGENT", "autre"})), "2"),
        (Filters(tags=frozenset({"urg"})), ""),
        (Filters(tags=frozenset({"%"})), ""),
        (Filters(channels=frozenset({"telegram", "sms"})), "3"),
        (Filters(channels=frozenset({"email"})), "421"),
        (Filters(has_documents=True), ""),
        (Filters(has_documents=False), "4321"),
        (Filters(words="oeuvre chant"), "2"),
        (Filters(words="bob"), "3"),  # who asked
        (Filters(words="dupont 69003"), "1"),
        (Filters(words="froid sud"), "3"),  # its station
        (Filters(words="3"), "3"),  # the number of its reference
        (Filters(words=" 003 "), "3"),
        (Filters(words="0 3"), ""),
        (Filters(words="as fr 26 000003"), "3"),
        (Filters(words="690"), "1"),
        (Filters(words="26000003"), "3"),
        (Filters(requested_by="bob exam"), "3"),
        (Filters(requested_by="DUPÓNT anne"), "4321"),
        (Filters(requested_by="upont"), ""),
        (Filters(requested_by="%"), "4321"),
        (Filters(refs=frozenset({AssistanceRef("ASFR26000002")})), "2"),
        (Filters(is_open=True), "321"),
        (Filters(is_open=False), "4"),
        (Filters(words="nice incident"), "3"),
        (Filters(words="nice lyon"), ""),
        (Filters(words="asfr26000004"), "4"),
        (Filters(words="'; -- \" NEAR * ( ^"), ""),
        (Filters(words="!!!"), "4321"),
        (Filters(words="evry", statuses=frozenset({Status.CLOSED})), "4"),
    ],
)
async def test_filters_find_what_they_say(
    store: Store, filters: Filters, expected: str
) -> None:
    await store.write(four)
    assert await refs(store, filters) == expected
    counts = await store.views.counts(filters)
    assert sum(counts.values()) == len(expected)


async def test_the_station_filter_finds_its_missions(store: Store) -> None:
    nice = (await store.write(four))[2]
    assert nice.mission is not None
    stations = frozenset({nice.mission.station.id})
    assert await refs(store, Filters(stations=stations)) == "3"


async def test_a_client_sees_only_own_ones(store: Store) -> None:
    lyon, _, nice, _ = await store.write(four)
    assert await refs(store, Filters(requester=lyon.requester)) == "421"
    assert await refs(store, Filters(requester=nice.requester)) == "3"


async def test_counts_tell_every_status(store: Store) -> None:
    await store.write(four)
    counts = await store.views.counts()
    assert {status.value: n for status, n in counts.items()} == {
        "submitted": 1, "waiting": 1, "assigned": 1, "underway": 0,
        "done": 0, "closed": 1, "cancelled": 0,
    }  # fmt: skip


async def test_messages_are_searched_and_notes_for_the_desk_alone(store: Store) -> None:
    first, second, *_ = await store.write(four)

    def say(uow: UnitOfWork) -> None:
        uow.events.append(first.id, [a_line(MessageAdded("La vanne gèle la nuit"))])
        uow.events.append(second.id, [a_line(NoteAdded("vanne suspecte"))])

    await store.write(say)
    assert await refs(store, Filters(words="vann")) == "21"
    # What clients say is no station's to find.
    outside = Filters(words="vann", is_internal=False)
    assert await refs(store, outside) == ""
    own = Filters(words="vann", requester=first.requester)
    assert await refs(store, own) == "1"
    assert await refs(store, Filters(words="gele nuit")) == "1"


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("is_descending", [True, False])
async def test_pages_follow_each_other_without_gap_or_repeat(
    store: Store, sort: Sort, is_descending: bool
) -> None:
    def many(uow: UnitOfWork) -> None:
        for n in range(11):
            it = an_assistance(uow, at=NOW + (n // 3) * DAY)
            if n % 2:
                at = NOW + (n // 4) * DAY
                visit = Intervention(1, 1, InterventionStatus.PLANNED, planned_at=at)
                uow.assistances.save(replace(it, interventions=(visit,)))

    await store.write(many)
    whole = await store.views.page(sort=sort, is_descending=is_descending)
    assert len(whole.items) == 11
    assert whole.after is None
    for size in (1, 4, 11):
        seen: list[AssistanceRef] = []
        after = None
        while True:
            page = await store.views.page(
                sort=sort, is_descending=is_descending, after=after, limit=size
            )
            seen += [item.ref for item in page.items]
            after = page.after
            if after is None:
                break
        assert seen == [item.ref for item in whole.items]
    planned = [item.planned_at for item in whole.items]
    if sort is Sort.PLANNED:
        dated = [at for at in planned if at is not None]
        assert dated == sorted(dated, reverse=is_descending)
        assert planned[len(dated) :] == [None] * (11 - len(dated))


@pytest.mark.parametrize(
    "cursor", ["x", "%%%", "é", "bnVsbA", "WzEsMl0", "W10", "W1tdXQ"]
)
async def test_a_foreign_cursor_is_refused(sqlite_store: Store, cursor: str) -> None:
    with pytest.raises(Refused, match="bad_cursor"):
        await sqlite_store.views.page(after=cursor)


async def test_searches_with_many_matches_still_find_the_newest(store: Store) -> None:
    def many(uow: UnitOfWork) -> None:
        for n in range(30):
            it = an_assistance(uow, at=NOW + n * MINUTE)
            lines = [a_line(MessageAdded(f"radiateur {m}")) for m in range(80)]
            uow.events.append(it.id, lines)

    await store.write(many)
    page = await store.views.page(Filters(words="radiateur"), limit=5)
    assert [item.ref[-2:] for item in page.items] == ["30", "29", "28", "27", "26"]
    counts = await store.views.counts(Filters(words="radiateur"))
    assert counts[Status.SUBMITTED] == 30


async def test_unknown_assistances_are_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.views.assistance(AssistanceId(9))
    with pytest.raises(NotFound):
        await store.views.by_ref(AssistanceRef("ASFR26000009"))
    assert await store.views.timeline(AssistanceId(9), is_internal=True) == ()


async def test_one_assistance_is_shown_whole(store: Store) -> None:
    added = await store.write(lambda uow: an_assistance(uow, text="Bonjour"))

    def go_on(uow: UnitOfWork) -> None:
        lines = [a_line(MessageAdded("Suite")), a_line(NoteAdded("interne"))]
        uow.events.append(added.id, lines)
        row = replace(a_delivery(), assistance_id=added.id)
        uow.outbox.put([row])

    await store.write(go_on)
    assert await store.views.by_ref(added.ref) == added
    inside = await store.views.timeline(added.id, is_internal=True)
    assert [getattr(line.event, "text", "") for line in inside] == [
        "Bonjour",
        "Suite",
        "interne",
    ]
    outside = await store.views.timeline(added.id, is_internal=False)
    assert len(outside) == 2
    after = await store.views.timeline(added.id, is_internal=True, after=outside[-1].id)
    assert [type(line.event).__name__ for line in after] == ["NoteAdded"]
    (letter,) = await store.views.deliveries(added.id)
    assert (letter.key, letter.content) == (a_delivery().key, None)


async def test_health_tells_what_waits_and_for_how_long(store: Store) -> None:
    quiet = await store.views.health(NOW)
    assert (quiet.last_received_at, quiet.oldest_raw, quiet.oldest_due_at) == (
        None,
        None,
        None,
    )
    await store.accept([a_raw(1), a_raw(2)])
    rows = [a_delivery("1"), a_delivery("2", due_at=NOW + DAY)]
    await store.write(lambda uow: uow.outbox.put(rows))
    busy = await store.views.health(NOW)
    assert busy.last_received_at == NOW
    assert busy.oldest_raw is not None
    assert busy.oldest_raw[1] == NOW
    assert busy.oldest_due_at == NOW
    assert sum(busy.raw.values()) == 2
    assert sum(busy.outbox.values()) == 2
    # What is to be sent tomorrow keeps nobody waiting today.
    assert (busy.outbox_waiting, busy.oldest_waiting_at) == (1, NOW)
    assert await store.views.next_due("outbox") == NOW


async def test_health_knows_each_channel_and_a_mail_server_that_takes_nothing(
    store: Store,
) -> None:
    quiet = await store.views.health(NOW)
    assert (quiet.last_of, quiet.oldest_waiting_at, quiet.unsent) == ({}, None, None)
    await store.accept([a_raw(1)])

    def work(uow: UnitOfWork) -> None:
        uow.outbox.put([a_delivery("1", due_at=NOW), a_delivery("2", due_at=NOW)])
        first, second = uow.outbox.claim("w", 2, DAY, NOW)
        # One is refused for its recipient: that says nothing of the server.
        uow.outbox.retry(first.id, NOW + DAY, "450 mailbox busy", 1, NOW - DAY)
        uow.outbox.retry(second.id, NOW + DAY, "smtp timeout", 1, NOW)

    await store.write(work)
    busy = await store.views.health(NOW)
    assert busy.last_of == {"email": NOW}
    # Tried in vain, they wait though neither is due before tomorrow.
    assert (busy.outbox_waiting, busy.oldest_waiting_at) == (2, NOW - DAY)
    assert busy.unsent == (NOW, "smtp timeout")


async def test_views_cannot_write(store: Store) -> None:
    async with store.views._engine.connect() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(text("DELETE FROM settings"))
