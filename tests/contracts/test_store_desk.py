"""What agents keep and look at beside the assistances (ux.md 6.1, 6.4)."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite

from azbot.errors import NotFound
from azbot.messages import PersonId
from azbot.store import NewPerson, Person, PersonKind, Store, UnitOfWork
from azbot.store.desk_views import queues
from azbot.store.filters import FEW
from azbot.store.queries import Filters, Sort
from azbot.store.saved_views import SavedView
from azbot.workflow.events import MessageAdded
from azbot.workflow.model import (
    Assistance,
    AssistanceId,
    Attention,
    Intervention,
    InterventionStatus,
    Mission,
    MissionStatus,
    Status,
)
from tests.stores import NOW, a_line, an_assistance

DAY = timedelta(days=1)


def agent(uow: UnitOfWork, name: str = "Camille Roux") -> Person:
    address = f"{name.split(maxsplit=1)[0].lower()}@sav.example"
    return uow.people.add(NewPerson(PersonKind.AGENT, (address,), name=name))


# --- what was seen --------------------------------------------------------------------


async def test_each_agent_has_seen_what_they_have_seen(store: Store) -> None:
    def work(uow: UnitOfWork) -> tuple[PersonId, PersonId, AssistanceId]:
        camille, julien = agent(uow), agent(uow, "Julien Petit")
        it = an_assistance(uow)
        uow.readings.see(camille.id, it.id, 3)
        uow.readings.see(camille.id, it.id, 2)
        uow.readings.see(julien.id, it.id, 1)
        return camille.id, julien.id, it.id

    camille, julien, key = await store.write(work)
    assert await store.views.seen(camille, key) == 3
    assert await store.views.seen(julien, key) == 1
    assert await store.views.seen(PersonId(9_999), key) == 0
    seen = [
        (await store.views.page(reader=who)).items[0].seen for who in (camille, julien)
    ]
    assert seen == [3, 1]
    assert (await store.views.page()).items[0].seen == 0


async def test_unread_brings_the_last_message_back(store: Store) -> None:
    def work(uow: UnitOfWork) -> list[int]:
        me, it = agent(uow), an_assistance(uow)
        uow.readings.see(me.id, it.id, 3)
        uow.readings.unsee(me.id, it.id, 3)
        twice = uow.readings.seen(me.id, it.id)
        uow.readings.unsee(me.id, it.id, 0)
        return [twice, uow.readings.seen(me.id, it.id)]

    assert await store.write(work) == [2, 0]


# --- saved views ----------------------------------------------------------------------


async def test_saved_views_are_ones_own_and_those_that_are_shared(
    store: Store,
) -> None:
    def work(uow: UnitOfWork) -> tuple[PersonId, PersonId]:
        me, other = agent(uow), agent(uow, "Julien Petit")
        for who, name, is_shared in (
            (me, "Rhône", False),
            (me, "Attente", True),
            (other, "Partagée", True),
            (other, "Privée", False),
        ):
            view = SavedView(0, who.id, name, "statut=attente", NOW, is_shared)
            uow.saved_views.add(view)
        return me.id, other.id

    me, other = await store.write(work)
    names = [view.name for view in await store.views.saved_views(me)]
    assert names == ["Attente", "Rhône", "Partagée"]
    names = [view.name for view in await store.views.saved_views(other)]
    assert names == ["Partagée", "Privée", "Attente"]


async def test_only_their_owner_changes_and_drops_views(store: Store) -> None:
    def work(uow: UnitOfWork) -> tuple[SavedView, PersonId]:
        me, other = agent(uow), agent(uow, "Julien Petit")
        key = uow.saved_views.add(SavedView(0, me.id, "Rhône\x00", "dept=69", NOW))
        view = uow.saved_views.get(key)
        uow.saved_views.change(replace(view, name="Isère", is_shared=True))
        with pytest.raises(NotFound):
            uow.saved_views.change(replace(view, person=other.id))
        assert not uow.saved_views.drop(key, other.id)
        return uow.saved_views.get(key), me.id

    view, me = await store.write(work)
    assert (view.name, view.query, view.is_shared) == ("Isère", "dept=69", True)
    assert await store.write(lambda uow: uow.saved_views.drop(view.id, me))
    with pytest.raises(NotFound):
        await store.write(lambda uow: uow.saved_views.get(view.id))


# --- queues ---------------------------------------------------------------------------


def one_of_each(uow: UnitOfWork) -> PersonId:
    """One assistance in every queue; some in two."""
    me = agent(uow)
    station = uow.stations.add("Froid Sud", "sud@example.org").station
    silent = Mission(1, station, MissionStatus.PROPOSED, NOW, NOW + DAY, is_silent=True)
    proposed = Intervention(1, 1, InterventionStatus.TO_APPROVE, planned_at=NOW + DAY)
    states: list[dict[str, object]] = [
        {"attention": Attention.MESSAGE, "attention_since": NOW - DAY},
        {"attention": Attention.NEW, "attention_since": NOW - 2 * DAY},
        {
            "attention": Attention.NEW,
            "attention_since": NOW - 3 * DAY,
            "snoozed_until": NOW + DAY,
        },
        {"owner": me.id, "owner_name": me.name, "status": Status.WAITING},
        {"owner": me.id, "owner_name": me.name, "status": Status.CLOSED},
        {"status": Status.ASSIGNED, "missions": (silent,)},
        {"status": Status.UNDERWAY, "interventions": (proposed,)},
        {"status": Status.DONE},
    ]
    for changes in states:
        quiet = {"attention": None, "attention_since": None, **changes}
        it = an_assistance(uow)
        uow.assistances.save(replace(it, **quiet))  # type: ignore[arg-type]
    return me.id


async def test_every_queue_is_counted_at_once(store: Store) -> None:
    me = await store.write(one_of_each)
    counts = await store.views.queue_counts(me)
    assert (counts.todo, counts.mine, counts.approvals) == (2, 1, 1)
    assert (counts.silent, counts.snoozed) == (1, 1)
    assert (counts.held, counts.dead) == (0, 0)
    assert counts.statuses == {
        Status.SUBMITTED: 3,
        Status.WAITING: 1,
        Status.ASSIGNED: 1,
        Status.UNDERWAY: 1,
        Status.DONE: 1,
        Status.CLOSED: 1,
        Status.CANCELLED: 0,
    }
    some = await store.views.queue_counts(me, [Status.DONE])
    assert some.statuses == {Status.DONE: 1}


async def test_to_do_has_the_longest_wait_first_and_nothing_snoozed(
    store: Store,
) -> None:
    await store.write(one_of_each)
    page = await store.views.page(
        Filters(needs_attention=True), sort=Sort.WAITING, is_descending=False
    )
    assert [item.ref[-1] for item in page.items] == ["2", "1"]


async def test_counting_stops_where_it_is_told_to(store: Store) -> None:
    await store.write(one_of_each)
    assert await store.views.count(Filters()) == 8
    assert await store.views.count(Filters(), most=3) == 3
    assert await store.views.count(Filters(words="nothing of this")) == 0


# --- suggestions ----------------------------------------------------------------------


def several(uow: UnitOfWork) -> list[Assistance]:
    lyon = an_assistance(uow, town="Lyon", installer="Clim Martin SARL")
    evry = an_assistance(uow, installer="Énergies du Sud", own_number="CM-4471")
    nice = an_assistance(uow, "bob@example.org", town="Nice")
    said = MessageAdded("Numéro de série AZ-778899, code défaut 9")
    uow.events.append(lyon.id, [a_line(said)])
    return [lyon, evry, nice]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("000002", "2"),
        ("26000003", "3"),
        ("asfr26000001", "1"),
        ("clim mart", "1"),
        ("énergies", "2"),
        ("nice", "3"),
        ("dupont", "321"),
        ("az 7788", "1"),
        ("4471", "2"),
        ("x" * 600, ""),
        ("%", ""),
        ("'; DROP", ""),
        ("", ""),
    ],
)
async def test_what_is_typed_suggests_the_newest_first(
    store: Store, typed: str, expected: str
) -> None:
    await store.write(several)
    found = await store.views.suggestions(typed)
    assert "".join(each.ref[-1] for each in found) == expected


async def test_a_reference_comes_before_what_merely_speaks_of_it(store: Store) -> None:
    def work(uow: UnitOfWork) -> None:
        first, _, last = several(uow)
        said = MessageAdded(f"Comme pour {first.ref}")
        uow.events.append(last.id, [a_line(said)])

    await store.write(work)
    found = await store.views.suggestions("asfr26000001")
    assert [each.ref[-1] for each in found] == ["1", "3"]


async def test_no_more_is_suggested_than_asked_for(store: Store) -> None:
    await store.write(several)
    found = await store.views.suggestions("dupont", limit=2)
    assert [each.ref[-1] for each in found] == ["3", "2"]
    assert (found[0].company, found[0].town) == ("", "Nice")


async def test_common_words_are_read_newest_first_to_the_very_last(
    store: Store,
) -> None:
    def work(uow: UnitOfWork) -> None:
        known = [
            an_assistance(uow, at=NOW + n * DAY, text=f"Bonjour {n}") for n in range(4)
        ]
        # The newest alone has more texts than are looked at first.
        for place in range(FEW + 10):
            uow.search.index(known[3].id, (place + 100, place + 100), "bonjour encore")

    await store.write(work)
    found, after = "", None
    for _ in range(4):
        page = await store.views.page(Filters(words="bonj"), after=after, limit=1)
        found, after = found + page.items[0].ref[-1], page.after
    assert (found, after) == ("4321", None)
    both = Filters(words="bonjour", opened_before=NOW + DAY)
    assert [i.ref[-1] for i in (await store.views.page(both)).items] == ["1"]


# --- people and references ------------------------------------------------------------


async def test_people_and_references_are_read_by_number_in_one_go(store: Store) -> None:
    lyon, _, nice = await store.write(several)
    people = await store.views.people_of([lyon.requester, nice.requester, PersonId(99)])
    assert {p.address for p in people.values()} == {
        "anne@example.org",
        "bob@example.org",
    }
    assert await store.views.people_of([]) == {}
    refs = await store.views.refs_of([nice.id, lyon.id, AssistanceId(99)])
    assert refs == {lyon.id: lyon.ref, nice.id: nice.ref}
    assert await store.views.refs_of([]) == {}


async def test_whoever_is_renamed_is_found_by_the_new_name(store: Store) -> None:
    lyon = (await store.write(several))[0]

    def rename(uow: UnitOfWork) -> None:
        person = uow.people.get(lyon.requester)
        uow.people.update(replace(person, name="Zoé Œuvrard", company="Froid 31"))

    await store.write(rename)
    for words, count in (("oeuv froid", 2), ("anne zoe", 2), ("dupont", 1)):
        assert await store.views.count(Filters(requested_by=words)) == count


# --- how the database finds them ------------------------------------------------------


def test_every_queue_is_counted_from_an_index(migrated_file: Path) -> None:
    words = queues(PersonId(7), tuple(Status)).compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    with sqlite3.connect(migrated_file) as connection:
        lines = connection.execute(f"EXPLAIN QUERY PLAN {words}").fetchall()
    connection.close()
    plan = [line[3] for line in lines if "assistances" in line[3]]
    assert len(plan) == 12
    assert [line for line in plan if "INDEX ix_assistances_" not in line] == []
    for index in ("attention_since", "open_of_owner", "is_silent", "snoozed_until"):
        assert any(f"ix_assistances_{index}" in line for line in plan), index
