"""The real time; everything else is given `now` or a clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

_LONGEST_NAP = timedelta(minutes=1)


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, when: datetime) -> None:
        """Return once ``now() >= when``; at once for a past instant.

        Naps at most a minute at a time: the event loop counts elapsed seconds, and
        those drift from the calendar when the machine sleeps or its clock is set.

        Raises:
            ValueError: ``when`` is naive.
        """
        require_aware(when)
        while (left := when - self.now()) > timedelta(0):  # noqa: ASYNC110 (time it is)
            await asyncio.sleep(min(left, _LONGEST_NAP).total_seconds())


def require_aware(when: datetime) -> None:
    """Refuse an instant without a zone: it means another one on each machine.

    Raises:
        ValueError: ``when`` is naive.
    """
    if when.utcoffset() is None:
        raise ValueError(f"{when!r} has no time zone")


def years_before(now: datetime, years: int) -> datetime:
    """Return the same day so many years earlier."""
    return _in_year(now, now.year - years)


def years_after(at: datetime, years: int) -> datetime:
    """Return the same day so many years later."""
    return _in_year(at, at.year + years)


def _in_year(at: datetime, year: int) -> datetime:
    try:
        return at.replace(year=year)
    except ValueError:
        # The 29th of February has no sister in most years.
        return at.replace(year=year, day=28)
