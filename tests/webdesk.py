"""A whole web over a real store and desk, for tests that speak HTTP to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from azbot.channels.web.api.auth import new_token
from azbot.channels.web.passwords import Passwords
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.server import build_app
from azbot.channels.web.settings import WebSettings
from azbot.channels.web.staff import COOKIE, lives_until, new_secret, secret_hash
from azbot.channels.web.visitors.access import SESSION, session_hash
from azbot.choices import FromFile, InForce
from azbot.choices.look import look_of
from azbot.config import WorkflowSettings
from azbot.desk import Desk, DeskSettings
from azbot.desk.holding import Holding
from azbot.errors import NotFound
from azbot.health.supervise import Supervisor
from azbot.messages import PersonId, RawId, Trust
from azbot.render import Brand
from azbot.render.pages import Pages
from azbot.resources import data_dir
from azbot.store import NewPerson, Person, PersonKind, Store, UnitOfWork
from azbot.store.accounts import Account, Session
from azbot.testing.clock import FakeClock
from azbot.tokens import Keyring, Purpose, issue_link
from azbot.workflow.commands import Command
from azbot.workflow.decision import Decision
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    AssistanceRef,
    Document,
    Role,
    StationId,
)

KEYRING = Keyring((("1", b"k" * 32),))
API = "/api/v1"
REQUEST = {
    "service": "commissioning",
    "address": "18 rue des Charmettes",
    "postcode": "69100",
    "town": "Villeurbanne",
    "system": "other:Zonage",
    "system_count": 1,
    "thermostat_count": 5,
    "maker": "other:Marque A",
    "contact_name": "Sophie Martin",
    "phone": "06 39 98 12 34",
    "contact_email": "sophie@clim-martin.example",
    "installer": "Clim Martin",
    "own_number": "CM-4471",
}
CHECKED = dict.fromkeys(
    (
        *("wired_as_documented", "bus_apart", "bus_cable", "motors_labelled"),
        *("gateways_connected", "relays_labelled", "supply_compliant"),
        *("other_units_checked", "maker_commissioned"),
    ),
    "oui",
)
VISIT = {
    **CHECKED,
    "distance_km": "12",
    "time_in": "13:05",
    "time_out": "15 h",
    "action_notes": "Réglages faits.",
    "has_webserver": False,
    "integration": "none",
    "emitters": ["radiateurs"],
    "production_units": [{"maker": "Daikin", "model": "gainable"}],
    "no_material": True,
    "solved": True,
}
LINE = [{"points": [[0, 0], [400, 300], [900, 100]]}]
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
PDF = b"%PDF-1.7\n" + b"bon de commande " * 8
BRAND = Brand(
    "Support technique", "Régulation Exemple", "support@sav.example", "#0b5c86"
)
AGENT = Actor(Role.AGENT, None, "Camille Durand", Trust.STAFF, "api")


class NoReports:
    """Stands in for the printer where no report is the matter."""

    async def report(self, key: AssistanceId, number: int, /) -> Document:
        """There is none."""
        raise NotFound("report", f"{key}/{number}")

    def event(self, it: Assistance, number: int, reader: Person, /) -> bytes:
        """There is none."""
        raise NotFound("visit", number)


class Decided:
    """Notes what was decided of set-aside messages."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, str]] = []

    async def attach(
        self, raw: RawId, ref: AssistanceRef, actor: Actor
    ) -> AssistanceRef:
        """Note it."""
        self.calls.append(("attach", raw, actor.name))
        return ref

    async def open(self, raw: RawId, actor: Actor) -> AssistanceRef:
        """Note it."""
        self.calls.append(("open", raw, actor.name))
        return AssistanceRef("ASFR26000099")

    async def junk(self, raw: RawId, actor: Actor) -> None:
        """Note it."""
        self.calls.append(("junk", raw, actor.name))

    async def said(self, raw: RawId) -> str:
        """It says who was asked."""
        return f"message {raw}"


@dataclass
class Web:
    """A running web and what stands behind it."""

    deps: WebDeps
    client: TestClient[Any, Any]
    clock: FakeClock
    decided: Decided
    agent: str = ""
    admin: str = ""
    station: str = ""
    other_station: str = ""
    station_id: int = 0
    other_station_id: int = 0

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> ClientResponse:
        """Call the API as the agent, or with another token; "" for none."""
        bearer = self.agent if token is None else token
        sent = {
            **({"Authorization": f"Bearer {bearer}"} if bearer else {}),
            **(headers or {}),
        }
        if body is not None:
            more["json"] = body
        return await self.client.request(method, API + path, headers=sent, **more)

    async def json(
        self, method: str, path: str, body: object = None, **more: Any
    ) -> Any:
        """Call and return the JSON of a success; anything else fails the test."""
        response = await self.call(method, path, body, **more)
        found = await response.json()
        assert response.status < 300, found
        return found

    async def command(self, ref: str, name: str, /, **fields: object) -> Any:
        """Send a command as the agent; it must succeed."""
        return await self.json("POST", f"/assistances/{ref}/commands/{name}", fields)

    async def opened(self, **answers: object) -> str:
        """Register a complete request; return its reference."""
        found = await self.json(
            "POST",
            "/assistances",
            {
                "requester": {
                    "email": "sophie@clim-martin.example",
                    "name": "Sophie Martin",
                },
                "answers": {**REQUEST, **answers},
                "is_confirmed": True,
            },
        )
        return str(found["assistance"]["ref"])

    async def assigned(self) -> str:
        """Register a request and give it to the station."""
        ref = await self.opened()
        await self.command(
            ref,
            "assign-station",
            station=self.station_id,
            override_reason="bon de commande par téléphone",
        )
        return ref

    async def underway(self) -> str:
        """Bring a request to its first visit without a date."""
        ref = await self.assigned()
        path = f"/assistances/{ref}/commands/accept-mission"
        await self.json("POST", path, {}, token=self.station)
        return ref

    async def finished(self) -> str:
        """Bring a request to the end of its first visit, signed by all three."""
        ref = await self.underway()
        when = (self.clock.now() + timedelta(days=2)).isoformat()
        await self.command(ref, "schedule-intervention", planned_at=when)
        await self.command(ref, "arrive-on-site")
        await self.command(ref, "save-intervention-form", answers=VISIT)
        for role, name in (
            ("installer", "Karim Benali"),
            ("client", "Sophie Martin"),
            ("station", "Luc Petit"),
        ):
            await self.command(
                ref,
                "sign-intervention",
                role=role,
                name=name,
                method="drawn",
                strokes=LINE,
            )
        await self.command(ref, "finish-intervention")
        return ref

    async def do(self, ref: str, command: Command, actor: Actor = AGENT) -> Decision:
        """Give a command to the desk directly."""
        return await self.deps.desk.handle(AssistanceRef(ref), command, actor)

    async def events(self, ref: str) -> int:
        """Return how long the history is."""
        it = await self.deps.store.views.by_ref(AssistanceRef(ref))
        return len(await self.deps.store.views.timeline(it.id, is_internal=True))

    async def token(self, name: str, role: str, person: PersonId | None = None) -> str:
        """Make a token."""
        plain, digest = new_token()
        now = self.clock.now()
        await self.deps.store.write(
            lambda uow: uow.tokens.add(name, role, digest, person, now)
        )
        return plain

    async def sign_in(
        self, role: str = "agent", name: str = "", address: str = ""
    ) -> dict[str, str]:
        """Open a session; return the headers of a browser that has it.

        Args:
            role: ``agent`` or ``admin``.
            name: as colleagues read it; by default one for each role.
            address: whose person and account it is, made when new; by default one
                for each role: the agent is the one whose API token this web has.
        """
        default_name, default_address = _DESK_PEOPLE[role]
        address = address or default_address
        secret, now = new_secret(), self.clock.now()

        def work(uow: UnitOfWork) -> None:
            person = uow.people.by_address(address) or uow.people.add(
                NewPerson(PersonKind.AGENT, (address,), name=name or default_name)
            )
            if uow.accounts.get(person.id) is None:
                uow.accounts.put(Account(person.id, Role(role), now))
            until = lives_until(now, now)
            uow.sessions.add(Session(secret_hash(secret), person.id, now, now, until))

        await self.deps.store.write(work)
        return {"Cookie": f"{COOKIE}={secret}", **BROWSER}

    async def link(
        self, ref: str, person: PersonId | None = None, days: int = 30
    ) -> str:
        """Return the address in a mail to the requester, or to somebody else."""
        it = await self.deps.store.views.by_ref(AssistanceRef(ref))
        until = self.clock.now() + timedelta(days=days)
        who = it.requester if person is None else person
        return "/a/" + issue_link(KEYRING, Purpose.LINK, it.id, who, until)

    async def visitor(self, ref: str, person: PersonId | None = None) -> dict[str, str]:
        """Open a link; return the headers of the browser that holds it."""
        link = await self.link(ref, person)
        response = await self.client.get(link, headers=BROWSER, allow_redirects=False)
        assert response.status == 303, await response.text()
        cookies = "; ".join(f"{c.key}={c.value}" for c in response.cookies.values())
        return {"Cookie": cookies, **BROWSER}

    async def known(self, address: str) -> dict[str, str]:
        """Open the session of a code; return the headers of a browser that has it.

        Args:
            address: whose; a client is made of one that nobody has.
        """
        secret, now = new_secret(), self.clock.now()

        def work(uow: UnitOfWork) -> None:
            person = uow.people.by_address(address) or uow.people.add(
                NewPerson(PersonKind.CLIENT, (address,), name="Sophie Martin")
            )
            until = now + timedelta(hours=12)
            uow.sessions.add(Session(session_hash(secret), person.id, now, now, until))

        await self.deps.store.write(work)
        return {"Cookie": f"{SESSION}={secret}", **BROWSER}

    async def read(self, link: str) -> ClientResponse:
        """Open a link as a browser does, and its page when there is one."""
        first = await self.client.get(link, headers=BROWSER, allow_redirects=False)
        if first.status != 303:
            return first
        cookies = "; ".join(f"{c.key}={c.value}" for c in first.cookies.values())
        headers = {"Cookie": cookies, **BROWSER}
        return await self.client.get(first.headers["Location"], headers=headers)


_DESK_PEOPLE = {
    "agent": ("Camille Durand", "camille@sav.example"),
    "admin": ("Alix Moreau", "alix@sav.example"),
}
BROWSER = {
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Language": "fr-FR",
    "Sec-Fetch-Site": "same-origin",
}
"""What a browser says of itself on a page of ours."""

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Argon2 as quick as it gets: its strength is not the matter here."""


def deps_of(
    store: Store, clock: FakeClock, decided: Decided, **changes: Any
) -> WebDeps:
    """Return what a web needs, on a real store."""
    in_force = InForce(store, FromFile(WorkflowSettings(), BRAND))
    desk = Desk(
        store,
        clock,
        DeskSettings("support@sav.example", "admin@sav.example"),
        lambda: in_force.choices.rules,
    )
    deps = WebDeps(
        store=store,
        desk=desk,
        holding=Holding(store, desk, clock, "web:1:test"),
        reports=NoReports(),
        pages=Pages(
            data_dir("templates"),
            in_force.following(look_of),
            lists=lambda: in_force.choices.lists,
        ),
        in_force=in_force,
        keyring=KEYRING,
        clock=clock,
        loops=Supervisor(clock),
        settings=WebSettings(drain_within=timedelta(seconds=1)),
        quarantine=decided,
        passwords=Passwords(CHEAP),
    )
    return replace(deps, **changes)


@asynccontextmanager
async def running(store: Store, clock: FakeClock, **changes: Any) -> AsyncIterator[Web]:
    """Serve a web with one token of each role and two stations."""
    decided = Decided()
    deps = deps_of(store, clock, decided, **changes)
    async with TestClient(TestServer(build_app(deps))) as client:
        web = Web(deps, client, clock, decided)
        await _people(web)
        yield web


async def _people(web: Web) -> None:
    def make(uow: UnitOfWork) -> tuple[int, int, PersonId, PersonId]:
        first = uow.stations.add(
            "Froid Rhône Services",
            "froid@sta.example",
            phone="+33199001234",
            zones=("69",),
        )
        second = uow.stations.add("Clim Alpes", "alpes@sta.example", zones=("38",))
        people = [
            uow.people.station_contacts(StationId(e.station.id))[0].id
            for e in (first, second)
        ]
        uow.people.add(
            NewPerson(PersonKind.AGENT, ("camille@sav.example",), name="Camille Durand")
        )
        return first.station.id, second.station.id, people[0], people[1]

    first, second, one, two = await web.deps.store.write(make)
    web.station_id, web.other_station_id = first, second
    agent = await web.deps.store.views.by_address("camille@sav.example")
    web.agent = await web.token("inbox", "agent", agent.id if agent else None)
    web.admin = await web.token("root", "admin")
    web.station = await web.token("froid", "station", one)
    web.other_station = await web.token("alpes", "station", two)
