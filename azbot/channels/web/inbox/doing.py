"""An action between its dialog and the desk: what it would tell, and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from azbot.channels.web.form import Question
from azbot.channels.web.inbox.actions import Action
from azbot.channels.web.inbox.asking import Ask
from azbot.channels.web.inbox.building import Given
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import Staff
from azbot.errors import Refused
from azbot.forms.kinds import Problem
from azbot.i18n import formats
from azbot.i18n.answers import problem_words
from azbot.i18n.catalogue import Catalogue
from azbot.render.phrases import refusal_sentence
from azbot.store import UnitOfWork
from azbot.workflow.commands import Command
from azbot.workflow.model import Assistance

_QUESTION_OF: Mapping[str, str] = {
    "reason_needed": "reason",
    "comment_needed": "comment",
    "date_needed": "planned_at",
    "date_past": "planned_at",
    "date_too_far": "planned_at",
    "station_needed": "station",
    "missing_prerequisite": "override_reason",
}
"""Beside which question a refusal is told (X10)."""


@dataclass(frozen=True, slots=True)
class Told:
    """One letter that would leave.

    Attributes:
        who: name or address of the reader.
        what: « Complément demandé ».
    """

    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Dialog:
    """An action with its questions, ready to be drawn.

    Attributes:
        told: letters that would leave, were the answers as they stand.
        problem: why it cannot be done, when no question is to blame.
        clash: field key → what a colleague wrote meanwhile (ux.md 6.5).
    """

    action: Action
    questions: tuple[Question, ...]
    told: tuple[Told, ...]
    problem: str = ""
    clash: Mapping[str, str] | None = None


def dialog_of(
    uow: UnitOfWork, deps: WebDeps, staff: Staff, action: Action, ask: Ask
) -> Dialog:
    """Return the dialog of an action; nothing is written.

    What it tells is found by deciding on a trial: the same rules and routes that
    will decide when it is pressed.
    """
    questions = action.asks(ask)
    trial = _trial(questions, ask)
    try:
        told = _told(uow, deps, staff, ask, action.build(trial, ask.it, uow))
    except Refused as refused:
        return Dialog(action, questions, (), why_not(refused, ask))
    return Dialog(action, questions, told)


def refused_dialog(action: Action, ask: Ask, refused: Refused) -> Dialog:
    """Return the dialog again: every value kept, each fault beside its question."""
    names = [question.name for question in action.asks(ask)]
    wrong = faults_of(refused, ask, names)
    questions = action.asks(replace(ask, wrong=wrong))
    is_told = not wrong.keys().isdisjoint(names)
    clash = refused.facts.get("fields") if refused.code == "field_changed" else None
    return Dialog(
        action,
        questions,
        (),
        "" if is_told else why_not(refused, ask),
        clash if isinstance(clash, Mapping) else None,
    )


def faults_of(refused: Refused, ask: Ask, names: Sequence[str]) -> dict[str, str]:
    """Return question name → what is wrong with it."""
    words = ask.words
    if refused.code == "bad_answers":
        problems = refused.facts.get("problems")
        found = problems if isinstance(problems, Mapping) else {}
        return {
            key: problem_words(Problem(each["code"], each["facts"]), words)
            for key, each in found.items()
        }
    if refused.code == "field_changed":
        fields = refused.facts.get("fields")
        found = fields if isinstance(fields, Mapping) else {}
        return {
            key: words.t("inbox.clash", value=value or "–")
            for key, value in found.items()
        }
    name = _QUESTION_OF.get(refused.code)
    if name is None:
        return {}
    if name == "reason" and name not in names:
        name = next((n for n in ("comment_short", "comment") if n in names), name)
    return {name: why_not(refused, ask)}


def why_not(refused: Refused, ask: Ask) -> str:
    """Return why a rule says no, in the words of mails and API."""
    return refusal_sentence(ask.words, refused.code, refused.facts, ask.it.zone_name)


def _trial(questions: Sequence[Question], ask: Ask) -> Given:
    """Return answers as if somebody had pressed at once: what is empty gets a dot."""
    values: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for question in questions:
        chosen = [pick.value for pick in question.picks if pick.is_chosen]
        if question.picks:
            lists[question.name] = chosen
            values[question.name] = chosen[0] if chosen else ""
        else:
            values[question.name] = question.value or _filler(question, ask)
    return Given(values, lists, ask.zone)


def _filler(question: Question, ask: Ask) -> str:
    if question.control == "moment":
        tomorrow = formats.local(ask.now + timedelta(days=1), ask.it.zone_name)
        return f"{tomorrow:%Y-%m-%dT%H:%M}"
    return "…" if question.control == "long" and question.is_required else ""


def _told(
    uow: UnitOfWork,
    deps: WebDeps,
    staff: Staff,
    ask: Ask,
    commands: Sequence[Command],
) -> tuple[Told, ...]:
    it: Assistance = ask.it
    found: list[Told] = []
    for command in commands:
        decision = deps.desk.foresee(it, command, staff.actor)
        found += [
            Told(reader.name or reader.address, notice_label(notice.kind, ask.words))
            for notice, reader in deps.desk.letters(uow, decision)
            if not notice.to.is_inside
        ]
        it = decision.assistance
    return tuple(dict.fromkeys(found))


def notice_label(kind: str, words: Catalogue) -> str:
    """Return what a notice says, in a few words: « Complément demandé »."""
    key = f"inbox.notice.{kind}"
    return words.t(key) if key in words else kind
