"""What every page of the desk is drawn in: the bar on top, its files, who looks."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from azbot.channels.web.staff import Staff, staff_of
from azbot.channels.web.static import ASSETS


@dataclass(frozen=True, slots=True)
class Frame:
    """The surroundings of one page.

    Attributes:
        name, initials: of whoever is signed in; empty before.
        room: which entry of the bar is current: ``inbox``, ``stats``, ``admin``,
            ``account``.
        styles, scripts: addresses of the files the page loads.
    """

    name: str
    initials: str
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
        name=staff.name,
        initials=initials(staff.name),
        is_admin=staff.is_admin,
        room=room,
        styles=tuple(assets.url(name) for name in ("desk.css", *styles)),
        scripts=tuple(assets.url(name) for name in scripts),
    )


def door_frame(request: web.Request, *, scripts: tuple[str, ...] = ()) -> Frame:
    """Return the surroundings of a page before anybody is signed in."""
    assets = request.app[ASSETS]
    return Frame(
        name="",
        initials="",
        is_admin=False,
        room="",
        styles=(assets.url("desk.css"), assets.url("signin/signin.css")),
        scripts=tuple(assets.url(name) for name in scripts),
    )


def initials(name: str) -> str:
    """Return one or two capitals for a round picture: « CR »."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    picked = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0].upper() for word in picked) or "?"
