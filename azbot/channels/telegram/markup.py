"""Marked text as Telegram reads it, divided where a reader would (telegram.md §2.9).

A text is read into characters, each with the marks that hold around it, and written
again: whatever was read, what is written is well-formed.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from azbot.messages import whole

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
MOST_MARKS = 100
"""Of one message: UTF-16 units once the marks are read, and marks (telegram.md §5)."""

_PIECE = re.compile(
    r"<(?P<end>/?)(?P<tag>[a-z]+)(?P<more>(?:\s[^<>]*)?)>"
    r"|&(?:lt|gt|amp|quot|\#\d{1,7}|\#x[0-9a-f]{1,6});"
    r"|.",
    re.DOTALL | re.IGNORECASE,
)
_TAGS = {
    "b": "",
    "i": "",
    "u": "",
    "s": "",
    "code": "",
    "pre": "",
    "blockquote": r"( expandable)?",
    "a": r' href="[^"<>]+"',
}
"""The tags we write, and what may stand in each."""

Style = tuple[tuple[int, str], ...]
"""The marks around a character, the outermost first: a number of its own, ``<b>``."""


def units(text: str) -> int:
    """Return how long a text is to Telegram: UTF-16 units."""
    return len(text) + sum(char > "\uffff" for char in text)


@dataclass(frozen=True, slots=True)
class Marked:
    """A marked text, read.

    Attributes:
        text: its characters, without marks.
        styles: the marks around each.
    """

    text: str
    styles: Sequence[Style]

    @property
    def units(self) -> int:
        """How long it is to Telegram."""
        return units(self.text)

    def parts(self, longest: int = LONGEST_TEXT) -> list[str]:
        """Return it as HTML in parts that Telegram takes, none of them blank.

        A part ends at the end of a paragraph, else of a line, else of a word, and
        inside a character of several code points only when that alone is too long.

        Args:
            longest: UTF-16 units of a part.
        """
        found, start = [], 0
        while start < len(self.text):
            end = self._end(start, longest)
            piece = self.text[start:end]
            first = start + len(piece) - len(piece.lstrip())
            last = start + len(piece.rstrip())
            if first < last:
                found.append(self._html(first, last))
            start = end
        return found

    def _end(self, start: int, longest: int) -> int:
        """Return where the part ends that begins here."""
        room, marks, end = longest, set[int](), start
        while end < len(self.text):
            room -= units(self.text[end])
            marks.update(number for number, _ in self.styles[end])
            if room < 0 or len(marks) > MOST_MARKS:
                return self._back(start, max(end, start + 1))
            end += 1
        return end

    def _back(self, start: int, limit: int) -> int:
        """Return the best place to end a part, the last of the best kind."""
        for pattern in ("\n\n", "\n", " "):
            # A paragraph that ends too soon would leave a scrap above a long part.
            least = start + (limit - start) // 2
            place = self.text.rfind(pattern, least, limit + len(pattern) - 1)
            if place > start:
                return min(place + len(pattern), limit)
        for end in range(limit, start, -1):
            if not _is_joined(self.text, end):
                return end
        return limit

    def _html(self, start: int, end: int) -> str:
        written: list[str] = []
        styles: list[Style] = [(), *self.styles[start:end], ()]
        for at, (before, after) in enumerate(pairwise(styles), start):
            shared = 0
            while before[shared : shared + 1] == after[shared : shared + 1] != ():
                shared += 1
            written += [f"</{_name(tag)}>" for _, tag in reversed(before[shared:])]
            written += [tag for _, tag in after[shared:]]
            if at < end:
                written.append(html.escape(self.text[at], quote=False))
        return "".join(written)


def read(source: str) -> Marked:
    """Read a marked text; what is no mark of ours is text."""
    text: list[str] = []
    styles: list[Style] = []
    style: Style = ()
    for number, match in enumerate(_PIECE.finditer(whole(source))):
        name = (match["tag"] or "").lower()
        if name in _TAGS and match["end"]:
            style = _without(style, name)
        elif name in _TAGS and re.fullmatch(_TAGS[name], match["more"]):
            style = (*style, (number, f"<{name}{match['more']}>"))
        else:
            shown = html.unescape(match[0]) if match[0][0] == "&" else match[0]
            text += shown
            styles += [style] * len(shown)
    return Marked("".join(text), styles)


def _without(style: Style, name: str) -> Style:
    """Return what holds after an end; one that nothing began is passed over."""
    for at in range(len(style) - 1, -1, -1):
        if _name(style[at][1]) == name:
            return style[:at]
    return style


def _name(tag: str) -> str:
    return tag.strip("<>").partition(" ")[0]


# --- what a reader takes for one character ------------------------------------------

_JOINER = "\u200d"


def _is_joined(text: str, at: int) -> bool:
    """Whether a character goes on here.

    Source: UAX 29, without the rules for prefixes and for conjuncts of India.
    """
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    return (
        (left, right) == ("\r", "\n")
        or _extends(right)
        or (left == _JOINER and not right.isspace())
        or (_is_flag(right) and _flags_before(text, at) % 2 == 1)
        or _syllable(left) + _syllable(right) in _SYLLABLES
    )


def _extends(char: str) -> bool:
    return (
        char in "\u200c\u200d"
        or unicodedata.category(char) in {"Mn", "Me", "Mc"}
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flags_before(text: str, at: int) -> int:
    count = 0
    while at > count and _is_flag(text[at - count - 1]):
        count += 1
    return count


_SYLLABLES = frozenset({"LL", "LV", "L1", "L2", "1V", "1T", "VV", "VT", "2T", "TT"})
"""Hangul that is one syllable: 1 is written LV, 2 is written LVT."""


def _syllable(char: str) -> str:
    code = ord(char)
    if 0xAC00 <= code <= 0xD7A3:
        return "1" if (code - 0xAC00) % 28 == 0 else "2"
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    return "?"
