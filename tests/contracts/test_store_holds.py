"""Held commands: they end once, done or undone, whoever is faster."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from azbot.errors import Conflict, NotFound
from azbot.messages import PersonId, Trust
from azbot.store import NewPerson, PersonKind, Store, UnitOfWork
from azbot.store.holds import Hold, HoldId, HoldState, NewHold
from azbot.workflow.commands import AddMessage, CloseAssistance
from azbot.workflow.model import Actor, Role
from tests.stores import MINUTE, NOW, an_assistance

COMMANDS = (AddMessage("Bonjour Sophie."), CloseAssistance())
DUE = NOW + timedelta(seconds=8)


def a_hold(uow: UnitOfWork, key: str = "hold:1:one") -> NewHold:
    """What an agent sends, at an assistance of its own."""
    agent = uow.people.by_address("camille@sav.example") or uow.people.add(
        NewPerson(PersonKind.AGENT, ("camille@sav.example",), name="Camille Roux")
    )
    actor = Actor(Role.AGENT, agent.id, agent.name, Trust.STAFF, "web")
    it = an_assistance(uow)
    return NewHold(key, agent.id, it.id, actor, COMMANDS, NOW, DUE)


async def held(store: Store, key: str = "hold:1:one") -> Hold:
    return await store.write(lambda uow: uow.holds.add(a_hold(uow, key)))


async def claimed(store: Store, worker: str = "one", after: timedelta = MINUTE) -> int:
    now = NOW + after
    found = await store.write(lambda u: u.holds.claim(worker, 9, MINUTE, now))
    return len(found)


async def test_a_held_command_comes_back_as_it_was(store: Store) -> None:
    hold = await held(store)
    assert hold.commands == COMMANDS
    assert hold.command == "AddMessage"
    assert hold.state is HoldState.WAITING
    assert (hold.created_at, hold.due_at) == (NOW, DUE)
    assert hold.actor.name == "Camille Roux"
    assert await store.write(lambda uow: uow.holds.by_key("hold:1:one")) == hold
    assert await store.views.holds_of(hold.assistance) == [hold]
    assert await store.views.holds_by(hold.person) == [hold]
    assert await store.views.holds_by(PersonId(hold.person + 1)) == []


async def test_a_second_press_with_the_same_key_holds_nothing(store: Store) -> None:
    hold = await held(store)
    with pytest.raises(Conflict):
        await held(store)
    waiting = await store.write(lambda uow: uow.holds.waiting(hold.assistance))
    assert waiting == [hold]


async def test_it_is_given_to_one_worker_and_not_before_it_is_due(store: Store) -> None:
    await held(store)
    assert await claimed(store, after=timedelta(seconds=7)) == 0
    assert await claimed(store, after=timedelta(seconds=8)) == 1
    assert await claimed(store, "two", after=timedelta(seconds=9)) == 0
    assert await claimed(store, "two", after=2 * MINUTE) == 1


async def test_those_of_one_assistance_have_one_holder(store: Store) -> None:
    first = await held(store)

    def again(uow: UnitOfWork) -> Hold:
        new = replace(a_hold(uow, "hold:1:two"), assistance=first.assistance)
        return uow.holds.add(replace(new, due_at=DUE + timedelta(seconds=1)))

    await store.write(again)
    assert await claimed(store, after=timedelta(seconds=8)) == 1
    assert await claimed(store, "two", after=timedelta(seconds=20)) == 0
    await store.write(lambda uow: uow.holds.done(first.id))
    assert await claimed(store, "two", after=timedelta(seconds=20)) == 1


@pytest.mark.parametrize("end", ["done", "undo"])
async def test_it_ends_once_and_keeps_no_words(store: Store, end: str) -> None:
    hold = await held(store)
    await claimed(store)
    assert await store.write(lambda uow: getattr(uow.holds, end)(hold.id))
    assert not await store.write(lambda uow: uow.holds.done(hold.id))
    assert not await store.write(lambda uow: uow.holds.undo(hold.id))
    assert not await store.write(lambda uow: uow.holds.fail(hold.id, "x", {}))
    after = await store.write(lambda uow: uow.holds.get(hold.id))
    assert after.commands == ()
    assert after.state is (HoldState.DONE if end == "done" else HoldState.UNDONE)
    assert await store.views.holds_of(hold.assistance) == []
    assert await claimed(store, after=5 * MINUTE) == 0


async def test_a_failed_one_keeps_its_words_until_it_is_taken_back(
    store: Store,
) -> None:
    hold = await held(store)
    facts = {"status": "closed"}
    assert await store.write(lambda u: u.holds.fail(hold.id, "wrong_status", facts))
    (failed,) = await store.views.holds_of(hold.assistance)
    assert (failed.error, failed.facts) == ("wrong_status", facts)
    assert failed.commands == COMMANDS
    assert await claimed(store) == 0
    assert await store.write(lambda uow: uow.holds.undo(hold.id))
    assert await store.views.holds_of(hold.assistance) == []


async def test_only_what_has_ended_is_forgotten(store: Store) -> None:
    done, waiting = await held(store), await held(store, "hold:1:two")
    await store.write(lambda uow: uow.holds.done(done.id))
    later = NOW + timedelta(days=2)
    assert await store.write(lambda uow: uow.holds.purge(DUE)) == 0
    assert await store.write(lambda uow: uow.holds.purge(later)) == 1
    assert await store.views.holds_of(waiting.assistance) == [waiting]
    with pytest.raises(NotFound):
        await store.write(lambda uow: uow.holds.get(done.id))


async def test_an_unknown_one_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.write(lambda uow: uow.holds.get(HoldId(99)))
    assert await store.write(lambda uow: uow.holds.by_key("none")) is None


async def test_what_a_dead_worker_held_is_free_at_once(store: Store) -> None:
    await held(store)
    await claimed(store)
    assert await store.write(lambda uow: uow.holders.names()) == {"one"}
    assert await store.write(lambda uow: uow.holders.forget("one")) == 1
    assert await claimed(store, "two") == 1
