"""A half-filled form: what was answered so far, whoever answered it where.

A draft is a value; each step returns a new one. Answers are checked one by one
and compared with each other only when asked, so any order of the same answers
gives the same draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from azbot.errors import NotFound
from azbot.forms.form import Field, Form, Prefill, Source
from azbot.forms.kinds import Accepted, Context, Problem, Raw, Value


@dataclass(frozen=True, slots=True)
class Draft:
    """Answers in normal form.

    Attributes:
        answers: by field key; hidden fields keep their answer here.
        revision: grows with every change; tells two readers apart.
        warnings: answers kept though they look wrong, by field key.
    """

    answers: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    revision: int = 0
    warnings: Mapping[str, Problem] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def __post_init__(self) -> None:
        frozen = {key: freeze(value) for key, value in sorted(self.answers.items())}
        object.__setattr__(self, "answers", MappingProxyType(frozen))
        warnings = dict(sorted(self.warnings.items()))
        object.__setattr__(self, "warnings", MappingProxyType(warnings))


def freeze(value: object) -> Value:
    """Return a copy of a JSON value that nobody can change.

    Raises:
        TypeError: the value is none JSON can carry, a float or ``None``.
    """
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return MappingProxyType({str(k): freeze(v) for k, v in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    raise TypeError(f"{type(value).__name__} is no answer")


def thaw(value: Value) -> object:
    """Return the value in the plain types ``json.dumps`` takes."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [thaw(item) for item in value]
    return value


def accept(
    form: Form, draft: Draft, key: str, raw: Raw, context: Context
) -> Draft | Problem:
    """Return the draft with one more answer, or why the answer cannot be taken.

    The same answer again returns the same draft.

    Raises:
        NotFound: the form has no such field.
    """
    asked = _field(form, key)
    outcome = asked.kind.check(raw, context)
    if isinstance(outcome, Problem):
        return outcome
    return _with(draft, key, outcome)


def _with(draft: Draft, key: str, accepted: Accepted) -> Draft:
    value = freeze(accepted.value)
    warning = accepted.warning
    if key in draft.answers and same(draft.answers[key], value):
        return draft
    warnings = {name: kept for name, kept in draft.warnings.items() if name != key}
    if warning is not None:
        warnings[key] = warning
    return Draft({**draft.answers, key: value}, draft.revision + 1, warnings)


def same(first: Value, second: Value) -> bool:
    """Say whether two answers are equal; True and 1 are not."""
    return type(first) is type(second) and first == second


def withdraw(form: Form, draft: Draft, key: str) -> Draft:
    """Return the draft without the answer of one field.

    Raises:
        NotFound: the form has no such field.
    """
    _field(form, key)
    if key not in draft.answers:
        return draft
    return Draft(
        {name: value for name, value in draft.answers.items() if name != key},
        draft.revision + 1,
        {name: kept for name, kept in draft.warnings.items() if name != key},
    )


def _field(form: Form, key: str) -> Field:
    if key not in form.fields:
        raise NotFound("field", key)
    return form.fields[key]


def merge(base: Draft, mine: Draft, theirs: Draft) -> Draft:
    """Return both people's changes since ``base``, field by field.

    A field only one changed takes that change; where both changed it, ``mine``
    wins, as it was written last (ux.md 8.2). The revision passes both.
    """
    answers: dict[str, Value] = {}
    warnings: dict[str, Problem] = {}
    for key in {*mine.answers, *theirs.answers}:
        source = theirs if _unchanged(base, mine, key) else mine
        if key in source.answers:
            answers[key] = source.answers[key]
            if key in source.warnings:
                warnings[key] = source.warnings[key]
    return Draft(answers, max(mine.revision, theirs.revision) + 1, warnings)


def _unchanged(base: Draft, draft: Draft, key: str) -> bool:
    if key in base.answers and key in draft.answers:
        return same(base.answers[key], draft.answers[key])
    return key not in base.answers and key not in draft.answers


def prefill(
    form: Form,
    records: Mapping[Source, Mapping[str, Value]],
    context: Context,
    draft: Draft | None = None,
) -> Draft:
    """Return a draft with every first value that is known.

    Args:
        form: the form to begin.
        records: what is known, by source; a constant needs none.
        context: for the validators; a record's value that does not pass is left
            out.
        draft: answers already there, never replaced.
    """
    filled = draft or Draft()
    for key, asked in form.fields.items():
        if key in filled.answers:
            continue
        for rule in asked.prefill:
            value = _known(rule, records)
            outcome = None if value is None else asked.kind.check(value, context)
            if isinstance(outcome, Accepted):
                filled = _with(filled, key, outcome)
                break
    return replace(filled, revision=draft.revision if draft else 0)


def _known(
    rule: Prefill, records: Mapping[Source, Mapping[str, Value]]
) -> Value | None:
    if rule.source is Source.CONSTANT:
        return rule.name
    record = records.get(rule.source, {})
    if rule.only_if is not None and record.get(rule.only_if[0]) != rule.only_if[1]:
        return None
    return record.get(rule.name)
