"""The language of the search box: ``statut:attente dept:69 sta:"froid rhône" gaine``.

Anything typed is a query: what is not understood is kept and told, never an error.
Conditions of one query must all hold; values of one condition, parted by commas, are
alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from azbot.channels.web.inbox.fields import (
    OPERATORS,
    WHOLE,
    Field,
    codes_of,
    written,
)
from azbot.forms.folding import clean_line, fold

LONGEST = 1_000
"""Characters read of a query."""

_MOST = 40
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_VALUE = r'(?:"[^"]*"?|[^\s,"]+)'
_TOKEN = re.compile(
    rf"(?P<name>[^\W\d_][\w-]+):(?!//)(?P<values>{_VALUE}(?:,{_VALUE}|,)*)"
    r'|"(?P<phrase>[^"]*)"?'
    r"|(?P<word>\S+)"
)
_PART = re.compile(r'"([^"]*)"?|([^\s,"]+)')
_SOME_DAY = date(2026, 1, 1)
_UNFINISHED = re.compile(r"([^\W\d_][\w-]+):")


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter.

    Attributes:
        codes: its alternatives; see ``fields``.
    """

    field: Field
    codes: tuple[str, ...]

    @override
    def __str__(self) -> str:
        """``statut:attente,demandee``."""
        values = (_quoted(written(self.field, code)) for code in self.codes)
        return f"{self.field.value}:{','.join(values)}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """What looks like a filter and is none.

    Attributes:
        name: the field whose value is unknown, or the unknown operator itself.
    """

    name: str
    value: str

    @override
    def __str__(self) -> str:
        return f"{self.name}:{_quoted(self.value) if self.value else ''}"

    @property
    def field(self) -> Field | None:
        """The field, None when the operator is what nobody knows."""
        return OPERATORS.get(fold(self.name))


@dataclass(frozen=True, slots=True)
class Words:
    """Free words, found anywhere in an assistance."""

    text: str

    @override
    def __str__(self) -> str:
        is_plain = [*_pieces(self.text, _SOME_DAY)] == [self]
        return self.text if is_plain else f'"{self.text}"'


Piece = Condition | Unknown | Words


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for, piece by piece, in the order typed."""

    pieces: tuple[Piece, ...] = ()

    @override
    def __str__(self) -> str:
        """Return the text that ``read`` reads as this very query."""
        return " ".join(str(piece) for piece in self.pieces)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The filters."""
        return tuple(p for p in self.pieces if isinstance(p, Condition))

    @property
    def unknown(self) -> tuple[Unknown, ...]:
        """What was not understood."""
        return tuple(p for p in self.pieces if isinstance(p, Unknown))

    @property
    def words(self) -> str:
        """The free words, one space between two."""
        return " ".join(p.text for p in self.pieces if isinstance(p, Words))

    def without(self, *gone: Piece) -> Query:
        """Return the query without these pieces."""
        return Query(tuple(piece for piece in self.pieces if piece not in gone))

    def without_words(self) -> Query:
        """Return the query without its free words."""
        return Query(tuple(p for p in self.pieces if not isinstance(p, Words)))


def read(text: str, today: date) -> Query:
    """Return what a text asks for; total, and ``read(str(query))`` is the query.

    Args:
        text: as typed; beyond ``LONGEST`` characters and 40 pieces it is not read.
        today: on the desk's calendar: « 25/03 » is the nearest one.
    """
    line = clean_line(text[:LONGEST].translate(_QUOTES))
    pieces = list(_pieces(line, today))[:_MOST]
    return Query(tuple(dict.fromkeys(pieces)))


def _pieces(line: str, today: date) -> Iterator[Piece]:
    for token in _TOKEN.finditer(line):
        if token["name"] is not None:
            yield from _named(token["name"], _parts(token["values"]), today)
        elif token["phrase"] is not None:
            if phrase := clean_line(token["phrase"]):
                yield Words(phrase)
        elif (open_ := _UNFINISHED.fullmatch(token["word"])) and _is_operator(open_[1]):
            yield Unknown(open_[1], "")
        else:
            yield Words(token["word"])


def _parts(values: str) -> list[str]:
    found = (clean_line(part[1] or part[2] or "") for part in _PART.finditer(values))
    return [part for part in found if part]


def _is_operator(name: str) -> bool:
    return fold(name) in OPERATORS


def _named(name: str, parts: list[str], today: date) -> Iterator[Piece]:
    field = OPERATORS.get(fold(name))
    if field is None:
        yield Unknown(name, ",".join(parts)) if parts else Words(f"{name}:")
        return
    if not parts:
        yield Unknown(field.value, "")
        return
    if field in WHOLE:
        parts = [" ".join(parts)]
    meant = {part: codes_of(field, part, today) for part in parts}
    codes = dict.fromkeys(code for found in meant.values() for code in found)
    if codes:
        yield Condition(field, tuple(codes))
    for part, found in meant.items():
        if not found:
            yield Unknown(field.value, part)


def _quoted(value: str) -> str:
    return value if re.fullmatch(r'[^\s,"]+', value) else f'"{value}"'
