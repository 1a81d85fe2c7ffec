"""Everything azbot makes of one message before it does anything.

Reads the store, writes nothing: the worker acts on the result, ``azbot explain``
prints it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from azbot.errors import NotFound
from azbot.intake.interpret import Meaning, Question, interpret
from azbot.intake.match import Clues, Door, Known, Match, Thread, clues, match
from azbot.messages import Automatic, Inbound, PersonId, Reason, Reply
from azbot.ports import Channel
from azbot.store import UnitOfWork
from azbot.store.records import DeliveryId, Direction, Person, PersonKind
from azbot.workflow.decision import NoticeKind
from azbot.workflow.model import Actor, Assistance, AssistanceId, Role

_ROLES = {
    PersonKind.CLIENT: Role.CLIENT,
    PersonKind.AGENT: Role.AGENT,
    PersonKind.STATION: Role.STATION,
}


@dataclass(frozen=True, slots=True)
class Understanding:
    """One message, understood.

    Attributes:
        assistance: the one it continues, None for something new.
        person: the sender as the store knows them.
        actor: in whose name its commands run, None for strangers.
        reply: new text and elided parts.
        meaning: what is wanted, None when it is held or new.
        question: what the answered mail asked.
    """

    inbound: Inbound
    clues: Clues
    match: Match
    assistance: Assistance | None
    person: Person | None
    actor: Actor | None
    reply: Reply
    question: Question | None
    meaning: Meaning | None


def fingerprint(inbound: Inbound) -> str:
    """Name a message whatever mailbox or copy brought it (email.md §2).

    (Message-ID, sender, text and files), never the Message-ID alone: anybody can
    write one, and some scanners repeat one.
    """
    sender = inbound.sender.key if inbound.sender else ""
    digest = hashlib.sha256()
    parts = [inbound.channel, inbound.message_id, sender, inbound.subject, inbound.text]
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    for file in inbound.files:
        digest.update(hashlib.sha256(file.content).digest())
    return digest.hexdigest()


def understand(
    uow: UnitOfWork, inbound: Inbound, channel: Channel, door: Door, now: datetime
) -> Understanding:
    """Look up the clues of a message and say what it wants."""
    found = clues(inbound, door)
    person = uow.people.by_address(inbound.sender.email) if inbound.sender else None
    known = _known(person)
    it, thread = _thread(uow, found)
    verdict = match(inbound, found, thread, known, door)
    sent = uow.outbox.sent_texts(it.id) if it else []
    reply = channel.separate(inbound, sent)
    actor = _actor(known, verdict, inbound.channel)
    question = _question(uow, found, it, person)
    meaning = None
    if it and actor and verdict.hold is None and inbound.automatic is None:
        meaning = interpret(it, actor, reply, question, now)
    return Understanding(
        inbound, found, verdict, it, person, actor, reply, question, meaning
    )


def screen(inbound: Inbound) -> Reason | None:
    """Return why a message must not be acted upon, whatever it says."""
    if inbound.suspicion is not None:
        return inbound.suspicion
    if inbound.sender is None:
        return Reason.NO_SENDER
    if inbound.automatic is Automatic.LOOP:
        return Reason.OWN_ADDRESS
    is_empty = not inbound.text.strip() and not inbound.files
    if is_empty and not inbound.rejected_files and inbound.automatic is None:
        return Reason.EMPTY
    return None


def _known(person: Person | None) -> Known | None:
    if person is None or not person.is_active:
        return None
    name = person.name or person.company or person.address
    role = _ROLES[person.kind]
    return Known(person.id, name, role, person.station, person.is_verified)


def _actor(known: Known | None, verdict: Match, channel: str) -> Actor | None:
    if known is None or verdict.hold is not None:
        return None
    return Actor(
        known.role, known.person, known.name, verdict.trust, channel, known.station
    )


def _thread(uow: UnitOfWork, found: Clues) -> tuple[Assistance | None, Thread | None]:
    """Follow the best clue that leads to an assistance (email.md §3)."""
    for lead in (_by_token, _by_ids, _by_root, _by_reference):
        hit = lead(uow, found)
        if hit is None:
            continue
        number, owner, has_proof, how = hit
        it = _load(uow, number)
        if it is not None:
            participants = _participants(uow, it)
            return it, Thread(it.id, participants, owner, has_proof, how)
    return None, None


_Hit = tuple[AssistanceId, PersonId | None, bool, str]


def _by_token(_uow: UnitOfWork, found: Clues) -> _Hit | None:
    if found.token is None:
        return None
    owner = PersonId(found.token.person) if found.token.person else None
    return AssistanceId(found.token.assistance), owner, True, found.via


def _by_ids(uow: UnitOfWork, found: Clues) -> _Hit | None:
    hit = uow.threads.find(found.ids)
    if hit is None:
        return None
    # Anybody may know a client's own ids: only ours, sent to one person, prove.
    has_proof = hit.direction is Direction.OUT and hit.person is not None
    return hit.assistance_id, hit.person if has_proof else None, has_proof, "references"


def _by_root(_uow: UnitOfWork, found: Clues) -> _Hit | None:
    return (found.root, None, False, "root") if found.root else None


def _by_reference(uow: UnitOfWork, found: Clues) -> _Hit | None:
    for ref in found.refs:
        try:
            return uow.assistances.by_ref(ref).id, None, False, "subject"
        except NotFound:
            continue
    return None


def _load(uow: UnitOfWork, number: AssistanceId) -> Assistance | None:
    try:
        return uow.assistances.get(number)
    except NotFound:
        return None


def _participants(uow: UnitOfWork, it: Assistance) -> frozenset[PersonId]:
    people = {it.requester} | ({it.contact} if it.contact else set())
    if it.mission is not None:
        people |= {p.id for p in uow.people.station_contacts(it.mission.station.id)}
    return frozenset(people)


def _question(
    uow: UnitOfWork, found: Clues, it: Assistance | None, person: Person | None
) -> Question | None:
    """Return what the answered mail asked: its number stands in its Message-ID."""
    if it is None or person is None or not found.answered:
        return None
    try:
        asked = uow.outbox.get(DeliveryId(found.answered))
    except NotFound:
        return None
    kind = NoticeKind(asked.kind)
    is_theirs = asked.assistance_id == it.id and asked.person == person.id
    return Question(kind, asked.facts) if is_theirs else None
