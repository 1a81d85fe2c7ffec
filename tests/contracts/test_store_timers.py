"""Timers: the live set follows from the state, each fires once."""

from __future__ import annotations

from collections.abc import Callable

from azbot.store import Store, UnitOfWork
from azbot.workflow.decision import Timer
from azbot.workflow.model import AssistanceId
from tests.stores import MINUTE, NOW, an_assistance

SOON = Timer("remind_station", 1, NOW)
LATER = Timer("close_after_silence", 0, NOW + MINUTE)


def replace_by(key: AssistanceId, *timers: Timer) -> Callable[[UnitOfWork], bool]:
    return lambda uow: uow.timers.replace(key, timers)


async def test_saving_a_state_replaces_its_timers(store: Store) -> None:
    key = (await store.write(an_assistance)).id
    assert await store.write(replace_by(key, LATER, SOON))
    assert await store.views.timers_of(key) == (SOON, LATER)
    moved = Timer(SOON.kind, SOON.subject, NOW + 2 * MINUTE)
    assert await store.write(replace_by(key, LATER, moved))
    assert await store.write(lambda uow: uow.timers.of(key)) == (LATER, moved)
    assert not await store.write(replace_by(key, moved, LATER))
    assert await store.write(replace_by(key))
    assert await store.views.next_due("timers") is None


async def test_a_timer_is_given_once_it_is_due_to_one_worker(store: Store) -> None:
    key = (await store.write(an_assistance)).id
    await store.write(replace_by(key, SOON, LATER))
    claims = [
        await store.write(lambda uow, w=w: uow.timers.claim(w, 9, MINUTE, NOW))  # type: ignore[misc]
        for w in ("one", "two")
    ]
    assert claims == [[(key, SOON)], []]
    again = await store.write(
        lambda uow: uow.timers.claim("two", 9, MINUTE, NOW + MINUTE)
    )
    assert again == [(key, SOON), (key, LATER)]


async def test_an_equal_timer_stays_with_its_holder(store: Store) -> None:
    key = (await store.write(an_assistance)).id
    await store.write(replace_by(key, SOON))
    await store.write(lambda uow: uow.timers.claim("one", 9, MINUTE, NOW))
    await store.write(replace_by(key, SOON, LATER))
    assert await store.write(lambda u: u.timers.claim("two", 9, MINUTE, NOW)) == []


async def test_a_fired_timer_is_gone_and_a_moved_one_is_not(store: Store) -> None:
    key = (await store.write(an_assistance)).id
    await store.write(replace_by(key, SOON))
    moved = Timer(SOON.kind, SOON.subject, NOW + MINUTE)
    assert not await store.write(lambda uow: uow.timers.done(key, moved))
    assert await store.write(lambda uow: uow.timers.done(key, SOON))
    assert not await store.write(lambda uow: uow.timers.done(key, SOON))


async def test_the_next_timer_and_those_overdue_are_known(store: Store) -> None:
    added = await store.write(an_assistance)
    await store.write(replace_by(added.id, SOON, LATER))
    assert await store.views.next_due("timers") == NOW
    assert (await store.views.health(NOW)).overdue_timers == 1
