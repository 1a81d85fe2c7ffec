"""Stations and people."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from azbot.channels.web import directory
from azbot.channels.web.api.bodies import Body, Line
from azbot.channels.web.api.lists import Query
from azbot.channels.web.api.operations import (
    ADMIN,
    DESK,
    Answer,
    Call,
    Operation,
    Work,
)
from azbot.channels.web.api.shapes import (
    Shape,
    StationEntryOut,
)
from azbot.channels.web.directory import (
    Areas,
    Company,
    Hand,
    TimeZone,
    address_of,
    phone_of,
)
from azbot.channels.web.problems import FieldError, invalid
from azbot.errors import NotFound
from azbot.forms.folding import fold
from azbot.messages import PersonId
from azbot.store import Person, StationEntry, UnitOfWork
from azbot.workflow.model import Station, StationId


class StationIn(Body):
    """A new field partner.

    Attributes:
        email: where its missions go.
        zones: departments it serves, or beginnings of postcodes.
        speciality: free words for whoever chooses a station.
        language: of its mails.
    """

    company: Company
    email: Line
    phone: Line = ""
    zones: Areas = ()
    zone_name: TimeZone = "Europe/Paris"
    speciality: Line = ""
    language: Literal["fr", "en", "es"] = "fr"


class StationPatch(Body):
    """What changes of a field partner; what is left out stays.

    Attributes:
        is_active: False: gets no new mission.
    """

    company: Company | None = None
    email: Line | None = None
    phone: Line | None = None
    zones: Areas | None = None
    zone_name: TimeZone | None = None
    speciality: Line | None = None
    is_active: bool | None = None


class StationQuery(Query):
    """Which stations.

    Attributes:
        q: words of company or speciality.
        zone: a department it serves.
        active: only those that get missions, or only the others.
    """

    q: Annotated[str, StringConstraints(max_length=200)] = ""
    zone: Annotated[str, StringConstraints(pattern=r"^\w{2,3}$")] | None = None
    active: bool | None = None


class StationsOut(Shape):
    """Stations by company."""

    items: list[StationEntryOut]


async def list_stations(call: Call) -> Answer:
    """Return the stations that fit; a station sees itself."""
    query: StationQuery = call.query
    words = fold(query.q).split()
    entries = [
        entry
        for entry in await call.deps.store.views.stations()
        if (query.active is None or entry.is_active == query.active)
        and (query.zone is None or query.zone.upper() in entry.station.zones)
        and all(word in _words(entry) for word in words)
        and _may_see(call, entry)
    ]
    return Answer(StationsOut(items=[station_out(entry) for entry in entries]))


def _words(entry: StationEntry) -> str:
    return fold(f"{entry.station.company} {entry.speciality}")


def _may_see(call: Call, entry: StationEntry) -> bool:
    return not call.is_station or entry.station.id == call.caller.actor.station


async def read_station(call: Call) -> Answer:
    """Return one station."""
    entry = await call.deps.store.views.station(StationId(call.number("number")))
    if not _may_see(call, entry):
        raise NotFound("station", entry.station.id)
    return Answer(station_out(entry))


def station_out(entry: StationEntry) -> StationEntryOut:
    """Return one station."""
    station = entry.station
    return StationEntryOut(
        id=station.id,
        company=station.company,
        email=station.email,
        phone=station.phone,
        zones=list(station.zones),
        zone_name=station.zone_name,
        speciality=entry.speciality,
        is_active=entry.is_active,
    )


async def add_station(call: Call) -> Work:
    """Add a station and the contact behind its address."""
    body: StationIn = call.body
    entry = StationEntry(
        Station(
            StationId(0),
            body.company.strip(),
            address_of(body.email),
            phone_of(body.phone, call.deps.settings.country),
            body.zones,
            body.zone_name,
        ),
        body.speciality,
    )

    def work(uow: UnitOfWork) -> Answer:
        added = directory.add_station(uow, entry, body.language, _hand(call))
        location = f"/api/v1/stations/{added.station.id}"
        return Answer(station_out(added), 201, {"Location": location})

    return work


async def change_station(call: Call) -> Work:
    """Change a station; its contact follows a new address."""
    key, body = StationId(call.number("number")), call.body
    given = {name: getattr(body, name) for name in body.model_fields_set}
    changes = {name: value for name, value in given.items() if value is not None}
    if "email" in changes:
        changes["email"] = address_of(changes["email"])
    if "phone" in changes:
        changes["phone"] = phone_of(changes["phone"], call.deps.settings.country)

    def work(uow: UnitOfWork) -> Answer:
        after = directory.change_station(uow, key, changes, _hand(call))
        return Answer(station_out(after))

    return work


async def retire_station(call: Call) -> Work:
    """Let a station get no new mission; its history stays."""
    key = StationId(call.number("number"))

    def work(uow: UnitOfWork) -> Answer:
        directory.change_station(uow, key, {"is_active": False}, _hand(call))
        return Answer(status=204)

    return work


def _hand(call: Call) -> Hand:
    return Hand(call.caller.actor, call.now)


class PersonOut(Shape):
    """A client, a station's contact or an agent."""

    id: int
    kind: str
    name: str
    company: str
    addresses: list[str]
    phones: list[str]
    language: str
    station: int | None
    notices_off: bool
    is_verified: bool
    account_type: str
    is_active: bool


class PeopleOut(Shape):
    """People found."""

    items: list[PersonOut]


class PeopleQuery(Query):
    """Whom to look for: one of the two.

    Attributes:
        email: the very address, case ignored.
        kind: ``agent`` lists the agents.
    """

    email: Annotated[str, StringConstraints(max_length=320)] = ""
    kind: Literal["agent"] | None = None


async def find_people(call: Call) -> Answer:
    """Return whose address this is, or the agents."""
    query: PeopleQuery = call.query
    views = call.deps.store.views
    if bool(query.email) == bool(query.kind):
        raise invalid(FieldError("?email", "required"))
    if query.kind:
        return Answer(PeopleOut(items=[person_out(p) for p in await views.agents()]))
    found = await views.by_address(query.email.strip())
    return Answer(PeopleOut(items=[person_out(found)] if found else []))


async def read_person(call: Call) -> Answer:
    """Return one person."""
    number = PersonId(call.number("number"))
    return Answer(person_out(await call.deps.store.views.person(number)))


def person_out(person: Person) -> PersonOut:
    """Return one person."""
    return PersonOut(
        id=person.id,
        kind=person.kind.value,
        name=person.name,
        company=person.company,
        addresses=list(person.addresses),
        phones=list(person.phones),
        language=person.language,
        station=person.station,
        notices_off=person.notices_off,
        is_verified=person.is_verified,
        account_type=person.account_type,
        is_active=person.is_active,
    )


DIRECTORY_OPERATIONS = (
    Operation(
        "listStations", "GET", "/stations", "List the stations.", "Directory",
        reads=list_stations, query=StationQuery, answer=StationsOut,
    ),
    Operation(
        "addStation", "POST", "/stations", "Add a station.", "Directory",
        writes=add_station, body=StationIn, answer=StationEntryOut, roles=DESK,
        status=201, problems=(409,),
    ),
    Operation(
        "getStation", "GET", "/stations/{number}", "Read one station.", "Directory",
        reads=read_station, answer=StationEntryOut, problems=(404,),
    ),
    Operation(
        "changeStation", "PATCH", "/stations/{number}", "Change a station.",
        "Directory",
        writes=change_station, body=StationPatch, answer=StationEntryOut,
        roles=DESK, problems=(404, 409),
    ),
    Operation(
        "retireStation", "DELETE", "/stations/{number}",
        "Let a station get no new mission.", "Directory",
        writes=retire_station, roles=ADMIN, status=204, problems=(404,),
    ),
    Operation(
        "findPeople", "GET", "/people", "Find somebody by address, or the agents.",
        "Directory",
        reads=find_people, query=PeopleQuery, answer=PeopleOut, roles=DESK,
    ),
    Operation(
        "getPerson", "GET", "/people/{number}", "Read one person.", "Directory",
        reads=read_person, answer=PersonOut, roles=DESK, problems=(404,),
    ),
)  # fmt: skip
