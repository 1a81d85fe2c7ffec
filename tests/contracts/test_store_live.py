"""What open pages are fed from, on each database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from azbot.messages import RawId, Reason, Receipt
from azbot.store import DeliveryId, NewPerson, PersonKind, RawOutcome, RawState, Store
from azbot.store.accounts import Account, Session
from azbot.store.outbox import Outbox
from azbot.store.signals import KEPT, Topic
from azbot.store.unit_of_work import UnitOfWork
from azbot.workflow import events as e
from azbot.workflow.model import Role
from tests.stores import MINUTE, NOW, a_delivery, a_line, a_raw, an_assistance


async def test_new_lines_come_in_order_after_a_number_and_besides(
    store: Store,
) -> None:
    first = await store.write(an_assistance)
    note = a_line(e.NoteAdded("Rappeler."))
    for _ in range(3):
        await store.write(lambda uow: uow.events.append(first.id, [note]))
    lines = await store.views.new_lines(0, (), 10)
    assert [line.kind for line in lines] == ["AssistanceOpened", *["NoteAdded"] * 3]
    assert {line.ref for line in lines} == {first.ref}
    numbers = [line.id for line in lines]
    later = await store.views.new_lines(numbers[2], [numbers[0]], 10)
    assert [line.id for line in later] == [numbers[0], numbers[3]]
    assert len(await store.views.new_lines(0, (), 2)) == 2


CHANGES: dict[str, Callable[[Outbox, DeliveryId], object]] = {
    "sent": lambda box, key: box.sent(key, Receipt("1", NOW)),
    "put off": lambda box, key: box.retry(key, NOW + MINUTE, "busy", 1),
    "given up": lambda box, key: box.dead(key, "unknown"),
    "cancelled": lambda box, key: box.cancel(key),
    "sent again": lambda box, key: box.resend(key, NOW),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_a_delivery_that_changes_signals_its_assistance(
    store: Store, what: str
) -> None:
    it = await store.write(an_assistance)
    new = replace(a_delivery(), assistance_id=it.id)

    def change(uow: UnitOfWork) -> set[str]:
        uow.outbox.put([new])
        found = uow.outbox.by_key(new.key)
        assert found is not None
        CHANGES[what](uow.outbox, found.id)
        return uow.topics

    assert "signals" in await store.write(change)
    (signal,) = await store.views.new_signals(0, (), 10)
    assert (signal.topic, signal.ref) == (Topic.DELIVERY, it.ref)


async def test_a_delivery_about_nothing_signals_nothing(store: Store) -> None:
    def send(uow: UnitOfWork) -> set[str]:
        uow.outbox.put([a_delivery()])
        uow.outbox.cancel(DeliveryId(1))
        return uow.topics

    assert "signals" not in await store.write(send)


async def test_the_ledger_signals_what_begins_and_ceases_to_wait(
    store: Store,
) -> None:
    await store.accept([a_raw()])
    (key,) = [entry.id for entry in await store.views.ledger()]
    held = RawOutcome(RawState.QUARANTINED, Reason.UNPROVEN_SENDER)
    await store.write(lambda uow: uow.raw.finish(RawId(key), held))
    assert await store.views.held() == 1
    (first,) = await store.views.new_signals(0, (), 10)
    await store.write(lambda uow: uow.raw.reset(RawId(key)))
    assert await store.views.held() == 0
    (second,) = await store.views.new_signals(first.id, (), 10)
    assert second.topic is Topic.LEDGER


async def test_only_the_newest_signals_stay(store: Store) -> None:
    def stir(uow: UnitOfWork) -> None:
        for _ in range(KEPT + 1000):
            uow.signals.ledger()

    await store.write(stir)
    left = await store.views.new_signals(0, (), 10_000)
    assert [left[0].id, left[-1].id] == [1001, KEPT + 1000]


async def test_sessions_are_open_while_their_people_may_enter(store: Store) -> None:
    def work(uow: UnitOfWork) -> None:
        for name in ("open", "revoked", "expired", "disabled"):
            new = NewPerson(PersonKind.AGENT, (f"{name}@sav.example",))
            person = uow.people.add(new).id
            off = NOW if name == "disabled" else None
            uow.accounts.put(Account(person, Role.AGENT, NOW, disabled_at=off))
            until = NOW if name == "expired" else NOW + MINUTE
            uow.sessions.add(Session(name, person, NOW, NOW, until))
        uow.sessions.revoke("revoked", NOW)

    await store.write(work)
    asked = {"open", "revoked", "expired", "disabled", "unknown"}
    assert await store.views.open_sessions(asked, NOW) == {"open"}
    assert await store.views.open_sessions(set(), NOW) == set()
