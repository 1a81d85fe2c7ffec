"""The outbox: each notice leaves once, in order, or is shown to a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from azbot.errors import Conflict, NotFound
from azbot.messages import Receipt
from azbot.store import (
    Delivery,
    DeliveryId,
    DeliveryState,
    NewDelivery,
    Prepared,
    Store,
    UnitOfWork,
)
from azbot.store.octets import INLINE_LIMIT
from azbot.workflow.model import AssistanceId
from tests.stores import MINUTE, NOW, a_delivery


def claim(
    worker: str = "w", limit: int = 10, at: datetime = NOW
) -> Callable[[UnitOfWork], list[Delivery]]:
    return lambda uow: uow.outbox.claim(worker, limit, MINUTE, at)


def final(content: bytes = b"octets", at: datetime = NOW) -> Prepared:
    return Prepared(
        "<az.1@desk.example>", content, "Bonjour\x00", "b@desk.example", "a@b", at
    )


async def put(store: Store, *keys: str, to: str = "") -> None:
    rows = [a_delivery(key, to or f"{key}@example.org") for key in keys]
    await store.write(lambda uow: uow.outbox.put(rows))


async def test_a_known_key_is_put_once_for_ever(store: Store) -> None:
    row = a_delivery()
    assert await store.write(lambda uow: uow.outbox.put([row, row])) == 1
    (given,) = await store.write(claim())
    await store.write(lambda uow: uow.outbox.sent(given.id, Receipt("r", NOW)))
    assert await store.write(lambda uow: uow.outbox.put([row])) == 0
    assert await store.write(claim(at=NOW + MINUTE)) == []


async def test_one_that_grows_says_the_newest_until_it_leaves(store: Store) -> None:
    def album(count: int, due_at: datetime) -> NewDelivery:
        row = replace(a_delivery(), facts={"count": count}, is_growing=True)
        return replace(row, due_at=due_at)

    async def grow(count: int, due_at: datetime) -> int:
        return await store.write(lambda uow: uow.outbox.put([album(count, due_at)]))

    soon = NOW + timedelta(seconds=10)
    assert await grow(1, NOW) == 1
    assert await grow(2, soon) == 1
    assert await store.write(claim()) == []
    (given,) = await store.write(claim(at=soon))
    assert given.facts == {"count": 2}
    # It is in somebody's hands: what comes now is too late to be told.
    assert await grow(3, soon) == 0


async def test_everything_given_is_read_back(store: Store) -> None:
    row = replace(
        a_delivery(group_key="1/anne"),
        facts={"when": "2026", "n": [1, 2.5, None, {"é": True}]},
        files=("invite", "report:3"),
        assistance_id=AssistanceId(3),
        event_id=12,
        is_optional=True,
        language="es",
    )
    await store.write(lambda uow: uow.outbox.put([row]))
    (given,) = await store.write(claim())
    for name in set(type(row).__slots__) - {"is_growing"}:
        assert getattr(given, name) == getattr(row, name), name
    assert (given.state, given.claims, given.content) == (
        DeliveryState.PENDING,
        1,
        None,
    )


async def test_nothing_leaves_before_it_is_due(store: Store) -> None:
    rows = [
        a_delivery("late", "a@b", due_at=NOW + timedelta(microseconds=1)),
        a_delivery("due", "c@d", due_at=NOW),
    ]
    await store.write(lambda uow: uow.outbox.put(rows))
    assert [each.key for each in await store.write(claim())] == ["due"]
    later = NOW + timedelta(microseconds=1)
    assert [each.key for each in await store.write(claim(at=later))] == ["late"]


async def test_deliveries_are_given_in_the_order_they_are_due(store: Store) -> None:
    rows = [
        a_delivery(f"{due}-{key}", f"{due}{key}@x", due_at=NOW - due * MINUTE)
        for due, key in ((0, "a"), (2, "b"), (1, "c"), (2, "d"))
    ]
    await store.write(lambda uow: uow.outbox.put(rows))
    given = await store.write(claim())
    assert [each.key for each in given] == ["2-b", "2-d", "1-c", "0-a"]


async def test_one_recipient_has_one_sender_at_a_time(store: Store) -> None:
    await put(store, "1", "2", to="anne@example.org")
    await put(store, "3")
    assert [each.key for each in await store.write(claim("one", 1))] == ["1"]
    assert [each.key for each in await store.write(claim("two"))] == ["3"]
    done = Receipt("", NOW)
    await store.write(lambda uow: uow.outbox.sent(DeliveryId(1), done))
    assert [each.key for each in await store.write(claim("two"))] == ["2"]


async def test_a_killed_senders_delivery_comes_back(store: Store) -> None:
    await put(store, "1")
    await store.write(claim("one"))
    assert await store.write(claim("two")) == []
    (again,) = await store.write(claim("two", at=NOW + MINUTE))
    assert again.claims == 2
    assert not await store.write(lambda uow: uow.outbox.release(again.id, "one"))
    assert await store.write(lambda uow: uow.outbox.release(again.id, "two"))
    (free,) = await store.write(claim("three", at=NOW + MINUTE))
    assert free.claims == 2


@pytest.mark.parametrize("size", [6, INLINE_LIMIT + 1])
async def test_every_attempt_sends_the_same_octets(store: Store, size: int) -> None:
    await put(store, "1")
    (given,) = await store.write(claim())
    content = b"x" * size
    await store.write(lambda uow: uow.outbox.prepared(given.id, final(content)))
    await store.write(
        lambda uow: uow.outbox.retry(given.id, NOW + MINUTE, "451\nlater", 1)
    )
    assert await store.write(claim()) == []
    (again,) = await store.write(claim(at=NOW + MINUTE))
    assert (again.content, again.message_id, again.text) == (
        content,
        "<az.1@desk.example>",
        "Bonjour",
    )
    assert (again.attempts, again.error, again.claims) == (1, "451 later", 1)
    assert again.first_attempt_at == NOW
    kept = await store.write(lambda uow: uow.outbox.get(given.id))
    assert kept.content == content
    later = final(content, NOW + MINUTE)
    await store.write(lambda uow: uow.outbox.prepared(given.id, later))
    kept = await store.write(lambda uow: uow.outbox.get(given.id))
    assert kept.first_attempt_at == NOW


async def test_what_is_sent_is_sent_even_when_told_twice(store: Store) -> None:
    await put(store, "1")
    (given,) = await store.write(claim())
    await store.write(lambda uow: uow.outbox.sent(given.id, Receipt("first", NOW)))
    await store.write(
        lambda uow: uow.outbox.sent(given.id, Receipt("second", NOW + MINUTE))
    )
    row = await store.write(lambda uow: uow.outbox.get(given.id))
    assert (row.state, row.remote_id, row.sent_at) == (DeliveryState.SENT, "first", NOW)
    for work in (
        lambda uow: uow.outbox.retry(given.id, NOW, "no", 1),
        lambda uow: uow.outbox.dead(given.id, "no"),
        lambda uow: uow.outbox.prepared(given.id, final()),
    ):
        with pytest.raises(Conflict):
            await store.write(work)
    assert not await store.write(lambda uow: uow.outbox.cancel(given.id))


async def test_a_dead_letter_waits_for_a_person_and_leaves_again(store: Store) -> None:
    await put(store, "1", "2")
    for given in await store.write(claim()):
        key = given.id
        await store.write(lambda uow, key=key: uow.outbox.prepared(key, final()))  # type: ignore[misc]
        await store.write(lambda uow, key=key: uow.outbox.dead(key, "550 no"))  # type: ignore[misc]
    letters = await store.write(lambda uow: uow.outbox.dead_letters())
    assert [(each.key, each.error) for each in letters] == [
        ("2", "550 no"),
        ("1", "550 no"),
    ]
    await store.write(lambda uow: uow.outbox.resend(letters[0].id, NOW))
    (again,) = await store.write(claim())
    assert (again.id, again.content, again.attempts) == (letters[0].id, b"octets", 0)
    assert again.message_id == "<az.1@desk.example>"
    assert again.first_attempt_at is None


async def test_cancelled_deliveries_never_leave(store: Store) -> None:
    await put(store, "1")
    (given,) = await store.write(claim())
    await store.write(lambda uow: uow.outbox.release(given.id, "w"))
    assert await store.write(lambda uow: uow.outbox.cancel(given.id, "undone"))
    assert await store.write(claim()) == []
    counts = await store.write(lambda uow: uow.outbox.counts())
    assert counts == {
        DeliveryState.PENDING: 0,
        DeliveryState.SENT: 0,
        DeliveryState.DEAD: 0,
        DeliveryState.CANCELLED: 1,
    }


async def test_unknown_deliveries_are_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.write(lambda uow: uow.outbox.get(DeliveryId(9)))
    with pytest.raises(NotFound):
        await store.write(lambda uow: uow.outbox.resend(DeliveryId(9), NOW))
    assert await store.write(lambda uow: uow.outbox.by_key("none")) is None


async def test_groups_know_what_waits_and_when_one_last_left(store: Store) -> None:
    rows = [
        a_delivery("1", group_key="g", due_at=NOW),
        a_delivery("2", group_key="g", due_at=NOW + MINUTE),
        a_delivery("3", "other@x", group_key="h", due_at=NOW + MINUTE),
    ]
    await store.write(lambda uow: uow.outbox.put(rows))
    assert await store.write(lambda uow: uow.sent.last_at("g")) is None
    waiting = await store.write(lambda uow: uow.outbox.pending("g"))
    assert [each.key for each in waiting] == ["1", "2"]
    (given,) = await store.write(claim())
    await store.write(lambda uow: uow.outbox.sent(given.id, Receipt("", NOW)))
    assert await store.write(lambda uow: uow.sent.last_at("g")) == NOW
    waiting = await store.write(lambda uow: uow.outbox.pending("g"))
    assert [each.key for each in waiting] == ["2"]


async def test_what_was_said_is_known_for_reading_answers(store: Store) -> None:
    rows = [
        replace(a_delivery(f"{n}", f"{n % 2}@x"), assistance_id=AssistanceId(1))
        for n in range(1, 6)
    ]
    await store.write(lambda uow: uow.outbox.put(rows))
    for given in await store.write(claim()):
        words = replace(final(), text=f"text {given.key}")
        at = NOW + int(given.key) * MINUTE

        def send(
            uow: UnitOfWork, key: DeliveryId = given.id, words: Prepared = words,
            at: datetime = at,
        ) -> None:  # fmt: skip
            uow.outbox.prepared(key, words)
            uow.outbox.sent(key, Receipt("", at))

        await store.write(send)
    texts = await store.write(lambda uow: uow.sent.texts(AssistanceId(1), "1@x", 2))
    assert texts == ["text 5", "text 3"]
