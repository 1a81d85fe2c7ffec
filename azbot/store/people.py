"""Clients, agents and the contacts of stations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from azbot.errors import NotFound
from azbot.messages import PersonId
from azbot.store.codec import decode, encode
from azbot.store.records import NewPerson, Person, PersonKind
from azbot.store.schema import addresses, known_phones, people
from azbot.store.search import searchable
from azbot.store.sql import Sql, Statement
from azbot.workflow.model import StationId

_VALUES = {
    c.name: bindparam(f"v_{c.name}", type_=c.type)
    for c in people.c
    if c.name not in ("id", "is_active")
}
_ADD = insert(people).values(_VALUES).returning(people.c.id)
_UPDATE = (
    update(people)
    .where(people.c.id == bindparam("key"))
    .values(
        {**_VALUES, "is_active": bindparam("active", type_=people.c.is_active.type)}
    )
)
_ADD_ADDRESS = insert(addresses).values(
    {c.name: bindparam(c.name, type_=c.type) for c in addresses.c}
)
_DROP_ADDRESSES = delete(addresses).where(addresses.c.person_id == bindparam("key"))
WITH_ADDRESSES = (
    select(people, addresses.c.email)
    .outerjoin(addresses, addresses.c.person_id == people.c.id)
    .order_by(people.c.id, addresses.c.rank)
)
"""What ``people_in`` needs of people: a row for each address, one at least."""
_GET = WITH_ADDRESSES.where(people.c.id == bindparam("key"))
_BY_ADDRESS = WITH_ADDRESSES.where(
    people.c.id.in_(
        select(addresses.c.person_id).where(addresses.c.key == bindparam("key"))
    ),
    people.c.is_active,
)
_REMOVED = (
    select(people.c.id)
    .join(addresses, addresses.c.person_id == people.c.id)
    .where(addresses.c.key == bindparam("key"), ~people.c.is_active)
)
_BY_KIND = WITH_ADDRESSES.where(people.c.kind == bindparam("kind"), people.c.is_active)
_BY_PHONE = WITH_ADDRESSES.where(
    people.c.id.in_(
        select(known_phones.c.person_id).where(
            known_phones.c.phone == bindparam("phone")
        )
    ),
    people.c.is_active,
)
_OF_PERSON = known_phones.c.person_id == bindparam("key")
_KNOWN = select(known_phones.c.phone).where(_OF_PERSON)
_TRUST = insert(known_phones).values(
    phone=bindparam("phone"), person_id=bindparam("key")
)
_DISTRUST = delete(known_phones).where(
    _OF_PERSON, known_phones.c.phone == bindparam("phone")
)
_CONTACTS = WITH_ADDRESSES.where(
    people.c.station_id == bindparam("station"), people.c.is_active
)


class People:
    """Everybody, inside one unit of work.

    Who somebody is, is asked several times for each thing that is done: what was read
    once is known until it changes here.
    """

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._known: dict[PersonId, Person] = {}
        self._owners: dict[str, Person | None] = {}
        self._contacts: dict[StationId, list[Person]] = {}

    def by_address(self, email: str) -> Person | None:
        """Return whose address this is, case ignored; None for a stranger."""
        key = email.casefold()
        if key not in self._owners:
            self._owners[key] = next(iter(self._all(_BY_ADDRESS, {"key": key})), None)
        return self._owners[key]

    def is_removed(self, email: str) -> bool:
        """Whether this is the address of somebody who was removed."""
        return self._sql.value(_REMOVED, {"key": email.casefold()}) is not None

    def removed(self, email: str) -> Person | None:
        """Return who was removed and had this address, None when nobody."""
        key = self._sql.value(_REMOVED, {"key": email.casefold()})
        return None if key is None else self.get(PersonId(key))

    def by_known_phone(self, phone: str) -> list[Person]:
        """Return whose number this is for sure, E.164: see ``trust_phones``."""
        return self._all(_BY_PHONE, {"phone": phone})

    def known_phones(self, key: PersonId) -> frozenset[str]:
        """Return the numbers that prove to be somebody's."""
        return frozenset(row.phone for row in self._sql.all(_KNOWN, {"key": key}))

    def trust_phones(self, key: PersonId, phones: Iterable[str]) -> None:
        """Let these numbers, and no others, prove who somebody is.

        For numbers that somebody gave who had proved who they are, or that the desk
        gave. What stands in a request may have been written by anybody.

        Args:
            key: whose numbers.
            phones: E.164.
        """
        wanted, known = frozenset(phones), self.known_phones(key)
        for statement, numbers in (
            (_DISTRUST, known - wanted),
            (_TRUST, wanted - known),
        ):
            for phone in sorted(numbers):
                self._sql.run(statement, {"key": key, "phone": phone})

    def get(self, key: PersonId) -> Person:
        """Return somebody, removed people included.

        Raises:
            NotFound: no such person.
        """
        known = self._known.get(key)
        if known is not None:
            return known
        found = self._all(_GET, {"key": key})
        if not found:
            raise NotFound("person", key)
        return found[0]

    def add(self, new: NewPerson) -> Person:
        """Add somebody.

        Raises:
            Conflict: one of the addresses is somebody else's.
        """
        self._forget()
        key = PersonId(self._sql.value(_ADD, _row(new)))
        self._set_addresses(key, new.addresses)
        given = {each.name: getattr(new, each.name) for each in fields(new)}
        return Person(id=key, **given)

    def update(self, person: Person) -> Person:
        """Store every field of somebody known, addresses included.

        Raises:
            NotFound: no such person.
            Conflict: one of the addresses is somebody else's.
        """
        self._forget()
        row = {**_row(person), "key": person.id, "active": person.is_active}
        if self._sql.run(_UPDATE, row) != 1:
            raise NotFound("person", person.id)
        self._sql.run(_DROP_ADDRESSES, {"key": person.id})
        self._set_addresses(person.id, person.addresses)
        return person

    def agents(self) -> list[Person]:
        """Return the active agents, oldest first."""
        return self._all(_BY_KIND, {"kind": PersonKind.AGENT.value})

    def station_contacts(self, station: StationId) -> list[Person]:
        """Return the active contacts of a station, oldest first."""
        if station not in self._contacts:
            self._contacts[station] = self._all(_CONTACTS, {"station": station})
        return list(self._contacts[station])

    def _set_addresses(self, key: PersonId, emails: Sequence[str]) -> None:
        rows = [
            {"key": name, "person_id": key, "email": email, "rank": rank}
            for rank, (name, email) in enumerate(
                {email.casefold(): email for email in reversed(emails)}.items()
            )
        ]
        # Reversed twice: of two spellings the first one given is kept, in its place.
        for rank, row in enumerate(reversed(rows)):
            row["rank"] = rank
        if rows:
            self._sql.run(_ADD_ADDRESS, rows)

    def _forget(self) -> None:
        for known in (self._known, self._owners, self._contacts):
            known.clear()

    def _all(self, statement: Statement, values: Mapping[str, object]) -> list[Person]:
        found = people_in(self._sql.all(statement, values))
        self._known.update((each.id, each) for each in found)
        return found


LANGUAGE_CHOSEN = "language_chosen."
"""Begins the name of the language somebody chose, among the store's named values."""


def people_in(rows: Iterable[Any]) -> list[Person]:
    """Return the people of rows of ``WITH_ADDRESSES``, in their order."""
    return [
        _person(first, [first.email, *(row.email for row in others)])
        for first, *others in (list(own) for _, own in groupby(rows, lambda r: r.id))
    ]


def _person(row: Any, emails: Iterable[str | None]) -> Person:
    return Person(
        id=PersonId(row.id),
        kind=PersonKind(row.kind),
        addresses=tuple(email for email in emails if email is not None),
        name=row.name,
        company=row.company,
        phones=tuple(decode(row.phones)),
        language=row.language,
        station=None if row.station_id is None else StationId(row.station_id),
        notices_off=row.notices_off,
        is_verified=row.is_verified,
        account_type=row.account_type,
        is_active=row.is_active,
    )


def words_of(it: NewPerson | Person) -> str:
    """Return what somebody is found by: folded words, a space before each."""
    return f" {searchable(' '.join((it.name, it.company, *it.addresses)))}"


def _row(it: NewPerson | Person) -> dict[str, Any]:
    return {
        "v_kind": it.kind.value,
        "v_name": it.name.replace("\x00", ""),
        "v_company": it.company.replace("\x00", ""),
        "v_phones": encode(it.phones),
        "v_language": it.language,
        "v_station_id": it.station,
        "v_notices_off": it.notices_off,
        "v_is_verified": it.is_verified,
        "v_account_type": it.account_type,
        "v_folded": words_of(it),
    }
