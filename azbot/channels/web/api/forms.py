"""The two forms as data, every label in words."""

from __future__ import annotations

from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from enum import Enum
from typing import Any

from pydantic import JsonValue

from azbot.channels.web.api.operations import (
    Answer,
    Call,
    Operation,
)
from azbot.channels.web.api.shapes import (
    Shape,
)
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.form import Field, Form
from azbot.forms.intervention import INTERVENTION
from azbot.forms.kinds import NO_LISTS, Choice, Context, Lists, MultipleChoice
from azbot.i18n.answers import option_name
from azbot.i18n.catalogue import Catalogue


class OptionOut(Shape):
    """One answer of a list."""

    key: str
    label: str


class PartOut(Shape):
    """One field of a repeatable block.

    Attributes:
        is_mandatory: needed in every block.
    """

    key: str
    label: str
    kind: str
    limits: dict[str, JsonValue]
    options: list[OptionOut]
    inputmode: str
    is_mandatory: bool


class FieldOut(Shape):
    """One question.

    Attributes:
        kind: its validator: ``text``, ``phone``, ``choice``…
        limits: what the validator allows.
        mandatory, shown: conditions over other answers, as data.
        takes_other: words outside the options are taken, as ``other:…``.
        is_automatic: written by azbot, never asked.
    """

    key: str
    kind: str
    label: str
    hint: str
    mandatory: dict[str, JsonValue]
    shown: dict[str, JsonValue]
    limits: dict[str, JsonValue]
    options: list[OptionOut]
    takes_other: bool
    parts: list[PartOut]
    inputmode: str
    autocomplete: str
    is_automatic: bool


class SectionOut(Shape):
    """Questions under one title."""

    key: str
    title: str
    fields: list[FieldOut]


class FormOut(Shape):
    """A form definition, in the language asked for."""

    key: str
    version: int
    sections: list[SectionOut]


async def read_request_form(call: Call) -> Answer:
    """Return the form of a request."""
    return Answer(form_out(ASSISTANCE, call.words, call.deps.desk.rules.lists))


async def read_intervention_form(call: Call) -> Answer:
    """Return the form of a visit."""
    return Answer(form_out(INTERVENTION, call.words, call.deps.desk.rules.lists))


def form_out(form: Form, words: Catalogue, lists: Lists = NO_LISTS) -> FormOut:
    """Return a form as data, every label in words.

    Args:
        form: the form.
        words: the language to speak.
        lists: those an administrator changed.
    """
    context = Context(catalogues=lists)
    return FormOut(
        key=form.key,
        version=form.version,
        sections=[
            SectionOut(
                key=section.key,
                title=words.t(f"form.{form.key}.section.{section.key}"),
                fields=[
                    _field(form, field, words, context) for field in section.fields
                ],
            )
            for section in form.sections
        ],
    )


def _field(form: Form, field: Field, words: Catalogue, context: Context) -> FieldOut:
    hint = words.t(f"form.{form.key}.{field.key}.hint") if field.has_hint else ""
    return FieldOut(
        key=field.key,
        kind=field.kind.name,
        label=words.t(form.label(field.key)),
        hint=hint,
        mandatory=_rule(field.mandatory),
        shown=_rule(field.shown),
        limits=_limits(field.kind),
        options=_options(field.kind, words, context),
        takes_other=bool(getattr(field.kind, "has_other", False)),
        parts=[
            PartOut(
                key=part.key,
                label=words.t(form.label(f"{field.key}.{part.key}")),
                kind=part.kind.name,
                limits=_limits(part.kind),
                options=_options(part.kind, words, context),
                inputmode=part.kind.inputmode,
                is_mandatory=part.is_mandatory,
            )
            for part in getattr(field.kind, "parts", ())
        ],
        inputmode=field.inputmode,
        autocomplete=field.autocomplete,
        is_automatic=field.is_automatic,
    )


def _rule(rule: Any) -> dict[str, JsonValue]:
    """Return a condition as data: its name and what it looks at."""
    found: dict[str, JsonValue] = {"rule": type(rule).__name__.lower()}
    for each in fields_of(rule):
        found[each.name] = _operand(getattr(rule, each.name))
    return found


def _operand(value: Any) -> JsonValue:
    if isinstance(value, tuple):
        return [_operand(each) for each in value]
    return _rule(value) if is_dataclass(value) else value


def _limits(kind: Any) -> dict[str, JsonValue]:
    """Return the plain settings of a validator: lengths and bounds."""
    found: dict[str, JsonValue] = {}
    for each in fields_of(kind) if is_dataclass(kind) else ():
        value = getattr(kind, each.name)
        if isinstance(value, bool | int | str) and not isinstance(value, Enum):
            found[each.name] = value
    return found


def _options(kind: Any, words: Catalogue, context: Context) -> list[OptionOut]:
    if not isinstance(kind, Choice | MultipleChoice):
        return []
    return [
        OptionOut(key=option.key, label=option_name(option, words))
        for option in kind.options(context)
        if option.is_active
    ]


FORM_OPERATIONS = (
    Operation(
        "getRequestForm", "GET", "/forms/request", "Read the form of a request.",
        "Service",
        reads=read_request_form, answer=FormOut,
    ),
    Operation(
        "getInterventionForm", "GET", "/forms/intervention",
        "Read the form of a visit.", "Service",
        reads=read_intervention_form, answer=FormOut,
    ),
)  # fmt: skip
