"""The sentences of mails an administrator may replace, and what each must carry.

Sentences, not templates: what stands where, and its HTML, stay azbot's. A sentence
keeps its facts: whoever leaves out ``{when}`` would send mails without a date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from azbot.choices.words import Unfit, one_line
from azbot.errors import Problem
from azbot.i18n.catalogue import Catalogue, catalogue, placeholders, words_of
from azbot.i18n.formats import typographic
from azbot.workflow.decision import NoticeKind

COMMON = "common"
"""The sentences several mails share: greeting, footer, names of buttons."""

_GROUPS = {
    NoticeKind.DESK: "desk_notice",
    NoticeKind.OTHER_DATE: "other_date_asked",
}
"""Kinds whose sentences stand below another name than their own."""

_JOINTS = frozenset(
    {
        "cut", "desk", "field", "in", "line", "link", "preheader", "quoted",
        "sentences", "zone_and_length",
    }
)  # fmt: skip
"""No sentences: what azbot joins words with."""

LONGEST = 600


@cache
def sentences(group: str) -> tuple[str, ...]:
    """Return the catalogue keys of one mail's own sentences, in their order.

    Args:
        group: value of a ``NoticeKind``, or ``COMMON``.
    """
    kinds = {_GROUPS.get(kind, kind.value): kind.value for kind in NoticeKind}
    found: list[str] = []
    for key in words_of("fr"):
        area, _, rest = key.partition(".")
        name, dot, _ = rest.partition(".")
        if area != "mail" or name in _JOINTS:
            continue
        home = kinds.get(name, COMMON) if dot else COMMON
        if home == group:
            found.append(key)
    return tuple(found)


def checked_text(language: str, key: str, forms: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence ready for its catalogue.

    Args:
        language: ``fr``, ``en`` or ``es``.
        key: of the catalogue.
        forms: the words, singular and plural where azbot has both.

    Raises:
        Unfit: it is empty, too long, or its facts in braces are others than
            azbot's; the path is the place of the form, ``0`` or ``1``.
    """
    delivered = words_of(language)[key]
    problems: list[Problem] = []
    kept: list[str] = []
    for place, original in enumerate(delivered):
        words = one_line(forms[place] if place < len(forms) else "").strip()
        if language == "fr":
            words = typographic(words)
        kept.append(words)
        problems += _faults(str(place), words, placeholders(original))
    if problems:
        raise Unfit(problems)
    return tuple(kept)


def _faults(place: str, words: str, wanted: frozenset[str]) -> list[Problem]:
    if not words:
        return [Problem(place, None, "no_words")]
    if len(words) > LONGEST:
        return [Problem(place, None, "words_long", {"longest": str(LONGEST)})]
    given = placeholders(words)
    faults = [
        Problem(place, None, code, {"facts": _in_braces(names)})
        for code, names in (
            ("fact_missing", wanted - given),
            ("fact_unknown", given - wanted),
        )
        if names
    ]
    rest = words
    for name in given:
        rest = rest.replace(f"{{{name}}}", "")
    if not faults and ("{" in rest or "}" in rest):
        faults.append(Problem(place, None, "braces"))
    return faults


def _in_braces(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


Texts = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Language → catalogue key → its forms, for sentences that were replaced."""


def catalogue_with(language: str, texts: Texts) -> Catalogue:
    """Return the catalogue of a language with replaced sentences in it."""
    plain = catalogue(language)
    own = texts.get(plain.language)
    if not own:
        return plain
    words = {**words_of(plain.language), **own}
    fallback = None if plain.language == "fr" else catalogue_with("fr", texts)
    return Catalogue(plain.language, words, fallback=fallback)
