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

from azbot.demo.post import Opened, open_letter
from azbot.demo.stage import Stage, staged
from azbot.store import UnitOfWork
from azbot.store.accounts import Account
from azbot.workflow.model import Assistance, AssistanceId, Role
from tests.browser.inboxdesk import PASSWORD
from tests.browser.inboxstage import THURSDAY

T = TypeVar("T")

_SOON = 15.0
"""Seconds within which whatever was done has been told."""
_KIND = re.compile(rb"^X-Azbot-Kind: (\S+)", re.MULTILINE)


@dataclass
class ManualStage:
    """A whole azbot at work in another thread.

    Attributes:
        address: where its pages are, and what the links of its mails lead to.
        read: how many mails each address has opened.
    """

    stage: Stage
    address: str
    loop: asyncio.AbstractEventLoop
    read: dict[str, int] = field(default_factory=dict)

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
        """Open the next mail of somebody, which must be of this kind."""
        at, until = self.read.get(address, 0), monotonic() + _SOON
        while len(letters := self.stage.mailbox.sent_to(address)) <= at:
            assert monotonic() < until, f"no mail came, {kind} was to"
            sleep(0.02)
        found = _KIND.search(letters[at].content)
        opened = open_letter(letters[at])
        assert found, opened.subject
        assert found[1].decode() == kind, f"not {kind}: {opened.subject}"
        self.read[address] = at + 1
        return opened


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
