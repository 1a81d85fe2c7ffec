"""Making words fit: subjects, preheaders, lines of plain text.

Templates mark what may give way with :func:`elastic`: a town, a company. A subject
that is too long first shortens those parts in the middle, then drops them, and only
at last loses its own words; the reference at its end always stays.
"""

from __future__ import annotations

import re

LONGEST_SUBJECT = 70
SHORTEST_PREHEADER, LONGEST_PREHEADER = 40, 110
COLUMNS = 72

ELLIPSIS = "\u2026"
_LONGEST_NAME = 200
_SHORTEST_WORD, _SHORTEST_NAME = 12, 9
"""A cut word says little: rather none. A name of several keeps its ends."""

# Private-use characters: facts are cleaned of them before they reach a template.
_OPEN, _BEGIN, _END = "\ue000", "\ue001", "\ue002"
_PART = re.compile(f"{_OPEN}([^{_BEGIN}]*){_BEGIN}([^{_END}]*){_END}")
_SPACES = re.compile("[ \t\n]+")
_BOUNDARY = re.compile(r"[\s\u00a0'\u2019-]+")


def elastic(before: str, value: str) -> str:
    """Mark a part of a subject that may be shortened or left out.

    Args:
        before: what joins it to the words in front, left out with it.
        value: the part; empty gives an empty string.
    """
    return f"{_OPEN}{before}{_BEGIN}{value}{_END}" if value else ""


def fit_subject(text: str, reference: str, limit: int = LONGEST_SUBJECT) -> str:
    """Return the subject with its reference, in at most ``limit`` characters.

    Args:
        text: words with elastic parts, without the reference.
        reference: public reference, empty when there is none.
        limit: characters, reference included.
    """
    end = f" · {reference}" if reference else ""
    return fit(text, limit - len(end)) + end


def fit(text: str, limit: int) -> str:
    """Return ``text`` without marks, in at most ``limit`` characters."""
    excess = len(_plain(text)) - limit
    values = [found[2] for found in _PART.finditer(text)]
    if excess > 0 and values:
        text = _squeezed(text, values, excess)
    plain = _plain(text)
    return plain if len(plain) <= limit else cut(plain, limit)


def _squeezed(text: str, values: list[str], excess: int) -> str:
    rooms = [len(value) for value in values]
    floors = [_floor(value) for value in values]
    while excess > 0:
        spare = [room - floor for room, floor in zip(rooms, floors, strict=True)]
        most = max(spare)
        if most <= 0:
            break
        rooms[spare.index(most)] -= 1
        excess -= 1
    short = map(shorten, values, rooms)
    text = _PART.sub(lambda found: elastic(found[1], next(short)), text)
    while excess > 0 and (found := _last_part(text)):
        excess -= len(found[1]) + len(found[2])
        text = text[: found.start()] + text[found.end() :]
    return text


def _floor(value: str) -> int:
    is_name = _BOUNDARY.search(value)
    return min(len(value), _SHORTEST_NAME if is_name else _SHORTEST_WORD)


def _last_part(text: str) -> re.Match[str] | None:
    parts = list(_PART.finditer(text))
    return parts[-1] if parts else None


def _plain(text: str) -> str:
    return _PART.sub(r"\1\2", text)


def shorten(words: str, limit: int) -> str:
    """Return a name of at most ``limit`` characters, its middle left out.

    Both ends tell names apart: « Établissements…du Rhône ». Whole words are kept
    where that costs little.

    Args:
        words: a town, a company.
        limit: at least 3.
    """
    if len(words) <= limit:
        return words
    room = limit - len(ELLIPSIS)
    whole = _whole_words(words, room) if len(words) < _LONGEST_NAME else None
    if whole is None:
        ahead = (room * 3 + 4) // 5
        whole = ahead, len(words) - (room - ahead)
    end, start = whole
    return f"{words[:end].rstrip()}{ELLIPSIS}{words[start:].lstrip()}"


def _whole_words(words: str, room: int) -> tuple[int, int] | None:
    """Return where the first words end and the last ones start, the longest pair."""
    found = [(m.start(), m.end()) for m in _BOUNDARY.finditer(words)]
    pairs = (
        (end + len(words) - start, end, start)
        for end, _ in found
        for _, start in found
        if end <= start and end + len(words) - start <= room
    )
    kept, end, start = max(pairs, default=(0, 0, 0))
    return (end, start) if kept >= room // 2 else None


def cut(words: str, limit: int) -> str:
    """Return the beginning of a sentence, at most ``limit`` characters."""
    if len(words) <= limit:
        return words
    head = words[: limit - len(ELLIPSIS)]
    space = head.rfind(" ")
    if space > limit // 2:
        head = head[:space]
    return head.rstrip(" ,;:.\u00a0-") + ELLIPSIS


def fit_preheader(text: str, filler: str) -> str:
    """Return 40 to 110 characters that add to the subject.

    Args:
        text: the words of the template, elastic parts allowed.
        filler: what is added when they are too few, at least 40 characters.
    """
    words = fit(text, LONGEST_PREHEADER)
    if len(words) >= SHORTEST_PREHEADER:
        return words
    return cut(f"{words} {filler}".strip(), LONGEST_PREHEADER)


def first_words(text: str, limit: int) -> str:
    """Return the beginning of a longer text on one line."""
    return cut(_SPACES.sub(" ", text[: limit * 4]).strip(), limit)


def beginning(text: str, limit: int) -> str:
    """Return the first lines of a longer text, at most ``limit`` characters."""
    return cut(text, limit) if len(text) > limit else text


def wrap(text: str, columns: int = COLUMNS) -> str:
    """Return the text with no line longer than ``columns`` where words allow.

    A URL, or any word without a space, stays whole. The lines of a list item and
    of a quotation keep their indent. Runs of empty lines become one.
    """
    lines: list[str] = []
    for raw in text.strip("\n").split("\n"):
        # The mark before a signature is « -- » with its space (RFC 3676 §4.3).
        line = raw if raw == "-- " else raw.rstrip()
        if line or (lines and lines[-1]):
            lines += [line] if len(line) <= columns else _folded(line, columns)
    return "\n".join(lines).rstrip() + "\n"


def _folded(line: str, columns: int) -> list[str]:
    lead = "> " if line.startswith("> ") else ""
    indent = lead or ("  " if line.startswith(("- ", "  ")) else "")
    words = line.removeprefix(lead).split(" ")
    lines, current = [], lead + words[0]
    for word in words[1:]:
        if len(current) + 1 + len(word) <= columns:
            current += f" {word}"
        else:
            lines.append(current)
            current = indent + word
    return [*lines, current]
