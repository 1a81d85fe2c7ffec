"""What a room promises: the seam between the handler and everything that talks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from azbot.chat.talk import Talk


class Entrance(Protocol):
    """Who stands at the door, whatever room somebody goes to."""

    def welcome(self, talk: Talk) -> None:
        """Tell whoever speaks for the first time who runs this."""
        ...

    def offer(self, talk: Talk) -> None:
        """Say which commands there are for them, when that changed."""
        ...


class Room(Protocol):
    """One thing that can be talked about."""

    @property
    def name(self) -> str:
        """Its name: the first part of the data of its buttons, at most 12 letters."""
        ...

    @property
    def commands(self) -> Mapping[str, str]:
        """Commands it answers: ``{"nouvelle": "new"}``; every language's names."""
        ...

    def command(self, talk: Talk, name: str) -> None:
        """Answer a command; ``name`` is the value of ``commands``."""
        ...

    def tapped(self, talk: Talk, parts: Sequence[str]) -> None:
        """Answer a press of one of its buttons; ``parts`` follow the room's name.

        They are the client's word: what may be done is decided here, from
        ``talk.person`` and the state. A button that means nothing any more answers
        ``chat.already`` (ux.md G3) and shows how things stand.
        """
        ...

    def said(self, talk: Talk) -> bool:
        """Take words or files while this room asks something.

        Returns:
            False when they are not for it: the next room is asked.
        """
        ...
