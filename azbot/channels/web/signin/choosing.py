"""Choosing a password by a link: an invitation, or one that was forgotten.

Opening the link changes nothing (X18): programs that look at mails open links too.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from aiohttp import web

from azbot.channels.web.clients import client_address
from azbot.channels.web.passwords import LONGEST, SHORTEST, fault_of
from azbot.channels.web.posted import Posted
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin import staffing
from azbot.channels.web.signin.addresses import HOME, link_base
from azbot.channels.web.signin.door import Door, HalfOpened, Opened
from azbot.channels.web.signin.forms import Fault, pause_fault, read_form
from azbot.channels.web.signin.pages import SignInPages, words_for
from azbot.channels.web.signin.sessions import open_session
from azbot.channels.web.staff import SIGN_IN, secret_hash
from azbot.errors import NotFound
from azbot.identity import throttling
from azbot.identity.throttling import LETTERS, Scope, place_scope
from azbot.store import Person, UnitOfWork
from azbot.store.proofs import Proof, ProofKind

_log = structlog.get_logger(__name__)
_KINDS = (ProofKind.INVITATION, ProofKind.PASSWORD)


class Choosing:
    """The handlers of ``/signin/lost`` and ``/signin/choose``."""

    def __init__(self, deps: WebDeps, pages: SignInPages, door: Door) -> None:
        self._deps = deps
        self._pages = pages
        self._door = door

    def add_to(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get(f"{SIGN_IN}/lost", self.ask)
        app.router.add_post(f"{SIGN_IN}/lost", self.send)
        app.router.add_get(f"{SIGN_IN}/choose/{{secret}}", self.show)
        app.router.add_post(f"{SIGN_IN}/choose/{{secret}}", self.choose)

    async def ask(self, request: web.Request) -> web.Response:
        """Return the form that asks for the address."""
        return self._lost(request)

    async def send(self, request: web.Request) -> web.Response:
        """Send a link to whoever has an account; the answer never says who has."""
        form = await read_form(request)
        address = form.line("address")
        if "@" not in address:
            fault = Fault("address", "address_missing")
            return self._lost(request, address, (fault,))
        base = link_base(request, self._deps.settings)
        if not base:
            _log.warning("signin.no_link", why="web.public_url is empty")
            return self._lost(request, address)
        client = client_address(request, self._deps.settings.trusted_proxies)
        now = self._deps.clock.now()

        def work(uow: UnitOfWork) -> timedelta | None:
            admitted = throttling.admit(uow, [place_scope(client, "lost")], now)
            if isinstance(admitted, timedelta):
                return admitted
            # Somebody's mailbox is no place for a hundred such mails; that they
            # stop must not tell whether there is an account either.
            letters = throttling.person_scope("letters", address)
            quietly = Scope(letters.name, LETTERS)
            if not isinstance(throttling.admit(uow, [quietly], now), timedelta):
                _send(uow, self._deps, address, base)
            return None

        pause = await self._deps.store.write(work)
        if pause is not None:
            fault = pause_fault(pause, words_for(request))
            return self._lost(request, address, (fault,), 429)
        return self._pages.door(request, "signin_sent", address=address)

    async def show(self, request: web.Request) -> web.Response:
        """Return the form that a link opens; 410 for a link that is over."""
        now, key = self._deps.clock.now(), secret_hash(request.match_info["secret"])
        found = await self._deps.store.write(lambda uow: _opened_by(uow, key, now))
        if found is None:
            return self._gone(request)
        proof, person = found
        return self._form(request, proof, person)

    async def choose(self, request: web.Request) -> web.Response:
        """Take the password, use the link up, and let its owner in.

        A second factor stays one: the link of a mail does not stand for it.
        """
        form = await read_form(request)
        now, key = self._deps.clock.now(), secret_hash(request.match_info["secret"])
        found = await self._deps.store.write(lambda uow: _opened_by(uow, key, now))
        if found is None:
            return self._gone(request)
        proof, person = found
        fault = new_password_fault(form, person)
        if fault is not None:
            return self._form(request, proof, person, (fault,))
        hashed = await self._deps.passwords.hashed(form.typed("new"))

        def work(uow: UnitOfWork) -> Opened | HalfOpened | None:
            account = uow.accounts.get(person.id)
            if account is None or account.disabled_at is not None:
                return None
            if uow.proofs.use(key, proof.kind, now) is None:
                return None
            staffing.set_password(uow, person.id, hashed, now)
            if account.totp_secret:
                return self._door.begin(uow, account)
            settings = self._deps.settings
            return Opened(open_session(uow, request, person.id, settings, now))

        match await self._deps.store.write(work):
            case Opened(secret):
                return self._door.welcome(secret, HOME)
            case HalfOpened(secret):
                return self._door.ask_code(request, secret, HOME)
            case _:
                return self._gone(request)

    def _lost(
        self,
        request: web.Request,
        address: str = "",
        faults: tuple[Fault, ...] = (),
        status: int = 0,
    ) -> web.Response:
        return self._pages.door(
            request,
            "signin_lost",
            faults=faults,
            status=status,
            address=address,
            has_base=bool(link_base(request, self._deps.settings)),
        )

    def _form(
        self,
        request: web.Request,
        proof: Proof,
        person: Person,
        faults: tuple[Fault, ...] = (),
    ) -> web.Response:
        return self._pages.door(
            request,
            "signin_choose",
            faults=faults,
            kind=proof.kind.value,
            address=person.address,
            action=request.path,
            shortest=SHORTEST,
        )

    def _gone(self, request: web.Request) -> web.Response:
        return self._pages.door(request, "signin_gone", status=410)


def new_password_fault(form: Posted, person: Person) -> Fault | None:
    """Return why the fields ``new`` and ``again`` are no new password of somebody."""
    plain = form.typed("new")
    code = fault_of(plain, person.name, person.addresses)
    if code is not None:
        facts = {"too_short": {"fewest": SHORTEST}, "too_long": {"most": LONGEST}}
        return Fault("new", f"password_{code}", facts.get(code, {}))
    if plain != form.typed("again"):
        return Fault("again", "password_differs")
    return None


def _send(uow: UnitOfWork, deps: WebDeps, address: str, base: str) -> None:
    try:
        it = staffing.member(uow, address)
    except NotFound:
        return
    if it.account.disabled_at is None:
        staffing.send_lost(uow, it, base, deps.clock.now(), deps.desk)
        _log.info("signin.link_sent", person=it.person.id)


def _opened_by(uow: UnitOfWork, key: str, now: datetime) -> tuple[Proof, Person] | None:
    """Return the proof of a link and whose it is, None when it is over."""
    for kind in _KINDS:
        proof = uow.proofs.find(key, kind, now)
        if proof is not None and proof.person is not None:
            return proof, uow.people.get(proof.person)
    return None
