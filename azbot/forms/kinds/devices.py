"""What stands on a device's label, and the way to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from azbot.forms.folding import clean_line, fold
from azbot.forms.kinds.answers import Accepted, Context, Problem, Raw, as_text
from azbot.forms.kinds.texts import Decimal

_SEPARATORS = re.compile(r"[^0-9A-Za-z]")
_HEXADECIMAL = re.compile(r"[0-9A-F]{12}")
_LABELLED = re.compile(r"^mac\s*[:=]?\s*", re.IGNORECASE)
_SERIAL = re.compile(r"[\w./#:+ ()-]*")
_KILOMETRES = re.compile(r" ?(?:km|kms|kilometres?|kilometers?|kilometros?)\.?$")
_OTHER_UNIT = re.compile(r"[0-9] ?[a-z]")


@dataclass(frozen=True, slots=True)
class Mac:
    """The network address on a device (R161)."""

    name: ClassVar[str] = "mac"
    inputmode: ClassVar[str] = "text"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return ``00:04:A3:1F:52:9C`` for twelve digits in any separators.

        Another form is kept as written, with a warning.
        """
        text = as_text(raw)
        if text is None:
            return Problem("mac_invalid")
        line = clean_line(text[:200])
        if not line:
            return Problem("empty")
        digits = _SEPARATORS.sub("", _LABELLED.sub("", line)).upper()
        if _HEXADECIMAL.fullmatch(digits):
            return Accepted(":".join(digits[i : i + 2] for i in range(0, 12, 2)))
        if len(line) > 40:
            return Problem("mac_invalid")
        return Accepted(line, Problem("mac_unusual", {"given": line}))


@dataclass(frozen=True, slots=True)
class SerialNumber:
    """The serial number on a device."""

    longest: int = 60
    name: ClassVar[str] = "serial_number"
    inputmode: ClassVar[str] = "text"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return the number as written, single spaces."""
        text = as_text(raw)
        if text is None:
            return Problem("serial_invalid")
        line = clean_line(text[:500])
        if not line:
            return Problem("empty")
        if not _SERIAL.fullmatch(line) or not any(c.isalnum() for c in line):
            return Problem("serial_invalid")
        if len(line) > self.longest:
            return Problem(
                "too_long", {"longest": str(self.longest), "length": str(len(line))}
            )
        return Accepted(line)


@dataclass(frozen=True, slots=True)
class Distance:
    """Kilometres, one way (R162). Zero has to be written."""

    highest: int = 2000
    name: ClassVar[str] = "distance"
    inputmode: ClassVar[str] = "decimal"

    def check(self, raw: Raw, context: Context, /) -> Accepted | Problem:
        """Return kilometres in digits with a point, at most one after it."""
        text = as_text(raw)
        if text is None:
            return Problem("not_number")
        line = _KILOMETRES.sub("", fold(text[:200]))
        if _OTHER_UNIT.search(line):
            return Problem("distance_unit")
        return Decimal(0, self.highest, places=1).check(line, context)
