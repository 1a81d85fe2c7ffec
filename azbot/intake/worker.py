"""Steps 3 to 7 for one stored message after another: replayable, one at a time.

Each message ends as applied, answered (a question went back), ignored, a duplicate,
or quarantined with its reason. One that breaks azbot is set aside with the others
untouched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn, Protocol

import structlog

from azbot.errors import Conflict, Refused, StoreUnreachable, TemporaryFailure
from azbot.health.incidents import report
from azbot.intake.files import made_fit
from azbot.intake.handling import Letter
from azbot.intake.understand import fingerprint
from azbot.logs import named
from azbot.messages import (
    Inbound,
    RawId,
    RawMessage,
    Reason,
    RejectedFile,
    Unparseable,
)
from azbot.ports import Channel, Clock, Meter, Scanner, Unmeasured, Unscanned
from azbot.store import Store, UnitOfWork
from azbot.store.records import ClaimedRaw, RawOutcome, RawState

_LOG = structlog.get_logger(__name__)
_LEASE = timedelta(minutes=5)
_BATCH = 50
_TOPIC = "raw"
_REST = timedelta(seconds=5)
"""The longest rest: what no bell announces, another process's work, is found then."""
_MOST_APART = 16
"""Lanes of one worker that may wait for files at once."""
_SECONDS_PER_MESSAGE = 60
_CLAIMS_TOGETHER = 3
"""A message claimed more often without an outcome is worked on alone."""
_PORTION = 8_000_000
"""Octets of messages in memory at once; one message at least."""
_LARGE = 262_144
"""Octets above which a message is parsed in a thread."""
_MOST_CONFLICTS = 5
"""How often a message is tried again at once because somebody was faster."""


_PAUSES = tuple(timedelta(seconds=s) for s in (1, 3, 10))
"""Before what lies with the service is asked for again; then it goes without."""


Lane = Sequence[tuple[ClaimedRaw, Letter]]
"""What one person said, in order."""


class Handles(Protocol):
    """Says what a message of a channel does, and does it, inside a unit of work."""

    def apply(self, uow: UnitOfWork, letter: Letter) -> RawOutcome:
        """Let one message have its effect; return what became of it.

        Raises:
            Refused: a rule said no where no person can be asked.
        """
        ...

    def tell_set_aside(
        self,
        uow: UnitOfWork,
        raw: RawId,
        inbound: Inbound | None,
        reason: Reason,
        incident: str = "",
    ) -> None:
        """Tell the desk of a message that could not be worked on.

        Args:
            uow: the unit of work that sets it aside.
            raw: the message.
            inbound: what it says, None when that is not known.
            reason: why.
            incident: the code of an error nobody foresaw, for whoever waits for an
                answer; possibly empty.
        """
        ...


class Intake:
    """Works through the ledger of one channel.

    Args:
        channel: who stored the messages knows how to read them.
        handler: what they do.
        worker: names this worker in leases.
        by_lane: several workers share the lanes of the channel.
        meter: counts what came and what became of it.
        scanner: looks at every file.
    """

    def __init__(
        self,
        store: Store,
        channel: Channel,
        handler: Handles,
        clock: Clock,
        worker: str,
        meter: Meter | None = None,
        scanner: Scanner | None = None,
        *,
        by_lane: bool = False,
    ) -> None:
        self._meter = meter or Unmeasured()
        self._scanner = scanner or Unscanned()
        self._store = store
        self._channel = channel
        self._clock = clock
        self._worker = worker
        self._handler = handler
        self._by_lane = by_lane
        self._held: set[RawId] = set()
        self._apart: dict[asyncio.Task[None], frozenset[RawId]] = {}
        self._away: StoreUnreachable | None = None

    async def run(self) -> NoReturn:
        """Work until cancelled; whoever's files are long in coming waits alone.

        Raises:
            StoreUnreachable: the database does not answer; see ``step``.
        """
        async with asyncio.TaskGroup() as group:
            away = await self._until_away(group)
            # Nothing can be written of what they bring: the next run asks again.
            for task in self._apart:
                task.cancel()
        raise away

    async def _until_away(self, group: asyncio.TaskGroup) -> StoreUnreachable:
        try:
            while True:
                now = self._clock.now()
                if await self._batch(now, group):
                    await asyncio.sleep(0)
                else:
                    await self._store.bell.wait(_TOPIC, now + _REST)
        except StoreUnreachable as error:
            return error

    async def step(self, now: datetime) -> int:
        """Work through one batch to its end; return how many messages it held.

        Messages of different people are worked on side by side, so that the store
        can commit them together; those of one person keep their order.

        Raises:
            StoreUnreachable: not the fault of a message; what was left is worked
                on by the next step.
        """
        async with asyncio.TaskGroup() as group:
            try:
                count = await self._batch(now, group)
            except StoreUnreachable as error:
                self._away, count = error, 0
        self._raise_away()
        return count

    async def _batch(self, now: datetime, group: asyncio.TaskGroup) -> int:
        """Take a batch and work through it, but for what has files to wait for."""
        self._raise_away()
        claimed = await self._store.write(lambda uow: self._claim(uow, now))
        self._held -= self._left
        self._held |= {row.id for row in claimed}
        for row in claimed:
            if row.claims == 1:
                self._meter.count("mails_received", channel=row.channel)
        for portion in _portions(claimed):
            lanes: dict[str, list[tuple[ClaimedRaw, Letter]]] = {}
            for row in portion:
                letter = await self._read(row)
                # Forty in one go would hold up whoever else waits for the loop.
                await asyncio.sleep(0)
                if letter is None:
                    self._held.discard(row.id)
                    continue
                sender = letter.inbound.sender
                name = row.lane or (sender.key if sender else "")
                lanes.setdefault(name, []).append((row, letter))
            here = [lane for lane in lanes.values() if not _waits_for_files(lane)]
            for lane in lanes.values():
                if _waits_for_files(lane):
                    await self._set_apart(lane, now, group)
            ended = await asyncio.gather(
                *(self._lane(lane, now) for lane in here), return_exceptions=True
            )
            for failure in ended:
                if failure is not None:
                    raise failure
        return len(claimed)

    # -- apart: what waits for files -----------------------------------------------

    async def _set_apart(
        self, lane: Lane, now: datetime, group: asyncio.TaskGroup
    ) -> None:
        """Let a lane go its own way; while it does, nobody else takes of it."""
        while len(self._apart) >= _MOST_APART:
            await asyncio.wait(self._apart, return_when=asyncio.FIRST_COMPLETED)
        task = group.create_task(self._lane_apart(lane, now))
        self._apart[task] = frozenset(row.id for row, _ in lane)
        task.add_done_callback(self._landed)

    async def _lane_apart(self, lane: Lane, now: datetime) -> None:
        try:
            await self._lane(lane, now)
        except StoreUnreachable as error:
            self._away = error

    def _landed(self, task: asyncio.Task[None]) -> None:
        del self._apart[task]
        # Whatever its writer said meanwhile was left alone.
        self._store.bell.ring((_TOPIC,))

    def _raise_away(self) -> None:
        away, self._away = self._away, None
        if away is not None:
            raise away

    async def replay(self, key: RawId) -> RawOutcome:
        """Work through one message again, whatever became of it before.

        Raises:
            NotFound: no such message.
        """
        await self._store.write(lambda uow: uow.raw.reset(key))
        while await self.step(self._clock.now()):
            pass
        return (await self._store.write(lambda uow: uow.raw.get(key))).outcome

    @property
    def _left(self) -> set[RawId]:
        """What was taken, has no end yet, and nobody works on."""
        return self._held.difference(*self._apart.values())

    def _claim(self, uow: UnitOfWork, now: datetime) -> list[ClaimedRaw]:
        """Take a batch, what an interrupted step left included.

        Whatever kills a worker takes the whole batch down with it. Alone, the
        guilty message is the only one whose claims go on counting.
        """
        for key in self._left:
            uow.raw.release(key, self._worker)
        claimed = uow.raw.claim(
            self._worker,
            _BATCH,
            _LEASE,
            now,
            self._channel.name,
            by_lane=self._by_lane,
        )
        if all(row.claims <= _CLAIMS_TOGETHER for row in claimed):
            return claimed
        for row in claimed[1:]:
            uow.raw.release(row.id, self._worker)
        return claimed[:1]

    async def _lane(self, lane: Lane, now: datetime) -> None:
        for row, letter in lane:
            is_late = self._clock.now() - now >= _LEASE / 2
            if is_late and not await self._extended(row.id):
                return  # somebody else goes on with it, in order
            await self._one(row, letter)

    async def _extended(self, key: RawId) -> bool:
        """Hold a message longer; False when it is another worker's by now."""
        now = self._clock.now()
        return await self._store.write(
            lambda uow: uow.raw.extend(key, self._worker, _LEASE, now)
        )

    async def _read(self, row: ClaimedRaw) -> Letter | None:
        """Make sense of the octets; None when that already was the end of them."""
        try:
            async with asyncio.timeout(_SECONDS_PER_MESSAGE):
                inbound = await self._parse(row)
                if isinstance(inbound, Unparseable):
                    await self._set_aside(row, inbound.reason, inbound.detail)
                    return None
                # Of a talk each turn has a number of its own; the same words are new.
                mark = fingerprint(inbound) if inbound.turn is None else ""
        except TimeoutError:
            await self._set_aside(row, Reason.TIMED_OUT, "")
        except StoreUnreachable:
            raise
        except Exception as error:  # noqa: BLE001 - the per-item border of this worker
            await self._crashed(row, "intake.unreadable", error)
        else:
            return Letter(row.id, inbound, self._channel, mark)
        return None

    async def _complete(self, letter: Letter) -> Letter:
        """Fetch what lies with the service, and make every file fit to be kept."""
        inbound = letter.inbound
        has_to_wait = inbound.turn is not None and inbound.turn.files
        inbound = await (self._held_for if has_to_wait else self._fetched)(letter)
        return replace(letter, inbound=await made_fit(inbound, self._scanner))

    async def _held_for(self, letter: Letter) -> Inbound:
        """Wait for files, and hold the message while they are long in coming."""
        async with asyncio.TaskGroup() as group:
            holding = group.create_task(self._hold(letter.raw))
            inbound = await self._fetched(letter)
            holding.cancel()
        return inbound

    async def _hold(self, key: RawId) -> None:
        with suppress(StoreUnreachable):
            while True:
                await self._clock.sleep_until(self._clock.now() + _LEASE / 2)
                await self._extended(key)

    async def _fetched(self, letter: Letter) -> Inbound:
        """Ask for what lies with the service until it comes; in the end go without."""
        for pause in _PAUSES:
            try:
                return await self._channel.fetch(letter.inbound)
            except TemporaryFailure as failure:
                _LOG.warning("intake.not_fetched", raw=letter.raw, why=failure.reason)
                wait = failure.retry_after or pause
                await self._clock.sleep_until(self._clock.now() + min(wait, pause))
        return _without_files(letter.inbound)

    async def _parse(self, row: ClaimedRaw) -> Inbound | Unparseable:
        content = row.content
        if content is None:
            content = await self._store.write(lambda uow: uow.raw.content(row.id))
        raw = RawMessage(
            row.channel,
            row.source,
            row.position,
            content,
            row.received_at,
            row.size,
            row.lane,
        )
        channel = self._channel
        if len(content) > _LARGE:
            return await asyncio.to_thread(channel.parse, raw)
        return channel.parse(raw)

    async def _one(self, row: ClaimedRaw, letter: Letter) -> None:
        """Bring one message to its end; the border no error of its own crosses."""
        try:
            letter = await self._complete(letter)
            outcome = await self._applied(letter)
        except StoreUnreachable:
            # Not the message's fault: the next step takes it up again.
            raise
        except Conflict:
            # Its lease brings it back, and counts: a message that never ends is
            # set aside like one that kills.
            _LOG.warning("intake.always_too_late", raw=row.id)
            self._held.discard(row.id)
            return
        except Refused as error:
            _LOG.warning("intake.refused", raw=row.id, code=error.code)
            outcome = await self._set_aside(row, Reason.REFUSED, error.code, letter)
        except Exception as error:  # noqa: BLE001 - the per-item border of this worker
            outcome = await self._crashed(row, "intake.crashed", error, letter)
        self._held.discard(row.id)
        self._count(row, outcome)
        _LOG.info(
            "intake.done",
            raw=row.id,
            state=outcome.state.value,
            reason=outcome.reason and outcome.reason.value,
        )

    def _count(self, row: ClaimedRaw, outcome: RawOutcome) -> None:
        reason = outcome.reason.value if outcome.reason else ""
        self._meter.count("mails_handled", state=outcome.state.value, reason=reason)
        took = (self._clock.now() - row.received_at).total_seconds()
        self._meter.observe("handling_seconds", max(took, 0.0))

    async def _applied(self, letter: Letter) -> RawOutcome:
        """Apply one message, again when somebody was faster.

        Raises:
            Conflict: somebody was faster every time.
        """

        def work(uow: UnitOfWork) -> RawOutcome:
            outcome = _named(self._handler.apply(uow, letter), letter)
            uow.raw.finish(letter.raw, outcome)
            return outcome

        for _ in range(_MOST_CONFLICTS):
            try:
                return await self._store.write(work)
            except Conflict:
                _LOG.info("intake.conflict", raw=letter.raw)
            except Refused as refused:
                letter = _without_bad_answers(letter, refused)
        entry = await self._store.write(lambda uow: uow.raw.get(letter.raw))
        if entry.outcome.state is RawState.RECEIVED:
            raise Conflict(f"message {letter.raw} meets a faster one every time")
        return entry.outcome  # another worker has ended it

    async def _crashed(
        self,
        row: ClaimedRaw,
        event: str,
        error: Exception,
        letter: Letter | None = None,
    ) -> RawOutcome:
        """Set a message aside over which we stumbled, under the code of an incident."""
        now = self._clock.now()
        code = await report(self._store, event, error, now, raw=row.id)
        detail = f"{code} {named(error)}"
        return await self._set_aside(row, Reason.CRASHED, detail, letter, code)

    async def _set_aside(
        self,
        row: ClaimedRaw,
        reason: Reason,
        detail: str,
        letter: Letter | None = None,
        incident: str = "",
    ) -> RawOutcome:
        """Quarantine a message nothing could be made of; an agent is told."""
        outcome = RawOutcome(RawState.QUARANTINED, reason, detail[:500])
        if letter is not None:
            outcome = replace(_named(outcome, letter), fingerprint=None)

        def work(uow: UnitOfWork) -> None:
            uow.raw.finish(row.id, outcome)
            inbound = letter.inbound if letter else None
            self._handler.tell_set_aside(uow, row.id, inbound, reason, incident)

        await self._store.write(work)
        if letter is None:
            self._count(row, outcome)
        return outcome


def _named(outcome: RawOutcome, letter: Letter) -> RawOutcome:
    inbound = letter.inbound
    is_copy = outcome.state is RawState.DUPLICATE
    return replace(
        outcome,
        fingerprint=None if is_copy else letter.mark or None,
        message_id=inbound.message_id,
        sender=inbound.sender.email if inbound.sender else "",
        subject=inbound.subject,
    )


def _waits_for_files(lane: Lane) -> bool:
    """Whether something of it lies with the service still."""
    turns = (letter.inbound.turn for _, letter in lane)
    return any(turn is not None and turn.files for turn in turns)


def _without_files(inbound: Inbound) -> Inbound:
    """Say of what could not be had that it came."""
    files = inbound.turn.files if inbound.turn else ()
    rejected = tuple(
        RejectedFile(file.name or file.kind, file.size or 0, "unreadable")
        for file in files
    )
    return replace(inbound, rejected_files=(*inbound.rejected_files, *rejected))


def _without_bad_answers(letter: Letter, refused: Refused) -> Letter:
    """Leave out what was read from a text and does not fit together.

    Raises:
        Refused: something else was refused.
    """
    problems = refused.facts.get("problems")
    unfit = frozenset(problems) if isinstance(problems, Mapping) else frozenset()
    if refused.code != "bad_answers" or unfit <= letter.unfit:
        raise refused
    return replace(letter, unfit=letter.unfit | unfit)


def _portions(rows: Sequence[ClaimedRaw]) -> Iterator[list[ClaimedRaw]]:
    """Split a batch so that few octets are in memory at once."""
    portion: list[ClaimedRaw] = []
    octets = 0
    for row in rows:
        if portion and octets + row.size > _PORTION:
            yield portion
            portion, octets = [], 0
        portion.append(row)
        octets += row.size
    if portion:
        yield portion
