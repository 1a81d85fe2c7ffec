"""Answers of a form, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from azbot.forms.form import Field, Form
from azbot.forms.kinds import (
    CheckPoint,
    Choice,
    Context,
    Country,
    Distance,
    Files,
    Integer,
    Moment,
    MultipleChoice,
    Option,
    Phone,
    Place,
    Problem,
    Repeated,
    TimeOfDay,
    Value,
    YesNo,
    other_words,
)
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue


def label_of(form: Form, key: str, words: Catalogue) -> str:
    """Return a field's label, ``field.part`` inside a repeatable block."""
    return words.t(form.label(key))


def problem_words(problem: Problem, words: Catalogue) -> str:
    """Return the sentence that says how to repair an answer."""
    return words.t(f"error.{problem.code}", **problem.facts)


def option_words(
    kind: Choice | MultipleChoice, value: str, words: Catalogue, context: Context
) -> str:
    """Return the words of one option, or those written outside the list."""
    other = other_words(value)
    if other is not None:
        return other
    for option in (*kind.options(context), *kind.starter):
        if option.key == value:
            return option_name(option, words)
    return value


def option_name(option: Option, words: Catalogue) -> str:
    """Return the words of one option in the language of the catalogue."""
    return option.own_name(words.language) or words.t(option.label)


def answer_words(
    field: Field, value: Value, words: Catalogue, context: Context | None = None
) -> str:
    """Return an answer as it is shown: « Mise en service », « 06 39 98 12 34 ».

    Args:
        field: the question.
        value: its answer, in normal form.
        words: the language to speak.
        context: the site's zone for moments, and the lists in force.
    """
    context = context or Context()
    match field.kind:
        case Choice() as kind if isinstance(value, str):
            return option_words(kind, value, words, context)
        case MultipleChoice() as kind if isinstance(value, tuple):
            chosen = [option_words(kind, str(key), words, context) for key in value]
            return formats.listing(chosen, words.language)
        case CheckPoint() if isinstance(value, Mapping):
            answer = words.t(f"checklist.answer.{value.get('answer')}")
            remark = value.get("remark")
            dash = "\u00a0\u2013 "
            return f"{answer}{dash}{remark}" if remark else answer
        case YesNo() if isinstance(value, bool):
            return words.t("form.yes" if value else "form.no")
        case Files() | Repeated() if isinstance(value, tuple):
            return str(len(value))
        case _:
            return _plain(field, value, words, context)


def answered(
    form: Form,
    keys: Iterable[str],
    values: Mapping[str, Value],
    words: Catalogue,
    context: Context | None = None,
) -> tuple[tuple[str, str], ...]:
    """Return label and answer of those fields that have one, in the order given."""
    return tuple(
        (
            label_of(form, key, words),
            answer_words(form.fields[key], values[key], words, context),
        )
        for key in keys
        if key in values
    )


def _plain(field: Field, value: Value, words: Catalogue, context: Context) -> str:
    language = words.language
    match field.kind:
        case Country():
            return words.t(f"form.country.{value}")
        case Phone():
            return formats.phone(str(value))
        case Place() if isinstance(value, Mapping):
            return f"{value['latitude']}, {value['longitude']}"
        case Integer() if isinstance(value, int):
            return formats.number(value, language)
        case Distance() if isinstance(value, str):
            return formats.distance(value, language)
        case TimeOfDay() if isinstance(value, str):
            return formats.hour(datetime.fromisoformat(f"2000-01-01T{value}"), language)
        case Moment() if isinstance(value, str):
            instant = datetime.fromisoformat(value)
            return formats.date_and_hour(instant, context.zone, language)
        case _:
            return str(value)
