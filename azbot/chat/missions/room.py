"""A station answers, plans, arrives and photographs, by buttons and few words.

The number in a button says what it meant: the mission it answers, the visit it plans.
When that is no longer the thing to do, the press says « Déjà fait » and the card shows
how things stand (ux.md G3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from azbot.chat.house import House
from azbot.chat.missions.card import ROOM, card_of, do, page_of, title_of, when
from azbot.chat.missions.lists import agenda_of, list_of
from azbot.chat.missions.photos import Photos
from azbot.chat.missions.planning import days_of, hours_of, read_day, read_hour
from azbot.chat.talk import Talk
from azbot.errors import Refused
from azbot.i18n.moments import read_moment
from azbot.render.phrases import refusal_sentence
from azbot.screens import Screen, plain, rows_of
from azbot.store.chats import card_slot
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.model import (
    Assistance,
    InterventionStatus,
    RefusalReason,
    StationId,
)
from azbot.workflow.todo import step_of

_MOVES = ("client", "late", "material")
"""Reasons why a visit moves, as buttons; the client reads them."""


class MissionsRoom:
    """Missions of a station, in its chat.

    Args:
        house: what every talk of the desk shares.
    """

    name = ROOM
    commands: Mapping[str, str] = {
        "missions": "list",
        "misiones": "list",
        "agenda": "agenda",
    }

    def __init__(self, house: House) -> None:
        self._house = house
        self._photos = Photos(house)

    # --- the room -----------------------------------------------------------------

    def command(self, talk: Talk, name: str) -> None:
        """Show the missions in hand, or the visits of the next seven days."""
        station = self._station(talk)
        if station is None:
            talk.say(Screen(talk.words.t("chat_mission.not_a_station")))
            return
        held, t = talk.uow.assistances.held_by(station), talk.words
        rules = talk.desk.rules
        if name == "agenda":
            talk.say(agenda_of(held, t, talk.now))
        else:
            talk.say(list_of(held, t, talk.now, rules))

    def tapped(self, talk: Talk, parts: Sequence[str]) -> None:
        """Answer a press; see ``card.do`` for what its parts are."""
        if parts and parts[0] in ("open", "agenda"):
            self.command(talk, "agenda" if parts[0] == "agenda" else "list")
            return
        it, number, action = self._meant(talk, parts)
        if it is None:
            talk.acknowledge(talk.words.t("chat.over"))
            return
        talk.about = it.id
        name, _, rest = action.partition("-")
        act = {
            "show": self._show,
            "accept": self._accept,
            "refuse": self._refuse,
            "plan": self._plan,
            "move": self._plan,
            "later": self._later,
            "arrive": self._arrive,
            "photos": self._photos.open,
            "point": self._photos.choose,
            "answer": self._photos.answer,
            "done": self._photos.close,
        }.get(name)
        if act is None or not self._is_timely(it, number, name):
            self._over(talk, it)
        else:
            act(talk, it, number, action if name in ("plan", "move") else rest)

    def said(self, talk: Talk) -> bool:
        """Take the words a question waits for, and photos for the visit under way."""
        if not talk.is_station:
            return False
        if talk.account.room != ROOM:
            return self._photos.take_unasked(talk)
        memory = talk.account.memory
        it = talk.assistance(int(str(memory.get("it", 0))))
        asks, number = str(memory.get("asks", "")), int(str(memory.get("number", 0)))
        if it is None:
            talk.leave()
            return False
        talk.about = it.id
        if asks == "photos":
            return self._photos.said(talk, it, number)
        text = talk.inbound.text.strip()
        if not text:
            return self._photos.take_unasked(talk)
        if not self._is_timely(it, number, asks):
            self._over(talk, it)
        elif asks == "refuse":
            self._decline(talk, it, str(memory.get("reason", "other")), text)
        elif asks in ("plan", "move"):
            self._dated_in_words(talk, it, number, asks, text)
        else:
            self._set_date(talk, it, number, str(memory.get("at", "")), text)
        return True

    # --- what a press means ---------------------------------------------------------

    def _station(self, talk: Talk) -> StationId | None:
        return talk.person.station if talk.person and talk.is_station else None

    def _meant(
        self, talk: Talk, parts: Sequence[str]
    ) -> tuple[Assistance | None, int, str]:
        """Return what a button is about; None: nothing of theirs."""
        if len(parts) != 3 or not talk.is_station:
            return None, 0, ""
        key, number, action = parts
        if not (key.isascii() and key.isdigit() and number.isascii()):
            return None, 0, ""
        it = talk.assistance(int(key))
        return it, int(number) if number.isdigit() else 0, action

    def _is_timely(self, it: Assistance, number: int, name: str) -> bool:
        """Whether what a button offered is still to be done."""
        step, visit, mission = step_of(it), it.visit, it.mission
        if name == "show":
            return True
        if name in ("accept", "refuse"):
            return step == "answer" and mission is not None and mission.number == number
        if visit is None or visit.number != number:
            return False
        wanted = {
            "plan": ("plan",),
            "move": ("arrive", "approval"),
            "reason": ("arrive", "approval"),
            "later": ("plan", "arrive", "approval"),
            "arrive": ("arrive",),
        }
        return step in wanted.get(name, ("fill",))

    def _over(self, talk: Talk, it: Assistance) -> None:
        """Say that it is done, and show how things stand."""
        if talk.account.room == ROOM:
            talk.leave()
            talk.clear()
        talk.acknowledge(talk.words.t("chat.already"))
        self._draw(talk, it)

    def _draw(self, talk: Talk, it: Assistance, *, is_below: bool = False) -> None:
        talk.redraw(card_slot(it.id), self._card(talk, it), is_below=is_below)

    def _card(self, talk: Talk, it: Assistance) -> Screen:
        page = page_of(self._house, talk, it)
        return card_of(it, talk.words, talk.now, talk.desk.rules, page)

    def _show(self, talk: Talk, it: Assistance, _number: int, _rest: str) -> None:
        """Bring the card below everything."""
        talk.acknowledge()
        self._draw(talk, it, is_below=True)

    # --- answering (T1, T2) ---------------------------------------------------------

    def _accept(self, talk: Talk, it: Assistance, _number: int, _rest: str) -> None:
        done = self._done(talk, it, c.AcceptMission())
        if done is None:
            return
        talk.acknowledge(talk.words.t("chat_mission.accepted"))
        self._draw(talk, done)
        visit = done.visit
        if visit is not None and visit.status is InterventionStatus.UNPLANNED:
            self._ask_day(talk, done, visit.number, "plan")

    def _refuse(self, talk: Talk, it: Assistance, number: int, rest: str) -> None:
        """Ask for the reason, then once more for the word."""
        words = talk.words
        if rest in set(RefusalReason):
            if talk.account.memory.get("reason") == rest:
                self._decline(talk, it, rest, "")
                return
            talk.enter(ROOM, self._memory(it, number, "refuse", reason=rest))
            reason = words.t(f"reason.refusal.{rest}")
            text = words.t("chat_mission.refuse.confirm", reason=reason)
            sure = do(it, number, f"refuse-{rest}", words.t("chat_mission.refuse.sure"))
            back = do(it, number, "refuse", words.t("chat_mission.back"))
            talk.ask(Screen(f"{title_of(it, words)}\n{text}", ((sure,), (back,))))
            return
        talk.enter(ROOM, self._memory(it, number, "refuse", reason="other"))
        reasons = [
            do(it, number, f"refuse-{reason}", words.t(f"reason.refusal.{reason}"))
            for reason in RefusalReason
        ]
        keep = do(it, number, "show", words.t("chat_mission.refuse.keep"))
        text = f"{title_of(it, words)}\n{words.t('chat_mission.refuse.why')}"
        talk.ask(Screen(text, (*rows_of(reasons), (keep,))))

    def _decline(self, talk: Talk, it: Assistance, reason: str, comment: str) -> None:
        command = c.RefuseMission(RefusalReason(reason), comment)
        if self._done(talk, it, command) is None:
            return
        talk.leave()
        talk.acknowledge(talk.words.t("chat_mission.refused"))
        text = f"{title_of(it, talk.words)}\n{talk.words.t('chat_mission.refused')}"
        talk.ask(Screen(text))
        talk.redraw(card_slot(it.id), Screen(text), is_only_if_there=True)

    # --- planning (G6) --------------------------------------------------------------

    def _plan(self, talk: Talk, it: Assistance, number: int, action: str) -> None:
        """Ask for the day, then the hour, then, of a visit that moves, the reason."""
        name, _, rest = action.partition("-")
        if not rest:
            self._ask_day(talk, it, number, name)
        elif rest == "other":
            talk.enter(ROOM, self._memory(it, number, name))
            text = talk.words.t("chat_mission.plan.type")
            back = do(it, number, name, talk.words.t("chat_mission.back"))
            talk.ask(Screen(f"{title_of(it, talk.words)}\n{text}", ((back,),)))
        elif rest.startswith("why") and rest[3:] in _MOVES:
            reason = talk.words.t(f"chat_mission.move.{rest[3:]}")
            planned = str(talk.account.memory.get("at", ""))
            self._set_date(talk, it, number, planned, reason)
        elif day := read_day(rest):
            working = talk.desk.rules.working
            talk.ask(hours_of(it, number, name, day, talk.now, working, talk.words))
        elif at := read_hour(rest, it.zone_name):
            self._at(talk, it, number, name, at)
        else:
            self._over(talk, it)

    def _ask_day(self, talk: Talk, it: Assistance, number: int, name: str) -> None:
        # Whoever types a date instead of pressing is understood, too.
        talk.enter(ROOM, self._memory(it, number, name))
        talk.ask(
            days_of(it, number, name, talk.now, talk.desk.rules.working, talk.words)
        )

    def _at(
        self, talk: Talk, it: Assistance, number: int, name: str, at: datetime
    ) -> None:
        """Plan a visit, or ask why a planned one moves."""
        visit = it.visit
        if visit is None or visit.status is not InterventionStatus.PLANNED:
            self._set_date(talk, it, number, at.isoformat(), "")
            return
        memory = self._memory(it, number, "reason", at=at.isoformat())
        talk.enter(ROOM, memory)
        words = talk.words
        reasons = [
            do(it, number, f"{name}-why{why}", words.t(f"chat_mission.move.{why}"))
            for why in _MOVES
        ]
        back = do(it, number, name, words.t("chat_mission.back"))
        text = words.t("chat_mission.move.why", date=when(it, at, words))
        rows = (*((each,) for each in reasons), (back,))
        talk.ask(Screen(f"{title_of(it, words)}\n{text}", rows))

    def _dated_in_words(
        self, talk: Talk, it: Assistance, number: int, name: str, text: str
    ) -> None:
        """Read a date somebody typed; what leaves a doubt is read back."""
        words, zone = talk.words, it.zone_name
        moment = read_moment(text, talk.now, zone, words.language)
        if moment is None:
            back = do(it, number, name, words.t("chat_mission.back"))
            talk.ask(Screen(words.t("chat_mission.plan.unread"), ((back,),)))
        elif not moment.is_ambiguous:
            self._at(talk, it, number, name, moment.start)
        else:
            said = words.t(
                "chat_mission.plan.meant", date=when(it, moment.start, words)
            )
            there = when_digits(moment.start, zone)
            yes = do(it, number, f"{name}-{there}", words.t("chat_mission.plan.yes"))
            no = do(it, number, name, words.t("chat_mission.plan.no"))
            talk.ask(Screen(f"{title_of(it, words)}\n{said}", ((yes, no),)))

    def _set_date(
        self, talk: Talk, it: Assistance, number: int, at: str, reason: str
    ) -> None:
        command = c.ScheduleIntervention(
            datetime.fromisoformat(at), number, reason=reason
        )
        done = self._done(talk, it, command)
        if done is None:
            return
        talk.leave()
        words, visit = talk.words, done.visit
        key = "approval" if step_of(done) == "approval" else "planned"
        planned = visit.planned_at if visit else None
        text = words.t(
            f"chat_mission.plan.done.{key}",
            date=when(done, planned or command.planned_at, words),
        )
        talk.acknowledge(words.t("chat_mission.plan.saved"))
        said = Screen(f"{title_of(done, words)}\n{text}")
        if key == "planned" and visit is not None:
            talk.clear()
            talk.say(said, files=(f"invite:{visit.number}",), is_silent=True)
        else:
            talk.ask(said)
        self._draw(talk, done)

    def _later(self, talk: Talk, it: Assistance, _number: int, _rest: str) -> None:
        """Leave it for later; the card keeps the button."""
        talk.leave()
        talk.clear()
        talk.acknowledge()
        self._draw(talk, it)

    # --- on site (R163) -------------------------------------------------------------

    def _arrive(self, talk: Talk, it: Assistance, number: int, _rest: str) -> None:
        done = self._done(talk, it, c.ArriveOnSite(number))
        if done is None:
            return
        talk.acknowledge(talk.words.t("chat_mission.arrived"))
        self._draw(talk, done)
        self._photos.open(talk, done, number, "")

    # --- doing ----------------------------------------------------------------------

    def _done(self, talk: Talk, it: Assistance, command: Command) -> Assistance | None:
        """Let the desk do it; a refusal is told, and the question stays."""
        try:
            return talk.desk.apply(talk.uow, it, command, talk.actor).assistance
        except Refused as refused:
            sentence = refusal_sentence(
                talk.words, refused.code, refused.facts, it.zone_name
            )
            talk.acknowledge(sentence[:200], is_alert=True)
            if talk.tap is None:
                talk.say(Screen(plain(sentence)))
            return None

    def _memory(
        self, it: Assistance, number: int, asks: str, **more: str
    ) -> dict[str, object]:
        return {"it": int(it.id), "number": number, "asks": asks, **more}


def when_digits(at: datetime, zone: str) -> str:
    """Return ``202603251300`` on the clocks of a zone; see ``planning.read_hour``."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y%m%d%H%M}"
