"""What a browser waits for: its half of a code, kept while the mail is on its way."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from aiohttp import web

from azbot.identity import codes
from azbot.identity.codes import Asked

COOKIE = "__Host-azbot-code"
"""What a browser waits for; of this host alone, over HTTPS alone."""

_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Awaited:
    """A code that a browser asked for.

    Attributes:
        onward: where to go afterwards; not believed, see ``onward.of``.
        is_remembered: whether the session shall outlive the browser.
    """

    asked: Asked
    onward: str = ""
    is_remembered: bool = False

    @property
    def address(self) -> str:
        """Where the digits went."""
        return self.asked.address


def awaited(address: str, onward: str = "", *, is_remembered: bool = False) -> Awaited:
    """Return a fresh wish for a code."""
    return Awaited(codes.ask(address), onward, is_remembered)


def awaited_by(request: web.Request, name: str = COOKIE) -> Awaited | None:
    """Return what a browser waits for; None for nothing, or nothing readable."""
    packed = request.cookies.get(name, "")
    if not packed or len(packed) > _LONGEST:
        return None
    try:
        secret, address, onward, is_remembered = json.loads(urlsafe_b64decode(packed))
    except (ValueError, TypeError):
        return None
    texts = (secret, address, onward)
    if not all(isinstance(each, str) for each in texts) or not secret:
        return None
    return Awaited(Asked(secret, address), onward, is_remembered is True)


def let_wait(response: web.StreamResponse, it: Awaited, name: str = COOKIE) -> None:
    """Let the browser keep its half of the proof while the mail is on its way."""
    told = [it.asked.secret, it.address, it.onward, it.is_remembered]
    response.set_cookie(
        name,
        urlsafe_b64encode(json.dumps(told).encode()).decode(),
        max_age=int(codes.LASTS.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="Lax",
    )


def wait_no_more(response: web.StreamResponse, name: str = COOKIE) -> None:
    """Take that half back from the browser."""
    response.del_cookie(name, path="/", secure=True, httponly=True, samesite="Lax")
