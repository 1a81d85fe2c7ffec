"""What happened, told in chats: notices, cards, and questions that are over (10.5).

A row of the outbox says what happened; its words are made when it leaves, inside a
unit of work, so that a card always shows the present.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from azbot.chat.house import House
from azbot.chat.request.reminding import reminded
from azbot.chat.telling import clients, stations
from azbot.chat.telling.seams import Teller, Telling
from azbot.desk.spoken import Spoken
from azbot.errors import NotFound
from azbot.i18n.catalogue import catalogue
from azbot.messages import PersonId
from azbot.screens import ACT, Act, Redraw, Screen, from_facts
from azbot.store import Person, PersonKind, UnitOfWork
from azbot.store.chats import ASKED, CARD, LEFT, ask_slot, card_slot
from azbot.store.records import Delivery
from azbot.workflow.decision import Audience, NoticeKind
from azbot.workflow.model import Assistance, AssistanceId
from azbot.workflow.policy import takes_part

TELLERS: Mapping[PersonKind, Teller] = MappingProxyType(
    {PersonKind.CLIENT: clients.TELLER, PersonKind.STATION: stations.TELLER}
)
"""Who tells what to whom."""

_CLIENTS = (
    Audience.REQUESTER,
    Audience.CONTACT,
    Audience.COLLEAGUE,
    Audience.ADDRESS,
)

SPOKEN: Spoken = frozenset(
    {(audience, kind) for audience in _CLIENTS for kind in clients.TELLER.words}
    | {(Audience.STATION, kind) for kind in stations.TELLER.words}
)
"""Every notice that is told in chats, and to whom."""


def act_of(uow: UnitOfWork, row: Delivery, house: House, now: datetime) -> Act | None:
    """Return what one row of the outbox does in its chat.

    None: nothing, since the account is somebody else's by now.

    Raises:
        KeyError: no such notice is told to this kind of people.
    """
    if row.kind == ACT:
        return from_facts(row.facts)
    if row.kind == LEFT:
        return reminded(uow, row, house, now)
    account = uow.chats.in_chat(row.channel, row.address)
    if account is None or account.person != row.person:
        return None
    person = _person(uow, row.person)
    it = _assistance(uow, row.assistance_id)
    telling = Telling(uow, house, row, person, it, now)
    teller = TELLERS.get(person.kind) if person else None
    if row.kind in (CARD, ASKED):
        return _drawn(telling, teller)
    if teller is None:
        raise KeyError(f"nobody tells {row.kind} to delivery {row.id}")
    return teller.words[NoticeKind(row.kind)](telling)


def _drawn(telling: Telling, teller: Teller | None) -> Redraw:
    row, it, person = telling.row, telling.it, telling.person
    key = row.assistance_id or AssistanceId(0)
    if teller is None or it is None or person is None or not _is_of(it, person):
        # Whoever takes no part in it any more reads nothing of it there.
        gone = Screen(catalogue(row.language).t("chat_case.gone"))
        slot = card_slot(key) if row.kind == CARD else _asked_in(row)
        return Redraw(slot, gone, is_only_if_there=True)
    if row.kind == ASKED:
        return Redraw(_asked_in(row), teller.answered(telling), is_only_if_there=True)
    facts = row.facts
    return Redraw(
        card_slot(key),
        teller.card(telling),
        is_below=bool(facts.get("is_below")),
        is_only_if_there=not facts.get("is_new"),
    )


def _asked_in(row: Delivery) -> str:
    """Return the slot of the question that is over."""
    return ask_slot(row.assistance_id or AssistanceId(0), str(row.facts["mark"]))


def _is_of(it: Assistance, person: Person) -> bool:
    if person.kind is PersonKind.STATION:
        # A station whose mission was taken back is told so on its card.
        return any(mission.station.id == person.station for mission in it.missions)
    return takes_part(it, person.id, person.station)


def _assistance(uow: UnitOfWork, key: AssistanceId | None) -> Assistance | None:
    try:
        return None if key is None else uow.assistances.peek(key)
    except NotFound:
        return None


def _person(uow: UnitOfWork, key: PersonId | None) -> Person | None:
    try:
        person = None if key is None else uow.people.get(key)
    except NotFound:
        return None
    return person if person is not None and person.is_active else None
