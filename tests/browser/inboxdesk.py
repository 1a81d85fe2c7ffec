"""The real azbot with people, stations and a few assistances, for browsers.

It runs in a thread of its own: everything an installation has, its workers included,
on a SQLite file, with a mailbox in memory and the real clock.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from argon2 import PasswordHasher
from playwright.sync_api import Page

from azbot.app import App, opened
from azbot.channels.email.channel import local_factory
from azbot.channels.email.mailbox import LocalMailbox
from azbot.channels.email.settings import EmailSettings
from azbot.channels.web.signin import staffing
from azbot.channels.web.staff import COOKIE, lives_until, new_secret, secret_hash
from azbot.clock import SystemClock
from azbot.config import (
    RetentionSettings,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)
from azbot.desk import Draft
from azbot.errors import NotFound
from azbot.messages import PersonId, Trust
from azbot.store import NewPerson, PersonKind, UnitOfWork
from azbot.store.accounts import Account, Session
from azbot.testing.patience import PATIENCE
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.model import (
    Actor,
    AssistanceRef,
    Role,
    Signatory,
    SignatureMethod,
    Station,
    Stroke,
)
from tests.webdesk import REQUEST, VISIT

T = TypeVar("T")

DESK = "support@sav.example"
PASSWORD = "quatre-tilleuls-au-vent"
"""Of everybody at this desk."""
PEOPLE = {
    "camille": ("Camille Durand", "camille@sav.example", Role.AGENT),
    "bruno": ("Bruno Keller", "bruno@sav.example", Role.AGENT),
    "alix": ("Alix Moreau", "alix@sav.example", Role.ADMIN),
}
CLIENT = ("Sophie Martin", "sophie@clim-martin.example")
_LINE = Stroke(((0, 0), (400, 300), (900, 100)))


@dataclass(frozen=True)
class InboxDesk:
    """A running azbot, seen from the thread of a test.

    Attributes:
        address: where it is served, ``http://127.0.0.1:…``.
        people: ``camille`` and ``bruno`` are agents, ``alix`` is administrator.
        refs: of the assistances by what they are: ``new``, ``incomplete``,
            ``waiting``, ``assigned``, ``planned``, ``done``.
        station: the one that has missions; there is a second one.
    """

    address: str
    app: App
    mailbox: LocalMailbox
    people: Mapping[str, PersonId]
    refs: Mapping[str, AssistanceRef]
    station: Station
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something where azbot runs; return what it gives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run one unit of work."""
        return self.run(self.app.store.write(work))

    def actor(self, who: str) -> Actor:
        """Somebody of the desk as the workflow knows them."""
        name, _, role = PEOPLE[who]
        return Actor(role, self.people[who], name, Trust.STAFF, "web")

    def client_of(self, ref: AssistanceRef) -> Actor:
        """Whoever asked for an assistance."""
        it = self.write(lambda uow: uow.assistances.by_ref(ref))
        return Actor(Role.CLIENT, it.requester, CLIENT[0], Trust.PROVEN, "email")

    def do(self, ref: AssistanceRef, *commands: Command, by: Actor) -> None:
        """Let somebody do something."""
        for command in commands:
            self.run(self.app.desk.handle(ref, command, by))

    def invite(self, address: str, name: str) -> str:
        """Invite somebody, new or not; return the path of the link."""

        def work(uow: UnitOfWork) -> str:
            now = self.app.clock.now()
            try:
                it = staffing.member(uow, address)
            except NotFound:
                it = staffing.add(uow, name, address, Role.AGENT, now)
            return staffing.invite(uow, it, "", now, None)

        return self.write(work)

    def signed_in(self, page: Page, who: str) -> None:
        """Give a browser the session of somebody, as if they had signed in."""
        secret, now = new_secret(), self.app.clock.now()
        session = Session(
            secret_hash(secret), self.people[who], now, now, lives_until(now, now)
        )
        self.write(lambda uow: uow.sessions.add(session))
        page.context.add_cookies(
            [
                {
                    "name": COOKIE,
                    "value": secret,
                    "domain": self.address.split("/")[2].partition(":")[0],
                    "path": "/",
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "Lax",
                }
            ]
        )


@contextmanager
def inbox_desk(folder: Path) -> Iterator[InboxDesk]:
    """Run azbot in a thread while inside.

    Args:
        folder: empty; its database and files.
    """
    started: Future[InboxDesk] = Future()
    stop = asyncio.Event()

    def live() -> None:
        try:
            asyncio.run(_live(folder, started, stop))
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=live, name="inbox-desk")
    thread.start()
    try:
        desk = started.result(PATIENCE)
        try:
            yield desk
        finally:
            desk.loop.call_soon_threadsafe(stop.set)
    finally:
        thread.join(PATIENCE)


async def _live(folder: Path, started: Future[InboxDesk], stop: asyncio.Event) -> None:
    clock, email = SystemClock(), EmailSettings(address=DESK)
    mailbox = LocalMailbox(DESK, clock)
    channels = {"email": local_factory(email, mailbox)}
    settings = _settings(folder, email)
    async with (
        opened(settings, clock=clock, environ={}, channels=channels) as app,
        asyncio.TaskGroup() as group,
    ):
        people = await app.store.write(lambda uow: _people(uow, app))
        station = await app.store.write(_stations)
        refs = await _assistances(app, station, people["camille"])
        async with app.serving() as address:
            work = group.create_task(app.run())
            loop = asyncio.get_running_loop()
            started.set_result(
                InboxDesk(address, app, mailbox, people, refs, station, loop)
            )
            await stop.wait()
            work.cancel()


def _settings(folder: Path, email: EmailSettings) -> Settings:
    return Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings(
            organisation="Régulation Exemple", desk="equipe@sav.example"
        ),
        store=StoreSettings(
            url=f"sqlite:///{folder}/azbot.db",
            files=folder / "files",
            synchronous="NORMAL",
        ),
        web=WebSettings(port=0),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={"email": email, "telegram": None},
    )


def _people(uow: UnitOfWork, app: App) -> dict[str, PersonId]:
    # As cheap as argon2 gets: signing in makes it what it should be.
    password = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    found: dict[str, PersonId] = {}
    for who, (name, address, role) in PEOPLE.items():
        new = NewPerson(PersonKind.AGENT, (address,), name=name, is_verified=True)
        found[who] = uow.people.add(new).id
        uow.accounts.put(Account(found[who], role, app.clock.now(), password))
    uow.people.add(
        NewPerson(
            PersonKind.CLIENT,
            (CLIENT[1],),
            name=CLIENT[0],
            company="Clim Martin SARL",
            phones=("+33639981234",),
            is_verified=True,
        )
    )
    return found


def _stations(uow: UnitOfWork) -> Station:
    uow.stations.add("Clim Alpes", "alpes@sta.example", zones=("38", "73"))
    return uow.stations.add(
        "Froid Rhône Services",
        "froid@sta.example",
        phone="+33199001234",
        zones=("69", "01"),
    ).station


async def _assistances(
    app: App, station: Station, agent: PersonId
) -> dict[str, AssistanceRef]:
    desk = app.desk
    staff = Actor(Role.AGENT, agent, "Camille Durand", Trust.STAFF, "web")
    known = await app.store.views.by_address(CLIENT[1])
    assert known is not None
    client = Actor(Role.CLIENT, known.id, known.name, Trust.PROVEN, "email")
    visitor = Actor(
        Role.STATION, None, station.company, Trust.PROVEN, "web", station.id
    )

    async def opened_with(*commands: tuple[Command, Actor], **answers: object) -> Any:
        request = {k: v for k, v in {**REQUEST, **answers}.items() if v != ""}
        draft = Draft(request, CLIENT[1], text="Bonjour, la zone salon reste froide.")
        it = (await desk.open(draft, client)).assistance
        for command, actor in commands:
            await desk.handle(it.id, command, actor)
        return it.ref

    assign = (c.AssignStation(station, "bon de commande par téléphone"), staff)
    accept = (c.AcceptMission(), visitor)
    soon = app.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(
        days=2
    )
    plan = (c.ScheduleIntervention(soon), visitor)
    sign = [
        (c.SignIntervention(role, name, SignatureMethod.DRAWN, (_LINE,)), visitor)
        for role, name in (
            (Signatory.INSTALLER, "Karim Benali"),
            (Signatory.CLIENT, "Sophie Martin"),
            (Signatory.STATION, "Luc Petit"),
        )
    ]
    return {
        "done": await opened_with(
            assign,
            accept,
            plan,
            (c.ArriveOnSite(), visitor),
            (c.SaveInterventionForm(VISIT), visitor),
            *sign,
            (c.FinishIntervention(), visitor),
            address="3 quai Rambaud",
            postcode="69002",
            town="Lyon",
        ),
        "planned": await opened_with(
            assign,
            accept,
            plan,
            (c.AddMessage("Peut-on passer le matin plutôt ?"), client),
            (c.AddNote("Rappeler l’installateur avant la visite."), staff),
            (c.AddMessage("Nous demandons à la station."), staff),
            address="7 rue de la Paix",
            postcode="01000",
            town="Bourg-en-Bresse",
        ),
        "assigned": await opened_with(
            assign, service="incident", postcode="69003", town="Lyon"
        ),
        "waiting": await opened_with(
            (c.AskComplement("Quel est le numéro de série ?"), staff),
            service="incident",
            postcode="38000",
            town="Grenoble",
        ),
        "incomplete": await opened_with(system="", thermostat_count=""),
        "new": await opened_with(),
    }
