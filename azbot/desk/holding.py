"""What leaves is held for a moment; what stays is done at once (ux.md A12, X17).

A command of an agent that tells anybody outside waits as a row, ``HELD_FOR``, before
the desk gets it. Until then it can be taken back, and then it never happened: no
event, no mail. The row and its effect end in one unit of work, so that a crash at
any instant leaves one or none, never two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from azbot.desk.desk import Desk
from azbot.errors import AzbotError, Conflict, NotFound, Refused
from azbot.health.incidents import report_again
from azbot.messages import PersonId
from azbot.ports import Clock, Meter, Unmeasured
from azbot.store import Store, UnitOfWork
from azbot.store.codec import encode_commands
from azbot.store.events import words_of
from azbot.store.holds import Hold, HoldId, HoldState, NewHold
from azbot.workflow.commands import AddMessage, Command
from azbot.workflow.decision import Decision, Recorded
from azbot.workflow.events import MessageAdded
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    AssistanceRef,
    Hearers,
    Role,
)

HELD_FOR = timedelta(seconds=8)
"""How long what leaves can be undone."""

CRASHED = "crashed"
"""Why a hold failed that no rule refused: a mistake of ours, told like a refusal."""

_LOG = structlog.get_logger(__name__)
_LEASE = timedelta(minutes=1)
_BATCH = 50
_REMEMBERED_FOR = timedelta(days=1)
_CLAIMS = 3

Also = Callable[[UnitOfWork, Assistance], object]
"""Further writing of the same unit of work."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far whoever sends has read.

    Attributes:
        event: number of the newest line of the history they saw.
        hold: number of the newest held command of a colleague they saw.
    """

    event: int
    hold: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """Something public that whoever sends has not seen.

    Attributes:
        author: name of who wrote it.
        text: their words; empty for files alone and for acts without words.
        is_held: a colleague's, not sent yet.
        to: who reads what a colleague wrote.
    """

    author: str
    role: Role
    at: datetime
    text: str
    is_held: bool = False
    to: Hearers = Hearers.CLIENT


class Collision(Conflict):
    """Something public came after what the writer had read (ux.md A11).

    Args:
        news: what came, oldest first.
        seen: what to send along once this was read.
    """

    def __init__(self, news: Sequence[News], seen: Seen) -> None:
        super().__init__("somebody else wrote meanwhile")
        self.news = tuple(news)
        self.seen = seen


class KeyReused(Conflict):
    """The key of a press came again with something else: it would be lost."""


@dataclass(frozen=True, slots=True)
class _Press:
    """One press of a button; see ``Holding.submit``."""

    actor: Actor
    person: PersonId
    assistance: AssistanceRef | AssistanceId
    commands: tuple[Command, ...]
    key: str
    seen: Seen | None
    also: Also | None

    @property
    def scope(self) -> str:
        """Where its key means it."""
        return f"hold:{self.person}"

    @property
    def name(self) -> str:
        """What its row is called."""
        return f"{self.scope}:{self.key}"

    @property
    def fingerprint(self) -> str:
        """Tells it from another press under the same key."""
        return hashlib.sha256(encode_commands(self.commands).encode()).hexdigest()


class Holding:
    """Takes commands of agents, and gives them to the desk when their time comes.

    Args:
        store: where they wait.
        desk: does them.
        clock: says when their time has come.
        worker: names this process in leases.
        meter: counts what became of them.
        held_for: how long they can be undone.
    """

    def __init__(
        self,
        store: Store,
        desk: Desk,
        clock: Clock,
        worker: str,
        meter: Meter | None = None,
        held_for: timedelta = HELD_FOR,
    ) -> None:
        self.held_for = held_for
        self._store = store
        self._desk = desk
        self._clock = clock
        self._worker = worker
        self._meter = meter or Unmeasured()

    async def submit(
        self,
        actor: Actor,
        person: PersonId,
        assistance: AssistanceRef | AssistanceId,
        command: Command,
        *,
        key: str,
        seen: Seen | None = None,
        then: Sequence[Command] = (),
        also: Also | None = None,
    ) -> Hold | None:
        """Do a command, or hold it when it would tell anybody outside.

        Args:
            actor: who wants it.
            person: the agent who may undo it.
            assistance: public reference or internal number.
            command: what is wanted.
            key: names the press of the button; the same one acts once (X19).
            seen: how far the writer has read; None: nothing can collide.
            then: what follows, in the same unit of work: all of it or nothing.
            also: further writing of the unit that takes the command.

        Returns:
            Where it waits, as it is now when this press was already answered; None:
            it was done at once.

        Raises:
            NotFound: no such assistance.
            Refused: a rule says no, to it or to what follows.
            Collision: somebody wrote after ``seen``.
            KeyReused: the key named a press of something else.
        """
        press = _Press(actor, person, assistance, (command, *then), key, seen, also)
        work = partial(self._take, press)
        try:
            return await self._store.write(work)
        except (Collision, KeyReused):
            raise
        except Conflict:
            # The same press through another process, a moment before: it is found.
            return await self._store.write(work)

    def _take(self, press: _Press, uow: UnitOfWork) -> Hold | None:
        """Hold or do what was pressed; a press that is known is answered again."""
        it = self._desk.load(uow, press.assistance)
        asked = press.fingerprint
        known = uow.idempotency.find(press.scope, press.key)
        if known is not None:
            if known.get("asked") != asked:
                raise KeyReused(f"{press.key} was another press")
            return uow.holds.by_key(press.name)
        foreseen = self._foresee(it, press.commands, press.actor)
        if press.seen is not None:
            _require_seen(uow, it, press.person, press.seen)
        now, hold = self._clock.now(), None
        if any(_leaves(decision) for decision in foreseen):
            hold = uow.holds.add(
                NewHold(
                    press.name,
                    press.person,
                    it.id,
                    press.actor,
                    press.commands,
                    now,
                    now + self.held_for,
                )
            )
        else:
            self._apply(uow, it, press.commands, press.actor)
        uow.idempotency.remember(press.scope, press.key, {"asked": asked}, now)
        if press.also is not None:
            press.also(uow, it)
        return hold

    async def undo(
        self,
        key: HoldId,
        person: PersonId,
        also: Callable[[UnitOfWork, Hold], object] | None = None,
    ) -> Hold | None:
        """Take a held command back, or what is left of a failed one.

        Args:
            key: which.
            person: who gave it; nobody else may.
            also: further writing of the same unit of work, such as the draft.

        Returns:
            The hold as it was, its words included; None when it is too late.

        Raises:
            NotFound: this person has none of this number.
        """

        def work(uow: UnitOfWork) -> Hold | None:
            hold = uow.holds.get(key)
            if hold.person != person:
                raise NotFound("hold", key)
            if not uow.holds.undo(key):
                return None
            if also is not None:
                also(uow, hold)
            return hold

        undone = await self._store.write(work)
        if undone is not None:
            self._count(undone, "undone")
        return undone

    async def step(self, now: datetime) -> int:
        """Do one batch of what is due; return how many there were."""
        due = await self._store.write(
            lambda uow: uow.holds.claim(self._worker, _BATCH, _LEASE, now)
        )
        for hold in due:
            self._count(hold, await self._end(hold))
        if due:
            # A press is not repeated the next day: its row has nothing left to say.
            await self._store.write(lambda uow: uow.holds.purge(now - _REMEMBERED_FOR))
        return len(due)

    async def _end(self, hold: Hold) -> str:
        try:
            is_done = await self._store.write(partial(self._do, hold))
        except (Refused, NotFound) as error:
            return await self._fail(hold, error)
        except Exception as error:  # noqa: BLE001 - the border: one stops no other
            await self._note(hold, error)
            if hold.claims + 1 < _CLAIMS:
                # Its lease brings it back.
                return "crashed"
            return await self._fail(hold, Refused(CRASHED))
        return "done" if is_done else "dropped"

    async def _note(self, hold: Hold, error: Exception) -> None:
        facts, now = {"command": hold.command, "hold": hold.id}, self._clock.now()
        if isinstance(error, AzbotError):
            _LOG.warning("hold.delayed", **facts, why=str(error))
        else:
            await report_again(self._store, "hold.crashed", error, now, **facts)

    def _do(self, hold: Hold, uow: UnitOfWork) -> bool:
        # First of all: from here on it can be undone no more, or it was undone.
        if not uow.holds.done(hold.id):
            return False
        it = uow.assistances.get(hold.assistance)
        self._apply(uow, it, hold.commands, hold.actor)
        return True

    async def _fail(self, hold: Hold, error: AzbotError) -> str:
        refused = error if isinstance(error, Refused) else Refused("unknown_assistance")
        _LOG.warning("hold.refused", command=hold.command, why=refused.code)
        is_kept = await self._store.write(
            lambda uow: uow.holds.fail(hold.id, refused.code, refused.facts)
        )
        return "failed" if is_kept else "dropped"

    def _foresee(
        self, it: Assistance, commands: Sequence[Command], actor: Actor
    ) -> tuple[Decision, ...]:
        found = []
        for command in commands:
            found.append(self._desk.foresee(it, command, actor))
            it = found[-1].assistance
        return tuple(found)

    def _apply(
        self,
        uow: UnitOfWork,
        it: Assistance,
        commands: Sequence[Command],
        actor: Actor,
    ) -> None:
        for command in commands:
            it = self._desk.apply(uow, it, command, actor).assistance

    def _count(self, hold: Hold, result: str) -> None:
        self._meter.count("holds", command=hold.command, result=result)


def _leaves(decision: Decision) -> bool:
    return any(not notice.to.is_inside for notice in decision.notices)


def _require_seen(
    uow: UnitOfWork, it: Assistance, person: PersonId, seen: Seen
) -> None:
    later = uow.events.later(it.id, seen.event)
    said = [line for line in later if _is_news(line, person)]
    held = [
        hold
        for hold in uow.holds.waiting(it.id)
        if hold.person != person and hold.id > seen.hold
    ]
    if not said and not held:
        return
    raise Collision(
        [*map(_told, said), *map(_still_held, held)],
        Seen(
            later[-1].id if later else seen.event,
            max((hold.id for hold in held), default=seen.hold),
        ),
    )


def _is_news(line: Recorded, person: PersonId) -> bool:
    """Whether somebody else said this in public: a message, a NON, a reason."""
    event, actor = line.event, line.actor
    if event.is_internal or actor.person == person or actor.role is Role.SYSTEM:
        return False
    if isinstance(event, MessageAdded):
        return not event.is_automatic
    return bool(words_of(event))


def _told(line: Recorded) -> News:
    event = line.event
    to = event.to if isinstance(event, MessageAdded) else Hearers.CLIENT
    return News(line.actor.name, line.actor.role, line.at, words_of(event), to=to)


def _still_held(hold: Hold) -> News:
    said = hold.commands[0]
    text, to = "", Hearers.CLIENT
    if isinstance(said, AddMessage):
        text, to = said.text, said.to
    by, at = hold.actor, hold.created_at
    return News(by.name, by.role, at, text, is_held=True, to=to)


__all__ = [
    "CRASHED",
    "HELD_FOR",
    "Collision",
    "Hold",
    "HoldId",
    "HoldState",
    "Holding",
    "KeyReused",
    "News",
    "Seen",
]
