"""A record of what each page shows, part by part: the sealed half of verification.

While a report is drawn every operator goes through here; ``reading`` makes the same
record from a finished file. Both write numbers and letters in one way, so they can
be compared without knowing the library that wrote the file.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

Place = tuple[str, str, str]
"""Section, field and part (``label``, ``value``, ``photo``…) in words of the report."""

OUTSIDE: Place = ("", "", "outside")
"""What belongs to no part: set-up of the page."""

PAPER: Place = ("", "", "paper")
"""Lines, panels and backgrounds: artifacts, in the words of ISO 32000-1 §14.8.2.2."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one marked sequence shows.

    Attributes:
        place: which field.
        text: its lines, joined by one space, normalised.
        look: digest of every operator, positions and colours included.
        images: digests of the pictures drawn, in order.
    """

    place: Place
    text: str
    look: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageTrace:
    """One page: its parts in drawing order, its links, its size and orientation."""

    parts: tuple[Part, ...]
    links: tuple[str, ...]
    box: str


def normal(text: str) -> str:
    """Return ``text`` as it is compared: NFKC, every run of spaces one space."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def operator(name: str, operands: Iterable[str | float]) -> str:
    """Write one operator the same way wherever it comes from."""
    words = [
        operand if isinstance(operand, str) else f"{float(operand) + 0.0:.2f}"
        for operand in operands
    ]
    return " ".join([*words, name])


def page_box(width: float, height: float, *oddities: str) -> str:
    """Write the size of a page in points, and what is unusual about it."""
    return " ".join([f"{round(width)}x{round(height)}", *oddities])


def look(operators: Iterable[str]) -> str:
    """Return the digest of drawing operators: 16 hexadecimal digits."""
    return hashlib.sha256("\n".join(operators).encode()).hexdigest()[:16]


def image_digest(stream: bytes) -> str:
    """Return the digest of a picture's stream: 32 hexadecimal digits."""
    return hashlib.sha256(stream).hexdigest()[:32]
