"""What a button of a guided request does. Pure: what it cannot do itself it wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from azbot.chat.request import taking
from azbot.chat.request.asking import FILES, QUESTIONS, Asking
from azbot.chat.request.drawing import ME, View, mark, options
from azbot.chat.request.taking import Taken
from azbot.forms.filling import NOTE
from azbot.forms.folding import fold
from azbot.forms.kinds import OTHER
from azbot.intake.words import Word, recognise
from azbot.screens import Screen

_FEW = 2
"""Answers that go without a question when somebody changes their mind."""
_KEYS = {question.key for question in QUESTIONS}
_ASIDES = {"fields": "fields", "return": "", "support": NOTE}
_MARKS = " .!✓"


class Wish(Enum):
    """What has to happen beside the draft."""

    NOTHING = auto()
    SEND = auto()
    ERASE = auto()
    RESTART = auto()
    PLACE = auto()
    PHONE = auto()
    RELAY = auto()
    """Bring stray words to an assistance that is open."""
    OVER = auto()
    """No button of this state says that."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a press did, and what is left to do.

    Attributes:
        to: number of the assistance that is meant, for ``RELAY``.
    """

    taken: Taken
    wish: Wish = Wish.NOTHING
    to: int = 0


def press(view: View, action: str, args: Sequence[str]) -> Pressed:
    """Do what a button of the present state says."""
    asking = view.asking
    if action in _WISHES and not args:
        return Pressed(Taken(asking), _WISHES[action])
    at = asking.progress
    match action, list(args):
        case "set", [value]:
            return Pressed(_chosen(view, value))
        case "page", [number] if number.isdecimal():
            moved = asking.moved(replace(at, page=int(number)))
        case "back", []:
            moved = _back(asking)
        case "keep", [] if asking.is_done(asking.current):
            moved = asking.moved(at.with_passed(asking.current))
        case "done", [] if asking.current == FILES:
            moved = asking.moved(at.with_passed(FILES))
        case "proof", [] if asking.draft.files:
            moved = taking.toggle_proof(asking)
        case "cancel", []:
            return cancel(asking)
        case (("fields" | "return" | "support"), []):
            moved = asking.moved(replace(at, aside=_ASIDES[action]))
        case "edit", [key] if key == NOTE:
            moved = asking.moved(replace(at, aside=NOTE))
        case "edit", [key] if key in _KEYS:
            moved = asking.moved(at.showing(key, is_editing=True))
        case "stray", [key] if key.isdecimal():
            return Pressed(Taken(asking), Wish.RELAY, int(key))
        case "stray", []:
            return Pressed(taking.take_stray(asking, view.words))
        case _:
            return Pressed(Taken(asking), Wish.OVER)
    return Pressed(Taken(moved))


_WISHES = {
    "send": Wish.SEND,
    "erase": Wish.ERASE,
    "restart": Wish.RESTART,
    "spot": Wish.PLACE,
    "phone": Wish.PHONE,
}


def cancel(asking: Asking) -> Pressed:
    """Give a request up: at once when little would be lost, else after a question."""
    progress = asking.progress
    if len(progress.passed) <= _FEW and not asking.draft.files:
        return Pressed(Taken(asking), Wish.ERASE)
    return Pressed(Taken(asking.moved(replace(progress, aside="cancel"))))


def meant_by(text: str, view: View, shown: Screen) -> tuple[str, list[str]] | None:
    """Return the button whose words somebody typed, None when no words are meant so.

    A yes to the recap is its « Envoyer », a no to files its « Passer ».
    """
    said = fold(text).strip(_MARKS)
    for button in (button for row in shown.rows for button in row):
        if button.data and fold(button.label).strip(_MARKS) == said:
            _, _, _, action, *args = button.data.split(".")
            return action, args
    now = view.asking.progress.aside or view.asking.current
    done = {fold(view.t(f"button.{each}")) for each in ("skip", "go_on")}
    if now == FILES and said in done:
        return "done", []
    answer = recognise(text)
    if answer is None or answer.rest:
        return None
    match now, answer.word:
        case "files", Word.NO:
            return "done", []
        case "files", Word.YES:
            return "return", []
        case "cancel", Word.YES:
            return "erase", []
        case "cancel", Word.NO:
            return "return", []
        case "recap", Word.YES:
            return "send", []
        case _:
            return None


def _back(asking: Asking) -> Asking:
    at = asking.progress
    if asking.is_half_counted:
        return asking.answered({"system_count": ""})
    return asking.moved(at.showing("" if at.is_editing else asking.before))


def _chosen(view: View, value: str) -> Taken:
    """Take the answer a button stands for."""
    asking, question = view.asking, view.asking.current
    texts: dict[str, str] = {}
    is_me = asking.progress.is_me
    match question:
        case "service" | "system" | "maker":
            search = OTHER + asking.progress.search
            keys = [each.key for each in options(view, question)]
            meant = [each for each in (*keys, search) if mark(each) == value]
            texts = dict.fromkeys((question,), meant[0]) if meant else {}
        case "counts" if value.isdecimal():
            texts = _counted(asking, value)
        case "place" | "contact":
            known = [each for each in view.known if each.mark == value]
            texts = dict(known[0].texts) if known else {}
            is_me = question == "contact" and value == ME
    if not texts:
        return Taken(asking, (view.words.t("chat.over"),))
    progress = replace(asking.progress.without(question), is_me=is_me)
    asking = asking.answered(texts).moved(progress)
    return taking.passing(asking, question, view.words)


def _counted(asking: Asking, value: str) -> dict[str, str]:
    """Return the number a button gives to the question that is next."""
    match asking.missing("counts"):
        case [key]:
            return {key: value}
        case _:
            return {"system_count": value, "thermostat_count": ""}
