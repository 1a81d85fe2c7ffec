from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from azbot.workflow import commands as c
from azbot.workflow.deadlines import (
    Rules,
    WorkingHours,
    closes_at,
    easter,
    french_holidays,
    timers,
)
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    FROID,
    RULES,
    STATION,
    SYSTEM,
    VISIT_AT,
    done,
    opening,
    play,
    submitted,
    underway,
)

HOURS = WorkingHours()


def utc(day: str, hour: str = "09:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}:00+00:00")


@pytest.mark.parametrize(
    ("year", "sunday"),
    [
        (1818, "1818-03-22"),
        (1886, "1886-04-25"),
        (2000, "2000-04-23"),
        (2008, "2008-03-23"),
        (2011, "2011-04-24"),
        (2019, "2019-04-21"),
        (2024, "2024-03-31"),
        (2025, "2025-04-20"),
        (2026, "2026-04-05"),
        (2027, "2027-03-28"),
        (2038, "2038-04-25"),
    ],
)
def test_easter_is_where_the_almanac_says(year: int, sunday: str) -> None:
    assert easter(year) == date.fromisoformat(sunday)


def test_easter_is_a_sunday_between_its_two_limits() -> None:
    for year in range(1900, 2200):
        day = easter(year)
        assert day.isoweekday() == 7
        assert date(year, 3, 22) <= day <= date(year, 4, 25)


def test_france_has_eleven_public_holidays() -> None:
    assert sorted(d.isoformat()[5:] for d in french_holidays(2026)) == [
        "01-01", "04-06", "05-01", "05-08", "05-14", "05-25",
        "07-14", "08-15", "11-01", "11-11", "12-25",
    ]  # fmt: skip


def test_two_holidays_on_one_day_count_once() -> None:
    assert len(french_holidays(2008)) == 10  # Ascension on the first of May


@pytest.mark.parametrize(
    ("given", "hours", "expected"),
    [
        # summer time begins on Sunday 29 March 2026
        ("2026-03-27T14:00", 24, "2026-03-30T13:00"),
        # and ends on Sunday 25 October 2026
        ("2026-10-23T13:00", 24, "2026-10-26T14:00"),
        ("2026-03-23T09:00", 24, "2026-03-24T09:00"),
        ("2026-03-23T09:00", 48, "2026-03-25T09:00"),
        # given in the evening: it counts from the next opening
        ("2026-03-23T19:30", 24, "2026-03-25T07:00"),
        # before opening: from this morning's
        ("2026-03-23T02:00", 24, "2026-03-24T07:00"),
        # on a Saturday: from Monday's opening
        ("2026-03-28T10:00", 24, "2026-03-31T06:00"),
        # over Good Friday's weekend: Easter Monday does not count
        ("2026-04-03T08:00", 24, "2026-04-07T08:00"),
        # over the first of May, a Friday
        ("2026-04-30T08:00", 24, "2026-05-04T08:00"),
        # over Christmas and New Year
        ("2026-12-24T09:00", 24 * 5, "2027-01-04T09:00"),
    ],
)
def test_a_delay_counts_working_days_only(
    given: str, hours: int, expected: str
) -> None:
    end = HOURS.after(
        datetime.fromisoformat(f"{given}:00+00:00"), timedelta(hours=hours)
    )

    assert end == datetime.fromisoformat(f"{expected}:00+00:00")


def test_no_delay_at_all_ends_at_once_or_at_the_next_opening() -> None:
    noon, night = utc("2026-03-23", "11:00"), utc("2026-03-23", "22:00")

    assert HOURS.after(noon, timedelta()) == noon
    assert HOURS.after(night, timedelta()) == utc("2026-03-24", "07:00")


def test_part_of_a_day_that_ends_on_a_day_off_ends_on_the_next_working_one() -> None:
    assert HOURS.after(utc("2026-03-27", "15:00"), timedelta(hours=12)) == utc(
        "2026-03-30", "06:00"
    )


def test_part_of_a_day_that_passes_the_evening_ends_in_the_morning() -> None:
    assert HOURS.after(utc("2026-03-27", "15:00"), timedelta(hours=3)) == utc(
        "2026-03-30", "06:00"
    )


@pytest.mark.parametrize(
    ("hour", "is_open"),
    [("06:59", False), ("07:00", True), ("16:59", True), ("17:00", False)],
)
def test_the_first_minute_counts_and_the_closing_one_does_not(
    hour: str, is_open: bool
) -> None:
    at = utc("2026-03-23", hour)

    assert (HOURS.next_open(at) == at) is is_open


def test_further_days_may_be_closed_and_holidays_may_count() -> None:
    closed = WorkingHours(closed_on=frozenset({date(2026, 3, 24)}))
    abroad = WorkingHours(has_french_holidays=False)

    assert not closed.is_working(date(2026, 3, 24))
    assert abroad.is_working(date(2026, 7, 14))
    assert not HOURS.is_working(date(2026, 7, 14))


def test_a_station_overseas_may_have_its_own_hours() -> None:
    reunion = WorkingHours(zone_name="Indian/Reunion")

    assert reunion.next_open(utc("2026-03-23", "01:00")) == utc("2026-03-23", "04:00")


@pytest.mark.parametrize("days", [frozenset(), frozenset({0}), frozenset({8})])
def test_a_week_without_a_working_day_is_refused(days: frozenset[int]) -> None:
    with pytest.raises(ValueError, match="working days"):
        WorkingHours(days=days)


def test_a_day_that_closes_before_it_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="close after it opens"):
        WorkingHours(opens=time(8), closes=time(8))


def test_a_calendar_without_any_working_day_is_said_and_never_ends_in_a_loop() -> None:
    mondays = [date(2026, 3, 23) + timedelta(weeks=n) for n in range(1000)]
    never = WorkingHours(days=frozenset({1}), closed_on=frozenset(mondays))

    with pytest.raises(ValueError, match="no working day"):
        never.next_open(utc("2026-03-23"))


# --- visits -----------------------------------------------------------------


def due(planned_at: datetime, told_at: datetime, **place: object) -> dict[str, str]:
    it = play(
        None,
        [
            (opening(**place), CLIENT),
            (c.AssignStation(FROID), AGENT),
            (c.AcceptMission(), STATION),
            (c.ScheduleIntervention(planned_at), STATION),
        ],
        told_at,
    )
    return {t.kind: t.due_at.isoformat()[:16] for t in timers(it, RULES)}


def test_reminders_follow_the_clock_of_the_site() -> None:
    told = utc("2026-03-20")

    assert due(utc("2026-03-25", "12:00"), told) == {
        "day_before": "2026-03-24T15:00",
        "morning": "2026-03-25T06:00",
    }
    assert due(
        utc("2026-03-25", "06:00"), told, postcode="97400", town="Saint-Denis"
    ) == {
        "day_before": "2026-03-24T12:00",
        "morning": "2026-03-25T03:00",
    }


def test_reminders_follow_summer_time() -> None:
    told = utc("2026-03-20")

    # Monday 30 March: the evening before is already in summer time.
    assert due(utc("2026-03-30", "07:00"), told)["day_before"] == "2026-03-29T14:00"
    # Sunday 29 March itself: its evening before is still in winter time.
    assert due(utc("2026-03-29", "07:00"), told)["day_before"] == "2026-03-28T15:00"


def test_an_early_visit_is_announced_an_hour_before() -> None:
    found = due(utc("2026-03-25", "06:30"), utc("2026-03-20"))

    assert found["morning"] == "2026-03-25T05:30"


def test_a_date_told_after_the_hour_of_its_reminder_needs_none() -> None:
    planned = utc("2026-03-25", "12:00")

    assert due(planned, utc("2026-03-24", "14:59")).keys() == {"day_before", "morning"}
    assert due(planned, utc("2026-03-24", "15:00")).keys() == {"morning"}
    assert due(planned, utc("2026-03-25", "06:00")).keys() == set()


def test_a_moved_visit_is_reminded_again() -> None:
    it = play(underway(), [(c.ScheduleIntervention(VISIT_AT), STATION)])
    it = play(
        it,
        [(c.FireTimer("day_before", 1), SYSTEM)],
        VISIT_AT - timedelta(hours=20),
    )
    later = VISIT_AT + timedelta(days=7)
    it = play(
        it,
        [(c.ScheduleIntervention(later, reason="pièce"), STATION)],
        VISIT_AT - timedelta(hours=19),
    )

    assert {t.kind for t in timers(it, RULES)} == {"day_before", "morning"}


# --- the closing question ---------------------------------------------------


def test_the_announced_closing_day_is_a_working_one() -> None:
    end = closes_at(done(), RULES)

    assert end == utc("2026-04-07", "06:00")  # ten days later is Easter's Saturday


def test_zero_means_never_closing() -> None:
    assert closes_at(done(), Rules(closing_after=timedelta())) is None


def test_what_is_not_done_closes_never() -> None:
    assert closes_at(submitted(), RULES) is None


def test_everything_is_utc() -> None:
    assert HOURS.after(utc("2026-03-23"), timedelta(days=1)).tzinfo is UTC
