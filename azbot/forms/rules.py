"""When a field is shown or needed: small conditions over the other answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from azbot.forms.kinds import Value

Answers: TypeAlias = Mapping[str, Value]
"""Normal forms by field key."""


class Rule(Protocol):
    """A condition over the answers that are shown."""

    def holds(self, answers: Answers, /) -> bool:
        """Say whether the condition is met; an absent answer meets nothing."""
        ...

    @property
    def fields(self) -> frozenset[str]:
        """The keys the condition looks at."""
        ...


@dataclass(frozen=True, slots=True)
class Always:
    """Met whatever was answered."""

    def holds(self, _answers: Answers, /) -> bool:
        """Return True."""
        return True

    @property
    def fields(self) -> frozenset[str]:
        """No field."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Never:
    """Met by nothing."""

    def holds(self, _answers: Answers, /) -> bool:
        """Return False."""
        return False

    @property
    def fields(self) -> frozenset[str]:
        """No field."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Is:
    """Met when the field has this very answer."""

    field: str
    value: Value

    def holds(self, answers: Answers, /) -> bool:
        """Compare the answer, when there is one."""
        given = answers.get(self.field)
        return type(given) is type(self.value) and given == self.value

    @property
    def fields(self) -> frozenset[str]:
        """The one field."""
        return frozenset({self.field})


@dataclass(frozen=True, slots=True)
class IsNot:
    """Met when the field has another answer, or none."""

    field: str
    value: Value

    def holds(self, answers: Answers, /) -> bool:
        """Compare the answer."""
        return not Is(self.field, self.value).holds(answers)

    @property
    def fields(self) -> frozenset[str]:
        """The one field."""
        return frozenset({self.field})


@dataclass(frozen=True, slots=True)
class IsBefore:
    """Met when both fields are answered and the first text sorts before.

    Meant for times of day, ``HH:MM``.
    """

    first: str
    second: str

    def holds(self, answers: Answers, /) -> bool:
        """Compare the two answers."""
        first, second = answers.get(self.first), answers.get(self.second)
        return isinstance(first, str) and isinstance(second, str) and first < second

    @property
    def fields(self) -> frozenset[str]:
        """Both fields."""
        return frozenset({self.first, self.second})


@dataclass(frozen=True, slots=True)
class Known:
    """Met when the field has any answer."""

    field: str

    def holds(self, answers: Answers, /) -> bool:
        """Look for an answer."""
        return self.field in answers

    @property
    def fields(self) -> frozenset[str]:
        """The one field."""
        return frozenset({self.field})


@dataclass(frozen=True, slots=True)
class AllOf:
    """Met when every one of the rules is."""

    rules: tuple[Rule, ...]

    def holds(self, answers: Answers, /) -> bool:
        """Ask each rule."""
        return all(rule.holds(answers) for rule in self.rules)

    @property
    def fields(self) -> frozenset[str]:
        """The fields of all of them."""
        return frozenset().union(*(rule.fields for rule in self.rules))


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Met when none of the fields has an answer."""

    keys: tuple[str, ...]

    def holds(self, answers: Answers, /) -> bool:
        """Look for an answer."""
        return not any(key in answers for key in self.keys)

    @property
    def fields(self) -> frozenset[str]:
        """All of them."""
        return frozenset(self.keys)


NEVER = Never()
ALWAYS = Always()

Derivation: TypeAlias = "Callable[[Answers], Value | None]"
"""Fills a field from the others: the region from the postcode (R157)."""
