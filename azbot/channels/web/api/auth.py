"""Bearer tokens (RFC 6750): who calls, in which role, and how surely.

A token is 256 random bits; the store keeps its SHA-256 alone. There is nothing to
guess slowly, so a plain hash is enough and a lookup by hash leaks nothing useful.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from azbot.channels.web.clients import bearer_of, client_address
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.throttle import Throttle
from azbot.messages import Trust
from azbot.store import ApiToken, TokenId, UnitOfWork
from azbot.workflow.model import Actor, Role

PREFIX = "azbot_"
"""Begins every token, so that a leaked one is recognised by scanners of secrets."""

_SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_TRUST = {
    Role.AGENT: Trust.STAFF,
    Role.ADMIN: Trust.STAFF,
    Role.STATION: Trust.PROVEN,
}
_CHALLENGE = 'Bearer realm="azbot"'
_MOST_KNOWN = 1_000


def new_token() -> tuple[str, str]:
    """Return a fresh secret and its hash: show the first once, store the second."""
    plain = PREFIX + secrets.token_urlsafe(32)
    return plain, token_hash(plain)


def token_hash(plain: str) -> str:
    """Return what the store keeps of a token: 64 hexadecimal digits."""
    return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever a token speaks for."""

    token: TokenId
    name: str
    actor: Actor

    @property
    def scope(self) -> str:
        """Whose idempotency keys these are."""
        return f"api:{self.token}"


class Doorman:
    """Checks tokens, and slows down whoever tries them."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        settings = deps.settings
        self._throttle = Throttle(settings.wrong_tokens, settings.wrong_within)
        self._known: set[str] = set()

    async def identify(self, request: web.Request) -> Caller:
        """Return who calls.

        Raises:
            HttpProblem: 401 for no or a wrong token, 429 after too many wrong ones.
            StoreUnreachable: the tokens cannot be read now.
        """
        plain = bearer_of(request)
        if plain is None:
            raise _unauthenticated("token_missing")
        now = self._deps.clock.now()
        address = client_address(request, self._deps.settings.trusted_proxies)
        digest = token_hash(plain)
        wait = self._throttle.wait(address, now)
        # A token that was right before is still looked up: others behind the same
        # address must not lock its owner out.
        if wait and digest not in self._known:
            raise _too_many(wait)
        caller = await self._find(digest) if _SHAPE.fullmatch(plain) else None
        if caller is None:
            self._known.discard(digest)
            self._throttle.fail(address, now)
            raise _unauthenticated("token_wrong")
        if len(self._known) < _MOST_KNOWN:
            self._known.add(digest)
        return caller

    async def _find(self, digest: str) -> Caller | None:
        return await self._deps.store.write(lambda uow: _caller(uow, digest))


def _caller(uow: UnitOfWork, digest: str) -> Caller | None:
    token = uow.tokens.by_hash(digest)
    if token is None:
        return None
    return Caller(token.id, token.name, _actor(uow, token))


def _actor(uow: UnitOfWork, token: ApiToken) -> Actor:
    role = Role(token.role)
    person = uow.people.get(token.person) if token.person is not None else None
    return Actor(
        role=role,
        person=token.person,
        name=(person.name if person else "") or token.name,
        trust=_TRUST[role],
        channel="api",
        station=person.station if person and role is Role.STATION else None,
    )


def _unauthenticated(code: str) -> HttpProblem:
    challenge = _CHALLENGE
    if code == "token_wrong":
        challenge += ', error="invalid_token"'
    return HttpProblem(401, code, headers={"WWW-Authenticate": challenge})


def _too_many(wait: timedelta) -> HttpProblem:
    seconds = max(1, int(wait.total_seconds()) + 1)
    return HttpProblem(
        429,
        "too_many_attempts",
        {"seconds": seconds},
        headers={"Retry-After": str(seconds)},
    )
