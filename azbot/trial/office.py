"""The post office of a trial: takes what would leave, brings what people answer.

A process that runs a trial is built without a server: there is nothing in it that
could let a letter leave. What is written here is octets as a mail program sends them,
put into the ledger as those of IMAP are, and read by the same parser.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from azbot.channels.email.channel import EmailChannel, parse_settings
from azbot.channels.email.correspondent import Correspondent, File, Opened
from azbot.channels.email.mailbox import (
    AUTHSERV_ID,
    Letter,
    LocalMailbox,
    received,
)
from azbot.channels.email.settings import EmailSettings
from azbot.config import Settings
from azbot.errors import StoreUnreachable
from azbot.messages import Envelope, Receipt
from azbot.ports import Clock, Letterbox, Sink
from azbot.store import Store, UnitOfWork
from azbot.store.named import FILES, files_named
from azbot.store.trial import TOPIC
from azbot.store.trial_views import WRITTEN

_LOOK_EVERY = timedelta(seconds=5)
_NOBODY = "desk@localhost"


class _Closed:
    """Where mail comes from: nowhere. What waits at the real server goes on waiting."""

    heard_at: datetime | None = None

    async def run(self, sink: Sink) -> None:  # noqa: ARG002
        """Wait until cancelled."""
        await asyncio.get_running_loop().create_future()

    async def aclose(self) -> None:
        """Nothing is open; may be called twice."""


class _Kept:
    """Where letters go: nowhere. The outbox keeps what they said."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def send(self, envelope: Envelope) -> Receipt:  # noqa: ARG002
        """Say that it is done."""
        return Receipt(remote_id="trial", at=self._clock.now())

    async def aclose(self) -> None:
        """Nothing is open; may be called twice."""


@dataclass(frozen=True, slots=True)
class Pen:
    """Somebody who writes to the desk from in here.

    Attributes:
        press: names what was asked for; asked again, it is done once.
    """

    address: str
    name: str
    press: str


class Office:
    """One trial in one process.

    Args:
        settings: of the installation, servers included; none is asked.
        store: keeps what would have left, and what is answered.
        clock: dates it.
        begun_at: since when nothing leaves.

    Attributes:
        settings: with what has to differ: whose word about senders is believed.
        channels: what letters go through.
        address: the desk's own.
    """

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, begun_at: datetime
    ) -> None:
        email = settings.channels.get("email")
        if not isinstance(email, EmailSettings):
            email = EmailSettings(address=_NOBODY)
        # Nobody writes under a wrong name in here: the mailbox says so of each letter.
        believed = email.model_copy(
            update={"receiver": "authserv-id", "authserv_id": AUTHSERV_ID}
        )
        channels = {**settings.channels, "email": believed, "telegram": None}
        self.settings = replace(settings, channels=channels, plugins={}, absent={})
        self.begun_at = begun_at
        self.address = email.address
        self._store = store
        self._clock = clock
        channel = EmailChannel(
            believed, _Closed(), _Kept(clock), parse_settings(believed)
        )
        self.channels: Mapping[str, Letterbox] = {channel.name: channel}

    async def over(self) -> None:
        """Return once the trial is over, whoever ended it."""
        while True:
            with suppress(StoreUnreachable):
                if await self._store.views.trial_begun_at() is None:
                    return
            await self._store.bell.wait(TOPIC, self._clock.now() + _LOOK_EVERY)

    async def write(
        self, pen: Pen, subject: str, text: str, files: tuple[File, ...] = ()
    ) -> None:
        """Write to the desk; it is stored when this returns.

        Raises:
            StoreUnreachable: it is not.
        """
        who, now = self._somebody(pen), self._clock.now()
        await self._bring(pen, who.write(self.address, subject, text, now, files))

    async def answer(
        self, pen: Pen, letter: Opened, text: str, files: tuple[File, ...] = ()
    ) -> None:
        """Answer a letter, which is quoted below; else as ``write``."""
        who, now = self._somebody(pen), self._clock.now()
        await self._bring(pen, who.answer(text, now, files, letter))

    async def is_away(self, pen: Pen, letter: Opened, subject: str, text: str) -> None:
        """Let a mail program answer a letter by itself; else as ``write``."""
        who, now = self._somebody(pen), self._clock.now()
        await self._bring(pen, who.is_away(subject, text, now, letter))

    def _somebody(self, pen: Pen) -> Correspondent:
        mailbox = LocalMailbox(self.address, self._clock)
        return Correspondent(mailbox, pen.name, pen.address, is_proven=True)

    async def _bring(self, pen: Pen, letter: Letter) -> None:
        # A source of its own: the same press again is known there.
        await self._store.accept([received(letter, f"{WRITTEN}{pen.press}", 1)])


async def office_of(settings: Settings, store: Store, clock: Clock) -> Office | None:
    """Return the office of the trial that lasts, None: letters leave.

    From then on no unit of work of this process counts that the trial has not seen to
    its end: what is begun before the switch cannot be committed behind it.
    """
    begun_at = await store.write(lambda uow: uow.trial.begun_at())
    if begun_at is None:
        await _clear(settings, store)
        return None
    store.only_while(_require)
    return Office(settings, store, clock, begun_at)


def _require(uow: UnitOfWork) -> None:
    uow.trial.require()


async def _clear(settings: Settings, store: Store) -> None:
    """Delete the files of a trial that is over, those apart that others name, too."""
    left = await store.write(lambda uow: uow.trial.left_behind())
    if not left:
        return

    async def drop() -> None:
        named = await asyncio.to_thread(files_named, settings.store.url)
        for blob in set(left) - named:
            await asyncio.to_thread(store.drop_file, blob)

    await store.alone(FILES, drop)
    await store.write(lambda uow: uow.trial.forget_files())
