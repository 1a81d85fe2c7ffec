"""One turn of a talk: the account, the room, and all that follows, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from azbot.chat.flood import is_flooding, slow_down
from azbot.chat.room import Entrance, Room
from azbot.chat.talk import ANSWERS, SHOWS, Talk
from azbot.desk import Desk
from azbot.i18n.catalogue import LANGUAGES, catalogue
from azbot.intake.handling import Letter
from azbot.messages import Inbound, RawId, Reason, TurnKind
from azbot.ports import Clock
from azbot.screens import ACT, Acknowledge, Act, Say, Screen, to_facts
from azbot.store import NewDelivery, Person, UnitOfWork
from azbot.store.chats import ChatAccount, ChatState
from azbot.store.records import RawOutcome, RawState

_UNSAID = frozenset({"service", "reaction", "moved", "left", "unasked"})
"""What happens in a chat without anybody saying something to us."""

TellSetAside = Callable[[UnitOfWork, RawId, Inbound | None, Reason], None]


class Handler:
    """Lets one turn have its effect (``intake.worker.Handles``).

    Args:
        rooms: asked in this order for words that no room waits for; the last one
            takes everything.
        entrance: says who runs this, and which commands there are.
        tell_set_aside: tells the desk of what could not be worked on.
    """

    def __init__(
        self,
        desk: Desk,
        clock: Clock,
        rooms: Sequence[Room],
        entrance: Entrance,
        tell_set_aside: TellSetAside,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._rooms = {room.name: room for room in rooms}
        self._commands = {
            name: (room, meaning)
            for room in rooms
            for name, meaning in room.commands.items()
        }
        self._entrance = entrance
        self._tell_set_aside = tell_set_aside

    def apply(self, uow: UnitOfWork, letter: Letter) -> RawOutcome:
        """Let one turn have its effect; return what became of it."""
        turn = letter.inbound.turn
        if turn is None or not turn.account:
            return RawOutcome(RawState.IGNORED, Reason.NO_SENDER)
        if turn.moved_to:
            uow.chats.move(letter.inbound.channel, turn.chat, turn.moved_to)
        if turn.kind is TurnKind.OTHER and turn.what in _UNSAID:
            return RawOutcome(RawState.IGNORED)
        before = uow.chats.get(letter.inbound.channel, turn.account)
        talk = self._talk(uow, letter, before)
        if not turn.is_private:
            return self._overheard(talk)
        match turn.kind:
            case TurnKind.BLOCKED | TurnKind.RETURNED:
                is_gone = turn.kind is TurnKind.BLOCKED
                talk.change(state=ChatState.BLOCKED if is_gone else ChatState.OPEN)
            case _ if is_flooding(talk, before):
                return self._slowed(talk)
            case _:
                self._entrance.welcome(talk)
                self._spoken(talk)
                self._entrance.offer(talk)
        return self._ended(talk)

    def tell_set_aside(
        self,
        uow: UnitOfWork,
        raw: RawId,
        inbound: Inbound | None,
        reason: Reason,
        incident: str = "",
    ) -> None:
        """Tell the desk of a turn that could not be worked on, and who waits for it.

        Nothing of the talk is built anew: that may be what went wrong.
        """
        self._tell_set_aside(uow, raw, inbound, reason)
        if inbound is not None and inbound.turn is not None and incident:
            uow.outbox.put(_apology(uow, raw, inbound, incident, self._clock.now()))

    def _slowed(self, talk: Talk) -> RawOutcome:
        """Ask whoever says too much to slow down; an agent sees the first of it."""
        outcome = slow_down(talk)
        if outcome.state is RawState.QUARANTINED and outcome.reason is not None:
            self.tell_set_aside(talk.uow, talk.raw, talk.inbound, outcome.reason)
        return outcome

    def _talk(self, uow: UnitOfWork, letter: Letter, known: ChatAccount | None) -> Talk:
        inbound, now = letter.inbound, self._clock.now()
        turn = inbound.turn
        assert turn is not None  # noqa: S101 - the caller looked
        name = inbound.sender.name if inbound.sender else ""
        account = known or ChatAccount(
            inbound.channel,
            turn.account,
            turn.chat,
            now,
            now,
            language=_language(turn.language),
        )
        # Whoever writes can be written to, whatever was said of it before.
        is_back = account.state is ChatState.BLOCKED
        account = replace(
            account,
            seen_at=now,
            name=name or account.name,
            chat=turn.chat if turn.is_private else account.chat,
            state=ChatState.OPEN if is_back else account.state,
            revision=account.revision + 1,
        )
        person = _person(uow, account)
        return Talk(uow, self._desk, letter.raw, inbound, now, account, person)

    def _overheard(self, talk: Talk) -> RawOutcome:
        """Tell a group that we talk with one at a time, when it speaks to us.

        Where an account is written to does not change by what it says elsewhere, so
        nothing of it is kept.
        """
        turn = talk.turn
        if not (turn.command or turn.tap or turn.what == "joined"):
            return RawOutcome(RawState.IGNORED)
        talk.change(chat=turn.chat, person=None)
        talk.say(Screen(talk.words.t("chat.private_only")))
        talk.acknowledge()
        talk.uow.outbox.put(talk.deliveries())
        return RawOutcome(RawState.APPLIED)

    def _spoken(self, talk: Talk) -> None:
        match talk.turn.kind:
            case TurnKind.TAPPED:
                self._tapped(talk)
            case TurnKind.OTHER:
                talk.say(Screen(talk.words.t("chat.unusable")))
            case _:
                self._said(talk)

    def _tapped(self, talk: Talk) -> None:
        assert talk.tap is not None  # noqa: S101 - the kind says so
        name, *parts = talk.tap.data.split(".")
        room = self._rooms.get(name)
        if room is not None:
            room.tapped(talk, parts)
        else:
            talk.acknowledge(talk.words.t("chat.over"))

    def _said(self, talk: Talk) -> None:
        known = self._commands.get(talk.turn.command)
        if known is not None and talk.turn.kind is not TurnKind.EDITED:
            room, meaning = known
            room.command(talk, meaning)
            return
        asking = self._rooms.get(talk.account.room)
        others = [room for room in self._rooms.values() if room is not asking]
        for room in [asking, *others] if asking else others:
            if room.said(talk):
                return

    def _ended(self, talk: Talk) -> RawOutcome:
        talk.acknowledge()
        talk.uow.chats.save(talk.account)
        rows = talk.deliveries()
        if rows:
            talk.uow.outbox.put(rows)
        state = RawState.QUARANTINED if talk.held else RawState.APPLIED
        return RawOutcome(state, talk.held, talk.held_detail, talk.about)


def _apology(
    uow: UnitOfWork, raw: RawId, inbound: Inbound, incident: str, now: datetime
) -> list[NewDelivery]:
    """Return what is said in a chat that met an error of ours."""
    turn = inbound.turn
    assert turn is not None  # noqa: S101 - the caller looked
    if not turn.is_private:
        return []
    known = uow.chats.get(inbound.channel, turn.account)
    words = catalogue(known.language if known else _language(turn.language))
    text = words.t("chat.incident", code=incident)
    acts: list[tuple[Act, int]] = [(Say(Screen(text)), SHOWS)]
    if turn.tap is not None:
        acts.append((Acknowledge(turn.tap.id), ANSWERS))
    return [
        NewDelivery(
            key=f"incident:{raw}:{incident}:{number}",
            kind=ACT,
            address=turn.chat,
            channel=inbound.channel,
            due_at=now,
            facts=to_facts(act),
            language=words.language,
            priority=priority,
        )
        for number, (act, priority) in enumerate(acts)
    ]


def _language(tag: str) -> str:
    """Return our language nearest to an IETF tag; French when none is near."""
    spoken = tag.casefold().partition("-")[0]
    return spoken if spoken in LANGUAGES else LANGUAGES[0] if not spoken else "en"


def _person(uow: UnitOfWork, account: ChatAccount) -> Person | None:
    """Return whose account it is, None once they were removed."""
    if account.person is None:
        return None
    person = uow.people.get(account.person)
    return person if person.is_active else None
