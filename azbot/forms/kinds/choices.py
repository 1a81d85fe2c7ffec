"""Answers taken from a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from azbot.forms.folding import clean_line, fold
from azbot.forms.kinds.answers import Accepted, Context, Option, Problem, Raw, as_text

OTHER = "other:"
"""Starts the value of an answer that is not in the list: ``other:Ballu``."""

_LONGEST_OTHER = 120


def other_words(value: str) -> str | None:
    """Return the words of an answer outside the list, None for a listed one."""
    return value.removeprefix(OTHER) if value.startswith(OTHER) else None


def find_option(text: str, options: tuple[Option, ...]) -> Option | None:
    """Return the option a person means by ``text``, None when unsure.

    Key, name and synonyms are compared without accents and case; then the one
    option whose words stand in the text, longer words before those inside them.
    An option nobody can choose any more is meant by its very key alone.
    """
    if retired := next((o for o in options if o.key == text and not o.is_active), None):
        return retired
    phrase = _phrase(text)
    exact, listed = _index(options)
    if phrase in exact:
        return exact[phrase]
    padded = f" {phrase} "
    met = [(f" {words} ", option) for words, option in listed if f" {words} " in padded]
    # « plus sous garantie » rules out the « sous garantie » inside it.
    meant = {
        option.key: option
        for words, option in met
        if not any(words in longer and words != longer for longer, _ in met)
    }
    return next(iter(meant.values())) if len(meant) == 1 else None


def _phrase(text: str) -> str:
    return " ".join(
        "".join(c if c.isalnum() else " " for c in fold(text[:1000])).split()
    )


@lru_cache(maxsize=64)
def _index(
    options: tuple[Option, ...],
) -> tuple[dict[str, Option], tuple[tuple[str, Option], ...]]:
    exact: dict[str, Option] = {}
    listed: list[tuple[str, Option]] = []
    for option in options:
        if not option.is_active:
            continue
        named = (words for _, words in option.names)
        spoken = (option.name, *named, *option.synonyms)
        for words in {_phrase(option.key), *map(_phrase, spoken)} - {""}:
            exact.setdefault(words, option)
            listed.append((words, option))
    return exact, tuple(sorted(listed, key=lambda entry: (entry[0], entry[1].key)))


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a list, or « Autre (préciser) » with words (R159).

    Attributes:
        catalogue: name of the list an administrator may change.
        starter: the list as delivered.
        has_other: words outside the list are taken, as ``other:…``.
    """

    catalogue: str
    starter: tuple[Option, ...]
    has_other: bool = False
    name: ClassVar[str] = "choice"
    inputmode: ClassVar[str] = "text"

    def options(self, context: Context) -> tuple[Option, ...]:
        """Return the list in force, retired options included."""
        return context.catalogues.get(self.catalogue, self.starter)

    def check(self, raw: Raw, context: Context, /) -> Accepted | Problem:
        """Return the key of the option meant, or ``other:`` and the words."""
        text = as_text(raw)
        if text is None:
            return Problem("unknown_choice")
        return choose(text, self.options(context), has_other=self.has_other)


def choose(
    text: str, options: tuple[Option, ...], *, has_other: bool
) -> Accepted | Problem:
    """Return the option's key, ``other:`` and words, or why neither."""
    words = clean_line(text[:2000])
    given = other_words(words)
    if given is not None:
        words = given.strip()
    if not words:
        return Problem("empty")
    option = find_option(words, options) if given is None else None
    if option is not None:
        return Accepted(option.key)
    if not has_other:
        return Problem("unknown_choice", {"given": words[:80]})
    if len(words) > _LONGEST_OTHER:
        return Problem(
            "too_long", {"longest": str(_LONGEST_OTHER), "length": str(len(words))}
        )
    return Accepted(OTHER + words)


@dataclass(frozen=True, slots=True)
class MultipleChoice:
    """Several lines of a list.

    Attributes:
        catalogue: name of the list an administrator may change.
        starter: the list as delivered.
        fewest: how many must be chosen.
        has_other: words outside the list are taken, as ``other:…``.
    """

    catalogue: str
    starter: tuple[Option, ...]
    fewest: int = 1
    has_other: bool = False
    name: ClassVar[str] = "multiple_choice"
    inputmode: ClassVar[str] = "text"

    def options(self, context: Context) -> tuple[Option, ...]:
        """Return the list in force, retired options included."""
        return context.catalogues.get(self.catalogue, self.starter)

    def check(self, raw: Raw, context: Context, /) -> Accepted | Problem:
        """Return the keys in the list's order, words outside the list last."""
        items = _items(raw)
        if items is None:
            return Problem("unknown_choice")
        options = self.options(context)
        chosen: dict[str, None] = {}
        for item in items:
            outcome = choose(item, options, has_other=self.has_other)
            if isinstance(outcome, Problem):
                return outcome
            chosen[str(outcome.value)] = None
        if len(chosen) < self.fewest:
            code = "empty" if not chosen else "too_few"
            return Problem(code, {"fewest": str(self.fewest)})
        return Accepted(_in_order(chosen, options))


def _items(raw: Raw) -> list[str] | None:
    text = as_text(raw)
    if text is not None:
        pieces = text[:5000].replace(";", ",").replace("\n", ",").split(",")
        return [piece for piece in pieces[:100] if piece.strip()]
    if isinstance(raw, Sequence):
        texts = [as_text(item) for item in raw[:100]]
        kept = [item for item in texts if item is not None and item.strip()]
        return kept if len(kept) == len(texts) else None
    return None


def _in_order(chosen: Iterable[str], options: tuple[Option, ...]) -> tuple[str, ...]:
    rank = {option.key: place for place, option in enumerate(options)}
    return tuple(sorted(chosen, key=lambda key: (rank.get(key, len(rank)), key)))
