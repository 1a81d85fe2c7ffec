"""Several writers, several processes' worth of stores: still one truth."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

from azbot.errors import Conflict
from azbot.messages import Receipt
from azbot.store import (
    Delivery,
    DeliveryState,
    RawOutcome,
    RawState,
    Store,
    UnitOfWork,
    open_store,
)
from azbot.workflow.model import AssistanceId
from tests.stores import MINUTE, NOW, a_delivery, a_raw, an_assistance

WRITERS, EACH = 8, 100


async def test_references_have_neither_holes_nor_doubles(
    store_url: str, tmp_path: Path
) -> None:
    """Eight writers on two stores; a third of their works roll back."""
    blobs = tmp_path / "blobs"
    given: list[str] = []

    def take(uow: UnitOfWork) -> str:
        return uow.assistances.new_identity("FR", 2026)[1]

    def take_and_fail(uow: UnitOfWork) -> str:
        take(uow)
        raise LookupError("no")

    async def writer(store: Store) -> None:
        for n in range(EACH):
            if n % 3 == 0:
                await asyncio.gather(store.write(take_and_fail), return_exceptions=True)
            given.append(await store.write(take))

    one = open_store(store_url, blobs, synchronous="OFF")
    two = open_store(store_url, blobs, synchronous="OFF")
    async with one, two:
        await asyncio.gather(*(writer((one, two)[n % 2]) for n in range(WRITERS)))
    total = WRITERS * EACH
    assert sorted(given) == [f"ASFR26{n:06d}" for n in range(1, total + 1)]


async def test_no_change_is_lost_when_many_change_one_assistance(
    store_url: str, tmp_path: Path
) -> None:
    def count(uow: UnitOfWork) -> None:
        it = uow.assistances.get(AssistanceId(1))
        uow.assistances.save(replace(it, messages=it.messages + 1))

    one = open_store(store_url, tmp_path / "blobs", synchronous="OFF")
    two = open_store(store_url, tmp_path / "blobs", synchronous="OFF")
    async with one, two:
        await one.write(an_assistance)
        await asyncio.gather(*((one, two)[n % 2].write(count) for n in range(60)))
        assert (await one.views.assistance(AssistanceId(1))).messages == 60


async def test_one_stranger_writing_twice_at_once_becomes_one_person(
    store_url: str, tmp_path: Path
) -> None:
    one = open_store(store_url, tmp_path / "blobs", synchronous="OFF")
    two = open_store(store_url, tmp_path / "blobs", synchronous="OFF")
    async with one, two:
        added = await asyncio.gather(
            *((one, two)[n % 2].write(an_assistance) for n in range(12))
        )
    assert len({it.requester for it in added}) == 1


async def test_every_message_is_worked_on_by_one_worker(
    store_url: str, tmp_path: Path
) -> None:
    done: Counter[int] = Counter()

    async def worker(store: Store, name: str) -> None:
        while True:
            given = await store.write(lambda uow: uow.raw.claim(name, 3, MINUTE, NOW))
            if not given:
                return
            for each in given:
                done[each.position] += 1
                await store.write(
                    lambda uow, key=each.id: uow.raw.finish(  # type: ignore[misc]
                        key, RawOutcome(RawState.IGNORED)
                    )
                )

    one = open_store(store_url, tmp_path / "blobs", synchronous="OFF")
    two = open_store(store_url, tmp_path / "blobs", synchronous="OFF")
    async with one, two:
        await one.accept([a_raw(n) for n in range(1, 61)])
        await asyncio.gather(*(worker((one, two)[n % 2], f"w{n}") for n in range(6)))
    assert done == Counter(range(1, 61))


async def test_each_recipients_messages_stay_in_order_between_workers(
    store_url: str, tmp_path: Path
) -> None:
    sent: list[tuple[str, int]] = []
    rows = [a_delivery(f"{n}", f"{n % 5}@example.org", due_at=NOW) for n in range(50)]

    async def worker(store: Store, name: str) -> None:
        while True:
            given: list[Delivery] = await store.write(
                lambda uow: uow.outbox.claim(name, 4, MINUTE, NOW)
            )
            if not given:
                counts = await store.write(lambda uow: uow.outbox.counts())
                if not counts[DeliveryState.PENDING]:
                    return
                await asyncio.sleep(0)
            for each in given:
                sent.append((each.address, int(each.key)))
                await store.write(
                    lambda uow, key=each.id: uow.outbox.sent(  # type: ignore[misc]
                        key, Receipt("", NOW)
                    )
                )

    one = open_store(store_url, tmp_path / "blobs", synchronous="OFF")
    two = open_store(store_url, tmp_path / "blobs", synchronous="OFF")
    async with one, two:
        await one.write(lambda uow: uow.outbox.put(rows))
        await asyncio.gather(*(worker((one, two)[n % 2], f"w{n}") for n in range(4)))
    assert len(sent) == 50
    for address in {address for address, _ in sent}:
        numbers = [number for to, number in sent if to == address]
        assert numbers == sorted(numbers)


async def test_the_same_message_applied_twice_at_once_is_applied_once(
    store_url: str, tmp_path: Path
) -> None:
    """Two mailboxes bring one message; two workers read it at the same time."""
    one = open_store(store_url, tmp_path / "blobs", synchronous="OFF")
    two = open_store(store_url, tmp_path / "blobs", synchronous="OFF")
    applied = RawOutcome(RawState.APPLIED, fingerprint="f" * 64)
    async with one, two:
        await one.accept([a_raw(1), a_raw(2)])
        keys = [
            each.id
            for each in await one.write(lambda u: u.raw.claim("w", 2, MINUTE, NOW))
        ]

        def apply(uow: UnitOfWork, number: int) -> None:
            an_assistance(uow)
            uow.raw.finish(keys[number], applied)

        outcomes = await asyncio.gather(
            one.write(lambda uow: apply(uow, 0)),
            two.write(lambda uow: apply(uow, 1)),
            return_exceptions=True,
        )
        assert Counter(type(each) for each in outcomes) == {type(None): 1, Conflict: 1}
        assert len((await one.views.page()).items) == 1
