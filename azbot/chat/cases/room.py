"""/demandes: the list, the card of each, and what its buttons do (ux.md 10.5).

The buttons of a question carry its mark: once it is over, or another one is put, a
press says « Déjà fait » and shows how things stand (G3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from azbot.chat.cases import deciding, filing, filling
from azbot.chat.cases.card import ROOM
from azbot.chat.cases.here import Here
from azbot.chat.cases.lists import PAGE, page_of
from azbot.chat.cases.recap import recap
from azbot.chat.cases.view import View
from azbot.chat.house import House
from azbot.chat.relay.routing import HOLDS_FOR
from azbot.chat.relay.screens import ROOM as RELAY
from azbot.chat.talk import Talk
from azbot.errors import NotFound
from azbot.messages import TurnKind
from azbot.screens import Screen
from azbot.store.chats import ask_slot, card_slot
from azbot.workflow import commands as c
from azbot.workflow.model import Assistance
from azbot.workflow.questions import QuestionKind

_MOST_SHOWN = 200
"""Characters of an answer to a press."""

_MOST_PAGES = 1_000
"""Of a list; a button may name any number."""

LIST = "cases"
"""The slot of the list."""


class AssistancesRoom:
    """The assistances of a client.

    Args:
        house: what every talk of the desk shares.
    """

    name = ROOM
    commands: Mapping[str, str] = {
        "demandes": "list",
        "requests": "list",
        "solicitudes": "list",
    }

    def __init__(self, house: House) -> None:
        self._house = house

    # --- the room -----------------------------------------------------------------

    def command(self, talk: Talk, name: str) -> None:  # noqa: ARG002 - it has one
        """Show the list."""
        self._leave(talk)
        self._list(talk, 0)

    def tapped(self, talk: Talk, parts: Sequence[str]) -> None:
        """Answer a press.

        ``open`` and ``page.<n>`` show the list; every other button is of an
        assistance: ``<id>.<mark>.<action>``.
        """
        match parts:
            case ["open"]:
                self._leave(talk)
                self._list(talk, 0)
            case ["page", page] if _is_number(page) and int(page) < _MOST_PAGES:
                self._list(talk, int(page), is_below=False)
            case [key, mark, action] if _is_number(key):
                self._pressed(talk, int(key), mark, action)
            case _:
                talk.acknowledge(talk.words.t("chat.over"))

    def said(self, talk: Talk) -> bool:
        """Take the words or files that are waited for."""
        memory = talk.account.memory
        if talk.account.room != ROOM or talk.turn.kind is TurnKind.EDITED:
            return False
        here = self._here(talk, int(str(memory.get("it", 0))))
        if here is None:
            talk.leave()
            return False
        if not _says_something(talk) or _answers_another(talk, here.it):
            return False
        talk.about = here.it.id
        match here.asks:
            case filling.ASKS:
                filling.take_answer(here)
            case filing.ASKS:
                filing.take_files(here)
            case name if name in deciding.DECISIONS:
                deciding.take_words(here, name)
            case _:
                return False
        return True

    # --- a button of an assistance --------------------------------------------------

    def _pressed(self, talk: Talk, key: int, mark: str, action: str) -> None:
        here = self._here(talk, key)
        if here is None:
            # Another's, or none at all: both are answered alike (C14).
            old = talk.archived(key)
            said = (
                talk.words.t("chat.over")
                if old is None
                else talk.words.t("chat.archived", ref=old.ref)
            )
            talk.acknowledge(said)
            return
        talk.about = here.it.id
        view = here.view
        is_open = view.question is not None and mark == view.mark
        name, _, rest = action.partition("-")
        match name:
            case "show":
                talk.acknowledge()
                talk.show_card(here.it)
            case "back":
                talk.acknowledge()
                if talk.account.room in (ROOM, ""):
                    here.end()
            case "into":
                self._show_other(here)
            case "write":
                self._write(here)
            case "report":
                self._report(here)
            case "done" if here.asks == filing.ASKS:
                filing.close_files(here)
            case "file" if view.may_add_files:
                filing.open_files(here)
            case "date" | "cancel" if deciding.DECISIONS[name].is_timely(view):
                deciding.open_words(here, name)
            case "yes" | "no" | "fill" | "recap" | "fix" if is_open:
                self._answer(here, name)
            case "pick" if filling.choose(here, mark, rest):
                pass
            case "page" if filling.turn_page(here, mark, rest):
                pass
            case _:
                here.over()

    def _answer(self, here: Here, name: str) -> None:
        question = here.view.question
        kind = question.kind if question else None
        match name, kind:
            case "yes", QuestionKind.CLOSING:
                self._do(here, c.ConfirmClosing(), "portal.done.close")
            case "yes", QuestionKind.CONFIRM:
                self._do(here, c.ConfirmRequest(), "chat_case.outcome.confirmed")
            case "recap", QuestionKind.CONFIRM:
                self._recap(here)
            case "no", QuestionKind.CLOSING:
                deciding.open_words(here, "no")
            case "fix", QuestionKind.CONFIRM:
                deciding.open_words(here, "fix")
            case "fill", QuestionKind.COMPLETE | QuestionKind.COMPLEMENT:
                filling.open_fill(here)
            case _:
                here.over()

    def _do(
        self, here: Here, command: c.ConfirmClosing | c.ConfirmRequest, done: str
    ) -> None:
        refused = here.do(command)
        if refused is not None:
            here.talk.acknowledge(here.why(refused)[:_MOST_SHOWN], is_alert=True)
            here.show()
            return
        if here.talk.account.room == ROOM:
            here.end()
        here.talk.acknowledge(here.t(done))

    def _recap(self, here: Here) -> None:
        """Show what was registered, to be agreed with."""
        here.talk.acknowledge()
        slot = ask_slot(here.it.id, here.view.mark)
        here.talk.redraw(slot, recap(here.view), is_below=True)

    def _write(self, here: Here) -> None:
        """Let what is said next go to the desk, about this one (ux.md 10.6)."""
        talk = here.talk
        talk.acknowledge()
        here.end()
        talk.enter(RELAY)
        talk.change(focus=here.it.id, focus_until=talk.now + HOLDS_FOR)
        words = here.t("chat_case.write.ask", ref=here.it.ref)
        talk.say(Screen(words), reply_to=f"slot:{card_slot(here.it.id)}")

    def _report(self, here: Here) -> None:
        """Send the report once more: of all visits, or of the only one."""
        finished = [i for i in here.it.interventions if i.finished_at and i.report]
        if not (here.view.sees_all and finished):
            here.over()
            return
        here.talk.acknowledge()
        number = 0 if len(finished) > 1 else finished[0].number
        here.talk.say(
            Screen(here.t("chat_case.report.here", ref=here.it.ref)),
            reply_to=f"slot:{card_slot(here.it.id)}",
            files=(f"report:{number}",),
        )

    def _show_other(self, here: Here) -> None:
        """Show the card of the assistance this one goes on in."""
        into = here.it.merged_into
        if into is None:
            here.over()
            return
        try:
            key = here.talk.uow.assistances.by_ref(into).id
        except NotFound:
            key = here.it.id
        other = self._here(here.talk, key) or here
        here.talk.acknowledge()
        here.talk.show_card(other.it)

    # --- the list -------------------------------------------------------------------

    def _list(self, talk: Talk, page: int, *, is_below: bool = True) -> None:
        talk.acknowledge()
        person = talk.person
        if person is None or talk.is_station:
            talk.say(Screen(talk.words.t("chat_case.list.none")))
            return
        found = talk.uow.assistances.seen_by(person.id, PAGE + 1, page * PAGE)
        rules = self._house.rules()
        views = [
            View(it, person.id, talk.words, rules, talk.now) for it in found[:PAGE]
        ]
        screen = page_of(views, talk.words, page, has_more=len(found) > PAGE)
        talk.redraw(LIST, screen, is_below=is_below)

    # --- who is where -----------------------------------------------------------------

    def _here(self, talk: Talk, key: int) -> Here | None:
        """Return the turn about an assistance of theirs; None for everything else."""
        it = None if talk.is_station else talk.assistance(key)
        return None if it is None else Here(talk, self._house, it)

    def _leave(self, talk: Talk) -> None:
        if talk.account.room == ROOM:
            talk.leave()
            talk.clear()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _says_something(talk: Talk) -> bool:
    inbound = talk.inbound
    is_said = inbound.text.strip() or talk.turn.phone
    return bool(is_said or inbound.files or inbound.rejected_files)


def _answers_another(talk: Talk, it: Assistance) -> bool:
    """Whether it replies to a message about something else (ux.md 10.6)."""
    hit = talk.uow.threads.find(talk.inbound.references)
    return hit is not None and hit.assistance_id != it.id
