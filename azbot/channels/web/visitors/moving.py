"""Another e-mail address, once a code sent to it was typed (ux.md 7.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog
from aiohttp import web

from azbot.channels.web.clients import client_address
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin.forms import pause_words, read_form
from azbot.channels.web.visitors.access import SESSION, Access, session_hash
from azbot.channels.web.visitors.closing import close_all
from azbot.channels.web.visitors.drawing import Fault, VisitPages, fault_of, words_for
from azbot.channels.web.visitors.links import forget_all
from azbot.channels.web.visitors.profile import PROFILE
from azbot.channels.web.visitors.waiting import (
    Awaited,
    awaited,
    awaited_by,
    let_wait,
    wait_no_more,
)
from azbot.forms.kinds import Context, Email, Problem
from azbot.identity import codes, throttling
from azbot.identity.throttling import person_scope, place_scope
from azbot.messages import masked
from azbot.store import Person, UnitOfWork
from azbot.store.proofs import ProofKind
from azbot.workflow.decision import Audience, Notice, NoticeKind

_log = structlog.get_logger(__name__)

ADDRESS = f"{PROFILE}/address"
COOKIE = "__Host-azbot-address"
"""The browser's half of a code that goes to a new address."""


class Moving:
    """Changes the address somebody is written to."""

    def __init__(self, deps: WebDeps, pages: VisitPages) -> None:
        self._deps = deps
        self._pages = pages
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the two forms."""
        app.router.add_get(ADDRESS, self.show)
        app.router.add_post(ADDRESS, self.send)
        app.router.add_get(f"{ADDRESS}/code", self.wait)
        app.router.add_post(f"{ADDRESS}/code", self.prove)

    async def show(self, request: web.Request) -> web.Response:
        """Return the form that asks for the new address."""
        person = await self._access.require_person(request)
        return self._form(request, person)

    async def send(self, request: web.Request) -> web.Response:
        """Send a code to the new address; whose it is now is told to nobody."""
        person = await self._access.require_person(request)
        typed = (await read_form(request)).line("address")
        read = Email().check(typed, Context())
        if isinstance(read, Problem):
            return self._form(request, person, typed, [fault_of("address", read)])
        it, now = awaited(str(read.value)), self._deps.clock.now()
        place = place_scope(self._client(request), "visitor.codes")

        def work(uow: UnitOfWork) -> timedelta | bool:
            admitted = throttling.admit(uow, [place], now)
            if isinstance(admitted, timedelta):
                return admitted
            desk, language = self._deps.desk, person.language
            return codes.send(uow, desk, it.asked, now, language=language, owner=person)

        sent = await self._deps.store.write(work)
        if isinstance(sent, timedelta):
            fault = self._pause(request, person, sent)
            return self._form(request, person, typed, [fault], 429)
        before = awaited_by(request, COOKIE)
        response = web.Response(status=303, headers={"Location": f"{ADDRESS}/code"})
        if sent or before is None or before.address != it.address:
            let_wait(response, it, COOKIE)
        return response

    async def wait(self, request: web.Request) -> web.Response:
        """Return the form the code is typed into."""
        person = await self._access.require_person(request)
        it = awaited_by(request, COOKIE)
        if it is None:
            raise web.HTTPSeeOther(ADDRESS)
        return self._code_form(request, person, it)

    async def prove(self, request: web.Request) -> web.Response:
        """Take the new address; links and other sessions of the old one end."""
        person = await self._access.require_person(request)
        form, it = await read_form(request), awaited_by(request, COOKIE)
        if it is None:
            raise web.HTTPSeeOther(ADDRESS)
        code, now = codes.typed(form.typed("code")), self._deps.clock.now()
        if not code:
            fault = Fault("code", "visitor.error.code_shape")
            return self._code_form(request, person, it, [fault])
        scopes = [
            person_scope("visitor.address", person.id),
            place_scope(self._client(request), "visitor"),
        ]
        made = await self._deps.store.write(
            lambda uow: throttling.admit(uow, scopes, now)
        )
        if isinstance(made, timedelta):
            fault = self._pause(request, person, made)
            return self._code_form(request, person, it, [fault], 429)
        session = session_hash(request.cookies.get(SESSION, ""))

        def work(uow: UnitOfWork) -> bool:
            proof = uow.proofs.use(it.asked.hash(code), ProofKind.ADDRESS, now)
            if proof is None or proof.person != person.id:
                return False
            throttling.succeed(uow, made)
            return self._move(uow, person, it.address, session)

        if not await self._deps.store.write(work):
            _log.info("visitor.refused", why="address")
            fault = Fault("code", "visitor.error.code_wrong")
            return self._code_form(request, person, it, [fault])
        response = web.Response(status=303, headers={"Location": f"{PROFILE}?moved=1"})
        wait_no_more(response, COOKIE)
        forget_all(response)
        return response

    def _move(
        self, uow: UnitOfWork, person: Person, address: str, session: str
    ) -> bool:
        now, known = self._deps.clock.now(), uow.people.get(person.id)
        holder = uow.people.by_address(address)
        if not codes.may_hold(uow, address, holder, known):
            return False
        kept = [e for e in known.addresses[1:] if e.casefold() != address.casefold()]
        uow.people.update(replace(known, addresses=(address, *kept), is_verified=True))
        close_all(uow, known.id, now, but=session)
        notice = Notice(
            NoticeKind.ADDRESS_CHANGED,
            Audience.ADDRESS,
            {
                "to": known.address,
                "name": known.name,
                "language": known.language,
                "masked": masked(address),
            },
        )
        key = f"moved:{known.id}:{now.isoformat()}"
        self._deps.desk.tell(uow, [notice], None, key)
        _log.info("visitor.moved", person=known.id)
        return True

    def _form(
        self,
        request: web.Request,
        person: Person,
        address: str = "",
        faults: Sequence[Fault] = (),
        status: int = 0,
    ) -> web.Response:
        return self._pages.draw(
            request,
            "address",
            person=person,
            faults=faults,
            status=status,
            address=address,
        )

    def _code_form(
        self,
        request: web.Request,
        person: Person,
        it: Awaited,
        faults: Sequence[Fault] = (),
        status: int = 0,
    ) -> web.Response:
        return self._pages.draw(
            request,
            "code",
            person=person,
            faults=faults,
            status=status,
            address=it.address,
            action=f"{ADDRESS}/code",
            again="",
            back=ADDRESS,
            is_again=False,
            minutes=int(codes.LASTS.total_seconds() // 60),
        )

    def _client(self, request: web.Request) -> str:
        return client_address(request, self._deps.settings.trusted_proxies)

    def _pause(self, request: web.Request, person: Person, pause: timedelta) -> Fault:
        language = words_for(request, person).language
        return Fault("", "visitor.error.pause", {"wait": pause_words(pause, language)})
