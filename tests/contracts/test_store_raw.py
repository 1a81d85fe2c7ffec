"""The ledger: nothing received is lost, nothing is worked on twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from azbot.errors import Conflict, NotFound
from azbot.messages import RawId, Reason
from azbot.store import ClaimedRaw, RawOutcome, RawState, Store, UnitOfWork
from azbot.store.octets import INLINE_LIMIT
from azbot.store.raw import MOST_CLAIMS
from azbot.workflow.model import AssistanceId
from tests.stores import MINUTE, NOW, a_raw

APPLIED = RawOutcome(RawState.APPLIED)
GONE = "0" * 64


def claim(
    worker: str = "w", limit: int = 10, *, later: timedelta = timedelta()
) -> Callable[[UnitOfWork], list[ClaimedRaw]]:
    return lambda uow: uow.raw.claim(worker, limit, MINUTE, NOW + later)


def finish(key: RawId, outcome: RawOutcome = APPLIED) -> Callable[[UnitOfWork], None]:
    return lambda uow: uow.raw.finish(key, outcome)


async def test_a_message_is_stored_once_whatever_is_given_again(store: Store) -> None:
    await store.accept([a_raw(1), a_raw(2)])
    await store.accept([a_raw(2), a_raw(3, b"other")])
    entries = await store.views.ledger()
    assert [entry.position for entry in entries] == [3, 2, 1]
    assert await store.position(a_raw().source) == 3
    assert await store.position("imap:elsewhere") == 0


async def test_accepting_nothing_is_fine(store: Store) -> None:
    await store.accept([])
    assert await store.views.ledger() == []


@pytest.mark.parametrize("size", [0, 1, INLINE_LIMIT, INLINE_LIMIT + 1])
async def test_octets_come_back_exactly_whatever_their_size(
    store: Store, size: int
) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    await store.accept([a_raw(1, content)])
    (given,) = await store.write(claim())
    assert (given.content is None) == (size > INLINE_LIMIT)
    assert await store.write(lambda uow: uow.raw.content(given.id)) == content
    assert await store.views.raw_content(given.id) == content
    entry = await store.views.raw(given.id)
    assert entry.sha256 == hashlib.sha256(content).hexdigest()


async def test_unknown_messages_are_not_found(store: Store) -> None:
    for work in (
        lambda uow: uow.raw.content(RawId(9)),
        lambda uow: uow.raw.get(RawId(9)),
        lambda uow: uow.raw.reset(RawId(9)),
    ):
        with pytest.raises(NotFound):
            await store.write(work)
    with pytest.raises(NotFound):
        await store.views.raw_content(RawId(9))


async def test_a_claimed_message_is_nobody_elses_until_the_lease_ends(
    store: Store,
) -> None:
    await store.accept([a_raw(n) for n in range(1, 5)])
    first = await store.write(claim("one", 3))
    second = await store.write(claim("two", 3))
    assert [each.position for each in first] == [1, 2, 3]
    assert [each.position for each in second] == [4]
    assert await store.write(claim("two", later=MINUTE - timedelta(seconds=1))) == []
    again = await store.write(claim("two", later=MINUTE))
    assert [(each.position, each.claims) for each in again] == [
        (1, 2), (2, 2), (3, 2), (4, 2),
    ]  # fmt: skip


async def test_a_lease_can_be_extended_by_its_holder_alone(store: Store) -> None:
    await store.accept([a_raw()])
    (given,) = await store.write(claim("one"))

    def extend(worker: str, later: timedelta) -> Callable[[UnitOfWork], bool]:
        return lambda uow: uow.raw.extend(given.id, worker, MINUTE, NOW + later)

    half = MINUTE / 2
    assert not await store.write(extend("two", half))
    assert await store.write(extend("one", half))
    assert await store.write(claim("two", later=MINUTE)) == []
    assert not await store.write(extend("one", MINUTE + half))


async def test_a_released_message_is_free_and_was_not_counted(store: Store) -> None:
    await store.accept([a_raw()])
    (given,) = await store.write(claim("one"))
    assert not await store.write(lambda uow: uow.raw.release(given.id, "two"))
    assert await store.write(lambda uow: uow.raw.release(given.id, "one"))
    (again,) = await store.write(claim("two"))
    assert again.claims == 1


async def test_a_message_that_kills_its_workers_is_quarantined(store: Store) -> None:
    await store.accept([a_raw(1), a_raw(2)])
    for crash in range(MOST_CLAIMS):
        given = await store.write(claim(f"w{crash}", 1, later=crash * MINUTE))
        assert [(each.position, each.claims) for each in given] == [(1, crash + 1)]
    given = await store.write(claim("w", later=MOST_CLAIMS * MINUTE))
    assert [each.position for each in given] == [2]
    (entry,) = await store.write(lambda uow: uow.raw.quarantined())
    assert (entry.position, entry.outcome.reason) == (1, Reason.CRASHED)


async def test_an_outcome_is_kept_and_said_only_once(store: Store) -> None:
    await store.accept([a_raw()])
    (given,) = await store.write(claim())
    outcome = RawOutcome(
        state=RawState.APPLIED,
        detail="a new\x00 request",
        assistance_id=AssistanceId(7),
        fingerprint="f" * 64,
        message_id="<1@example.org>",
        sender="Anne@Example.org",
        subject="x" * 300,
    )
    await store.write(finish(given.id, outcome))
    with pytest.raises(Conflict):
        await store.write(finish(given.id))
    entry = await store.write(lambda uow: uow.raw.get(given.id))
    assert entry.outcome.assistance_id == 7
    assert entry.outcome.sender == "anne@example.org"
    assert entry.outcome.subject == "x" * 255
    assert entry.outcome.detail == "a new request"
    assert entry.claims == 0
    assert await store.write(claim(later=10 * MINUTE)) == []


async def test_the_second_of_two_equal_messages_must_look_again(store: Store) -> None:
    await store.accept([a_raw(1), a_raw(2)])
    first, second = await store.write(claim())
    same = RawOutcome(RawState.APPLIED, fingerprint="f" * 64)
    assert await store.write(lambda uow: uow.raw.seen("f" * 64)) is None
    await store.write(finish(first.id, same))
    assert await store.write(lambda uow: uow.raw.seen("f" * 64)) == first.id
    with pytest.raises(Conflict):
        await store.write(finish(second.id, same))
    copy = RawOutcome(RawState.DUPLICATE, fingerprint="f" * 64)
    await store.write(finish(second.id, copy))
    assert await store.write(lambda uow: uow.raw.seen("f" * 64)) == first.id


async def test_a_replayed_message_is_not_its_own_duplicate(store: Store) -> None:
    await store.accept([a_raw()])
    (given,) = await store.write(claim())
    held = RawOutcome(RawState.QUARANTINED, Reason.EMPTY, fingerprint="f" * 64)
    await store.write(finish(given.id, held))
    await store.write(lambda uow: uow.raw.reset(given.id))
    assert await store.write(lambda uow: uow.raw.seen("f" * 64)) is None
    (again,) = await store.write(claim())
    assert (again.id, again.claims) == (given.id, 1)
    await store.write(finish(again.id, RawOutcome(RawState.APPLIED, fingerprint=GONE)))
    (entry,) = await store.views.ledger(RawState.APPLIED)
    assert entry.outcome.reason is None


async def test_quarantine_is_shown_newest_first_page_by_page(store: Store) -> None:
    await store.accept([a_raw(n) for n in range(1, 6)])
    for given in await store.write(claim()):
        held = RawOutcome(RawState.QUARANTINED, Reason.EMPTY, "nothing in it")
        await store.write(finish(given.id, held))
    first = await store.views.ledger(RawState.QUARANTINED, limit=3)
    rest = await store.views.ledger(RawState.QUARANTINED, before=first[-1].id)
    assert [entry.position for entry in (*first, *rest)] == [5, 4, 3, 2, 1]
