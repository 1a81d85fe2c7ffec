"""What leaves for chats: in the order of each, the more pressing first, at its pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

import pytest

from azbot.messages import Receipt
from azbot.ports import Rate
from azbot.store import Delivery, DeliveryId, NewDelivery, Store, UnitOfWork
from azbot.store.paces import ALL
from tests.stores import MINUTE, NOW, a_delivery

if TYPE_CHECKING:
    import sqlite3

SECOND = timedelta(seconds=1)
EACH = Rate(SECOND, 3)


def an_act(
    key: str, chat: str = "501", *, priority: int = 1, due_at: datetime = NOW
) -> NewDelivery:
    """Something to be shown in a chat."""
    facts = {"act": "say", "screen": {"text": key}}
    return NewDelivery(key, "act", chat, "telegram", due_at, facts, priority=priority)


def claim(
    worker: str = "w", limit: int = 10, at: datetime = NOW
) -> Callable[[UnitOfWork], list[Delivery]]:
    return lambda uow: uow.outbox.claim_acts(worker, limit, MINUTE, at, "telegram")


def answers(
    worker: str = "w", at: datetime = NOW
) -> Callable[[UnitOfWork], list[Delivery]]:
    return lambda uow: uow.outbox.claim_answers(worker, 10, MINUTE, at, "telegram")


def keys(rows: list[Delivery]) -> list[str]:
    return [row.key for row in rows]


async def put(store: Store, *rows: NewDelivery) -> None:
    await store.write(lambda uow: uow.outbox.put(rows))


async def sent(store: Store, row: Delivery) -> None:
    await store.write(lambda uow: uow.outbox.sent(row.id, Receipt("r", NOW)))


async def retried(store: Store, row: Delivery, at: datetime) -> None:
    await store.write(
        lambda uow: uow.outbox.retry(row.id, at, "429", 1, NOW, stops_lane=True)
    )


# --- order ------------------------------------------------------------------------


async def test_of_each_chat_the_first_act_is_given_and_no_other(store: Store) -> None:
    await put(store, an_act("a1"), an_act("a2"), an_act("b1", "502"))
    given = await store.write(claim())
    assert keys(given) == ["a1", "b1"]
    assert await store.write(claim("other")) == []
    await sent(store, given[0])
    assert keys(await store.write(claim("other"))) == ["a2"]


async def test_the_more_pressing_chat_is_served_first(store: Store) -> None:
    await put(
        store,
        an_act("bulk", "1", priority=3, due_at=NOW - MINUTE),
        an_act("notice", "2", priority=2, due_at=NOW - SECOND),
        an_act("older notice", "3", priority=2, due_at=NOW - MINUTE),
        an_act("reply", "4", priority=1),
    )
    assert keys(await store.write(claim(limit=3))) == [
        "reply",
        "older notice",
        "notice",
    ]


async def test_in_a_chat_nothing_overtakes_what_was_put_before_it(
    store: Store,
) -> None:
    await put(store, an_act("notice", priority=2), an_act("reply", priority=1))
    assert keys(await store.write(claim())) == ["notice"]


async def test_what_waits_for_a_later_hour_holds_up_nothing(store: Store) -> None:
    await put(store, an_act("album", due_at=NOW + MINUTE), an_act("reply"))
    assert keys(await store.write(claim())) == ["reply"]
    assert await store.write(lambda uow: uow.outbox.next_act("telegram", NOW)) == (
        NOW + MINUTE
    )


async def test_what_is_tried_again_holds_up_its_chat_and_no_other(
    store: Store,
) -> None:
    await put(store, an_act("a1"), an_act("a2"), an_act("b1", "502"))
    (first, _) = await store.write(claim())
    await retried(store, first, NOW + 30 * SECOND)
    await put(store, an_act("b2", "502"), an_act("c1", "503"))
    assert keys(await store.write(claim())) == ["c1"]
    assert keys(await store.write(claim(at=NOW + 30 * SECOND))) == ["a1"]


async def test_a_dead_letter_sent_again_holds_up_nothing(store: Store) -> None:
    await put(store, an_act("a1"), an_act("a2"))
    (first,) = await store.write(claim())
    await retried(store, first, NOW)
    (first,) = await store.write(claim())
    await store.write(lambda uow: uow.outbox.dead(first.id, "400"))
    later = NOW + MINUTE
    await store.write(lambda uow: uow.outbox.resend(first.id, later))
    assert keys(await store.write(claim())) == ["a2"]


async def test_answers_to_presses_wait_for_nothing(store: Store) -> None:
    """G3: neither for their chat, nor for its pace, nor for each other."""
    await put(store, an_act("film"), an_act("ok", priority=0))
    (film,) = await store.write(claim())
    await retried(store, film, NOW + MINUTE)
    await store.write(lambda uow: pause(uow, "501"))
    await put(store, an_act("ok too", priority=0))
    assert keys(await store.write(answers())) == ["ok", "ok too"]
    assert await store.write(answers("other")) == []


async def test_an_answer_on_its_way_holds_up_nothing(store: Store) -> None:
    await put(store, an_act("ok", priority=0), an_act("reply"))
    assert keys(await store.write(answers())) == ["ok"]
    assert keys(await store.write(claim())) == ["reply"]


async def test_letters_and_acts_are_not_given_for_each_other(store: Store) -> None:
    await put(store, a_delivery("letter", "501"), an_act("act"))
    assert keys(await store.write(claim())) == ["act"]
    letters = await store.write(lambda uow: uow.outbox.claim("w", 9, MINUTE, NOW))
    assert keys(letters) == ["letter"]


async def test_letters_and_acts_ring_apart(store: Store) -> None:
    """A turn of a talk does not wake who carries mails."""

    def rings(row: NewDelivery) -> Callable[[UnitOfWork], set[str]]:
        def work(uow: UnitOfWork) -> set[str]:
            uow.outbox.put([row])
            return set(uow.topics)

        return work

    assert await store.write(rings(a_delivery())) == {"outbox"}
    assert await store.write(rings(an_act("act"))) == {"acts"}


async def test_two_workers_never_have_one_chat_in_hand(store: Store) -> None:
    await put(store, *(an_act(f"{n}", f"{n % 20}") for n in range(60)))

    async def work(worker: str) -> list[Delivery]:
        mine: list[Delivery] = []
        while rows := await store.write(claim(worker, 3)):
            mine += rows
        return mine

    shares = await asyncio.gather(*(work(f"w{n}") for n in range(4)))
    rows = [row for share in shares for row in share]
    assert sorted(int(row.key) for row in rows) == list(range(20))


async def test_a_killed_workers_act_comes_back_first(store: Store) -> None:
    await put(store, an_act("a1"), an_act("a2"))
    await store.write(claim("one"))
    (again,) = await store.write(claim("two", at=NOW + MINUTE))
    assert (again.key, again.claims) == ("a1", 2)


async def test_a_chat_that_moved_takes_what_waits_with_it(store: Store) -> None:
    await put(store, an_act("a1"), an_act("a2"), an_act("b1", "502"))
    (first, other) = await store.write(claim())
    await sent(store, first)
    await store.write(lambda uow: uow.outbox.move("telegram", "501", "-100501"))
    await sent(store, other)
    (moved,) = await store.write(claim())
    assert (moved.key, moved.address) == ("a2", "-100501")
    done = await store.write(lambda uow: uow.outbox.get(first.id))
    assert done.address == "501"


async def test_what_waits_behind_an_act_is_told_in_order(store: Store) -> None:
    await put(store, *(an_act(f"a{n}") for n in range(5)), an_act("b", "502"))

    def behind(after: int, limit: int = 9) -> Callable[[UnitOfWork], list[Delivery]]:
        return lambda uow: uow.outbox.behind("telegram", "501", after, limit)

    assert keys(await store.write(behind(0))) == ["a0", "a1", "a2", "a3", "a4"]
    assert keys(await store.write(behind(2, 2))) == ["a2", "a3"]


async def test_what_was_said_is_kept_with_its_names(store: Store) -> None:
    await put(store, an_act("a1"))
    (row,) = await store.write(claim())
    receipt = Receipt("telegram:501/1 telegram:501/2", NOW)
    await store.write(lambda uow: uow.outbox.sent(row.id, receipt, "Bon\x00jour"))
    kept = await store.write(lambda uow: uow.outbox.get(row.id))
    assert (kept.remote_id, kept.text) == (receipt.remote_id, "Bonjour")


# --- pace -------------------------------------------------------------------------


async def spend(store: Store, chat: str, count: int, at: datetime = NOW) -> None:
    await store.write(lambda uow: uow.paces.spend("telegram", chat, EACH, at, count))


async def test_a_chat_that_may_not_be_written_to_yet_is_left_out(
    store: Store,
) -> None:
    await put(store, an_act("a1"), an_act("b1", "502"))
    await spend(store, "501", 3)
    assert keys(await store.write(claim())) == ["b1"]
    at = await store.write(lambda uow: uow.paces.next_free("telegram", NOW))
    assert at == NOW + SECOND
    assert keys(await store.write(claim(at=at))) == ["a1"]


async def test_what_was_not_said_gives_its_place_back(store: Store) -> None:
    await spend(store, "501", 3)
    await spend(store, "501", -1)
    free_at = await store.write(lambda uow: uow.paces.free_at("telegram", "501"))
    assert EACH.room(free_at, NOW) == 1


async def test_a_place_is_taken_only_while_there_is_room(store: Store) -> None:
    def take(uow: UnitOfWork) -> list[bool]:
        return [uow.paces.take("telegram", "501", EACH, NOW, 2) for _ in range(2)]

    assert await store.write(take) == [True, False]
    free_at = await store.write(lambda uow: uow.paces.free_at("telegram", "501"))
    assert EACH.room(free_at, NOW) == 1


def pause(uow: UnitOfWork, chat: str, after: timedelta = MINUTE) -> None:
    uow.paces.pause("telegram", chat, NOW + after, NOW, many=3)


async def test_chats_in_which_the_service_asked_for_a_pause_are_counted(
    store: Store,
) -> None:
    def work(uow: UnitOfWork) -> list[int]:
        found = []
        for chat in ("501", "502", "501"):
            pause(uow, chat)
            found.append(uow.paces.paused("telegram", NOW))
        uow.paces.spend("telegram", "502", EACH, NOW)
        return [*found, uow.paces.paused("telegram", NOW + MINUTE)]

    assert await store.write(work) == [1, 2, 2, 0]
    free_at = await store.write(lambda uow: uow.paces.free_at("telegram", "502"))
    assert free_at is not None
    assert free_at > NOW + MINUTE


async def test_several_chats_that_pause_at_once_are_a_pause_for_all(
    store: Store,
) -> None:
    """However many workers hear of it at the same time."""
    await spend(store, ALL, 1)
    found = []
    for chats in (("501", "502"), ("503", "504")):
        works = (partial(pause, chat=chat) for chat in chats)
        await asyncio.gather(*map(store.write, works))
        at = await store.write(lambda uow: uow.paces.free_at("telegram"))
        found.append(at == NOW + MINUTE)
    assert found == [False, True]


async def test_a_shorter_pause_ends_no_longer_one(store: Store) -> None:
    def work(uow: UnitOfWork) -> datetime | None:
        pause(uow, "501")
        pause(uow, "501", SECOND)
        return uow.paces.free_at("telegram", "501")

    assert await store.write(work) == NOW + MINUTE


async def test_a_pace_nobody_needs_any_more_is_forgotten(store: Store) -> None:
    await spend(store, "501", 1, NOW - MINUTE)
    await spend(store, "502", 3)
    assert await store.write(lambda uow: uow.paces.sweep(NOW)) == 1
    assert await store.write(lambda uow: uow.paces.free_at("telegram", "501")) is None


# --- speed ------------------------------------------------------------------------


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_claims_read_indexes_and_nothing_else(store: Store) -> None:
    """Whatever left in all these years."""

    def plans(uow: UnitOfWork) -> list[str]:
        asked: list[str] = []
        driver = cast("sqlite3.Connection", uow.sql._driver)
        driver.set_trace_callback(asked.append)
        claim()(uow)
        answers()(uow)
        uow.outbox.next_act("telegram", NOW)
        uow.outbox.behind("telegram", "501")
        driver.set_trace_callback(None)
        return [
            " ".join(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {words}"))
            for words in asked
        ]

    acts, answering, due, behind = await store.write(plans)
    assert "SEARCH waiting USING COVERING INDEX ix_outbox_lane" in acts
    assert "USING INDEX ix_outbox_answers" in answering
    assert "USING COVERING INDEX ix_outbox_lane" in due
    assert "ix_outbox_lane (channel=? AND address=? AND id>?)" in behind


async def test_an_unknown_delivery_is_behind_nothing(store: Store) -> None:
    nobody = DeliveryId(99)
    assert (
        await store.write(lambda uow: uow.outbox.behind("telegram", "501", nobody))
        == []
    )
