"""What the store promises, whatever the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from azbot.errors import Conflict, NotFound
from azbot.store import NewPerson, PersonKind, Store, UnitOfWork
from azbot.workflow.events import AssistanceOpened, evolve
from azbot.workflow.model import Assistance, AssistanceId

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def open_one(uow: UnitOfWork, address: str = "a@example.org") -> Assistance:
    person = uow.people.by_address(address) or uow.people.add(
        NewPerson(PersonKind.CLIENT, (address,), name="Anne Dupont")
    )
    key, ref = uow.assistances.new_identity("FR", 2026)
    answers = {
        "service": "incident",
        "address": "18 rue des Œillets",
        "postcode": "69100",
        "town": "Évry",
    }
    opened = AssistanceOpened(
        key, ref, person.id, None, "fr", "Europe/Paris", "email", answers, (), True
    )
    return uow.assistances.add(evolve(None, opened, NOW))


async def test_what_was_added_is_read_back_whole(store: Store) -> None:
    added = await store.write(open_one)
    assert await store.write(lambda uow: uow.assistances.get(added.id)) == added
    assert await store.write(lambda uow: uow.assistances.by_ref(added.ref)) == added
    assert added.version == 1


async def test_an_unknown_assistance_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.write(lambda uow: uow.assistances.get(AssistanceId(99)))


async def test_a_stale_version_is_a_conflict(store: Store) -> None:
    added = await store.write(open_one)
    saved = await store.write(lambda uow: uow.assistances.save(added))
    assert saved.version == 2
    with pytest.raises(Conflict):
        await store.write(lambda uow: uow.assistances.save(added))
