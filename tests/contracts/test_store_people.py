"""Who is who: an address belongs to one person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from azbot.errors import Conflict, NotFound
from azbot.messages import PersonId
from azbot.store import NewPerson, PersonKind, Store, UnitOfWork
from azbot.workflow.model import Mission, MissionStatus, Station, StationId, Status
from azbot.workflow.ranking import RECENT_FOR, Load
from tests.stores import NOW, an_assistance

ANNE = NewPerson(
    PersonKind.CLIENT,
    ("Anne.Dupont@Example.org", "anne@home.example", "ANNE@home.example"),
    name="Anne Dupont",
    company="Chauffage Dupont",
    phones=("+33601020304", "+33102030405"),
    language="es",
    account_type="installer",
)


async def test_somebody_is_known_by_every_address_whatever_its_case(
    store: Store,
) -> None:
    anne = await store.write(lambda uow: uow.people.add(ANNE))
    assert anne.address == "Anne.Dupont@Example.org"
    for address in ("anne.dupont@example.ORG", "Anne@Home.example"):
        found = await store.write(lambda uow, a=address: uow.people.by_address(a))  # type: ignore[misc]
        assert found == await store.views.by_address(address)
        assert found is not None
        assert found.id == anne.id
        assert found.addresses == ("Anne.Dupont@Example.org", "anne@home.example")
    assert await store.write(lambda uow: uow.people.by_address("bob@x")) is None
    assert await store.views.by_address("bob@x") is None


async def test_every_field_is_kept(store: Store) -> None:
    anne = await store.write(lambda uow: uow.people.add(ANNE))
    changed = replace(
        anne,
        addresses=("new@example.org", "anne@home.example"),
        name="Anne Martin",
        notices_off=True,
        is_verified=True,
        language="en",
    )
    await store.write(lambda uow: uow.people.update(changed))
    assert await store.write(lambda uow: uow.people.get(anne.id)) == changed
    assert await store.views.person(anne.id) == changed
    assert await store.views.by_address("anne.dupont@example.org") is None


async def test_an_address_of_somebody_else_is_a_conflict(store: Store) -> None:
    await store.write(lambda uow: uow.people.add(ANNE))
    other = NewPerson(PersonKind.CLIENT, ("ANNE@HOME.EXAMPLE",))
    with pytest.raises(Conflict):
        await store.write(lambda uow: uow.people.add(other))


async def test_unknown_people_and_stations_are_not_found(store: Store) -> None:
    ghost = await store.write(lambda uow: uow.people.add(ANNE))
    with pytest.raises(NotFound):
        await store.write(lambda uow: uow.people.get(PersonId(99)))
    with pytest.raises(NotFound):
        await store.views.person(PersonId(99))
    with pytest.raises(NotFound):
        await store.write(lambda u: u.people.update(replace(ghost, id=PersonId(99))))
    with pytest.raises(NotFound):
        await store.write(lambda uow: uow.stations.get(StationId(99)))
    with pytest.raises(NotFound):
        await store.views.station(StationId(99))


async def test_a_removed_person_is_a_stranger_again(store: Store) -> None:
    agent = NewPerson(PersonKind.AGENT, ("camille@desk.example",), name="Camille")
    camille = await store.write(lambda uow: uow.people.add(agent))
    assert await store.write(lambda uow: uow.people.agents()) == [camille]
    assert await store.views.agents() == [camille]
    gone = replace(camille, is_active=False)
    await store.write(lambda uow: uow.people.update(gone))
    assert await store.write(lambda uow: uow.people.agents()) == []
    assert await store.views.by_address("camille@desk.example") is None
    assert await store.views.person(camille.id) == gone


async def test_a_station_has_a_contact_at_its_address(store: Store) -> None:
    entry = await store.write(
        lambda uow: uow.stations.add(
            "Froid Rhône Services",
            "sta@example.org",
            phone="+33199001234",
            zones=("69", "2A", "974"),
            zone_name="Indian/Reunion",
            speciality="gainables",
        )
    )
    (contact,) = await store.write(
        lambda uow: uow.people.station_contacts(entry.station.id)
    )
    assert (contact.kind, contact.station, contact.address) == (
        PersonKind.STATION,
        entry.station.id,
        "sta@example.org",
    )
    assert await store.write(lambda uow: uow.stations.get(entry.station.id)) == entry
    changed = replace(
        entry,
        station=replace(entry.station, company="Alpes Froid", zones=()),
        is_active=False,
    )
    await store.write(lambda uow: uow.stations.update(changed))
    assert await store.write(lambda uow: uow.stations.all()) == [changed]
    assert await store.views.stations() == [changed]
    assert await store.views.station(entry.station.id) == changed


async def test_a_station_at_a_known_address_is_a_conflict(store: Store) -> None:
    await store.write(lambda uow: uow.people.add(ANNE))
    with pytest.raises(Conflict):
        await store.write(lambda uow: uow.stations.add("X", "anne@home.example"))
    assert await store.views.stations() == []


async def test_the_load_of_a_station_is_what_it_was_given_and_declined_lately(
    store: Store,
) -> None:
    def work(uow: UnitOfWork) -> tuple[Station, Station]:
        north, south, _ = (
            uow.stations.add(f"Station {n}", f"{n}@sta.example").station
            for n in (1, 2, 3)
        )
        long_ago = NOW - RECENT_FOR - timedelta(days=1)
        for station, status, mission, at in (
            (north, Status.ASSIGNED, MissionStatus.PROPOSED, long_ago),
            (north, Status.UNDERWAY, MissionStatus.ACCEPTED, long_ago),
            (north, Status.UNDERWAY, MissionStatus.ACCEPTED, NOW),
            (north, Status.DONE, MissionStatus.ACCEPTED, NOW),
            (north, Status.CLOSED, MissionStatus.COMPLETED, NOW),
            (south, Status.SUBMITTED, MissionStatus.REFUSED, NOW),
            (south, Status.SUBMITTED, MissionStatus.REFUSED, long_ago),
            (south, Status.SUBMITTED, MissionStatus.WITHDRAWN, NOW),
        ):
            order = Mission(1, station, mission, at, at)
            it = an_assistance(uow)
            uow.assistances.save(replace(it, status=status, missions=(order,)))
        return north, south

    north, south = await store.write(work)
    assert await store.views.station_loads(NOW) == {
        north.id: Load(proposed=1, accepted=2),
        south.id: Load(refused=1),
    }
