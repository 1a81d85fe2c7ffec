"""The links a browser has opened, kept in one cookie instead of its address bar.

The cookie holds the signed tokens themselves: opening a link writes nothing anywhere
(ux.md X18), and a token that ends, or whose key retires, ends here too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from aiohttp import web

from azbot.tokens import LINK_FOR, Forged, Keyring, Purpose, Token, read_link
from azbot.workflow.model import AssistanceRef

COOKIE = "__Host-azbot-links"
"""Of this host alone, over HTTPS alone (RFC 6265bis §4.1.3.2)."""

MOST = 20
"""The latest links; 20 make 1.4 KB of a cookie's 4 KB."""

KEPT_FOR = int(LINK_FOR.total_seconds())

_ENTRY = re.compile(r"([A-Z]{4}[0-9]{8,12}):([a-z0-9.]{40,120})")
_BETWEEN = "~"


def held_links(request: web.Request) -> dict[AssistanceRef, str]:
    """Return the token of each assistance whose link this browser opened, latest last.

    Nothing in it is proven yet: see ``proven``.
    """
    entries = request.cookies.get(COOKIE, "").split(_BETWEEN)[-MOST:]
    found = (_ENTRY.fullmatch(entry) for entry in entries)
    return {AssistanceRef(each[1]): each[2] for each in found if each}


def proven(keyring: Keyring, text: str, now: datetime) -> Token | Forged | None:
    """Return what the token of a link proves; see ``tokens.read_link``."""
    return read_link(keyring, Purpose.LINK, text, now)


def hold(
    request: web.Request, response: web.StreamResponse, ref: AssistanceRef, text: str
) -> None:
    """Let the browser keep one more link, in the place of an older one of the same."""
    held = {key: each for key, each in held_links(request).items() if key != ref}
    _keep(response, {**held, ref: text})


def forget(
    request: web.Request, response: web.StreamResponse, ref: AssistanceRef
) -> None:
    """Take the link of one assistance out of the browser."""
    held = {key: each for key, each in held_links(request).items() if key != ref}
    _keep(response, held)


def forget_all(response: web.StreamResponse) -> None:
    """Take every link out of the browser."""
    _keep(response, {})


def _keep(response: web.StreamResponse, links: Mapping[AssistanceRef, str]) -> None:
    entries = [f"{ref}:{text}" for ref, text in links.items()][-MOST:]
    if not entries:
        response.del_cookie(
            COOKIE, path="/", secure=True, httponly=True, samesite="Lax"
        )
        return
    response.set_cookie(
        COOKIE,
        _BETWEEN.join(entries),
        max_age=KEPT_FOR,
        path="/",
        secure=True,
        httponly=True,
        samesite="Lax",
    )
