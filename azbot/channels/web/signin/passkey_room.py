"""``/account/passkeys``: adding a key, spoken in JSON, and removing one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin import passkeys
from azbot.channels.web.signin.account import ACCOUNT, said, wrong_password
from azbot.channels.web.signin.addresses import Relying
from azbot.channels.web.signin.forms import read_form, read_json
from azbot.channels.web.signin.passkey_door import require_relying
from azbot.channels.web.signin.passkeys import PasskeyRefused, Registered
from azbot.channels.web.staff import staff_of
from azbot.store import Person, UnitOfWork
from azbot.store.passkeys import Passkey

ROOM = f"{ACCOUNT}/passkeys"
_LONGEST_NAME = 60


class PasskeyRoom:
    """The handlers of ``/account/passkeys``."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def add_to(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_post(f"{ROOM}/options", self.options)
        app.router.add_post(ROOM, self.add)
        app.router.add_post(f"{ROOM}/drop", self.drop)

    async def options(self, request: web.Request) -> web.Response:
        """Return a challenge for a new key, to whoever knows the password."""
        relying, staff = require_relying(request, self._deps), staff_of(request)
        plain = str((await read_json(request)).get("password", ""))
        wrong = await wrong_password(self._deps, staff, plain, "")
        if wrong is not None:
            detail = wrong.told(staff.words).text
            raise HttpProblem(422, "password_refused", {"why": detail})
        person, now = staff.person, self._deps.clock.now()
        challenge = await self._deps.store.write(
            lambda uow: passkeys.new_challenge(uow, person.id, now)
        )
        known = await self._deps.store.views.passkeys(person.id)
        name = self._deps.settings.name
        options = await asyncio.to_thread(
            _options, relying, name, person, known, challenge
        )
        return web.json_response(options)

    async def add(self, request: web.Request) -> web.Response:
        """Keep the public half of a new key."""
        relying, staff = require_relying(request, self._deps), staff_of(request)
        body = await read_json(request)
        credential = body.get("credential")
        name = " ".join(str(body.get("name", "")).split())[:_LONGEST_NAME]
        if not isinstance(credential, dict):
            raise HttpProblem(422, "passkey_refused")
        person, now = staff.person.id, self._deps.clock.now()
        try:
            challenge = passkeys.challenge_of(credential)
            made = await asyncio.to_thread(_registered, relying, credential, challenge)
        except PasskeyRefused as error:
            raise HttpProblem(422, "passkey_refused") from error
        key = Passkey(
            id=0,
            person=person,
            credential=made.credential,
            public_key=made.public_key,
            sign_count=made.sign_count,
            name=name or staff.words.t("account.passkey_unnamed"),
            created_at=now,
        )

        def work(uow: UnitOfWork) -> bool:
            is_ours = passkeys.use_challenge(uow, challenge, person, now)
            # The same key twice is the same press twice.
            if is_ours and uow.passkeys.by_credential(key.credential) is None:
                uow.passkeys.add(key)
            return is_ours

        if not await self._deps.store.write(work):
            raise HttpProblem(422, "passkey_refused")
        return web.json_response({"next": f"{ACCOUNT}?said=passkey"})

    async def drop(self, request: web.Request) -> web.Response:
        """Forget one of one's own keys."""
        form, person = await read_form(request), staff_of(request).person.id
        text = form.line("passkey")
        number = (
            int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
        )

        def work(uow: UnitOfWork) -> bool:
            return uow.passkeys.drop(person, number)

        await self._deps.store.write(work)
        return said("passkey_dropped")


# The library takes 0.2 s to load: in these threads, for whoever adds a key.


def _options(
    relying: Relying,
    desk: str,
    person: Person,
    known: Sequence[Passkey],
    challenge: bytes,
) -> Mapping[str, Any]:
    from azbot.channels.web.signin import ceremonies  # noqa: PLC0415

    return ceremonies.registration_options(relying, desk, person, known, challenge)


def _registered(
    relying: Relying, credential: Mapping[str, Any], challenge: str
) -> Registered:
    from azbot.channels.web.signin.ceremonies import registered  # noqa: PLC0415

    return registered(relying, credential, challenge)
