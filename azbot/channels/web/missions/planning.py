"""Giving a visit its date with a thumb: days and hours as chips, three taps in all.

Days and hours are those of the site (R125); the days that are offered are the desk's
working days. What is posted is read here, too: a chip, or any other date by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from azbot.channels.web.form import Pick
from azbot.channels.web.posted import Posted
from azbot.errors import Refused
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.workflow.deadlines import WorkingHours
from azbot.workflow.model import USUAL_VISIT

_DAYS = 5
_LENGTHS = tuple(timedelta(minutes=m) for m in (60, 90, 120, 180, 240, 480))
_LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class Planned:
    """What a station posted about a visit.

    Attributes:
        at: its beginning, aware.
        note: a word for the client.
        reason: why a planned visit moves.
    """

    at: datetime
    lasts: timedelta
    note: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered; the values that were posted are chosen again.

    Attributes:
        day, hour: ``2026-03-25`` and ``13:30`` typed by hand, possibly empty.
        now: ``2026-03-25T13:05`` on the clocks of the site.
    """

    days: tuple[Pick, ...]
    hours: tuple[Pick, ...]
    lengths: tuple[Pick, ...]
    now: str
    day: str = ""
    hour: str = ""
    note: str = ""
    reason: str = ""

    @property
    def first(self) -> str:
        """The earliest day that may be typed."""
        return self.now.partition("T")[0]

    @property
    def is_by_hand(self) -> bool:
        """Whether the date that was posted is none of the chips."""
        return bool(self.day or self.hour)


def offer(
    now: datetime,
    zone: str,
    working: WorkingHours,
    words: Catalogue,
    *,
    taken: Iterable[datetime] = (),
    lasts: timedelta = USUAL_VISIT,
    given: Posted | None = None,
) -> Offer:
    """Return the chips of the next working days and of their half hours.

    Args:
        now: the present.
        zone: IANA zone of the site.
        working: days and hours that count.
        words: the reader's language.
        taken: visits this station has already planned, told beside their day.
        lasts: how long the visit is expected to last.
        given: what was posted and refused, None for a fresh form.
    """
    local = formats.local(now, zone)
    busy = Counter(formats.local(at, zone).date() for at in taken)
    values = given.first() if given else {}
    day, hour = values.get("day", ""), values.get("hour", "")
    chosen = values.get("lasts", str(lasts // timedelta(minutes=1)))
    lengths = sorted({*_LENGTHS, lasts})
    return Offer(
        days=tuple(
            Pick(
                each.isoformat(),
                _day_words(each, local.date(), words),
                each.isoformat() == day,
                _busy_words(busy[each], words),
            )
            for each in working.coming_days(local, _DAYS)
        ),
        hours=tuple(
            Pick(text, formats.hour(_on(local, text), words.language), text == hour)
            for text in (f"{at:%H:%M}" for at in working.half_hours())
        ),
        lengths=tuple(
            Pick(minutes, length_words(length, words), minutes == chosen)
            for length in lengths
            for minutes in (str(length // timedelta(minutes=1)),)
        ),
        now=f"{local:%Y-%m-%dT%H:%M}",
        day=values.get("other_day", ""),
        hour=values.get("other_hour", ""),
        note=values.get("note", ""),
        reason=values.get("reason", ""),
    )


def read_planned(given: Posted, zone: str) -> Planned:
    """Return what was posted.

    A date by hand is meant rather than a chip, half by half: a day of one's own may
    go with the hour of a chip.

    Raises:
        Refused: ``date_needed``, the day or the hour is missing or cannot be read.
    """
    day = given.text("other_day") or given.text("day")
    hour = given.text("other_hour") or given.text("hour")
    try:
        local = datetime.combine(date.fromisoformat(day), time.fromisoformat(hour))
    except ValueError as error:
        raise Refused("date_needed") from error
    minutes = given.number("lasts")
    return Planned(
        local.replace(tzinfo=ZoneInfo(zone)),
        timedelta(minutes=min(minutes, 10_000)) if minutes else USUAL_VISIT,
        given.text("note")[:_LONGEST_NOTE],
        given.text("reason")[:_LONGEST_NOTE],
    )


def length_words(length: timedelta, words: Catalogue) -> str:
    """Return « 1 h 30 », « 2 h »."""
    hours, minutes = divmod(length // timedelta(minutes=1), 60)
    if not hours:
        return formats.with_unit(minutes, "min", words.language)
    whole = formats.with_unit(hours, "h", words.language)
    return f"{whole}{formats.NBSP}{minutes:02d}" if minutes else whole


def _on(local: datetime, text: str) -> datetime:
    return datetime.combine(local.date(), time.fromisoformat(text))


def _day_words(day: date, today: date, words: Catalogue) -> str:
    if day == today:
        return words.t("station.plan.today")
    if day == today + timedelta(days=1):
        return words.t("station.plan.tomorrow")
    weekday = formats.weekday(day, words.language)
    return f"{weekday} {formats.day_and_month(day, words.language)}"


def _busy_words(count: int, words: Catalogue) -> str:
    return words.t("station.plan.busy", count=count) if count else ""
