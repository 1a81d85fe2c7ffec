"""Opening a session, and telling one's own sessions apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aiohttp import web

from azbot.channels.web.clients import client_address
from azbot.channels.web.settings import WebSettings
from azbot.channels.web.staff import COOKIE, lives_until, new_secret, secret_hash
from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.store.accounts import Session

_NAME = 16


def open_session(
    uow: UnitOfWork,
    request: web.Request,
    person: PersonId,
    settings: WebSettings,
    now: datetime,
) -> str:
    """Open a session and return its secret, which nobody ever had before.

    The session the browser came with ends: what somebody planted in it before the
    sign-in opens nothing afterwards (session fixation).
    """
    old = request.cookies.get(COOKIE)
    if old:
        uow.sessions.revoke(secret_hash(old), now)
    secret = new_secret()
    uow.sessions.add(
        Session(
            hash=secret_hash(secret),
            person=person,
            created_at=now,
            seen_at=now,
            expires_at=lives_until(now, now),
            client=_text(request.headers.get("User-Agent", "")),
            address=client_address(request, settings.trusted_proxies),
        )
    )
    return secret


def short_name(session: Session) -> str:
    """Return what a form calls a session: enough to tell one's own apart."""
    return session.hash[:_NAME]


def named(sessions: Sequence[Session], name: str) -> Session | None:
    """Return the session a form names, among somebody's own."""
    found = [each for each in sessions if short_name(each) == name]
    return found[0] if len(found) == 1 else None


def _text(header: str) -> str:
    """Return a header as text: octets that are none came as lone surrogates."""
    return header.encode(errors="replace").decode()


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""In this order: each of the later ones is claimed by an earlier one too."""
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device(client: str) -> tuple[str, str]:
    """Return browser and system of a ``User-Agent``, each empty when unknown."""
    browser = next((name for mark, name in _BROWSERS if mark in client), "")
    system = next((name for mark, name in _SYSTEMS if mark in client), "")
    return browser, system
