"""Files on their way in, on each database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from azbot.errors import NotFound
from azbot.messages import BlobId
from azbot.store import Store
from azbot.store.uploads import Arrival, Full, Room
from tests.stores import NOW

DAY = timedelta(days=1)
BLOB = BlobId("ab" * 32)
ONE = Arrival("0" * 32, "visitor:1", "ASFR26000001", "été.mp4", 100, NOW, NOW + DAY)
ROOM = Room(open_each=2, octets_each=250, daily_each=3, open_all=4, octets_all=1000)


def another(number: int, **changes: object) -> Arrival:
    return replace(ONE, id=f"{number:032x}", **changes)  # type: ignore[arg-type]


async def add(store: Store, it: Arrival, room: Room = ROOM) -> Full | None:
    return await store.write(lambda uow: uow.uploads.add(it, room))


async def keep(store: Store, it: Arrival) -> bool:
    until = NOW + 2 * DAY
    return await store.write(
        lambda uow: uow.uploads.keep(it.id, BLOB, "video/mp4", "film.mp4", until)
    )


async def test_a_file_is_there_until_its_time_is_over(store: Store) -> None:
    assert await add(store, ONE) is None
    assert await store.views.upload(ONE.id, NOW) == ONE
    assert await store.write(lambda uow: uow.uploads.get(ONE.id, NOW)) == ONE
    over = ONE.expires_at
    with pytest.raises(NotFound):
        await store.views.upload(ONE.id, over)
    with pytest.raises(NotFound):
        await store.write(lambda uow: uow.uploads.get(ONE.id, over))
    just_before = over - timedelta(microseconds=1)
    assert await store.write(lambda uow: uow.uploads.over(just_before, 9)) == []
    assert await store.write(lambda uow: uow.uploads.over(over, 9)) == [ONE.id]


async def test_where_a_file_is_stored_is_noted_once(store: Store) -> None:
    await add(store, ONE)
    assert await keep(store, ONE)
    assert not await keep(store, ONE)
    kept = await store.views.upload(ONE.id, NOW + DAY)
    assert (kept.blob, kept.media_type, kept.name) == (BLOB, "video/mp4", "film.mp4")
    assert not await keep(store, another(7))


async def test_one_owner_has_room_for_so_many_and_so_much(store: Store) -> None:
    assert await add(store, another(1)) is None
    assert await add(store, another(2, size=151)) is Full.OWNER
    assert await add(store, another(2, size=150)) is None
    assert await add(store, another(3, size=1)) is Full.OWNER
    assert await add(store, another(3, owner="visitor:2")) is None
    # What came in takes no room among the open ones, and counts for the day.
    await keep(store, another(1))
    assert await add(store, another(4, size=100)) is None
    await keep(store, another(2))
    assert await add(store, another(5, size=100)) is Full.OWNER


async def test_everybody_together_has_room_for_so_many_and_so_much(
    store: Store,
) -> None:
    for number in range(4):
        owner = f"visitor:{number}"
        assert await add(store, another(number, owner=owner)) is None
    assert await add(store, another(9, owner="visitor:9")) is Full.ALL
    assert await store.write(lambda uow: uow.uploads.drop(another(0).id))
    large = Room(open_each=9, octets_each=9_999, daily_each=9, octets_all=400)
    assert await add(store, another(9, owner="visitor:9", size=101), large) is Full.ALL
    assert await add(store, another(9, owner="visitor:9", size=100), large) is None
    # What is over takes no room.
    later = another(10, created_at=NOW + DAY, expires_at=NOW + 2 * DAY)
    assert await add(store, later) is None


async def test_forgetting_twice_is_fine(store: Store) -> None:
    await add(store, ONE)
    assert await store.write(lambda uow: uow.uploads.drop(ONE.id))
    assert not await store.write(lambda uow: uow.uploads.drop(ONE.id))
