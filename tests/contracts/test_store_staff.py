"""Accounts, sessions, secrets that serve once, attempts, passkeys."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from azbot.errors import Conflict
from azbot.messages import PersonId
from azbot.store import NewPerson, PersonKind, Store, UnitOfWork
from azbot.store.accounts import Account, Session
from azbot.store.passkeys import Passkey
from azbot.store.proofs import Proof, ProofKind
from azbot.workflow.model import Role
from tests.stores import MINUTE, NOW

DAY = timedelta(days=1)


def somebody(uow: UnitOfWork, address: str = "camille@sav.example") -> PersonId:
    """Add somebody of the desk who has an account."""
    new = NewPerson(PersonKind.AGENT, (address,), name="Camille Durand")
    person = uow.people.add(new).id
    uow.accounts.put(Account(person, Role.AGENT, NOW))
    return person


def a_proof(person: PersonId | None, key: str = "1") -> Proof:
    return Proof(key * 64, ProofKind.INVITATION, person, NOW + DAY)


async def test_a_code_of_the_second_factor_serves_once(store: Store) -> None:
    person = await store.write(somebody)
    assert await store.write(lambda uow: uow.accounts.take_step(person, 100))
    assert not await store.write(lambda uow: uow.accounts.take_step(person, 100))
    assert not await store.write(lambda uow: uow.accounts.take_step(person, 99))
    assert await store.write(lambda uow: uow.accounts.take_step(person, 101))


async def test_a_proof_is_used_once(store: Store) -> None:
    person = await store.write(somebody)
    await store.write(lambda uow: uow.proofs.add(a_proof(person)))
    key, kind = "1" * 64, ProofKind.INVITATION
    for _ in range(2):
        looked = await store.write(lambda uow: uow.proofs.find(key, kind, NOW))
        assert looked == a_proof(person)
    used = await store.write(lambda uow: uow.proofs.use(key, kind, NOW))
    assert used is not None
    assert used.person == person
    assert await store.write(lambda uow: uow.proofs.use(key, kind, NOW)) is None
    assert await store.write(lambda uow: uow.proofs.find(key, kind, NOW)) is None


async def test_a_proof_is_good_for_its_purpose_alone(store: Store) -> None:
    person = await store.write(somebody)
    await store.write(lambda uow: uow.proofs.add(a_proof(person)))
    other = ProofKind.PASSWORD
    assert await store.write(lambda uow: uow.proofs.use("1" * 64, other, NOW)) is None


async def test_a_proof_ends_at_its_instant(store: Store) -> None:
    person = await store.write(somebody)
    await store.write(lambda uow: uow.proofs.add(a_proof(person)))
    kind, end = ProofKind.INVITATION, NOW + DAY
    late = await store.write(lambda uow: uow.proofs.use("1" * 64, kind, end))
    assert late is None
    soon = end - timedelta(microseconds=1)
    assert await store.write(lambda uow: uow.proofs.use("1" * 64, kind, soon))


async def test_proofs_are_counted_dropped_and_purged_by_whose_they_are(
    store: Store,
) -> None:
    person = await store.write(somebody)
    other = await store.write(lambda uow: somebody(uow, "bruno@sav.example"))

    def work(uow: UnitOfWork) -> tuple[int, int, int]:
        for key, whose in (("1", person), ("2", person), ("3", other), ("4", None)):
            uow.proofs.add(a_proof(whose, key))
        kind = ProofKind.INVITATION
        before = uow.proofs.count(person, kind, NOW)
        uow.proofs.drop(person, kind)
        after = uow.proofs.count(person, kind, NOW)
        return before, after, uow.proofs.purge(NOW + 2 * DAY)

    assert await store.write(work) == (2, 0, 2)


async def test_attempts_count_by_scope_and_since(store: Store) -> None:
    def work(uow: UnitOfWork) -> None:
        for minutes in (0, 5, 9):
            uow.attempts.add("who:a", NOW + minutes * MINUTE)
        uow.attempts.add("who:b", NOW)
        key = uow.attempts.add("who:a", NOW + 10 * MINUTE)
        uow.attempts.take_back(key)

    await store.write(work)
    tries = await store.write(lambda uow: uow.attempts.of("who:a", NOW))
    assert (tries.count, tries.last_at) == (2, NOW + 9 * MINUTE)
    await store.write(lambda uow: uow.attempts.forget("who:a"))
    tries = await store.write(lambda uow: uow.attempts.of("who:a", NOW - DAY))
    assert (tries.count, tries.last_at) == (0, None)
    assert await store.write(lambda uow: uow.attempts.purge(NOW)) == 0
    assert await store.write(lambda uow: uow.attempts.purge(NOW + MINUTE)) == 1


async def test_a_passkey_belongs_to_one_person(store: Store) -> None:
    person = await store.write(somebody)
    other = await store.write(lambda uow: somebody(uow, "bruno@sav.example"))
    key = Passkey(0, person, "Y3JlZA", b"\x00cose", 4, "Clé du bureau", NOW)
    await store.write(lambda uow: uow.passkeys.add(key))
    with pytest.raises(Conflict):
        await store.write(lambda uow: uow.passkeys.add(replace(key, person=other)))
    (found,) = await store.views.passkeys(person)
    assert found == replace(key, id=found.id)
    assert not await store.write(lambda uow: uow.passkeys.drop(other, found.id))
    await store.write(lambda uow: uow.passkeys.used(found.id, 5, NOW + MINUTE))
    again = await store.write(lambda uow: uow.passkeys.by_credential("Y3JlZA"))
    assert again is not None
    assert (again.sign_count, again.used_at) == (5, NOW + MINUTE)
    assert await store.write(lambda uow: uow.passkeys.drop(person, found.id))
    assert await store.views.passkeys(person) == []


async def test_ended_sessions_are_forgotten_after_a_while(store: Store) -> None:
    person = await store.write(somebody)

    def work(uow: UnitOfWork) -> None:
        for key, lasts in (("a", 1), ("b", 9), ("c", 9)):
            until = NOW + lasts * DAY
            uow.sessions.add(Session(key * 64, person, NOW, NOW, until))
        uow.sessions.revoke("b" * 64, NOW + DAY)

    await store.write(work)
    assert await store.write(lambda uow: uow.sessions.purge(NOW + 2 * DAY)) == 2
    assert [one.hash for one in await store.views.sessions(person)] == ["c" * 64]
