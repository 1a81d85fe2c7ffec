"""Steps 3 to 7 for one stored message after another: replayable, one at a time.

Each message ends as applied, answered (a question went back), ignored, a duplicate,
or quarantined with its reason. One that breaks azbot is set aside with the others
untouched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from azbot.desk import Desk
from azbot.errors import Conflict, NotFound, Refused, StoreUnreachable
from azbot.intake.files import documents_of
from azbot.intake.interpret import Ask, Meaning
from azbot.intake.match import Door
from azbot.intake.opening import draft_of
from azbot.intake.understand import Understanding, fingerprint, screen, understand
from azbot.messages import (
    Automatic,
    Inbound,
    RawId,
    RawMessage,
    Reason,
    RejectedFile,
    Trust,
    Unparseable,
)
from azbot.ports import Channel, Clock
from azbot.store import Store, UnitOfWork
from azbot.store.records import ClaimedRaw, RawOutcome, RawState
from azbot.workflow import commands as c
from azbot.workflow.decision import Audience, Notice
from azbot.workflow.decision import NoticeKind as N
from azbot.workflow.model import Actor, Assistance, Role, Status
from azbot.workflow.notices import place_facts

_LOG = structlog.get_logger(__name__)
_LEASE = timedelta(minutes=5)
_BATCH = 50
_SECONDS_PER_MESSAGE = 60
_CLAIMS_TOGETHER = 3
"""A message claimed more often without an outcome is worked on alone."""
_PORTION = 8_000_000
"""Octets of messages in memory at once; one message at least."""
_LARGE = 262_144
"""Octets above which a message is parsed in a thread."""
_MOST_REQUESTS = 5
_MOST_MESSAGES = 30
"""Per sender and hour: what a person may write, and a robot in a loop exceeds."""

SYSTEM = Actor(Role.SYSTEM, None, "azbot", Trust.STAFF, "email")


@dataclass(frozen=True, slots=True)
class _Letter:
    """One claimed message on its way through a unit of work."""

    raw: RawId
    inbound: Inbound
    channel: Channel
    mark: str


class Intake:
    """Works through the ledger.

    Args:
        channels: by name; who stored a message knows how to read it.
        door: what azbot believes of its own addresses.
        country: of new requests, two letters.
    """

    def __init__(
        self,
        store: Store,
        desk: Desk,
        channels: Mapping[str, Channel],
        door: Door,
        clock: Clock,
        worker: str,
        country: str = "FR",
    ) -> None:
        self._store = store
        self._desk = desk
        self._channels = channels
        self._door = door
        self._clock = clock
        self._worker = worker
        self._country = country

    async def step(self, now: datetime) -> int:
        """Work through one batch; return how many messages it held.

        Messages of different people are worked on side by side, so that the store
        can commit them together; those of one person keep their order.
        """
        claimed = await self._store.write(lambda uow: self._claim(uow, now))
        for portion in _portions(claimed):
            lanes: dict[str, list[tuple[ClaimedRaw, _Letter]]] = {}
            for row in portion:
                letter = await self._read(row)
                if letter is not None:
                    sender = letter.inbound.sender
                    lane = lanes.setdefault(sender.key if sender else "", [])
                    lane.append((row, letter))
            await asyncio.gather(*(self._lane(lane) for lane in lanes.values()))
        return len(claimed)

    def _claim(self, uow: UnitOfWork, now: datetime) -> list[ClaimedRaw]:
        """Take a batch; when workers died over it, one message only.

        Whatever kills a worker takes the whole batch down with it. Alone, the
        guilty message is the only one whose claims go on counting.
        """
        claimed = uow.raw.claim(self._worker, _BATCH, _LEASE, now)
        if all(row.claims <= _CLAIMS_TOGETHER for row in claimed):
            return claimed
        for row in claimed[1:]:
            uow.raw.release(row.id, self._worker)
        return claimed[:1]

    async def replay(self, key: RawId) -> RawOutcome:
        """Work through one message again, whatever became of it before.

        Raises:
            NotFound: no such message.
        """
        await self._store.write(lambda uow: uow.raw.reset(key))
        while await self.step(self._clock.now()):
            pass
        return (await self._store.write(lambda uow: uow.raw.get(key))).outcome

    async def _lane(self, lane: Sequence[tuple[ClaimedRaw, _Letter]]) -> None:
        for row, letter in lane:
            await self._one(row, letter)

    async def _read(self, row: ClaimedRaw) -> _Letter | None:
        """Make sense of the octets; None when that already was the end of them."""
        try:
            async with asyncio.timeout(_SECONDS_PER_MESSAGE):
                inbound = await self._parse(row)
        except TimeoutError:
            await self._set_aside(row, Reason.TIMED_OUT, "")
        except StoreUnreachable:
            raise
        except Exception as error:  # noqa: BLE001 - the per-item border of this worker
            _LOG.exception("intake.unreadable", raw=row.id)
            await self._set_aside(row, Reason.CRASHED, repr(error))
        else:
            if isinstance(inbound, Unparseable):
                await self._set_aside(row, inbound.reason, inbound.detail)
                return None
            channel = self._channels[row.channel]
            return _Letter(row.id, inbound, channel, fingerprint(inbound))
        return None

    async def _parse(self, row: ClaimedRaw) -> Inbound | Unparseable:
        content = row.content
        if content is None:
            content = await self._store.write(lambda uow: uow.raw.content(row.id))
        raw = RawMessage(
            row.channel, row.source, row.position, content, row.received_at, row.size
        )
        channel = self._channels[row.channel]
        if len(content) > _LARGE:
            return await asyncio.to_thread(channel.parse, raw)
        return channel.parse(raw)

    async def _one(self, row: ClaimedRaw, letter: _Letter) -> None:
        """Bring one message to its end; the border no error of its own crosses."""

        def work(uow: UnitOfWork) -> RawOutcome:
            outcome = self._named(self._apply(uow, letter), letter)
            uow.raw.finish(row.id, outcome)
            return outcome

        try:
            outcome = await self._store.write(work)
        except (StoreUnreachable, Conflict):
            # Not the message's fault: its lease brings it back.
            raise
        except Exception as error:  # noqa: BLE001 - the per-item border of this worker
            _LOG.exception("intake.crashed", raw=row.id)
            outcome = await self._set_aside(row, Reason.CRASHED, repr(error))
        _LOG.info(
            "intake.done",
            raw=row.id,
            state=outcome.state.value,
            reason=outcome.reason and outcome.reason.value,
        )

    async def _set_aside(
        self, row: ClaimedRaw, reason: Reason, detail: str
    ) -> RawOutcome:
        outcome = RawOutcome(RawState.QUARANTINED, reason, detail[:500])
        await self._store.write(lambda uow: uow.raw.finish(row.id, outcome))
        return outcome

    def _named(self, outcome: RawOutcome, letter: _Letter) -> RawOutcome:
        inbound = letter.inbound
        is_copy = outcome.state is RawState.DUPLICATE
        return replace(
            outcome,
            fingerprint=None if is_copy else letter.mark,
            message_id=inbound.message_id,
            sender=inbound.sender.email if inbound.sender else "",
            subject=inbound.subject,
        )

    def _apply(self, uow: UnitOfWork, letter: _Letter) -> RawOutcome:
        first = uow.raw.seen(letter.mark)
        if first is not None and first != letter.raw:
            return RawOutcome(RawState.DUPLICATE, detail=f"same as {first}")
        found = understand(
            uow, letter.inbound, letter.channel, self._door, self._clock.now()
        )
        if reason := screen(letter.inbound):
            return self._held(uow, letter, found, reason)
        if letter.inbound.automatic is not None:
            return self._automatic(uow, letter, found)
        if found.match.hold is not None:
            return self._held(uow, letter, found, found.match.hold)
        if self._writes_too_often(uow, found):
            return self._held(uow, letter, found, Reason.AUTOMATIC)
        if found.assistance is None or self._is_too_late(found.assistance):
            return self._open(uow, letter, found)
        return self._continue(uow, letter, found, found.assistance)

    # -- set aside, robots -------------------------------------------------------

    def _held(
        self, uow: UnitOfWork, letter: _Letter, found: Understanding, reason: Reason
    ) -> RawOutcome:
        """Keep it for an agent, who is told once per sender and hour."""
        key = found.assistance.id if found.assistance else None
        inbound = letter.inbound
        if reason not in (Reason.OWN_ADDRESS, Reason.AUTOMATIC, Reason.EMPTY):
            facts = {
                "what": "held",
                "reason": reason.value,
                "from": inbound.sender.email if inbound.sender else "",
                "subject": inbound.subject,
                "text": found.reply.text[:2000],
                "raw": int(letter.raw),
            }
            hour = self._clock.now().strftime("%Y%m%d%H")
            sender = inbound.sender.key if inbound.sender else "-"
            self._tell(
                uow, Notice(N.DESK, Audience.DESK, facts), None, f"held:{sender}:{hour}"
            )
        return RawOutcome(RawState.QUARANTINED, reason, assistance_id=key)

    def _automatic(
        self, uow: UnitOfWork, letter: _Letter, found: Understanding
    ) -> RawOutcome:
        """Note it where it belongs; never change a status, never answer (A17)."""
        it, inbound = found.assistance, letter.inbound
        if inbound.bounce is not None:
            return self._bounced(uow, letter, found)
        if it is None or found.match.hold is not None:
            return RawOutcome(RawState.IGNORED, Reason.NOT_A_REQUEST)
        if inbound.automatic is Automatic.CALENDAR_REPLY and inbound.calendar:
            text = f"calendar:{inbound.calendar.status}"
        else:
            text = found.reply.text[:2000]
        self._desk.apply(uow, it, c.RecordAbsence(text), SYSTEM)
        return RawOutcome(RawState.IGNORED, Reason.AUTOMATIC, assistance_id=it.id)

    def _bounced(
        self, uow: UnitOfWork, letter: _Letter, found: Understanding
    ) -> RawOutcome:
        """Say in the timeline who was not reached; the return path says who."""
        bounce, it = letter.inbound.bounce, found.assistance
        token = found.clues.bounce
        if token is not None and token.assistance:
            it = self._load(uow, token.assistance) or it
        if bounce is None or it is None or not (token or found.clues.token):
            return RawOutcome(RawState.IGNORED, Reason.NOT_A_REQUEST)
        if bounce.is_permanent:
            command = c.RecordDeliveryFailure(
                bounce.recipient, bounce.diagnostic or bounce.status
            )
            self._desk.apply(uow, it, command, SYSTEM)
        return RawOutcome(RawState.IGNORED, Reason.AUTOMATIC, assistance_id=it.id)

    def _load(self, uow: UnitOfWork, number: int) -> Assistance | None:
        try:
            return uow.assistances.get(number)  # type: ignore[arg-type]
        except NotFound:
            return None

    def _writes_too_often(self, uow: UnitOfWork, found: Understanding) -> bool:
        """Whether the sender writes like a robot that hides it (email.md §5.2)."""
        since = self._clock.now() - timedelta(hours=1)
        if found.person is None or found.person.kind.value == "agent":
            return False
        if found.assistance is None:
            opened = uow.rates.opened(found.person.id, since)
            return opened >= _MOST_REQUESTS
        said = uow.rates.said(found.assistance.id, found.person.id, since)
        return said >= _MOST_MESSAGES

    def _is_too_late(self, it: Assistance) -> bool:
        """A reply long after the end is a new request (email.md §3)."""
        after = self._desk.rules.reopen_for
        return (
            it.status is Status.CLOSED
            and it.closed_at is not None
            and self._clock.now() - it.closed_at > after
        )

    # -- something new -----------------------------------------------------------

    def _open(
        self, uow: UnitOfWork, letter: _Letter, found: Understanding
    ) -> RawOutcome:
        """Register a request from free text (ux.md 9.3)."""
        person = found.person
        if person is not None and person.kind.value != "client":
            return self._held(uow, letter, found, Reason.UNKNOWN_ASSISTANCE)
        documents = documents_of(uow, letter.inbound)
        draft = draft_of(
            letter.inbound, found.reply, person, documents, letter.raw, self._country
        )
        trust = max(found.match.trust, Trust.NONE)
        actor = Actor(
            Role.CLIENT,
            person.id if person else None,
            draft.name or draft.email,
            trust,
            letter.inbound.channel,
        )
        decision = self._desk.register(uow, draft, actor)
        it = decision.assistance
        self._reject_files(uow, letter, it)
        return RawOutcome(RawState.APPLIED, assistance_id=it.id)

    # -- something that continues --------------------------------------------------

    def _continue(
        self, uow: UnitOfWork, letter: _Letter, found: Understanding, it: Assistance
    ) -> RawOutcome:
        actor, meaning = found.actor, found.meaning
        if actor is None or meaning is None:
            return self._held(uow, letter, found, Reason.UNPROVEN_SENDER)
        documents = documents_of(uow, letter.inbound)
        self._reject_files(uow, letter, it)
        if meaning.preference is not None and found.person is not None:
            return self._prefer(uow, letter, found, it)
        it, was_refused = self._run(uow, it, meaning, actor)
        is_message = was_refused or meaning.is_message or bool(documents)
        if is_message:
            message = c.AddMessage(
                text=found.reply.text,
                elided=found.reply.elided,
                documents=documents,
                message_id=letter.inbound.message_id,
                raw=letter.raw,
                is_mixed=was_refused or meaning.is_mixed,
            )
            it = self._add(uow, it, message, actor)
        self._ask(uow, letter, it, meaning.asks, actor)
        self._tell_unread(uow, letter, it, meaning, actor)
        state = RawState.ANSWERED if meaning.asks else RawState.APPLIED
        return RawOutcome(state, assistance_id=it.id)

    def _run(
        self, uow: UnitOfWork, it: Assistance, meaning: Meaning, actor: Actor
    ) -> tuple[Assistance, bool]:
        """Apply the commands; a refusal makes the whole text a message."""
        for command in meaning.commands:
            try:
                it = self._desk.apply(uow, it, command, actor).assistance
            except Refused:
                return it, True
        return it, False

    def _add(
        self, uow: UnitOfWork, it: Assistance, message: c.AddMessage, actor: Actor
    ) -> Assistance:
        """Add the message; when its files do not fit any more, the words still do."""
        try:
            return self._desk.apply(uow, it, message, actor).assistance
        except Refused as refused:
            if refused.code != "too_many_documents":
                raise
        words = replace(message, documents=(), text=message.text or "(…)")
        return self._desk.apply(uow, it, words, actor).assistance

    def _prefer(
        self, uow: UnitOfWork, letter: _Letter, found: Understanding, it: Assistance
    ) -> RawOutcome:
        """STOP and REPRENDRE: notices off and on, confirmed with the way back."""
        person, meaning = found.person, found.meaning
        if person is None or meaning is None or meaning.preference is None:
            raise ValueError("a preference needs a person")
        wants_less = meaning.preference.wants_less
        uow.people.update(replace(person, notices_off=wants_less))
        facts = {"wants_less": wants_less, "to": person.address, "name": person.name}
        self._tell(
            uow,
            self._to_sender(N.PREFERENCE, facts, found.actor, it),
            it,
            f"raw:{letter.raw}:preference",
        )
        return RawOutcome(RawState.APPLIED, assistance_id=it.id)

    def _ask(
        self,
        uow: UnitOfWork,
        letter: _Letter,
        it: Assistance,
        asks: Sequence[Ask],
        actor: Actor,
    ) -> None:
        for ask in asks:
            notice = self._to_sender(ask.kind, ask.facts, actor, it)
            self._tell(uow, notice, it, f"raw:{letter.raw}:{ask.kind.value}")

    def _tell_unread(
        self,
        uow: UnitOfWork,
        letter: _Letter,
        it: Assistance,
        meaning: Meaning,
        actor: Actor,
    ) -> None:
        """Say which values could not be taken, and why."""
        if not meaning.unread:
            return
        rows = [
            {"field": field, "value": value, "code": code, "facts": dict(facts)}
            for field, (value, code, facts) in meaning.unread.items()
        ]
        facts = {"what": "values", "values": rows}
        self._tell(
            uow,
            self._to_sender(N.REJECTED, facts, actor, it),
            it,
            f"raw:{letter.raw}:values",
        )

    def _reject_files(self, uow: UnitOfWork, letter: _Letter, it: Assistance) -> None:
        """Say what was not taken, and how to send it otherwise (E16)."""
        rejected: Sequence[RejectedFile] = letter.inbound.rejected_files
        sender = letter.inbound.sender
        if not rejected or sender is None:
            return
        facts = {
            "what": "files",
            "files": [
                {"name": f.name, "size": f.size, "code": f.code} for f in rejected
            ],
            "kept": [f.name for f in letter.inbound.files],
        }
        notice = Notice(
            N.REJECTED,
            Audience.ADDRESS,
            {**self._place(it), **facts, "to": sender.email, "name": sender.name},
            person=it.requester,
        )
        self._tell(uow, notice, it, f"raw:{letter.raw}:files")

    def _to_sender(
        self,
        kind: N,
        facts: Mapping[str, object],
        actor: Actor | None,
        it: Assistance,
    ) -> Notice:
        is_station = actor is not None and actor.role is Role.STATION
        to = Audience.STATION if is_station else Audience.REQUESTER
        return Notice(kind, to, {**self._place(it), **facts})

    def _place(self, it: Assistance) -> dict[str, object]:
        """The facts every mail about an assistance needs."""
        return place_facts(it, SYSTEM, self._clock.now())

    def _tell(
        self, uow: UnitOfWork, notice: Notice, it: Assistance | None, key: str
    ) -> None:
        self._desk.tell(uow, (notice,), it, key)


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
