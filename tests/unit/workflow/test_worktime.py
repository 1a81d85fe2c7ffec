from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.workflow.deadlines import WorkingHours
from azbot.workflow.worktime import worktime

PARIS = ZoneInfo("Europe/Paris")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
LAST = datetime(2026, 12, 31, tzinfo=UTC)
HOURS = WorkingHours()
YEAR = worktime(HOURS, FIRST, LAST)


def paris(day: str, hour: str) -> datetime:
    return datetime.fromisoformat(f"2026-{day}T{hour}").replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        (("03-10", "09:00"), ("03-10", "11:30"), 2.5),  # one morning
        (("03-10", "17:00"), ("03-11", "09:00"), 16),  # a night counts
        (("03-13", "17:00"), ("03-16", "09:00"), 16),  # a week-end does not
        (("03-13", "15:00"), ("03-16", "15:00"), 24),  # one working day
        (("03-14", "10:00"), ("03-16", "09:00"), 1),  # begins at the opening
        (("03-10", "22:00"), ("03-11", "08:30"), 0.5),  # so does the evening
        (("03-10", "16:00"), ("03-10", "23:00"), 2),  # done at the closing
        (("03-14", "10:00"), ("03-15", "10:00"), 0),  # both on a week-end
        (("03-27", "17:00"), ("03-30", "09:00"), 16),  # summer time began
        (("04-30", "17:00"), ("05-04", "09:00"), 16),  # the first of May
    ],
)
def test_a_day_of_work_counts_as_24_hours(
    begin: tuple[str, str], end: tuple[str, str], hours: float
) -> None:
    assert YEAR.between(paris(*begin), paris(*end)) == hours * 3600


def test_outside_the_stretch_nothing_is_measured() -> None:
    with pytest.raises(IndexError):
        YEAR.between(FIRST - timedelta(days=2), LAST)
    with pytest.raises(IndexError):
        YEAR.between(FIRST, LAST + timedelta(days=3))


_MINUTES = st.integers(0, 340 * 24 * 60)
_ZONES = st.sampled_from(["Europe/Paris", "Pacific/Noumea", "America/Cayenne", "UTC"])


@given(_MINUTES, st.integers(1, 10), _ZONES)
def test_what_is_due_after_whole_days_took_exactly_those_days(
    minute: int, days: int, zone: str
) -> None:
    hours = WorkingHours(opens=time(9), closes=time(17, 30), zone_name=zone)
    begin = FIRST + timedelta(minutes=minute)
    due = hours.after(begin, timedelta(days=days))
    stretch = worktime(hours, FIRST, LAST + timedelta(days=30))
    assert stretch.between(begin, due) == days * 86_400


@given(_MINUTES, _MINUTES, _MINUTES)
def test_more_time_never_measures_less(one: int, two: int, three: int) -> None:
    begin, end, later = (
        FIRST + timedelta(minutes=m) for m in sorted((one, two, three))
    )
    assert 0 <= YEAR.between(begin, end) <= YEAR.between(begin, later)
    assert YEAR.between(end, later) <= YEAR.between(begin, later)
