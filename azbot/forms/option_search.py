"""Finding the lines of a list inside a text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from azbot.forms.folding import fold
from azbot.forms.kinds import Option

# Names that are also words: taken with their own capitals only.
_COMMON_WORDS = frozenset(
    {"general", "sharp", "carrier", "atlantic", "york", "wolf", "lg", "trane", "bosch"}
)
_MOST_HITS = 200


@dataclass(frozen=True, slots=True)
class OptionHit:
    """One mention of an option.

    Attributes:
        option: None when the words begin several options (« Mitsubishi »).
        words: as written.
        span: [first, after last).
    """

    option: Option | None
    words: str
    span: tuple[int, int]


def find_options(
    folded: str, whole: str, options: tuple[Option, ...]
) -> list[OptionHit]:
    """Return every mention of an option, in the order of the text.

    Args:
        folded: the text through :func:`azbot.forms.folding.fold_in_place`.
        whole: the text as written, of the same length.
        options: the list; longer names win over shorter ones inside them.
    """
    pattern, meanings = _pattern(options)
    hits: list[OptionHit] = []
    if not meanings:
        return hits
    for hit in pattern.finditer(folded):
        words = whole[hit.start() : hit.end()]
        option = meanings[_key(hit[0])]
        if option and hit[0] in _COMMON_WORDS and words != option.name:
            continue
        hits.append(OptionHit(option, words, hit.span()))
        if len(hits) >= _MOST_HITS:
            break
    return hits


def _key(words: str) -> str:
    return re.sub(r"[ -]", " ", words)


@lru_cache(maxsize=64)
def _pattern(
    options: tuple[Option, ...],
) -> tuple[re.Pattern[str], dict[str, Option | None]]:
    meanings: dict[str, Option | None] = {}
    options = tuple(option for option in options if option.is_active)
    firsts = Counter(fold(option.name).split(" ")[0] for option in options)
    for option in options:
        named = (words for _, words in option.names)
        for words in (option.name, *named, *option.synonyms):
            if words:
                meanings.setdefault(_key(fold(words)), option)
        first, *rest = fold(option.name).split(" ")
        if rest and firsts[first] > 1:
            meanings.setdefault(_key(first), None)
    alternatives = "|".join(
        re.escape(words).replace(r"\ ", "[ -]")
        for words in sorted(meanings, key=lambda words: (-len(words), words))
    )
    return re.compile(rf"(?<![\w])(?:{alternatives})(?![\w])"), meanings
