"""When things are due: working hours, delays, and the timers a state implies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Protocol, assert_never
from zoneinfo import ZoneInfo

from azbot.forms.kinds import NO_LISTS, Lists
from azbot.workflow.decision import Timer
from azbot.workflow.model import (
    Assistance,
    Intervention,
    InterventionStatus,
    MissionStatus,
    ServiceType,
    Status,
)


class TimerKind(StrEnum):
    """What may fall due."""

    REMIND_CLIENT = "remind_client"
    CLIENT_SILENT = "client_silent"
    REMIND_STATION = "remind_station"
    STATION_SILENT = "station_silent"
    DAY_BEFORE = "day_before"
    MORNING = "morning"
    REMIND_CLOSING = "remind_closing"
    CLOSE = "close"
    SNOOZE = "snooze"


HALF_HOUR = timedelta(minutes=30)
"""Visits begin at full and half hours, where chips are offered."""


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Meeus's algorithm)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@cache
def french_holidays(year: int) -> frozenset[date]:
    """Return the eleven public holidays of mainland France.

    Source: Code du travail, L3133-1.
    """
    moving = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    return frozenset(
        [easter(year) + timedelta(days=n) for n in moving]
        + [date(year, m, d) for m, d in fixed]
    )


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When the desk and the stations work.

    Attributes:
        opens, closes: local hours of a working day.
        days: ISO weekdays, Monday is 1.
        zone_name: IANA zone of the hours.
        has_french_holidays: the public holidays of France do not count.
        closed_on: further days that do not count.

    Raises:
        ValueError: no weekday counts, or the day closes before it opens.
    """

    opens: time = time(8)
    closes: time = time(18)
    days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    zone_name: str = "Europe/Paris"
    has_french_holidays: bool = True
    closed_on: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.days or not self.days <= frozenset(range(1, 8)):
            raise ValueError("working days are some of 1 (Monday) to 7 (Sunday)")
        if self.opens >= self.closes:
            raise ValueError("the working day must close after it opens")

    def is_working(self, day: date) -> bool:
        """Whether this local day counts."""
        if day.isoweekday() not in self.days or day in self.closed_on:
            return False
        return not (self.has_french_holidays and day in french_holidays(day.year))

    def coming_days(self, local: datetime, count: int) -> tuple[date, ...]:
        """Return the next working days on which a visit can still begin.

        Args:
            local: the present, on the clocks of the site.
            count: how many.
        """
        last = datetime.combine(local.date(), self.closes) - HALF_HOUR
        is_over = local.replace(tzinfo=None) >= last
        first = local.date() + timedelta(days=int(is_over))
        days = (first + timedelta(days=n) for n in range(366))
        return tuple(islice(filter(self.is_working, days), count))

    def half_hours(self) -> tuple[time, ...]:
        """Return every half hour at which a visit may begin."""
        at, end = (
            datetime.combine(date(2000, 1, 1), t) for t in (self.opens, self.closes)
        )
        return tuple(
            (at + n * HALF_HOUR).time() for n in range(48) if at + n * HALF_HOUR < end
        )

    def next_open(self, at: datetime) -> datetime:
        """Return ``at`` itself within working hours, else the next opening."""
        local = at.astimezone(ZoneInfo(self.zone_name))
        if self.is_working(local.date()) and local.time() < self.closes:
            if local.time() >= self.opens:
                return at
            return self._opening(local.date())
        return self._opening(next(self._days_after(local.date())))

    def after(self, at: datetime, delay: timedelta) -> datetime:
        """Return ``at`` + ``delay``, days that do not count being skipped.

        A delay of 24 h given on a Friday at 15:00 ends on Monday at 15:00. The
        result lies within working hours (R147: « heures ouvrées »).
        """
        zone = ZoneInfo(self.zone_name)
        local = self.next_open(at).astimezone(zone)
        days, rest = divmod(delay, timedelta(days=1))
        day = local.date()
        following = self._days_after(day)
        for _ in range(days):
            day = next(following)
        naive = datetime.combine(day, local.time()) + rest
        while not self.is_working(naive.date()):
            naive += timedelta(days=1)
        return self.next_open(naive.replace(tzinfo=zone).astimezone(UTC))

    def _opening(self, day: date) -> datetime:
        zone = ZoneInfo(self.zone_name)
        return datetime.combine(day, self.opens, zone).astimezone(UTC)

    def _days_after(self, day: date) -> Iterator[date]:
        for ahead in range(1, 4000):
            following = day + timedelta(days=ahead)
            if self.is_working(following):
                yield following
        raise ValueError("no working day in ten years")


_PROOF = frozenset(
    {ServiceType.MARKING, ServiceType.COMMISSIONING, ServiceType.INCIDENT}
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What an administrator may change of the rules; each a decision of ux.md §3.

    Attributes:
        lists: the lists of the forms that were changed, by name (R159).
        proof_required: services whose assignment needs the order proof (R140).
        answer_within: the desk's first answer, told in the first mail.
        complement_reminders: reminders of a waiting or incomplete request.
        station_reminders, station_silent_after: working delays (R147).
        date_within: the station proposes a date, told to the client.
        closing_reminder_after, closing_after: silence after the closing
            question (R150); zero means never.
        reopen_for: how long a closed assistance takes a reply as its own.
        allow_waiver: a signature may be waived with a reason (R136).
        max_documents: per assistance (R142).
        day_before_at: local hour of the reminder E8.
        morning_at: local hour of the reminder E20.
    """

    country: str = "FR"
    working: WorkingHours = field(default_factory=WorkingHours)
    proof_required: frozenset[ServiceType] = _PROOF
    answer_within: timedelta = timedelta(days=1)
    complement_reminders: tuple[timedelta, ...] = (
        timedelta(days=2),
        timedelta(days=5),
    )
    complement_silent_after: timedelta = timedelta(days=7)
    station_reminders: tuple[timedelta, ...] = (
        timedelta(hours=24),
        timedelta(hours=48),
    )
    station_silent_after: timedelta = timedelta(hours=72)
    date_within: timedelta = timedelta(days=2)
    closing_reminder_after: timedelta = timedelta(days=3)
    closing_after: timedelta = timedelta(days=10)
    reopen_for: timedelta = timedelta(days=30)
    allow_waiver: bool = False
    max_documents: int = 30
    day_before_at: time = time(16)
    morning_at: time = time(7)
    lists: Lists = field(default_factory=lambda: NO_LISTS)


def timers(it: Assistance, rules: Rules) -> tuple[Timer, ...]:
    """Return every timer this state implies, soonest first.

    A pure function of the state: what has fired is remembered in the state, so
    saving a state makes its timers right, whatever happened before. A closed or
    cancelled assistance has none but the desk's own snooze.
    """
    match it.status:
        case Status.SUBMITTED | Status.WAITING:
            found = list(_client_timers(it, rules))
        case Status.ASSIGNED:
            found = list(_station_timers(it, rules))
        case Status.UNDERWAY:
            found = [t for i in it.interventions for t in _visit_timers(it, i, rules)]
        case Status.DONE:
            found = list(_closing_timers(it, rules))
        case Status.CLOSED | Status.CANCELLED:
            found = []
        case _:
            assert_never(it.status)
    if it.snoozed_until is not None:
        found.append(Timer(TimerKind.SNOOZE, 0, it.snoozed_until))
    return tuple(sorted(found, key=lambda t: t.due_at))


class Endable(Protocol):
    """What may have ended: an assistance, or a glimpse of one."""

    @property
    def status(self) -> Status:
        """Where it stands."""
        ...

    @property
    def closed_at(self) -> datetime | None:
        """When it was closed."""
        ...


def takes_replies(it: Endable, rules: Rules, now: datetime) -> bool:
    """Whether what is said about it now is part of it.

    Long after the end it is a new request (email.md §3).
    """
    if it.status is not Status.CLOSED or it.closed_at is None:
        return True
    return now - it.closed_at <= rules.reopen_for


def closes_at(it: Assistance, rules: Rules) -> datetime | None:
    """When silence closes a done assistance (R150); None when it never does."""
    asked_at = it.waiting_since or it.done_at
    if it.done_at is None or asked_at is None or not rules.closing_after:
        return None
    return rules.working.next_open(asked_at + rules.closing_after)


def _client_timers(it: Assistance, rules: Rules) -> Iterator[Timer]:
    is_incomplete = it.status is Status.SUBMITTED and bool(it.missing)
    if it.waiting_since is None or it.needs_agent:
        return
    if it.status is Status.SUBMITTED and not is_incomplete:
        return
    delays = (*rules.complement_reminders, rules.complement_silent_after)
    step = min(it.reminded, len(rules.complement_reminders))
    due = _spaced(rules, it.waiting_since, delays, step, it.reminded_at)
    if step < len(rules.complement_reminders):
        yield Timer(TimerKind.REMIND_CLIENT, it.reminded + 1, due)
    else:
        yield Timer(TimerKind.CLIENT_SILENT, 0, due)


def _station_timers(it: Assistance, rules: Rules) -> Iterator[Timer]:
    mission = it.mission
    is_asked = mission is not None and mission.status is MissionStatus.PROPOSED
    if mission is None or not is_asked or mission.is_silent:
        return
    step = mission.reminded
    if step < len(rules.station_reminders):
        due = _spaced(
            rules,
            mission.proposed_at,
            rules.station_reminders,
            step,
            mission.reminded_at,
        )
        yield Timer(TimerKind.REMIND_STATION, step + 1, due)
        return
    yield Timer(TimerKind.STATION_SILENT, mission.number, mission.answer_by)


def _spaced(
    rules: Rules,
    since: datetime,
    delays: tuple[timedelta, ...],
    step: int,
    reminded_at: datetime | None,
) -> datetime:
    """Return when delay number ``step`` is over, counted from ``since``.

    A reminder that left late, or by hand, pushes the next one back: two never
    leave together, however long azbot was not running.
    """
    due = rules.working.after(since, delays[step])
    if step == 0 or reminded_at is None:
        return due
    pause = max(delays[step] - delays[step - 1], timedelta())
    return max(due, rules.working.after(reminded_at, pause))


def _visit_timers(it: Assistance, visit: Intervention, rules: Rules) -> Iterator[Timer]:
    if visit.status is not InterventionStatus.PLANNED or visit.planned_at is None:
        return
    local = visit.planned_at.astimezone(ZoneInfo(it.zone_name))
    zone = ZoneInfo(it.zone_name)
    eve = datetime.combine(local.date() - timedelta(days=1), rules.day_before_at, zone)
    morning = datetime.combine(local.date(), rules.morning_at, zone)
    due = {
        TimerKind.DAY_BEFORE: eve.astimezone(UTC),
        TimerKind.MORNING: min(
            morning.astimezone(UTC), visit.planned_at - timedelta(hours=1)
        ),
    }
    for kind, at in due.items():
        # A date told after the hour of its reminder needs no reminder.
        if kind not in visit.reminded and (visit.dated_at or at) < at:
            yield Timer(kind, visit.number, at)


def is_reminder_late(visit: Intervention, which: str, zone: str, now: datetime) -> bool:
    """Whether a visit's reminder would no longer be true when it leaves now.

    « Demain » is false from midnight of the site on, « aujourd'hui » once the visit
    has begun.
    """
    if visit.planned_at is None:
        return True
    if which == TimerKind.DAY_BEFORE:
        here = ZoneInfo(zone)
        return now.astimezone(here).date() >= visit.planned_at.astimezone(here).date()
    return now >= visit.planned_at


def _closing_timers(it: Assistance, rules: Rules) -> Iterator[Timer]:
    asked_at = it.waiting_since or it.done_at
    if asked_at is None or it.needs_agent:
        return
    end = closes_at(it, rules)
    if not it.closing_reminded and rules.closing_reminder_after:
        due = rules.working.next_open(asked_at + rules.closing_reminder_after)
        if end is None or due < end:
            yield Timer(TimerKind.REMIND_CLOSING, 0, due)
    if end is not None:
        yield Timer(TimerKind.CLOSE, 0, end)
