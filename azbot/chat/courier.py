"""What the outbox holds for chats leaves, in the order of each (telegram.md §2.3)."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from azbot.chat.house import House
from azbot.chat.telling import act_of
from azbot.errors import ChatMoved, PermanentFailure, TemporaryFailure, Unreachable
from azbot.messages import Receipt
from azbot.ports import Chat, Clock, Meter, Unmeasured
from azbot.retry import RetryAt, next_attempt
from azbot.screens import Act, Clear, Post, Posted, Redraw, Say
from azbot.store import Store, UnitOfWork
from azbot.store.chats import ChatState, Slot
from azbot.store.records import Delivery

_LOG = structlog.get_logger(__name__)
_LEASE = timedelta(minutes=2)
_BATCH = 25


@dataclass(frozen=True, slots=True)
class _Job:
    """One row in this worker's hands.

    Attributes:
        act: None: nothing is to be done any more.
        post: None: the slot says that already, or has nothing to take away.
    """

    row: Delivery
    act: Act | None
    post: Post | None


class Courier:
    """Empties the outbox of one chat service.

    Several may run: a chat is in the hands of one at a time.

    Args:
        worker: names this worker in leases.
        house: what words and cards are made with.
        answers: whether it brings answers to presses, and nothing else.
    """

    def __init__(
        self,
        store: Store,
        chat: Chat,
        clock: Clock,
        worker: str,
        house: House,
        meter: Meter | None = None,
        *,
        answers: bool = False,
    ) -> None:
        self._store = store
        self._chat = chat
        self._clock = clock
        self._worker = worker
        self._house = house
        self._meter = meter or Unmeasured()
        self._answers = answers

    async def step(self, now: datetime) -> int:
        """Do one batch of what is due; return how many acts it held.

        Raises:
            StoreUnreachable: the database does not answer.
        """
        jobs = await self._store.write(lambda uow: self._claim(uow, now))
        ended = await asyncio.gather(*map(self._do, jobs), return_exceptions=True)
        for failure in ended:
            if failure is not None:
                raise failure
        return len(jobs)

    def _claim(self, uow: UnitOfWork, now: datetime) -> list[_Job]:
        outbox = uow.outbox
        claim = outbox.claim_answers if self._answers else outbox.claim_acts
        rows = claim(self._worker, _BATCH, _LEASE, now, self._chat.name)
        return [self._job(uow, row, now) for row in rows]

    def _job(self, uow: UnitOfWork, row: Delivery, now: datetime) -> _Job:
        act = act_of(uow, row, self._house, now)
        if act is None:
            return _Job(row, None, None)
        name, chat = self._chat.name, row.address
        slot = None
        if isinstance(act, Redraw | Clear):
            slot = uow.slots.get(name, chat, act.slot)
            is_needless = (
                slot is None
                if isinstance(act, Clear) or act.is_only_if_there
                else slot is not None
                and slot.digest == _digest(act)
                and not act.is_below
            )
            if is_needless:
                return _Job(row, act, None)
        reply_to = act.reply_to if isinstance(act, Say) else ""
        if reply_to.startswith("slot:"):
            found = uow.slots.get(name, chat, reply_to.removeprefix("slot:"))
            reply_to = found.message_id if found else ""
        post = Post(chat, act, slot.message_id if slot else "", reply_to)
        return _Job(row, act, post)

    async def _do(self, job: _Job) -> None:
        row = job.row
        try:
            posted = await self._chat.post(job.post) if job.post else Posted()
        except (TemporaryFailure, PermanentFailure) as failure:
            await self._failed(job, failure)
        except Exception as error:  # noqa: BLE001 - the per-item border
            _LOG.exception("chat.broken_channel", delivery=row.id)
            await self._failed(job, TemporaryFailure(type(error).__name__))
        else:
            await asyncio.shield(
                self._store.write(lambda uow: self._done(uow, job, posted))
            )
            self._meter.count("deliveries", kind=row.kind, result="sent")

    def _done(self, uow: UnitOfWork, job: _Job, posted: Posted) -> None:
        row, act, now = job.row, job.act, self._clock.now()
        last = posted.message_ids[-1] if posted.message_ids else ""
        name, chat = self._chat.name, row.address
        if isinstance(act, Clear):
            uow.slots.drop(name, chat, act.slot)
        elif isinstance(act, Say | Redraw) and act.slot and last:
            uow.slots.save(Slot(name, chat, act.slot, last, _digest(act), now))
        uow.outbox.sent(row.id, Receipt(last, now))

    async def _failed(
        self, job: _Job, failure: TemporaryFailure | PermanentFailure
    ) -> None:
        row, now = job.row, self._clock.now()
        attempts, first_at = row.attempts + 1, row.first_attempt_at or now
        verdict = next_attempt(attempts, failure, first_at, now, row.key)

        def work(uow: UnitOfWork) -> None:
            if isinstance(failure, ChatMoved):
                uow.chats.move(self._chat.name, row.address, failure.chat)
            elif isinstance(failure, Unreachable):
                self._unreachable(uow, row)
            if isinstance(verdict, RetryAt):
                why = failure.reason
                uow.outbox.retry(
                    row.id, verdict.at, why, attempts, first_at, stops_lane=True
                )
            else:
                uow.outbox.dead(row.id, verdict.reason, attempts)

        await asyncio.shield(self._store.write(work))
        self._meter.count("deliveries", kind=row.kind, result="failed")
        _LOG.warning("chat.failed", delivery=row.id, why=failure.reason)

    def _unreachable(self, uow: UnitOfWork, row: Delivery) -> None:
        account = uow.chats.in_chat(self._chat.name, row.address)
        if account is not None:
            uow.chats.save(replace(account, state=ChatState.BLOCKED))


def _digest(act: Say | Redraw) -> str:
    return hashlib.sha256(repr(act.screen).encode()).hexdigest()
