"""Steps 4 to 7 for one message, inside one unit of work: match, understand, act."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from azbot.desk import Desk
from azbot.errors import NotFound, Refused
from azbot.intake.files import documents_of, names_of, room_for
from azbot.intake.interpret import Meaning, Preference, has_words
from azbot.intake.match import Door
from azbot.intake.opening import continued, draft_of, referring
from azbot.intake.telling import (
    Teller,
    Unread,
    is_completed,
    tells_unread,
    with_completed,
    with_unread,
)
from azbot.intake.understand import Understanding, screen, survivor, understand
from azbot.intake.words import Word, recognise
from azbot.messages import Automatic, Inbound, PersonId, RawId, Reason, Trust
from azbot.ports import Channel, Clock
from azbot.store import UnitOfWork
from azbot.store.records import Person, PersonKind, RawOutcome, RawState
from azbot.workflow import commands as c
from azbot.workflow.deadlines import takes_replies
from azbot.workflow.decision import Notice
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    Role,
)

_MOST_REQUESTS = 5
_MOST_MESSAGES = 30
"""Per sender and hour: what a person may write, and a robot in a loop exceeds."""

_NOTED = frozenset(
    {
        Automatic.OUT_OF_OFFICE,
        Automatic.AUTO_REPLY,
        Automatic.LIST,
        Automatic.CALENDAR_REPLY,
    }
)
"""What a robot said that a person reading the timeline wants to know."""
_NOTED_ONCE_IN = timedelta(days=1)

SYSTEM = Actor(Role.SYSTEM, None, "azbot", Trust.STAFF, "email")


@dataclass(frozen=True, slots=True)
class Letter:
    """One claimed message on its way through a unit of work.

    Attributes:
        mark: its fingerprint; empty for the turn of a talk.
        unfit: fields whose value was read from the text and cannot be taken.
    """

    raw: RawId
    inbound: Inbound
    channel: Channel
    mark: str
    unfit: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Told:
    """What one message makes the desk say, so that nobody hears of it twice.

    Attributes:
        unread: values the writer is told of; empty when nobody else's mail may.
        is_one: words follow the fields: the desk gets one mail about both.
        says_unread: a mail that leaves anyway says them.
        completes: the fields are complete now, and the message will say so.
    """

    unread: Unread
    is_one: bool
    says_unread: bool = False
    completes: bool = False

    def reword(self, notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
        """Return what is told instead."""
        if self.unread:
            notices = with_unread(notices, self.unread)
            self.says_unread = self.says_unread or tells_unread(notices)
        if self.completes:
            return with_completed(notices)
        if self.is_one and any(map(is_completed, notices)):
            self.completes = True
            return tuple(one for one in notices if not is_completed(one))
        return notices


class Handler:
    """Says what one message does, and lets the desk do it."""

    def __init__(self, desk: Desk, door: Door, clock: Clock, country: str) -> None:
        self._desk = desk
        self._door = door
        self._clock = clock
        self._country = country
        self._teller = Teller(desk, clock)

    def apply(self, uow: UnitOfWork, letter: Letter) -> RawOutcome:
        """Let one message have its effect; return what became of it.

        Raises:
            Refused: a rule said no where no person can be asked.
        """
        first = uow.raw.seen(letter.mark)
        if first is not None and first != letter.raw:
            return RawOutcome(RawState.DUPLICATE, detail=f"same as {first}")
        inbound = letter.inbound
        if inbound.automatic is Automatic.LOOP:
            return RawOutcome(RawState.IGNORED, Reason.OWN_ADDRESS)
        now, lists = self._clock.now(), self._desk.rules.lists
        found = understand(uow, inbound, letter.channel, self._door, now, lists)
        if inbound.automatic is not None or _answers_return_path(found):
            return self._automatic(uow, letter, found)
        reason = screen(inbound) or found.match.hold or self._doubt(uow, found)
        if reason is not None:
            return self._held(uow, letter, found, reason)
        it = found.assistance
        if it is None:
            return self._begin(uow, letter, found)
        if not takes_replies(it, self._desk.rules, now):
            return self._open(uow, letter, found, it)
        return self._continue(uow, letter, found, it)

    def tell_set_aside(
        self,
        uow: UnitOfWork,
        raw: RawId,
        inbound: Inbound | None,
        reason: Reason,
        incident: str = "",  # noqa: ARG002 - nobody waits at a mailbox
    ) -> None:
        """Tell the desk of a message that could not be worked on."""
        self._teller.held(uow, raw, inbound, reason, inbound.text if inbound else "")

    # -- set aside, robots -------------------------------------------------------

    def _held(
        self, uow: UnitOfWork, letter: Letter, found: Understanding, reason: Reason
    ) -> RawOutcome:
        """Keep it for an agent, who is told once per sender and hour."""
        key = found.assistance.id if found.assistance else None
        if reason not in (Reason.OWN_ADDRESS, Reason.EMPTY):
            text = found.reply.text
            self._teller.held(uow, letter.raw, letter.inbound, reason, text)
        return RawOutcome(RawState.QUARANTINED, reason, assistance_id=key)

    def _doubt(self, uow: UnitOfWork, found: Understanding) -> Reason | None:
        """Return why a person must look first, although the sender is believed."""
        sender = found.inbound.sender
        if found.person is None and sender and uow.people.is_removed(sender.email):
            return Reason.BLOCKED_SENDER
        if self._writes_too_often(uow, found):
            return Reason.TOO_OFTEN
        return None

    def _writes_too_often(self, uow: UnitOfWork, found: Understanding) -> bool:
        """Whether the sender writes like a robot that hides it (email.md §5.2)."""
        since = self._clock.now() - timedelta(hours=1)
        if found.person is None or found.person.kind is PersonKind.AGENT:
            return False
        if found.assistance is None:
            opened = uow.rates.opened(found.person.id, since)
            return opened >= _MOST_REQUESTS
        said = uow.rates.said(found.assistance.id, found.person.id, since)
        return said >= _MOST_MESSAGES

    def _automatic(
        self, uow: UnitOfWork, letter: Letter, found: Understanding
    ) -> RawOutcome:
        """Note it where it belongs; never change a status, never answer (A17)."""
        it, inbound = found.assistance, letter.inbound
        if inbound.bounce is not None:
            return self._bounced(uow, letter, found)
        if it is None or found.match.hold is not None:
            return RawOutcome(RawState.IGNORED, Reason.NOT_A_REQUEST)
        if inbound.automatic is Automatic.CALENDAR_REPLY and inbound.calendar:
            text = f"calendar:{inbound.calendar.status}"
            is_new = True
        else:
            text = found.reply.text[:2000]
            since = self._clock.now() - _NOTED_ONCE_IN
            is_new = not uow.rates.absences(it.id, since)
        if is_new and (inbound.automatic or Automatic.AUTO_REPLY) in _NOTED:
            self._desk.apply(uow, it, c.RecordAbsence(text), SYSTEM)
        return RawOutcome(RawState.IGNORED, Reason.AUTOMATIC, assistance_id=it.id)

    def _bounced(
        self, uow: UnitOfWork, letter: Letter, found: Understanding
    ) -> RawOutcome:
        """Say in the timeline who was not reached; the return path says who."""
        bounce, it = letter.inbound.bounce, found.assistance
        token = found.clues.bounce or found.clues.token
        if found.clues.bounce is not None and found.clues.bounce.assistance:
            it = _load(uow, found.clues.bounce.assistance) or it
        if bounce is None or it is None or token is None:
            return RawOutcome(RawState.IGNORED, Reason.NOT_A_REQUEST)
        # What the desk itself could not be told must not be told to the desk.
        if bounce.is_permanent and token.person:
            reader = _person(uow, token.person)
            address = reader.address if reader else bounce.recipient
            why = bounce.diagnostic or bounce.status
            command = c.RecordDeliveryFailure(address or bounce.recipient, why)
            self._desk.apply(uow, it, command, SYSTEM)
        return RawOutcome(RawState.IGNORED, Reason.AUTOMATIC, assistance_id=it.id)

    # -- something new -----------------------------------------------------------

    def _begin(
        self, uow: UnitOfWork, letter: Letter, found: Understanding
    ) -> RawOutcome:
        """Take up a message no clue ties to anything."""
        said = recognise(found.reply.text)
        if said is None or said.rest or said.word is Word.MIXED:
            return self._open(uow, letter, found)
        if said.word not in (Word.STOP, Word.RESUME):
            # « Oui » to a question nobody can name is no request: an agent knows.
            return self._held(uow, letter, found, Reason.PROBABLE_ASSISTANCE)
        if found.person is None:
            return RawOutcome(RawState.IGNORED, Reason.NOT_A_REQUEST)
        if found.match.trust < Trust.KNOWN:
            return self._held(uow, letter, found, Reason.UNPROVEN_SENDER)
        wish = Preference(said.word is Word.STOP)
        return self._prefer(uow, letter, found.person, wish, None)

    def _open(
        self,
        uow: UnitOfWork,
        letter: Letter,
        found: Understanding,
        before: Assistance | None = None,
    ) -> RawOutcome:
        """Register a request from free text (ux.md 9.3).

        Args:
            uow: the unit of work.
            letter: the message.
            found: what it says.
            before: what it continues, too late to be reopened.
        """
        person = found.person
        if person is not None and person.kind is not PersonKind.CLIENT:
            return self._held(uow, letter, found, Reason.UNKNOWN_ASSISTANCE)
        documents = documents_of(uow, letter.inbound)
        room = room_for(None, self._desk.rules)
        draft = draft_of(
            letter.inbound,
            found.reply,
            person,
            documents[:room],
            letter.raw,
            self._country,
            letter.unfit,
            self._desk.rules.lists,
        )
        if before is not None:
            draft = continued(draft, before)
        elif found.archived is not None:
            draft = referring(draft, found.archived)
        actor = Actor(
            Role.CLIENT,
            person.id if person else None,
            draft.name or draft.email,
            found.match.trust,
            letter.inbound.channel,
        )
        it = self._desk.register(uow, draft, actor).assistance
        self._teller.rejected_files(
            uow, letter.raw, letter.inbound, it, found.person, documents[room:]
        )
        return RawOutcome(RawState.APPLIED, assistance_id=it.id)

    # -- something that continues --------------------------------------------------

    def _continue(
        self, uow: UnitOfWork, letter: Letter, found: Understanding, it: Assistance
    ) -> RawOutcome:
        actor, meaning, person = found.actor, found.meaning, found.person
        if actor is None or meaning is None or person is None:
            return self._held(uow, letter, found, Reason.UNPROVEN_SENDER)
        if actor.trust >= Trust.PROVEN and not person.is_verified:
            # Only who reads this mailbox can answer with the token sent there.
            uow.people.update(replace(person, is_verified=True))
        if meaning.preference is not None:
            return self._prefer(uow, letter, person, meaning.preference, it)
        documents = documents_of(uow, letter.inbound)
        room = room_for(it, self._desk.rules)
        kept, left = documents[:room], documents[room:]
        speaks = meaning.is_message or bool(kept)
        told = _Told(meaning.unread if person.id == it.requester else {}, is_one=speaks)
        it, refusal = self._run(uow, it, meaning, actor, told)
        if refusal or speaks:
            text, elided = found.reply.text, found.reply.elided
            names = names_of(letter.inbound, left)
            if text and not has_words(found.reply) and (kept or names):
                text, elided = "", (text,)
            message = c.AddMessage(
                text=text or names,
                elided=elided,
                documents=kept,
                message_id=letter.inbound.message_id,
                raw=letter.raw,
                is_mixed=bool(refusal) or meaning.is_mixed,
            )
            if not (message.text.strip() or kept):
                return RawOutcome(
                    RawState.QUARANTINED, Reason.EMPTY, assistance_id=it.id
                )
            it = self._desk.apply(uow, it, message, actor, told.reword).assistance
        if told.says_unread:
            meaning = replace(meaning, unread={})
        self._tell_back(uow, letter, it, meaning, person, refusal)
        self._teller.rejected_files(uow, letter.raw, letter.inbound, it, person, left)
        state = RawState.ANSWERED if meaning.asks else RawState.APPLIED
        return RawOutcome(state, assistance_id=it.id)

    def _run(
        self,
        uow: UnitOfWork,
        it: Assistance,
        meaning: Meaning,
        actor: Actor,
        told: _Told,
    ) -> tuple[Assistance, Refused | None]:
        """Apply the commands; a refusal makes the whole text a message."""
        for command in meaning.commands:
            try:
                it = self._desk.apply(uow, it, command, actor, told.reword).assistance
            except Refused as refused:
                return it, refused
        return it, None

    def _tell_back(
        self,
        uow: UnitOfWork,
        letter: Letter,
        it: Assistance,
        meaning: Meaning,
        person: Person,
        refusal: Refused | None,
    ) -> None:
        """Say to the writer what was asked back, not read or not allowed."""
        if refusal is not None:
            self._teller.refused(uow, letter.raw, it, person, refusal)
        else:
            self._teller.ask(uow, letter.raw, it, person, meaning.asks)
        self._teller.unread(uow, letter.raw, it, person, meaning.unread)

    def _prefer(
        self,
        uow: UnitOfWork,
        letter: Letter,
        person: Person,
        wish: Preference,
        it: Assistance | None,
    ) -> RawOutcome:
        """STOP and REPRENDRE: notices off and on, confirmed with the way back."""
        # The state that was read may have been verified since: load it afresh.
        now = uow.people.get(person.id)
        uow.people.update(replace(now, notices_off=wish.wants_less))
        self._teller.preference(uow, letter.raw, it, now, wants_less=wish.wants_less)
        return RawOutcome(RawState.APPLIED, assistance_id=it.id if it else None)


def _answers_return_path(found: Understanding) -> bool:
    """Whether it came to the address only robots write to.

    Vacation programs without any header of their own answer the return path (RFC
    3834 §4, RFC 5230 §4.6); people answer Reply-To.
    """
    return found.clues.bounce is not None and found.clues.via != "address"


def _load(uow: UnitOfWork, number: int) -> Assistance | None:
    try:
        return survivor(uow, uow.assistances.get(AssistanceId(number)))
    except NotFound:
        return None


def _person(uow: UnitOfWork, number: int) -> Person | None:
    try:
        return uow.people.get(PersonId(number))
    except NotFound:
        return None
