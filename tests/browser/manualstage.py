"""azbot on a day in March, and the three people whose browsers walk through it."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any, TypeVar

from argon2 import PasswordHasher

from azbot.channels.email.correspondent import Opened, open_letter
from azbot.channels.email.mailbox import Letter
from azbot.demo.stage import Stage, staged
from azbot.store import UnitOfWork
from azbot.store.accounts import Account
from azbot.testing.patience import PATIENCE
from azbot.workflow.model import Assistance, AssistanceId, Role
from tests.browser.inboxdesk import PASSWORD
from tests.browser.inboxstage import THURSDAY

T = TypeVar("T")

_KIND = re.compile(rb"^X-Azbot-Kind: (\S+)", re.MULTILINE)


@dataclass
class ManualStage:
    """A whole azbot at work in another thread.

    Attributes:
        address: where its pages are, and what the links of its mails lead to.
        read: the mails that were opened, by their name and reader.
    """

    stage: Stage
    address: str
    loop: asyncio.AbstractEventLoop
    read: set[tuple[str, str]] = field(default_factory=set)

    @property
    def now(self) -> datetime:
        return self.stage.clock.now()

    @property
    def it(self) -> Assistance:
        """The one assistance there is."""
        return self.write(lambda uow: uow.assistances.get(AssistanceId(1)))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something where azbot runs; return what it gives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run one unit of work."""
        return self.run(self.stage.app.store.write(work))

    def jump_to(self, when: datetime) -> None:
        """Let time pass; what falls due on the way is done."""

        async def jump() -> None:
            self.stage.clock.jump_to(when)

        self.run(jump())

    def later(self, **by: float) -> None:
        """Let some time pass."""
        self.jump_to(self.now + timedelta(**by))

    def mail(self, address: str, kind: str) -> Opened:
        """Open the first mail of a kind that somebody has not opened yet.

        Mails that leave at the same instant come in any order.
        """
        until = monotonic() + PATIENCE
        while True:
            for letter in self.stage.mailbox.sent_to(address):
                opened = open_letter(letter)
                name = (opened.message_id, address)
                if kind_of(letter) == kind and name not in self.read:
                    self.read.add(name)
                    return opened
            assert monotonic() < until, f"no mail of kind {kind} came to {address}"
            sleep(0.02)


def kind_of(letter: Letter) -> str:
    """The notice a mail was written for."""
    found = _KIND.search(letter.content)
    return found[1].decode() if found else ""


@contextmanager
def manual_stage() -> Iterator[ManualStage]:
    """Run azbot in a thread while inside, its workers included."""
    started: Future[ManualStage] = Future()
    stop = asyncio.Event()

    def live() -> None:
        try:
            asyncio.run(_live(started, stop))
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=live, name="manual-stage")
    thread.start()
    try:
        stage = started.result(30)
        try:
            yield stage
        finally:
            stage.loop.call_soon_threadsafe(stop.set)
    finally:
        thread.join(30)


async def _live(started: Future[ManualStage], stop: asyncio.Event) -> None:
    # Mails name the address, so it is chosen before anything is set up.
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with (
        staged(port, THURSDAY) as stage,
        stage.app.serving() as address,
        asyncio.TaskGroup() as group,
    ):
        work = group.create_task(stage.app.run())
        await stage.app.store.write(lambda uow: _account(uow, stage))
        loop = asyncio.get_running_loop()
        started.set_result(ManualStage(stage, address, loop))
        await stop.wait()
        work.cancel()


def _account(uow: UnitOfWork, stage: Stage) -> None:
    """Give the agent a password, as cheap as argon2 gets."""
    assert stage.agent.person is not None
    password = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    uow.accounts.put(
        Account(stage.agent.person, Role.AGENT, stage.clock.now(), password)
    )
