"""Times of day and moments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from azbot.forms.folding import fold
from azbot.forms.kinds.answers import Accepted, Context, Problem, Raw, as_text

_TIME = re.compile(
    r"(?:a |at |las |a las )?([0-9]{1,2}) ?"
    r"(?:(?:h|hs|heures?|hrs?|hours?|horas?|:|\.) ?([0-5][0-9])?)? ?"
    r"(?:min|mn|h)? ?(am|pm|a\.m\.|p\.m\.)?"
)
_DIGITS_ONLY = re.compile(r"([0-9]{1,2})([0-5][0-9])")
_NAMED = {
    "midi": "12:00", "noon": "12:00", "mediodia": "12:00",
    "minuit": "00:00", "midnight": "00:00", "medianoche": "00:00",
}  # fmt: skip


def read_time(text: str) -> str | None:
    """Return ``HH:MM`` for a time of day as people write it, None otherwise.

    « 13 h 05 », « 13h », ``13:05``, ``1305``, ``1:05 pm``, « midi » are read.
    """
    line = fold(text[:60]).rstrip(" .")
    if line in _NAMED:
        return _NAMED[line]
    digits = _DIGITS_ONLY.fullmatch(line) if len(line) in (3, 4) else None
    if digits:
        return _clock(int(digits[1]), int(digits[2]))
    found = _TIME.fullmatch(line)
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    half = (found[3] or "").replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return _clock(hour, minute)


def _clock(hour: int, minute: int) -> str | None:
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time of the visit's day (R163)."""

    name: ClassVar[str] = "time_of_day"
    inputmode: ClassVar[str] = "numeric"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return ``13:05``."""
        text = as_text(raw)
        if text is None:
            return Problem("time_invalid")
        if not text.strip():
            return Problem("empty")
        time = read_time(text)
        return Problem("time_invalid") if time is None else Accepted(time)


_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[t ]([0-9]{2}):([0-9]{2})"
    r"(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DAY_FIRST = re.compile(
    r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}),? (?:a |at |a las )?(.{1,20})"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and a time of day at the site."""

    name: ClassVar[str] = "moment"
    inputmode: ClassVar[str] = "text"

    def check(self, raw: Raw, context: Context, /) -> Accepted | Problem:
        """Return the instant, UTC, to the minute: ``2026-03-25T12:00Z``.

        ``2026-03-25T13:00`` and ``25/03/2026 13 h`` are read in the context's
        zone. A time skipped by the change to summer time is a problem; of a time
        that occurs twice the first is taken. Dates in words are read by
        :mod:`azbot.i18n.moments` before.
        """
        text = as_text(raw)
        if text is None:
            return Problem("moment_invalid")
        line = fold(text[:80])
        if not line:
            return Problem("empty")
        return _iso(line, context) or _day_first(line, context)


def _iso(line: str, context: Context) -> Accepted | Problem | None:
    found = _ISO.fullmatch(line)
    if not found:
        return None
    try:
        naive = datetime(*(int(found[i]) for i in range(1, 6)))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return Problem("moment_invalid")
    offset = found[6]
    if not offset:
        return local_moment(naive, context.zone)
    if offset != "z":
        sign = -1 if offset[0] == "-" else 1
        minutes = int(offset[1:3]) * 60 + int(offset[-2:])
        if minutes > 16 * 60:
            return Problem("moment_invalid")
        try:
            naive -= sign * timedelta(minutes=minutes)
        except OverflowError:
            return Problem("moment_invalid")
    return Accepted(_stamp(naive.replace(tzinfo=UTC)))


def _day_first(line: str, context: Context) -> Accepted | Problem:
    found = _DAY_FIRST.fullmatch(line)
    time = read_time(found[4]) if found else None
    if not found or time is None:
        return Problem("moment_invalid")
    try:
        naive = datetime(  # noqa: DTZ001 - the zone is put on below
            int(found[3]), int(found[2]), int(found[1]), int(time[:2]), int(time[3:])
        )
    except ValueError:
        return Problem("moment_invalid")
    return local_moment(naive, context.zone)


def local_moment(naive: datetime, zone: str) -> Accepted | Problem:
    """Return the instant of a local time, or ``moment_gap`` when it is skipped.

    Args:
        naive: local date and time, without zone.
        zone: IANA name.
    """
    try:
        local = naive.replace(tzinfo=ZoneInfo(zone))
        instant = local.astimezone(UTC)
        back = instant.astimezone(local.tzinfo).replace(tzinfo=None)
    except (ZoneInfoNotFoundError, OverflowError, ValueError):
        return Problem("moment_invalid")
    if back != naive:
        return Problem("moment_gap", {"time": f"{naive:%H:%M}"})
    return Accepted(_stamp(instant))


def _stamp(instant: datetime) -> str:
    return instant.isoformat(timespec="minutes").replace("+00:00", "Z")
