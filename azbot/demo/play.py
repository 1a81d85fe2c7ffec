"""Plays the story act by act, at a pace one can follow, or as fast as it goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

from azbot.demo.phones import Phones
from azbot.demo.stage import Stage
from azbot.demo.story import STEPS, Act, Story, steps_done
from azbot.errors import AzbotError
from azbot.ports import Clock
from azbot.workflow.model import DocumentKind


@dataclass(frozen=True, slots=True)
class Played:
    """What a play amounted to."""

    steps: int
    acts: int
    mails: int
    chats: int
    reports: int
    status: str
    ref: str
    seconds: float

    def as_json(self) -> dict[str, object]:
        """Return the counts for the last line of ``azbot demo --play``."""
        return asdict(self)


class Play:
    """A story and how far it has been played, by the guide or by hand.

    Args:
        stage: where it is played.
        phones: of the client and the technician.
        clock: the real one; the pace is of the one who looks.

    Attributes:
        act: what is being played, None: nothing.
        problem: why the last act could not be played, empty: it could.
        on_act: told when an act begins and when all is still again.
    """

    def __init__(self, stage: Stage, phones: Phones, clock: Clock) -> None:
        self.stage = stage
        self.phones = phones
        self.story = Story(stage, phones)
        self.act: Act | None = None
        self.problem = ""
        self.acts = 0
        self.on_act: Callable[[], None] = _nobody
        self._clock = clock
        self._is_stopped = False

    @property
    def is_on(self) -> bool:
        """Whether something is being played."""
        return self.act is not None

    def stop(self) -> None:
        """Play no further than the act that has begun."""
        self._is_stopped = True

    async def until(
        self, steps: int, pace: timedelta, tell: Callable[[Act], None] | None = None
    ) -> None:
        """Play until so many steps are behind, or stopped; nothing while it is on.

        Args:
            steps: as ``steps_done`` counts them.
            pace: from one act to the next.
            tell: called with each act once it is done.
        """
        if self.is_on:
            return
        self._is_stopped, self.problem = False, ""
        try:
            while not self._is_stopped:
                began = self._clock.now()
                if not await self._next(steps):
                    return
                if tell and self.act:
                    tell(self.act)
                if await self._is_behind(steps):
                    return
                await self._clock.sleep_until(began + pace)
        finally:
            self.act = None
            self.on_act()

    async def _next(self, steps: int) -> bool:
        """Play the next act; False: there is none, or it cannot be played."""
        async with self.stage.at_work:
            before = await self.story.assistance()
            act = self.story.next_act(before)
            if act is None or steps_done(before) >= steps:
                return False
            self.act = act
            self.on_act()
            try:
                await act.play()
            except (AzbotError, LookupError, TimeoutError) as error:
                self.problem = str(error)
                return False
            finally:
                await self.stage.rest()
            self.acts += 1
            follows = self.story.next_act(await self.story.assistance())
            if follows is not None and follows.key == act.key:
                self.problem = act.key
                return False
        return True

    async def _is_behind(self, steps: int) -> bool:
        return steps_done(await self.story.assistance()) >= steps

    async def counted(self, tell: Callable[[Act], None]) -> Played:
        """Play the whole story at once, telling each act, and count what came of it.

        Raises:
            LookupError: it could not be played to its end.
        """
        began = time.perf_counter()
        await self.until(len(STEPS), timedelta(), tell)
        it = await self.story.assistance()
        if it is None or self.problem:
            raise LookupError(self.problem or "nothing was asked")
        return Played(
            steps=steps_done(it),
            acts=self.acts,
            mails=len(self.stage.mailbox.sent),
            chats=sum(
                message.is_from_bot
                for phone in self.phones.each.values()
                for message in phone.sees
            ),
            reports=sum(d.kind is DocumentKind.REPORT for d in it.documents),
            status=it.status.value,
            ref=it.ref,
            seconds=round(time.perf_counter() - began, 2),
        )


def _nobody() -> None:
    """Hear nothing."""
