"""What whoever tells something in a chat may need, and what they make of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from azbot.chat.house import House
from azbot.desk.spoken import mark_of
from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.screens import Redraw, Say, Screen
from azbot.store import Person, PersonKind, UnitOfWork
from azbot.store.chats import ask_slot
from azbot.store.records import Delivery
from azbot.workflow.decision import NoticeKind
from azbot.workflow.model import Assistance, Party
from azbot.workflow.questions import Question, question_of


@dataclass(frozen=True, slots=True)
class Telling:
    """One row of the outbox that is about to leave, inside a unit of work.

    Attributes:
        person: to whom; None: nobody we know (any more).
        it: the assistance it is about, as it is now; None when about none.
        now: the present.
    """

    uow: UnitOfWork
    house: House
    row: Delivery
    person: Person | None
    it: Assistance | None
    now: datetime

    @property
    def words(self) -> Catalogue:
        """The words of the reader's language."""
        return catalogue(self.row.language)

    @property
    def question(self) -> Question | None:
        """What the side they are on is asked now."""
        if self.it is None or self.person is None:
            return None
        is_station = self.person.kind is PersonKind.STATION
        return question_of(self.it, Party.STATION if is_station else Party.CLIENT)

    @property
    def ask_slot(self) -> str:
        """Where the open question stands; empty while there is none."""
        if self.it is None or self.question is None:
            return ""
        return ask_slot(self.it.id, mark_of(self.question))

    @property
    def calendar(self) -> tuple[str, ...]:
        """The calendar files of visits that come, move or go, as mails have them."""
        names = ("invite:", "cancel:")
        return tuple(file for file in self.row.files if file.startswith(names))

    @property
    def facts(self) -> Mapping[str, object]:
        """What was so when it happened; the state may have moved on."""
        return self.row.facts


Words = Callable[[Telling], Say | Redraw]
"""Makes the message of one notice."""

Draw = Callable[[Telling], Screen]
"""Makes the card of an assistance as it is now, or what became of a question."""


@dataclass(frozen=True, slots=True)
class Teller:
    """All that is told to one kind of people.

    Attributes:
        words: the notices that are told in chats; the others are told by mail alone.
        card: draws the card of an assistance they take part in.
        answered: draws a question that is over, or is put once more below, without
            its buttons; ``spoken.cards`` says which facts there are.
    """

    words: Mapping[NoticeKind, Words]
    card: Draw
    answered: Draw
