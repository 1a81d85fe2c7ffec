"""/missions and /agenda: what is to do, and when one is where. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from azbot.chat.missions.card import ROOM, do, place_of
from azbot.chat.talk import press
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.screens import Button, Screen, plain
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import Assistance, Intervention, InterventionStatus
from azbot.workflow.todo import GROUPS, due_of

_MOST = 10
_WEEK = timedelta(days=7)
_TODAY = timedelta(hours=12)
"""A visit that should have begun this morning is still to be seen."""


def list_of(
    held: Iterable[Assistance], words: Catalogue, now: datetime, rules: Rules
) -> Screen:
    """Return the missions in hand under what is to do, what is late first."""
    dues = [(it, *due_of(it, now, rules)) for it in held]
    dues.sort(key=lambda each: (GROUPS.index(each[1]), each[2], each[0].ref))
    if not dues:
        return Screen(words.t("chat_mission.list.empty"), (_ways(words),))
    lines, buttons, group = [f"<b>{words.t('chat_mission.list.title')}</b>"], [], ""
    for it, here, _due in dues[:_MOST]:
        if here != group:
            lines += ["", f"<i>{words.t(f'chat_mission.group.{here}')}</i>"]
            group = here
        lines.append(f"{it.ref} · {plain(it.answer('town') or place_of(it))}")
        label = f"{it.ref[-4:]} · {it.answer('town')}".removesuffix(" · ")
        buttons.append(do(it, 0, "show", label))
    rest = len(dues) - _MOST
    if rest > 0:
        lines += ["", words.t("chat_mission.list.more", count=rest)]
    pairs = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    return Screen("\n".join(lines), (*pairs, _ways(words)))


def agenda_of(held: Iterable[Assistance], words: Catalogue, now: datetime) -> Screen:
    """Return the visits of the next seven days, day by day, on each site's clocks."""
    visits = sorted(_visits(held, now), key=lambda each: each[1])
    lines, buttons, day = [f"<b>{words.t('chat_mission.agenda.title')}</b>"], [], ""
    for it, at, visit in visits[:_MOST]:
        local = formats.local(at, it.zone_name)
        named = formats.long_date(local.date(), words.language, with_year=False)
        if named != day:
            lines += ["", f"<i>{named}</i>"]
            day = named
        hour = formats.hour(local, words.language)
        lines.append(f"{hour} · {plain(place_of(it) or it.ref)}")
        buttons.append(do(it, visit.number, "show", f"{hour} · {it.answer('town')}"))
    if not visits:
        lines += ["", words.t("chat_mission.agenda.empty")]
    return Screen("\n".join(lines), (*((each,) for each in buttons), _ways(words)))


def _visits(
    held: Iterable[Assistance], now: datetime
) -> Iterator[tuple[Assistance, datetime, Intervention]]:
    for it in held:
        for visit in it.open_visits:
            at = visit.planned_at
            if visit.status is not InterventionStatus.PLANNED or at is None:
                continue
            if now - _TODAY < at < now + _WEEK:
                yield it, at, visit


def _ways(words: Catalogue) -> tuple[Button, ...]:
    return (
        press(words.t("chat_mission.list.open"), ROOM, "open"),
        press(words.t("chat_mission.agenda.open"), ROOM, "agenda"),
    )
