"""/start, /aide, /stop: who we are, what can be done here, and how to end it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from azbot.chat.talk import Talk
from azbot.screens import Screen
from azbot.store.chats import ChatState


class MenuRoom:
    """The entrance."""

    name = "menu"
    commands: Mapping[str, str] = {
        "start": "start",
        "aide": "help",
        "help": "help",
        "ayuda": "help",
        "stop": "stop",
    }

    def command(self, talk: Talk, name: str) -> None:
        """Answer a command."""
        if name == "stop":
            talk.change(state=ChatState.STOPPED)
            talk.say(Screen(talk.words.t("chat.stopped")))
            return
        talk.change(state=ChatState.OPEN)
        self.show(talk)

    def tapped(self, talk: Talk, parts: Sequence[str]) -> None:  # noqa: ARG002
        """Show the menu."""
        self.show(talk)

    def said(self, talk: Talk) -> bool:
        """Show the menu: nobody else knew what to do with it."""
        self.show(talk)
        return True

    def show(self, talk: Talk) -> None:
        """Say what can be done here."""
        talk.say(Screen(talk.words.t("chat.menu")))
