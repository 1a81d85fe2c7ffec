"""Where: postcode, country, position."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from azbot.forms.folding import clean_line, fold
from azbot.forms.kinds.answers import Accepted, Context, Problem, Raw, as_text
from azbot.forms.places import country_named, department_of

_CEDEX = re.compile(r" cedex(?: [0-9]{1,2})?$")
_FRENCH_PREFIX = re.compile(r"^f(?:r)?[ -]+(?=[0-9])")
_SPACED_FRENCH = re.compile(r"[0-9]{2} ?[0-9]{3}")
_ANY_POSTCODE = re.compile(r"(?=[A-Z -]*[0-9])[A-Z0-9]{1,10}(?:[ -][A-Z0-9]{2,5})?")


@dataclass(frozen=True, slots=True)
class Postcode:
    """A postcode: five digits in France, a few letters and digits elsewhere."""

    name: ClassVar[str] = "postcode"
    inputmode: ClassVar[str] = "numeric"

    def check(self, raw: Raw, context: Context, /) -> Accepted | Problem:
        """Return ``69100``; « F-69 100 » and « 69603 CEDEX » are read.

        With an empty ``context.country`` the postcodes of every country pass;
        :mod:`azbot.forms.assistance` then compares with the country answered.
        """
        text = as_text(raw)
        if text is None:
            return Problem("postcode_invalid")
        line = fold(text[:100])
        if not line:
            return Problem("empty")
        line = _FRENCH_PREFIX.sub("", _CEDEX.sub("", line)).upper()
        if _SPACED_FRENCH.fullmatch(line):
            line = line.replace(" ", "")
        if context.country == "FR":
            problem = french_postcode_problem(line)
            return problem or Accepted(line)
        if not _ANY_POSTCODE.fullmatch(line):
            return Problem("postcode_invalid")
        return Accepted(line)


def french_postcode_problem(postcode: str) -> Problem | None:
    """Say why ``postcode`` is none of France, None when it is one."""
    if not (len(postcode) == 5 and postcode.isascii() and postcode.isdigit()):
        return Problem("postcode_five_digits", {"given": postcode[:20]})
    if department_of(postcode) is None:
        return Problem("postcode_department", {"given": postcode})
    return None


@dataclass(frozen=True, slots=True)
class Country:
    """A country."""

    name: ClassVar[str] = "country"
    inputmode: ClassVar[str] = "text"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return two letters (ISO 3166-1) for a name in fr, en or es."""
        text = as_text(raw)
        if text is None:
            return Problem("country_unknown")
        line = clean_line(text[:200])
        if not line:
            return Problem("empty")
        code = country_named(line)
        if code is None:
            return Problem("country_unknown", {"given": line[:60]})
        return Accepted(code)


_POSITION = re.compile(
    r"([+-]?[0-9]{1,2}(?:\.[0-9]{1,9})?)\s{0,3}[,;]\s{0,3}"
    r"([+-]?[0-9]{1,3}(?:\.[0-9]{1,9})?)"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A position on Earth, as a phone shares it."""

    name: ClassVar[str] = "place"
    inputmode: ClassVar[str] = "text"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return ``{"latitude": "45.764043", "longitude": "4.835659"}``, degrees."""
        if isinstance(raw, Mapping):
            raw = f"{raw.get('latitude')}, {raw.get('longitude')}"
        text = as_text(raw)
        if text is None:
            return Problem("place_invalid")
        line = clean_line(text[:200])
        if not line:
            return Problem("empty")
        found = _POSITION.fullmatch(line)
        if not found:
            return Problem("place_invalid")
        latitude, longitude = float(found[1]), float(found[2])
        if abs(latitude) > 90 or abs(longitude) > 180:
            return Problem("place_invalid")
        return Accepted(
            {
                "latitude": f"{latitude + 0.0:.6f}",
                "longitude": f"{longitude + 0.0:.6f}",
            }
        )
