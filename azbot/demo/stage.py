"""The set of the story: azbot itself in a folder that vanishes, and its people.

Nobody configures it: no file and no variable is read, so that nothing shown here can
ever reach the database of a real service.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from azbot.app import App, opened
from azbot.channels.email.channel import local_factory
from azbot.channels.email.correspondent import Correspondent
from azbot.channels.email.mailbox import LocalMailbox
from azbot.channels.email.settings import EmailSettings
from azbot.channels.telegram.settings import TelegramSettings
from azbot.clock import SystemClock
from azbot.config import (
    RetentionSettings,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)
from azbot.demo.clock import StoryClock
from azbot.messages import PersonId, Trust
from azbot.store import NewPerson, PersonKind, UnitOfWork
from azbot.testing.telegram import FakeTelegram
from azbot.workflow.model import Actor, Role, Station

DESK = "support@sav.example"
DESK_READERS = "equipe@sav.example"
CLIENT = "s.martin@clim-martin.example"
STATION = "atelier@froid-rhone.example"
AGENT_NAME = "Camille Durand"

DATABASE = "azbot.db"
FILES = "files"
"""What a stage keeps, below its folder."""

_PACE = timedelta(seconds=1)
"""How long Telegram lets nobody write into one chat again."""
_MOST_PAUSES = 100
_PATIENCE = 60.0
"""Seconds a busy machine may take to fetch what was said in a chat."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who the store knows from the beginning."""

    station: Station
    agent: PersonId
    technician: PersonId
    client: PersonId


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything a scene needs.

    Attributes:
        technician: the mailbox of the station.
        visitor: the technician on the pages of the station.
        bot: the service of chats; None: there is none.
        at_work: held by whoever lets azbot work: the workers are stepped by one at a
            time.
    """

    app: App
    clock: StoryClock
    mailbox: LocalMailbox
    client: Correspondent
    technician: Correspondent
    desk: Correspondent
    station: Station
    cast: Cast
    agent: Actor
    visitor: Actor
    bot: FakeTelegram | None = None
    at_work: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def people(self) -> tuple[Correspondent, ...]:
        """Everybody who has a mailbox."""
        return self.client, self.technician, self.desk

    async def rest(self) -> None:
        """Hand over what was written and let azbot work until nothing is due.

        A chat may be written to once a second: the story skips the pause. Only for
        whoever holds ``at_work``.
        """
        for _ in range(_MOST_PAUSES):
            await self._collected()
            await self.mailbox.hand_over(self.app.store)
            await self.app.settle()
            due = await self.app.store.views.next_due("outbox")
            if due is None or due > self.clock.now():
                return
            self.clock.jump_to(self.clock.now() + _PACE)
        raise RuntimeError("the chats never came to rest")

    async def _collected(self) -> None:
        """Wait until what was said in chats is stored."""
        if self.bot is not None:
            updates = self.bot.updates
            await self.bot.until(lambda: not updates.waiting, _PATIENCE)

    async def work(self) -> None:
        """Let azbot do what is due."""
        async with self.at_work:
            await self.rest()

    async def listen(self) -> None:
        """Receive what is written in chats until cancelled."""
        for name, chat in self.app.connected.chats.items():
            receive = partial(chat.run, self.app.store)
            await self.app.supervisor.keep(f"receive.{name}", receive)


@asynccontextmanager
async def staged(
    port: int = 0, begins_at: datetime | None = None
) -> AsyncIterator[Stage]:
    """Set azbot up in a temporary folder, with its people and their mailboxes.

    Args:
        port: where it will be served; 0: nowhere.
        begins_at: what its clock shows first; the present by default.
    """
    with TemporaryDirectory(prefix="azbot-demo-") as folder:
        clock = StoryClock(SystemClock(), begins_at)
        async with stage_in(Path(folder), clock, port) as stage:
            yield stage


@asynccontextmanager
async def stage_in(
    folder: Path, clock: StoryClock, port: int = 0, bot: FakeTelegram | None = None
) -> AsyncIterator[Stage]:
    """Set azbot up in a folder; who is there already is found again.

    Args:
        folder: empty, or a copy of what another stage has left.
        clock: of everything in it.
        port: where it will be served; 0: nowhere.
        bot: the service of chats; None: there is none.
    """
    email = EmailSettings(address=DESK)
    mailbox = LocalMailbox(DESK, clock)
    settings = _settings(folder, email, port, bot)
    letters = {"email": local_factory(email, mailbox)}
    async with opened(settings, clock=clock, environ={}, channels=letters) as app:
        cast = await app.store.write(_people)
        yield Stage(
            app=app,
            clock=clock,
            mailbox=mailbox,
            client=Correspondent(mailbox, "Sophie Martin", CLIENT),
            technician=Correspondent(mailbox, cast.station.company, STATION),
            desk=Correspondent(mailbox, AGENT_NAME, DESK_READERS),
            station=cast.station,
            cast=cast,
            agent=Actor(Role.AGENT, cast.agent, AGENT_NAME, Trust.STAFF, "api"),
            visitor=Actor(
                Role.STATION,
                cast.technician,
                cast.station.company,
                Trust.PROVEN,
                "api",
                cast.station.id,
            ),
            bot=bot,
        )


def _settings(
    folder: Path, email: EmailSettings, port: int, bot: FakeTelegram | None
) -> Settings:
    telegram = None
    if bot is not None:
        token = SecretStr(bot.token)
        telegram = TelegramSettings(token=token, api_base_url=bot.address)
    return Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings(
            organisation="Régulation Exemple", desk=DESK_READERS, admin=DESK_READERS
        ),
        store=StoreSettings(
            url=f"sqlite:///{folder}/{DATABASE}",
            files=folder / FILES,
            synchronous="NORMAL",
        ),
        web=WebSettings(
            port=port, public_url=f"http://127.0.0.1:{port}" if port else ""
        ),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={"email": email, "telegram": telegram},
    )


def _people(uow: UnitOfWork) -> Cast:
    client = uow.people.by_address(CLIENT)
    if client is None:
        return _new_people(uow)
    entry = next(e for e in uow.stations.all() if e.station.email == STATION)
    agent = uow.people.by_address(DESK_READERS)
    if agent is None:
        raise LookupError("the folder is of another story")
    technician = uow.people.station_contacts(entry.station.id)[0]
    return Cast(entry.station, agent.id, technician.id, client.id)


def _new_people(uow: UnitOfWork) -> Cast:
    entry = uow.stations.add(
        company="Froid Rhône Services",
        email=STATION,
        phone="+33199001234",
        zones=("69", "01", "38"),
    )
    agent = uow.people.add(
        NewPerson(PersonKind.AGENT, (DESK_READERS,), name=AGENT_NAME)
    )
    client = uow.people.add(
        NewPerson(
            PersonKind.CLIENT,
            (CLIENT,),
            name="Sophie Martin",
            company="Clim Martin SARL",
            phones=("+33639981234",),
            account_type="installer",
            is_verified=True,
        )
    )
    technician = uow.people.station_contacts(entry.station.id)[0]
    return Cast(entry.station, agent.id, technician.id, client.id)
