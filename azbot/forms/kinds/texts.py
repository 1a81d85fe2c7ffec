"""Words, numbers, yes and no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal as Number
from decimal import InvalidOperation
from typing import ClassVar

from azbot.forms.folding import clean_line, clean_lines, fold
from azbot.forms.kinds.answers import (
    Accepted,
    Context,
    Problem,
    Raw,
    Value,
    as_text,
)
from azbot.forms.kinds.files import Files

_INTEGER = re.compile(r"[+-]?[0-9]{1,9}(?:[.,]0{1,6})?")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,9}(?:[.,][0-9]{1,9})?")
_GROUPED = re.compile(r"(?<=[0-9])[ '](?=[0-9]{3}(?![0-9]))")

YES_WORDS = frozenset(
    fold(word)
    for word in [
        "oui",
        "o",
        "yes",
        "y",
        "si",
        "s",
        "vrai",
        "true",
        "verdadero",
        "1",
        "on",
        "x",
        "ok",
    ]
)
NO_WORDS = frozenset(
    fold(word)
    for word in [
        "non",
        "n",
        "no",
        "faux",
        "false",
        "falso",
        "0",
        "off",
        "aucun",
        "aucune",
    ]
)
NOT_APPLICABLE_WORDS = frozenset({
    "sans objet", "so", "s/o", "s.o.", "s.o", "na", "n/a", "n.a.", "n.a",
    "non applicable", "not applicable", "not_applicable", "no aplica", "no procede",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """One line of words.

    Attributes:
        longest: characters.
    """

    longest: int = 255
    name: ClassVar[str] = "text"
    inputmode: ClassVar[str] = "text"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return the line without control characters and doubled spaces."""
        text = as_text(raw)
        if text is None:
            return Problem("not_text")
        return _bounded(clean_line(text[: self.longest * 4 + 100]), self.longest)


@dataclass(frozen=True, slots=True)
class LongText:
    """Several lines of words.

    Attributes:
        longest: characters, line ends included.
    """

    longest: int = 10_000
    name: ClassVar[str] = "long_text"
    inputmode: ClassVar[str] = "text"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return the lines without control characters, LF between them."""
        text = as_text(raw)
        if text is None:
            return Problem("not_text")
        return _bounded(clean_lines(text[: self.longest * 4 + 100]), self.longest)


def _bounded(text: str, longest: int) -> Accepted | Problem:
    if not text:
        return Problem("empty")
    if len(text) > longest:
        return Problem("too_long", {"longest": str(longest), "length": str(len(text))})
    return Accepted(text)


def _number_text(raw: Raw) -> str | None:
    text = as_text(raw)
    if text is None:
        return None
    return _GROUPED.sub("", fold(text[:200]))


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number.

    Attributes:
        lowest: inclusive.
        highest: inclusive.
    """

    lowest: int
    highest: int
    name: ClassVar[str] = "integer"
    inputmode: ClassVar[str] = "numeric"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return an ``int``; grouped digits and a zero fraction are read."""
        text = _number_text(raw)
        if text is None:
            return Problem("not_integer")
        if not text:
            return Problem("empty")
        if not _INTEGER.fullmatch(text):
            code = "not_whole" if _DECIMAL.fullmatch(text) else "not_integer"
            return Problem(code, self._bounds())
        number = int(re.split("[.,]", text)[0])
        if not self.lowest <= number <= self.highest:
            return Problem("out_of_bounds", self._bounds())
        return Accepted(number)

    def _bounds(self) -> Mapping[str, str]:
        return {"lowest": str(self.lowest), "highest": str(self.highest)}


@dataclass(frozen=True, slots=True)
class Decimal:
    """A number with a fraction.

    Attributes:
        lowest: inclusive.
        highest: inclusive.
        places: digits kept after the point; more is a problem, never rounded.
    """

    lowest: int
    highest: int
    places: int = 2
    name: ClassVar[str] = "decimal"
    inputmode: ClassVar[str] = "decimal"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return the number in digits with a point, ``12.5``, no zero at its end."""
        text = _number_text(raw)
        if text is None:
            return Problem("not_number")
        if not text:
            return Problem("empty")
        if not _DECIMAL.fullmatch(text):
            return Problem("not_number")
        try:
            number = Number(text.replace(",", "."))
        except InvalidOperation:
            return Problem("not_number")
        if not self.lowest <= number <= self.highest:
            return Problem(
                "out_of_bounds",
                {"lowest": str(self.lowest), "highest": str(self.highest)},
            )
        if number != round(number, self.places):
            return Problem("too_many_places", {"places": str(self.places)})
        return Accepted(_plain(number))


def _plain(number: Number) -> str:
    digits = f"{abs(number):f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return f"-{digits}" if number < 0 and digits != "0" else digits


@dataclass(frozen=True, slots=True)
class YesNo:
    """A question answered by yes or no."""

    name: ClassVar[str] = "yes_no"
    inputmode: ClassVar[str] = "text"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return a ``bool``; French, English and Spanish words are read."""
        if isinstance(raw, bool):
            return Accepted(raw)
        text = as_text(raw)
        if text is None:
            return Problem("not_yes_no")
        word = fold(text[:200]).rstrip(" .!")
        if not word:
            return Problem("empty")
        if word in YES_WORDS:
            return Accepted(value=True)
        if word in NO_WORDS:
            return Accepted(value=False)
        return Problem("not_yes_no")


@dataclass(frozen=True, slots=True)
class CheckPoint:
    """One point of the checklist: yes, no, not applicable, with a remark (R166).

    « No » needs a few words; a photo is offered.

    Attributes:
        longest: characters of the remark.
        photos: what is taken as photos of the point.
    """

    longest: int = 1000
    photos: Files = field(default_factory=lambda: Files(10))
    name: ClassVar[str] = "check_point"
    inputmode: ClassVar[str] = "text"

    def check(self, raw: Raw, context: Context, /) -> Accepted | Problem:
        """Return ``{"answer": "yes"|"no"|"not_applicable", "remark": …}``.

        A text is the answer, then the remark: « non : le câble manque ». Photos, as
        ``Files`` takes them, stand under ``photos`` when there are any.
        """
        parts = self._parts(raw)
        if parts is None:
            return Problem("not_check_point")
        answer, remark = parts
        if not answer and not remark:
            return Problem("empty")
        if not answer:
            return Problem("not_check_point")
        if len(remark) > self.longest:
            return Problem(
                "too_long",
                {"longest": str(self.longest), "length": str(len(remark))},
            )
        if answer == "no" and not remark:
            return Problem("remark_missing")
        return self._with_photos({"answer": answer, "remark": remark}, raw, context)

    def _with_photos(
        self, value: Mapping[str, Value], raw: Raw, context: Context
    ) -> Accepted | Problem:
        given = raw.get("photos") if isinstance(raw, Mapping) else None
        if not given:
            return Accepted(value)
        taken = self.photos.check(given, context)
        if isinstance(taken, Problem):
            return Problem(taken.code, taken.facts, ("photos",))
        return Accepted({**value, "photos": taken.value})

    def _parts(self, raw: Raw) -> tuple[str, str] | None:
        if isinstance(raw, bool):
            return ("yes" if raw else "no"), ""
        if isinstance(raw, Mapping):
            answer, remark = raw.get("answer"), raw.get("remark", "")
            if isinstance(answer, bool):
                answer = "yes" if answer else "no"
            if not isinstance(answer, str) or not isinstance(remark, str):
                return None
            return _answer_word(answer), clean_lines(remark[: self.longest * 4])
        text = as_text(raw)
        return None if text is None else self._split(text[: self.longest * 4])

    def _split(self, text: str) -> tuple[str, str]:
        whole = _answer_word(text)
        if whole:
            return whole, ""
        first, *rest = re.split(
            r"[\s\u00a0\u202f]*[:,;.\n(\u2013\u2014-]", text, maxsplit=1
        )
        if not rest:
            first, *rest = text.split(None, 1)[:2] or [""]
        answer = _answer_word(first)
        remark = clean_lines(rest[0].strip(" \t):")) if rest else ""
        return (answer, remark) if answer else ("", clean_lines(text))


def _answer_word(text: str) -> str:
    word = fold(text[:200]).rstrip(" .!")
    if word in NOT_APPLICABLE_WORDS:
        return "not_applicable"
    if word in YES_WORDS:
        return "yes"
    return "no" if word in NO_WORDS else ""
