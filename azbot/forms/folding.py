"""Making two spellings of one word comparable.

Accents, case, apostrophes and kinds of space say nothing about what a person
meant when they wrote a label or chose from a list.
"""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = "\u2018\u2019\u02bc\u00b4`\u2032"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"})


class _OneToOne(dict[int, str]):
    """Character table filled as characters are met; keeps every position."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        self[code] = folded
        return folded


def _fold_character(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    if character in _DASHES:
        return "-"
    if character == "\n":
        return character
    if character.isspace():
        return " "
    lowered = unicodedata.normalize("NFKD", character)[:1].lower()
    return lowered if len(lowered) == 1 else character


_TABLE = _OneToOne()


def fold_in_place(text: str) -> str:
    """Return ``text`` without accents and case, every position kept.

    Args:
        text: any text, best NFC, so that one letter is one character.

    Returns:
        a text of the same length: what is found in it at ``[a:b]`` stands at
        ``[a:b]`` in the original too. Line ends stay, other white space becomes
        a space.
    """
    return text.translate(_TABLE)


def fold(text: str) -> str:
    """Return the form that all spellings of one phrase share.

    Accents, case, ligatures, invisible characters, kinds of apostrophe, dash
    and space are evened out; runs of space become one.
    """
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return " ".join(fold_in_place(visible.translate(_LIGATURES)).split())


def unaccented(text: str) -> str:
    """Return a text without its accents, its case as it was: Zoe for Zoé."""
    apart = unicodedata.normalize("NFD", text)
    return "".join(char for char in apart if not unicodedata.combining(char))


def clean_line(text: str) -> str:
    """Return ``text`` as one line: NFC, no control characters, single spaces."""
    return " ".join(_printable(_INVISIBLE.sub("", text)).split())


def clean_lines(text: str) -> str:
    """Return ``text`` with LF line ends, NFC, no control characters.

    Single spaces inside lines, no space at their ends, at most one empty line
    between two others.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = (" ".join(_printable(line).split()) for line in unified.split("\n"))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")


def _printable(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():
        return composed
    return "".join(
        character
        if character.isprintable()
        else " "
        if character.isspace() or unicodedata.category(character) == "Cc"
        else ""
        for character in composed
    )
