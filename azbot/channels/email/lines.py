"""The lines of a text as rules see them: folded, short, with what they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from azbot.channels.email import wordings as w
from azbot.channels.email.charsets import compose_marks
from azbot.channels.email.headers import INVISIBLE

LONGEST_LINE = 400
"""Characters of a line that rules see."""
MOST_LINES = 5_000
"""Lines that rules see; the rest goes with the last of them."""


class Kind(IntEnum):
    """What a line is."""

    NEW = 0
    QUOTE = 1
    FRAME = 2
    """Attribution, header block, separator: introduces a quotation."""
    SIGNATURE = 3
    ANSWER = 4
    """A label of ours, completed by the person inside the quotation."""


def any_of(words: Sequence[str]) -> str:
    """Return a regular expression for any of the words, longest first."""
    return "|".join(re.escape(one) for one in sorted(set(words), key=len, reverse=True))


VERBS = any_of([verb for verbs in w.WRITING_VERBS.values() for verb in verbs])
_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_DEPTH = re.compile(r"(?:\s{0,3}>)+")
_CUT_ADDRESS = re.compile(rf">{{1,2}} ?(?:{VERBS})? ?:\Z")


def fold(line: str) -> str:
    """Return a line as rules see it: short, lower case, plain spaces, no marks."""
    line = compose_marks(INVISIBLE.sub("", line[:LONGEST_LINE]))
    line = line.replace("\u2019", "'").replace("\u02bc", "'").replace("\uff1a", ":")
    return _SPACES.sub(" ", line).strip().lower()


@dataclass(slots=True)
class Page:
    """The lines of a text, beside what rules know of them."""

    lines: list[str]
    folded: list[str]
    depths: list[int]
    kinds: list[Kind] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> Page:
        """Fold the lines of a text; each is new or quoted by its ``>``."""
        lines = text.split("\n")
        folded, depths = [], []
        for line in lines[:MOST_LINES]:
            clean = fold(line)
            # An address cut by a wrap leaves its bracket: "<a@b.fr" and ">:".
            mark = None if _CUT_ADDRESS.match(clean) else _DEPTH.match(clean)
            depths.append(mark[0].count(">") if mark else 0)
            folded.append(clean[mark.end() :].strip() if mark else clean)
        kinds = [Kind.QUOTE if depth else Kind.NEW for depth in depths]
        return cls(lines, folded, depths, kinds)

    def bare(self, at: int) -> str:
        """The line without quotation marks."""
        return re.sub(r"^(?:\s{0,3}>)+ ?", "", self.lines[at])

    def next_filled(self, at: int) -> int:
        """The first line from ``at`` on with words; the number of lines if none."""
        while at < len(self.folded) and not self.folded[at]:
            at += 1
        return at

    def has_new(self, start: int, end: int) -> bool:
        """Whether a filled line in the range is the person's own."""
        return any(
            self.folded[at] and self.kinds[at] in (Kind.NEW, Kind.ANSWER)
            for at in range(start, min(end, len(self.folded)))
        )
