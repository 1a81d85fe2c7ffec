"""Words of one person taken out of words of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from azbot.forms.folding import unaccented
from azbot.workflow.anonymous import GONE

Redact = Callable[[str], str]

_SHORTEST = 4
"""Characters: of what is shorter nobody is recognised, and much else is hit."""


def redactor(
    names: Iterable[str],
    addresses: Iterable[str],
    phones: Iterable[str],
    *,
    is_broad: bool,
) -> tuple[Redact, Callable[[str], bool]]:
    """Return what replaces every mention, and what tells whether there is one.

    Addresses are found in any case, telephone numbers however they are grouped, with
    ``+33`` or ``0`` before them, names of two words or more either way round, with and
    without accents.

    Args:
        names: whole ones, ``Sophie Martin``. One word alone is nobody's.
        addresses: of mail.
        phones: E.164.
        is_broad: names in any case, where they mean this person for sure. Otherwise
            as names are written: whoever called themselves « Service technique » must
            not take these words out of everybody's letters.
    """
    case = "i" if is_broad else "-i"
    patterns = [
        *(f"(?{case}:{_words(name)})" for name in _spellings(names)),
        *(re.escape(address) for address in addresses if "@" in address),
        *(_number(phone) for phone in phones if len(phone) > _SHORTEST),
    ]
    if not patterns:
        return (lambda text: text), (lambda _: False)
    # The longest first: an address may begin like another one.
    found = re.compile(
        "|".join(sorted(set(patterns), key=len, reverse=True)), re.IGNORECASE
    )
    return (lambda text: found.sub(GONE, text)), (
        lambda text: found.search(text) is not None
    )


def _spellings(names: Iterable[str]) -> Iterable[str]:
    """Yield each name as people write it: Sophie Martin, MARTIN Sophie, Zoe for Zoé."""
    for name in names:
        words = name.split()
        if len(words) < 2 or len(name) < _SHORTEST:
            continue
        for first, last in ((words[:-1], words[-1:]), (words[:1], words[1:])):
            loud = [word.upper() for word in last]
            for order in (
                [*first, *last],
                [*last, *first],
                [*first, *loud],
                [*loud, *first],
            ):
                written = " ".join(order)
                for spelling in (written, written.upper()):
                    yield spelling
                    yield unaccented(spelling)


def _words(name: str) -> str:
    return r"(?<!\w)" + r"\s+".join(map(re.escape, name.split())) + r"(?!\w)"


def _number(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    gap = r"[\s.\-\u00a0\u202f]?"
    if digits.startswith("33"):
        before = rf"(?:(?:\+|00)33{gap}(?:\(0\){gap})?|0)?"
        digits = digits[2:]
    else:
        before = r"(?:\+|00)?"
    # Not the middle of a longer number, nor of the name of a file.
    return rf"(?<![0-9a-f]){before}{gap.join(digits)}(?!\d)"
