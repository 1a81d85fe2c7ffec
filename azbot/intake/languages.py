"""Which language somebody writes, and the labels they may answer under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from azbot.forms.assistance import ASSISTANCE as REQUEST
from azbot.forms.folding import fold
from azbot.forms.reading import LabelIndex, label_index
from azbot.i18n.catalogue import LANGUAGES, catalogue

_WORD = re.compile(r"[a-z]+")
_MARKS = {
    "fr": frozenset(
        [
            "le",
            "la",
            "les",
            "des",
            "une",
            "est",
            "pour",
            "nous",
            "vous",
            "je",
            "avec",
            "dans",
            "sur",
            "bonjour",
            "merci",
            "pas",
            "que",
            "et",
            "il",
            "au",
            "aux",
            "du",
            "ce",
            "cette",
            "notre",
            "votre",
            "suis",
            "avons",
            "mise",
            "panne",
            "chantier",
        ]
    ),
    "en": frozenset(
        [
            "the",
            "and",
            "is",
            "are",
            "we",
            "you",
            "for",
            "with",
            "this",
            "that",
            "hello",
            "hi",
            "please",
            "thanks",
            "our",
            "your",
            "not",
            "have",
            "has",
            "need",
            "does",
            "at",
            "of",
            "it",
            "would",
            "could",
            "site",
        ]
    ),
    "es": frozenset(
        [
            "el",
            "los",
            "las",
            "una",
            "es",
            "para",
            "nosotros",
            "usted",
            "con",
            "en",
            "hola",
            "gracias",
            "por",
            "favor",
            "no",
            "que",
            "y",
            "del",
            "nuestro",
            "su",
            "tenemos",
            "necesitamos",
            "obra",
            "averia",
            "puesta",
            "buenos",
            "dias",
        ]
    ),
}
_READ = 4000
_ALSO = (
    ("town", "Ville"),
    ("town", "Commune"),
    ("town", "City"),
    ("town", "Ciudad"),
    ("postcode", "CP"),
    ("postcode", "Zip"),
    ("phone", "Tél"),
    ("phone", "Tel"),
    ("phone", "Portable"),
    ("phone", "Mobile"),
    ("phone", "Móvil"),
    ("maker", "Marque"),
    ("maker", "Brand"),
    ("maker", "Marca"),
)
"""What people write in place of a label."""


@cache
def labels_of(language: str) -> LabelIndex:
    """Return the labels of the request form, the person's language first."""
    return label_index(REQUEST, _labels(language))


def spoken_language(text: str, default: str = "fr") -> str:
    """Guess the language of a text from its commonest words; unsure: the default."""
    words = _WORD.findall(fold(text[:_READ]))
    counts = {lang: sum(w in marks for w in words) for lang, marks in _MARKS.items()}
    best = max(counts, key=lambda lang: (counts[lang], lang == default))
    runner_up = max(n for lang, n in counts.items() if lang != best)
    return best if counts[best] >= 2 and counts[best] > runner_up else default


def _labels(language: str) -> Iterator[tuple[str, str]]:
    others = [lang for lang in LANGUAGES if lang != language]
    for lang in (language, *others):
        words = catalogue(lang)
        for key in REQUEST.fields:
            yield key, words.t(REQUEST.label(key))
    yield from _ALSO
