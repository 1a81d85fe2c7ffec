"""The store as the rest of azbot holds it: one write side, one read side."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine

from azbot.clock import SystemClock
from azbot.config import StoreSettings
from azbot.messages import BlobId, RawMessage
from azbot.ports import Blobs, Clock
from azbot.store.bell import LocalBell
from azbot.store.blobs import FileBlobs, is_name
from azbot.store.ear import Ear
from azbot.store.engine import (
    Address,
    Synchronous,
    address_of,
    check_schema,
    opening,
    read_engine,
    write_engine,
)
from azbot.store.keepers import keeper_of
from azbot.store.octets import INLINE_LIMIT
from azbot.store.partials import Partials
from azbot.store.seats import Seats, seated
from azbot.store.unit_of_work import UnitOfWork
from azbot.store.views import Views
from azbot.store.writer import Writer

T = TypeVar("T")
_POLL = timedelta(seconds=5)
_POSTGRESQL_THREADS = 4
_TOGETHER = 64


class Store:
    """Everything azbot remembers. Open it with ``open_store``.

    Also the ``ports.Sink`` channels give their messages to.

    Attributes:
        blobs: the files.
        partials: those of which a part has come.
        folder: of this machine, for files that can be made again.
        bell: rings after each commit that added something.
        views: the read side.
        worker: names this process in leases, ``host:pid:random``.
    """

    def __init__(
        self,
        address: Address,
        engine: Engine,
        blobs: Blobs,
        folder: Path,
        bell: LocalBell,
        clock: Clock,
    ) -> None:
        self.blobs = blobs
        self.partials = Partials(folder / "partial")
        self.folder = folder
        self.bell = bell
        self.worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._clock = clock
        self._engine = engine
        self._require: Callable[[UnitOfWork], None] | None = None
        self._ear = ear = Ear(engine, bell.ring) if address.is_postgresql else None
        self._readers = read_engine(address)
        self.views = Views(self._readers, blobs)
        self._writer = Writer(
            engine,
            blobs,
            threads=_POSTGRESQL_THREADS if address.is_postgresql else 1,
            together=1 if address.is_postgresql else _TOGETHER,
            announce=_announce_nothing if ear is None else ear.announce,
            ring=bell.ring,
        )

    async def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run one unit of work and return its value once it is durable.

        Args:
            work: see ``UnitOfWork``; its exceptions reach the caller as they are.

        Raises:
            Conflict: somebody was faster; nothing was written.
            StoreUnreachable: the database does not answer; nothing was written.
        """
        require = self._require
        if require is None:
            return await self._writer.write(work)

        def required(uow: UnitOfWork) -> T:
            require(uow)
            return work(uow)

        return await self._writer.write(required)

    def only_while(self, require: Callable[[UnitOfWork], None]) -> None:
        """Let units of work count only while something holds.

        Args:
            require: asked inside each of them; raises when it does not.
        """
        self._require = require

    async def accept(self, messages: Sequence[RawMessage]) -> None:
        """Store received messages durably; see ``ports.Sink``.

        Raises:
            StoreUnreachable: nothing of the batch was stored; give it again.
        """
        large = [m.content for m in messages if len(m.content) > INLINE_LIMIT]
        for content in large:
            # Before the transaction: other writers need not wait for the disk.
            await asyncio.to_thread(self.blobs.put, content)
        await self.write(lambda uow: uow.raw.accept(messages))

    async def position(self, source: str) -> int:
        """Return the highest position stored from a source; see ``ports.Sink``."""
        return await self.write(lambda uow: uow.raw.position(source))

    async def latest(self, prefix: str) -> tuple[str, datetime] | None:
        """Return the source heard last of those that begin so; see ``ports.Sink``."""
        return await self.write(lambda uow: uow.raw.latest(prefix))

    async def alone(self, place: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work while no other process does; see ``ports.Sink``."""

        async def ask(question: Callable[[Seats], bool]) -> bool:
            return await self.write(lambda uow: question(uow.seats))

        await seated(ask, self._clock, self.worker, place, work)

    def drop_file(self, blob: BlobId) -> None:
        """Delete a file, and on this machine what was made of it. Blocking.

        That stands in ``folder`` as ``thumbnails/ab/ab12…-160.jpg`` does.
        """
        self.blobs.delete(blob)
        for made in self.folder.glob(f"*/{blob[:2]}/{blob}-*"):
            made.unlink(missing_ok=True)

    def drop_made_of_gone(self, part: int) -> None:
        """Delete what was made here of files that another machine deleted. Blocking.

        Args:
            part: 0 to 15, the first digit of the files that are looked at.
        """
        made: dict[BlobId, list[Path]] = {}
        for path in self.folder.glob(f"*/{part:x}?/*-*"):
            name = path.name.partition("-")[0]
            if is_name(name):
                made.setdefault(BlobId(name), []).append(path)
        for blob, paths in made.items():
            if self.blobs.size(blob) is None:
                for path in paths:
                    path.unlink(missing_ok=True)

    async def aclose(self) -> None:
        """Finish what was handed in and let go of everything; twice is fine."""
        await self._writer.aclose()
        if self._ear is not None:
            await asyncio.to_thread(self._ear.close)
        await self._readers.dispose()
        self._engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


def _announce_nothing(_connection: Connection, _topics: set[str]) -> None:
    """One process: the ring after the commit is enough."""


def check(url: str) -> None:
    """Refuse a database that cannot be used; blocking, for as long as it is silent.

    Args:
        url: as for ``open_store``.

    Raises:
        ConfigError: no such database, or one of another version or owner.
        StoreUnreachable: it does not answer.
    """
    address = address_of(url)
    engine = write_engine(address, "FULL", 1)
    try:
        with opening(address), engine.connect() as connection:
            check_schema(connection, address)
    finally:
        engine.dispose()


def open_store(
    url: str,
    folder: Path,
    *,
    blobs: Blobs | None = None,
    synchronous: Synchronous = "FULL",
    clock: Clock | None = None,
) -> Store:
    """Open the store of an installation. Call it inside the running loop.

    Args:
        url: ``sqlite:///path`` or ``postgresql://…``; ``migrate`` it first.
        folder: of this machine: files on their way, and what can be made again.
        blobs: who keeps the files; that folder by default.
        synchronous: SQLite's durability; FULL survives a power cut.
        clock: for bell and seats; the real one by default.

    Raises:
        ConfigError: no such database, or one of another version or owner.
        StoreUnreachable: it does not answer.
    """
    address = address_of(url)
    engine = write_engine(address, synchronous, _POSTGRESQL_THREADS + 1)
    try:
        with opening(address), engine.connect() as connection:
            check_schema(connection, address)
    except BaseException:
        engine.dispose()
        raise
    time = clock or SystemClock()
    bell = LocalBell(time, _POLL)
    return Store(address, engine, blobs or FileBlobs(folder), folder, bell, time)


def open_by(settings: StoreSettings, clock: Clock | None = None) -> Store:
    """Open the store as ``[store]`` describes it; raises as ``open_store``.

    Raises:
        ConfigError: also: what speaks to a bucket is not installed.
    """
    return open_store(
        settings.url,
        settings.files,
        blobs=keeper_of(settings, clock),
        synchronous=settings.synchronous,
        clock=clock,
    )
