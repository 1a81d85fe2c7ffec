"""Phones and e-mail addresses."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar

from azbot.forms.folding import clean_line
from azbot.forms.kinds.answers import Accepted, Context, Problem, Raw, as_text

_PHONE_CHARACTERS = re.compile(r"[0-9+ ().\-/\u2010-\u2015\u2212]*")
_TRUNK_ZERO = re.compile(r"\( ?0 ?\)")
_PUNCTUATION = re.compile(r"[^0-9+]")

# What the first digits of a ten-digit French number say of the territory it is
# called in; 0639 is left to the mainland, whose fictional numbers start so.
_OVERSEAS_PREFIXES = {
    "0262": "262", "0269": "262", "0692": "262", "0693": "262",
    "0590": "590", "0690": "590", "0691": "590",
    "0594": "594", "0694": "594", "0596": "596", "0696": "596", "0697": "596",
}  # fmt: skip

# Digits after the country code, where numbers have one length only.
_LENGTHS = {
    "33": 9, "262": 9, "590": 9, "594": 9, "596": 9, "508": 6, "687": 6, "689": 8,
    "34": 9, "377": 8, "352": 9, "351": 9, "41": 9, "32": 9,
}  # fmt: skip
_FLEXIBLE = {"377": (8, 9), "352": (4, 11), "32": (8, 9), "41": (9, 9)}


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number, kept as E.164 (ux.md 5.1)."""

    name: ClassVar[str] = "phone"
    inputmode: ClassVar[str] = "tel"

    def check(self, raw: Raw, context: Context, /) -> Accepted | Problem:
        """Return ``+33639981234``.

        French ten-digit numbers, ``+33``, ``0033``, ``(0)``, overseas prefixes
        and any other international number are read; nine Spanish digits when the
        context's country is ES.
        """
        text = as_text(raw)
        if text is None:
            return Problem("phone_invalid")
        return read_phone(text, context.country or "FR")


def read_phone(text: str, country: str = "FR") -> Accepted | Problem:
    """Return the E.164 form of a number written by a person.

    Args:
        text: the number alone.
        country: where a number without prefix is called, two letters.
    """
    if len(text) > 60:
        return Problem("phone_invalid")
    line = clean_line(unicodedata.normalize("NFKC", text)).removeprefix("tel:")
    if not line:
        return Problem("empty")
    if not _PHONE_CHARACTERS.fullmatch(line):
        return Problem("phone_invalid")
    digits = _PUNCTUATION.sub("", _TRUNK_ZERO.sub("", line))
    if "+" in digits[1:] or not digits.strip("+"):
        return Problem("phone_invalid")
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("+"):
        return _international(digits[1:])
    return _national(digits, country)


def _international(digits: str) -> Accepted | Problem:
    if digits.startswith("0") or not digits:
        return Problem("phone_invalid")
    code = country_code(digits)
    rest = digits[len(code) :]
    if code in _LENGTHS and rest.startswith("0") and len(rest) > _LENGTHS[code]:
        rest = rest[1:]
    if code == "33" and len(rest) == 9:
        overseas = _OVERSEAS_PREFIXES.get("0" + rest[:3])
        code = overseas or code
        if rest.startswith("0"):
            return Problem("phone_invalid")
    expected = _LENGTHS.get(code)
    shortest, longest = _FLEXIBLE.get(
        code, (expected, expected) if expected else (6, 15 - len(code))
    )
    if len(rest) < shortest:
        return Problem("phone_short", {"expected": str(shortest)})
    if len(rest) > longest:
        return Problem("phone_long", {"expected": str(longest)})
    return Accepted(f"+{code}{rest}")


def _national(digits: str, country: str) -> Accepted | Problem:
    if country == "ES":
        if len(digits) == 9 and digits[0] in "6789":
            return Accepted("+34" + digits)
        if not digits.startswith("0"):
            return _wrong_length(digits, 9)
    if digits.startswith("33") and len(digits) == 11:
        return _international(digits)
    if not digits.startswith("0"):
        return _wrong_length(digits, 10)
    if len(digits) != 10:
        return _wrong_length(digits, 10)
    if digits.startswith("0508"):
        return Accepted("+508" + digits[4:])
    code = _OVERSEAS_PREFIXES.get(digits[:4], "33")
    return _international(code + digits[1:])


def _wrong_length(digits: str, expected: int) -> Problem:
    facts = {"expected": str(expected), "given": str(len(digits))}
    if len(digits) < expected:
        return Problem("phone_short", facts)
    if len(digits) > expected:
        return Problem("phone_long", facts)
    return Problem("phone_invalid")


_TWO_DIGIT_CODES = frozenset(
    [
        "20",
        "27",
        "30",
        "31",
        "32",
        "33",
        "34",
        "36",
        "39",
        "40",
        "41",
        "43",
        "44",
        "45",
        "46",
        "47",
        "48",
        "49",
        "51",
        "52",
        "53",
        "54",
        "55",
        "56",
        "57",
        "58",
        "60",
        "61",
        "62",
        "63",
        "64",
        "65",
        "66",
        "81",
        "82",
        "84",
        "86",
        "90",
        "91",
        "92",
        "93",
        "94",
        "95",
        "98",
    ]
)


def country_code(digits: str) -> str:
    """Return the calling code an international number starts with.

    Args:
        digits: without ``+``, at least one digit.

    Source: ITU-T E.164, list of assigned codes.
    """
    if digits[:1] in ("1", "7"):
        return digits[:1]
    return digits[:2] if digits[:2] in _TWO_DIGIT_CODES else digits[:3]


_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_BRACKETED = re.compile(r"[^<>]{0,200}<([^<>]{1,320})>")


@dataclass(frozen=True, slots=True)
class Email:
    """One e-mail address."""

    name: ClassVar[str] = "email"
    inputmode: ClassVar[str] = "email"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return the bare address, its domain in lower case.

        ``mailto:`` and a name before ``<…>`` are taken off.

        Source: RFC 5321 §4.5.3.1 (lengths), RFC 6531 (letters beyond ASCII).
        """
        text = as_text(raw)
        if text is None:
            return Problem("email_invalid")
        line = clean_line(text[:1000])
        bracketed = _BRACKETED.fullmatch(line)
        if bracketed:
            line = bracketed[1].strip()
        if line[:7].lower() == "mailto:":
            line = line[7:]
        return _address(line)


def _address(line: str) -> Accepted | Problem:
    if not line:
        return Problem("empty")
    if "@" not in line:
        return Problem("email_without_at")
    local, _, domain = line.rpartition("@")
    domain = domain.lower().rstrip(".")
    labels = domain.split(".")
    if (
        len(line.encode(errors="replace")) > 254
        or len(local) > 64
        or not _LOCAL.fullmatch(local)
        or not all(_LABEL.fullmatch(label) for label in labels)
        or "_" in domain
    ):
        return Problem("email_invalid")
    if len(labels) < 2 or len(labels[-1]) < 2 or labels[-1].isdigit():
        return Problem("email_domain", {"domain": domain})
    return Accepted(f"{local}@{domain}")
