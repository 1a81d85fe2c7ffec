"""The log of changes: written with the change, read page by page."""

from __future__ import annotations

import pytest

from azbot.messages import PersonId, Trust
from azbot.store import NewPerson, PersonKind, Store, UnitOfWork
from azbot.workflow.model import Actor, Role
from tests.stores import NOW


def an_actor(name: str, person: PersonId | None = None) -> Actor:
    return Actor(Role.ADMIN, person, name, Trust.STAFF, "web")


async def lines(store: Store, count: int) -> PersonId:
    def work(uow: UnitOfWork) -> PersonId:
        who = uow.people.add(NewPerson(PersonKind.AGENT, ("a@sav.example",))).id
        for n in range(count):
            what = "delays.changed" if n % 2 else "brand.changed"
            by = an_actor("Camille", who) if n < 3 else an_actor("root")
            uow.audit.add(by, NOW, what, f"n° {n}", before={"n": n}, after=[n, "é"])
        return who

    return await store.write(work)


async def test_a_line_says_who_what_when_before_and_after(store: Store) -> None:
    who = await lines(store, 1)
    (line,) = await store.views.audit()
    assert (line.person, line.actor, line.at) == (who, "Camille", NOW)
    assert (line.what, line.subject) == ("brand.changed", "n° 0")
    assert (line.before, line.after) == ({"n": 0}, [0, "é"])


async def test_pages_are_newest_first_and_follow_each_other(store: Store) -> None:
    await lines(store, 5)
    first = await store.views.audit(limit=3)
    second = await store.views.audit(limit=3, before=first[-1].id)
    assert [line.subject for line in (*first, *second)] == [
        f"n° {n}" for n in (4, 3, 2, 1, 0)
    ]


async def test_it_is_filtered_by_kind_and_by_person(store: Store) -> None:
    who = await lines(store, 5)
    delays = await store.views.audit(whats=["delays.changed"])
    assert [line.subject for line in delays] == ["n° 3", "n° 1"]
    theirs = await store.views.audit(person=who)
    assert [line.subject for line in theirs] == ["n° 2", "n° 1", "n° 0"]
    assert await store.views.auditors() == [who]


async def test_a_change_that_fails_leaves_no_line(store: Store) -> None:
    def work(uow: UnitOfWork) -> None:
        uow.audit.add(an_actor("Camille"), NOW, "brand.changed")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store.write(work)
    assert not await store.views.audit()
    assert (await store.write(lambda uow: uow.settings.below("choice."))) == {}


async def test_values_are_found_by_the_beginning_of_their_name(store: Store) -> None:
    def work(uow: UnitOfWork) -> None:
        for name in ("choice.a", "choice.b_c", "Choice.d", "choice_e", "choices"):
            uow.settings.put(name, name)
        assert uow.settings.drop("choice.a")
        assert not uow.settings.drop("choice.a")

    await store.write(work)
    found = {"b_c": "choice.b_c"}
    assert await store.write(lambda uow: uow.settings.below("choice.")) == found
    assert await store.views.settings_below("choice.") == found
    assert await store.views.setting("choice.b_c") == "choice.b_c"
    assert await store.views.setting("choice.a") is None
