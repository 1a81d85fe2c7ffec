"""Small things kept by name: threads, answers, keys, settings, known files."""

from __future__ import annotations

import pytest

from azbot.errors import Conflict
from azbot.messages import PersonId
from azbot.store import Direction, Store, UnitOfWork
from tests.stores import MINUTE, NOW, an_assistance


async def test_the_first_known_id_in_the_order_asked_wins(store: Store) -> None:
    first = (await store.write(an_assistance)).id
    second = (await store.write(an_assistance)).id

    def remember(uow: UnitOfWork) -> None:
        uow.threads.remember("<1@x>", first, PersonId(1), Direction.IN)
        uow.threads.remember("<2@x>", second, None, Direction.OUT)
        uow.threads.remember("", first, None, Direction.IN)

    await store.write(remember)
    found = await store.write(lambda u: u.threads.find(["<9@x>", "<2@x>", "<1@x>"]))
    assert found is not None
    assert (found.assistance_id, found.person, found.direction) == (
        second,
        None,
        Direction.OUT,
    )
    assert await store.write(lambda uow: uow.threads.find(["<9@x>", ""])) is None
    assert await store.write(lambda uow: uow.threads.find([])) is None


async def test_a_stranger_cannot_take_over_an_id_of_ours(store: Store) -> None:
    ours = (await store.write(an_assistance)).id
    theirs = (await store.write(an_assistance)).id

    def remember(uow: UnitOfWork) -> None:
        uow.threads.remember("<1@desk>", theirs, PersonId(1), Direction.IN)
        uow.threads.remember("<1@desk>", ours, PersonId(1), Direction.OUT)
        uow.threads.remember("<1@desk>", theirs, PersonId(1), Direction.OUT)

    await store.write(remember)
    found = await store.write(lambda uow: uow.threads.find(["<1@desk>"]))
    assert found is not None
    assert found.assistance_id == ours


async def test_an_answer_is_remembered_for_its_key_and_scope(store: Store) -> None:
    answer = {"status": 201, "body": {"ref": "ASFR26000001"}}
    await store.write(lambda uow: uow.idempotency.remember("api", "k", answer, NOW))
    assert await store.write(lambda uow: uow.idempotency.find("api", "k")) == answer
    assert await store.write(lambda uow: uow.idempotency.find("web", "k")) is None
    with pytest.raises(Conflict):
        await store.write(lambda uow: uow.idempotency.remember("api", "k", {}, NOW))
    assert await store.write(lambda uow: uow.idempotency.purge(NOW)) == 0
    assert await store.write(lambda uow: uow.idempotency.purge(NOW + MINUTE)) == 1
    assert await store.write(lambda uow: uow.idempotency.find("api", "k")) is None


async def test_a_revoked_token_opens_nothing(store: Store) -> None:
    token = await store.write(
        lambda uow: uow.tokens.add("phone desk", "agent", "a" * 64, None, NOW)
    )
    assert await store.write(lambda uow: uow.tokens.by_hash("a" * 64)) == token
    assert await store.write(lambda uow: uow.tokens.by_hash("b" * 64)) is None
    with pytest.raises(Conflict):
        await store.write(
            lambda uow: uow.tokens.add("phone desk", "agent", "c" * 64, None, NOW)
        )
    assert await store.write(lambda uow: uow.tokens.revoke(token.id, NOW))
    assert not await store.write(lambda uow: uow.tokens.revoke(token.id, NOW))
    assert await store.write(lambda uow: uow.tokens.by_hash("a" * 64)) is None
    (kept,) = await store.write(lambda uow: uow.tokens.all())
    assert kept.revoked_at == NOW


async def test_settings_keep_the_last_or_the_first_value(store: Store) -> None:
    assert await store.write(lambda uow: uow.settings.get("x")) is None
    assert await store.write(lambda uow: uow.settings.first("x", "1")) == "1"
    assert await store.write(lambda uow: uow.settings.first("x", "2")) == "1"
    await store.write(lambda uow: uow.settings.put("x", "3"))
    assert await store.write(lambda uow: uow.settings.get("x")) == "3"


async def test_an_installation_keeps_its_name_and_its_keys(store: Store) -> None:
    name = await store.write(lambda uow: uow.settings.instance_id())
    ring = await store.write(lambda uow: uow.settings.keyring())
    assert await store.write(lambda uow: uow.settings.instance_id()) == name
    assert await store.write(lambda uow: uow.settings.keyring()) == ring
    assert len(name) == 16


async def test_a_new_key_signs_and_older_ones_verify_for_a_while(store: Store) -> None:
    first = await store.write(lambda uow: uow.settings.keyring())
    rings = [
        await store.write(lambda uow: uow.settings.rotate_keyring(keep=3))
        for _ in range(40)
    ]
    assert [len(ring.keys) for ring in rings[:3]] == [2, 3, 3]
    assert rings[0].oldest == first.newest
    assert len({ring.newest for ring in rings}) == 40
    assert await store.write(lambda uow: uow.settings.keyring()) == rings[-1]


async def test_a_logo_is_known_the_second_time_in_its_scope(store: Store) -> None:
    def meet(uow: UnitOfWork) -> bool:
        known = uow.seen_files.known_inline("a" * 64, "domain:example.org")
        uow.seen_files.remember("a" * 64, "domain:example.org")
        return known

    assert [await store.write(meet) for _ in range(3)] == [False, True, True]
    assert not await store.write(
        lambda uow: uow.seen_files.known_inline("a" * 64, "person:1")
    )
