"""How azbot fares, and what of it needs somebody (ux.md D9).

``Watch`` looks, ``diagnose`` judges. The page of administrators, ``/healthz`` and the
alert mail show the same judgement, so that none of them knows of what the others do
not.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from azbot.errors import StoreUnreachable
from azbot.ports import Clock
from azbot.store import Store, UnitOfWork
from azbot.store.backups import LAST_AT
from azbot.store.queries import Health

ALARMING_AFTER = timedelta(minutes=10)
"""A failure that lasts so long is told to the administrator (ux.md D9)."""
_BLIP = timedelta(minutes=1)
"""What is over within a minute is nobody's business."""
_UNHEARD_FOR = timedelta(minutes=12)
"""The slowest mailbox is looked into every ten minutes."""
ROOM_NEEDED = 1_000_000_000
"""Octets that must be free: below, the disk is nearly full."""
BACKUP_WITHIN = timedelta(hours=48)
_USUAL_CONFIG = Path("/etc/azbot/azbot.toml")
_SECONDS = 5


class LoopHealth(Protocol):
    """How one supervised loop fares; ``azbot.health.supervise`` has the real one."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def state(self) -> str:
        """``running``, ``recovering``, ``waiting``, ``given_up`` or ``stopped``."""
        ...

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        ...

    @property
    def failing_since_at(self) -> datetime | None:
        """Its first failure since it last ran steadily."""
        ...

    @property
    def last_error(self) -> str:
        """One line, without secret or address."""
        ...

    @property
    def retry_at(self) -> datetime | None:
        """When it starts again; None unless it waits."""
        ...

    @property
    def failure(self) -> str:
        """Class of its latest failure."""
        ...

    @property
    def is_well(self) -> bool:
        """Whether nobody needs to look after it."""
        ...


@dataclass(frozen=True, slots=True)
class Disk:
    """Where files are kept.

    Attributes:
        folder: of this machine.
        free, total: octets.
    """

    folder: str
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """What was seen at one instant.

    Attributes:
        loops: of this process.
        heard: when each service last answered, by channel.
        disks: one for each file system.
        backup_at: the last backup that was verified; None: never.
        flow: None while the database does not answer.
    """

    at: datetime
    loops: tuple[LoopHealth, ...]
    heard: Mapping[str, datetime] = field(default_factory=dict)
    disks: tuple[Disk, ...] = ()
    backup_at: datetime | None = None
    flow: Health | None = None


@dataclass(frozen=True, slots=True)
class Ailment:
    """One thing that needs somebody.

    Attributes:
        what: ``imap``, ``smtp``, ``telegram``, ``contested``, ``disk``, ``store``,
            ``intake``, ``outbox``, ``backup`` or ``other``; its words are in the
            catalogue.
        key: names it among all: its loop where several loops have the same words.
        cause: one line, without secret or address; empty when ``what`` says it all.
        since: None: nobody knows.
        is_alarming: the administrator is told of it, wherever they are.
    """

    what: str
    key: str
    cause: str = ""
    since: datetime | None = None
    is_alarming: bool = False


Room = Callable[[Path], Disk]


def room_of(folder: Path) -> Disk:
    """Return how much room the file system of a folder has.

    Raises:
        OSError: there is no such folder.
    """
    usage = shutil.disk_usage(folder)
    return Disk(str(folder), usage.free, usage.total)


class Watch:
    """Looks how azbot fares.

    Args:
        loops: how every loop of this process fares now.
        heard: when each service last answered.
        folders: where things are kept; one for each file system is looked at.
        room: how much room a folder has.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        loops: Callable[[], Sequence[LoopHealth]],
        heard: Callable[[], Mapping[str, datetime]] = dict,
        folders: Sequence[Path] = (),
        room: Room = room_of,
    ) -> None:
        self._store = store
        self._clock = clock
        self._loops = loops
        self._heard = heard
        self._folders = tuple(folders)
        self._room = room

    async def look(self, *, both_sides: bool = False) -> Vitals:
        """Return what can be seen now; never fails because the store does.

        Args:
            both_sides: look whether something can be written, too: readers may still
                answer then.
        """
        now, views = self._clock.now(), self._store.views
        flow, backup_at = None, None
        disks = await asyncio.to_thread(self._disks)
        try:
            async with asyncio.timeout(_SECONDS):
                if both_sides:
                    await self._store.write(_nothing)
                flow = await views.health(now)
                backup_at = await self._backup_at()
        except (StoreUnreachable, TimeoutError):
            flow = None
        return self._seen(now, disks, backup_at, flow)

    async def glance(self) -> Vitals:
        """Return what the alerts need, which is read from indexes alone.

        Raises:
            StoreUnreachable: the database does not answer.
        """
        now, backup_at = self._clock.now(), await self._backup_at()
        flow = Health(None, unsent=await self._store.views.unsent())
        disks = await asyncio.to_thread(self._disks)
        return self._seen(now, disks, backup_at, flow)

    async def _backup_at(self) -> datetime | None:
        kept = await self._store.views.setting(LAST_AT)
        return datetime.fromisoformat(kept) if kept else None

    def _seen(
        self,
        now: datetime,
        disks: tuple[Disk, ...],
        backup_at: datetime | None,
        flow: Health | None,
    ) -> Vitals:
        return Vitals(now, tuple(self._loops()), self._heard(), disks, backup_at, flow)

    def _disks(self) -> tuple[Disk, ...]:
        found: dict[int, Disk] = {}
        for folder in self._folders:
            try:
                device = folder.stat().st_dev
                found.setdefault(device, self._room(folder))
            except OSError:
                # A folder that is gone fails whoever wants to write there.
                continue
        return tuple(found.values())


def _nothing(_: UnitOfWork) -> None:
    """An empty unit of work."""


# --- judging, pure ----------------------------------------------------------------

_LOOPS = {
    "receive.email": "imap",
    "receive.telegram": "telegram",
    "bring.telegram": "telegram",
    "send.telegram": "telegram",
    "work.raw": "intake",
    "work.outbox": "outbox",
}
_FAILURES = {"StoreUnreachable": "store", "Contested": "contested"}
"""Failures that say more than the loop they happened in."""


def diagnose(seen: Vitals) -> tuple[Ailment, ...]:
    """Return what needs somebody, what is told at once first."""
    found: dict[str, Ailment] = {}
    for each in (
        *_unanswered(seen),
        *_loops(seen),
        *_unheard(seen),
        *_unsent(seen),
        *_full(seen),
        *_unsaved(seen),
    ):
        known = found.get(each.key)
        if known is None or (each.is_alarming and not known.is_alarming):
            found[each.key] = each
    return tuple(sorted(found.values(), key=lambda one: not one.is_alarming))


def status_of(seen: Vitals) -> str:
    """Return ``ok``, ``degraded`` or ``unready``, which monitors read."""
    if seen.flow is None:
        return "unready"
    is_well = all(loop.is_well for loop in seen.loops)
    is_ill = any(one.is_alarming for one in diagnose(seen))
    return "ok" if is_well and not is_ill else "degraded"


def command_for(what: str, config: Path) -> str:
    """Return what to run against an ailment, ready to be pasted.

    Args:
        what: of the ailment.
        config: the configuration file; named where it is not the usual one.
    """
    command = _COMMANDS.get(what, "azbot doctor")
    if config.absolute() == _USUAL_CONFIG or not command.startswith("azbot "):
        return command
    return f"{command} --config {config.absolute()}"


_COMMANDS = {
    "imap": "azbot doctor --only imap",
    "smtp": "azbot doctor --only smtp",
    "telegram": "azbot doctor --only telegram",
    "contested": "azbot doctor --only telegram",
    "disk": "df -h",
    "store": "azbot doctor --only database",
    "intake": "azbot quarantine list",
    "outbox": "azbot outbox list",
    "backup": "azbot backup",
    "incident": "azbot log",
}


def _unanswered(seen: Vitals) -> Iterator[Ailment]:
    if seen.flow is None:
        yield Ailment("store", "store", is_alarming=True)


def _loops(seen: Vitals) -> Iterator[Ailment]:
    for loop in seen.loops:
        since = loop.failing_since_at
        if since is None:
            continue
        # Waiting changes nothing about these: somebody has to do something.
        is_urgent = loop.state == "given_up" or loop.failure == "Contested"
        if seen.at - since < _BLIP and not is_urgent:
            continue
        what = _FAILURES.get(loop.failure) or _what(loop.name)
        is_named = what != "other"
        yield Ailment(
            what,
            key=what if is_named else loop.name,
            cause=loop.last_error if is_named else f"{loop.name}: {loop.last_error}",
            since=since,
            is_alarming=is_urgent or seen.at - since >= ALARMING_AFTER,
        )


def _what(loop: str) -> str:
    """Return which words a loop has; several do the same: ``work.raw.2``."""
    return _LOOPS.get(".".join(loop.split(".")[:2]), "other")


def _unheard(seen: Vitals) -> Iterator[Ailment]:
    """Yield services whose loop runs and which say nothing all the same."""
    running = {loop.name for loop in seen.loops if loop.state == "running"}
    for channel, heard_at in seen.heard.items():
        name = f"receive.{channel}"
        if name in running and seen.at - heard_at >= _UNHEARD_FOR:
            what = _what(name)
            key = what if what != "other" else name
            yield Ailment(what, key, "no answer in time", heard_at, is_alarming=True)


def _unsent(seen: Vitals) -> Iterator[Ailment]:
    if seen.flow is None or seen.flow.unsent is None:
        return
    since, cause = seen.flow.unsent
    if seen.at - since >= _BLIP:
        is_old = seen.at - since >= ALARMING_AFTER
        yield Ailment("smtp", "smtp", cause, since, is_alarming=is_old)


def _full(seen: Vitals) -> Iterator[Ailment]:
    for disk in seen.disks:
        if disk.free < ROOM_NEEDED:
            cause = f"room {disk.free} {disk.folder}"
            yield Ailment("disk", "disk", cause, is_alarming=True)


def _unsaved(seen: Vitals) -> Iterator[Ailment]:
    """Yield a backup that is missing; alarming where there used to be one."""
    if seen.flow is None:
        return
    if seen.backup_at is None:
        yield Ailment("backup", "backup")
    elif seen.at - seen.backup_at >= BACKUP_WITHIN:
        yield Ailment("backup", "backup", "", seen.backup_at, is_alarming=True)
