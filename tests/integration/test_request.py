"""A new request in four steps, by a browser without script (ux.md 7.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from aiohttp import FormData

from azbot.channels.web.portal.request.filling import ASKED, STEPS
from azbot.channels.web.staff import new_secret
from azbot.channels.web.visitors.access import SESSION, session_hash
from azbot.forms.assistance import ASSISTANCE
from azbot.i18n.answers import problem_words
from azbot.i18n.catalogue import catalogue
from azbot.forms.kinds import Problem
from azbot.messages import PersonId
from azbot.store import NewPerson, PersonKind, Store, UnitOfWork
from azbot.store.accounts import Session
from azbot.store.queries import Filters
from azbot.testing.clock import FakeClock
from azbot.workflow.model import Assistance, AssistanceRef, DocumentKind
from tests.webdesk import BROWSER, PDF, PNG, REQUEST, Web, running

NEW = "/portal/new"
SITE = {
    "service": "commissioning",
    "address": "18 rue des Charmettes",
    "postcode": "69100",
    "town": "Villeurbanne",
}
INSTALLATION = {
    "system": "zoned_ducted",
    "system_count": "1",
    "thermostat_count": "5",
    "maker": "daikin",
    "own_number": "CM-4471",
}
CONTACT = {"contact_name": "Karim Benali", "phone": "06 39 98 56 78"}
ANSWERS = (SITE, INSTALLATION, CONTACT)


class Form(HTMLParser):
    """What a browser would send of the form of a step, untouched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._is_inside = False
        self._select = ""
        self._long = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self._is_inside = given.get("id") == "request"
        elif not self._is_inside or (not name and tag != "option"):
            return
        elif tag == "input":
            kind = given.get("type")
            if kind in ("radio", "checkbox"):
                if "checked" in given:
                    self.values[name] = value
            elif kind != "file":
                self.values[name] = value
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.values[self._select] = value
        elif tag == "textarea":
            self._long = name
            self.values[name] = ""

    def handle_data(self, data: str) -> None:
        if self._long:
            self.values[self._long] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._long = ""
        if tag == "form":
            self._is_inside = False


@dataclass
class Client:
    """Somebody a code proved, and their browser, which runs no script."""

    web: Web
    person: PersonId
    headers: Mapping[str, str]
    html: str = ""
    status: int = 0
    path: str = ""
    seen: list[str] = field(default_factory=list)

    async def open(self, path: str = NEW) -> str:
        """Open a page, and those it leads to."""
        return await self.ask("GET", path)

    async def ask(self, method: str, path: str, **more: Any) -> str:
        answer = await self.web.client.request(
            method, path, headers=self.headers, allow_redirects=False, **more
        )
        self.status, self.html = answer.status, await answer.text()
        self.path = path
        assert answer.status < 500, self.html
        if answer.status == 303:
            self.seen.append(answer.headers["Location"])
            return await self.open(answer.headers["Location"])
        return self.html

    @property
    def form(self) -> dict[str, str]:
        return Form(self.html).values

    @property
    def step(self) -> int:
        return int(self.form["step"])

    async def press(self, go: str = "next", **typed: str) -> str:
        """Type into the page that is open, and press one of its buttons."""
        return await self.ask("POST", NEW, data={**self.form, "go": go, **typed})

    async def fill(self, *steps: Mapping[str, str]) -> None:
        """Fill steps one after the other; each must be left."""
        for typed in steps:
            before = self.step
            await self.press(**typed)
            assert (self.status, self.step) == (200, before + 1), self.why
        assert self.status == 200

    async def put(self, key: str, value: str, **more: str) -> tuple[int, Any]:
        """Leave a field as a script does."""
        body = {"key": key, "value": value, **more}
        answer = await self.web.client.put(NEW, json=body, headers=self.headers)
        return answer.status, await answer.json()

    @property
    def why(self) -> dict[str, str]:
        """What is wrong, by field, as it stands next to each."""
        found = re.findall(r'<p class="why" id="(\w+)-why">(.*?)</p>', self.html)
        return dict(found)

    async def theirs(self) -> list[Assistance]:
        """Every request of theirs, newest first."""
        views = self.web.deps.store.views
        found = await views.page(Filters(requester=self.person))
        return [await views.by_ref(line.ref) for line in found.items]

    async def draft(self) -> Any:
        return await self.web.deps.store.views.request_draft_of(self.person)


async def a_client(
    web: Web,
    address: str = "sophie@clim-martin.example",
    account_type: str = "installer",
    language: str = "fr",
    phone: str = "+33639981234",
) -> Client:
    """Let somebody sign in with a code, as their browser then is."""
    secret, now = new_secret(), web.clock.now()

    def work(uow: UnitOfWork) -> PersonId:
        person = uow.people.by_address(address) or uow.people.add(
            NewPerson(
                PersonKind.CLIENT,
                (address,),
                name="Sophie Martin",
                company="Clim Martin SARL",
                phones=(phone,) if phone else (),
                language=language,
                account_type=account_type,
                is_verified=True,
            )
        )
        until = now + timedelta(days=30)
        uow.sessions.add(Session(session_hash(secret), person.id, now, now, until))
        return person.id

    person = await web.deps.store.write(work)
    return Client(web, person, {**BROWSER, "Cookie": f"{SESSION}={secret}"})


@pytest.fixture
async def client(web: Web) -> Client:
    found = await a_client(web)
    await found.open()
    return found


async def test_four_steps_without_script_make_one_request(client: Client) -> None:
    await client.fill(*ANSWERS)
    assert client.step == 4
    assert "4 sur 4" in client.html
    for words in ("18 rue des Charmettes", "Mise en service", "Daikin", "Karim Benali"):
        assert words in client.html
    await client.press("send")
    (it,) = await client.theirs()
    assert it.ref in client.html
    assert client.path == f"{NEW}/sent/{it.ref}"
    assert it.is_confirmed
    assert it.missing == ()
    assert it.answers == {
        "first_name": "Sophie",
        "last_name": "Martin",
        "email": "sophie@clim-martin.example",
        "installer": "Clim Martin SARL",
        "contact_name": "Karim Benali",
        "phone": "+33639985678",
        "contact_email": "sophie@clim-martin.example",
        "service": "commissioning",
        "address": "18 rue des Charmettes",
        "postcode": "69100",
        "town": "Villeurbanne",
        "region": "Auvergne-Rhône-Alpes",
        "country": "FR",
        "system": "zoned_ducted",
        "system_count": 1,
        "thermostat_count": 5,
        "maker": "daikin",
        "own_number": "CM-4471",
    }
    assert await client.draft() is None
