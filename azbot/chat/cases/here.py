"""One client at one assistance, in one turn: what is done, asked and shown there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from azbot.chat.cases.card import ROOM, card, head, to
from azbot.chat.cases.view import View, wide
from azbot.chat.house import House
from azbot.chat.talk import PROMPT, Talk
from azbot.errors import NotFound, Refused
from azbot.render.phrases import refusal_sentence
from azbot.screens import Button, Screen
from azbot.store import Person
from azbot.store.chats import card_slot
from azbot.workflow.commands import Command
from azbot.workflow.model import Assistance

Rows = Iterable[tuple[Button, ...]]


@dataclass(slots=True)
class Here:
    """A turn about one assistance.

    Attributes:
        it: as it is now; what is done changes it.
    """

    talk: Talk
    house: House
    it: Assistance

    @property
    def person(self) -> Person:
        """Who speaks.

        Raises:
            NotFound: nobody we know.
        """
        if self.talk.person is None:
            raise NotFound("person of account", self.talk.account.account)
        return self.talk.person

    @property
    def view(self) -> View:
        """What they may read and do."""
        talk, rules = self.talk, self.house.rules()
        return View(self.it, self.person.id, talk.words, rules, talk.now)

    def t(self, key: str, **facts: object) -> str:
        """Return words as chats show them."""
        return self.view.t(key, **facts)

    # --- doing --------------------------------------------------------------------

    def do(self, command: Command) -> Refused | None:
        """Do something; return why a rule says no, None when it is done."""
        talk = self.talk
        try:
            decision = talk.desk.apply(talk.uow, self.it, command, talk.actor)
        except Refused as refused:
            return refused
        self.it = decision.assistance
        return None

    def why(self, refused: Refused) -> str:
        """Return why a rule says no; some sentences of mails fit no chat."""
        own = f"chat_case.refusal.{refused.code}"
        words = self.talk.words
        if own in words:
            return self.t(own)
        zone = self.it.zone_name
        return wide(refusal_sentence(words, refused.code, refused.facts, zone))

    # --- showing ------------------------------------------------------------------

    @property
    def link(self) -> str:
        """The address that opens it to them; empty: there are no pages."""
        talk = self.talk
        return self.house.link(talk.uow, self.it.id, self.person.id, talk.now)

    def show(self) -> None:
        """Draw the card in place."""
        self.talk.redraw(card_slot(self.it.id), card(self.view, self.link))

    def over(self) -> None:
        """Say that it is done already, and show how things stand (G3)."""
        if self.talk.account.room == ROOM:
            self.end()
        self.talk.acknowledge(self.t("chat.already"))
        self.show()

    # --- asking -------------------------------------------------------------------

    @property
    def asks(self) -> str:
        """What is waited for here, empty: nothing, or it is about another one."""
        account = self.talk.account
        is_this = account.room == ROOM and account.memory.get("it") == self.it.id
        return str(account.memory.get("asks", "")) if is_this else ""

    def wait(self, asks: str, **memory: object) -> None:
        """Wait for what is said next."""
        self.talk.enter(ROOM, {"it": self.it.id, "asks": asks, **memory})

    def ask(
        self, title: str, *lines: str, rows: Rows = (), is_below: bool | None = None
    ) -> None:
        """Put the one open question; what is in it was escaped.

        Args:
            title: what is asked.
            lines: what follows of it, and a hint.
            rows: buttons above the two ways out (ux.md 10.1).
            is_below: below everything, or where it stands; None: as ``Talk.ask``.
        """
        text = "\n".join((head(self.view), "", title, *filter(None, lines)))
        back = to(self.view, self.t("chat_case.back"), "back")
        desk = to(self.view, self.t("chat_case.write"), "write")
        screen = Screen(text, (*rows, (back, desk)))
        if is_below is None:
            is_below = self.talk.belongs_below(PROMPT)
        self.talk.redraw(PROMPT, screen, is_below=is_below)

    def end(self, *said: str) -> None:
        """Ask nothing any more; say how it ended, when there are words."""
        self.talk.leave()
        self.talk.clear()
        if said:
            card_of_it = f"slot:{card_slot(self.it.id)}"
            self.talk.say(Screen("\n".join(said)), reply_to=card_of_it)
