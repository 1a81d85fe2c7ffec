"""The set of the story: azbot itself in a folder that vanishes, and its people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from azbot.app import App, opened
from azbot.channels.email.channel import local_factory
from azbot.channels.email.mailbox import LocalMailbox
from azbot.channels.email.settings import EmailSettings
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
from azbot.demo.post import Correspondent
from azbot.messages import PersonId, Trust
from azbot.store import NewPerson, PersonKind, UnitOfWork
from azbot.workflow.model import Actor, Role, Station

DESK = "support@sav.example"
DESK_READERS = "equipe@sav.example"


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything a scene needs."""

    app: App
    clock: StoryClock
    mailbox: LocalMailbox
    client: Correspondent
    technician: Correspondent
    desk: Correspondent
    station: Station
    agent: Actor
    visitor: Actor
    """The technician on the pages of the station."""
    at_work: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever lets azbot work: the workers are stepped by one at a time."""


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
        email = EmailSettings(address=DESK)
        mailbox = LocalMailbox(DESK, clock)
        channel = local_factory(email, mailbox)
        settings = _settings(Path(folder), email, port)
        async with opened(settings, clock=clock, channels={"email": channel}) as app:
            station, agent, technician = await app.store.write(_people)
            yield Stage(
                app=app,
                clock=clock,
                mailbox=mailbox,
                client=Correspondent(
                    mailbox, "Sophie Martin", "s.martin@clim-martin.example"
                ),
                technician=Correspondent(
                    mailbox, "Froid Rhône Services", station.email
                ),
                desk=Correspondent(mailbox, "Camille Durand", DESK_READERS),
                station=station,
                agent=Actor(Role.AGENT, agent, "Camille Durand", Trust.STAFF, "api"),
                visitor=Actor(
                    Role.STATION,
                    technician,
                    station.company,
                    Trust.PROVEN,
                    "api",
                    station.id,
                ),
            )


def _settings(folder: Path, email: EmailSettings, port: int) -> Settings:
    return Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings(
            organisation="Régulation Exemple", desk=DESK_READERS, admin=DESK_READERS
        ),
        store=StoreSettings(
            url=f"sqlite:///{folder}/azbot.db",
            files=folder / "files",
            synchronous="NORMAL",
        ),
        web=WebSettings(
            port=port, public_url=f"http://127.0.0.1:{port}" if port else ""
        ),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={"email": email, "telegram": None},
    )


def _people(uow: UnitOfWork) -> tuple[Station, PersonId, PersonId]:
    entry = uow.stations.add(
        company="Froid Rhône Services",
        email="atelier@froid-rhone.example",
        phone="+33199001234",
        zones=("69", "01", "38"),
    )
    agent = uow.people.add(
        NewPerson(PersonKind.AGENT, (DESK_READERS,), name="Camille Durand")
    )
    uow.people.add(
        NewPerson(
            PersonKind.CLIENT,
            ("s.martin@clim-martin.example",),
            name="Sophie Martin",
            company="Clim Martin SARL",
            phones=("+33639981234",),
            account_type="installer",
            is_verified=True,
        )
    )
    contact = uow.people.station_contacts(entry.station.id)[0]
    return entry.station, agent.id, contact.id
