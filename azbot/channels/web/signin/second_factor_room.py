"""``/account/second-factor``: codes of a telephone, turned on and off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from aiohttp import web

from azbot.channels.web.scanning import code_to_scan
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin import second_factor, staffing
from azbot.channels.web.signin.account import (
    ACCOUNT,
    codes_left,
    said,
    wrong_password,
)
from azbot.channels.web.signin.forms import Fault, read_form
from azbot.channels.web.signin.pages import SignInPages
from azbot.channels.web.signin.sessions import open_session
from azbot.channels.web.staff import set_cookie, staff_of
from azbot.store import UnitOfWork
from azbot.store.accounts import Account
from azbot.store.proofs import ProofKind

ROOM = f"{ACCOUNT}/second-factor"


class SecondFactorRoom:
    """The handlers of ``/account/second-factor``."""

    def __init__(self, deps: WebDeps, pages: SignInPages) -> None:
        self._deps = deps
        self._pages = pages

    def add_to(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get(ROOM, self.show)
        app.router.add_post(ROOM, self.turn_on)
        app.router.add_post(f"{ROOM}/off", self.turn_off)
        app.router.add_post(f"{ROOM}/codes", self.renew_codes)

    async def show(self, request: web.Request) -> web.Response:
        """Return the page: a key to scan, or what can be changed."""
        if staff_of(request).account.totp_secret:
            return await self._managed(request)
        return self._offered(request, second_factor.new_totp_secret())

    async def turn_on(self, request: web.Request) -> web.Response:
        """Ask for codes from now on, once one of them was right; show those on paper.

        Other sessions end: they were opened with less.
        """
        form, staff = await read_form(request), staff_of(request)
        if staff.account.totp_secret:
            raise web.HTTPSeeOther(ROOM)
        secret = form.line("secret")
        if not second_factor.is_totp_secret(secret):
            return self._offered(request, second_factor.new_totp_secret())
        now = self._deps.clock.now()
        step = second_factor.step_of(secret, form.line("code"), now)
        faults = [Fault("code", "code_wrong")] if step is None else []
        wrong = await wrong_password(
            self._deps, staff, form.typed("password"), "password"
        )
        faults += [wrong] if wrong else []
        if faults or step is None:
            return self._offered(request, secret, faults)

        def change(account: Account) -> Account:
            return replace(account, totp_secret=secret, totp_step=step)

        return await self._with_new_codes(request, change)

    async def turn_off(self, request: web.Request) -> web.Response:
        """Ask for the password alone; other sessions end, this one gets new."""
        form, staff = await read_form(request), staff_of(request)
        place = "off_password"
        wrong = await wrong_password(self._deps, staff, form.typed(place), place)
        if wrong is not None:
            return await self._managed(request, [wrong])
        person, now = staff.person.id, self._deps.clock.now()

        def work(uow: UnitOfWork) -> str:
            account = uow.accounts.get(person)
            if account is not None:
                uow.accounts.put(replace(account, totp_secret="", totp_step=0))
            uow.proofs.drop(person, ProofKind.RECOVERY, ProofKind.SECOND)
            staffing.end_sessions(uow, person, now)
            return open_session(uow, request, person, self._deps.settings, now)

        return said("second_off", await self._deps.store.write(work))

    async def renew_codes(self, request: web.Request) -> web.Response:
        """Show ten new codes; the old ones end."""
        form, staff = await read_form(request), staff_of(request)
        if not staff.account.totp_secret:
            raise web.HTTPSeeOther(ROOM)
        place = "codes_password"
        wrong = await wrong_password(self._deps, staff, form.typed(place), place)
        if wrong is not None:
            return await self._managed(request, [wrong])
        return await self._with_new_codes(request, lambda account: account)

    async def _with_new_codes(
        self, request: web.Request, change: Callable[[Account], Account]
    ) -> web.Response:
        person, now = staff_of(request).person.id, self._deps.clock.now()

        def work(uow: UnitOfWork) -> tuple[list[str], str]:
            account = uow.accounts.get(person)
            if account is not None:
                uow.accounts.put(change(account))
            codes = second_factor.new_recovery_codes(uow, person, now)
            staffing.end_sessions(uow, person, now)
            settings = self._deps.settings
            return codes, open_session(uow, request, person, settings, now)

        codes, session = await self._deps.store.write(work)
        response = self._pages.room(request, "account_codes", codes=codes)
        set_cookie(response, session)
        return response

    def _offered(
        self, request: web.Request, secret: str, faults: Sequence[Fault] = ()
    ) -> web.Response:
        staff = staff_of(request)
        name = self._deps.settings.name
        uri = second_factor.provisioning(secret, staff.person.address, name)
        return self._pages.room(
            request,
            "account_second",
            faults=faults,
            secret=secret,
            grouped=second_factor.grouped(secret),
            qr=code_to_scan(uri),
        )

    async def _managed(
        self, request: web.Request, faults: Sequence[Fault] = ()
    ) -> web.Response:
        left = await codes_left(self._deps, staff_of(request))
        return self._pages.room(
            request, "account_second_on", faults=faults, codes_left=left
        )
