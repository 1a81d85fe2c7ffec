"""One turn of a talk: who speaks, what is known of them, what is shown in answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from azbot.desk import Desk
from azbot.desk.spoken import late_card
from azbot.errors import NotFound
from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.identity.linking import chosen_language
from azbot.messages import Inbound, PersonId, RawId, Reason, Tap, Trust, Turn
from azbot.screens import (
    ACT,
    Acknowledge,
    Act,
    Button,
    Clear,
    Menu,
    Redraw,
    Say,
    Screen,
    to_facts,
)
from azbot.store import Person, PersonKind, UnitOfWork
from azbot.store.chats import CARD, ChatAccount
from azbot.store.records import NewDelivery
from azbot.workflow.model import Actor, Assistance, AssistanceId, Role
from azbot.workflow.policy import takes_part

PROMPT = "prompt"
"""The slot of the one question that is open in a chat."""

_NO_NUMBER = 2**63
"""From here on no database has numbers; a button may name any."""

ANSWERS, SHOWS, TELLS, WAITS = range(4)
"""Priorities of what leaves in a chat; see ``NewDelivery.priority``."""


@dataclass(slots=True)
class Talk:
    """One turn, inside one unit of work.

    Rooms read it, call the desk, and say what is shown; the handler stores the rest.

    Attributes:
        account: as it will be stored; rooms change it by ``enter``, ``leave`` and
            ``change``.
        person: whose account it is, proven; None: nobody we know.
        acts: what is shown, in order.
        cards: assistances whose cards are shown, below the acts.
        about: the assistance the turn turned out to be about, for the ledger.
        held: why the turn waits for somebody; None: it had its effect.
        held_detail: a word to go with it.
    """

    uow: UnitOfWork
    desk: Desk
    raw: RawId
    inbound: Inbound
    now: datetime
    account: ChatAccount
    person: Person | None = None
    about: AssistanceId | None = None
    acts: list[tuple[Act, int]] = field(default_factory=list)
    cards: list[AssistanceId] = field(default_factory=list)
    held: Reason | None = None
    held_detail: str = ""

    @property
    def turn(self) -> Turn:
        """What was done."""
        if self.inbound.turn is None:
            raise ValueError("a letter is no turn of a talk")
        return self.inbound.turn

    @property
    def tap(self) -> Tap | None:
        """The press, None when nothing was pressed."""
        return self.turn.tap

    @property
    def words(self) -> Catalogue:
        """The words of their language."""
        return catalogue(self.account.language)

    @property
    def is_station(self) -> bool:
        """Whether a station's contact speaks."""
        return self.person is not None and self.person.kind is PersonKind.STATION

    @property
    def actor(self) -> Actor:
        """Who speaks, to the workflow.

        Raises:
            NotFound: nobody we know.
        """
        person = self.person
        if person is None:
            raise NotFound("person of account", self.account.account)
        return Actor(
            Role.STATION if self.is_station else Role.CLIENT,
            person.id,
            person.name or person.company or person.address,
            Trust.PROVEN,
            self.account.channel,
            person.station,
        )

    def assistance(self, key: int) -> Assistance | None:
        """Return an assistance they take part in; None for every other number.

        The number comes from a button: whoever presses it must still be let in.
        """
        if self.person is None or not 0 < key < _NO_NUMBER:
            return None
        try:
            it = self.uow.assistances.get(AssistanceId(key))
        except NotFound:
            return None
        return it if takes_part(it, self.person.id, self.person.station) else None

    def archived(self, key: int) -> Assistance | None:
        """Return an assistance of theirs that has left everyday work, to name it.

        None for every other number, so that nobody learns what there is.
        """
        if self.person is None or not 0 < key < _NO_NUMBER:
            return None
        number = AssistanceId(key)
        if not self.uow.archive.has(number):
            return None
        it = self.uow.assistances.get(number, from_archive=True)
        return it if takes_part(it, self.person.id, self.person.station) else None

    # --- what is shown ------------------------------------------------------------

    def say(self, screen: Screen, **how: object) -> None:
        """Put a new message below; ``how`` as in ``Say``."""
        self._add(Say(screen, **how))  # type: ignore[arg-type]

    def ask(self, screen: Screen) -> None:
        """Show the one open question, in place or below."""
        self.redraw(PROMPT, screen, is_below=self.belongs_below(PROMPT))

    def belongs_below(self, slot: str) -> bool:
        """Whether what is drawn now in a slot belongs below everything.

        After words it does, after a press that something was said about, and after a
        press under another message: whoever pressed that one does not look above it.
        """
        if self.tap is None or any(isinstance(act, Say) for act, _ in self.acts):
            return True
        account = self.account
        there = self.uow.slots.get(account.channel, account.chat, slot)
        return there is not None and there.message_id != self.tap.message_id

    def redraw(self, slot: str, screen: Screen, **how: bool) -> None:
        """Let the message of a slot say this now; ``how`` as in ``Redraw``."""
        self._add(Redraw(slot, screen, **how))

    def show_card(self, it: Assistance) -> None:
        """Show the card of an assistance they take part in, below everything."""
        self.cards.append(it.id)

    def clear(self, slot: str = PROMPT) -> None:
        """Take the message of a slot away."""
        self._add(Clear(slot))

    def acknowledge(self, text: str = "", *, is_alert: bool = False) -> None:
        """Answer the press; once at most, the handler does it when no room did."""
        if self.tap is not None and not self.is_acknowledged:
            self._add(Acknowledge(self.tap.id, text, is_alert), ANSWERS)

    def offer(self, commands: tuple[tuple[str, str], ...]) -> None:
        """Say which commands this chat offers."""
        self._add(Menu(commands), WAITS)

    @property
    def is_acknowledged(self) -> bool:
        """Whether the press was answered."""
        return any(isinstance(act, Acknowledge) for act, _ in self.acts)

    def _add(self, act: Act, priority: int = SHOWS) -> None:
        self.acts.append((act, priority))

    # --- what is remembered -------------------------------------------------------

    def enter(self, room: str, memory: Mapping[str, object] | None = None) -> None:
        """Let a room ask: what is said next is said to it."""
        self.change(room=room, memory=dict(memory or {}))

    def leave(self) -> None:
        """Let no room ask any more."""
        self.change(room="", memory={})

    def hold(self, reason: Reason, detail: str = "") -> None:
        """Let the turn wait in the ledger, for its writer or for an agent."""
        self.held, self.held_detail = reason, detail

    def change(self, **values: object) -> None:
        """Change fields of the account."""
        self.account = replace(self.account, **values)  # type: ignore[arg-type]

    def link_to(self, person: PersonId | None) -> None:
        """Make the account somebody's, who proved it; None: nobody's any more."""
        self.change(person=person, linked_at=self.now if person else None)
        self.person = self.uow.people.get(person) if person else None
        if self.person is not None:
            chosen = chosen_language(self.uow, self.person.id)
            # Of mails the language was guessed, and a service tells what its program
            # speaks: unless somebody chose, that one is nearer.
            guessed = self.account if self.turn.language else self.person
            self.change(language=chosen or guessed.language)

    # --- the end of the turn ------------------------------------------------------

    def deliveries(self) -> list[NewDelivery]:
        """Return what was shown as rows of the outbox; the same turn shows it once.

        One that waits comes again, and then shows something else.
        """
        again = f":{self.account.revision}" if self.held else ""
        row = NewDelivery(
            key=f"chat:{self.raw}{again}",
            kind=ACT,
            address=self.account.chat,
            channel=self.account.channel,
            due_at=self.now,
            assistance_id=self.about,
            person=self.account.person,
            language=self.account.language,
        )
        acts = [
            replace(
                row,
                key=f"{row.key}:{number}",
                facts=to_facts(act),
                files=act.files if isinstance(act, Say) else (),
                priority=priority,
            )
            for number, (act, priority) in enumerate(self.acts)
        ]
        cards = [
            replace(
                row,
                key=f"{row.key}:card:{it}",
                kind=CARD,
                facts={"is_new": True, "is_below": True},
                assistance_id=it,
                priority=SHOWS,
            )
            for it in self.cards
        ]
        late = [each for card in cards for each in self._late(card)]
        return acts + cards + late

    def _late(self, card: NewDelivery) -> Iterator[NewDelivery]:
        """Yield the row that draws a card anew when time makes it say otherwise."""
        it = self.uow.assistances.peek(card.assistance_id or AssistanceId(0))
        return late_card(card, it, self.desk.rules)


def press(label: str, *parts: object) -> Button:
    """Return a button whose data are its parts with dots between them."""
    return Button(label, data=".".join(map(str, parts)))
