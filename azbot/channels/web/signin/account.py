"""``/account``: what somebody of the desk sets of their own access.

Whatever could lock the owner out, or let somebody in for good, asks for the password
again: a browser left open is not enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from aiohttp import web

from azbot.channels.web.passwords import SHORTEST
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin import staffing
from azbot.channels.web.signin.addresses import relying_on
from azbot.channels.web.signin.choosing import new_password_fault
from azbot.channels.web.signin.forms import Fault, pause_fault, read_form
from azbot.channels.web.signin.pages import PASSKEYS_SCRIPT, SignInPages
from azbot.channels.web.signin.sessions import (
    device,
    named,
    open_session,
    short_name,
)
from azbot.channels.web.staff import Staff, set_cookie, staff_of
from azbot.i18n import formats
from azbot.i18n.catalogue import LANGUAGES
from azbot.identity import throttling
from azbot.identity.linking import choose_language
from azbot.store import UnitOfWork
from azbot.store.accounts import Session
from azbot.store.passkeys import Passkey
from azbot.store.proofs import ProofKind

_log = structlog.get_logger(__name__)

ACCOUNT = "/account"
_LONGEST_NAME = 80
_NAMES = {"fr": "Français", "en": "English", "es": "Español"}
_SAID = (
    *("profile", "password", "second_off", "passkey", "passkey_dropped"),
    *("session", "sessions"),
)
"""What the page may say was done; anything else in its address says nothing."""


class AccountRoom:
    """The handlers of ``/account``, second factor and passkeys apart."""

    def __init__(self, deps: WebDeps, pages: SignInPages) -> None:
        self._deps = deps
        self._pages = pages

    def add_to(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get(ACCOUNT, self.show)
        app.router.add_post(f"{ACCOUNT}/profile", self.save)
        app.router.add_post(f"{ACCOUNT}/password", self.change_password)
        app.router.add_post(f"{ACCOUNT}/sessions/end", self.end)
        app.router.add_post(f"{ACCOUNT}/sessions/end-others", self.end_others)

    async def show(self, request: web.Request) -> web.Response:
        """Return the page."""
        return await self._page(request)

    async def save(self, request: web.Request) -> web.Response:
        """Take name, language and shortcuts."""
        form, staff = await read_form(request), staff_of(request)
        name, language = form.line("name")[:_LONGEST_NAME], form.line("language")
        if not name:
            return await self._page(request, (Fault("name", "name_missing"),))
        if language not in LANGUAGES:
            raise HttpProblem(400, "bad_request")
        chosen = {"language": language, "shortcuts": "shortcuts" in form}

        def work(uow: UnitOfWork) -> None:
            person = uow.people.get(staff.person.id)
            if language != person.language:
                person = choose_language(uow, person, language)
            uow.people.update(replace(person, name=name))
            account = uow.accounts.get(person.id)
            if account is not None:
                kept = {**account.preferences, **chosen}
                uow.accounts.put(replace(account, preferences=kept))

        await self._deps.store.write(work)
        return said("profile")

    async def change_password(self, request: web.Request) -> web.Response:
        """Take another password; every other session ends, this one gets new."""
        form, staff = await read_form(request), staff_of(request)
        faults = [
            fault
            for fault in (
                await wrong_password(self._deps, staff, form.typed("old"), "old"),
                new_password_fault(form, staff.person),
            )
            if fault is not None
        ]
        if faults:
            return await self._page(request, faults)
        hashed = await self._deps.passwords.hashed(form.typed("new"))
        now = self._deps.clock.now()

        def work(uow: UnitOfWork) -> str:
            staffing.set_password(uow, staff.person.id, hashed, now)
            return open_session(uow, request, staff.person.id, self._deps.settings, now)

        return said("password", await self._deps.store.write(work))

    async def end(self, request: web.Request) -> web.Response:
        """Sign one of one's own devices out; this one goes to the door."""
        form, staff = await read_form(request), staff_of(request)
        now, name = self._deps.clock.now(), form.line("session")

        def work(uow: UnitOfWork) -> None:
            found = named(uow.sessions.of(staff.person.id), name)
            if found is not None:
                uow.sessions.revoke(found.hash, now)

        await self._deps.store.write(work)
        return said("session")

    async def end_others(self, request: web.Request) -> web.Response:
        """Sign out everywhere but here."""
        await read_form(request)
        staff, now = staff_of(request), self._deps.clock.now()
        person, here = staff.person.id, staff.session.hash
        await self._deps.store.write(
            lambda uow: staffing.end_sessions(uow, person, now, but=here)
        )
        return said("sessions")

    async def _page(
        self, request: web.Request, faults: Sequence[Fault] = ()
    ) -> web.Response:
        deps, staff = self._deps, staff_of(request)
        person, account, now = staff.person, staff.account, deps.clock.now()
        relying = relying_on(request, deps.settings)
        done = request.query.get("said", "")
        alive = [
            each
            for each in await deps.store.views.sessions(person.id)
            if each.is_alive(now)
        ]
        return self._pages.room(
            request,
            "account",
            faults=faults,
            scripts=(PASSKEYS_SCRIPT,) if relying else (),
            said=done if done in _SAID and not faults else "",
            address=person.address,
            role=account.role.value,
            name=person.name,
            chosen=staff.language,
            languages=[(short, _NAMES[short]) for short in LANGUAGES],
            has_shortcuts=account.preferences.get("shortcuts", True),
            has_second=bool(account.totp_secret),
            codes_left=await codes_left(deps, staff) if account.totp_secret else 0,
            has_passkeys=relying is not None,
            passkeys=[
                self._key(each, staff)
                for each in await deps.store.views.passkeys(person.id)
            ],
            sessions=[self._session(each, staff) for each in alive],
            shortest=SHORTEST,
        )

    def _key(self, it: Passkey, staff: Staff) -> dict[str, object]:
        key = "account.passkey_used" if it.used_at else "account.passkey_added"
        at = self._when(it.used_at or it.created_at)
        return {
            "id": it.id,
            "name": it.name,
            "when": staff.words.t(key, when=at),
        }

    def _session(self, it: Session, staff: Staff) -> dict[str, object]:
        t = staff.words.t
        browser, system = device(it.client)
        what = t("account.session.unknown")
        if browser and system:
            what = t("account.session.device", browser=browser, system=system)
        elif browser or system:
            what = browser or system
        when = self._when(it.seen_at)
        key = "account.session.from" if it.address else "account.session.seen"
        seen = {"when": when, "address": it.address} if it.address else {"when": when}
        return {
            "name": short_name(it),
            "device": what,
            "seen": t(key, **seen),
            "is_here": it.hash == staff.session.hash,
        }

    def _when(self, at: datetime) -> str:
        return formats.short_date_and_clock(at, self._deps.settings.zone_name)


async def wrong_password(
    deps: WebDeps, staff: Staff, plain: str, place: str
) -> Fault | None:
    """Return what is wrong with the password of somebody who is in.

    Its tries are counted apart from those of the door: whoever guesses there must
    not keep the owner from changing it here.

    Args:
        deps: the store, the clock, the passwords.
        staff: who is in.
        plain: as it was typed.
        place: name of the field.
    """
    now = deps.clock.now()
    scope = throttling.person_scope("own", staff.person.id)
    made = await deps.store.write(lambda uow: throttling.admit(uow, [scope], now))
    if isinstance(made, timedelta):
        return replace(pause_fault(made, staff.words), place=place)
    check = await deps.passwords.check(staff.account.password, plain)
    if not check.is_right:
        _log.info("signin.refused", why="own password", person=staff.person.id)
        return Fault(place, "old_wrong")
    await deps.store.write(lambda uow: throttling.succeed(uow, made))
    return None


async def codes_left(deps: WebDeps, staff: Staff) -> int:
    """Return how many recovery codes somebody has not used yet."""
    person, now = staff.person.id, deps.clock.now()
    kind = ProofKind.RECOVERY
    return await deps.store.write(lambda uow: uow.proofs.count(person, kind, now))


def said(what: str, secret: str = "") -> web.Response:
    """Send the browser back to the page, which says what was done.

    Args:
        what: words ``account.said.<what>``.
        secret: of the new session that goes on, when there is one.
    """
    where = f"{ACCOUNT}?said={what}"
    response = web.Response(status=303, headers={"Location": where})
    if secret:
        set_cookie(response, secret)
    return response
