"""``/signin/passkey``: a key instead of a password; spoken by our script in JSON."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web

from azbot.channels.web.clients import client_address
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin import passkeys
from azbot.channels.web.signin.addresses import Relying, next_address, relying_on
from azbot.channels.web.signin.forms import pause_problem, read_json
from azbot.channels.web.signin.passkeys import PasskeyRefused
from azbot.channels.web.signin.sessions import open_session
from azbot.channels.web.staff import SIGN_IN, set_cookie
from azbot.identity import throttling
from azbot.identity.throttling import CHALLENGES, Try, place_scope
from azbot.store import UnitOfWork
from azbot.store.passkeys import Passkey

_log = structlog.get_logger(__name__)
_CREDENTIAL = re.compile(r"[A-Za-z0-9_-]{1,1400}")
"""Base64url of at most 1023 octets (WebAuthn §4)."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a browser says: which challenge it answers, with which key."""

    credential: Mapping[str, Any]
    challenge: str
    known: Passkey


class PasskeyDoor:
    """The handlers of ``/signin/passkey``."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def add_to(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_post(f"{SIGN_IN}/passkey/options", self.options)
        app.router.add_post(f"{SIGN_IN}/passkey", self.enter)

    async def options(self, request: web.Request) -> web.Response:
        """Return a fresh challenge for whoever has a key."""
        relying = require_relying(request, self._deps)
        scope = place_scope(self._client(request), "challenge", CHALLENGES)
        now = self._deps.clock.now()

        def work(uow: UnitOfWork) -> bytes | timedelta:
            admitted = throttling.admit(uow, [scope], now)
            if isinstance(admitted, timedelta):
                return admitted
            return passkeys.new_challenge(uow, None, now)

        challenge = await self._deps.store.write(work)
        if isinstance(challenge, timedelta):
            raise pause_problem(request, challenge)
        options = await asyncio.to_thread(_options, relying, challenge)
        return web.json_response(options)

    async def enter(self, request: web.Request) -> web.Response:
        """Check the answer to a challenge and open a session."""
        relying = require_relying(request, self._deps)
        body = await read_json(request)
        credential = body.get("credential")
        if not isinstance(credential, dict):
            raise HttpProblem(422, "passkey_refused")
        now, place = self._deps.clock.now(), place_scope(self._client(request))
        made = await self._deps.store.write(
            lambda uow: throttling.admit(uow, [place], now)
        )
        if isinstance(made, timedelta):
            raise pause_problem(request, made)
        try:
            answer = await self._answer(credential)
            count = await asyncio.to_thread(_verified, relying, answer)
            secret = await self._open(request, answer.known, count, made)
        except PasskeyRefused as error:
            _log.info("signin.refused", why="passkey", fault=str(error))
            raise HttpProblem(422, "passkey_refused") from error
        onward = next_address(str(body.get("next", "")))
        response = web.json_response({"next": onward})
        set_cookie(response, secret)
        return response

    async def _answer(self, credential: Mapping[str, Any]) -> _Answer:
        """Use the challenge up and find the key; whatever follows, it is used."""
        challenge = passkeys.challenge_of(credential)
        name, now = str(credential.get("id", "")), self._deps.clock.now()
        if not _CREDENTIAL.fullmatch(name):
            raise PasskeyRefused("no credential")

        def work(uow: UnitOfWork) -> Passkey | None:
            if not passkeys.use_challenge(uow, challenge, None, now):
                return None
            return uow.passkeys.by_credential(name)

        known = await self._deps.store.write(work)
        if known is None:
            raise PasskeyRefused("unknown key or challenge")
        return _Answer(credential, challenge, known)

    async def _open(
        self, request: web.Request, known: Passkey, count: int, made: Try
    ) -> str:
        now, settings = self._deps.clock.now(), self._deps.settings

        def work(uow: UnitOfWork) -> str | None:
            account = uow.accounts.get(known.person)
            present = uow.passkeys.by_credential(known.credential)
            if account is None or account.disabled_at is not None or present is None:
                return None
            uow.passkeys.used(known.id, count, now)
            throttling.succeed(uow, made)
            throttling.sweep(uow, now)
            return open_session(uow, request, known.person, settings, now)

        secret = await self._deps.store.write(work)
        if secret is None:
            raise PasskeyRefused("account is not open")
        return secret

    def _client(self, request: web.Request) -> str:
        return client_address(request, self._deps.settings.trusted_proxies)


def require_relying(request: web.Request, deps: WebDeps) -> Relying:
    """Return what passkeys are bound to here.

    Raises:
        HttpProblem: 404, there are none at this address.
    """
    relying = relying_on(request, deps.settings)
    if relying is None:
        raise HttpProblem(404, "not_found")
    return relying


# The library takes 0.2 s to load: in these threads, for whoever uses a key.


def _options(relying: Relying, challenge: bytes) -> Mapping[str, Any]:
    from azbot.channels.web.signin.ceremonies import sign_in_options  # noqa: PLC0415

    return sign_in_options(relying, challenge)


def _verified(relying: Relying, answer: _Answer) -> int:
    from azbot.channels.web.signin.ceremonies import verified  # noqa: PLC0415

    return verified(relying, answer.credential, answer.challenge, answer.known)
