"""Lists of the forms as delivered, and what an administrator made of them (R159).

A choice is about one entry of one list: an entry that was never touched stays what
azbot delivers, also when a later version delivers more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from azbot.choices.words import Unfit, one_line
from azbot.errors import Problem
from azbot.forms.folding import fold
from azbot.forms.kinds import Lists, Option
from azbot.forms.lists import EMITTERS, INTEGRATIONS, MAKERS, MODELS, SYSTEMS

STARTERS: Lists = {
    "systems": SYSTEMS,
    "makers": MAKERS,
    "models": MODELS,
    "integrations": INTEGRATIONS,
    "emitters": EMITTERS,
}
"""The lists that may be changed, as delivered."""

_BY_NAME = frozenset({"makers"})
"""Lists a person looks a name up in: they stay in alphabetical order."""

LONGEST_NAME = 80
_MOST_SYNONYMS = 60
_NO_KEY = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list, as an administrator wants it.

    Attributes:
        name: the same in every language; empty keeps the delivered words.
        names: (language, words) where a language has a name of its own.
        synonyms: other words people write for it, any language.
        is_active: False: nobody can choose it any more.
    """

    name: str = ""
    names: tuple[tuple[str, str], ...] = ()
    synonyms: tuple[str, ...] = ()
    is_active: bool = True


def entry_of(option: Option) -> Entry:
    """Return an option as an administrator would have written it."""
    return Entry(option.name, option.names, option.synonyms, option.is_active)


def entry_from(value: Mapping[str, object]) -> Entry:
    """Return the entry of its stored JSON value."""
    names, synonyms = value.get("names"), value.get("synonyms")
    return Entry(
        name=str(value.get("name", "")),
        names=tuple((str(language), str(words)) for language, words in _pairs(names)),
        synonyms=tuple(map(str, synonyms)) if isinstance(synonyms, list) else (),
        is_active=value.get("is_active") is not False,
    )


def _pairs(value: object) -> Iterable[tuple[object, object]]:
    if not isinstance(value, list):
        return ()
    return ((pair[0], pair[1]) for pair in value)


def list_in_force(name: str, entries: Mapping[str, Entry]) -> tuple[Option, ...]:
    """Return a delivered list with the entries an administrator changed or added.

    Args:
        name: of the list, a key of ``STARTERS``.
        entries: by key, oldest first.
    """
    starter = STARTERS[name]
    known = {option.key for option in starter}
    found = [
        _changed(option, entries[option.key]) if option.key in entries else option
        for option in starter
    ]
    found += [
        _changed(Option(key), entry)
        for key, entry in entries.items()
        if key not in known
    ]
    if name in _BY_NAME:
        found.sort(key=lambda option: fold(option.name))
    return tuple(found)


def _changed(option: Option, entry: Entry) -> Option:
    return replace(
        option,
        name=entry.name,
        names=entry.names,
        synonyms=entry.synonyms,
        is_active=entry.is_active,
    )


def new_key(name: str, taken: Collection[str]) -> str:
    """Return a key for a new entry: its name in plain letters, told apart."""
    plain = _NO_KEY.sub("_", fold(name)).strip("_")[:40] or "entry"
    number, key = 1, plain
    while key in taken:
        number += 1
        key = f"{plain}_{number}"
    return key


def checked_entry(entry: Entry, key: str, options: Iterable[Option]) -> Entry:
    """Return an entry with its words in order.

    Args:
        entry: as it was given.
        key: of the entry, empty for a new one.
        options: the list it is part of.

    Raises:
        Unfit: it has no name, words are too long, or mean another entry already.
    """
    before = next((o for o in options if o.key == key), Option(""))
    name = one_line(entry.name)
    names = tuple(
        (language, one_line(words)) for language, words in entry.names if words.strip()
    )
    spoken = [one_line(words) for words in entry.synonyms]
    # Whoever learned the former name goes on writing it.
    spoken += [old for old in (before.name,) if old and fold(old) != fold(name)]
    folded = {fold(words): words for words in reversed(spoken) if words}
    synonyms = tuple(reversed(folded.values()))
    problems = list(_problems(name, names, synonyms, before))
    for other in options:
        if other.key != key and other.is_active and entry.is_active:
            theirs = {fold(words) for words in _words(other)}
            ours = (name, *(words for _, words in names), *synonyms)
            problems += (
                Problem("synonyms" if words in synonyms else "name", None, "taken",
                        {"words": words})
                for words in ours if words and fold(words) in theirs
            )  # fmt: skip
    if problems:
        raise Unfit(problems)
    return Entry(name, names, synonyms, entry.is_active)


def _words(option: Option) -> tuple[str, ...]:
    return (option.name, *(words for _, words in option.names), *option.synonyms)


def _problems(
    name: str,
    names: tuple[tuple[str, str], ...],
    synonyms: tuple[str, ...],
    before: Option,
) -> Iterable[Problem]:
    longest = {"longest": str(LONGEST_NAME)}
    if not name and not before.label:
        yield Problem("name", None, "no_name")
    fields = [("name", name), *((f"name_{language}", w) for language, w in names)]
    fields += [("synonyms", words) for words in synonyms]
    for field, words in fields:
        if len(words) > LONGEST_NAME:
            yield Problem(field, None, "words_long", longest)
    if len(synonyms) > _MOST_SYNONYMS:
        yield Problem("synonyms", None, "many_words", {"most": str(_MOST_SYNONYMS)})
