"""The door: password, second factor, throttle, links; and what never gets in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aiohttp import ClientResponse

from azbot.channels.web.signin import staffing
from azbot.channels.web.signin.passwords import Passwords
from azbot.channels.web.staff import COOKIE
from azbot.store import UnitOfWork
from azbot.workflow.model import Role
from tests.webdesk import BROWSER, CHEAP, Web

ADDRESS = "camille@sav.example"
PASSWORD = "quatre-tilleuls-au-vent"
HASHED = Passwords(CHEAP).hashed_now(PASSWORD)


async def member(
    web: Web, address: str = ADDRESS, role: Role = Role.AGENT
) -> staffing.Member:
    """Somebody who may sign in with ``PASSWORD``."""

    def work(uow: UnitOfWork) -> staffing.Member:
        it = staffing.add(uow, "Camille Durand", address, role, web.clock.now())
        staffing.set_password(uow, it.person.id, HASHED, web.clock.now())
        return it

    return await web.deps.store.write(work)


async def send(
    web: Web, path: str, headers: Mapping[str, str] = BROWSER, /, **fields: str
) -> ClientResponse:
    """Press the button of a form."""
    return await web.client.post(
        path, data=fields, headers=headers, allow_redirects=False
    )


async def enter(
    web: Web, password: str = PASSWORD, address: str = ADDRESS, **fields: str
) -> ClientResponse:
    """Try to sign in."""
    return await send(web, "/signin", address=address, password=password, **fields)


def cookie_of(answer: ClientResponse) -> str:
    """The secret of the session an answer gives, empty when it gives none."""
    return answer.cookies[COOKIE].value if COOKIE in answer.cookies else ""


def browser(secret: str) -> dict[str, str]:
    """A browser that has a session."""
    return {**BROWSER, "Cookie": f"{COOKIE}={secret}"}


async def text(answer: ClientResponse) -> str:
    """The words of a page, every space an ordinary one."""
    words = re.sub(r"<[^>]*>", " ", await answer.text())
    return " ".join(words.split())


async def test_the_right_password_opens_a_session(web: Web) -> None:
    await member(web)
    answer = await enter(web)
    assert (answer.status, answer.headers["Location"]) == (303, "/inbox")
    account = await web.client.get("/inbox", headers=browser(cookie_of(answer)))
    assert account.status == 404  # let in: there is no room yet


async def test_the_cookie_is_of_this_host_alone_and_out_of_reach_of_scripts(
    web: Web,
) -> None:
    await member(web)
    answer = await enter(web)
    given = answer.headers["Set-Cookie"]
    assert given.startswith("__Host-azbot=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="):
        assert attribute in given
    assert "Domain" not in given
