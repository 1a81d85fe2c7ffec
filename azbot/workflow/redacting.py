"""Words of one person taken out of words of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from azbot.forms.folding import fold
from azbot.workflow.anonymous import GONE

Redact = Callable[[str], str]

_SHORTEST = 4
"""Characters: of what is shorter nobody is recognised, and much else is hit."""


def redactor(
    names: Iterable[str], addresses: Iterable[str], phones: Iterable[str]
) -> tuple[Redact, Callable[[str], bool]]:
    """Return what replaces every mention, and what tells whether there is one.

    Case does not matter, nor do accents where all of them are missing; telephone
    numbers are found however they are grouped, with ``+33`` or ``0`` before them.

    Args:
        names: whole ones, ``Sophie Martin``; also found the other way round.
        addresses: of mail.
        phones: E.164.
    """
    patterns = [
        *(_words(name) for name in _names(names)),
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


def _names(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        words = name.split()
        if len(name) < _SHORTEST:
            continue
        for each in (name, " ".join(reversed(words))):
            yield each
            yield fold(each)


def _words(name: str) -> str:
    return r"(?<!\w)" + r"\s+".join(map(re.escape, name.split())) + r"(?!\w)"


def _number(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    national = digits.removeprefix("33")
    spread = r"[\s.\-\u00a0\u202f]?".join(national)
    return rf"(?:\+|00)?(?:33)?[\s.\-\u00a0\u202f]?(?:\(0\))?0?{spread}(?!\d)"
