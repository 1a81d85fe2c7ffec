"""« Relier mon compte »: how an account becomes somebody's (ux.md 10.2, G4, G5).

Three ways, each with a proof of its own: a link that was sent to somebody, the number
the service vouches for, six digits sent to an address. Whatever proves nothing is
answered alike, so that nobody learns who has dealings with the desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from azbot.chat.house import House
from azbot.chat.menu import MENU, show_menu
from azbot.chat.talk import Talk, press
from azbot.forms.kinds import Context, Email, Problem
from azbot.forms.kinds.contact import read_phone
from azbot.i18n.catalogue import LANGUAGES, catalogue
from azbot.identity import codes, linking, throttling
from azbot.identity.codes import Asked
from azbot.identity.linking import Start
from azbot.identity.throttling import LETTERS, Scope, Try, person_scope
from azbot.messages import TurnKind, masked
from azbot.screens import Button, Screen, Share, Style, plain
from azbot.store import Person, PersonKind
from azbot.store.chats import ChatState
from azbot.store.request_drafts import owner_by_account, owner_of

LINK = "link"
_LONGEST_NAME = 120


class LinkRoom:
    """Makes accounts somebody's.

    Args:
        house: whose keys signed the tokens of mails.
    """

    name = LINK
    commands: Mapping[str, str] = {
        "relier": "open",
        "link": "open",
        "vincular": "open",
        "delier": "part",
        "unlink": "part",
        "desvincular": "part",
    }

    def __init__(self, house: House) -> None:
        self._house = house

    def command(self, talk: Talk, name: str) -> None:
        """Answer a command."""
        if name == "part" and talk.person is not None:
            self._ask_to_part(talk)
        else:
            self._open(talk)

    def tapped(self, talk: Talk, parts: Sequence[str]) -> None:
        """Answer a press."""
        match parts:
            case ["open"]:
                self._open(talk)
            case ["yes", token]:
                self._yes(talk, token)
            case ["no"]:
                talk.clear()
                show_menu(talk)
            case ["again"] if _asked(talk) is not None:
                self._again(talk)
            case ["skip"] if talk.account.room == LINK:
                talk.leave()
                talk.clear()
                show_menu(talk)
            case ["part"] if talk.person is not None:
                self._ask_to_part(talk)
            case ["part", "yes"] if talk.person is not None:
                self._part(talk)
            case _:
                talk.acknowledge(talk.words.t("chat.already"))
                show_menu(talk)

    def said(self, talk: Talk) -> bool:
        """Take a number, an address, a code or a name, whichever is asked for."""
        if talk.account.room != LINK or talk.turn.kind is TurnKind.EDITED:
            return False
        if talk.turn.phone and talk.person is None:
            self._phone(talk)
        elif _wants_out(talk.inbound.text):
            talk.leave()
            talk.clear()
            talk.say(Screen(talk.words.t("chat.link.left"), drops_keyboard=True))
            show_menu(talk)
        elif talk.account.memory.get("step") == "name":
            self._named(talk)
        elif (it := _asked(talk)) is not None:
            self._code(talk, it)
        else:
            self._address(talk)
        return True

    # --- a link that was sent ---------------------------------------------------------

    def begin(self, talk: Talk, payload: str) -> None:
        """Ask whether the account shall be the reader's of a mail (G4)."""
        if linking.take_alerts(talk.uow, talk.account, payload, talk.now):
            talk.say(Screen(talk.words.t("chat.alerts")))
            return
        start = self._read(talk, payload)
        if start is None:
            return
        words, address = talk.words, masked(start.person.address)
        key = "chat.link.ask" if talk.person is None else "chat.link.ask_instead"
        service = talk.account.channel.capitalize()
        yes = Button(
            words.t("chat.link.yes"), f"{LINK}.yes.{payload}", style=Style.PRIMARY
        )
        talk.ask(
            Screen(
                words.t(key, service=service, address=plain(address)),
                ((yes, press(words.t("chat.link.no"), LINK, "no")),),
            )
        )

    def _yes(self, talk: Talk, token: str) -> None:
        person = talk.person
        if person is not None and linking.is_used_by(talk.uow, token, person.id):
            talk.acknowledge(talk.words.t("chat.already"))
            return
        start = self._read(talk, token)
        if start is not None and linking.use(talk.uow, start, talk.now):
            talk.clear()
            self._become(talk, start.person, start)

    def _read(self, talk: Talk, token: str) -> Start | None:
        """Return what a token is good for; otherwise say that it serves no more.

        Wrong, used, over, somebody else's: the answer is the same for each of them,
        and so is the answer to who tries too often.
        """
        tried = _admit(talk, person_scope("chat.start", talk.account.account))
        start = (
            linking.read(talk.uow, self._house.postmark().keyring, token, talk.now)
            if isinstance(tried, Try)
            else None
        )
        if start is None or isinstance(tried, timedelta):
            talk.acknowledge(talk.words.t("chat.link.over_short"))
            talk.say(Screen(talk.words.t("chat.link.over")))
            show_menu(talk)
            return None
        throttling.succeed(talk.uow, tried)
        if talk.person is not None and talk.person.id == start.person.id:
            self._greet(talk, "chat.link.is_linked", start)
            return None
        return start

    # --- from nothing -----------------------------------------------------------------

    def _open(self, talk: Talk) -> None:
        words = talk.words
        if talk.person is not None:
            self._greet(talk, "chat.link.is_linked")
            return
        talk.clear()
        talk.enter(LINK, {"step": "who"})
        share = Button(words.t("chat.link.share"), share=Share.PHONE)
        back = press(words.t("chat.back"), MENU, "open")
        talk.say(Screen(words.t("chat.link.how"), ((share,), (back,))))

    def _phone(self, talk: Talk) -> None:
        words = talk.words
        if not talk.turn.is_own_phone:
            talk.say(Screen(words.t("chat.link.not_yours")))
            return
        person = self._of_phone(talk)
        if person is None:
            talk.say(Screen(words.t("chat.link.unknown_phone"), drops_keyboard=True))
        else:
            self._become(talk, person)

    def _of_phone(self, talk: Talk) -> Person | None:
        """Return whose the number is for sure, None when it is nobody's or several's.

        Services write it with or without its plus.
        """
        read = read_phone(f"+{talk.turn.phone.lstrip('+')}")
        if isinstance(read, Problem):
            return None
        found = [
            person
            for person in talk.uow.people.by_known_phone(str(read.value))
            if person.is_verified and person.kind is not PersonKind.AGENT
        ]
        return found[0] if len(found) == 1 else None

    def _address(self, talk: Talk) -> None:
        read = Email().check(talk.inbound.text, Context())
        if isinstance(read, Problem):
            talk.say(Screen(talk.words.t("chat.link.no_address"), (_way_out(talk),)))
        else:
            self._send(talk, codes.ask(str(read.value)))

    def _again(self, talk: Talk) -> None:
        before = _asked(talk)
        if before is not None:
            self._send(talk, codes.ask(before.address))

    def _send(self, talk: Talk, it: Asked) -> None:
        """Send a code, known address or not, and ask for it."""
        words, account = talk.words, talk.account
        paced = Scope(person_scope("chat.codes", account.account).name, LETTERS)
        if isinstance(tried := _admit(talk, paced), timedelta):
            minutes = -(-int(tried.total_seconds()) // 60)
            pause = words.t("chat.link.pause", count=max(minutes, 1))
            talk.say(Screen(pause, (_way_out(talk),)))
            return
        before, now = _asked(talk), talk.now
        sent = codes.send(talk.uow, talk.desk, it, now, language=words.language)
        # A letter too many does not leave, and says nothing: the code that came
        # before it stays the one to type.
        if not sent and before is not None and before.address == it.address:
            it = before
        talk.enter(LINK, {"step": "code", "secret": it.secret, "address": it.address})
        text = words.t("chat.link.code", address=plain(it.address))
        talk.say(Screen(text, drops_keyboard=True))
        talk.ask(
            Screen(
                words.t("chat.link.code_wanted"),
                (
                    (
                        press(words.t("chat.link.again"), LINK, "again"),
                        press(words.t("chat.link.other"), LINK, "open"),
                    ),
                    _way_out(talk),
                ),
            )
        )

    def _code(self, talk: Talk, it: Asked) -> None:
        words, code = talk.words, codes.typed(talk.inbound.text)
        if not code and "@" in talk.inbound.text:
            self._address(talk)
            return
        if not code:
            talk.say(Screen(words.t("chat.link.code_shape"), (_way_out(talk),)))
            return
        scopes = (
            person_scope("visitor", it.address),
            person_scope("chat.code", talk.account.account),
        )
        tried = _admit(talk, *scopes)
        person = (
            codes.prove(talk.uow, it, code, talk.now, language=words.language)
            if isinstance(tried, Try)
            else None
        )
        if person is None or isinstance(tried, timedelta):
            talk.say(Screen(words.t("chat.link.code_wrong"), (_way_out(talk),)))
            return
        throttling.succeed(talk.uow, tried)
        talk.clear()
        self._become(talk, person)

    # --- somebody now -----------------------------------------------------------------

    def _become(self, talk: Talk, person: Person, start: Start | None = None) -> None:
        """Make the account somebody's, tell them on every way, and go on."""
        uow, account = talk.uow, talk.account
        linking.take(uow, talk.desk, account, person, talk.now)
        if account.person is not None or account.room == LINK:
            account = linking.parted(account)
        # A request that was begun goes on: it is theirs from now on.
        begun = owner_by_account(account.channel, account.account)
        uow.request_drafts.move(begun, owner_of(person.id))
        talk.account = replace(account, state=ChatState.OPEN)
        talk.link_to(person.id)
        if person.name or person.kind is PersonKind.STATION:
            self._greet(talk, "chat.link.done", start)
            return
        self._say_linked(talk, "chat.link.done")
        talk.enter(LINK, {"step": "name"})
        self._ask_name(talk)

    def _ask_name(self, talk: Talk) -> None:
        skip = press(talk.words.t("chat.link.later"), LINK, "skip")
        talk.ask(Screen(talk.words.t("chat.link.name"), ((skip,),)))

    def _named(self, talk: Talk) -> None:
        name = " ".join(talk.inbound.text.split())[:_LONGEST_NAME]
        if not name or talk.person is None:
            self._ask_name(talk)
            return
        talk.person = talk.uow.people.update(replace(talk.person, name=name))
        talk.leave()
        talk.clear()
        show_menu(talk)

    def _greet(self, talk: Talk, key: str, start: Start | None = None) -> None:
        """Say whose the account is, then show what the mail was about, or the menu."""
        self._say_linked(talk, key)
        about = start.assistance if start else None
        it = talk.assistance(about) if about else None
        if it is not None:
            talk.show_card(it)
        else:
            show_menu(talk)

    def _say_linked(self, talk: Talk, key: str) -> None:
        address = talk.person.address if talk.person else ""
        text = talk.words.t(key, address=plain(address))
        talk.say(Screen(text, drops_keyboard=True))

    # --- nobody again -----------------------------------------------------------------

    def _ask_to_part(self, talk: Talk) -> None:
        words = talk.words
        yes = Button(
            words.t("chat.link.part_yes"), f"{LINK}.part.yes", style=Style.DANGER
        )
        back = press(words.t("chat.back"), MENU, "settings")
        talk.redraw(
            MENU,
            Screen(words.t("chat.link.part_ask"), ((yes, back),)),
            is_below=talk.belongs_below(MENU),
        )

    def _part(self, talk: Talk) -> None:
        talk.account, talk.person = linking.parted(talk.account), None
        talk.say(Screen(talk.words.t("chat.link.parted")))
        show_menu(talk)


def _asked(talk: Talk) -> Asked | None:
    """Return the code this account waits for, None when it waits for none."""
    account = talk.account
    secret, address = account.memory.get("secret"), account.memory.get("address")
    if account.room != LINK or not (isinstance(secret, str) and secret):
        return None
    return Asked(secret, str(address))


def _admit(talk: Talk, *scopes: Scope) -> Try | timedelta:
    return throttling.admit(talk.uow, scopes, talk.now)


def _way_out(talk: Talk) -> tuple[Button, ...]:
    return (press(talk.words.t("chat.back"), MENU, "open"),)


def _wants_out(text: str) -> bool:
    """Whether « Retour » was typed, which the keyboard of a telephone does too."""
    said = text.strip().casefold()
    return said in {catalogue(each).t("chat.back").casefold() for each in LANGUAGES}
