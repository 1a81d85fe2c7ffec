"""Stations and people."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, StringConstraints
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

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
from azbot.channels.web.problems import FieldError, HttpProblem, invalid
from azbot.errors import NotFound
from azbot.forms.folding import fold
from azbot.forms.kinds import Context, Email, Phone, Problem
from azbot.messages import PersonId
from azbot.store import Person, StationEntry, UnitOfWork
from azbot.workflow.model import StationId


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise PydanticCustomError("zone_unknown", "no such time zone") from error
    return name


Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
Departments = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=r"^[0-9][0-9AB][0-9]?$")], ...],
    Constraint(max_length=120),
]
Company = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=200, pattern=r"^[^\r\n\x00]*\S[^\r\n\x00]*$"
    ),
]


class StationIn(Body):
    """A new field partner.

    Attributes:
        email: where its missions go.
        zones: departments it serves.
        speciality: free words for whoever chooses a station.
        language: of its mails.
    """

    company: Company
    email: Line
    phone: Line = ""
    zones: Departments = ()
    zone_name: Zone = "Europe/Paris"
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
    zones: Departments | None = None
    zone_name: Zone | None = None
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
    email, phone = _email(body.email, call), _phone(body.phone, call)

    def work(uow: UnitOfWork) -> Answer:
        _require_free(uow, email, None)
        entry = uow.stations.add(
            body.company.strip(),
            email,
            phone=phone,
            zones=body.zones,
            zone_name=body.zone_name,
            speciality=body.speciality,
            language=body.language,
        )
        location = f"/api/v1/stations/{entry.station.id}"
        return Answer(station_out(entry), 201, {"Location": location})

    return work


async def change_station(call: Call) -> Work:
    """Change a station; its contact follows a new address."""
    key, body = StationId(call.number("number")), call.body
    given = {name: getattr(body, name) for name in body.model_fields_set}
    changes = {name: value for name, value in given.items() if value is not None}
    if "email" in changes:
        changes["email"] = _email(changes["email"], call)
    if "phone" in changes:
        changes["phone"] = _phone(changes["phone"], call)

    def work(uow: UnitOfWork) -> Answer:
        entry = uow.stations.get(key)
        after = _changed(entry, changes)
        if after.station.email != entry.station.email:
            _move_contact(uow, entry, after.station.email)
        return Answer(station_out(uow.stations.update(after)))

    return work


def _changed(entry: StationEntry, changes: dict[str, object]) -> StationEntry:
    own = {n: v for n, v in changes.items() if n in ("speciality", "is_active")}
    rest = {n: v for n, v in changes.items() if n not in own}
    return replace(entry, station=replace(entry.station, **rest), **own)  # type: ignore[arg-type]


def _move_contact(uow: UnitOfWork, entry: StationEntry, email: str) -> None:
    """Give the contact behind the old address the new one, first in its list."""
    old = entry.station.email.casefold()
    _require_free(uow, email, entry.station.id)
    for contact in uow.people.station_contacts(entry.station.id):
        if contact.address.casefold() == old:
            others = [a for a in contact.addresses if a.casefold() != email.casefold()]
            uow.people.update(replace(contact, addresses=(email, *others)))


def _require_free(uow: UnitOfWork, email: str, station: StationId | None) -> None:
    owner = uow.people.by_address(email)
    if owner is not None and (station is None or owner.station != station):
        raise HttpProblem(
            409, "address_taken", errors=[FieldError("/email", "address_taken")]
        )


async def retire_station(call: Call) -> Work:
    """Let a station get no new mission; its history stays."""
    key = StationId(call.number("number"))

    def work(uow: UnitOfWork) -> Answer:
        uow.stations.update(replace(uow.stations.get(key), is_active=False))
        return Answer(status=204)

    return work


def _email(text: str, call: Call) -> str:
    outcome = Email().check(text, Context(now=call.now))
    if isinstance(outcome, Problem):
        raise invalid(_wrong("/email", outcome))
    return str(outcome.value)


def _phone(text: str, call: Call) -> str:
    if not text.strip():
        return ""
    context = Context(country=call.deps.settings.country, now=call.now)
    outcome = Phone().check(text, context)
    if isinstance(outcome, Problem):
        raise invalid(_wrong("/phone", outcome))
    return str(outcome.value)


def _wrong(place: str, problem: Problem) -> FieldError:
    return FieldError(place, problem.code, problem.facts, key=f"error.{problem.code}")


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
