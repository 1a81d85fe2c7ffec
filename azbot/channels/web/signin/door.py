"""``/signin``: password, then the second factor where one is set; and out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from aiohttp import web

from azbot.channels.web.clients import client_address
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin.addresses import (
    keeps_cookies,
    next_address,
    relying_on,
)
from azbot.channels.web.signin.forms import Fault, pause_fault, read_form
from azbot.channels.web.signin.pages import PASSKEYS_SCRIPT, SignInPages, words_for
from azbot.channels.web.signin.second_factor import take_code
from azbot.channels.web.signin.sessions import open_session
from azbot.channels.web.staff import (
    COOKIE,
    SIGN_IN,
    drop_cookie,
    find_staff,
    new_secret,
    secret_hash,
    set_cookie,
)
from azbot.identity import throttling
from azbot.identity.throttling import Scope, Try, person_scope, place_scope
from azbot.messages import PersonId
from azbot.store import PersonKind, UnitOfWork
from azbot.store.accounts import Account
from azbot.store.proofs import Proof, ProofKind

_log = structlog.get_logger(__name__)

_CODE_FOR = timedelta(minutes=10)
"""How long the code of the second factor may take to be typed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Who is in.

    Attributes:
        secret: of the session.
    """

    secret: str


@dataclass(frozen=True, slots=True)
class HalfOpened:
    """Whose password was right while a code is still to come.

    Attributes:
        secret: names the half-done sign-in; on the page, not in a cookie.
    """

    secret: str


class Door:
    """The handlers of ``/signin`` that need no link."""

    def __init__(self, deps: WebDeps, pages: SignInPages) -> None:
        self._deps = deps
        self._pages = pages

    def add_to(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get(SIGN_IN, self.show)
        app.router.add_post(SIGN_IN, self.enter)
        app.router.add_post(f"{SIGN_IN}/code", self.prove)
        app.router.add_post(f"{SIGN_IN}/out", self.leave)

    async def show(self, request: web.Request) -> web.Response:
        """Return the form; whoever is in already goes where they wanted to."""
        onward = next_address(request.query.get("next", ""))
        if await find_staff(request, self._deps) is not None:
            raise web.HTTPSeeOther(onward)
        return self._form(request, onward)

    async def enter(self, request: web.Request) -> web.Response:
        """Check address and password; both wrong and unknown get one answer."""
        form = await read_form(request)
        address = form.line("address")
        onward = next_address(form.line("next"))
        place = place_scope(self._client(request))
        made = await self._admit([person_scope("password", address), place])
        if isinstance(made, timedelta):
            return self._form(request, onward, address, made)
        account = await self._account(address)
        plain = form.typed("password")
        stored = account.password if account else ""
        check = await self._deps.passwords.check(stored, plain)
        if account is None or not check.is_right:
            _log.info("signin.refused", why="password")
            fault = Fault("password", "wrong")
            return self._form(request, onward, address, faults=[fault])
        newer = await self._deps.passwords.hashed(plain) if check.is_outdated else ""
        outcome = await self._deps.store.write(
            lambda uow: self._let_in(uow, request, account, made, newer)
        )
        match outcome:
            case Opened(secret):
                return self.welcome(secret, onward)
            case HalfOpened(secret):
                return self.ask_code(request, secret, onward)
            case _:
                fault = Fault("password", "wrong")
                return self._form(request, onward, address, faults=[fault])

    async def prove(self, request: web.Request) -> web.Response:
        """Check the code that follows the password."""
        form = await read_form(request)
        onward, secret = next_address(form.line("next")), form.line("secret")
        now, key = self._deps.clock.now(), secret_hash(secret)
        half = await self._deps.store.write(
            lambda uow: uow.proofs.find(key, ProofKind.SECOND, now)
        )
        if half is None or half.person is None:
            return self._form(request, onward, faults=[Fault("", "code_late")])
        place = place_scope(self._client(request))
        made = await self._admit([person_scope("code", half.person), place])
        if isinstance(made, timedelta):
            fault = pause_fault(made, words_for(request))
            return self.ask_code(request, secret, onward, [fault], status=429)
        person, code = half.person, form.line("code")

        def work(uow: UnitOfWork) -> Opened | None:
            account = uow.accounts.get(person)
            if account is None or not _is_open(account):
                return None
            if not take_code(uow, account, code, now):
                return None
            if uow.proofs.use(key, ProofKind.SECOND, now) is None:
                return None
            return self._opened(uow, request, person, made)

        opened = await self._deps.store.write(work)
        if opened is None:
            _log.info("signin.refused", why="code")
            fault = Fault("code", "code_wrong")
            return self.ask_code(request, secret, onward, [fault])
        return self.welcome(opened.secret, onward)

    async def leave(self, request: web.Request) -> web.Response:
        """End the session of this browser."""
        secret = request.cookies.get(COOKIE, "")
        now = self._deps.clock.now()
        if secret:
            key = secret_hash(secret)
            await self._deps.store.write(lambda uow: uow.sessions.revoke(key, now))
        response = web.Response(status=303, headers={"Location": f"{SIGN_IN}?left=1"})
        drop_cookie(response)
        return response

    def welcome(self, secret: str, onward: str) -> web.Response:
        """Give the browser its session and send it on."""
        response = web.Response(status=303, headers={"Location": onward})
        set_cookie(response, secret)
        return response

    def ask_code(
        self,
        request: web.Request,
        secret: str,
        onward: str,
        faults: Sequence[Fault] = (),
        status: int = 0,
    ) -> web.Response:
        """Return the page that asks for the code of the second factor."""
        return self._pages.door(
            request,
            "signin_code",
            faults=faults,
            status=status,
            secret=secret,
            onward=onward,
        )

    def begin(self, uow: UnitOfWork, account: Account) -> HalfOpened:
        """Remember that the password was right."""
        secret, now = new_secret(), self._deps.clock.now()
        until = now + _CODE_FOR
        uow.proofs.add(
            Proof(secret_hash(secret), ProofKind.SECOND, account.person, until)
        )
        return HalfOpened(secret)

    def _let_in(
        self,
        uow: UnitOfWork,
        request: web.Request,
        seen: Account,
        made: Try,
        newer: str,
    ) -> Opened | HalfOpened | None:
        account = uow.accounts.get(seen.person)
        # Between the check and now somebody may have ended this very password.
        if account is None or account.password != seen.password:
            return None
        if not _is_open(account):
            return None
        if newer:
            uow.accounts.put(replace(account, password=newer))
        if account.totp_secret:
            throttling.succeed(uow, made)
            return self.begin(uow, account)
        return self._opened(uow, request, account.person, made)

    def _opened(
        self, uow: UnitOfWork, request: web.Request, person: PersonId, made: Try
    ) -> Opened:
        now, settings = self._deps.clock.now(), self._deps.settings
        throttling.succeed(uow, made)
        throttling.sweep(uow, now)
        return Opened(open_session(uow, request, person, settings, now))

    async def _admit(self, scopes: list[Scope]) -> Try | timedelta:
        now = self._deps.clock.now()
        return await self._deps.store.write(
            lambda uow: throttling.admit(uow, scopes, now)
        )

    async def _account(self, address: str) -> Account | None:
        """Return the account an address opens with a password, if there is one."""
        person = await self._deps.store.views.by_address(address)
        if person is None or person.kind is not PersonKind.AGENT:
            return None
        account = await self._deps.store.views.account(person.id)
        return account if account and _is_open(account) else None

    def _client(self, request: web.Request) -> str:
        return client_address(request, self._deps.settings.trusted_proxies)

    def _form(
        self,
        request: web.Request,
        onward: str,
        address: str = "",
        pause: timedelta | None = None,
        faults: Sequence[Fault] = (),
    ) -> web.Response:
        if pause is not None:
            faults = [pause_fault(pause, words_for(request))]
        settings = self._deps.settings
        has_passkeys = relying_on(request, settings) is not None
        response = self._pages.door(
            request,
            "signin",
            faults=faults,
            status=429 if pause else 0,
            scripts=(PASSKEYS_SCRIPT,) if has_passkeys else (),
            address=address,
            onward=onward,
            has_left="left" in request.query,
            has_passkeys=has_passkeys,
            keeps_cookies=keeps_cookies(request, settings),
        )
        if pause is not None:
            response.headers["Retry-After"] = str(int(pause.total_seconds()) + 1)
        return response


def _is_open(account: Account) -> bool:
    return account.disabled_at is None
