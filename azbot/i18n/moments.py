"""Dates and hours as people write them in a reply (ux.md 9.2).

« 25/03 13h », « mercredi 14 h 30 », « demain matin », “next Monday at 9”, «el 2 de
abril a las 9» are read, French, English and Spanish alike, since people mix them.
Whatever leaves a doubt is read all the same, with its reason, to be confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from azbot.forms.folding import fold_in_place
from azbot.i18n.moment_words import (
    DATE,
    FILLER_AFTER,
    FILLER_BEFORE,
    HOURS_AFTER,
    HOURS_BEFORE,
    MONTHS,
    PARTS_OF_DAY,
    WEEKDAYS,
    is_morning,
)

_LONGEST_ANSWER = 200
_MOST_DATES = 20
_FAR = timedelta(days=180)
_WORKDAY_STARTS = 7
"""« 2 h » is meant in the afternoon, unless written « 02 h » or « du matin »."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and an hour read from words.

    Attributes:
        start: the instant meant, aware, UTC; the best guess when ambiguous.
        is_ambiguous: to be read back in full and confirmed.
        reason: why, ``date.<reason>`` in the catalogue; empty when sure.
        span: where it stands in the text, [first, after last).
    """

    start: datetime
    is_ambiguous: bool
    reason: str
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Day:
    """A day read, before its hour is known."""

    day: date
    reason: str = ""
    weekday_only: bool = False


@dataclass(frozen=True, slots=True)
class _Hour:
    hour: int
    minute: int
    reason: str
    start: int
    end: int


def read_moment(
    text: str, now: datetime, zone: str, language: str = "fr"
) -> Moment | None:
    """Return the moment a short answer consists of, None when it says more.

    Args:
        text: the answer, at most 200 characters; courtesies around the date
            (« plutôt … svp ») are allowed.
        now: the present instant, aware.
        zone: IANA name of the site's zone, in which the answer is meant.
        language: of the conversation; English dates in digits are doubtful.
    """
    if len(text) > _LONGEST_ANSWER:
        return None
    folded = fold_in_place(text)
    found = list(_moments(folded, now, zone, language))
    if len(found) != 1:
        return None
    moment = found[0]
    first, last = moment.span
    after = folded[last:]
    if not FILLER_BEFORE.fullmatch(folded[:first]) or not FILLER_AFTER.fullmatch(after):
        return None
    if "?" in after and not moment.reason:
        return replace(moment, is_ambiguous=True, reason="question")
    return moment


def _moments(folded: str, now: datetime, zone: str, language: str) -> Iterator[Moment]:
    here = ZoneInfo(zone)
    today = now.astimezone(here)
    reached = 0
    for count, found in enumerate(DATE.finditer(folded)):
        if count >= _MOST_DATES:
            return
        if found.start() < reached:
            continue
        hour = _hour_near(folded, found, reached)
        if _needs_hour(found) and (hour is None or hour.start < found.start()):
            continue
        day = _day(found, today.date(), language)
        if day is None:
            continue
        first = min(found.start(), hour.start) if hour else found.start()
        reached = max(found.end(), hour.end) if hour else found.end()
        yield _moment(day, hour, today, (first, reached))


def _needs_hour(found: re.Match[str]) -> bool:
    """« le 25 », « 25.03 », “10-12” are dates only when an hour follows."""
    if found.lastgroup == "digits":
        return found["ns"] != "/" and not found["ny"]
    return found.lastgroup == "lone"


def _hour_near(folded: str, found: re.Match[str], reached: int) -> _Hour | None:
    after = HOURS_AFTER.match(folded, found.end())
    if after:
        return _hour(after, 0)
    start = max(reached, found.start() - 60)
    before = HOURS_BEFORE.search(folded[start : found.start()])
    return _hour(before, start) if before else None


_HOUR_GROUPS = ("hour", "hour12", "dotted", "bare", "bare2")
_MINUTE_GROUPS = ("minute", "colon", "minute12", "dotted_minute")


def _hour(found: re.Match[str], offset: int) -> _Hour | None:
    start, end = found.start("hours") + offset, found.end() + offset
    part = found["part"]
    if part:
        hour, reason = PARTS_OF_DAY[part.replace("-", " ").replace("'", " ")]
        return _Hour(hour, 0, reason, start, end)
    if found["named"]:
        hour = 0 if found["named"] in ("minuit", "midnight", "medianoche") else 12
        return _Hour(hour, 0, _doubt(found), start, end)
    written = next(found[name] for name in _HOUR_GROUPS if found[name])
    hour = int(written)
    minute = int(next((found[name] for name in _MINUTE_GROUPS if found[name]), 0))
    fraction = found["fraction"] or ""
    if fraction:
        minute = 15 if "qu" in fraction or "cuarto" in fraction else 30
    half, reason = _half_of_day(found), _doubt(found)
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    elif not half and written[0] != "0" and hour < _WORKDAY_STARTS:
        hour, reason = hour + 12, reason or "half_day_guess"
    return _Hour(hour, minute, reason, start, end)


def _half_of_day(found: re.Match[str]) -> str:
    if found["half"]:
        return found["half"][0] + "m"
    if not found["half_words"]:
        return ""
    return "am" if is_morning(found["half_words"]) else "pm"


def _doubt(found: re.Match[str]) -> str:
    if found["until"]:
        return "range"
    return "approximate" if found["about"] else ""


def _moment(
    day: _Day, hour: _Hour | None, today: datetime, span: tuple[int, int]
) -> Moment:
    clock = time_of_day(hour.hour, hour.minute) if hour else time_of_day(9)
    doubts = [day.reason, hour.reason if hour else "no_hour"]
    local = datetime.combine(day.day, clock, today.tzinfo)
    if day.weekday_only and day.day == today.date():
        # « mercredi 14 h » written on a Wednesday: later today, or in a week?
        if local <= today:
            local += timedelta(days=7)
        else:
            doubts.append("today_or_next_week")
    start = local.astimezone(UTC)
    back = start.astimezone(today.tzinfo)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        doubts.insert(0, "skipped_hour")
    elif local.utcoffset() != local.replace(fold=1).utcoffset():
        doubts.append("repeated_hour")
    if start <= today:
        doubts.insert(0, "past")
    reason = next((doubt for doubt in doubts if doubt), "")
    return Moment(start, bool(reason), reason, span)


def _day(found: re.Match[str], today: date, language: str) -> _Day | None:
    match found.lastgroup:
        case "iso":
            return _written(found, "i", today)
        case "digits":
            day = _written(found, "n", today)
            if day is None or language != "en" or day.reason:
                return day
            is_unclear = int(found["nd"]) <= 12 and found["nd"] != found["nm"]
            return replace(day, reason="month_or_day_first") if is_unclear else day
        case "words":
            return _written(found, "w", today)
        case "english":
            return _written(found, "e", today)
        case "numbered":
            return _numbered(int(found["dd"]), found["dw"], today)
        case "lone":
            return _numbered(int(found["ld"]), None, today)
        case "weekday":
            return _on_weekday(found, today)
        case "relative":
            return _relative(found, today)
        case _:
            return None


def _written(found: re.Match[str], prefix: str, today: date) -> _Day | None:
    month_word = found[prefix + "m"]
    month = MONTHS.get(month_word) or int(month_word)
    number = int(found[prefix + "d"])
    year = found[prefix + "y"]
    if year:
        written = _date(int(year) + (2000 if len(year) == 2 else 0), month, number)
        day = _Day(written) if written else None
    else:
        day = _next_of(month, number, today)
    name = found.groupdict().get(prefix + "w")
    if day and name and not day.reason and day.day.weekday() != WEEKDAYS[name]:
        return replace(day, reason="wrong_weekday")
    return day


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _next_of(month: int, number: int, today: date) -> _Day | None:
    for year in range(today.year, today.year + 9):
        day = _date(year, month, number)
        if day and day >= today:
            is_far = year > today.year and day - today > _FAR
            return _Day(day, "next_year" if is_far else "")
    return None


def _numbered(number: int, name: str | None, today: date) -> _Day | None:
    for step in range(3):
        month = today.month + step
        day = _date(today.year + (month - 1) // 12, (month - 1) % 12 + 1, number)
        if day and day >= today:
            is_wrong = name is not None and day.weekday() != WEEKDAYS[name]
            return _Day(day, "wrong_weekday" if is_wrong else "")
    return None


def _on_weekday(found: re.Match[str], today: date) -> _Day:
    away = (WEEKDAYS[found["kw"]] - today.weekday()) % 7
    qualifier = found["kn"] or found["kq"] or ""
    if "sema" in qualifier or "week" in qualifier:
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
        return _Day(monday + timedelta(days=WEEKDAYS[found["kw"]]))
    if qualifier == "en huit":
        return _Day(today + timedelta(days=(away or 7) + 7))
    if not qualifier:
        return _Day(today + timedelta(days=away), weekday_only=True)
    coming = today + timedelta(days=away or 7)
    # « vendredi prochain », said on a Monday: of this week or of the next one?
    is_this_week = coming.isocalendar()[:2] == today.isocalendar()[:2]
    return _Day(coming, "this_or_next_week" if is_this_week else "")


def _relative(found: re.Match[str], today: date) -> _Day:
    if found["xu"]:
        amount = int(found["xn"]) if found["xn"].isdigit() else 1
        unit = 7 if found["xu"][0] in "sw" else 1
        return _Day(today + timedelta(days=amount * unit))
    word = found["rw"] or ""
    if word.startswith(("apres", "day after", "the day after", "pasado")):
        return _Day(today + timedelta(days=2))
    is_tomorrow = word in ("demain", "tomorrow", "manana")
    return _Day(today + timedelta(days=int(is_tomorrow)))
