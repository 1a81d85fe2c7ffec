"""The world on show, and the one « Recommencer » goes back to.

Twelve lives are played in a workshop nobody sees; each world is a copy of what stands
there then, an azbot of its own in a folder of its own, below one that vanishes. Who
comes before the first world is there waits in a lobby.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Coroutine,
    Iterator,
)
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from azbot.clock import SystemClock
from azbot.demo.clock import StoryClock
from azbot.demo.desk import sign_in
from azbot.demo.journal import Journal
from azbot.demo.live import Live
from azbot.demo.panes import Panes
from azbot.demo.phones import Phones
from azbot.demo.play import Play
from azbot.demo.seed import seed
from azbot.demo.stage import Stage, stage_in
from azbot.i18n.catalogue import catalogue
from azbot.testing.telegram import FakeTelegram, fake_telegram
from azbot.workflow.model import Actor

FIRST, SECOND = "camille", "ines"
"""The agents a visitor may be."""

_TOPICS = ("raw", "outbox", "acts", "timers", "events", "signals")
_BREATH = timedelta(seconds=1)
"""Answers that are held leave by the second; nothing rings for them."""
_LONG = timedelta(minutes=1)


@dataclass(slots=True)
class World:
    """One life of the sandbox, until « Recommencer ».

    Attributes:
        rooms: where everybody works.
        tasks: what they do.
        hands_off: set: nobody works in it any more.
        is_idle: nobody does.
        is_over: set: its pages go, too.
    """

    stage: Stage
    play: Play
    panes: Panes
    live: Live
    rooms: asyncio.TaskGroup
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    hands_off: asyncio.Event = field(default_factory=asyncio.Event)
    is_idle: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something go on beside everything else, as long as anybody works."""
        task = self.rooms.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


Leading = Callable[["Sandbox", World], AbstractAsyncContextManager[None]]
"""Leads visitors to a world while inside."""


class Sandbox:
    """Worlds, one after the other.

    Args:
        folder: where all of them are.
        clock: of everything in them.
        bot: the service of chats; it outlives them.
        port: where they are served.
        language: of the page.
        leading: how visitors come to one.
        worlds: where they live; cancelled, they end.
    """

    def __init__(
        self,
        folder: Path,
        clock: StoryClock,
        bot: FakeTelegram,
        port: int,
        language: str,
        leading: Leading,
        worlds: asyncio.TaskGroup,
    ) -> None:
        self.language = language
        self.pace = timedelta()
        self._folder = folder
        self._clock = clock
        self._bot = bot
        self._port = port
        self._leading = leading
        self._worlds = worlds
        self._phones = Phones(bot)
        self._count = 0
        self._last_line = 0
        self._agents: dict[str, Actor] = {}
        self._guests: dict[str, Actor] = {}
        self._changing = asyncio.Lock()
        self._world: World | None = None
        for phone in self._phones.each.values():
            phone.listen(self._stir)

    @property
    def _workshop(self) -> Path:
        return self._folder / "workshop"

    async def fill(self) -> None:
        """Play the twelve lives, and let both telephones begin their chat."""
        self._workshop.mkdir()
        async with (
            stage_in(self._workshop, self._clock, self._port, self._bot) as stage,
            asyncio.TaskGroup() as group,
        ):
            listening = group.create_task(stage.listen())
            cast = await seed(stage, self._clock.now())
            self._agents = {FIRST: cast.camille, SECOND: cast.ines}
            await self._phones.link(stage)
            newest, _ = await stage.app.store.views.newest_numbers(1)
            self._last_line = newest[0]
            self._phones.keep()
            listening.cancel()

    async def begin(self) -> None:
        """Begin the first world."""
        async with self._changing:
            await self._begin()

    async def restart(self) -> None:
        """Begin another world; the one before is served until it is there."""
        async with self._changing:
            old = self._world
            if old is not None:
                old.hands_off.set()
                await old.is_idle.wait()
            self._phones.bring_back()
            self._clock.begin_again()
            await self._begin()
            if old is not None:
                old.is_over.set()

    async def enter(self, who: str) -> str:
        """Let a visitor in as an agent; return the secret of the cookie.

        Args:
            who: ``FIRST`` or ``SECOND``.
        """
        if self._world is None:
            raise LookupError("there is no world yet")
        agent = self._agents[who]
        secret = await sign_in(self._world.stage, agent)
        self._guests[secret] = agent
        return secret

    # -- one world -------------------------------------------------------------------

    async def _begin(self) -> None:
        self._count += 1
        folder = self._folder / f"world-{self._count}"
        await asyncio.to_thread(shutil.copytree, self._workshop, folder)
        begun: asyncio.Future[World] = asyncio.get_running_loop().create_future()
        self._worlds.create_task(self._live(folder, begun))
        self._world = await begun

    async def _live(self, folder: Path, begun: asyncio.Future[World]) -> None:
        """Be a world from its beginning to its end."""
        async with stage_in(folder, self._clock, self._port, self._bot) as stage:
            for secret, agent in self._guests.items():
                await sign_in(stage, agent, secret)
            async with asyncio.TaskGroup() as rooms:
                world = self._world_on(stage, rooms)
                for work in self._works(world):
                    world.start(work)
                async with self._leading(self, world):
                    begun.set_result(world)
                    await world.hands_off.wait()
                    await _ended(world.tasks)
                    world.is_idle.set()
                    await world.is_over.wait()
                    world.live.close()
        await asyncio.to_thread(shutil.rmtree, folder)

    def _world_on(self, stage: Stage, rooms: asyncio.TaskGroup) -> World:
        play = Play(stage, self._phones, SystemClock())
        words = catalogue(self.language)
        journal = Journal(stage, self._phones, words, self._last_line)
        panes = Panes(stage, self._phones, play, journal, self.language)
        live = Live(panes.all)

        def tell_act() -> None:
            if play.act:
                live.tell("act", {"pane": play.act.pane, "who": play.act.who})
            live.stir()

        play.on_act = tell_act
        stage.mailbox.on_sent(lambda _: live.stir())
        return World(stage, play, panes, live, rooms)

    def _works(self, world: World) -> Iterator[Coroutine[Any, Any, None]]:
        keep = world.stage.app.supervisor.keep
        yield world.stage.listen()
        yield keep("demo.live", world.live.run)
        yield keep("demo.beat", partial(_beat, world))
        for topic in _TOPICS:
            yield keep(f"demo.{topic}", partial(_follow, world, topic))

    def _stir(self) -> None:
        if self._world is not None:
            self._world.live.stir()


@asynccontextmanager
async def sandbox(port: int, language: str, leading: Leading) -> AsyncIterator[Sandbox]:
    """Give a sandbox that has no world yet; everything it was vanishes at the end.

    Args:
        port: where its worlds are served; 0: nowhere.
        language: of the page.
        leading: how visitors come to a world.
    """
    clock = StoryClock(SystemClock())
    with TemporaryDirectory(prefix="azbot-demo-") as folder:
        async with fake_telegram(clock) as bot, asyncio.TaskGroup() as worlds:
            yield Sandbox(Path(folder), clock, bot, port, language, leading, worlds)


@asynccontextmanager
async def unseen(port: int) -> AsyncIterator[Play]:
    """Give a story that is played without pages and without other lives.

    Args:
        port: what links name.
    """
    clock = StoryClock(SystemClock())
    with TemporaryDirectory(prefix="azbot-demo-") as folder:
        async with (
            fake_telegram(clock) as bot,
            stage_in(Path(folder), clock, port, bot) as stage,
            asyncio.TaskGroup() as group,
        ):
            listening = group.create_task(stage.listen())
            phones = Phones(bot)
            await phones.link(stage)
            yield Play(stage, phones, SystemClock())
            listening.cancel()


async def _follow(world: World, topic: str) -> None:
    """Let azbot work whenever something rings."""
    stage = world.stage
    while True:
        await stage.app.store.bell.wait(topic, stage.clock.now() + _LONG)
        world.live.stir()
        await stage.work()
        world.live.stir()


async def _beat(world: World) -> None:
    """Let what is held leave in time."""
    clock = SystemClock()
    while True:
        await clock.sleep_until(clock.now() + _BREATH)
        async with world.stage.at_work:
            await world.stage.app.holding.step(world.stage.clock.now())


async def _ended(tasks: Collection[asyncio.Task[None]]) -> None:
    ending = tuple(tasks)
    for task in ending:
        task.cancel()
    await asyncio.wait(ending)
