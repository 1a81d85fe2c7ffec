"""What the outbox holds for chats leaves: in the order of each, as fast as it may.

One courier a process brings what is said to one service. It takes the first act of
every chat that may be written to, and lets each go its own way: a service that keeps
one waiting holds up that chat alone (telegram.md §2.3). What happens to an act is
three units of work, and nothing waits inside any: it is taken, its words are made
and its place is looked up, its end is written down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NoReturn

import structlog

from azbot.chat import endings
from azbot.chat.house import House
from azbot.chat.parcels import Files, Parcel, is_shown, parcel_of, post_of
from azbot.desk import Desk
from azbot.errors import (
    AzbotError,
    Conflict,
    PermanentFailure,
    StoreUnreachable,
    TemporaryFailure,
    Unanswered,
)
from azbot.health.incidents import report_again
from azbot.ports import Chat, Clock, Meter, Trouble, Unmeasured
from azbot.screens import Post, Posted
from azbot.store import Delivery, Store, UnitOfWork
from azbot.store.paces import ALL

_LOG = structlog.get_logger(__name__)
_LEASE = timedelta(minutes=5)
_REST = timedelta(seconds=5)
"""The longest rest: what no bell announces, another process's death, is found then."""
_ACTS, _ANSWERS = 10, 20
"""What may be on its way at once; answers to presses have hands of their own."""
_POST_WITHIN = 150
"""Seconds a channel may take for one act, its own time limits included."""
_SAYS_SOMETHING_FOR = timedelta(minutes=5)
"""How long a failure stands for the service; what fails is tried each minute."""
_LAND_WITHIN = 5
"""Seconds what is on its way has to arrive when azbot stops."""

Work = Callable[[UnitOfWork], None]


@dataclass(frozen=True, slots=True)
class _Claimed:
    """What was taken, and when there may be more.

    Attributes:
        rows: answers to presses first.
        look_at: nothing falls due, and no chat is free again, before this.
    """

    rows: Sequence[Delivery]
    look_at: datetime


class Courier:
    """Empties the outbox of one service of talks.

    Each process has one; they share the chats, and the limits of the service.

    Args:
        desk: writes into the history who was not reached.
        worker: names this process in leases.
        house: what words and cards are made with.
        meter: counts what left and how long it took.
    """

    def __init__(
        self,
        store: Store,
        desk: Desk,
        chat: Chat,
        files: Files,
        clock: Clock,
        worker: str,
        house: House,
        meter: Meter | None = None,
    ) -> None:
        self._store = store
        self._desk = desk
        self._chat = chat
        self._files = files
        self._clock = clock
        self._worker = worker
        self._house = house
        self._meter = meter or Unmeasured()
        self._flying: dict[asyncio.Task[None], bool] = {}
        self._owed: list[Work] = []
        self._trouble: Trouble | None = None
        self._failed_at: datetime | None = None

    def trouble(self) -> Trouble | None:
        """Return why nothing leaves at present, None when something does (G12).

        A failure that nothing was tried after says little of the present.
        """
        failed_at = self._failed_at
        if failed_at is None or self._clock.now() - failed_at > _SAYS_SOMETHING_FOR:
            return None
        return self._trouble

    async def run(self) -> NoReturn:
        """Bring what is due until cancelled; what is on its way is let arrive.

        Raises:
            StoreUnreachable: the database does not answer; what left meanwhile is
                written down by the next run, and leaves once.
        """
        async with asyncio.TaskGroup() as group:
            away = await self._until_away(group)
        raise away

    async def _until_away(self, group: asyncio.TaskGroup) -> StoreUnreachable:
        """Start what is due until the database does not answer; return that."""
        try:
            while True:
                claimed = await self._take(self._clock.now())
                for row in claimed.rows:
                    self._start(group, row)
                if not claimed.rows:
                    await self._store.bell.wait("acts", claimed.look_at)
        except StoreUnreachable as error:
            return error
        except asyncio.CancelledError:
            # Cut off, nobody would know whether it arrived.
            if self._flying:
                await asyncio.wait(self._flying, timeout=_LAND_WITHIN)
            raise

    async def step(self, now: datetime) -> int:
        """Bring what is due now, each to its end; return how many acts there were.

        What goes to one chat arrives in order, answers to presses included.

        Raises:
            StoreUnreachable: the database does not answer; see ``run``.
        """
        rows = (await self._take(now)).rows
        chats = dict.fromkeys(row.address for row in rows)
        lanes = ([row for row in rows if row.address == chat] for chat in chats)
        await asyncio.gather(*map(self._lane, lanes))
        return len(rows)

    async def _lane(self, rows: Sequence[Delivery]) -> None:
        for row in rows:
            await self._bring(row)

    def _start(self, group: asyncio.TaskGroup, row: Delivery) -> None:
        task = group.create_task(self._bring(row))
        self._flying[task] = row.priority == 0
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        del self._flying[task]
        # Its chat has a next act perhaps, and its hands are free.
        self._store.bell.ring(("acts",))

    # -- take ----------------------------------------------------------------------

    async def _take(self, now: datetime) -> _Claimed:
        """Take what may leave now; what could not be written down comes first."""
        owed = tuple(self._owed)

        def work(uow: UnitOfWork) -> _Claimed:
            for each in owed:
                with suppress(Conflict):
                    each(uow)
            return self._claim(uow, now)

        claimed = await self._store.write(work)
        del self._owed[: len(owed)]
        return claimed

    def _claim(self, uow: UnitOfWork, now: datetime) -> _Claimed:
        """Take the first act of each chat that may be written to, and pay for it.

        Answers to presses are paid for too, but never wait.
        """
        name, outbox = self._chat.name, uow.outbox
        answering = sum(self._flying.values())
        answers, hands = _ANSWERS - answering, _ACTS - len(self._flying) + answering
        rows = outbox.claim_answers(self._worker, answers, _LEASE, now, name)
        self._spend(uow, ALL, len(rows), now)
        overall = self._chat.limits.overall
        room = min(overall.room(uow.paces.free_at(name), now), hands)
        if room > 0:
            acts = outbox.claim_acts(self._worker, room, _LEASE, now, name)
            self._spend(uow, ALL, len(acts), now)
            for row in acts:
                self._spend(uow, row.address, is_shown(row), now)
            rows += acts
        soon = (outbox.next_act(name, now), uow.paces.next_free(name, now), now + _REST)
        return _Claimed(rows, min(at for at in soon if at is not None))

    def _spend(self, uow: UnitOfWork, chat: str, count: int, now: datetime) -> None:
        """Note that so many acts go to a chat; fewer than none: that they did not."""
        if count:
            limits, name = self._chat.limits, self._chat.name
            rate = limits.overall if chat == ALL else self._chat.rate(chat)
            uow.paces.spend(name, chat, rate, now, count)

    # -- bring ---------------------------------------------------------------------

    async def _bring(self, row: Delivery) -> None:
        """Bring one act to its end; the border no error of its own crosses."""
        try:
            parcel = await self._store.write(partial(self._parcel, row))
            post = parcel and await post_of(parcel, self._files, self._chat.limits)
        except (StoreUnreachable, Conflict):
            # It did not leave: it is given back when there is a store again.
            self._owed.append(partial(self._give_back, row))
        except (TemporaryFailure, PermanentFailure) as failure:
            await self._failed(row, failure)
        except Exception as error:  # noqa: BLE001 - the per-item border
            # Words that cannot be made never leave: an agent looks.
            await self._report("chat.unspeakable", error, row)
            await self._failed(row, PermanentFailure(_line(error)))
        else:
            if parcel and post:
                await self._post(parcel, post)

    def _parcel(self, row: Delivery, uow: UnitOfWork) -> Parcel | None:
        """Return what is brought, None when this was the end of it.

        What is not brought gives its place back to what comes behind it.
        """
        now = self._clock.now()
        parcel = parcel_of(uow, row, self._house, self._chat.limits, now)
        if isinstance(parcel, Parcel):
            return parcel
        endings.unsaid(uow, self._desk, row, parcel, now)
        self._give_room(uow, row, now)
        return None

    def _give_back(self, row: Delivery, uow: UnitOfWork) -> None:
        uow.outbox.release(row.id, self._worker)
        self._give_room(uow, row, self._clock.now())

    def _give_room(self, uow: UnitOfWork, row: Delivery, now: datetime) -> None:
        self._spend(uow, ALL, -1, now)
        if row.priority:
            self._spend(uow, row.address, -is_shown(row), now)

    async def _post(self, parcel: Parcel, post: Post) -> None:
        row = parcel.row
        try:
            async with asyncio.timeout(_POST_WITHIN):
                posted = await self._chat.post(post)
        except TimeoutError:
            await self._failed(row, Unanswered("no answer in time"))
        except (TemporaryFailure, PermanentFailure) as failure:
            await self._failed(row, failure)
        except Exception as error:  # noqa: BLE001 - the per-item border
            await self._report("chat.broken_channel", error, row)
            await self._failed(row, Unanswered(_line(error)))
        else:
            await self._sent(parcel, posted)

    async def _report(self, event: str, error: Exception, row: Delivery) -> None:
        now = self._clock.now()
        await report_again(self._store, event, error, now, delivery=row.id)

    # -- write down ----------------------------------------------------------------

    async def _sent(self, parcel: Parcel, posted: Posted) -> None:
        row, now = parcel.row, self._clock.now()
        self._trouble = None

        def work(uow: UnitOfWork) -> None:
            endings.sent(uow, parcel, posted, now)
            # A long text was several messages, each of which counts.
            more = len(posted.message_ids) - 1
            if more > 0:
                self._spend(uow, ALL, more, now)
                self._spend(uow, row.address, more, now)

        await self._write_down(work)
        self._meter.count("deliveries", kind=row.kind, result="sent")
        took = max((now - row.due_at).total_seconds(), 0.0)
        self._meter.observe("delivery_seconds", took, channel=row.channel)
        _LOG.info("chat.sent", delivery=row.id, kind=row.kind)

    async def _failed(
        self, row: Delivery, failure: TemporaryFailure | PermanentFailure
    ) -> None:
        now = self._clock.now()
        if isinstance(failure, TemporaryFailure) and failure.retry_after is None:
            since_at = self._trouble.since_at if self._trouble else now
            self._trouble = Trouble(since_at, failure.reason)
            self._failed_at = now
        await self._write_down(
            lambda uow: endings.failed(uow, self._desk, row, failure, now)
        )
        self._meter.count("deliveries", kind=row.kind, result="failed")
        _LOG.warning("chat.failed", delivery=row.id, why=failure.reason)

    async def _write_down(self, work: Work) -> None:
        """Write down how an act ended; the memory of it outlives a store that is away.

        The service has it: cancelling now must not forget that.
        """
        try:
            await asyncio.shield(self._store.write(work))
        except Conflict:
            _LOG.info("chat.ended_meanwhile")
        except StoreUnreachable:
            self._owed.append(work)


def _line(error: Exception) -> str:
    """Return one line about a failure, safe to show (see ``supervise.describe``)."""
    return str(error) if isinstance(error, AzbotError) else type(error).__name__
