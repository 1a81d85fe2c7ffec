"""Which of the three languages a request wants (RFC 9110 §12.5.4)."""

from __future__ import annotations

from azbot.i18n.catalogue import LANGUAGES


def preferred(header: str, default: str = "fr") -> str:
    """Return ``fr``, ``en`` or ``es`` for an Accept-Language header.

    Total: what cannot be read counts for nothing. Regions are ignored
    (``fr-CA``); of equal weights the first one named wins.

    Args:
        header: the header as sent, possibly empty.
        default: for headers that name none of the three.
    """
    best, weight = default, 0.0
    for item in header[:500].split(","):
        name, _, rest = item.partition(";")
        short = name.strip().lower().replace("_", "-").partition("-")[0]
        given = _weight(rest)
        if short == "*":
            short = default
        if short in LANGUAGES and given > weight:
            best, weight = short, given
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
