"""Where somebody goes once they are in: rooms of ours that visitors have, no others."""

from __future__ import annotations

from urllib.parse import urlsplit

from azbot.channels.web.staff import is_below
from azbot.store import Person, PersonKind

LIST = "/portal"
MISSIONS = "/missions"
_ROOMS = (LIST, MISSIONS)
_DOORS = ("/portal/signin", "/portal/signout")
_LONGEST = 500


def onward_of(text: str) -> str:
    r"""Return an address of ours as it was given, empty when it is none.

    ``//elsewhere``, ``/\elsewhere`` and what browsers clean up into them lead to
    other sites; the door itself leads nowhere.
    """
    is_plain = text.isprintable() and "\\" not in text and len(text) <= _LONGEST
    if not is_plain or not text.startswith("/") or text.startswith("//"):
        return ""
    parts = urlsplit(text)
    if parts.scheme or parts.netloc or ".." in parts.path.split("/"):
        return ""
    if not is_below(parts.path, _ROOMS) or is_below(parts.path, _DOORS):
        return ""
    return text


def home_of(person: Person) -> str:
    """Return where somebody begins: their requests, or a station's missions."""
    return MISSIONS if person.kind is PersonKind.STATION else LIST


def landing(person: Person, wished: str) -> str:
    """Return where somebody goes who came in and wished to go somewhere."""
    return onward_of(wished) or home_of(person)
