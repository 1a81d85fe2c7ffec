"""Giving a visit its date by two presses: a day, an hour (G6)."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from azbot.chat.missions.card import do, title_of
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.screens import Button, Screen, rows_of
from azbot.workflow.deadlines import WorkingHours
from azbot.workflow.model import Assistance

_DAYS = 5


def days_of(
    it: Assistance,
    number: int,
    action: str,
    now: datetime,
    working: WorkingHours,
    words: Catalogue,
) -> Screen:
    """Return the question « Quel jour ? », with the next working days.

    Args:
        it: the assistance.
        number: of the visit.
        action: ``plan`` or ``move``.
        now: the present.
        working: days and hours that count.
        words: of the reader's language.
    """
    local = formats.local(now, it.zone_name)
    days = [
        do(it, number, f"{action}-{day:%Y%m%d}", _day(day, local.date(), words))
        for day in working.coming_days(local, _DAYS)
    ]
    other = do(it, number, f"{action}-other", words.t("chat_mission.plan.other"))
    later = do(it, number, "later", words.t(f"chat_mission.plan.leave.{action}"))
    text = f"{title_of(it, words)}\n{words.t(f'chat_mission.plan.day.{action}')}"
    return Screen(text, (*rows_of(days), (other, later)))


def hours_of(
    it: Assistance,
    number: int,
    action: str,
    day: date,
    now: datetime,
    working: WorkingHours,
    words: Catalogue,
) -> Screen:
    """Return the question « À quelle heure ? », half hours that are still to come."""
    zone = ZoneInfo(it.zone_name)
    buttons: list[Button] = []
    for each in working.half_hours():
        at = datetime.combine(day, each, zone)
        if at > now:
            label = formats.hour(at, words.language)
            buttons.append(do(it, number, f"{action}-{at:%Y%m%d%H%M}", label))
    back = do(it, number, action, words.t("chat_mission.back"))
    other = do(it, number, f"{action}-other", words.t("chat_mission.plan.other"))
    named = _day(day, formats.local(now, it.zone_name).date(), words)
    question = words.t(
        "chat_mission.plan.hour",
        day=named,
        zone=formats.zone_name(it.zone_name, words.language),
    )
    text = f"{title_of(it, words)}\n{question}"
    return Screen(text, (*rows_of(buttons, 4), (back, other)))


def read_day(text: str) -> date | None:
    """Return the day of ``20260325``, None for everything else."""
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day
    except ValueError:
        return None


def read_hour(text: str, zone: str) -> datetime | None:
    """Return the instant of ``202603251300`` on the clocks of a zone, None else."""
    day = read_day(text[:8])
    try:
        at = time(int(text[8:10]), int(text[10:12]))
    except ValueError:
        return None
    if day is None or len(text) != 12:
        return None
    return datetime.combine(day, at, ZoneInfo(zone))


def _day(day: date, today: date, words: Catalogue) -> str:
    if day == today:
        return words.t("station.plan.today")
    if (day - today).days == 1:
        return words.t("station.plan.tomorrow")
    weekday = formats.weekday(day, words.language)
    return f"{weekday} {formats.day_and_month(day, words.language)}"
