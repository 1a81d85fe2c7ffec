"""What a client decides, each on a page of its own: one question, one button (C13).

Pure: a scene and what was posted in, a question or a command out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from azbot.channels.web.form import Question, posted, questions
from azbot.channels.web.portal.blocks import AMENDED_WHILE, BLOCKS
from azbot.channels.web.portal.scene import Scene
from azbot.errors import NotFound, Refused
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Problem
from azbot.i18n.answers import problem_words
from azbot.render.phrases import refusal_sentence
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.model import InterventionStatus, Status

ACTS = ("close", "not-solved", "other-date", "cancel", "mistake")
"""What may be decided, by the end of its address; « edit/{block} » besides."""

FEWEST_WORDS = 3
"""Of a NON: « ça marche pas » says something, « non » does not (C13)."""

_BY_ANYBODY = frozenset({"other-date", "mistake"})
"""What whoever learns of visits alone may ask (R153)."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question on its page.

    Attributes:
        follows: what happens when it is pressed, said before (X17).
        problem: why it cannot be done, when no field is to blame.
        is_possible: whether there is a button at all.
    """

    name: str
    title: str
    follows: tuple[str, ...]
    button: str
    questions: tuple[Question, ...] = ()
    problem: str = ""
    is_possible: bool = True


@dataclass(frozen=True, slots=True)
class Given:
    """What was posted.

    Attributes:
        wrong: field → what is wrong with it.
        problem: what is wrong with the whole.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def ask_of(scene: Scene, name: str, given: Given | None = None) -> Ask:
    """Return the question of an action.

    Raises:
        NotFound: there is none of this name for this reader.
    """
    given = given or Given()
    if name.startswith("edit/"):
        return _edit(scene, name.removeprefix("edit/"), given)
    if name not in ACTS or not (scene.visitor.is_requester or name in _BY_ANYBODY):
        raise NotFound("action", name)
    it = scene.it
    match name:
        case "close":
            possible = it.status is Status.DONE
            return _ask(scene, name, given, possible=possible)
        case "not-solved":
            possible = it.status is Status.DONE
            return _ask(scene, name, given, _words(scene, name, given), possible)
        case "other-date":
            planned = InterventionStatus.PLANNED
            possible = any(i.status is planned for i in it.open_visits)
            return _ask(scene, name, given, _words(scene, name, given), possible)
        case "cancel":
            possible = it.is_open and not it.cancellation_asked
            return _ask(scene, name, given, _words(scene, name, given), possible)
        case _:
            return _ask(scene, name, given, _words(scene, name, given))


def _ask(
    scene: Scene,
    name: str,
    given: Given,
    asked: tuple[Question, ...] = (),
    possible: bool = True,  # noqa: FBT001, FBT002 - private, read once
) -> Ask:
    is_later = name == "cancel" and scene.it.status not in AMENDED_WHILE
    how = "cancel.later" if is_later else name
    follows: tuple[str, ...] = (scene.t(f"ask.{how}.follows"),)
    if not possible:
        follows = (_impossible(scene, name),)
    return Ask(
        name=name,
        title=scene.t(f"ask.{how}.title"),
        follows=follows,
        button=scene.t(f"ask.{how}.button"),
        questions=asked if possible else (),
        problem=given.problem,
        is_possible=possible,
    )


def _impossible(scene: Scene, name: str) -> str:
    it = scene.it
    if name == "cancel" and it.cancellation_asked:
        return scene.t("ask.cancel.already")
    if name == "other-date":
        return scene.words.t("refusal.no_planned_visit")
    label = scene.words.t(f"status.{it.status.value}")
    return scene.t("ask.not_now", status=label)


def _words(scene: Scene, name: str, given: Given) -> tuple[Question, ...]:
    label = scene.t(f"ask.{name}.words")
    if name == "mistake" and (block := given.values.get("block", "")) in BLOCKS:
        label = scene.t("ask.mistake.words_of", block=scene.t(f"block.{block}"))
    hidden = (
        (Question("block", "", "hidden", given.values.get("block", "")),)
        if name == "mistake"
        else ()
    )
    return (
        *hidden,
        Question(
            name="words",
            label=label,
            control="long",
            value=given.values.get("words", ""),
            hint=scene.t(f"ask.{name}.hint"),
            is_required=True,
            why=given.wrong.get("words", ""),
        ),
    )


def _edit(scene: Scene, block: str, given: Given) -> Ask:
    keys = fields_of(scene, block)
    if not keys or not scene.visitor.is_requester:
        raise NotFound("block", block)
    possible = scene.it.status in AMENDED_WHILE
    values = {**scene.it.answers, **posted(keys, given.values)}
    drawn = questions(
        ASSISTANCE, keys, values, scene.words, scene.lists, wrong=given.wrong
    )
    # What this page showed goes along: only what was changed here is changed (6.5).
    seen = tuple(
        Question(f"seen.{key}", "", "hidden", _seen(scene, given, key)) for key in keys
    )
    name = "missing" if block == "missing" else block
    title = scene.t("ask.edit.missing" if name == "missing" else f"block.{name}")
    label = scene.words.t(f"status.{scene.it.status.value}")
    return Ask(
        name=f"edit/{block}",
        title=title,
        follows=(scene.t("ask.edit.follows"),)
        if possible
        else (scene.t("ask.not_now", status=label),),
        button=scene.t("ask.edit.button"),
        questions=(*drawn, *seen) if possible else (),
        problem=given.problem,
        is_possible=possible,
    )


def _seen(scene: Scene, given: Given, key: str) -> str:
    return given.values.get(f"seen.{key}", scene.it.answer(key))


def fields_of(scene: Scene, block: str) -> tuple[str, ...]:
    """Return the fields « Modifier » asks for; none for a block that is none."""
    if block == "missing":
        wanted = {*scene.it.missing, *scene.it.asked_items}
        return tuple(key for key in ASSISTANCE.fields if key in wanted)
    return BLOCKS.get(block, ())


def command_of(scene: Scene, name: str, values: Mapping[str, str]) -> Command:
    """Return what a press asks for.

    Raises:
        Refused: ``too_few_words`` and others that name what is missing.
    """
    said = values.get("words", "").strip()
    if name.startswith("edit/"):
        keys = fields_of(scene, name.removeprefix("edit/"))
        wanted = posted(keys, values)
        return c.AmendRequest(
            {k: v for k, v in wanted.items() if v != values.get(f"seen.{k}", "")}
        )
    match name:
        case "close":
            return c.ConfirmClosing()
        case "not-solved":
            if len(said.split()) < FEWEST_WORDS:
                raise Refused("too_few_words", {"fewest": FEWEST_WORDS})
            return c.RefuseClosing(said)
        case "other-date":
            return c.AskOtherDate(_needed(said))
        case "cancel":
            return c.CancelAssistance(_needed(said))
        case _:
            block = values.get("block", "")
            if block in BLOCKS:
                about = scene.t("mistake.about", block=scene.t(f"block.{block}"))
                return c.AddMessage(f"{about}\n\n{_needed(said)}")
            return c.AddMessage(_needed(said))


def _needed(said: str) -> str:
    if not said:
        raise Refused("too_few_words", {"fewest": 1})
    return said


def refused(scene: Scene, refusal: Refused, values: Mapping[str, str]) -> Given:
    """Return what was posted with what is wrong beside it; nothing is lost (X10)."""
    if refusal.code == "bad_answers":
        problems = refusal.facts.get("problems")
        found = problems if isinstance(problems, Mapping) else {}
        wrong = {
            key: problem_words(Problem(each["code"], each["facts"]), scene.words)
            for key, each in found.items()
        }
        return Given(values, wrong)
    if refusal.code == "too_few_words":
        count = refusal.facts.get("fewest")
        return Given(values, {"words": scene.t("wrong.words", count=count)})
    return Given(values, problem=why_not(scene, refusal))


def why_not(scene: Scene, refusal: Refused) -> str:
    """Return why a rule says no, in the words of mails."""
    return refusal_sentence(
        scene.words, refusal.code, refusal.facts, scene.it.zone_name
    )
