"""What stations are told in chats: orders, dates, what became of them (ux.md 10.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from azbot.chat.missions.card import card_of, do, place_of, title_of, when
from azbot.chat.telling import relayed
from azbot.chat.telling.seams import Teller, Telling, Words
from azbot.i18n import formats
from azbot.screens import Button, Redraw, Say, Screen, plain
from azbot.store.chats import card_slot
from azbot.workflow.decision import NoticeKind as N
from azbot.workflow.model import Assistance, AssistanceId
from azbot.workflow.policy import takes_part
from azbot.workflow.todo import step_of

_DATES = ("planned_at", "before", "proposed_at", "answer_by", "date_by")

_WITH_PLACE = ("today",)
"""Told with the place: where to go is seen at once."""


def card(telling: Telling) -> Screen:
    """Draw the mission as it is now; of one that was taken back, its end alone."""
    it, person = telling.it, telling.person
    if it is None or person is None:
        return Screen(telling.words.t("chat_case.gone"))
    if not takes_part(it, person.id, person.station):
        lost = telling.words.t("chat_mission.lost")
        return Screen(f"{title_of(it, telling.words)}\n{lost}")
    rules, now = telling.house.rules(), telling.row.due_at
    page = telling.house.link(telling.uow, it.id, person.id, now)
    return card_of(it, telling.words, now, rules, page)


def answered(telling: Telling) -> Screen:
    """Draw a question that is over: nobody waits for its answer any more."""
    it, words = telling.it, telling.words
    head = title_of(it, words) if it else ""
    end = "over" if telling.facts.get("is_over") else "again"
    return Screen(f"{head}\n{words.t(f'chat_mission.question.{end}')}")


def _ordered(telling: Telling) -> Redraw:
    """Put the card below everything: it asks for the answer itself, and rings."""
    it, drawn = telling.it, card(telling)
    slot = card_slot(telling.row.assistance_id or AssistanceId(0))
    if it is None or step_of(it) != "answer":
        return Redraw(slot, drawn)  # answered elsewhere meanwhile
    is_reminder = telling.row.kind == N.MISSION_REMINDER
    head = telling.words.t(f"chat_mission.told.{'late' if is_reminder else 'new'}")
    return Redraw(slot, replace(drawn, text=f"{head}\n{drawn.text}"), is_below=True)


def _wants_date(telling: Telling) -> Say:
    """Ask for the date of a visit."""
    it, words = telling.it, telling.words
    is_first = telling.row.kind == N.MISSION_ACCEPTED
    told = _told(telling, "accepted" if is_first else "date_wanted")
    if it is None or it.visit is None or step_of(it) != "plan":
        return told
    plan = do(it, it.visit.number, "plan", words.t("chat_mission.do.plan"))
    return _asking(telling, told, plan)


def _planned(telling: Telling) -> Say:
    if telling.facts.get("is_pending"):
        return _told(telling, "proposed")
    return _told(telling, "moved" if telling.facts.get("before") else "planned")


def _decided(telling: Telling) -> Say:
    is_yes = bool(telling.facts.get("is_approved"))
    return _told(telling, "approved" if is_yes else "declined")


def _today(telling: Telling) -> Say:
    """Tell of the visit of the day, with « Je suis sur place »."""
    it, told = telling.it, _told(telling, "today")
    if it is None or it.visit is None or step_of(it) != "arrive":
        return told
    label = telling.words.t("chat_mission.do.arrive")
    arrive = do(it, it.visit.number, "arrive", label)
    return replace(told, screen=replace(told.screen, rows=((arrive,),)))


def _as(key: str) -> Words:
    return lambda telling: _told(telling, key)


def _told(telling: Telling, key: str) -> Say:
    """Return one short message that refers to the card."""
    it, words = telling.it, telling.words
    sentence = words.t(f"chat_mission.told.{key}", **_facts(telling))
    where = plain(place_of(it)) if it and key in _WITH_PLACE else ""
    lines = [title_of(it, words) if it else "", where, sentence.strip()]
    reason = telling.facts.get("reason") or telling.facts.get("text")
    if reason:
        lines.append(f"<blockquote>{plain(reason)}</blockquote>")
    key_of = telling.row.assistance_id or AssistanceId(0)
    return Say(
        Screen("\n".join(filter(None, lines))),
        f"slot:{card_slot(key_of)}",
        files=telling.calendar,
    )


def _asking(telling: Telling, told: Say, *buttons: Button) -> Say:
    screen = replace(told.screen, rows=(buttons,))
    return replace(told, screen=screen, slot=telling.ask_slot)


def _facts(telling: Telling) -> dict[str, object]:
    """Return what the sentences may name, in words."""
    facts, it, words = telling.facts, telling.it, telling.words
    dates = {name: _when(it, facts.get(name), telling) for name in _DATES}
    awaited = facts.get("awaited")
    roles = awaited if isinstance(awaited, list) else []
    names = [words.t(f"role.signatory.{role}") for role in roles]
    return {
        **dates,
        "name": plain(facts.get("name", "")),
        "awaited": formats.listing(names, words.language) if names else "",
    }


def _when(it: Assistance | None, value: object, telling: Telling) -> str:
    if it is None or not isinstance(value, str) or not value:
        return ""
    return when(it, datetime.fromisoformat(value), telling.words)


WORDS: Mapping[N, Words] = {
    N.MISSION: _ordered,
    N.MISSION_REMINDER: _ordered,
    N.MISSION_ACCEPTED: _wants_date,
    N.MISSION_REFUSED: _as("refused"),
    N.MISSION_WITHDRAWN: _as("withdrawn"),
    N.MISSION_PLANNED: _planned,
    N.MISSION_OTHER_DATE: _as("other_date"),
    N.FOLLOW_UP_DECIDED: _decided,
    N.DATE_WANTED: _wants_date,
    N.TODAY: _today,
    N.VISIT_CANCELLED: _as("visit_cancelled"),
    N.SIGNATURE_GIVEN: _as("signed"),
    N.MESSAGE: relayed.said,
    N.CLOSED: _as("closed"),
    N.CANCELLED: _as("cancelled"),
}

TELLER = Teller(WORDS, card, answered)
"""Notices stations are told, their cards, their questions."""
