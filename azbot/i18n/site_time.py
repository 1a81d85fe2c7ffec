"""Dates as one reader reads them at one moment, on the clocks of a site (R125)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from azbot.i18n import formats


@dataclass(frozen=True, slots=True)
class SiteTime:
    """The clocks of a site; the year is said when it is not the present one.

    Attributes:
        zone: IANA name.
        language: ``fr``, ``en`` or ``es``.
        now: the present, aware.
    """

    zone: str
    language: str
    now: datetime

    def when(self, at: datetime, *, with_zone: bool = False) -> str:
        """Return « jeudi 2 avril à 9 h », perhaps with « (heure de Paris) »."""
        return formats.date_and_hour(
            at,
            self.zone,
            self.language,
            with_year=self._is_other_year(at),
            with_zone=with_zone,
        )

    def day(self, at: datetime) -> str:
        """Return « 2 avril »."""
        there = formats.local(at, self.zone).date()
        short = formats.day_and_month(there, self.language)
        return f"{short} {there.year}" if self._is_other_year(at) else short

    def long_day(self, at: datetime) -> str:
        """Return « jeudi 2 avril »."""
        there = formats.local(at, self.zone).date()
        return formats.long_date(
            there, self.language, with_year=self._is_other_year(at)
        )

    def hour(self, at: datetime) -> str:
        """Return « 9 h »."""
        return formats.hour(formats.local(at, self.zone), self.language)

    def _is_other_year(self, at: datetime) -> bool:
        here = formats.local(self.now, self.zone)
        return formats.local(at, self.zone).year != here.year
