"""Step 8: what the outbox holds leaves, once, whatever happens meanwhile.

A batch is claimed, written out, and its final octets are stored in one commit before
the first attempt; then everything is offered to its channel side by side, and each
outcome is recorded as it comes. A crash in between repeats at most a send in flight,
under the same Message-ID.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from azbot.errors import AzbotError, PermanentFailure, TemporaryFailure
from azbot.letters import Letters
from azbot.messages import Envelope, Outbound, OutboundFile, PersonId, Receipt
from azbot.ports import Channel, Clock
from azbot.retry import RetryAt, next_attempt
from azbot.store import Store, UnitOfWork
from azbot.store.records import Delivery, DeliveryState, Direction, Person, Prepared

_LOG = structlog.get_logger(__name__)
_LEASE = timedelta(minutes=5)
_BATCH = 50
_SEND_WITHIN = 180
"""Seconds a channel may take for one message, its own time limits included."""
_TOGETHER = timedelta(minutes=2)
"""Events of one assistance this close make one mail (ux.md 9.1)."""


class Files(Protocol):
    """Makes the files a delivery names."""

    async def make(self, delivery: Delivery) -> tuple[OutboundFile, ...]:
        """Return the files, ready to attach.

        Raises:
            TemporaryFailure: not ready yet (a report whose photos are missing).
            PermanentFailure: can never be made.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Job:
    """One delivery in this worker's hands, ready to be offered."""

    delivery: Delivery
    envelope: Envelope
    first_at: datetime


class Dispatcher:
    """Empties the outbox.

    Args:
        channels: by name; who carries a delivery.
        worker: names this process in leases.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        letters: Letters,
        files: Files,
        clock: Clock,
        worker: str,
    ) -> None:
        self._store = store
        self._channels = channels
        self._letters = letters
        self._files = files
        self._clock = clock
        self._worker = worker

    async def step(self, now: datetime) -> int:
        """Offer one batch of what is due; return how many deliveries it held."""
        claimed = await self._store.write(lambda uow: self._claim(uow, now))
        jobs = await self._prepare(claimed.alone, claimed.people, claimed.also, now)
        await asyncio.gather(*(self._offer(job) for job in jobs))
        return claimed.count

    # -- claim ---------------------------------------------------------------------

    def _claim(self, uow: UnitOfWork, now: datetime) -> _Claimed:
        rows = uow.outbox.claim(self._worker, _BATCH, _LEASE, now)
        alone: list[Delivery] = []
        also: dict[int, tuple[Delivery, ...]] = {}
        taken: set[int] = set()
        for row in rows:
            if row.id in taken:
                continue
            if row.group_key and row.content is None:
                last = uow.outbox.last_sent_at(row.group_key)
                if last is not None and now - last < _TOGETHER:
                    until = last + _TOGETHER
                    uow.outbox.retry(row.id, until, "grouped", row.attempts)
                    continue
                mates = self._mates(uow, row, rows)
                also[row.id] = mates
                taken |= {mate.id for mate in mates}
            alone.append(row)
        people = {
            row.person: uow.people.get(row.person)
            for row in alone
            if row.person is not None
        }
        return _Claimed(len(rows), alone, also, people)

    def _mates(
        self, uow: UnitOfWork, row: Delivery, rows: Sequence[Delivery]
    ) -> tuple[Delivery, ...]:
        """Return what the same letter tells, and let it not leave on its own."""
        waiting = {d.id: d for d in uow.outbox.pending(row.group_key)}
        waiting |= {d.id: d for d in rows if d.group_key == row.group_key}
        mates = tuple(
            d
            for d in waiting.values()
            if d.id != row.id and d.content is None and d.id > row.id
        )
        for mate in mates:
            uow.outbox.cancel(mate.id, f"told with {row.id}")
        return mates

    # -- write out -----------------------------------------------------------------

    async def _prepare(
        self,
        rows: Sequence[Delivery],
        people: Mapping[PersonId, Person],
        also: Mapping[int, tuple[Delivery, ...]],
        now: datetime,
    ) -> list[_Job]:
        jobs: list[_Job] = []
        fresh: list[tuple[Delivery, Outbound, Envelope]] = []
        for row in rows:
            if row.content is not None:
                envelope = Envelope(row.key, row.sender, row.recipient, row.content)
                jobs.append(_Job(row, envelope, row.first_attempt_at or now))
                continue
            person = people.get(row.person) if row.person is not None else None
            try:
                made = await self._write_out(row, person, also.get(row.id, ()), now)
            except (TemporaryFailure, PermanentFailure) as failure:
                await self._failed(row, failure, row.first_attempt_at or row.due_at)
            except (AzbotError, ValueError) as error:
                # A letter that cannot be written never leaves: an agent looks.
                _LOG.exception("outbox.unwritable", delivery=row.id)
                await self._failed(row, PermanentFailure(str(error)), now)
            else:
                fresh.append((row, *made))
        if fresh:
            await self._store.write(lambda uow: self._keep(uow, fresh, now))
        jobs += [_Job(row, envelope, now) for row, _, envelope in fresh]
        return jobs

    async def _write_out(
        self,
        row: Delivery,
        person: Person | None,
        also: tuple[Delivery, ...],
        now: datetime,
    ) -> tuple[Outbound, Envelope]:
        files = await self._files.make(row) if row.files else ()
        outbound = self._letters.write(row, person, files, also, now)
        return outbound, self._channels[row.channel].compose(outbound)

    def _keep(
        self,
        uow: UnitOfWork,
        fresh: Sequence[tuple[Delivery, Outbound, Envelope]],
        now: datetime,
    ) -> None:
        """Store the final octets before the first attempt."""
        for row, outbound, envelope in fresh:
            uow.outbox.prepared(
                row.id,
                Prepared(
                    message_id=outbound.message_id,
                    content=envelope.content,
                    text=outbound.text,
                    sender=envelope.sender,
                    recipient=envelope.recipient,
                    at=now,
                ),
            )
            if row.assistance_id is not None:
                uow.threads.remember(
                    outbound.message_id, row.assistance_id, row.person, Direction.OUT
                )

    # -- offer ---------------------------------------------------------------------

    async def _offer(self, job: _Job) -> None:
        try:
            async with asyncio.timeout(_SEND_WITHIN):
                channel = self._channels[job.delivery.channel]
                receipt = await channel.send(job.envelope)
        except TimeoutError:
            failure = TemporaryFailure("no answer in time")
            await self._failed(job.delivery, failure, job.first_at)
        except (TemporaryFailure, PermanentFailure) as failure:
            await self._failed(job.delivery, failure, job.first_at)
        else:
            # The service has it: cancelling now must not forget that.
            await asyncio.shield(self._sent(job.delivery, receipt))

    async def _sent(self, row: Delivery, receipt: Receipt) -> None:
        await self._store.write(lambda uow: uow.outbox.sent(row.id, receipt))
        _LOG.info("outbox.sent", delivery=row.id, kind=row.kind)

    async def _failed(
        self,
        row: Delivery,
        failure: TemporaryFailure | PermanentFailure,
        first_at: datetime,
    ) -> None:
        now, attempts = self._clock.now(), row.attempts + 1
        verdict = next_attempt(attempts, failure, first_at, now, row.key)

        def work(uow: UnitOfWork) -> None:
            if isinstance(verdict, RetryAt):
                uow.outbox.retry(row.id, verdict.at, failure.reason, attempts)
            else:
                uow.outbox.dead(row.id, verdict.reason)

        await asyncio.shield(self._store.write(work))
        state = "retry" if isinstance(verdict, RetryAt) else DeliveryState.DEAD.value
        _LOG.warning("outbox.failed", delivery=row.id, kind=row.kind, then=state)


@dataclass(frozen=True, slots=True)
class _Claimed:
    """One batch.

    Attributes:
        count: rows claimed, told together or put off included.
        alone: letters to write.
        also: what a letter tells besides, by its delivery.
    """

    count: int
    alone: list[Delivery]
    also: Mapping[int, tuple[Delivery, ...]]
    people: Mapping[PersonId, Person]
