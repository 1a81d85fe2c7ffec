"""The composition root: everything is built here from Settings, and nowhere else.

One TaskGroup runs every loop, each under the supervisor: a channel that is down is
started again while the others go on.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from azbot.channels.email.channel import factory as email_channel
from azbot.channels.email.settings import EmailSettings
from azbot.channels.telegram.settings import TelegramSettings
from azbot.channels.web.metrics import Metrics
from azbot.chat.courier import Courier
from azbot.chat.handler import Handler as ChatHandler
from azbot.chat.house import House
from azbot.chat.menu import menus_of_strangers
from azbot.chat.rooms import rooms_of
from azbot.chat.telling import SPOKEN
from azbot.choices import Choices, FromFile, InForce
from azbot.choices.change import TOPIC
from azbot.choices.look import look_of, renderer_of
from azbot.clamd import Clamd
from azbot.clock import SystemClock
from azbot.config import Settings
from azbot.config.ground import check_ground
from azbot.delivery.alerts import Alerts, Lifeline
from azbot.delivery.dispatch import Dispatcher
from azbot.delivery.letters import Letters, Postmark
from azbot.delivery.reporter import REPORT_KEY, Reporter
from azbot.desk import Desk, DeskSettings
from azbot.desk.holding import Holding
from azbot.desk.timers import Timekeeper
from azbot.errors import ConfigError, NotFound, PermanentFailure, Problem
from azbot.health.supervise import Supervisor, repeat
from azbot.health.vitals import Watch
from azbot.identity.linking import ChatDoor
from azbot.intake.handling import Handler
from azbot.intake.match import Door
from azbot.intake.quarantine import Quarantine
from azbot.intake.worker import Intake
from azbot.messages import Address, RawId
from azbot.plugins import build, close, link_of
from azbot.ports import (
    Channel,
    Chat,
    Clock,
    Letterbox,
    Listens,
    Scanner,
    Unscanned,
)
from azbot.render import Brand
from azbot.render.pages import Pages
from azbot.reports.seal import new_key, read_private_key
from azbot.resources import data_dir
from azbot.store import Store, UnitOfWork, migrate, open_store
from azbot.store.records import RawOutcome
from azbot.store.sweeper import Sweeper
from azbot.tokens import Keyring

if TYPE_CHECKING:
    from azbot.channels.telegram.channel import TelegramChannel
    from azbot.channels.web.seams import Hook, WebDeps

SECTIONS: Mapping[str, type[BaseModel]] = {
    "email": EmailSettings,
    "telegram": TelegramSettings,
}
"""The section of each channel in the configuration file."""

Step = Callable[[datetime], Awaitable[int]]

_REST = timedelta(seconds=5)
"""The longest rest of a worker: what no bell announces is found then."""

_SHORT_REST = timedelta(seconds=1)
"""Where somebody watches the seconds go by."""


_LONG_REST = timedelta(minutes=10)
"""Of who tidies up."""

_SIDE_BY_SIDE = 4
"""Workers that share what comes in by chat."""


@dataclass(frozen=True, slots=True)
class App:
    """Everything that runs, ready to be started.

    Attributes:
        channels: of letters, by name; the web is none: it is asked, it sends nothing.
        chats: of talks, by name.
        absent: channels of other packages that cannot be had, and why.
        labels: what people call the services of other packages, by name.
        hooks: where services bring messages to the web.
        intakes: the workers of each channel's ledger.
        couriers: who brings what is said in the chats of each service.
        postmark: gives the desk's name and colour as they are now.
        in_force: what an administrator chose.
        watch: looks how all this fares.
        metrics: what the workers counted; the web shows it.
        scanner: looks at every file that comes in.
    """

    settings: Settings
    clock: Clock
    store: Store
    desk: Desk
    intakes: Mapping[str, Sequence[Intake]]
    couriers: Mapping[str, Courier]
    dispatcher: Dispatcher
    timekeeper: Timekeeper
    holding: Holding
    reporter: Reporter
    channels: Mapping[str, Letterbox]
    chats: Mapping[str, Chat]
    hooks: Sequence[Hook]
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
    absent: Mapping[str, Problem]
    labels: Mapping[str, str]

    async def run(self) -> None:
        """Receive, work and send until cancelled; the web is served beside it."""
        async with asyncio.TaskGroup() as group:
            for name, channel in {**self.channels, **self.chats}.items():
                group.create_task(self._keep(f"receive.{name}", channel))
            for name, problem in self.absent.items():
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
        from azbot.channels.web.settings import (  # noqa: PLC0415
            MEGABYTE,
            Notice,
            WebSettings,
        )

        web, workflow = self.settings.web, self.settings.workflow
        token, brand = web.metrics_token, self.postmark().brand
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
            settings=WebSettings(
                host=web.host,
                port=web.port,
                public_url=web.public_url.rstrip("/"),
                trusted_proxies=web.trusted_proxies,
                largest_file=web.largest_file_mb * MEGABYTE,
                metrics_token=token.get_secret_value() if token else "",
                zone_name=workflow.zone,
                country=workflow.country,
                name=brand.name,
                notice=Notice(
                    address=brand.address,
                    years=self.settings.retention.years,
                    archive_years=self.settings.retention.archive_years,
                ),
            ),
            quarantine=self.quarantine,
            metrics=self.metrics,
            scanner=self.scanner,
            hooks=self.hooks,
            watch=self.watch,
            config=self.settings.file,
            places=_places(self.settings.channels.get("email")),
            chat=self.postmark().chat,
            labels=tuple(sorted(self.labels.items())),
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
            worked += await self.alerts.step(now)
            worked += await self.dispatcher.step(now)
            for courier in self.couriers.values():
                worked += await courier.step(now)
            if not worked:
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


@dataclass(frozen=True, slots=True)
class Plugged:
    """What packages beside azbot brought; see ``App``."""

    chats: Mapping[str, Chat]
    labels: Mapping[str, str]
    absent: Mapping[str, Problem]


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    clock: Clock | None = None,
    environ: Mapping[str, str] = os.environ,
    channels: Mapping[str, Letterbox] | None = None,
    chats: Mapping[str, Chat] | None = None,
) -> AsyncIterator[App]:
    """Build everything and let go of it at the end.

    Args:
        settings: from ``config.load``.
        clock: the real one by default.
        environ: for secrets named by variable.
        channels: in place of the configured ones (demo, tests).
        chats: likewise.

    Raises:
        ConfigError: nothing can be kept where the settings say, the database is of
            another version or owner, or a webhook is wanted where Telegram cannot
            bring anything, or a page is.
        StoreUnreachable: the database does not answer.
    """
    time = clock or SystemClock()
    url = settings.store.url
    await asyncio.to_thread(check_ground, settings)
    await asyncio.to_thread(migrate, url)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            open_store(
                url,
                settings.store.files,
                synchronous=settings.store.synchronous,
                clock=time,
            )
        )
        if channels is None:
            channels = _channels(settings, time, environ)
        hooks: Sequence[Hook] = ()
        plugged = Plugged({}, {}, {})
        if chats is None:
            plugged = _plugged(settings, time, environ)
            chats = {}
            if telegram := _telegram(settings, time, environ):
                hooks = _hooks(telegram, store)
                chats = {telegram.name: telegram}
        each: Iterable[Channel] = chain(channels.values(), chats.values())
        for channel in each:
            stack.push_async_callback(channel.aclose)
        for name, chat in plugged.chats.items():
            stack.push_async_callback(close, name, chat)
        chats = {**chats, **plugged.chats}
        yield await assemble(settings, time, store, channels, chats, hooks, plugged)


async def assemble(
    settings: Settings,
    clock: Clock,
    store: Store,
    channels: Mapping[str, Letterbox],
    chats: Mapping[str, Chat] | None = None,
    hooks: Sequence[Hook] = (),
    plugged: Plugged | None = None,
) -> App:
    """Build everything that stands on an open store; ``opened`` opens one.

    Raises:
        StoreUnreachable: the database does not answer.
    """
    email = settings.channels.get("email") or EmailSettings(address="desk@localhost")
    if not isinstance(email, EmailSettings):
        raise TypeError("the section [email] is not EmailSettings")
    keyring, pem = await store.write(_secrets)
    brand = Brand(
        name=email.name,
        organisation=settings.service.organisation,
        address=email.address,
        colour=settings.service.colour,
        retention_years=settings.retention.years,
    )
    public_url = settings.web.public_url.rstrip("/")
    in_force = InForce(store, FromFile(settings.workflow, brand, public_url))
    await in_force.renew()
    service = settings.service
    # What azbot writes to the mailbox it reads would come back as its own.
    ours = {email.address.casefold(), *(a.casefold() for a in email.own_addresses)}
    readers, admin = (
        "" if address.casefold() in ours else address
        for address in (service.desk, service.admin or service.desk)
    )
    chats = chats or {}
    spoken = SPOKEN if chats else frozenset()
    desk_settings = DeskSettings(readers, admin, service.language, spoken)
    desk = Desk(store, clock, desk_settings, lambda: in_force.choices.rules)
    plugged = plugged or Plugged({}, {}, {})
    chat_door = _chat_door(chats, plugged)
    postmark = in_force.following(
        partial(_postmark, public_url, email, keyring, chat_door)
    )
    house = House(lambda: in_force.choices.rules, postmark)
    templates = data_dir("templates")
    renderer = in_force.following(partial(renderer_of, templates))
    letters = Letters(renderer, postmark)
    door = Door(
        keyring,
        email.address,
        email.id_host,
        checks_authentication=email.receiver != "none",
        separator=email.separator,
    )
    worker = store.worker
    await store.write(partial(_bury, worker))
    reporter = Reporter(
        store,
        desk,
        clock,
        postmark,
        read_private_key(pem),
        email.max_attachment_bytes,
    )
    country = settings.workflow.country
    handler = Handler(desk, door, clock, country)
    supervisor, metrics = Supervisor(clock), Metrics()
    each: Sequence[Channel] = (*channels.values(), *chats.values())
    watch = Watch(
        store, clock, supervisor.health, partial(_heard, each), _folders(settings)
    )
    scanner = _scanner(settings)
    return App(
        settings=settings,
        clock=clock,
        store=store,
        desk=desk,
        intakes=_intakes(
            store,
            desk,
            channels,
            chats,
            handler,
            house,
            worker,
            clock,
            metrics,
            scanner,
        ),
        couriers={
            name: Courier(store, desk, chat, reporter, clock, worker, house, metrics)
            for name, chat in chats.items()
        },
        dispatcher=Dispatcher(
            store,
            desk,
            channels,
            letters,
            reporter,
            clock,
            worker,
            metrics,
        ),
        timekeeper=Timekeeper(store, desk, worker, metrics),
        holding=Holding(store, desk, clock, worker, metrics),
        reporter=reporter,
        channels=channels,
        chats=chats,
        hooks=hooks,
        door=door,
        postmark=postmark,
        pages=Pages(
            templates,
            in_force.following(look_of),
            lists=lambda: in_force.choices.lists,
        ),
        in_force=in_force,
        supervisor=supervisor,
        quarantine=Quarantine(store, desk, {**channels, **chats}, country, scanner),
        watch=watch,
        alerts=Alerts(
            store,
            desk,
            watch,
            settings.file,
            _places(email),
            _lifeline(letters, channels, desk_settings),
        ),
        metrics=metrics,
        scanner=scanner,
        absent=plugged.absent,
        labels=plugged.labels,
    )


def _intakes(
    store: Store,
    desk: Desk,
    channels: Mapping[str, Letterbox],
    chats: Mapping[str, Chat],
    handler: Handler,
    house: House,
    worker: str,
    clock: Clock,
    metrics: Metrics,
    scanner: Scanner,
) -> dict[str, Sequence[Intake]]:
    """Return who works through the ledger of each channel.

    A letter more or less can wait for a slow one; a press in one chat cannot wait for
    a film in another: several share the chats.
    """
    made: dict[str, Sequence[Intake]] = {
        name: [Intake(store, channel, handler, clock, worker, metrics, scanner)]
        for name, channel in channels.items()
    }
    for name, chat in chats.items():
        rooms = rooms_of(house)
        talks = ChatHandler(
            desk, clock, rooms.each, rooms.entrance, handler.tell_set_aside
        )
        made[name] = [
            Intake(
                store,
                chat,
                talks,
                clock,
                f"{worker}.{place}",
                metrics,
                scanner,
                by_lane=True,
            )
            for place in range(_SIDE_BY_SIDE)
        ]
    return made


def _lifeline(
    letters: Letters, channels: Mapping[str, Letterbox], desk: DeskSettings
) -> Lifeline | None:
    channel = channels.get("email")
    if channel is None or not desk.admin:
        return None
    return Lifeline(letters, channel, desk.admin, desk.language)


def _heard(channels: Iterable[Channel]) -> dict[str, datetime]:
    """Return when each service last answered, where the channel knows it."""
    known = ((c.name, c.heard_at) for c in channels if isinstance(c, Listens))
    return {name: at for name, at in known if at is not None}


def _folders(settings: Settings) -> tuple[Path, ...]:
    """Return where things are kept on this machine."""
    path = settings.store.url.removeprefix("sqlite:///")
    is_file = path != settings.store.url
    return (settings.store.files, *((Path(path).parent,) if is_file else ()))


def _places(email: BaseModel | None) -> dict[str, str]:
    """Return which servers an alert may be about, by its name."""
    if not isinstance(email, EmailSettings):
        return {}
    servers = {"imap": email.imap, "smtp": email.smtp}
    return {name: f"{one.host}:{one.port}" for name, one in servers.items() if one}


def _scanner(settings: Settings) -> Scanner:
    web = settings.web
    if not web.clamd:
        return Unscanned()
    return Clamd(web.clamd, refuses_unchecked=web.unchecked_files == "refuse")


def _secrets(uow: UnitOfWork) -> tuple[Keyring, bytes]:
    """Return the signing keys, made at the first start and kept in the store."""
    keyring = uow.settings.keyring()
    pem = uow.settings.first(REPORT_KEY, new_key().decode())
    return keyring, pem.encode()


def _bury(worker: str, uow: UnitOfWork) -> None:
    """Free what dead processes of this machine held, instead of waiting for it."""
    host, own, _ = worker.rsplit(":", 2)
    for name in uow.holders.names():
        where, pid, _ = name.rsplit(":", 2)
        if where == host and (pid == own or not _is_alive(int(pid))):
            uow.holders.forget(name)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _chat_door(chats: Mapping[str, Chat], plugged: Plugged) -> ChatDoor | None:
    """Return the chat that mails and pages lead to: the first one, None: there is none.

    A service that has not told our name yet gives no address: nothing is offered.
    """
    for name, chat in chats.items():
        if name in plugged.chats:
            return ChatDoor(name, link_of(name, chat), plugged.labels[name])
        return ChatDoor(name, chat.link)
    return None


def _postmark(
    public_url: str,
    email: EmailSettings,
    keyring: Keyring,
    chat: ChatDoor | None,
    choices: Choices,
) -> Postmark:
    return Postmark(
        mailbox=Address(email.address, choices.brand.name),
        host=email.id_host,
        public_url=public_url,
        keyring=keyring,
        brand=choices.brand,
        has_sub_addresses=email.reply_mode == "plus",
        separator=email.separator,
        logo=choices.logo.digest if choices.logo else "",
        chat=chat,
    )


def _channels(
    settings: Settings, clock: Clock, environ: Mapping[str, str]
) -> dict[str, Letterbox]:
    email = settings.channels.get("email")
    if not isinstance(email, EmailSettings) or not (email.imap and email.smtp):
        return {}
    channel = email_channel(email, clock, environ)
    return {channel.name: channel}


def _plugged(settings: Settings, clock: Clock, environ: Mapping[str, str]) -> Plugged:
    """Return the channels of other packages; one that fails is absent."""
    chats, labels, absent = {}, {}, dict(settings.absent)
    for name, section in settings.plugins.items():
        built = build(name, section, clock, environ)
        if isinstance(built, Problem):
            absent[name] = built
        else:
            chats[name], labels[name] = built
    return Plugged(chats, labels, absent)


def _telegram(
    settings: Settings, clock: Clock, environ: Mapping[str, str]
) -> TelegramChannel | None:
    telegram = settings.channels.get("telegram")
    if not isinstance(telegram, TelegramSettings) or not telegram.secret(environ):
        return None
    # The library takes a second: only who has a bot pays it.
    from azbot.channels.telegram.channel import factory  # noqa: PLC0415

    public_url = settings.web.public_url.rstrip("/")
    if telegram.receiver == "webhook":
        _check_webhook(settings, telegram.webhook_path)
    return factory(telegram, clock, environ, public_url, menus_of_strangers())


def _check_webhook(settings: Settings, path: str) -> None:
    """Refuse a webhook that nothing could be brought to.

    Raises:
        ConfigError: without https; at an address that is a page's.
    """
    from azbot.channels.web.settings import OWN_PLACES  # noqa: PLC0415

    problems = []
    if not settings.web.public_url.startswith("https://"):
        problems.append(Problem("telegram.receiver", None, "webhook_needs_https"))
    if path.split("/")[1] in OWN_PLACES:
        facts = {"given": path}
        problems.append(
            Problem("telegram.webhook_path", None, "webhook_path_taken", facts)
        )
    if problems:
        raise ConfigError(str(settings.file), tuple(problems))


def _hooks(telegram: TelegramChannel, store: Store) -> Sequence[Hook]:
    """Return where the web hands over what Telegram brings, if it brings anything."""
    webhook = telegram.webhook
    if webhook is None:
        return ()
    from azbot.channels.web.seams import Hook  # noqa: PLC0415

    return (Hook(webhook.path, partial(webhook.receive, sink=store)),)
