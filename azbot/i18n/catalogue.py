"""Every word shown to people, by key and language.

Keys are stable names (``form.assistance.address.label``), not French sentences, so
that a sentence can be bettered in one place. Each area has its own file,
``azbot/i18n/<language>/<area>.po``: the area is what stands before the first dot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from azbot.errors import AzbotError
from azbot.i18n.po import CatalogueError, read_po

LANGUAGES = ("fr", "en", "es")
"""French first: it is the language of reference."""

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class MissingWords(AzbotError):
    """A catalogue has no words for a key, or a sentence lacks a fact.

    Args:
        key: the catalogue key.
        language: of the catalogue.
        fact: the placeholder without value, empty when the key itself is missing.
    """

    def __init__(self, key: str, language: str, fact: str = "") -> None:
        lack = f"fact {fact} of {key}" if fact else key
        super().__init__(f"no words in {language} for {lack}")
        self.key = key
        self.language = language
        self.fact = fact


def plural_form(language: str, count: int) -> int:
    """Return which form of an entry ``count`` takes: 0 singular, 1 plural.

    French counts zero with one; English and Spanish do not. Source: Unicode CLDR
    plural rules, without the form for round millions.
    """
    many = abs(count) > 1 if language == "fr" else abs(count) != 1
    return int(many)


class Catalogue:
    """The words of one language.

    Attributes:
        language: ``fr``, ``en`` or ``es``.
    """

    def __init__(
        self,
        language: str,
        words: Mapping[str, tuple[str, ...]],
        *,
        fallback: Catalogue | None = None,
        is_strict: bool = False,
    ) -> None:
        """Make a catalogue.

        Args:
            language: its language.
            words: translations by key, several forms for plural entries.
            fallback: asked for keys without words; the French catalogue.
            is_strict: raise instead of falling back; tests use it.
        """
        self.language = language
        self._words = words
        self._fallback = fallback
        self._is_strict = is_strict

    def __contains__(self, key: object) -> bool:
        return key in self._words

    @property
    def keys(self) -> frozenset[str]:
        """Every key with words of its own."""
        return frozenset(self._words)

    def also(self, words: Mapping[str, tuple[str, ...]]) -> Catalogue:
        """Return a catalogue that has these words too; its own come first."""
        return Catalogue(
            self.language,
            {**words, **self._words},
            fallback=self._fallback,
            is_strict=self._is_strict,
        )

    def forms(self, key: str) -> tuple[str, ...]:
        """Return the raw words of a key, placeholders unfilled.

        Raises:
            MissingWords: this language has none.
        """
        if key not in self._words:
            raise MissingWords(key, self.language)
        return self._words[key]

    def t(self, key: str, /, **facts: object) -> str:
        """Return the words of a key with its facts filled in.

        Args:
            key: the catalogue key.
            facts: values of the ``{placeholders}``, already in words (see
                :mod:`azbot.i18n.formats`). ``count``, a number, also chooses the
                plural form.

        Raises:
            MissingWords: a strict catalogue has no such key, or a fact is not
                given. Otherwise French words or, at last, the key stand in, and a
                placeholder without fact is left as it is.
        """
        forms = self._words.get(key)
        if forms is None:
            if self._is_strict:
                raise MissingWords(key, self.language)
            return key if self._fallback is None else self._fallback.t(key, **facts)
        return _PLACEHOLDER.sub(
            lambda found: self._fact(key, found, facts), self._form(key, forms, facts)
        )

    def _form(
        self, key: str, forms: tuple[str, ...], facts: Mapping[str, object]
    ) -> str:
        if len(forms) == 1:
            return forms[0]
        count = facts.get("count")
        if not isinstance(count, int):
            if self._is_strict:
                raise MissingWords(key, self.language, "count")
            return forms[-1]
        return forms[min(plural_form(self.language, count), len(forms) - 1)]

    def _fact(self, key: str, found: re.Match[str], facts: Mapping[str, object]) -> str:
        if found[1] in facts:
            return str(facts[found[1]])
        if self._is_strict:
            raise MissingWords(key, self.language, found[1])
        return found[0]


def placeholders(words: str) -> frozenset[str]:
    """Return the names of the facts a sentence needs."""
    return frozenset(_PLACEHOLDER.findall(words))


@cache
def words_of(language: str) -> Mapping[str, tuple[str, ...]]:
    """Return every translation of a language, read once.

    Raises:
        CatalogueError: a file cannot be read, or holds keys of another area.
    """
    found: dict[str, tuple[str, ...]] = {}
    folder = files("azbot.i18n").joinpath(language)
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".po"):
            continue
        area = file.name.removesuffix(".po")
        name = f"{language}/{file.name}"
        entries = read_po(file.read_text(encoding="utf-8"), name)
        for key in entries:
            if key.partition(".")[0] != area:
                raise CatalogueError(name, 1, f"{key} is not of the area {area}")
        found |= entries
    return MappingProxyType(found)


@cache
def catalogue(language: str) -> Catalogue:
    """Return the catalogue of a language, for production.

    A region is ignored (``fr-CA``); an unknown language gets French.
    """
    short = language.lower().replace("_", "-").partition("-")[0]
    if short not in LANGUAGES or short == "fr":
        return Catalogue("fr", words_of("fr"))
    return Catalogue(short, words_of(short), fallback=catalogue("fr"))


def strict_catalogue(language: str) -> Catalogue:
    """Return a catalogue that raises on anything missing, for tests."""
    return Catalogue(language, words_of(language), is_strict=True)
