"""A form in a mail: lines to complete, and the same lines read back (ux.md 9.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from azbot.forms.draft import Draft, accept
from azbot.forms.form import Field, Form
from azbot.forms.kinds import Context, Problem
from azbot.forms.reading import (
    LabelIndex,
    Reading,
    Unread,
    label_index,
    read_lines,
    read_request,
)
from azbot.i18n.answers import answer_words, label_of, problem_words
from azbot.i18n.catalogue import LANGUAGES, Catalogue, catalogue
from azbot.i18n.formats import NBSP

CHANNEL = "email"
"""Fields never asked by this channel are left to their derivation (R157)."""


@dataclass(frozen=True, slots=True)
class Completed:
    """What a reply changed.

    Attributes:
        draft: the answers after the reply.
        changed: keys of the fields it filled or corrected, in form order.
        problems: answers it gave that cannot be taken, with their labels.
    """

    draft: Draft
    changed: tuple[str, ...]
    problems: tuple[Unread, ...]


@cache
def labels_of(form: Form, language: str) -> LabelIndex:
    """Return every label a reply may use, those of ``language`` first."""
    order = (language, *(other for other in LANGUAGES if other != language))
    return label_index(
        form,
        (
            (key, label_of(form, key, catalogue(spoken)))
            for spoken in order
            for key in form.fields
        ),
    )


def missing_fields(form: Form, draft: Draft) -> tuple[Field, ...]:
    """Return the mandatory fields a mail has to ask for, in form order."""
    return tuple(
        field
        for field in form.missing(draft.answers)
        if CHANNEL not in field.never_asked_by and not field.is_automatic
    )


def lines_to_complete(form: Form, draft: Draft, words: Catalogue) -> tuple[str, ...]:
    """Return one line per missing field: « Système : », nothing after it."""
    return tuple(
        _line(label_of(form, field.key, words), "", words)
        for field in missing_fields(form, draft)
    )


def lines_to_correct(
    form: Form,
    draft: Draft,
    words: Catalogue,
    unread: tuple[Unread, ...] = (),
) -> tuple[str, ...]:
    """Return one line per answer to correct: its label and value, then the repair.

    With the value beside the label the line is none of those a reply fills, should
    it come back in a quotation.

    Args:
        form: the form.
        draft: answers that do not fit together are found in it.
        words: the language to speak.
        unread: answers of the last reply that could not be taken.
    """
    problems: dict[str, Problem] = dict(form.problems(draft.answers))
    given = {key: str(draft.answers.get(key, "")) for key in problems}
    for one in unread:
        problems[one.key], given[one.key] = one.problem, one.given
    return tuple(
        _line(
            words.t(
                "form.reply.given",
                label=label_of(form, key, words),
                given=shorten(given[key]),
            ),
            problem_words(problems[key], words),
            words,
        )
        for key in form.fields
        if key in problems
    )


def shorten(given: str, longest: int = 40) -> str:
    """Return one line of what a person gave, cut with an ellipsis."""
    line = " ".join(given.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "\u2026"


def text_to_complete(
    form: Form,
    draft: Draft,
    words: Catalogue,
    unread: tuple[Unread, ...] = (),
) -> str:
    """Return the whole request for answers, empty when nothing is missing.

    A wrong answer stands with its repair; its label is then listed to complete
    with the missing ones, so that the reply has one list to fill.
    """
    wrong = lines_to_correct(form, draft, words, unread)
    open_keys = {one.key for one in unread} | set(form.problems(draft.answers))
    open_keys |= {field.key for field in missing_fields(form, draft)}
    asked = [key for key in form.fields if key in open_keys]
    blocks: list[str] = []
    if wrong:
        blocks.append(
            "\n".join((words.t("form.reply.wrong", count=len(wrong)), *wrong))
        )
    if asked:
        lines = (_line(label_of(form, key, words), "", words) for key in asked)
        title = words.t("form.reply.missing", count=len(asked))
        blocks.append("\n".join((title, *lines)))
    return "\n\n".join(blocks)


def recap(
    form: Form, draft: Draft, words: Catalogue, context: Context | None = None
) -> tuple[tuple[str, str], ...]:
    """Return (label, answer in words) for every answered field that is shown."""
    values = form.values(draft.answers)
    return tuple(
        (
            label_of(form, key, words),
            answer_words(form.fields[key], value, words, context),
        )
        for key, value in values.items()
    )


def _line(label: str, rest: str, words: Catalogue) -> str:
    space = NBSP if words.language == "fr" and not label.endswith("?") else ""
    return f"{label}{space}:{' ' + rest if rest else ''}"


def read_reply(
    text: str,
    form: Form,
    draft: Draft,
    language: str,
    context: Context | None = None,
) -> Completed:
    """Read « Label : value » lines of a reply into the draft.

    Args:
        text: what the person wrote, without quotations.
        form: the form the lines belong to.
        draft: answers so far; a labelled line replaces one (ux.md 9.3, 3).
        language: of the conversation, whose labels count first.
        context: country and zone of the site, lists in force.
    """
    context = context or Context(country=_country(draft))
    reading = read_lines(text, form, labels_of(form, language), context)
    return _fill(form, draft, reading, context)


def read_first_mail(
    text: str,
    form: Form,
    draft: Draft,
    language: str,
    context: Context | None = None,
) -> Completed:
    """Read a free request into the draft: labelled lines, then free text.

    Free text fills what is empty or only prefilled and never replaces a labelled
    answer. Arguments as for :func:`read_reply`.
    """
    context = context or Context(country=_country(draft))
    reading = read_request(text, form, labels_of(form, language), context)
    return _fill(form, draft, reading, context)


def _country(draft: Draft) -> str:
    country = draft.answers.get("country", "FR")
    return country if isinstance(country, str) else "FR"


def _fill(form: Form, draft: Draft, reading: Reading, context: Context) -> Completed:
    filled = draft
    for key, value in reading.answers.items():
        outcome = accept(form, filled, key, _raw(value), context)
        if isinstance(outcome, Draft):
            filled = outcome
    changed = tuple(_changed(form, draft.answers, filled.answers))
    return Completed(filled, changed, reading.problems)


def _raw(value: object) -> str | int | bool | list[str] | dict[str, str]:
    match value:
        case str() | int():
            return value
        case Mapping():
            return {str(key): str(item) for key, item in value.items()}
        case tuple():
            return [str(item) for item in value]
        case _:
            return str(value)


def _changed(
    form: Form, before: Mapping[str, object], after: Mapping[str, object]
) -> Iterator[str]:
    for key in form.fields:
        if key in after and (key not in before or before[key] != after[key]):
            yield key
