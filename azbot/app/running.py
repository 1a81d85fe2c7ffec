"""What runs: every loop in one TaskGroup, the web beside it, or step by step."""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from azbot.app.connecting import Connected, servers_of
from azbot.channels.web.metrics import Metrics
from azbot.channels.web.settings import MEGABYTE, Notice, WebSettings
from azbot.chat.courier import Courier
from azbot.choices import InForce
from azbot.choices.change import TOPIC
from azbot.config import Settings
from azbot.delivery.alerts import Alerts
from azbot.delivery.dispatch import Dispatcher
from azbot.delivery.letters import Postmark
from azbot.delivery.reporter import Reporter
from azbot.desk import Desk
from azbot.desk.holding import Holding
from azbot.desk.timers import Timekeeper
from azbot.errors import NotFound, PermanentFailure, Problem
from azbot.health.supervise import Supervisor, repeat
from azbot.health.vitals import Watch
from azbot.intake.match import Door
from azbot.intake.quarantine import Quarantine
from azbot.intake.worker import Intake
from azbot.messages import RawId
from azbot.personal.archiving import Archivist
from azbot.ports import Channel, Clock, Scanner
from azbot.render import Brand
from azbot.render.pages import Pages
from azbot.store import Store
from azbot.store.records import RawOutcome
from azbot.store.sweeper import Sweeper
from azbot.trial.office import Office

if TYPE_CHECKING:
    from azbot.channels.web.seams import WebDeps

Step = Callable[[datetime], Awaitable[int]]

_REST = timedelta(seconds=5)
"""The longest rest of a worker: what no bell announces is found then."""

_SHORT_REST = timedelta(seconds=1)
"""Where somebody watches the seconds go by."""

_LONG_REST = timedelta(minutes=10)
"""Of who tidies up."""


@dataclass(frozen=True, slots=True)
class App:
    """Everything that runs, ready to be started.

    Attributes:
        connected: the services it works for.
        intakes: the workers of each channel's ledger.
        couriers: who brings what is said in the chats of each service.
        postmark: gives the desk's name and colour as they are now.
        in_force: what an administrator chose.
        watch: looks how all this fares.
        metrics: what the workers counted; the web shows it.
        scanner: looks at every file that comes in.
        trial: keeps everything inside; None: letters leave.
    """

    settings: Settings
    clock: Clock
    store: Store
    connected: Connected
    desk: Desk
    intakes: Mapping[str, Sequence[Intake]]
    couriers: Mapping[str, Courier]
    dispatcher: Dispatcher
    timekeeper: Timekeeper
    holding: Holding
    reporter: Reporter
    door: Door
    postmark: Callable[[], Postmark]
    pages: Pages
    in_force: InForce
    supervisor: Supervisor
    quarantine: Quarantine
    watch: Watch
    alerts: Alerts
    metrics: Metrics
    scanner: Scanner
    trial: Office | None = None

    async def run(self) -> None:
        """Receive, work and send until cancelled; the web is served beside it."""
        archivist = Archivist(self.store, self.settings.retention)
        async with asyncio.TaskGroup() as group:
            for name, channel in self.connected.each.items():
                group.create_task(self._keep(f"receive.{name}", channel))
            for name, problem in self.connected.absent.items():
                group.create_task(self._mourn(name, problem))
            for place, intake in enumerate(self._each_intake()):
                name = f"work.raw.{place}" if place else "work.raw"
                group.create_task(self.supervisor.keep(name, intake.run))
            for name, courier in self.couriers.items():
                keep = self.supervisor.keep(f"bring.{name}", courier.run)
                group.create_task(keep)
                self.supervisor.watch(f"send.{name}", courier.trouble)
            for name, step, rest_for in (
                ("outbox", self.dispatcher.step, _REST),
                ("timers", self.timekeeper.step, _REST),
                ("holds", self.holding.step, _SHORT_REST),
                ("alerts", self.alerts.step, _REST),
                (TOPIC, self.in_force.step, _REST),
                ("sweeper", Sweeper(self.store).step, _LONG_REST),
                ("archive", archivist.step, _LONG_REST),
            ):
                group.create_task(self._repeat(name, step, rest_for))

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve pages and API while inside; gives the address."""
        # aiohttp and the pages cost a third of a second: only who serves pays it.
        from azbot.channels.web.server import build_app, serve  # noqa: PLC0415

        web = self.settings.web
        async with serve(build_app(self.web()), web.host, web.port) as address:
            yield address

    def web(self) -> WebDeps:
        """Return what pages and API need."""
        from azbot.channels.web.seams import WebDeps  # noqa: PLC0415
        from azbot.trial.room import TrialPages  # noqa: PLC0415

        postmark = self.postmark()
        return WebDeps(
            store=self.store,
            desk=self.desk,
            holding=self.holding,
            reports=self.reporter,
            pages=self.pages,
            in_force=self.in_force,
            keyring=self.door.keyring,
            clock=self.clock,
            loops=self.supervisor,
            settings=_web_settings(self.settings, postmark.brand),
            quarantine=self.quarantine,
            metrics=self.metrics,
            scanner=self.scanner,
            hooks=self.connected.hooks,
            watch=self.watch,
            config=self.settings.file,
            places=servers_of(self.settings),
            chat=postmark.chat,
            labels=tuple(sorted(self.connected.labels.items())),
            trial=TrialPages(self.trial) if self.trial else None,
        )

    async def settle(self, most: int = 1000) -> int:
        """Work until nothing is due at the clock's present; return the steps made.

        For the demo and tests: no loop runs, each worker is stepped in turn.
        """
        for done in range(most):
            now = self.clock.now()
            worked = 0
            for intake in self._each_intake():
                worked += await intake.step(now)
            worked += await self.timekeeper.step(now)
            worked += await self.holding.step(now)
            worked += await self.dispatcher.step(now)
            for courier in self.couriers.values():
                worked += await courier.step(now)
            # Whoever looks how all fares looks last, at what the others left.
            if not worked and not await self.alerts.step(now):
                return done
        raise RuntimeError("the workers never came to rest")

    async def replay(self, key: RawId) -> RawOutcome:
        """Work through one message again, whatever became of it before.

        Raises:
            NotFound: no such message, or its channel is not configured.
        """
        entry = await self.store.write(lambda uow: uow.raw.get(key))
        if entry.channel not in self.intakes:
            raise NotFound("channel", entry.channel)
        return await self.intakes[entry.channel][0].replay(key)

    def _each_intake(self) -> Iterator[Intake]:
        return chain.from_iterable(self.intakes.values())

    async def _keep(self, name: str, channel: Channel) -> None:
        await self.supervisor.keep(
            name, lambda: channel.run(self.store), may_give_up=True
        )

    async def _mourn(self, name: str, problem: Problem) -> None:
        """Stand for a channel that cannot be had, where people look how all fares."""

        async def missing() -> None:
            raise PermanentFailure(problem.code)

        await self.supervisor.keep(f"receive.{name}", missing, may_give_up=True)

    async def _repeat(self, topic: str, step: Step, rest_for: timedelta) -> None:
        async def loop() -> None:
            await repeat(
                step,
                clock=self.clock,
                bell=self.store.bell,
                topic=topic,
                rest_for=rest_for,
            )

        await self.supervisor.keep(f"work.{topic}", loop)


def _web_settings(settings: Settings, brand: Brand) -> WebSettings:
    token = settings.web.metrics_token
    return WebSettings(
        host=settings.web.host,
        port=settings.web.port,
        public_url=settings.web.public_url.rstrip("/"),
        trusted_proxies=settings.web.trusted_proxies,
        largest_file=settings.web.largest_file_mb * MEGABYTE,
        metrics_token=token.get_secret_value() if token else "",
        zone_name=settings.workflow.zone,
        country=settings.workflow.country,
        name=brand.name,
        notice=Notice(
            address=brand.address,
            years=settings.retention.years,
            archive_years=settings.retention.archive_years,
        ),
    )
