"""Days as an agent names them: « semaine », « 25/03 », « >2026-03-01 »."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from typing_extensions import override

from azbot.forms.folding import fold

_NAMES = {
    "hier": "hier yesterday ayer",
    "aujourdhui": "aujourdhui aujourd'hui auj today hoy",
    "demain": "demain tomorrow manana",
    "semaine": "semaine week semana",
    "mois": "mois month mes",
}
_NAMED = {word: name for name, words in _NAMES.items() for word in words.split()}
NAMES = tuple(_NAMES)
"""Days that move with the calendar: a saved view keeps meaning « cette semaine »."""

_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?")
_USUAL = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{2}|\d{4}))?")
_SIGNED = re.compile(r"(<=|>=|<|>|≤|≥)\s*(.+)")
_YEARS = range(2000, 2201)
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """A stretch of days, both ends included; open where an end is None.

    Attributes:
        named: one of ``NAMES``; then both ends are None until ``on`` a day.
    """

    first: date | None = None
    last: date | None = None
    named: str = ""

    @override
    def __str__(self) -> str:
        """Return what ``read_days`` reads back."""
        if self.named:
            return self.named
        if self.first == self.last and self.first is not None:
            return self.first.isoformat()
        first, last = (
            day.isoformat() if day else "" for day in (self.first, self.last)
        )
        return f"{first}..{last}"

    def on(self, today: date) -> Days:
        """Return the days that are meant when it is today."""
        match self.named:
            case "hier":
                return Days(today - _ONE, today - _ONE)
            case "aujourdhui":
                return Days(today, today)
            case "demain":
                return Days(today + _ONE, today + _ONE)
            case "semaine":
                monday = today - timedelta(days=today.weekday())
                return Days(monday, monday + timedelta(days=6))
            case "mois":
                return _month(today.year, today.month)
            case _:
                return self


def read_days(text: str, today: date) -> Days | None:
    """Return the days that somebody wrote; None for what names none.

    A day without its year is the one nearest to today. ``>`` and ``<`` leave the day
    itself out.

    Args:
        text: a name, a day, a month ``2026-03``, ``>day``, ``<=day``, ``day..day``.
        today: on the desk's calendar.
    """
    words = fold(text)
    if name := _NAMED.get(words.replace(" ", "")):
        return Days(named=name)
    if signed := _SIGNED.fullmatch(words):
        return _beyond(signed[1], _stretch(signed[2], today))
    if ".." not in words:
        return _stretch(words, today)
    start, _, end = words.partition("..")
    first, last = _stretch(start, today), _stretch(end, today)
    if (start.strip() and first is None) or (end.strip() and last is None):
        return None
    if first is None and last is None:
        return None
    return Days(first.first if first else None, last.last if last else None)


def _beyond(sign: str, days: Days | None) -> Days | None:
    if days is None or days.first is None or days.last is None:
        return None
    match sign:
        case ">":
            return Days(days.last + _ONE)
        case "<":
            return Days(None, days.first - _ONE)
        case ">=" | "≥":
            return Days(days.first)
        case _:
            return Days(None, days.last)


def _stretch(words: str, today: date) -> Days | None:
    """Return one day, or all days of a month."""
    words = words.strip()
    if name := _NAMED.get(words.replace(" ", "")):
        return Days(named=name).on(today)
    if iso := _ISO.fullmatch(words):
        year, month = int(iso[1]), int(iso[2])
        if iso[3] is not None:
            return _day(year, month, int(iso[3]))
        return _month(year, month) if year in _YEARS and 1 <= month <= 12 else None
    if usual := _USUAL.fullmatch(words):
        day, month = int(usual[1]), int(usual[2])
        if usual[3] is None:
            return _nearest(day, month, today)
        year = int(usual[3])
        return _day(year + 2000 if year < 100 else year, month, day)
    return None


def _nearest(day: int, month: int, today: date) -> Days | None:
    years = (today.year, today.year - 1, today.year + 1)
    found = [days for year in years if (days := _day(year, month, day))]
    return min(found, key=lambda days: abs((days.first or today) - today), default=None)


def _day(year: int, month: int, day: int) -> Days | None:
    if year not in _YEARS:
        return None
    try:
        one = date(year, month, day)
    except ValueError:
        return None
    return Days(one, one)


def _month(year: int, month: int) -> Days:
    first = date(year, month, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Days(first, following - _ONE)
