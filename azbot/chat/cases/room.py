"""/demandes: the list, the card of each, and what its buttons do (ux.md 10.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from azbot.chat.house import House
from azbot.chat.talk import Talk


class AssistancesRoom:
    """The room of clients' assistances."""

    name = "cases"
    commands: Mapping[str, str] = {
        "demandes": "list",
        "requests": "list",
        "solicitudes": "list",
    }

    def __init__(self, house: House) -> None:
        self._house = house

    def command(self, talk: Talk, name: str) -> None:  # noqa: ARG002
        """Show the list."""
        talk.acknowledge()

    def tapped(self, talk: Talk, parts: Sequence[str]) -> None:
        """Answer a press."""

    def said(self, talk: Talk) -> bool:  # noqa: ARG002
        """Take words while something is asked."""
        return False
