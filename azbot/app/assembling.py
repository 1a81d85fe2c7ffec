"""Builds what works on an open store, each part once, of the parts below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from azbot.app.burying import bury
from azbot.app.connecting import Connected, servers_of
from azbot.app.running import App
from azbot.channels.email.settings import EmailSettings
from azbot.channels.web.metrics import Metrics
from azbot.chat.courier import Courier
from azbot.chat.handler import Handler as ChatHandler
from azbot.chat.house import House
from azbot.chat.rooms import rooms_of
from azbot.chat.telling import SPOKEN
from azbot.choices import Choices, FromFile, InForce
from azbot.choices.look import look_of, renderer_of
from azbot.clamd import Clamd
from azbot.config import Settings
from azbot.delivery.alerts import Alerts, Lifeline
from azbot.delivery.beacon import Beacon
from azbot.delivery.dispatch import Dispatcher
from azbot.delivery.letters import Letters, Postmark
from azbot.delivery.reporter import REPORT_KEY, Reporter
from azbot.desk import Desk, DeskSettings
from azbot.desk.holding import Holding
from azbot.desk.timers import Timekeeper
from azbot.health.incidents import report_again
from azbot.health.supervise import Supervisor
from azbot.health.vitals import Watch
from azbot.identity.linking import ChatDoor
from azbot.intake.handling import Handler
from azbot.intake.match import Door
from azbot.intake.quarantine import Quarantine
from azbot.intake.worker import Intake
from azbot.messages import Address
from azbot.ports import Clock, Scanner, Unscanned
from azbot.render import Brand
from azbot.render.pages import Pages
from azbot.reports.seal import new_key, read_private_key
from azbot.resources import data_dir
from azbot.store import Store, UnitOfWork
from azbot.tokens import Keyring
from azbot.trial.office import Office

_SIDE_BY_SIDE = 4
"""Workers that share what comes in by chat."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What several of those who work are made of."""

    settings: Settings
    email: EmailSettings
    clock: Clock
    store: Store
    connected: Connected
    keyring: Keyring
    in_force: InForce
    desk: Desk
    postmark: Callable[[], Postmark]
    house: House
    letters: Letters
    reporter: Reporter
    metrics: Metrics
    scanner: Scanner


async def assemble(
    settings: Settings,
    clock: Clock,
    store: Store,
    connected: Connected,
    trial: Office | None = None,
) -> App:
    """Build everything that stands on an open store; ``opened`` opens one.

    Raises:
        StoreUnreachable: the database does not answer.
    """
    parts = await _parts(settings, clock, store, connected)
    await store.write(partial(bury, store.worker))
    desk, metrics = parts.desk, parts.metrics
    door = _door(parts)
    supervisor = Supervisor(clock, crashed=partial(_crashed, store, clock))
    watch = Watch(store, clock, supervisor.health, connected.heard, _folders(settings))
    return App(
        settings=settings,
        clock=clock,
        store=store,
        connected=connected,
        desk=desk,
        intakes=_intakes(parts, door),
        couriers=_couriers(parts),
        dispatcher=_dispatcher(parts),
        timekeeper=Timekeeper(store, desk, store.worker, metrics),
        holding=Holding(store, desk, clock, store.worker, metrics),
        reporter=parts.reporter,
        door=door,
        postmark=parts.postmark,
        pages=_pages(parts.in_force, is_trial=trial is not None),
        in_force=parts.in_force,
        supervisor=supervisor,
        quarantine=_quarantine(parts),
        watch=watch,
        alerts=_alerts(parts, watch),
        metrics=metrics,
        scanner=parts.scanner,
        trial=trial,
    )


async def _parts(
    settings: Settings, clock: Clock, store: Store, connected: Connected
) -> _Parts:
    email = settings.channels.get("email") or EmailSettings(address="desk@localhost")
    if not isinstance(email, EmailSettings):
        raise TypeError("the section [email] is not EmailSettings")
    keyring, pem = await store.write(_secrets)
    public_url = settings.web.public_url.rstrip("/")
    brand = _brand(settings, email)
    in_force = InForce(store, FromFile(settings.workflow, brand, public_url))
    await in_force.renew()
    desk_settings = _desk_settings(settings, email, connected)
    desk = Desk(store, clock, desk_settings, lambda: in_force.choices.rules)
    postmark = in_force.following(
        partial(_postmark, public_url, email, keyring, connected.door)
    )
    renderer = in_force.following(partial(renderer_of, data_dir("templates")))
    key, largest = read_private_key(pem), email.max_attachment_bytes
    return _Parts(
        settings=settings,
        email=email,
        clock=clock,
        store=store,
        connected=connected,
        keyring=keyring,
        in_force=in_force,
        desk=desk,
        postmark=postmark,
        house=House(lambda: in_force.choices.rules, postmark),
        letters=Letters(renderer, postmark),
        reporter=Reporter(store, desk, clock, postmark, key, largest),
        metrics=Metrics(),
        scanner=_scanner(settings),
    )


# --- the desk and its words -----------------------------------------------------------


def _secrets(uow: UnitOfWork) -> tuple[Keyring, bytes]:
    """Return the signing keys, made at the first start and kept in the store."""
    keyring = uow.settings.keyring()
    pem = uow.settings.first(REPORT_KEY, new_key().decode())
    return keyring, pem.encode()


def _brand(settings: Settings, email: EmailSettings) -> Brand:
    return Brand(
        name=email.name,
        organisation=settings.service.organisation,
        address=email.address,
        colour=settings.service.colour,
        retention_years=settings.retention.years,
    )


def _desk_settings(
    settings: Settings, email: EmailSettings, connected: Connected
) -> DeskSettings:
    service = settings.service
    # What azbot writes to the mailbox it reads would come back as its own.
    ours = {email.address.casefold(), *(a.casefold() for a in email.own_addresses)}
    readers, admin = (
        "" if address.casefold() in ours else address
        for address in (service.desk, service.admin or service.desk)
    )
    spoken = SPOKEN if connected.chats else frozenset()
    return DeskSettings(readers, admin, service.language, spoken)


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


def _pages(in_force: InForce, *, is_trial: bool) -> Pages:
    return Pages(
        data_dir("templates"),
        in_force.following(partial(look_of, is_trial=is_trial)),
        lists=lambda: in_force.choices.lists,
    )


# --- what comes in --------------------------------------------------------------------


def _door(parts: _Parts) -> Door:
    email = parts.email
    return Door(
        parts.keyring,
        email.address,
        email.id_host,
        checks_authentication=email.receiver != "none",
        separator=email.separator,
    )


def _intakes(parts: _Parts, door: Door) -> Mapping[str, Sequence[Intake]]:
    """Return who works through the ledger of each channel.

    A letter more or less can wait for a slow one; a press in one chat cannot wait for
    a film in another: several share the chats.
    """
    desk, clock, store = parts.desk, parts.clock, parts.store
    metrics, scanner = parts.metrics, parts.scanner
    handler = Handler(desk, door, clock, parts.settings.workflow.country)
    made: dict[str, Sequence[Intake]] = {
        name: [Intake(store, channel, handler, clock, store.worker, metrics, scanner)]
        for name, channel in parts.connected.channels.items()
    }
    for name, chat in parts.connected.chats.items():
        rooms = rooms_of(parts.house)
        talks = ChatHandler(
            desk, clock, rooms.each, rooms.entrance, handler.tell_set_aside
        )
        made[name] = [
            Intake(
                store,
                chat,
                talks,
                clock,
                f"{store.worker}.{place}",
                metrics,
                scanner,
                by_lane=True,
            )
            for place in range(_SIDE_BY_SIDE)
        ]
    return made


def _quarantine(parts: _Parts) -> Quarantine:
    return Quarantine(
        parts.store,
        parts.desk,
        parts.connected.each,
        parts.settings.workflow.country,
        parts.scanner,
    )


def _scanner(settings: Settings) -> Scanner:
    web = settings.web
    if not web.clamd:
        return Unscanned()
    return Clamd(web.clamd, refuses_unchecked=web.unchecked_files == "refuse")


# --- what leaves ----------------------------------------------------------------------


def _dispatcher(parts: _Parts) -> Dispatcher:
    return Dispatcher(
        parts.store,
        parts.desk,
        parts.connected.channels,
        parts.letters,
        parts.reporter,
        parts.clock,
        parts.store.worker,
        parts.metrics,
    )


def _couriers(parts: _Parts) -> Mapping[str, Courier]:
    return {
        name: Courier(
            parts.store,
            parts.desk,
            chat,
            parts.reporter,
            parts.clock,
            parts.store.worker,
            parts.house,
            parts.metrics,
        )
        for name, chat in parts.connected.chats.items()
    }


def _alerts(parts: _Parts, watch: Watch) -> Alerts:
    return Alerts(
        parts.store,
        parts.desk,
        watch,
        parts.settings.file,
        servers_of(parts.settings),
        _lifeline(parts),
    )


async def _crashed(store: Store, clock: Clock, loop: str, failure: Exception) -> None:
    await report_again(store, "loop.crashed", failure, clock.now(), loop=loop)


def _lifeline(parts: _Parts) -> Lifeline | None:
    channel, admin = parts.connected.channels.get("email"), parts.desk.alerted
    if channel is None or not admin:
        return None
    settings = parts.settings
    beacon = Beacon(settings.store.files / ".outage")
    return Lifeline(parts.letters, channel, admin, settings.service.language, beacon)


def _folders(settings: Settings) -> tuple[Path, ...]:
    """Return where things are kept on this machine."""
    path = settings.store.url.removeprefix("sqlite:///")
    is_file = path != settings.store.url
    return (settings.store.files, *((Path(path).parent,) if is_file else ()))
