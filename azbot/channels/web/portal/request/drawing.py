"""One step of a new request as a page shows it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from azbot.channels.web.form import Question, questions
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.filling import LAST, NOTE, STEPS, Reading, Texts
from azbot.forms.kinds import Context, Lists, Problem
from azbot.forms.places import department_of
from azbot.i18n import formats
from azbot.i18n.answers import answered, problem_words
from azbot.i18n.catalogue import Catalogue
from azbot.store import Person
from azbot.store.request_drafts import RequestFile

STYLES = ("uploads.css", "portal/request.css")
"""The stylesheets of all pages of a request."""


@dataclass(frozen=True, slots=True)
class Block:
    """One part of the recap.

    Attributes:
        step: where it can be changed; 0: nowhere here.
        rows: label and answer, what was answered alone.
    """

    title: str
    step: int
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Attached:
    """One file that will go with the request."""

    blob: str
    name: str
    size: str
    is_proof: bool


def asked(
    step: int,
    texts: Texts,
    reading: Reading,
    words: Catalogue,
    lists: Lists,
    *,
    is_checked: bool,
) -> tuple[Question, ...]:
    """Return the questions of a step.

    Args:
        step: from 1.
        texts: so far.
        reading: of the texts.
        words: the reader's language.
        lists: those an administrator changed, by name.
        is_checked: whether what is not answered yet is told; what cannot be taken
            always is.
    """
    told = {
        key: repair(key, problem, words)
        for key, problem in reading.problems_of(step).items()
        if is_checked or key in texts
    }
    if step == LAST:
        return (_note(texts, words, told.get(NOTE, "")),)
    context = Context(catalogues=lists)
    known = {**texts, **reading.values}
    found = questions(
        ASSISTANCE,
        STEPS[step - 1].fields,
        known,
        words,
        context,
        wrong=told,
        is_own=True,
    )
    return tuple(_own(each, reading, words) for each in found)


def repair(key: str, problem: Problem, words: Catalogue) -> str:
    """Return the sentence that says what to write into a field (C4)."""
    if problem.code == "mandatory":
        return words.t(f"request.missing.{key}")
    return problem_words(problem, words)


def _own(question: Question, reading: Reading, words: Catalogue) -> Question:
    """Return a question as this page puts it: four cards, and where a postcode is."""
    match question.name:
        case "service":
            cards = tuple(
                replace(pick, note=words.t(about)) if about in words else pick
                for pick in question.picks
                for about in (f"request.service.{pick.value}",)
            )
            return replace(question, control="radio", picks=cards, hint="")
        case "postcode":
            return replace(question, hint=place_of(reading) or question.hint)
        case _:
            return question


def place_of(reading: Reading) -> str:
    """Return « 69 – Rhône » for a French postcode, empty for any other."""
    postcode = reading.values.get("postcode")
    if not isinstance(postcode, str) or reading.values.get("country", "FR") != "FR":
        return ""
    found = department_of(postcode)
    return f"{found.code} – {found.name}" if found else ""


def _note(texts: Texts, words: Catalogue, why: str) -> Question:
    return Question(
        NOTE,
        words.t("request.note"),
        "long",
        texts.get(NOTE, ""),
        hint=words.t("request.note.hint"),
        autocomplete="off",
        why=why,
    )


def drawn(asked: tuple[Question, ...]) -> str:
    """Return what a browser would send of untouched questions, as JSON text.

    The page brings it back, so that a field nobody touched in this tab does not undo
    what another tab has changed.
    """
    return json.dumps({q.name: said for q in asked if (said := _said(q))})


def _said(question: Question) -> str:
    # What nobody answered may look chosen: a list shows one of its lines.
    if not question.picks or not question.value:
        return question.value
    chosen = next((pick.value for pick in question.picks if pick.is_chosen), "")
    return (
        chosen + question.other[1] if question.other and question.other[1] else chosen
    )


def recap(
    reading: Reading, person: Person, words: Catalogue, lists: Lists
) -> tuple[Block, ...]:
    """Return everything answered, in blocks (ux.md 7.3)."""
    context = Context(catalogues=lists)
    blocks = [
        Block(
            words.t(f"request.step.{step.key}"),
            number,
            answered(ASSISTANCE, step.fields, reading.values, words, context),
        )
        for number, step in enumerate(STEPS[:-1], 1)
    ]
    who = (
        ("name", person.name),
        ("company", person.company),
        ("email", person.address),
    )
    rows = tuple((words.t(f"request.you.{key}"), said) for key, said in who if said)
    return (*blocks, Block(words.t("request.you"), 0, rows))


def attached(files: tuple[RequestFile, ...], words: Catalogue) -> tuple[Attached, ...]:
    """Return the files of a draft as the page lists them."""
    return tuple(
        Attached(
            each.blob, each.name, formats.size(each.size, words.language), each.is_proof
        )
        for each in files
    )
