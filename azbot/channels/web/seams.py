"""What the web is given: the store, the desk, and small things behind Protocols."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NoReturn, Protocol

from aiohttp import web

from azbot import __version__
from azbot.channels.web.metrics import Metrics
from azbot.channels.web.passwords import Passwords
from azbot.channels.web.settings import WebSettings
from azbot.choices import InForce
from azbot.desk import Desk
from azbot.desk.holding import Holding
from azbot.health.vitals import LoopHealth, Watch
from azbot.identity.linking import ChatDoor
from azbot.messages import RawId
from azbot.ports import Clock, Scanner, Unscanned
from azbot.render.pages import Pages
from azbot.store import Person, Store
from azbot.tokens import Keyring
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    AssistanceRef,
    Document,
)

UPLOAD_GATE: web.AppKey[asyncio.Semaphore] = web.AppKey(
    "azbot.upload_gate", asyncio.Semaphore
)
"""How many files are received at once; each takes a few hundred kilobytes of memory."""


class Loops(Protocol):
    """The supervised loops of this process."""

    def health(self) -> Sequence[LoopHealth]:
        """Return how every loop fares now, by name."""
        ...

    async def keep(self, name: str, loop: Callable[[], Awaitable[object]]) -> NoReturn:
        """Run a loop until cancelled, and again whenever it fails.

        Raises:
            ValueError: a loop of this name already runs.
        """
        ...


class Reports(Protocol):
    """Makes reports and calendar files; ``delivery.reporter`` has the real one."""

    async def report(self, key: AssistanceId, number: int, /) -> Document:
        """Return the report of a visit, 0 for the combined one; made when needed.

        Raises:
            NotFound: no finished visit has this number.
        """
        ...

    def event(self, it: Assistance, number: int, reader: Person, /) -> bytes:
        """Return a planned visit as a file for the reader's calendar (RFC 5545).

        Raises:
            NotFound: no visit of this number has a date.
        """
        ...


class Quarantine(Protocol):
    """Decides what becomes of a message that waits for a person; see intake."""

    async def attach(
        self, raw: RawId, ref: AssistanceRef, actor: Actor
    ) -> AssistanceRef:
        """Add the message to an assistance, whoever wrote it.

        Raises:
            NotFound: no such message or assistance.
            Conflict: the message no longer waits.
            Refused: a rule said no.
        """
        ...

    async def open(self, raw: RawId, actor: Actor) -> AssistanceRef:
        """Register a new request made of the message; errors as ``attach``."""
        ...

    async def junk(self, raw: RawId, actor: Actor) -> None:
        """Set the message aside for good; errors as ``attach``."""
        ...

    async def said(self, raw: RawId) -> str:
        """Return what the message says, without what it quotes.

        Raises:
            NotFound: no such message.
            Conflict: the message no longer waits.
            Refused: it cannot be read.
        """
        ...


class Trial(Protocol):
    """Keeps everything inside; ``azbot.trial`` has the real one."""

    @property
    def begun_at(self) -> datetime:
        """Since when nothing leaves."""
        ...

    def add_routes(self, app: web.Application, deps: WebDeps, /) -> None:
        """Serve what is to be read and done while it lasts."""
        ...


@dataclass(frozen=True, slots=True)
class Hook:
    """Where the service of another channel brings what it has for us.

    Attributes:
        path: of this web.
        receive: answers a delivery; it knows who may make one.
    """

    path: str
    receive: Callable[[web.Request], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class WebDeps:
    """Everything the web needs.

    Attributes:
        holding: takes what agents send, for as long as it can be undone.
        keyring: reads the links of mails, signs uploads.
        loops: the supervisor.
        in_force: what an administrator chose, and where pages change it.
        quarantine: None while nothing decides about set-aside messages.
        passwords: of the people of the desk.
        scanner: looks at every file that comes in.
        hooks: where services of other channels bring messages.
        chat: the chat that pages lead to; None: there is none.
        labels: (name, label) of channels that no catalogue knows.
        watch: looks how azbot fares; None: by store and loops alone.
        config: the configuration file, for commands to paste.
        trial: keeps everything inside; None: letters leave.
        places: servers by what may ail them, ``imap.example.org:993``.
        version: of azbot, for the document and the health page.
    """

    store: Store
    desk: Desk
    holding: Holding
    reports: Reports
    pages: Pages
    keyring: Keyring
    clock: Clock
    loops: Loops
    in_force: InForce
    settings: WebSettings = field(default_factory=WebSettings)
    quarantine: Quarantine | None = None
    metrics: Metrics = field(default_factory=Metrics)
    passwords: Passwords = field(default_factory=Passwords)
    scanner: Scanner = field(default_factory=Unscanned)
    hooks: Sequence[Hook] = ()
    chat: ChatDoor | None = None
    labels: tuple[tuple[str, str], ...] = ()
    watch: Watch | None = None
    config: Path = Path("azbot.toml")
    places: Mapping[str, str] = field(default_factory=dict)
    trial: Trial | None = None
    version: str = __version__

    @property
    def controller(self) -> str:
        """Who answers for personal data, as an administrator has it now."""
        brand = self.in_force.choices.brand
        return brand.privacy_controller or brand.organisation or brand.name
