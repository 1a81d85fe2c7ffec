"""How long something took, as the desk counts: 24 h are one working day.

The same measure as ``WorkingHours.after`` gives for what is due: nights count, days
that are not worked do not. What comes in outside working hours begins at the next
opening; what is done outside them is done at the last closing. A request of Friday
17:00 that is answered on Monday at 9:00 took 16 h.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from azbot.workflow.deadlines import WorkingHours

DAY = 86_400
_EPOCH = date(1970, 1, 1)


class LocalDay(NamedTuple):
    """One day of the desk's zone.

    Attributes are whole numbers so that a database can count with them.
    """

    number: int
    """Days since 1 January 1970, local."""
    before: int
    """Working days between the first day of the table and this one."""
    works: int
    """1 on a working day, else 0."""


class Shift(NamedTuple):
    """How far local clocks are ahead of UTC."""

    until: int
    """Seconds since 1970 at which the next shift begins."""
    ahead: int
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Worktime:
    """Everything needed to measure between two instants of a stretch of time.

    Attributes:
        opens, closes: seconds of the local day.
        days: every local day of the stretch, in order.
        shifts: of the zone, in order; the last one goes on for ever.
    """

    opens: int
    closes: int
    days: tuple[LocalDay, ...]
    shifts: tuple[Shift, ...]
    _starts: tuple[int, ...] = field(repr=False)

    def between(self, begin: datetime, end: datetime) -> int:
        """Return the seconds from one instant to another; never negative.

        Raises:
            IndexError: one of them lies outside the stretch.
        """
        return max(0, self._ending(end) - self._beginning(begin))

    def _beginning(self, at: datetime) -> int:
        day, second = self._local(at)
        if day.works and second < self.closes:
            return day.before * DAY + max(second, self.opens)
        return (day.before + day.works) * DAY + self.opens

    def _ending(self, at: datetime) -> int:
        day, second = self._local(at)
        if day.works and second >= self.opens:
            return day.before * DAY + min(second, self.closes)
        return (day.before - 1) * DAY + self.closes

    def _local(self, at: datetime) -> tuple[LocalDay, int]:
        stamp = int(at.timestamp())
        ahead = self.shifts[bisect_right(self._starts, stamp)].ahead
        number, second = divmod(stamp + ahead, DAY)
        place = number - self.days[0].number
        if place < 0:
            raise IndexError(f"{at} lies before the stretch")
        return self.days[place], second


def worktime(hours: WorkingHours, first: datetime, last: datetime) -> Worktime:
    """Return how time counts from one instant to another.

    Args:
        hours: of the desk.
        first: aware; the stretch begins with its local day.
        last: aware, not earlier; the stretch ends with the day after it.
    """
    shifts = tuple(_shifts(ZoneInfo(hours.zone_name), first, last))
    return Worktime(
        opens=hours.opens.hour * 3600 + hours.opens.minute * 60,
        closes=hours.closes.hour * 3600 + hours.closes.minute * 60,
        days=tuple(_days(hours, first, last)),
        shifts=shifts,
        _starts=tuple(shift.until for shift in shifts[:-1]),
    )


def _days(hours: WorkingHours, first: datetime, last: datetime) -> Iterator[LocalDay]:
    zone = ZoneInfo(hours.zone_name)
    day, end = first.astimezone(zone).date(), last.astimezone(zone).date()
    before = 0
    while day <= end + timedelta(days=1):
        works = int(hours.is_working(day))
        yield LocalDay((day - _EPOCH).days, before, works)
        before += works
        day += timedelta(days=1)


def _shifts(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[Shift]:
    stamp, end = int(first.timestamp()), int(last.timestamp()) + 2 * DAY
    ahead = _ahead(zone, stamp)
    while stamp < end:
        following = stamp + DAY
        if (then := _ahead(zone, following)) != ahead:
            at = _change(zone, stamp, following)
            yield Shift(at, ahead)
            ahead = then
        stamp = following
    yield Shift(2**53, ahead)


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """Return the first second of the later shift; the earlier one holds at ``low``."""
    ahead = _ahead(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _ahead(zone, middle) == ahead else (low, middle)
    return high


def _ahead(zone: ZoneInfo, stamp: int) -> int:
    there = datetime.fromtimestamp(stamp, UTC).astimezone(zone)
    offset = there.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
