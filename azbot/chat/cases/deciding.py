"""What is decided in a few words: NON, another date, cancelling, a mistake (9.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from azbot.chat.cases.filing import attach, unfit
from azbot.chat.cases.here import Here
from azbot.chat.cases.view import View
from azbot.screens import plain
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.questions import QuestionKind

FEWEST_WORDS = 3
"""Of a NON: « ça marche pas » says something, « non » does not (C13)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that is decided in words.

    Attributes:
        words: the portal's name of it; ``portal.ask.<words>`` asks the same.
        command: what the words do.
        is_timely: whether it can be decided at present.
        fewest: words it takes.
    """

    words: str
    command: Callable[[str], Command]
    is_timely: Callable[[View], bool]
    fewest: int = 1


def _is_closing(view: View) -> bool:
    question = view.question
    return question is not None and question.kind is QuestionKind.CLOSING


DECISIONS: Mapping[str, Decision] = {
    "no": Decision("not-solved", c.RefuseClosing, _is_closing, FEWEST_WORDS),
    "date": Decision("other-date", c.AskOtherDate, lambda view: view.may_move),
    "cancel": Decision("cancel", c.CancelAssistance, lambda view: view.may_cancel),
    "fix": Decision("mistake", c.AddMessage, lambda view: view.it.is_open),
}
"""By the name of the button."""


def open_words(here: Here, name: str) -> None:
    """Ask for the words of a decision."""
    here.talk.acknowledge()
    here.wait(name)
    _ask(here, name, is_below=True)


def take_words(here: Here, name: str) -> None:
    """Decide with what was said; photos go along, with or without words."""
    decision, text = DECISIONS[name], here.talk.inbound.text.strip()
    if not decision.is_timely(here.view):
        _keep(here, text, here.t("chat_case.too_late"))
    elif len(text.split()) < decision.fewest:
        count = decision.fewest
        _ask(here, name, *attach(here, ""), here.t("portal.wrong.words", count=count))
    elif (refused := here.do(decision.command(text))) is not None:
        _keep(here, text, plain(here.why(refused)))
    else:
        thanks = here.t(_thanks(here.view, decision))
        sent = here.talk.inbound.files
        here.end(thanks, *(attach(here, "") if sent else unfit(here)))


def _ask(here: Here, name: str, *wrong: str, is_below: bool | None = None) -> None:
    words = DECISIONS[name].words
    is_later = name == "cancel" and not here.view.cancels_alone
    how = f"{words}.later" if is_later else words
    hints = (f"portal.ask.{how}.follows", f"portal.ask.{words}.hint")
    title = here.t(f"portal.ask.{how}.title")
    here.ask(title, *(wrong or map(here.t, hints)), is_below=is_below)


def _thanks(view: View, decision: Decision) -> str:
    is_asked = view.it.is_open and view.it.cancellation_asked
    if decision.words == "cancel" and is_asked:
        return "portal.ask.cancel.already"
    return f"portal.done.{decision.words}"


def _keep(here: Here, text: str, why: str) -> None:
    """Keep words that decide nothing any more: the desk reads them (ux.md 9.2)."""
    lines = attach(here, text, is_mixed=True)
    here.end(why, *(lines or [here.t("chat_case.kept")]))
    here.show()
