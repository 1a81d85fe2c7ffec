"""Stations and their people, changed by whoever may: the API and the pages alike.

Every function works inside one unit of work and leaves a line in the log of changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, StringConstraints
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from azbot.channels.web.problems import FieldError, HttpProblem, invalid
from azbot.errors import NotFound
from azbot.forms.kinds import Context, Email, Phone, Problem
from azbot.messages import PersonId
from azbot.store import NewPerson, Person, PersonKind, StationEntry, UnitOfWork
from azbot.workflow.model import Actor, StationId


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise PydanticCustomError("zone_unknown", "no such time zone") from error
    return name


TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
"""An IANA name."""
Area = Annotated[str, StringConstraints(pattern=r"^(2[AB]|[0-9]{2,5})$")]
"""A department, ``69``, ``2A``, ``974``, or the beginning of postcodes, ``692``."""
Areas = Annotated[tuple[Area, ...], Constraint(max_length=120)]
Company = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=200, pattern=r"^[^\r\n\x00]*\S[^\r\n\x00]*$"
    ),
]


@dataclass(frozen=True, slots=True)
class Hand:
    """Who changes something, and when."""

    actor: Actor
    now: datetime


def address_of(text: str, place: str = "/email") -> str:
    """Return a mail address in its normal form.

    Args:
        text: as it was given.
        place: where it stands, for the complaint.

    Raises:
        HttpProblem: 422, it is none.
    """
    return _taken(Email().check(text, Context()), place)


def phone_of(text: str, country: str, place: str = "/phone") -> str:
    """Return a telephone number in its normal form, empty for none.

    Args:
        text: as it was given.
        country: two letters, of numbers without prefix.
        place: where it stands, for the complaint.

    Raises:
        HttpProblem: 422, it is none.
    """
    if not text.strip():
        return ""
    return _taken(Phone().check(text, Context(country=country)), place)


def _taken(outcome: object, place: str) -> str:
    if isinstance(outcome, Problem):
        key = f"error.{outcome.code}"
        raise invalid(FieldError(place, outcome.code, outcome.facts, key=key))
    return str(getattr(outcome, "value", ""))


# --- stations -------------------------------------------------------------------------


def add_station(
    uow: UnitOfWork, entry: StationEntry, language: str, by: Hand
) -> StationEntry:
    """Add a station and the contact behind its address.

    Raises:
        HttpProblem: 409, the address is somebody's already.
    """
    station = entry.station
    require_free(uow, station.email)
    added = uow.stations.add(
        station.company,
        station.email,
        phone=station.phone,
        zones=station.zones,
        zone_name=station.zone_name,
        speciality=entry.speciality,
        language=language,
    )
    if not entry.is_active:
        added = uow.stations.update(replace(added, is_active=False))
    after = {**told(added), "language": language}
    uow.audit.add(by.actor, by.now, "station.added", station.company, after=after)
    return added


def change_station(
    uow: UnitOfWork, key: StationId, changes: Mapping[str, object], by: Hand
) -> StationEntry:
    """Change a station; its contact follows a new address.

    Args:
        uow: the unit of work.
        key: of the station.
        changes: new values by name; what is left out stays.
        by: who changes it.

    Raises:
        NotFound: no such station.
        HttpProblem: 409, the address is somebody else's.
    """
    before = uow.stations.get(key)
    after = changed(before, changes)
    if after == before:
        return before
    if after.station.email != before.station.email:
        _move_contact(uow, before, after.station.email)
    uow.stations.update(after)
    old, new = told(before), told(after)
    names = [name for name in old if old[name] != new[name]]
    uow.audit.add(
        by.actor,
        by.now,
        "station.changed",
        after.station.company,
        before={name: old[name] for name in names},
        after={name: new[name] for name in names},
    )
    return after


def changed(entry: StationEntry, changes: Mapping[str, object]) -> StationEntry:
    """Return a station with some values replaced."""
    own = {n: v for n, v in changes.items() if n in ("speciality", "is_active")}
    rest = {n: v for n, v in changes.items() if n not in own}
    return replace(entry, station=replace(entry.station, **rest), **own)  # type: ignore[arg-type]


def told(entry: StationEntry) -> dict[str, object]:
    """Return what the log tells of a station."""
    station = entry.station
    return {
        "company": station.company,
        "email": station.email,
        "phone": station.phone,
        "zones": list(station.zones),
        "zone_name": station.zone_name,
        "speciality": entry.speciality,
        "is_active": entry.is_active,
    }


def require_free(uow: UnitOfWork, email: str, station: StationId | None = None) -> None:
    """Refuse an address that belongs to somebody else than a station.

    Raises:
        HttpProblem: 409 ``address_taken``.
    """
    owner = uow.people.by_address(email) or uow.people.removed(email)
    if owner is not None and (station is None or owner.station != station):
        errors = [FieldError("/email", "address_taken")]
        raise HttpProblem(409, "address_taken", errors=errors)


def _move_contact(uow: UnitOfWork, entry: StationEntry, email: str) -> None:
    """Give the contact behind the old address the new one, first in its list."""
    old = entry.station.email.casefold()
    require_free(uow, email, entry.station.id)
    contacts = uow.people.station_contacts(entry.station.id)
    if any(email.casefold() in _folded(contact) for contact in contacts):
        # A contact of the station is the one missions go to from now on.
        return
    for contact in contacts:
        if contact.address.casefold() == old:
            uow.people.update(replace(contact, addresses=(email, *contact.addresses)))


def _folded(person: Person) -> frozenset[str]:
    return frozenset(address.casefold() for address in person.addresses)


# --- people of stations ---------------------------------------------------------------


def add_contact(uow: UnitOfWork, key: StationId, new: NewPerson, by: Hand) -> Person:
    """Add somebody who answers for a station; one who had left comes back.

    Args:
        uow: the unit of work.
        key: of the station.
        new: name, address, telephone, language.
        by: who adds them.

    Raises:
        NotFound: no such station.
        HttpProblem: 409, the address is somebody's already.
    """
    entry = uow.stations.get(key)
    email = new.addresses[0]
    former = uow.people.removed(email)
    if former is not None and former.station == key:
        person = uow.people.update(
            replace(former, name=new.name, phones=new.phones, is_active=True)
        )
    else:
        require_free(uow, email)
        person = uow.people.add(
            replace(
                new,
                kind=PersonKind.STATION,
                company=entry.station.company,
                station=key,
                is_verified=True,
            )
        )
    uow.people.trust_phones(person.id, new.phones)
    after = {"name": new.name, "email": email, "phone": "".join(new.phones[:1])}
    company = entry.station.company
    uow.audit.add(by.actor, by.now, "contact.added", company, after=after)
    return person


def remove_contact(uow: UnitOfWork, key: StationId, person: PersonId, by: Hand) -> None:
    """Let somebody no longer answer for a station; what they did stays.

    Raises:
        NotFound: no such station, or nobody of it.
        HttpProblem: 409, missions go to their address.
    """
    entry = uow.stations.get(key)
    found = next(
        (each for each in uow.people.station_contacts(key) if each.id == person), None
    )
    if found is None:
        raise NotFound("person", person)
    if entry.station.email.casefold() in _folded(found):
        raise HttpProblem(409, "station_address")
    uow.people.update(replace(found, is_active=False))
    before = {"name": found.name, "email": found.address}
    company = entry.station.company
    uow.audit.add(by.actor, by.now, "contact.removed", company, before=before)
