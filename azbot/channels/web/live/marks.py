"""What a page has been told already, as the text it sends back when it returns.

PostgreSQL gives a row its number when it is written, not when it is committed: number
8 may be visible while 7 is not yet, and 7 comes later. "The greatest number seen" would
lose it. A cursor therefore also names what was missing below: ``8-1`` has seen 8 and
everything before, save 7. Whoever returns with it gets 7, once, from any process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from typing_extensions import override

LOOK_BACK = 64
"""So many numbers are looked for at most: more at once are no transaction of ours."""

_TEXT = re.compile(r"\d{1,18}(-\d{1,4}){0,64}(\.\d{1,18}(-\d{1,4}){0,64})?")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Which numbers of one growing table were seen.

    Attributes:
        last: the greatest one.
        missing: smaller ones that were not there and may still come.
    """

    last: int = 0
    missing: frozenset[int] = frozenset()

    @classmethod
    def behind(cls, newest: Iterable[int]) -> Self:
        """Return the cursor of somebody who has seen exactly these, and all before.

        Args:
            newest: the greatest numbers there are, none left out.
        """
        seen = sorted(newest)
        if not seen:
            return cls()
        gaps = set(range(max(seen[0], seen[-1] - LOOK_BACK), seen[-1])) - set(seen)
        return cls(seen[-1], frozenset(gaps))

    def has(self, number: int) -> bool:
        """Whether it was seen, or is taken for seen."""
        return number <= self.last and number not in self.missing

    def with_seen(self, numbers: Iterable[int]) -> Cursor:
        """Return the cursor after seeing more."""
        seen = set(numbers)
        last = max(self.last, *seen) if seen else self.last
        gaps = range(max(self.last + 1, last - LOOK_BACK), last)
        missing = (self.missing | set(gaps)) - seen
        return Cursor(last, frozenset(n for n in missing if n >= last - LOOK_BACK))

    def settled(self, upto: int) -> Cursor:
        """Return the cursor once nothing can come any more up to a number."""
        return Cursor(self.last, frozenset(n for n in self.missing if n > upto))

    @override
    def __str__(self) -> str:
        return "-".join(
            [str(self.last), *(str(self.last - n) for n in sorted(self.missing))]
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a page has been told: of the histories, and of the signals beside."""

    events: Cursor
    signals: Cursor

    @override
    def __str__(self) -> str:
        """Return ``8-1.45``: what ``read_mark`` reads."""
        return f"{self.events}.{self.signals}"


def read_mark(text: str, now: Mark) -> Mark | None:
    """Return the mark a page sent, None for what never was one.

    Args:
        text: from ``Mark``, or the bare number of an event: everything else is then
            taken for told.
        now: the present mark.
    """
    if not _TEXT.fullmatch(text):
        return None
    events, _, signals = text.partition(".")
    return Mark(_cursor(events), _cursor(signals) if signals else now.signals)


def _cursor(text: str) -> Cursor:
    last, *back = (int(part) for part in text.split("-"))
    return Cursor(last, frozenset(last - n for n in back))
