"""Questions as HTML fields: those of the forms, and those of any dialog.

A form of ``azbot.forms`` is drawn from its definition: which control, which keypad,
which list. Checking stays with the kinds; here only the shape of HTML is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from azbot.forms.folding import fold
from azbot.forms.form import Field, Form
from azbot.forms.kinds import (
    OTHER,
    Choice,
    Context,
    Country,
    Email,
    LongText,
    MultipleChoice,
    Phone,
    other_words,
)
from azbot.i18n import formats
from azbot.i18n.answers import option_words
from azbot.i18n.catalogue import Catalogue

_OTHER_FIELD = "{key}.other"
_COUNTRY = "form.country."


@dataclass(frozen=True, slots=True)
class Pick:
    """One choice of a field.

    Attributes:
        note: a second line below the words, possibly empty.
    """

    value: str
    words: str
    is_chosen: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One field of an HTML form.

    Attributes:
        name: what is posted.
        control: ``text``, ``email``, ``tel``, ``number``, ``long``, ``select``,
            ``radio``, ``checks``, ``date``, ``time``, ``moment``, ``hidden``.
        other: name and value of the words outside the list; None for a list
            without such words.
        why: what is wrong with the value, possibly empty (X10).
    """

    name: str
    label: str
    control: str = "text"
    value: str = ""
    hint: str = ""
    picks: tuple[Pick, ...] = ()
    other: tuple[str, str] | None = None
    is_required: bool = False
    inputmode: str = ""
    autocomplete: str = ""
    why: str = ""
    lowest: str = ""
    highest: str = ""


def questions(
    form: Form,
    keys: Iterable[str],
    answers: Mapping[str, object],
    words: Catalogue,
    context: Context,
    *,
    wrong: Mapping[str, str] | None = None,
    is_own: bool = False,
) -> tuple[Question, ...]:
    """Return fields of a form as HTML draws them.

    Args:
        form: whose fields.
        keys: which ones, in the order to show.
        answers: what is known: normal forms, or what was posted and refused.
        words: the reader's language.
        context: the lists in force.
        wrong: field key → why its value cannot be taken.
        is_own: the reader answers for themselves: their browser may help. Agents
            write for others.
    """
    found = wrong or {}
    drawn = (
        _question(form, form.fields[key], answers, words, context, found.get(key, ""))
        for key in keys
    )
    if not is_own:
        return tuple(drawn)
    return tuple(
        replace(each, autocomplete=form.fields[each.name].autocomplete or "off")
        for each in drawn
    )


def posted(keys: Iterable[str], given: Mapping[str, str]) -> dict[str, object]:
    """Return the raw answers of a posted form, ``""`` for what was emptied."""
    found: dict[str, object] = {}
    for key in keys:
        if key not in given:
            continue
        value = given[key].strip()
        if value == OTHER:
            other = given.get(_OTHER_FIELD.format(key=key), "").strip()
            value = f"{OTHER}{other}" if other else ""
        found[key] = value
    return found


def _question(
    form: Form,
    field: Field,
    answers: Mapping[str, object],
    words: Catalogue,
    context: Context,
    why: str,
) -> Question:
    key, value = field.key, answers.get(field.key)
    picks, other = _picks(field, value, words, context)
    return Question(
        name=key,
        label=words.t(form.label(key)),
        control=_control(field),
        value=_typed(field, value),
        hint=words.t(form.hint(key)) if field.has_hint else "",
        picks=picks,
        other=other,
        is_required=any(f.key == key for f in form.required(_known(answers))),
        inputmode=field.inputmode if field.inputmode != "text" else "",
        autocomplete="off",
        why=why,
    )


def _known(answers: Mapping[str, object]) -> dict[str, str]:
    return {k: str(v) for k, v in answers.items() if v not in (None, "")}


def _control(field: Field) -> str:
    match field.kind:
        case Choice() | Country():
            return "select"
        case MultipleChoice():
            return "checks"
        case LongText():
            return "long"
        case Phone():
            return "tel"
        case Email():
            return "email"
        case _:
            return "text"


def _typed(field: Field, value: object) -> str:
    if value is None:
        return ""
    if isinstance(field.kind, Phone) and str(value).startswith("+"):
        return formats.phone(str(value))
    return str(value)


def _picks(
    field: Field, value: object, words: Catalogue, context: Context
) -> tuple[tuple[Pick, ...], tuple[str, str] | None]:
    if isinstance(field.kind, Country):
        return _countries(str(value or "FR"), words), None
    if not isinstance(field.kind, Choice | MultipleChoice):
        return (), None
    kind = field.kind
    chosen = set(value) if isinstance(value, tuple | list) else {str(value or "")}
    picks = [
        Pick(
            option.key,
            option_words(kind, option.key, words, context),
            option.key in chosen,
        )
        for option in kind.options(context)
        if option.is_active or option.key in chosen
    ]
    other = other_words(str(value or ""))
    if not kind.has_other:
        return tuple(picks), None
    picks.append(Pick(OTHER, words.t("form.other"), other is not None))
    return tuple(picks), (_OTHER_FIELD.format(key=field.key), other or "")


def _countries(here: str, words: Catalogue) -> tuple[Pick, ...]:
    named = {
        key.removeprefix(_COUNTRY): words.t(key)
        for key in words.keys
        if key.startswith(_COUNTRY)
    }
    named.setdefault(here, here)
    ordered = sorted(named, key=lambda code: (code != "FR", fold(named[code])))
    return tuple(Pick(code, named[code], code == here) for code in ordered)
