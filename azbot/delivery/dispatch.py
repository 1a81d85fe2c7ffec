"""Step 8: what the outbox holds leaves, once, whatever happens meanwhile.

A batch is claimed, written out, and its final octets are stored in one commit before
the first attempt; then everything is offered to its channel side by side, and each
outcome is recorded as it comes. A crash in between repeats at most a send in flight,
under the same Message-ID.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from azbot.delivery.letters import Letters
from azbot.delivery.retry import RetryAt, next_attempt
from azbot.desk import Desk, group_key
from azbot.errors import (
    AzbotError,
    Conflict,
    NotFound,
    PermanentFailure,
    Refused,
    StoreUnreachable,
    TemporaryFailure,
)
from azbot.health.incidents import report_again
from azbot.messages import (
    Envelope,
    Outbound,
    OutboundFile,
    PersonId,
    Receipt,
    Trust,
)
from azbot.ports import Clock, Letterbox, Meter, Unmeasured
from azbot.store import Store, UnitOfWork
from azbot.store.records import Delivery, DeliveryState, Direction, Person, Prepared
from azbot.workflow.commands import RecordDeliveryFailure
from azbot.workflow.decision import Audience, NoticeKind
from azbot.workflow.model import Actor, Role

_LOG = structlog.get_logger(__name__)
_LEASE = timedelta(minutes=5)
_BATCH = 50
_SEND_WITHIN = 180
"""Seconds a channel may take for one message, its own time limits included."""
_TOGETHER = timedelta(minutes=2)
"""Events of one assistance this close make one mail (ux.md 9.1)."""
_INSIDE = frozenset({Audience.DESK.value, Audience.ADMIN.value})
_ALONE = frozenset({NoticeKind.MESSAGE.value, NoticeKind.REPORT.value})
"""What an agent wrote, and what leaves for people who follow nothing."""
_POSTMAN = Actor(Role.SYSTEM, None, "azbot", Trust.STAFF, "email")


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
        desk: writes into the history who was not reached.
        channels: by name; who carries a delivery.
        worker: names this process in leases.
        meter: counts what left and how long it took.
    """

    def __init__(
        self,
        store: Store,
        desk: Desk,
        channels: Mapping[str, Letterbox],
        letters: Letters,
        files: Files,
        clock: Clock,
        worker: str,
        meter: Meter | None = None,
    ) -> None:
        self._store = store
        self._desk = desk
        self._channels = channels
        self._letters = letters
        self._files = files
        self._clock = clock
        self._worker = worker
        self._meter = meter or Unmeasured()

    async def step(self, now: datetime) -> int:
        """Offer one batch of what is due; return how many deliveries it held.

        Raises:
            StoreUnreachable: the database does not answer; what had left may leave
                again, under the same name.
        """
        claimed = await self._store.write(lambda uow: self._claim(uow, now))
        jobs = await self._prepare(claimed, now)
        ended = await asyncio.gather(
            *(self._lane(lane) for lane in _lanes(jobs)), return_exceptions=True
        )
        for failure in ended:
            if failure is not None:
                raise failure
        return claimed.count

    # -- claim ---------------------------------------------------------------------

    def _claim(self, uow: UnitOfWork, now: datetime) -> _Claimed:
        rows = [
            row
            for name in self._channels
            for row in uow.outbox.claim(self._worker, _BATCH, _LEASE, now, name)
        ]
        people = _people(uow, rows)
        alone: list[Delivery] = []
        also: dict[int, tuple[Delivery, ...]] = {}
        taken: set[int] = set()
        for row in rows:
            if row.id in taken or _silence(uow, row, people):
                continue
            group = _group_of(row)
            if group and row.content is None:
                last = uow.sent.last_at(group) if row.group_key else None
                if last is not None and now - last < _TOGETHER:
                    until = last + _TOGETHER
                    uow.outbox.retry(row.id, until, "", row.attempts)
                    continue
                mates = _mates(uow, row, rows, group)
                mates = tuple(m for m in mates if not _silence(uow, m, people))
                # One that was to lead itself brings what it would have told.
                more = [one for mate in mates for one in also.pop(mate.id, ())]
                also[row.id] = (*mates, *more)
                taken |= {mate.id for mate in also[row.id]}
            alone.append(row)
        # A mail claimed before its turn came rides with another.
        alone = [row for row in alone if row.id not in taken]
        linked = uow.chats.of_people(people) if self._letters.offers_chat else ()
        return _Claimed(len(rows), alone, also, people, frozenset(linked))

    # -- write out -----------------------------------------------------------------

    async def _prepare(self, claimed: _Claimed, now: datetime) -> list[_Job]:
        jobs: list[_Job] = []
        fresh: list[_Fresh] = []
        for row in claimed.alone:
            if row.content is not None:
                envelope = Envelope(row.key, row.sender, row.recipient, row.content)
                jobs.append(_Job(row, envelope, row.first_attempt_at or now))
                continue
            person = claimed.people.get(row.person) if row.person is not None else None
            mates = claimed.also.get(row.id, ())
            try:
                outbound = await self._write_out(
                    row, person, mates, now, claimed.linked
                )
                envelope = self._channels[row.channel].compose(outbound)
            except Exception as error:  # noqa: BLE001 - the per-item border
                await self._unwritten(row, mates, error, now)
            else:
                fresh.append(_Fresh(row, outbound, envelope, mates))
        if fresh:
            await self._store.write(lambda uow: self._keep(uow, fresh, now))
        jobs += [_Job(one.delivery, one.envelope, now) for one in fresh]
        return jobs

    async def _write_out(
        self,
        row: Delivery,
        person: Person | None,
        also: tuple[Delivery, ...],
        now: datetime,
        linked: Collection[PersonId],
    ) -> Outbound:
        files: list[OutboundFile] = []
        for told in (row, *also):
            files += await self._make(told) if told.files else ()
        is_linked = row.person in linked
        return self._letters.write(
            row, person, tuple(files), also, now, is_linked=is_linked
        )

    async def _make(self, row: Delivery) -> tuple[OutboundFile, ...]:
        """Make the files of a delivery.

        Raises:
            TemporaryFailure: also for what nobody expected: a full disk, a report
                that takes too long, may be over at the next attempt.
            PermanentFailure: they can never be made.
        """
        try:
            return await self._files.make(row)
        except (TemporaryFailure, PermanentFailure, StoreUnreachable):
            raise
        except Exception as error:
            await self._report("outbox.no_files", error, row)
            raise TemporaryFailure(f"files: {_line(error)}") from error

    async def _unwritten(
        self,
        row: Delivery,
        mates: tuple[Delivery, ...],
        error: Exception,
        now: datetime,
    ) -> None:
        """Record what could not be written out; what rode with it goes on its own.

        Raises:
            StoreUnreachable: the database does not answer.
        """
        if isinstance(error, StoreUnreachable):
            raise error
        failure = error
        if not isinstance(failure, TemporaryFailure | PermanentFailure):
            # A letter that cannot be written never leaves: an agent looks.
            await self._report("outbox.unwritable", error, row)
            failure = PermanentFailure(_line(error))
        await self._failed(row, failure, row.first_attempt_at or now)

        def release(uow: UnitOfWork) -> None:
            for mate in mates:
                uow.outbox.release(mate.id, self._worker)

        await self._store.write(release)

    def _keep(self, uow: UnitOfWork, fresh: Sequence[_Fresh], now: datetime) -> None:
        """Store the final octets before the first attempt."""
        for one in fresh:
            row, outbound, envelope = one.delivery, one.outbound, one.envelope
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
            # Only now is it told elsewhere: a crash before this forgets nothing.
            for mate in one.mates:
                uow.outbox.cancel(mate.id, f"told with {row.id}")
            if row.assistance_id is not None:
                uow.threads.remember(
                    outbound.message_id, row.assistance_id, row.person, Direction.OUT
                )

    # -- offer ---------------------------------------------------------------------

    async def _lane(self, jobs: Sequence[_Job]) -> None:
        for job in jobs:
            await self._offer(job)

    async def _offer(self, job: _Job) -> None:
        row, failure = job.delivery, TemporaryFailure("no answer in time")
        try:
            async with asyncio.timeout(_SEND_WITHIN):
                receipt = await self._channels[row.channel].send(job.envelope)
        except TimeoutError:
            await self._failed(row, failure, job.first_at)
        except (TemporaryFailure, PermanentFailure) as refused:
            await self._failed(row, refused, job.first_at)
        except Exception as error:  # noqa: BLE001 - the per-item border
            await self._report("outbox.broken_channel", error, row)
            failure = TemporaryFailure(_line(error))
            await self._failed(row, failure, job.first_at)
        else:
            # The service has it: cancelling now must not forget that.
            await asyncio.shield(self._sent(row, receipt))

    async def _sent(self, row: Delivery, receipt: Receipt) -> None:
        await self._store.write(lambda uow: uow.outbox.sent(row.id, receipt))
        self._meter.count("deliveries", kind=row.kind, result="sent")
        took = (receipt.at - row.due_at).total_seconds()
        self._meter.observe("delivery_seconds", max(took, 0.0), channel=row.channel)
        _LOG.info("outbox.sent", delivery=row.id, kind=row.kind)

    async def _report(self, event: str, error: Exception, row: Delivery) -> None:
        now = self._clock.now()
        await report_again(self._store, event, error, now, delivery=row.id)

    async def _failed(
        self,
        row: Delivery,
        failure: TemporaryFailure | PermanentFailure,
        first_at: datetime,
    ) -> None:
        """Record a failed attempt: again later, or given up and told."""
        now, attempts = self._clock.now(), row.attempts + 1
        verdict = next_attempt(attempts, failure, first_at, now, row.key)

        def work(uow: UnitOfWork) -> None:
            if isinstance(verdict, RetryAt):
                uow.outbox.retry(row.id, verdict.at, failure.reason, attempts, first_at)
            else:
                uow.outbox.dead(row.id, verdict.reason, attempts)
                self._tell_dead(uow, row, verdict.reason)

        try:
            await asyncio.shield(self._store.write(work))
        except Conflict:
            _LOG.info("outbox.ended_meanwhile", delivery=row.id)
            return
        state = "retry" if isinstance(verdict, RetryAt) else DeliveryState.DEAD.value
        self._meter.count("deliveries", kind=row.kind, result=state)
        _LOG.warning(
            "outbox.failed",
            delivery=row.id,
            kind=row.kind,
            then=state,
            why=failure.reason,
        )

    def _tell_dead(self, uow: UnitOfWork, row: Delivery, reason: str) -> None:
        """Let the history say who was not reached; the desk is told by that.

        Of its own mails the desk learns from the list of dead letters: a notice
        that an address does not work would go to the same address.
        """
        if row.assistance_id is None or row.facts.get("audience") in _INSIDE:
            return
        command = RecordDeliveryFailure(row.address, reason)
        try:
            it = uow.assistances.get(row.assistance_id)
            self._desk.apply(uow, it, command, _POSTMAN)
        except (NotFound, Refused) as error:
            _LOG.warning("outbox.failure_untold", delivery=row.id, why=str(error))


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A letter written out just now, and what it tells besides."""

    delivery: Delivery
    outbound: Outbound
    envelope: Envelope
    mates: tuple[Delivery, ...]


def _lanes(jobs: Sequence[_Job]) -> list[list[_Job]]:
    """Divide what leaves side by side: one person's mails keep their order.

    The desk's own notices stand each for itself and need not wait.
    """
    lanes: dict[str, list[_Job]] = {}
    for job in sorted(jobs, key=lambda job: job.delivery.id):
        row = job.delivery
        is_personal = row.person is not None
        name = row.address.casefold() if is_personal else f"#{row.id}"
        lanes.setdefault(name, []).append(job)
    return list(lanes.values())


def _people(uow: UnitOfWork, rows: Sequence[Delivery]) -> Mapping[PersonId, Person]:
    """Return the readers the store still knows."""
    found: dict[PersonId, Person] = {}
    for key in {row.person for row in rows if row.person is not None}:
        try:
            found[key] = uow.people.get(key)
        except NotFound:
            _LOG.warning("outbox.unknown_reader", person=key)
    return found


def _silence(uow: UnitOfWork, row: Delivery, people: Mapping[PersonId, Person]) -> bool:
    """Drop what its reader has switched off since it was decided (ux.md 9.2)."""
    person = people.get(row.person) if row.person is not None else None
    if person is None or not (row.is_optional and person.notices_off):
        return False
    if row.content is not None:
        return False  # it may have left already
    uow.outbox.cancel(row.id, "switched off by its reader")
    return True


def _group_of(row: Delivery) -> str:
    """Return the group whose waiting notices a mail takes along."""
    if row.group_key or row.person is None or row.kind in _ALONE:
        return row.group_key
    if row.assistance_id is None:
        return ""
    return group_key(row.assistance_id, row.address)


def _mates(
    uow: UnitOfWork, row: Delivery, rows: Sequence[Delivery], group: str
) -> tuple[Delivery, ...]:
    """Return what the same letter tells: the notices of its group that wait.

    A mail that may not wait takes along those before it, so that nobody reads of a
    visit's date before hearing that the mission was accepted.
    """
    waiting = {d.id: d for d in uow.outbox.pending(group)}
    waiting |= {d.id: d for d in rows if d.group_key == group}
    return tuple(
        waiting[key]
        for key in sorted(waiting)
        if key != row.id
        and waiting[key].content is None
        and (bool(row.group_key) == (key > row.id))
    )


def _line(error: Exception) -> str:
    """Return one line about a failure, safe to show (see ``supervise.describe``)."""
    return str(error) if isinstance(error, AzbotError) else type(error).__name__


@dataclass(frozen=True, slots=True)
class _Claimed:
    """One batch.

    Attributes:
        count: rows claimed, told together or put off included.
        alone: letters to write.
        also: what a letter tells besides, by its delivery.
        linked: who of them has a chat.
    """

    count: int
    alone: list[Delivery]
    also: Mapping[int, tuple[Delivery, ...]]
    people: Mapping[PersonId, Person]
    linked: frozenset[PersonId]
