"""What people outside the desk may look at, on each database (ux.md 7.1, R24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from azbot.messages import PersonId, Trust
from azbot.store import NewPerson, PersonKind, Store, UnitOfWork
from azbot.store.queries import Filters
from azbot.store.visitor_views import Told
from azbot.workflow.decision import Recorded
from azbot.workflow.events import MessageAdded
from azbot.workflow.model import Actor, Assistance, AssistanceId, Role, Status
from tests.stores import NOW, an_assistance

SECOND = timedelta(seconds=1)


def client(uow: UnitOfWork, address: str) -> PersonId:
    return uow.people.add(NewPerson(PersonKind.CLIENT, (address,))).id


async def seen_by(store: Store, person: PersonId) -> set[AssistanceId]:
    page = await store.views.page(Filters(seen_by=person))
    return {item.id for item in page.items}


async def test_somebody_sees_what_they_asked_for_are_on_site_of_or_joined(
    store: Store,
) -> None:
    def work(uow: UnitOfWork) -> tuple[PersonId, PersonId, list[Assistance]]:
        guest, nobody = client(uow, "guest@example.org"), client(uow, "no@example.org")
        own = an_assistance(uow, "guest@example.org")
        site, joined = an_assistance(uow), an_assistance(uow)
        an_assistance(uow)
        uow.assistances.save(replace(site, contact=guest))
        uow.assistances.save(replace(joined, joined=(guest,)))
        return guest, nobody, [own, site, joined]

    guest, nobody, theirs = await store.write(work)
    assert await seen_by(store, guest) == {it.id for it in theirs}
    assert await seen_by(store, nobody) == set()
    states = await store.views.states(it.id for it in theirs)
    assert states[theirs[0].id].ref == theirs[0].ref
    assert await store.views.states([]) == {}


async def test_joining_again_or_with_others_keeps_each_once(store: Store) -> None:
    def work(uow: UnitOfWork) -> tuple[PersonId, PersonId, AssistanceId]:
        one, two = client(uow, "one@example.org"), client(uow, "two@example.org")
        it = uow.assistances.save(replace(an_assistance(uow), joined=(one,)))
        return one, two, it.id

    one, two, key = await store.write(work)
    await store.write(
        lambda uow: uow.assistances.save(
            replace(uow.assistances.get(key), joined=(one, two))
        )
    )
    assert await seen_by(store, one) == await seen_by(store, two) == {key}


async def test_a_revocation_ends_one_assistance_or_all_and_only_moves_on(
    store: Store,
) -> None:
    def work(uow: UnitOfWork) -> tuple[PersonId, AssistanceId, AssistanceId]:
        it, other = an_assistance(uow), an_assistance(uow)
        uow.revocations.revoke(it.requester, NOW, it.id)
        return it.requester, it.id, other.id

    person, key, other = await store.write(work)
    views = store.views
    assert await views.revoked_before(person, key) == NOW
    assert await views.revoked_before(person, other) is None
    assert await views.revoked_before(PersonId(person + 99), key) is None
    later = NOW + 5 * SECOND
    await store.write(lambda uow: uow.revocations.revoke(person, later))
    assert await views.revoked_before(person, key) == later
    assert await views.revoked_before(person, other) == later
    latest = later + SECOND
    await store.write(lambda uow: uow.revocations.revoke(person, latest))
    assert await views.revoked_before(person, other) == latest


async def test_messages_of_the_desk_are_new_until_they_were_read(store: Store) -> None:
    def work(uow: UnitOfWork) -> tuple[PersonId, AssistanceId, AssistanceId]:
        it, silent = an_assistance(uow), an_assistance(uow)
        for role in (Role.AGENT, Role.ADMIN, Role.CLIENT, Role.STATION):
            actor = Actor(role, None, "Camille Durand", Trust.STAFF, "web")
            event = MessageAdded("Bonjour", author=role)
            line = Recorded(event, NOW, actor, Status.SUBMITTED, Status.SUBMITTED)
            uow.events.append(it.id, [line])
        return it.requester, it.id, silent.id

    person, key, silent = await store.write(work)
    assert await store.views.told(person, (key, silent)) == {key: Told(2, 0)}
    await store.write(lambda uow: uow.readings.see(person, key, 2))
    told = await store.views.told(person, (key,))
    assert told[key].unread == 0
    assert await store.views.told(person, ()) == {}


async def test_the_stations_of_somebody_are_those_of_what_they_see(
    store: Store,
) -> None:
    person = await store.write(lambda uow: an_assistance(uow).requester)
    assert await store.views.stations_of(person) == {}
