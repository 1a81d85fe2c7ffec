"""Who of the desk asks: a cookie, a session, a role; and no other site in their name.

Every address below the rooms of the desk needs a session; those below ``/admin`` an
administrator's. The guard goes by address, so that no new route can be forgotten.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import quote, urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.errors import NotFound
from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.messages import Trust
from azbot.store import Person
from azbot.store.accounts import Account, Session
from azbot.workflow.model import Actor, Role

COOKIE = "__Host-azbot"
"""Of this host alone, over HTTPS alone (RFC 6265bis §4.1.3.2)."""

PART = "Azbot-Part"
"""Header by which our scripts ask for one part of a page, not the whole of it."""

STREAM = "text/event-stream"
"""What a browser accepts that opens a stream (HTML Living Standard §9.2.2)."""

SIGN_IN = "/signin"
ROOMS = ("/inbox", "/admin", "/account", "/trial")
"""Everything below needs a session."""
VISITED = ("/portal", "/missions", "/sign", "/uploads")
"""Everything below is for visitors, who come by a link or a code."""

IDLE_FOR = timedelta(days=7)
LASTS_FOR = timedelta(days=30)
_NOTED_EVERY = timedelta(minutes=5)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody of the desk who is signed in.

    Attributes:
        labels: (name, label) of channels that no catalogue knows.
    """

    person: Person
    account: Account
    session: Session
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def is_admin(self) -> bool:
        """Whether they may change how azbot works."""
        return self.account.role is Role.ADMIN

    @property
    def name(self) -> str:
        """As colleagues read it."""
        return self.person.name or self.person.address

    @property
    def language(self) -> str:
        """Of the pages they see."""
        chosen = self.account.preferences.get("language")
        return chosen if isinstance(chosen, str) else self.person.language

    @property
    def words(self) -> Catalogue:
        """The words of their language."""
        return labelled(self.language, self.labels)

    @property
    def actor(self) -> Actor:
        """Who they are to the workflow."""
        return Actor(
            self.account.role, self.person.id, self.name, Trust.STAFF, channel="web"
        )

    @property
    def scope(self) -> str:
        """Whose idempotency keys and uploads these are."""
        return f"web:{self.person.id}"


STAFF: web.RequestKey[Staff] = web.RequestKey("azbot.staff", Staff)


def staff_of(request: web.Request) -> Staff:
    """Return who asks; only below ``ROOMS``, where the guard has looked."""
    return request[STAFF]


def secret_hash(plain: str) -> str:
    """Return what the store keeps of a secret: 64 hexadecimal digits.

    Total: octets of a header that are no text make a hash, too, of no secret.
    """
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()


def new_secret() -> str:
    """Return 256 random bits as text for a cookie or a link."""
    return secrets.token_urlsafe(32)


def is_below(path: str, rooms: tuple[str, ...] = ROOMS) -> bool:
    """Whether an address belongs to one of the rooms."""
    return any(path == room or path.startswith(f"{room}/") for room in rooms)


def is_part(request: web.Request) -> bool:
    """Whether a script of ours asks, not the browser's address bar."""
    # Of an event stream, which a script cannot give headers, the type tells.
    return PART in request.headers or request.headers.get("Accept") == STREAM


def set_cookie(response: web.StreamResponse, secret: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(LASTS_FOR.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: web.StreamResponse) -> None:
    """Take the session back from the browser."""
    response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")


def lives_until(session_created_at: datetime, now: datetime) -> datetime:
    """Return how long a session lives that is used now."""
    return min(now + IDLE_FOR, session_created_at + LASTS_FOR)


def guard(deps: WebDeps) -> Middleware:
    """Return the middleware that lets nobody into a room who may not be there."""

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        is_room = is_below(request.path)
        if is_room or is_below(request.path, (SIGN_IN, *VISITED)):
            require_same_site(request)
        if not is_room:
            return await handler(request)
        staff = await find_staff(request, deps)
        if staff is None:
            return _ask_to_sign_in(request)
        if is_below(request.path, ("/admin",)) and not staff.is_admin:
            raise HttpProblem(403, "admin_only")
        request[STAFF] = staff
        return await handler(request)

    return watch


async def find_staff(request: web.Request, deps: WebDeps) -> Staff | None:
    """Return whose session the cookie names; None for none that lives."""
    secret = request.cookies.get(COOKIE)
    if not secret:
        return None
    views, now = deps.store.views, deps.clock.now()
    key = secret_hash(secret)
    found = await views.signed_in(key)
    if found is None or not found.session.is_alive(now) or found.account.disabled_at:
        return None
    try:
        person = await views.person(found.session.person)
    except NotFound:
        return None
    if not person.is_active:
        return None
    if now - found.session.seen_at > _NOTED_EVERY:
        until = lives_until(found.session.created_at, now)
        await deps.store.write(lambda uow: uow.sessions.seen(key, now, until))
    return Staff(person, found.account, found.session, deps.labels)


@cache
def labelled(language: str, labels: tuple[tuple[str, str], ...]) -> Catalogue:
    """Return the words of a language, and what channels of other packages are called.

    Args:
        language: of the pages.
        labels: (name, label), the same in every language, as names of services are.
    """
    words = catalogue(language)
    more = {f"inbox.channel.{name}": (label,) for name, label in labels}
    return words.also(more) if more else words


def require_same_site(request: web.Request) -> None:
    """Refuse a change that another site asks for in somebody's name (CSRF).

    Browsers say where a request comes from: ``Sec-Fetch-Site`` (Fetch Metadata), or
    at least ``Origin`` (RFC 6454). Who says neither is no browser of today.

    Raises:
        HttpProblem: 403 ``cross_site``.
    """
    if request.method in _SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        is_ours = site == "same-origin"
    else:
        origin = urlsplit(request.headers.get("Origin", ""))
        is_ours = bool(origin.netloc) and origin.netloc == request.host
    if not is_ours:
        raise HttpProblem(403, "cross_site")


def _ask_to_sign_in(request: web.Request) -> web.Response:
    """Send people to the door; tell a script that the session is over."""
    if request.method not in _SAFE or is_part(request):
        raise HttpProblem(401, "session_over")
    back = quote(request.path_qs, safe="/")
    raise web.HTTPSeeOther(f"{SIGN_IN}?next={back}")
