"""What a validator is given and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Protocol, TypeAlias

Value: TypeAlias = "str | int | bool | tuple[Value, ...] | Mapping[str, Value]"
"""A normalised answer: nothing but what JSON can carry, and never changed."""

Raw: TypeAlias = "str | int | float | bool | Sequence[Raw] | Mapping[str, Raw] | None"
"""An answer as a channel gives it: words of a person, or parsed JSON."""

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer cannot be taken.

    Attributes:
        code: the reason; its sentence is ``error.<code>`` in the catalogue.
        facts: the values the sentence needs.
        path: where inside a repeatable block, ``(0, "maker")``; mostly empty.
    """

    code: str
    facts: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    path: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """An answer in its one normal form.

    Attributes:
        value: what is kept.
        warning: set when the value is kept though it looks wrong (R161).
    """

    value: Value
    warning: Problem | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a list.

    Attributes:
        key: what is kept; lower-case ASCII letters, digits and ``_``.
        name: the words shown, when they are the same in every language (a
            maker's name); empty when the catalogue has them by ``label``.
        label: catalogue key of the words, empty when ``name`` is set.
        synonyms: other words people use, any language.
        names: (language, words) where a language has a name of its own.
        is_active: False: nobody can choose it any more; it is shown where it was.
    """

    key: str
    name: str = ""
    label: str = ""
    synonyms: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    is_active: bool = True

    def own_name(self, language: str) -> str:
        """Return its name in a language, empty when the catalogue has it."""
        return dict(self.names).get(language, self.name)


Lists: TypeAlias = Mapping[str, tuple[Option, ...]]
"""Lists an administrator changed, by name."""

NO_LISTS: Lists = MappingProxyType({})
"""Every list is as delivered."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a validator may know besides the answer; never another answer.

    Attributes:
        country: two letters, for phones and postcodes without prefix; an empty
            string accepts the postcodes of every country.
        zone: IANA name of the site's time zone, for dates without offset.
        now: the present instant, aware; None where the day does not matter.
        catalogues: lists an administrator changed, by name; the starter list of
            the field is used for any other.
    """

    country: str = ""
    zone: str = "Europe/Paris"
    now: datetime | None = None
    catalogues: Lists = field(default_factory=lambda: NO_LISTS)


class Kind(Protocol):
    """One kind of answer: its name, its keyboard and its validator."""

    name: ClassVar[str]
    """``text``, ``phone``…: which control a face draws."""

    inputmode: ClassVar[str]
    """The HTML ``inputmode`` of a typed answer, ``text`` when nothing special."""

    def check(self, raw: Raw, context: Context, /) -> Accepted | Problem:
        """Return the normal form of ``raw`` or say why there is none.

        Total: any text gives one of the two. Checking the value of an
        ``Accepted`` again gives the same value.
        """
        ...


def as_text(raw: Raw) -> str | None:
    """Return what a person could have typed for ``raw``, None for structures."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool) or raw is None:
        return None
    if isinstance(raw, int | float):
        return str(raw)
    return None
