"""Answers made of parts: a signature, repeatable blocks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, TypeGuard

from azbot.forms.folding import clean_line
from azbot.forms.kinds.answers import (
    Accepted,
    Context,
    Kind,
    Problem,
    Raw,
    Value,
)


@dataclass(frozen=True, slots=True)
class Signature:
    """A name and the strokes drawn by hand, or the name typed as a signature.

    Attributes:
        shortest: length of all strokes together, in pixels of the pad (T9).
    """

    shortest: int = 40
    name: ClassVar[str] = "signature"
    inputmode: ClassVar[str] = "text"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return ``{"name", "strokes", "is_typed"}``.

        Strokes are tuples of points, points pairs of whole pixels.
        """
        if not isinstance(raw, Mapping):
            return Problem("signature_invalid")
        name = raw.get("name")
        words = clean_line(name[:500]) if isinstance(name, str) else ""
        if not words or len(words) > 120:
            return Problem("signature_name")
        if raw.get("is_typed") is True:
            return Accepted({"name": words, "strokes": (), "is_typed": True})
        strokes = _strokes(raw.get("strokes"))
        if strokes is None:
            return Problem("signature_invalid")
        if sum(_length(stroke) for stroke in strokes) < self.shortest:
            return Problem("signature_short")
        return Accepted({"name": words, "strokes": strokes, "is_typed": False})


_Stroke = tuple[tuple[int, int], ...]


def _strokes(raw: Raw) -> tuple[_Stroke, ...] | None:
    if not _is_list(raw) or len(raw) > 500:
        return None
    strokes = [_stroke(stroke) for stroke in raw]
    kept = tuple(stroke for stroke in strokes if stroke is not None)
    return kept if len(kept) == len(strokes) and sum(map(len, kept)) <= 20_000 else None


def _stroke(raw: Raw) -> _Stroke | None:
    if not _is_list(raw):
        return None
    points: list[tuple[int, int]] = []
    for point in raw:
        if not _is_list(point) or len(point) != 2:
            return None
        x, y = point
        if isinstance(x, bool) or isinstance(y, bool):
            return None
        if not isinstance(x, int | float) or not isinstance(y, int | float):
            return None
        if not (abs(x) <= 10_000 and abs(y) <= 10_000):
            return None
        points.append((round(x), round(y)))
    return tuple(points)


def _is_list(raw: Raw) -> TypeGuard[Sequence[Raw]]:
    return isinstance(raw, Sequence) and not isinstance(raw, str)


def _length(stroke: _Stroke) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(stroke))


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a repeatable block.

    Attributes:
        key: unique in the block.
        kind: its validator.
        is_mandatory: needed in every block.
    """

    key: str
    kind: Kind
    is_mandatory: bool = False


@dataclass(frozen=True, slots=True)
class Repeated:
    """A block that may be filled several times (R164, R167).

    Attributes:
        parts: the fields of one block.
        fewest: how many blocks are needed when the field is answered.
        most: how many at most.
    """

    parts: tuple[Part, ...]
    fewest: int = 1
    most: int = 50
    name: ClassVar[str] = "repeated"
    inputmode: ClassVar[str] = "text"

    def check(self, raw: Raw, context: Context, /) -> Accepted | Problem:
        """Return a tuple of mappings; empty parts are left out.

        A problem inside a block carries its number and part in ``path``.
        """
        if not _is_list(raw):
            return Problem("blocks_invalid")
        if len(raw) < max(self.fewest, 1):
            return Problem("empty")
        if len(raw) > self.most:
            return Problem("too_many_blocks", {"most": str(self.most)})
        blocks: list[Value] = []
        for place, block in enumerate(raw):
            if not isinstance(block, Mapping):
                return Problem("blocks_invalid", path=(place,))
            outcome = self._block(block, context)
            if isinstance(outcome, Problem):
                return Problem(outcome.code, outcome.facts, (place, *outcome.path))
            blocks.append(outcome)
        return Accepted(tuple(blocks))

    def _block(
        self, raw: Mapping[str, Raw], context: Context
    ) -> dict[str, Value] | Problem:
        known = {part.key for part in self.parts}
        unknown = sorted(str(key) for key in raw if key not in known)
        if unknown:
            return Problem("unknown_field", {"field": unknown[0][:60]})
        block: dict[str, Value] = {}
        for part in self.parts:
            given = raw.get(part.key)
            outcome = (
                Problem("empty") if given is None else part.kind.check(given, context)
            )
            if isinstance(outcome, Accepted):
                block[part.key] = outcome.value
            elif outcome.code != "empty" or part.is_mandatory:
                return Problem(outcome.code, outcome.facts, (part.key, *outcome.path))
        return block or Problem("empty")
