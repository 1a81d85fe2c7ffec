"""/start, /aide, /stop, settings: who we are, what can be done here, how to end it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from azbot.chat.house import House
from azbot.chat.talk import Talk, press
from azbot.i18n.catalogue import LANGUAGES, Catalogue, catalogue
from azbot.identity.linking import choose_language
from azbot.messages import TurnKind
from azbot.render.values import DEFAULT_NAME
from azbot.screens import Button, Screen, plain
from azbot.store.chats import ChatState

MENU = "menu"
"""The slot of the menu, and the name of its room."""

_NAMES = {"fr": "Français", "en": "English", "es": "Español"}
_OFFERED: Mapping[str, tuple[str, ...]] = {
    "unknown": ("new", "link", "help", "stop"),
    "client": ("new", "cases", "settings", "help", "stop"),
    "station": ("missions", "agenda", "settings", "help", "stop"),
}
"""What each role is offered, in order; every other command is understood too."""


class Begins(Protocol):
    """Takes what a chat is begun with: « /start abc »."""

    def begin(self, talk: Talk, payload: str) -> None:
        """Answer it."""
        ...


class MenuRoom:
    """The entrance.

    Args:
        house: who runs this, as it is now.
        begins: takes the tokens a chat is begun with.
    """

    name = MENU
    commands: Mapping[str, str] = {
        "start": "start",
        "menu": "help",
        "aide": "help",
        "help": "help",
        "ayuda": "help",
        "stop": "stop",
        "reglages": "settings",
        "settings": "settings",
        "ajustes": "settings",
    }

    def __init__(self, house: House, begins: Begins) -> None:
        self._house = house
        self._begins = begins

    def command(self, talk: Talk, name: str) -> None:
        """Answer a command."""
        match name:
            case "stop":
                self._stop(talk)
            case "start":
                self._start(talk)
            case "settings":
                self._settings(talk)
            case _:
                talk.leave()
                show_menu(talk)

    def tapped(self, talk: Talk, parts: Sequence[str]) -> None:
        """Answer a press of the menu or the settings."""
        match parts:
            case ["settings"]:
                self._settings(talk)
            case ["support"]:
                self._support(talk)
            case ["language", language] if language in LANGUAGES:
                self._speak(talk, language)
            case ["notices", ("on" | "off") as wish]:
                self._notices(talk, is_wanted=wish == "on")
            case ["mails", ("on" | "off") as wish]:
                self._mails(talk, is_wanted=wish == "on")
            case ["open"]:
                talk.leave()
                show_menu(talk)
            case _:
                talk.acknowledge(talk.words.t("chat.over"))
                show_menu(talk)

    def said(self, talk: Talk) -> bool:
        """Show the menu: nobody else knew what to do with it."""
        if talk.turn.kind is not TurnKind.EDITED:
            show_menu(talk)
        return True

    # --- the first time ---------------------------------------------------------------

    def welcome(self, talk: Talk) -> None:
        """Tell whoever speaks here for the first time who runs this; once."""
        if talk.account.greeted_at is not None:
            return
        words, mark = talk.words, self._house.postmark()
        brand, service = mark.brand, talk.account.channel.capitalize()
        name = words.t("chat.desk") if brand.name == DEFAULT_NAME else brand.name
        controller = brand.privacy_controller or brand.organisation
        facts = {"desk": plain(name), "service": service}
        text = (
            words.t("chat.welcome.of", controller=plain(controller), **facts)
            if controller
            else words.t("chat.welcome.alone", **facts)
        )
        if base := mark.public_url:
            url = f"{base}/privacy?lang={words.language}"
            text += f'\n<a href="{url}">{words.t("chat.welcome.privacy")}</a>'
        talk.say(Screen(text), is_silent=True)
        talk.change(greeted_at=talk.now)

    def offer(self, talk: Talk) -> None:
        """Say which commands there are, when that is not what was said last."""
        role, language = _role(talk), talk.words.language
        name = f"{role}.{language}"
        if talk.account.offered != name:
            talk.offer(commands_for(role, talk.words))
            talk.change(offered=name)

    # --- commands and presses ---------------------------------------------------------

    def _start(self, talk: Talk) -> None:
        if talk.account.state is ChatState.STOPPED:
            talk.change(state=ChatState.OPEN)
            talk.say(Screen(talk.words.t("chat.notices.on")))
        payload = talk.inbound.text.strip()
        if payload:
            self._begins.begin(talk, payload)
            return
        talk.leave()
        show_menu(talk)

    def _stop(self, talk: Talk) -> None:
        words = talk.words
        talk.change(state=ChatState.STOPPED)
        key = "chat.notices.off" if talk.person else "chat.notices.none"
        again = press(words.t("chat.notices.again"), MENU, "notices", "on")
        talk.say(Screen(words.t(key), ((again,),)))

    def _notices(self, talk: Talk, *, is_wanted: bool) -> None:
        talk.change(state=ChatState.OPEN if is_wanted else ChatState.STOPPED)
        key = "chat.notices.on" if is_wanted else "chat.notices.off"
        talk.acknowledge(talk.words.t(key))
        self._settings(talk)

    def _mails(self, talk: Talk, *, is_wanted: bool) -> None:
        if talk.person is not None:
            talk.change(mails_too=is_wanted)
        self._settings(talk)

    def _speak(self, talk: Talk, language: str) -> None:
        """Change the language of the person, or of an account that is nobody's."""
        if talk.person is not None:
            talk.person = choose_language(talk.uow, talk.person, language)
        talk.change(language=language)
        if talk.person is None:
            show_menu(talk)
        else:
            self._settings(talk)

    def _support(self, talk: Talk) -> None:
        words, address = talk.words, self._house.postmark().brand.address
        key = "chat.support.known" if talk.person else "chat.support.unknown"
        new = press(words.t("chat.menu.new"), "request", "open")
        rows = ((_back(words),) if talk.person else (new, _back(words)),)
        _draw(talk, words.t(key, address=plain(address)), *rows)

    def _settings(self, talk: Talk) -> None:
        words, account, person = talk.words, talk.account, talk.person
        is_told = account.state is ChatState.OPEN
        lines = [f"<b>{words.t('chat.settings.title')}</b>"]
        if person is not None:
            address = plain(person.address)
            lines.append(words.t("chat.settings.account", address=address))
        lines.append(words.t("chat.settings.language", language=_NAMES[words.language]))
        if person is not None:
            lines.append(words.t(f"chat.settings.here.{'on' if is_told else 'off'}"))
            is_mailed = account.mails_too or not is_told
            lines.append(words.t(f"chat.settings.mail.{'on' if is_mailed else 'off'}"))
        _draw(talk, "\n".join(lines), *_choices(talk))


def show_menu(talk: Talk) -> None:
    """Say what can be done here, in place or below."""
    words, person = talk.words, talk.person
    if person is None:
        text = words.t("chat.menu.unknown")
    elif person.name:
        text = words.t("chat.menu.known", name=plain(person.name))
    else:
        text = words.t("chat.menu.nameless")
    _draw(talk, text, *_menu(talk))


def commands_for(role: str, words: Catalogue) -> tuple[tuple[str, str], ...]:
    """Return the commands of a role in a language: (name, what it does), in order.

    Args:
        role: ``unknown``, ``client`` or ``station``; a service that shows commands
            before anything was said shows those of ``unknown``.
        words: of the language.
    """
    return tuple(
        (words.t(f"chat.command.{name}"), words.t(f"chat.command.{name}.what"))
        for name in _OFFERED[role]
    )


def menus_of_strangers() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the commands shown before anything was said, by language.

    Under the empty language stand those for everybody whose language we do not speak:
    in English, as they will be answered.
    """
    menus = {each: commands_for("unknown", catalogue(each)) for each in LANGUAGES}
    return {"": menus["en"], **menus}


def _draw(talk: Talk, text: str, *rows: tuple[Button, ...]) -> None:
    talk.redraw(MENU, Screen(text, rows), is_below=talk.belongs_below(MENU))


def _role(talk: Talk) -> str:
    if talk.person is None:
        return "unknown"
    return "station" if talk.is_station else "client"


def _menu(talk: Talk) -> Iterator[tuple[Button, ...]]:
    """Yield the rows of the menu of whoever speaks."""
    words = talk.words

    def to(room: str, label: str) -> Button:
        return press(words.t(f"chat.menu.{label}"), room, "open")

    support = press(words.t("chat.menu.support"), MENU, "support")
    settings = press(words.t("chat.menu.settings"), MENU, "settings")
    if talk.person is None:
        yield (to("request", "new"),)
        yield (to("link", "link"), support)
        yield _languages(words.language)
    elif talk.is_station:
        agenda = press(words.t("chat.menu.agenda"), "missions", "agenda")
        yield to("missions", "missions"), agenda
        yield settings, support
    else:
        yield to("request", "new"), to("cases", "cases")
        yield settings, support


def _languages(spoken: str) -> tuple[Button, ...]:
    return tuple(
        press(_NAMES[each], MENU, "language", each)
        for each in LANGUAGES
        if each != spoken
    )


def _choices(talk: Talk) -> Iterator[tuple[Button, ...]]:
    """Yield the rows of the settings."""
    words, account = talk.words, talk.account
    yield _languages(words.language)
    if talk.person is not None:
        is_told = account.state is ChatState.OPEN
        yield (_switch(words, "notices", is_on=is_told),)
        if is_told:
            yield (_switch(words, "mails", is_on=account.mails_too),)
        yield press(words.t("chat.settings.part"), "link", "part"), _back(words)
    else:
        yield press(words.t("chat.menu.link"), "link", "open"), _back(words)


def _switch(words: Catalogue, what: str, *, is_on: bool) -> Button:
    wish = "off" if is_on else "on"
    return press(words.t(f"chat.settings.{what}.{wish}"), MENU, what, wish)


def _back(words: Catalogue) -> Button:
    return press(words.t("chat.back"), MENU, "open")
