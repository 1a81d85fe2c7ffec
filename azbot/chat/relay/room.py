"""The room that takes what no other waits for: words and files for the desk (10.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from azbot.chat.house import House
from azbot.chat.relay import screens
from azbot.chat.relay.filing import Filed, edit, file, understood
from azbot.chat.relay.moving import Moved, move_to, split_off
from azbot.chat.relay.routing import (
    HOLDS_FOR,
    Among,
    among,
    named,
    remember,
    route,
    theirs,
)
from azbot.chat.relay.screens import ROOM, WHERE
from azbot.chat.room import Room
from azbot.chat.talk import Talk
from azbot.desk.spoken import mark_of
from azbot.errors import NotFound, Refused
from azbot.intake.interpret import Ask
from azbot.intake.telling import unread_rows
from azbot.intake.turns import text_of
from azbot.intake.words import Word, recognise
from azbot.messages import RawId, Reason, TurnKind
from azbot.render.phrases import refusal_sentence
from azbot.render.tellings import Teller
from azbot.screens import Screen, plain
from azbot.store.records import RawEntry, RawState
from azbot.tokens import upload_link
from azbot.workflow import amendments
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.decision import NoticeKind as N
from azbot.workflow.model import Assistance, Party
from azbot.workflow.questions import question_of

_CONVERSATION = timedelta(days=1)
"""After so much silence the desk's hours are told anew."""

_MOST_SHOWN = 200
"""Characters of the answer to a press."""


class RelayRoom:
    """Brings what is said and sent to the desk.

    Args:
        house: what every talk of the desk shares.
        others: the rooms that ask what words leave open, by name; a room that is not
            there asks nothing.
    """

    name = ROOM
    commands: Mapping[str, str] = {}

    def __init__(self, house: House, others: Sequence[Room] = ()) -> None:
        self._house = house
        self._others = {room.name: room for room in others}

    # --- the room -----------------------------------------------------------------

    def command(self, talk: Talk, name: str) -> None:
        """Nothing: it has no command."""

    def said(self, talk: Talk) -> bool:
        """Take everything of people we know, as long as somebody could read it."""
        turn, inbound = talk.turn, talk.inbound
        is_edit = turn.kind is TurnKind.EDITED
        if talk.account.room == ROOM and not _is_chosen(talk):
            # « Écrire au support » holds for a while; then others are asked first.
            talk.leave()
        if talk.person is None or turn.command:
            return False
        if is_edit and turn.spot is not None:
            return True  # somebody walks about: where they began is the place
        files = inbound.files or inbound.rejected_files
        if not (inbound.text.strip() or files or turn.spot or turn.phone):
            return False
        if is_edit and self._edit(talk):
            return True
        if self._prefer(talk):
            return True
        choices = among(talk)
        it = route(talk, choices)
        if it is None:
            self._hold(talk, choices)
        else:
            self._relay(talk, it)
        return True

    def tapped(self, talk: Talk, parts: Sequence[str]) -> None:
        """Answer where a message belongs: ``<raw>.to.<id>``, ``<raw>.wrong``."""
        raw, *action = parts or ("",)
        entry = self._entry(talk, raw)
        if entry is None:
            talk.acknowledge(talk.words.t("chat.over"))
            return
        match action:
            case ["to", key] if key.isascii() and key.isdigit():
                self._choose(talk, entry, int(key))
            case ["new"]:
                self._begin(talk, entry)
            case ["wrong"]:
                self._ask(talk, entry, 0)
            case ["page", page] if page.isascii() and page.isdigit():
                self._ask(talk, entry, int(page))
            case ["stays"]:
                self._stay(talk, entry)
            case _:
                talk.acknowledge(talk.words.t("chat.over"))

    # --- words and files ------------------------------------------------------------

    def _edit(self, talk: Talk) -> bool:
        """Change a message that stands somewhere; what was acted upon is said anew."""
        it = named(talk, talk.inbound.message_id)
        if it is None:
            return False
        history = talk.uow.events.of(it.id)
        said = amendments.named(history, talk.inbound.message_id)
        if said is None:
            return False
        talk.about = it.id
        if refused := edit(talk, it, said):
            talk.say(Screen(plain(self._why(talk, it, refused))))
        return True

    def _prefer(self, talk: Talk) -> bool:
        """STOP and REPRENDRE are about the chat, whatever else is talked about."""
        said = recognise(talk.inbound.text) if talk.turn.kind is TurnKind.SAID else None
        word = said.word if said and not said.rest else None
        command = {Word.STOP: "stop", Word.RESUME: "start"}.get(word) if word else None
        menu = self._others.get("menu")
        if command is None or menu is None:
            return False
        menu.command(talk, command)
        return True

    def _hold(self, talk: Talk, choices: Among) -> None:
        """Keep it in the ledger, where an agent sees it, and ask where it belongs."""
        turn, sender = talk.turn, talk.inbound.sender
        if talk.is_station and not choices.all:
            talk.hold(Reason.UNKNOWN_ASSISTANCE)
            talk.say(Screen(talk.words.t("chat_relay.no_mission")))
            return
        waiting = talk.uow.raw.to_be_filed(sender.email) if sender else []
        talk.hold(Reason.TO_BE_FILED, turn.album)
        if turn.album and waiting and waiting[-1].outcome.detail == turn.album:
            return  # it is asked already, of all that was sent together
        first = waiting[0].id if waiting else talk.raw
        self._put(talk, first, choices, [text_of(talk.inbound, talk.words)])

    def _put(
        self,
        talk: Talk,
        raw: RawId,
        choices: Among,
        quoted: Sequence[str] = (),
        but: Assistance | None = None,
        page: int = 0,
    ) -> None:
        """Show the question where words belong."""
        keys = [key for key in choices.all if but is None or key != but.id]
        first, after = page * screens.A_PAGE, (page + 1) * screens.A_PAGE
        screen = screens.question(
            raw,
            [text for text in quoted if text.strip()],
            [talk.uow.assistances.peek(key) for key in keys[first:after]],
            talk.words,
            is_open=bool(choices.open),
            is_placed=but is not None,
            page=page,
            has_more=len(keys) > after,
            may_ask=not talk.is_station and "request" in self._others,
        )
        talk.redraw(WHERE, screen, is_below=talk.tap is None)

    def _relay(self, talk: Talk, it: Assistance) -> None:
        """Let it have its effect, and say what has to be said about that."""
        talk.about = it.id
        person = talk.actor.person
        since = talk.now - _CONVERSATION
        is_first = person is None or not talk.uow.rates.has_said(it.id, person, since)
        meaning = understood(talk, it)
        if any(self._hand_over(talk, it, ask) for ask in meaning.asks):
            remember(talk, it.id)
            return
        try:
            filed = file(talk, it, meaning)
        except Refused as refused:
            talk.say(Screen(plain(self._why(talk, it, refused))))
            return
        is_elsewhere = talk.account.focus != it.id
        if not _is_chosen(talk):
            talk.change(focus=it.id)
        self._tell(talk, filed, is_first=is_first, is_elsewhere=is_elsewhere)

    def _hand_over(self, talk: Talk, it: Assistance, ask: Ask) -> bool:
        """Let the room that has the buttons ask what words have left open."""
        mark = "-"
        if (question := question_of(it, Party.CLIENT)) is not None:
            mark = mark_of(question)
        mission = it.mission.number if it.mission else 0
        visit = it.visit.number if it.visit else 0
        room, parts = {
            (N.REASON_WANTED, "refuse_closing"): ("cases", (mark, "no")),
            (N.CONFIRM_WORD, "cancel"): ("cases", (mark, "cancel")),
            (N.REASON_WANTED, "refuse_mission"): ("missions", (mission, "refuse")),
            (N.CONFIRM_WORD, "date"): ("missions", (visit, "plan")),
        }.get((ask.kind, str(ask.facts.get("word"))), ("", ()))
        other = self._others.get(room)
        if other is None:
            return False
        other.tapped(talk, [str(it.id), *map(str, parts)])
        return True

    def _tell(
        self, talk: Talk, filed: Filed, *, is_first: bool, is_elsewhere: bool
    ) -> None:
        words, it, rules = talk.words, filed.it, talk.desk.rules
        lines = [words.t(key) for key in _done(filed)]
        is_news = filed.has_message and not filed.is_more
        is_shown = is_news and (is_elsewhere or is_first)
        if is_shown:
            lines.insert(0, screens.arrow(it))
        if is_news and is_first:
            lines.append(screens.receipt(rules, it.zone_name, talk.now, words))
        if filed.refused is not None:
            lines.append(plain(self._why(talk, it, filed.refused)))
        lines += self._unread(talk, filed)
        lines += self._unfit(talk, filed)
        if not lines:
            return
        if is_shown:
            wrong = screens.do(words.t("chat_relay.wrong"), talk.raw, "wrong")
            talk.say(Screen("\n".join(lines), ((wrong,),)), slot=WHERE)
        else:
            talk.say(Screen("\n".join(lines)))

    def _unread(self, talk: Talk, filed: Filed) -> list[str]:
        """Return which values could not be taken, and why."""
        rows = unread_rows(filed.meaning.unread)
        return [plain(line) for line in Teller(talk.words).value_list(rows)]

    def _unfit(self, talk: Talk, filed: Filed) -> list[str]:
        """Return which files were not taken, and how to send them otherwise (E16)."""
        files = [
            *((f.name, f.size, f.code) for f in talk.inbound.rejected_files),
            *((d.name, d.size, "too_many") for d in filed.left),
        ]
        rows = [
            {"name": name, "size": size, "code": code} for name, size, code in files
        ]
        lines = [plain(line) for line in Teller(talk.words).file_list(rows)]
        person, link = talk.person, ""
        if lines and person is not None:
            link = self._house.link(talk.uow, filed.it.id, person.id, talk.now)
            link = upload_link(link)
        if link:
            lines.append(f'<a href="{link}">{talk.words.t("mail.rejected.upload")}</a>')
        return lines

    def _why(self, talk: Talk, it: Assistance, refused: Refused) -> str:
        return refusal_sentence(talk.words, refused.code, refused.facts, it.zone_name)

    # --- where they belong ------------------------------------------------------------

    def _entry(self, talk: Talk, raw: str) -> RawEntry | None:
        """Return a message of this account; None for every other number."""
        sender = talk.inbound.sender
        if sender is None or not (raw.isascii() and raw.isdigit()):
            return None
        try:
            entry = talk.uow.raw.get(RawId(int(raw)))
        except NotFound:
            return None
        is_own = entry.outcome.sender == sender.email.casefold()
        return entry if is_own and talk.person is not None else None

    def _here(self, talk: Talk, entry: RawEntry) -> Assistance | None:
        """Return where a message is now, None while it waits."""
        if entry.outcome.state is not RawState.APPLIED:
            return None
        return named(talk, entry.outcome.message_id)

    def _choose(self, talk: Talk, entry: RawEntry, key: int) -> None:
        it, here = theirs(talk, key), self._here(talk, entry)
        if it is None:
            talk.acknowledge(talk.words.t("chat.over"))
        elif here is not None:
            self._move(talk, entry, here, it)
        elif self._release(talk):
            until = talk.now + HOLDS_FOR
            talk.change(focus=it.id, focus_until=until)
            talk.about = it.id
            talk.acknowledge()
            talk.redraw(WHERE, screens.chosen(it, entry.id, talk.words))
        else:
            talk.acknowledge(talk.words.t("chat.already"))

    def _release(self, talk: Talk) -> int:
        """Let what waits be worked on again: now it is known where it belongs."""
        sender = talk.inbound.sender
        waiting = talk.uow.raw.to_be_filed(sender.email) if sender else []
        for entry in waiting:
            talk.uow.raw.reset(entry.id)
        return len(waiting)

    def _move(
        self, talk: Talk, entry: RawEntry, here: Assistance, it: Assistance
    ) -> None:
        if here.id == it.id:
            talk.acknowledge(talk.words.t("chat.already"))
            talk.redraw(WHERE, screens.chosen(it, entry.id, talk.words))
            return
        try:
            moved = move_to(talk, entry.id, here, it)
        except Refused as refused:
            self._refuse(talk, here, refused)
            return
        self._show_moved(talk, entry, moved, may_undo=True)

    def _show_moved(
        self, talk: Talk, entry: RawEntry, moved: Moved, *, may_undo: bool
    ) -> None:
        until = talk.now + HOLDS_FOR
        talk.change(focus=moved.target.id, focus_until=until)
        talk.about = moved.target.id
        talk.acknowledge()
        talk.redraw(
            WHERE, screens.moved(moved, entry.id, talk.words, may_undo=may_undo)
        )

    def _begin(self, talk: Talk, entry: RawEntry) -> None:
        """Make a new request of what was said."""
        here = self._here(talk, entry)
        request = self._others.get("request")
        if here is not None:
            try:
                moved = split_off(talk, entry.id, here)
            except Refused as refused:
                self._refuse(talk, here, refused)
            else:
                self._show_moved(talk, entry, moved, may_undo=False)
                cases = self._others.get("cases")
                if cases is not None:
                    cases.tapped(talk, [str(moved.target.id), "-", "show"])
        elif request is not None and self._release(talk):
            # What waited comes again, and is said to the room that asks now.
            talk.clear(WHERE)
            request.tapped(talk, ["open"])
        else:
            talk.acknowledge(talk.words.t("chat.already"))

    def _ask(self, talk: Talk, entry: RawEntry, page: int) -> None:
        here = self._here(talk, entry)
        if here is None and entry.outcome.state is not RawState.QUARANTINED:
            talk.acknowledge(talk.words.t("chat.already"))
            return
        talk.acknowledge()
        self._put(talk, entry.id, among(talk), but=here, page=page)

    def _stay(self, talk: Talk, entry: RawEntry) -> None:
        here = self._here(talk, entry)
        talk.acknowledge()
        if here is not None:
            talk.redraw(WHERE, screens.chosen(here, entry.id, talk.words))

    def _refuse(self, talk: Talk, it: Assistance, refused: Refused) -> None:
        why = self._why(talk, it, refused)
        talk.acknowledge(why[:_MOST_SHOWN], is_alert=True)


_DONE: Mapping[type[Command], str] = {
    c.AmendRequest: "chat_relay.done.amended",
    c.ConfirmRequest: "chat_relay.done.confirmed",
    c.ConfirmClosing: "chat_relay.done.closed",
    c.RefuseClosing: "chat_relay.done.not_closed",
    c.AskOtherDate: "chat_relay.done.other_date",
    c.AcceptMission: "chat_relay.done.accepted",
    c.RefuseMission: "chat_relay.done.refused",
    c.ScheduleIntervention: "chat_relay.done.planned",
}
"""What words can do, told in a few of ours; the card shows the rest."""


def _done(filed: Filed) -> list[str]:
    """Return the words of what was done; a refusal tells of itself."""
    if filed.refused is not None:
        return []
    done = map(type, filed.meaning.commands)
    return [_DONE[kind] for kind in done if kind in _DONE]


def _is_chosen(talk: Talk) -> bool:
    """Whether a choice holds: replies to something else do not end it."""
    until = talk.account.focus_until
    return until is not None and until > talk.now
