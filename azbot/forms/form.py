"""A form: fields in sections, with rules, checked when it is built.

A form says nothing in any language: labels, hints and options are catalogue keys,
``form.<form>.<field>.label``. The web draws it, a chat asks it, a mail lists it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from azbot.errors import AzbotError
from azbot.forms.kinds import Kind, Problem, Repeated, Value
from azbot.forms.rules import ALWAYS, NEVER, Answers, Derivation, Never, Rule

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


class FormError(AzbotError):
    """A form is not well made; raised while building it, lists everything."""

    def __init__(self, form: str, faults: tuple[str, ...]) -> None:
        super().__init__(f"form {form}: {'; '.join(faults)}")
        self.form = form
        self.faults = faults


class Source(StrEnum):
    """Where a first value comes from."""

    PROFILE = "profile"
    """What is known of the person who asks."""
    PREVIOUS = "previous"
    """An earlier assistance, when the person wants to start from it (X11)."""
    MISSION = "mission"
    """What the mission says, for the form of a visit."""
    CONSTANT = "constant"
    """The same for everyone; ``name`` is the value."""


@dataclass(frozen=True, slots=True)
class Prefill:
    """One way to fill a field before anybody answers.

    Attributes:
        source: which record.
        name: the entry of that record, or the value itself for a constant.
        only_if: (entry, value) the record must have too, R154: the company of
            the requester goes where the account type says.
    """

    source: Source
    name: str
    only_if: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One question.

    Attributes:
        key: unique in the form, snake_case.
        kind: its validator.
        mandatory: when an answer is needed, provided the field is shown.
        shown: when the field exists at all; looks at earlier fields only, so
            that what is shown never depends on itself.
        prefill: first values, the first that is known wins.
        derived: fills the field from other answers while nobody answered it.
        has_hint: ``form.<form>.<key>.hint`` exists.
        words: stands for ``form.<form>.<key>`` in the catalogue, when set.
        autocomplete: HTML ``autocomplete`` token, possibly empty.
        synonyms: other words for the label in « Label : value » lines, by
            language.
        never_asked_by: channels that leave the field to its derivation (R157).
        is_automatic: written by azbot; shown, never asked.
    """

    key: str
    kind: Kind
    mandatory: Rule = NEVER
    shown: Rule = ALWAYS
    prefill: tuple[Prefill, ...] = ()
    derived: Derivation | None = None
    has_hint: bool = False
    words: str = ""
    autocomplete: str = ""
    synonyms: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    never_asked_by: frozenset[str] = frozenset()
    is_automatic: bool = False

    @property
    def inputmode(self) -> str:
        """HTML ``inputmode``: which keypad a phone opens."""
        return self.kind.inputmode


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under one title, ``form.<form>.section.<key>``."""

    key: str
    fields: tuple[Field, ...]


CrossCheck = Callable[[Answers], Mapping[str, Problem]]
"""Compares answers with each other; problems by the field to correct."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A checked form. There is one of each; two are the same by identity.

    Attributes:
        key: ``assistance``, ``intervention``; names it in the catalogue.
        sections: in the order of the page.
        checks: comparisons between answers.
        version: part of the fingerprint; changes when the meaning of an answer
            does.

    Raises:
        FormError: doubled or misspelt keys, a rule about an unknown or later
            field, an automatic field that is mandatory.
    """

    key: str
    sections: tuple[Section, ...]
    checks: tuple[CrossCheck, ...] = ()
    version: int = 1
    _fields: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        faults = tuple(self._faults())
        if faults:
            raise FormError(self.key, faults)
        found = {field.key: field for field in self._walk()}
        object.__setattr__(self, "_fields", MappingProxyType(found))

    def _walk(self) -> Iterator[Field]:
        for section in self.sections:
            yield from section.fields

    def _faults(self) -> Iterator[str]:
        keys = [field.key for field in self._walk()]
        sections = [section.key for section in self.sections]
        for key in {key for key in keys if keys.count(key) > 1}:
            yield f"{key} is defined twice"
        for key in {key for key in sections if sections.count(key) > 1}:
            yield f"section {key} is defined twice"
        for key in (*keys, *sections):
            if not _KEY.fullmatch(key):
                yield f"{key!r} is not a key"
        earlier: set[str] = set()
        for asked in self._walk():
            for key in sorted(asked.shown.fields - earlier):
                fault = "later" if key in keys else "unknown"
                yield f"{asked.key} is shown by the {fault} field {key}"
            for key in sorted(asked.mandatory.fields - set(keys)):
                yield f"{asked.key} is mandatory by the unknown field {key}"
            if asked.is_automatic and not isinstance(asked.mandatory, Never):
                yield f"{asked.key} is automatic and cannot be mandatory"
            earlier.add(asked.key)

    @property
    def fields(self) -> Mapping[str, Field]:
        """Every field by key, in the order of the form."""
        return self._fields

    def label(self, key: str) -> str:
        """Return the catalogue key of a field's label.

        Args:
            key: of a field, or ``field.part`` inside a repeatable block.
        """
        return f"{self._words(key)}.label"

    def hint(self, key: str) -> str:
        """Return the catalogue key of a field's hint, empty when it has none."""
        return f"{self._words(key)}.hint" if self.fields[key].has_hint else ""

    def _words(self, key: str) -> str:
        asked = self.fields.get(key)
        return (asked.words if asked else "") or f"form.{self.key}.{key}"

    def catalogue_keys(self) -> frozenset[str]:
        """Return every catalogue key the form needs words for."""
        found = {f"form.{self.key}.section.{section.key}" for section in self.sections}
        for asked in self._walk():
            found.add(self.label(asked.key))
            if asked.has_hint:
                found.add(self.hint(asked.key))
            if isinstance(asked.kind, Repeated):
                found |= {
                    self.label(f"{asked.key}.{part.key}") for part in asked.kind.parts
                }
            for option in getattr(asked.kind, "starter", ()):
                if option.label:
                    found.add(option.label)
        return frozenset(found)

    def values(self, answers: Answers) -> dict[str, Value]:
        """Return what the form says: shown fields, derived ones filled.

        Answers of hidden fields are left out, so that they neither show other
        fields nor count for anything.
        """
        shown: dict[str, Value] = {}
        for key, asked in self._fields.items():
            if not asked.shown.holds(shown):
                continue
            if key in answers:
                shown[key] = answers[key]
            elif asked.derived is not None:
                value = asked.derived(answers)
                if value is not None:
                    shown[key] = value
        return shown

    def shown(self, answers: Answers) -> tuple[Field, ...]:
        """Return the fields that exist for these answers, in order."""
        values = self.values(answers)
        return tuple(
            asked for asked in self._fields.values() if asked.shown.holds(values)
        )

    def required(self, answers: Answers) -> tuple[Field, ...]:
        """Return the shown fields that need an answer, answered or not."""
        values = self.values(answers)
        return tuple(
            asked
            for asked in self._fields.values()
            if asked.shown.holds(values) and asked.mandatory.holds(values)
        )

    def missing(self, answers: Answers) -> tuple[Field, ...]:
        """Return the required fields without an answer, in order."""
        values = self.values(answers)
        return tuple(
            asked for asked in self.required(answers) if asked.key not in values
        )

    def problems(self, answers: Answers) -> Mapping[str, Problem]:
        """Return what does not fit together, by the field to correct."""
        values = self.values(answers)
        found: dict[str, Problem] = {}
        for compare in self.checks:
            for key, problem in compare(values).items():
                found.setdefault(key, problem)
        return found
