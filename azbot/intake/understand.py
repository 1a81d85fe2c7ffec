"""Everything azbot makes of one message before it does anything.

Reads the store, writes nothing: the worker acts on the result, ``azbot explain``
prints it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from azbot.errors import NotFound
from azbot.forms.kinds import NO_LISTS, Lists
from azbot.intake.interpret import Meaning, Question, interpret
from azbot.intake.match import Clues, Door, Known, Match, Thread, clues, match
from azbot.messages import Automatic, Inbound, PersonId, Reason, Reply
from azbot.ports import Channel
from azbot.store import UnitOfWork
from azbot.store.records import Delivery, DeliveryId, Direction, Person, PersonKind
from azbot.workflow.decision import NoticeKind
from azbot.workflow.model import Actor, Assistance, AssistanceId, Role

_ROLES = {
    PersonKind.CLIENT: Role.CLIENT,
    PersonKind.AGENT: Role.AGENT,
    PersonKind.STATION: Role.STATION,
}
SILENT = frozenset(
    {
        NoticeKind.RECEIVED,
        NoticeKind.REPORT,
        NoticeKind.PREFERENCE,
        NoticeKind.REJECTED,
    }
)
"""Mails that leave the question before them standing."""
NOTHING = Question(NoticeKind.RECEIVED)
"""What asks nothing: an acting word under it is a message."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """One message, understood.

    Attributes:
        assistance: the one it continues, None for something new.
        archived: the one it would continue, had that not left everyday work;
            ``assistance`` is None then.
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
    archived: Assistance | None = None


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
    uow: UnitOfWork,
    inbound: Inbound,
    channel: Channel,
    door: Door,
    now: datetime,
    lists: Lists = NO_LISTS,
) -> Understanding:
    """Look up the clues of a message and say what it wants."""
    found = clues(inbound, door)
    person = uow.people.by_address(inbound.sender.email) if inbound.sender else None
    known = _known(person)
    answered, thread = _thread(uow, found)
    it, thread = _followed(uow, answered, thread)
    verdict = match(inbound, found, thread, known, door)
    archived = _archived(uow, it)
    if archived is not None:
        # Who writes is known by it all the same; what it says is not looked at.
        answered = it = None
    sent = _sent(uow, found, answered, person)
    reply = channel.separate(inbound, sent)
    actor = _actor(known, verdict, inbound.channel)
    # What was asked in a merged one is no question where it goes on.
    is_here = answered is None or (it is not None and it.id == answered.id)
    question = _question(uow, found, it, person) if is_here else NOTHING
    meaning = None
    if it and actor and verdict.hold is None and inbound.automatic is None:
        meaning = interpret(it, actor, reply, question, now, lists)
    return Understanding(
        inbound, found, verdict, it, person, actor, reply, question, meaning, archived
    )


def _archived(uow: UnitOfWork, it: Assistance | None) -> Assistance | None:
    is_ended = it is not None and not it.is_open
    return it if is_ended and it is not None and uow.archive.has(it.id) else None


def _sent(
    uow: UnitOfWork, found: Clues, it: Assistance | None, person: Person | None
) -> list[str]:
    """Return what the writer may be quoting: the mail answered, then the latest."""
    if it is None or person is None:
        return []
    texts = uow.sent.texts(it.id, person.address)
    answered = _answered(uow, found)
    if answered is None or answered.assistance_id != it.id:
        return texts
    return [answered.text, *(text for text in texts if text != answered.text)]


def screen(inbound: Inbound) -> Reason | None:
    """Return why a message must not be acted upon, whatever it says.

    Robots are not screened: nothing they say acts, and nobody needs to look.
    """
    if inbound.automatic is Automatic.LOOP:
        return Reason.OWN_ADDRESS
    if inbound.automatic is not None:
        return None
    if inbound.suspicion is not None:
        return inbound.suspicion
    if inbound.sender is None:
        return Reason.NO_SENDER
    is_empty = not inbound.text.strip() and not inbound.files
    if is_empty and not inbound.rejected_files:
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
            it = uow.assistances.by_ref(ref, from_archive=True)
        except NotFound:
            continue
        return it.id, None, False, "subject"
    return None


def _load(uow: UnitOfWork, number: AssistanceId) -> Assistance | None:
    try:
        return uow.assistances.get(number, from_archive=True)
    except NotFound:
        return None


def _followed(
    uow: UnitOfWork, answered: Assistance | None, thread: Thread | None
) -> tuple[Assistance | None, Thread | None]:
    """Return where an answer belongs now: whom a merge let in take part there."""
    if answered is None or thread is None or answered.merged_into is None:
        return answered, thread
    it = survivor(uow, answered, from_archive=True)
    participants = thread.participants | _participants(uow, it)
    return it, replace(thread, assistance=it.id, participants=participants)


def survivor(
    uow: UnitOfWork, it: Assistance, *, from_archive: bool = False
) -> Assistance:
    """Return the assistance in which one goes on now; itself when nothing changed.

    A circle cannot come about: only what is not merged takes another in, and what
    is re-opened is merged no more.

    Raises:
        Archived: it has left everyday work, and the archive was not asked for.
    """
    while it.merged_into is not None:
        it = uow.assistances.by_ref(it.merged_into, from_archive=from_archive)
    return it


def _participants(uow: UnitOfWork, it: Assistance) -> frozenset[PersonId]:
    people = {it.requester, *it.joined} | ({it.contact} if it.contact else set())
    if it.mission is not None:
        people |= {p.id for p in uow.people.station_contacts(it.mission.station.id)}
    return frozenset(people)


def _question(
    uow: UnitOfWork, found: Clues, it: Assistance | None, person: Person | None
) -> Question | None:
    """Return what the answered mail asked; None when nothing was ever asked.

    Its number stands in its Message-ID. A program that drops References leaves
    only the address: then the newest mail to this person is the one meant.
    """
    if it is None or person is None:
        return None
    asked = _answered(uow, found)
    if asked is None:
        asked = uow.sent.last_to(it.id, person.id, SILENT)
    elif asked.assistance_id != it.id or asked.person != person.id:
        return NOTHING
    return None if asked is None else question_of(it, asked)


def question_of(it: Assistance, asked: Delivery) -> Question:
    """Return what a notice asked, ``NOTHING`` once the state has moved on."""
    question = Question(NoticeKind(asked.kind), asked.facts)
    return NOTHING if _is_outdated(it, question) else question


def _answered(uow: UnitOfWork, found: Clues) -> Delivery | None:
    if not found.answered:
        return None
    try:
        return uow.outbox.get(DeliveryId(found.answered))
    except NotFound:
        return None


def _is_outdated(it: Assistance, question: Question) -> bool:
    """Whether the state has moved on since a question was put."""
    facts = question.facts
    at = _instant(facts.get("at"))
    match question.kind:
        case NoticeKind.CONFIRM_WORD if facts.get("word") == "date":
            dates = [v.dated_at for v in it.interventions if v.dated_at is not None]
            return at is not None and any(dated > at for dated in dates)
        case NoticeKind.CONFIRM_WORD | NoticeKind.REASON_WANTED:
            return facts.get("status") != it.status.value
        case NoticeKind.FINISHED:
            ended = [v.number for v in it.interventions if v.finished_at is not None]
            return bool(ended) and facts.get("number") != ended[-1]
        case NoticeKind.MISSION | NoticeKind.MISSION_REMINDER:
            mission = it.mission
            return mission is None or (at is not None and mission.proposed_at > at)
        case _:
            return False


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None
