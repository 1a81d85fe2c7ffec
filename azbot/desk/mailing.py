"""Who hears of notices, and the rows of the outbox that tell them by mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from azbot.desk.spoken import Spoken
from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.store.records import NewDelivery, Person
from azbot.store.views import Views
from azbot.workflow.decision import Audience, Notice
from azbot.workflow.decision import NoticeKind as N
from azbot.workflow.model import Actor, Assistance, AssistanceId, Role, StationId
from azbot.workflow.routing import People, Reachable, route

_GROUPABLE = frozenset({N.ASSIGNED, N.ACCEPTED, N.REQUALIFIED, N.RECEIVED, N.REOPENED})
"""Facts that can wait two minutes for company (ux.md 9.1, « Groups »)."""

_GROWS_FOR = timedelta(seconds=10)
"""After so long without another piece, what was sent together is told of."""


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """Addresses of the desk itself.

    Attributes:
        address: where the desk reads its mail (E23); empty: nobody is written to.
        admin: where alerts go (E24); empty likewise.
        spoken: notices that are told in chats too, and to whom; empty: there is no
            chat.
    """

    address: str
    admin: str
    language: str = "fr"
    spoken: Spoken = frozenset()


def rows_of(
    people: People,
    notices: Sequence[Notice],
    it: Assistance | None,
    key: str,
    event_id: int | None,
    now: datetime,
    told_at: datetime | None = None,
) -> list[NewDelivery]:
    """Return notices as mails for the outbox.

    Args:
        people: everybody around it.
        notices: what must be said.
        it: the assistance they are about, None when about none.
        key: names the occasion; the same occasion tells once.
        event_id: the first event of the occasion, None when there is none.
        now: the present.
        told_at: not before this the requester is told; None: now.
    """
    return [
        NewDelivery(
            key=_key(notices[index], it, f"{key}:{index}", reader),
            kind=notices[index].kind.value,
            address=reader.address,
            channel="email",
            due_at=_due_at(notices[index], now, told_at),
            facts={**notices[index].facts, "audience": notices[index].to.value},
            files=notices[index].files,
            assistance_id=it.id if it else None,
            event_id=event_id,
            person=reader.person,
            is_optional=notices[index].is_optional,
            language=reader.language,
            group_key=_group(notices[index], it, reader),
            is_growing=bool(notices[index].occasion),
        )
        for index, reader in route(notices, people)
    ]


def people_of(
    uow: UnitOfWork,
    settings: DeskSettings,
    it: Assistance | None,
    notices: Sequence[Notice],
) -> People:
    """Return everybody some notices may go to.

    Args:
        uow: the unit of work.
        settings: addresses of the desk itself.
        it: the assistance they are about, None when about none.
        notices: what must be said.
    """
    around = _around(it, notices)
    known = {key: uow.people.get(key) for key in around.people}
    contacts = {key: uow.people.station_contacts(key) for key in around.stations}
    return _reached(settings, it, known, contacts)


async def people_seen(
    views: Views, settings: DeskSettings, it: Assistance, notices: Sequence[Notice]
) -> People:
    """Return the same as ``people_of`` from the read side."""
    around = _around(it, notices)
    known = await views.people_of(around.people)
    contacts = await views.contacts_of(around.stations)
    return _reached(settings, it, known, contacts)


def _reached(
    settings: DeskSettings,
    it: Assistance | None,
    known: Mapping[PersonId, Person],
    contacts: Mapping[StationId, Sequence[Person]],
) -> People:
    desk, admin = (
        Reachable(None, address, settings.language)
        for address in (settings.address, settings.admin)
    )
    people = {key: _reachable(person) for key, person in known.items()}
    return People(
        people.get(it.requester) if it else None,
        people.get(it.contact) if it and it.contact is not None else None,
        desk,
        admin,
        {key: tuple(map(_reachable, each)) for key, each in contacts.items()},
        {key: people[key] for key in it.joined if key in people} if it else {},
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """Whose addresses some notices need."""

    people: frozenset[PersonId] = frozenset()
    stations: frozenset[StationId] = frozenset()


def _around(it: Assistance | None, notices: Sequence[Notice]) -> _Around:
    if it is None:
        return _Around()
    audiences = {notice.to for notice in notices}
    people: set[PersonId] = set()
    if {Audience.REQUESTER, Audience.CONTACT, Audience.ADDRESS} & audiences:
        people.add(it.requester)
    if Audience.CONTACT in audiences and it.contact is not None:
        people.add(it.contact)
    is_told = Audience.STATION in audiences
    if Audience.COLLEAGUE in audiences:
        people.update(it.joined)
    stations = {mission.station.id for mission in it.missions if is_told}
    return _Around(frozenset(people), frozenset(stations))


def routed(
    notices: Sequence[Notice], people: People
) -> tuple[tuple[Notice, Reachable], ...]:
    """Return each notice with one of its readers, in order."""
    return tuple((notices[place], reader) for place, reader in route(notices, people))


def with_writer(
    uow: UnitOfWork, notices: Sequence[Notice], it: Assistance, actor: Actor
) -> Sequence[Notice]:
    """Let the desk read which address a client writes from, and how sure that is."""
    if actor.role is not Role.CLIENT or all(n.kind is not N.DESK for n in notices):
        return notices
    person = uow.people.get(actor.person or it.requester)
    facts = {"writer": person.address, "is_unverified": not person.is_verified}
    return tuple(
        replace(n, facts={**n.facts, **facts}) if n.kind is N.DESK else n
        for n in notices
    )


def _key(notice: Notice, it: Assistance | None, key: str, reader: Reachable) -> str:
    """Name what is told to one reader: once, or as one for as long as it grows."""
    if notice.occasion and it is not None:
        key = f"{it.id}:{notice.occasion}"
    return f"{key}:{reader.address.casefold()}"


def _due_at(notice: Notice, now: datetime, told_at: datetime | None) -> datetime:
    if notice.occasion:
        return now + _GROWS_FOR
    if told_at is None or notice.to is not Audience.REQUESTER:
        return now
    return told_at


def _reachable(person: Person) -> Reachable:
    address = person.address if person.is_active else ""
    return Reachable(
        person.id, address, person.language, person.notices_off, person.name
    )


def group_key(assistance: AssistanceId, address: str) -> str:
    """Name what may be told to one reader about one assistance in one mail."""
    return f"{assistance}:{address.casefold()}"


def _group(notice: Notice, it: Assistance | None, reader: Reachable) -> str:
    if it is None or notice.kind not in _GROUPABLE:
        return ""
    return group_key(it.id, reader.address)
