"""``/portal/signin``: one door without password, to come in and to sign up (R2).

An address, then the six digits sent to it. The page after the address is the same for
everybody, known or not: nobody learns who has dealings with the desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

import structlog
from aiohttp import web

from azbot.channels.web.clients import client_address
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin.addresses import keeps_cookies
from azbot.channels.web.signin.forms import pause_words, read_form
from azbot.channels.web.visitors import waiting
from azbot.channels.web.visitors.access import SIGN_IN, Access
from azbot.channels.web.visitors.drawing import (
    Fault,
    VisitPages,
    fault_of,
    words_for,
)
from azbot.channels.web.visitors.links import forget_all
from azbot.channels.web.visitors.onward import landing, onward_of
from azbot.channels.web.visitors.sessions import (
    end_session,
    give_session,
    open_session,
    take_session,
)
from azbot.channels.web.visitors.waiting import Awaited, awaited_by
from azbot.forms.kinds import Context, Email, Problem
from azbot.identity import codes, throttling
from azbot.identity.throttling import Try, person_scope, place_scope
from azbot.store import Person, PersonKind, UnitOfWork

_log = structlog.get_logger(__name__)

CODE = f"{SIGN_IN}/code"
SIGN_OUT = "/portal/signout"
_SCRIPTS = ("visitors/leaving.js",)
PROFILE = "/portal/profile"


@dataclass(frozen=True, slots=True)
class _Entered:
    """Who is in, and the secret of their session."""

    person: Person
    secret: str


class CodeDoor:
    """The handlers of the door."""

    def __init__(self, deps: WebDeps, pages: VisitPages) -> None:
        self._deps = deps
        self._pages = pages
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get(SIGN_IN, self.show)
        app.router.add_post(SIGN_IN, self.send)
        app.router.add_get(CODE, self.wait)
        app.router.add_post(CODE, self.prove)
        app.router.add_post(f"{SIGN_IN}/again", self.send_again)
        app.router.add_post(SIGN_OUT, self.leave)

    async def show(self, request: web.Request) -> web.Response:
        """Return the form; whoever is in already goes where they wanted to."""
        onward = onward_of(request.query.get("next", ""))
        person = await self._access.person(request)
        if person is not None:
            raise web.HTTPSeeOther(landing(person, onward))
        return self._form(request, onward=onward)

    async def send(self, request: web.Request) -> web.Response:
        """Send a code to an address, whoever's it is, and ask for it."""
        form = await read_form(request)
        typed, onward = form.line("address"), onward_of(form.line("next"))
        is_remembered = "remember" in form
        read = Email().check(typed, Context())
        if isinstance(read, Problem):
            fault = fault_of("address", read)
            return self._form(
                request, typed, onward, [fault], is_remembered=is_remembered
            )
        it = waiting.awaited(str(read.value), onward, is_remembered=is_remembered)
        return await self._send(request, it)

    async def send_again(self, request: web.Request) -> web.Response:
        """Send another code to the address this browser waits for."""
        it = awaited_by(request)
        if it is None:
            raise web.HTTPSeeOther(SIGN_IN)
        fresh = waiting.awaited(it.address, it.onward, is_remembered=it.is_remembered)
        return await self._send(request, fresh)

    async def wait(self, request: web.Request) -> web.Response:
        """Return the form the code is typed into."""
        it = awaited_by(request)
        if it is None:
            raise web.HTTPSeeOther(SIGN_IN)
        return self._code_form(request, it, is_again="again" in request.query)

    async def prove(self, request: web.Request) -> web.Response:
        """Check the code and let its reader in, whom it makes known if need be."""
        form = await read_form(request)
        it = awaited_by(request)
        if it is None:
            return self._form(request, faults=[Fault("", "visitor.error.code_late")])
        code = codes.typed(form.typed("code"))
        if not code:
            return self._code_form(
                request, it, [Fault("code", "visitor.error.code_shape")]
            )
        made = await self._admit(request, it.address)
        if isinstance(made, timedelta):
            return self._paused(
                self._code_form(request, it, [_pause(request, made)]), made
            )
        entered = await self._deps.store.write(
            lambda uow: self._enter(uow, request, it, code, made)
        )
        if entered is None:
            _log.info("visitor.refused", why="code")
            return self._code_form(
                request, it, [Fault("code", "visitor.error.code_wrong")]
            )
        response = web.Response(status=303)
        onward = landing(entered.person, it.onward)
        person = entered.person
        is_new = person.kind is PersonKind.CLIENT and not person.name
        response.headers["Location"] = (
            f"{PROFILE}?next={quote(onward, safe='/')}" if is_new else onward
        )
        give_session(response, entered.secret, is_remembered=it.is_remembered)
        waiting.wait_no_more(response)
        return response

    async def leave(self, request: web.Request) -> web.Response:
        """End the session of this browser, and let it forget every link."""
        now = self._deps.clock.now()
        await self._deps.store.write(lambda uow: end_session(uow, request, now))
        response = web.Response(status=303, headers={"Location": f"{SIGN_IN}?left=1"})
        take_session(response)
        forget_all(response)
        waiting.wait_no_more(response)
        return response

    async def _send(self, request: web.Request, it: Awaited) -> web.Response:
        settings, now = self._deps.settings, self._deps.clock.now()
        client = client_address(request, settings.trusted_proxies)
        language = words_for(request).language

        def work(uow: UnitOfWork) -> timedelta | bool:
            place = place_scope(client, "visitor.codes")
            admitted = throttling.admit(uow, [place], now)
            if isinstance(admitted, timedelta):
                return admitted
            return codes.send(uow, self._deps.desk, it.asked, now, language=language)

        sent = await self._deps.store.write(work)
        if isinstance(sent, timedelta):
            return self._paused(
                self._form(request, it.address, it.onward, [_pause(request, sent)]),
                sent,
            )
        before = awaited_by(request)
        is_same = before is not None and before.address == it.address
        response = web.Response(
            status=303, headers={"Location": f"{CODE}?again" if is_same else CODE}
        )
        # A letter too many does not leave, and says nothing: the code that came
        # before it stays the one to type.
        if sent or not is_same:
            waiting.let_wait(response, it)
        return response

    def _enter(
        self, uow: UnitOfWork, request: web.Request, it: Awaited, code: str, made: Try
    ) -> _Entered | None:
        now = self._deps.clock.now()
        language = words_for(request).language
        person = codes.prove(uow, it.asked, code, now, language=language)
        if person is None:
            return None
        throttling.succeed(uow, made)
        throttling.sweep(uow, now)
        secret = open_session(
            uow,
            request,
            person.id,
            self._deps.settings,
            now,
            is_remembered=it.is_remembered,
        )
        _log.info("visitor.entered", person=person.id)
        return _Entered(person, secret)

    async def _admit(self, request: web.Request, address: str) -> Try | timedelta:
        client = client_address(request, self._deps.settings.trusted_proxies)
        scopes = [person_scope("visitor", address), place_scope(client, "visitor")]
        now = self._deps.clock.now()
        return await self._deps.store.write(
            lambda uow: throttling.admit(uow, scopes, now)
        )

    def _form(
        self,
        request: web.Request,
        address: str = "",
        onward: str = "",
        faults: Sequence[Fault] = (),
        *,
        is_remembered: bool = False,
    ) -> web.Response:
        return self._pages.draw(
            request,
            "signin",
            scripts=_SCRIPTS,
            faults=faults,
            address=address,
            onward=onward,
            is_remembered=is_remembered,
            has_left="left" in request.query,
            is_closed="closed" in request.query,
            keeps_cookies=keeps_cookies(request, self._deps.settings),
            controller=self._deps.controller,
            years=self._deps.settings.notice.years,
        )

    def _code_form(
        self,
        request: web.Request,
        it: Awaited,
        faults: Sequence[Fault] = (),
        *,
        is_again: bool = False,
    ) -> web.Response:
        return self._pages.draw(
            request,
            "code",
            faults=faults,
            address=it.address,
            action=CODE,
            again=f"{SIGN_IN}/again",
            back=SIGN_IN,
            is_again=is_again,
            minutes=int(codes.LASTS.total_seconds() // 60),
        )

    def _paused(self, response: web.Response, pause: timedelta) -> web.Response:
        response.set_status(429)
        response.headers["Retry-After"] = str(int(pause.total_seconds()) + 1)
        return response


def _pause(request: web.Request, pause: timedelta) -> Fault:
    language = words_for(request).language
    return Fault("", "visitor.error.pause", {"wait": pause_words(pause, language)})
