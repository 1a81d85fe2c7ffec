"""The session a code begins, and its cookie."""

from __future__ import annotations

from datetime import datetime, timedelta

from aiohttp import web

from azbot.channels.web.clients import client_address
from azbot.channels.web.settings import WebSettings
from azbot.channels.web.staff import new_secret
from azbot.channels.web.visitors.access import SESSION, session_hash
from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.store.accounts import Session

REMEMBERED_FOR = timedelta(days=90)
"""« Rester connecté »: the longest a browser is believed after one code."""

UNTIL_CLOSED_FOR = timedelta(hours=12)
"""Else a day of work at most, and no longer than the browser stays open."""


def open_session(
    uow: UnitOfWork,
    request: web.Request,
    person: PersonId,
    settings: WebSettings,
    now: datetime,
    *,
    is_remembered: bool,
) -> str:
    """Open a session and return its secret, which nobody ever had before.

    The session the browser came with ends: what somebody planted in it before opens
    nothing afterwards (session fixation).
    """
    end_session(uow, request, now)
    secret = new_secret()
    client = request.headers.get("User-Agent", "")
    lasts = REMEMBERED_FOR if is_remembered else UNTIL_CLOSED_FOR
    uow.sessions.add(
        Session(
            hash=session_hash(secret),
            person=person,
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
            # Octets of a header that are no text came as lone surrogates.
            client=client.encode(errors="replace").decode(),
            address=client_address(request, settings.trusted_proxies),
        )
    )
    return secret


def end_session(uow: UnitOfWork, request: web.Request, now: datetime) -> None:
    """End the session a browser came with, if it has one."""
    secret = request.cookies.get(SESSION)
    if secret:
        uow.sessions.revoke(session_hash(secret), now)


def give_session(
    response: web.StreamResponse, secret: str, *, is_remembered: bool
) -> None:
    """Give the browser its session; without « Rester connecté » until it closes."""
    lasts = int(REMEMBERED_FOR.total_seconds()) if is_remembered else None
    response.set_cookie(
        SESSION,
        secret,
        max_age=lasts,
        path="/",
        secure=True,
        httponly=True,
        samesite="Lax",
    )


def take_session(response: web.StreamResponse) -> None:
    """Take the session back from the browser."""
    response.del_cookie(SESSION, path="/", secure=True, httponly=True, samesite="Lax")
