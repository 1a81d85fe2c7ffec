"""What every page of the desk is drawn in: the bar on top, its files, who looks."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from azbot.channels.web.staff import Staff, staff_of
from azbot.channels.web.static import ASSETS
from azbot.messages import PersonId

_TINTS = "abcde"


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody of the desk as a round picture.

    Attributes:
        tint: its colour, the same for one person everywhere; scripts know it, too.
    """

    name: str
    initials: str
    tint: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The surroundings of one page.

    Attributes:
        me: whoever is signed in; None before.
        room: which entry of the bar is current: ``inbox``, ``stats``, ``admin``,
            ``account``.
        styles, scripts: addresses of the files the page loads.
    """

    me: Face | None
    is_admin: bool
    room: str
    styles: tuple[str, ...]
    scripts: tuple[str, ...]


def frame_of(
    request: web.Request,
    room: str,
    *,
    styles: tuple[str, ...] = (),
    scripts: tuple[str, ...] = (),
) -> Frame:
    """Return the surroundings of a page below the guard.

    Args:
        request: of somebody who is signed in.
        room: which entry of the bar is current.
        styles: further stylesheets by name, ``inbox/inbox.css``.
        scripts: modules by name, ``inbox/app.js``.
    """
    staff: Staff = staff_of(request)
    assets = request.app[ASSETS]
    return Frame(
        me=face_of(staff.person.id, staff.name),
        is_admin=staff.is_admin,
        room=room,
        styles=tuple(assets.url(name) for name in ("desk.css", *styles)),
        scripts=tuple(assets.url(name) for name in scripts),
    )


def door_frame(request: web.Request, *, scripts: tuple[str, ...] = ()) -> Frame:
    """Return the surroundings of a page before anybody is signed in."""
    assets = request.app[ASSETS]
    return Frame(
        me=None,
        is_admin=False,
        room="",
        styles=(assets.url("desk.css"), assets.url("signin/signin.css")),
        scripts=tuple(assets.url(name) for name in scripts),
    )


def face_of(person: PersonId, name: str) -> Face:
    """Return how somebody of the desk is drawn."""
    return Face(name, initials(name), _TINTS[person % len(_TINTS)])


def initials(name: str) -> str:
    """Return one or two capitals for a round picture: « CR »."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    picked = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0].upper() for word in picked) or "?"
