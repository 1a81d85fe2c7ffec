"""The database and the disk below it: written to for real, and with room left."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import pwd
import shlex
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

from azbot.config import StoreSettings
from azbot.doctor.finding import Finding, Note, Repair, failure, ok, warning
from azbot.errors import ConfigError, StoreUnreachable
from azbot.ports import Clock
from azbot.store import Store, UnitOfWork, check, migrate, open_store

LEAST = 500_000_000
"""Octets that are left at least: a day of mail with photos, and a restart."""

_PIECE = 1_000_000
_VISITED = "doctor.visited_at"


class DatabaseProbe:
    """Writes a row and a file, and measures what is left.

    Args:
        store: ``[store]``.
        clock: dates the row: when somebody last looked.
        file: the configuration, for the commands that are shown.
    """

    name = "database"

    def __init__(self, store: StoreSettings, clock: Clock, file: Path) -> None:
        self._store = store
        self._clock = clock
        self._config = shlex.quote(str(file))

    async def check(self) -> Finding:
        """Look, within ten seconds."""
        try:
            async with asyncio.timeout(9.0):
                disks = await self._disks()
                is_full = any(note.what == "disk_full" for note in disks)
                notes = (*await self._database(is_full=is_full), *disks)
        except TimeoutError:
            notes = (failure("database_silent", self._reach()),)
        return Finding(self.name, notes)

    # --- the database ---

    async def _database(self, *, is_full: bool) -> tuple[Note, ...]:
        file = database_file(self._store.url)
        if file and (problem := await asyncio.to_thread(self._file_problem, file)):
            return (problem,)
        try:
            async with opened(self._store) as store:
                began = monotonic()
                await store.write(self._visit)
        except ConfigError as error:
            return (self._schema(error.problems[0].code),)
        except StoreUnreachable:
            # A full disk makes itself felt in many words, and says how it gets room.
            if is_full:
                return (failure("database_full"),)
            return (failure("database_unreached", self._reach()),)
        return (ok("database", ms=f"{(monotonic() - began) * 1000:.0f}"),)

    def _visit(self, uow: UnitOfWork) -> None:
        uow.settings.put(_VISITED, self._clock.now().isoformat())

    def _file_problem(self, file: Path) -> Note | None:
        """Say what keeps the file from being written to, before SQLite makes one."""
        folder = file.parent
        if not file.exists():
            if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
                return self._forbidden(folder)
            return warning("database_none", self._migration())
        for path in (file, folder):
            if not os.access(path, os.W_OK):
                return self._forbidden(path)
        return None

    def _forbidden(self, path: Path) -> Note:
        paste = f"chmod u+rwX {shlex.quote(str(path))}"
        if path.owner() != _own_name():
            paste = f"chown -R {_own_name()} {shlex.quote(str(path))}"
        repair = Repair("rights", {"path": str(path)}, paste)
        return failure("database_forbidden", repair, path=str(path))

    def _migration(self) -> Repair:
        async def mend() -> None:
            await asyncio.to_thread(migrate, self._store.url)

        paste = f"azbot migrate --config {self._config}"
        return Repair("migrate", {}, paste, "shell", "", mend)

    def _schema(self, code: str) -> Note:
        match code:
            case "schema_missing" | "schema_behind":
                what = (
                    "database_none" if code == "schema_missing" else "database_behind"
                )
                return warning(what, self._migration())
            case "schema_newer":
                upgrade = "/opt/azbot/bin/pip install --upgrade ."
                repair = Repair("upgrade", {}, upgrade)
                return failure("database_newer", repair)
            case _:
                paste = '[store]\nurl = "sqlite:////var/lib/azbot/azbot.db"'
                repair = Repair("other_database", {}, paste, "config")
                return failure("database_foreign", repair)

    def _reach(self) -> Repair:
        if database_file(self._store.url):
            paste = f"azbot migrate --config {self._config}"
        else:
            paste = "systemctl start postgresql"
        return Repair("database_reach", {}, paste)

    # --- the disks ---

    async def _disks(self) -> tuple[Note, ...]:
        places = [self._store.files]
        if file := database_file(self._store.url):
            places.insert(0, file.parent)
        return tuple(await asyncio.to_thread(lambda: [*self._rooms(places)]))

    def _rooms(self, places: list[Path]) -> Iterator[Note]:
        """Yield one note for each file system, and one for what cannot be written."""
        seen: set[int] = set()
        for place in places:
            if not place.exists() and place == self._store.files:
                yield warning("files_missing", self._folder(place), path=str(place))
            there = _nearest(place)
            device = there.stat().st_dev
            if device in seen:
                continue
            seen.add(device)
            yield self._room(there)

    def _room(self, place: Path) -> Note:
        left = shutil.disk_usage(place).free
        facts = {"free": str(left), "path": str(mount_of(place)[0])}
        try:
            _write_piece(place)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                return failure("disk_full", *_more_room(place), **facts)
            return self._forbidden(place)
        if left < LEAST:
            return warning("disk_low", *_more_room(place), **facts)
        return ok("disk", **facts)

    def _folder(self, place: Path) -> Repair:
        async def mend() -> None:
            await asyncio.to_thread(place.mkdir, 0o700, parents=True)

        paste = f"mkdir -p -m 700 {shlex.quote(str(place))}"
        return Repair("folder_make", {}, paste, "shell", "", mend)


def database_file(url: str) -> Path | None:
    """Return the file of a SQLite database; None for PostgreSQL."""
    path = url.removeprefix("sqlite:///")
    return None if path == url else Path(path)


@asynccontextmanager
async def opened(store: StoreSettings) -> AsyncIterator[Store]:
    """Open the database while inside; a silent one holds nobody else up.

    Raises:
        ConfigError: it is of another version or owner.
        StoreUnreachable: it does not answer.
    """
    await asyncio.to_thread(check, store.url)
    async with open_store(store.url, store.files) as there:
        yield there


async def is_receiving(store: StoreSettings, clock: Clock, bot: str) -> bool | None:
    """Whether an azbot that runs receives for a bot; None where nobody can tell."""
    file = database_file(store.url)
    if file and not file.exists():
        return None
    try:
        async with opened(store) as there:
            now, place = clock.now(), f"telegram.{bot}"
            return await there.write(lambda uow: uow.seats.is_taken(place, now))
    except (ConfigError, StoreUnreachable):
        return None


def mount_of(place: Path) -> tuple[Path, str, str]:
    """Return where the file system of a path is mounted, its device and its kind."""
    best = (Path("/"), "", "")
    resolved = place.resolve()
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mounts").read_text("utf-8").splitlines():
            device, where, kind = line.split()[:3]
            path = Path(where.replace("\\040", " "))
            if resolved.is_relative_to(path) and len(path.parts) >= len(best[0].parts):
                best = (path, device, kind)
    return best


def _more_room(place: Path) -> tuple[Repair, ...]:
    """Say how this very file system gets room, and what takes it up now."""
    where, device, kind = mount_of(place)
    path = shlex.quote(str(where))
    what = f"du -xah {path} 2>/dev/null | sort -rh | head -20"
    look = Repair("disk_what", {}, what)
    if kind == "tmpfs":
        total = shutil.disk_usage(place).total // 1_000_000
        grow = f"mount -o remount,size={total + 2 * LEAST // 1_000_000}M {path}"
    elif device.startswith("/dev/mapper/"):
        grow = f"lvextend --resizefs --size +5G {shlex.quote(device)}"
    else:
        return (look,)
    return (Repair("disk_grow", {}, grow), look)


def _write_piece(place: Path) -> None:
    """Write to the disk for real and take it back: what is free may be reserved."""
    with tempfile.NamedTemporaryFile(dir=place, prefix=".azbot-doctor.") as file:
        file.write(os.urandom(_PIECE))
        file.flush()
        os.fsync(file.fileno())


def _nearest(place: Path) -> Path:
    return next(path for path in (place, *place.parents) if path.exists())


def _own_name() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name
