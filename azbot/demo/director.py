"""Plays several lives at once, each waiting for its own next day.

The clock stands still between two steps and jumps to the next one; what falls due on
the way is done at its own instant. The same lives give the same history.
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from azbot.app import App, Connected, assemble
from azbot.channels.email.channel import local_factory
from azbot.channels.email.correspondent import Correspondent, File, Opened, open_letter
from azbot.channels.email.mailbox import LocalMailbox
from azbot.channels.email.settings import EmailSettings
from azbot.config import Settings
from azbot.demo.clock import StillClock, StoryClock
from azbot.demo.story import FORM, POINTS, wave
from azbot.errors import PermanentFailure
from azbot.store import Store
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.model import (
    Actor,
    AssistanceId,
    AssistanceRef,
    Signatory,
    SignatureMethod,
    Station,
)

Life = AsyncIterator[datetime]
"""Yields when it goes on; acts when it is woken."""

PARIS = ZoneInfo("Europe/Paris")
"""Where everybody of the demonstration lives."""


@dataclass(frozen=True, slots=True)
class Started:
    """One assistance in the making, and who asked for it."""

    id: AssistanceId
    ref: AssistanceRef
    client: Correspondent


@dataclass(frozen=True, slots=True)
class Team:
    """A station as the lives know it.

    Attributes:
        mail: its mailbox.
        actor: its technician on the pages of the station.
    """

    station: Station
    mail: Correspondent
    actor: Actor


class Director:
    """azbot on a clock of the past, and the hands of everybody in it.

    Args:
        app: assembled on ``clock``.
        clock: stands still but for jumps.
        mailbox: of everybody.
        until: when everything shall have happened.
    """

    def __init__(
        self, app: App, clock: StoryClock, mailbox: LocalMailbox, until: datetime
    ) -> None:
        self.app = app
        self.clock = clock
        self.mailbox = mailbox
        self._until = until

    async def play(self, lives: Sequence[Life]) -> None:
        """Play every life to its end, each step at its instant, then the rest."""
        waiting: list[tuple[datetime, int]] = []
        for number, life in enumerate(lives):
            heapq.heappush(waiting, (await anext(life), number))
        while waiting:
            when, number = heapq.heappop(waiting)
            await self._pass_time(when)
            follows = await anext(lives[number], None)
            await self._rest()
            if follows is not None:
                heapq.heappush(waiting, (follows, number))
        await self._pass_time(self._until)

    # -- when --------------------------------------------------------------------

    def workday(self, back: int, at: str) -> datetime:
        """Return an hour of Paris so many working days before the end.

        Args:
            back: 1 is the working day before; negative ones are to come.
            at: ``09:12``.
        """
        return workday(self._until, back, at)

    def ago(self, **by: float) -> datetime:
        """Return an instant shortly before the end."""
        return self._until - timedelta(**by)

    # -- what people do --------------------------------------------------------------

    async def opens(
        self, client: Correspondent, subject: str, text: str, *files: File
    ) -> Started:
        """Let a client write a first mail; return what azbot made of it."""
        client.write(self.mailbox.address, subject, text, self.clock.now(), files)
        await self._rest()
        (newest,) = (await self.app.store.views.page(limit=1)).items
        return Started(newest.id, newest.ref, client)

    def answers(
        self, it: Started, text: str, *files: File, by: Correspondent | None = None
    ) -> None:
        """Let the client, or another, answer the newest mail about an assistance."""
        who = by or it.client
        who.answer(text, self.clock.now(), files, self.newest(it, who))

    def newest(self, it: Started, who: Correspondent) -> Opened:
        """Return the newest mail about an assistance in somebody's mailbox.

        Raises:
            LookupError: there is none.
        """
        for letter in reversed(self.mailbox.sent_to(who.address)):
            opened = open_letter(letter)
            if it.ref in opened.subject:
                return opened
        raise LookupError(f"{who.name} has no mail about {it.ref}")

    async def does(self, it: Started, who: Actor, *commands: Command) -> None:
        """Let an agent or a technician do something."""
        for command in commands:
            await self.app.desk.handle(it.id, command, who)

    def bounces(self, address: str, why: str) -> None:
        """Let the next mail for an address fail for good."""
        self.mailbox.refuse(address, PermanentFailure(why))

    async def visit(
        self, it: Started, team: Team, signs: Mapping[Signatory, str], **end: object
    ) -> None:
        """Let a technician go on site, fill the form, have it signed and leave."""
        answers = {**FORM, **{point: {"answer": "yes"} for point in POINTS}, **end}
        await self.does(
            it, team.actor, c.ArriveOnSite(), c.SaveInterventionForm(answers)
        )
        self.clock.jump_to(self.clock.now() + timedelta(minutes=95))
        signing = [
            c.SignIntervention(role, name, SignatureMethod.DRAWN, (wave(len(name)),))
            for role, name in signs.items()
        ]
        await self.does(it, team.actor, *signing, c.FinishIntervention())

    # -- how time passes -------------------------------------------------------------

    async def _pass_time(self, until: datetime) -> None:
        """Go to an instant, doing on the way what falls due."""
        while (due := await self._next_due()) is not None and due <= until:
            self.clock.jump_to(due)
            await self._rest()
        self.clock.jump_to(until)

    async def _next_due(self) -> datetime | None:
        views, now = self.app.store.views, self.clock.now()
        due = [await views.next_due(topic) for topic in ("timers", "outbox")]
        return min((when for when in due if when and when > now), default=None)

    async def _rest(self) -> None:
        """Hand over what was delivered and work until nothing is due."""
        await self.mailbox.hand_over(self.app.store)
        await self.app.settle()


def workday(until: datetime, back: int, at: str) -> datetime:
    """Return an hour of Paris so many working days before an instant; UTC.

    Args:
        until: aware.
        back: 1 is the working day before; negative ones are after.
        at: ``09:12``.
    """
    day, step = until.astimezone(PARIS).date(), timedelta(days=1 if back < 0 else -1)
    for _ in range(abs(back)):
        day += step
        while day.weekday() > 4:
            day += step
    return datetime.combine(day, time.fromisoformat(at), PARIS).astimezone(UTC)


async def directed(
    settings: Settings, store: Store, until: datetime, workdays: int
) -> Director:
    """Assemble azbot a second time on an open store, on a clock of the past.

    Nothing else may work on the store meanwhile. Mails stay in a mailbox of their
    own; what is counted is counted apart.

    Args:
        settings: of the first.
        store: open.
        until: the present, when everything shall have happened.
        workdays: how many working days before it the clock begins.
    """
    email = settings.channels["email"]
    if not isinstance(email, EmailSettings):
        raise TypeError("the demonstration has a mailbox")
    clock = StoryClock(StillClock(workday(until, workdays, "00:00")))
    mailbox = LocalMailbox(email.address, clock)
    channels = {"email": local_factory(email, mailbox)}
    app = await assemble(settings, clock, store, Connected(channels))
    return Director(app, clock, mailbox, until)
