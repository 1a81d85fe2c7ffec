"""Commands that wait until they can no longer be undone (ux.md A12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType

from sqlalchemy import bindparam, delete, insert, literal_column, select, update

from azbot.errors import NotFound
from azbot.messages import PersonId
from azbot.store.codec import (
    decode,
    decode_actor,
    decode_commands,
    encode,
    encode_commands,
)
from azbot.store.leases import Leases
from azbot.store.schema import UtcDateTime
from azbot.store.schema import holds as table
from azbot.store.sql import Sql
from azbot.workflow.commands import Command
from azbot.workflow.model import Actor, AssistanceId

HoldId = NewType("HoldId", int)


class HoldState(StrEnum):
    """What became of a held command."""

    WAITING = "waiting"
    """It may still be undone."""
    DONE = "done"
    """It was given to the desk."""
    UNDONE = "undone"
    """Whoever gave it took it back."""
    FAILED = "failed"
    """The desk refused it when its time had come; its words are kept."""


@dataclass(frozen=True, slots=True)
class NewHold:
    """A command to hold, and what follows it in the same unit of work.

    Attributes:
        key: names the press of the button, over all agents.
        commands: the held one first; never empty.
        due_at: until then it may be undone.
    """

    key: str
    person: PersonId
    assistance: AssistanceId
    actor: Actor
    commands: tuple[Command, ...]
    created_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A held command.

    Attributes:
        command: name of the first one, ``AddMessage``.
        commands: empty once done or undone: the history or a draft has the words.
        error, facts: of a failed one: the refusal, as ``errors.Refused`` has it.
        claims: how often a worker has taken it.
    """

    id: HoldId
    key: str
    person: PersonId
    assistance: AssistanceId
    actor: Actor
    command: str
    commands: tuple[Command, ...]
    state: HoldState
    created_at: datetime
    due_at: datetime
    error: str
    facts: Mapping[str, object]
    claims: int


_WAITING = table.c.state == literal_column("'waiting'")
KEPT = _WAITING | (table.c.state == literal_column("'failed'"))
"""Which ones still have their words."""
_THIS = table.c.id == bindparam("key_id")
_FREE = {"leased_by": None, "lease_until": None}
_ADD = (
    insert(table)
    .values(
        {
            name: bindparam(name, type_=table.c[name].type)
            for name in (
                "key", "person_id", "assistance_id", "actor", "command", "data",
                "state", "created_at", "due_at",
            )
        }
    )
    .returning(table.c.id)
)  # fmt: skip
_GET = select(table).where(_THIS).with_for_update()
_BY_KEY = select(table).where(table.c.key == bindparam("wanted"))
_WAITING_OF = (
    select(table)
    .where(_WAITING, table.c.assistance_id == bindparam("assistance"))
    .order_by(table.c.id)
)
_DONE = (
    update(table)
    .where(_THIS, _WAITING)
    .values(state=HoldState.DONE.value, data="[]", **_FREE)
)
_UNDO = (
    update(table)
    .where(_THIS, KEPT)
    .values(state=HoldState.UNDONE.value, data="[]", error="", **_FREE)
)
_FAIL = (
    update(table)
    .where(_THIS, _WAITING)
    .values(
        state=HoldState.FAILED.value,
        error=bindparam("why", type_=table.c.error.type),
        **_FREE,
    )
)
_PURGE = delete(table).where(
    ~KEPT, table.c.due_at < bindparam("before", type_=UtcDateTime)
)
_LEASES = Leases(
    table,
    _WAITING & (table.c.due_at <= bindparam("now", type_=UtcDateTime)),
    (table.c.due_at, table.c.id),
    tuple(table.c),
    lane=(table.c.assistance_id,),
    alive=HoldState.WAITING.value,
)


class Holds:
    """The held commands, inside one unit of work."""

    def __init__(self, sql: Sql, topics: set[str]) -> None:
        self._sql = sql
        self._topics = topics

    def add(self, new: NewHold) -> Hold:
        """Hold a command.

        Raises:
            Conflict: the key is known: somebody pressed twice.
        """
        row = {
            "key": new.key,
            "person_id": new.person,
            "assistance_id": new.assistance,
            "actor": encode(new.actor),
            "command": type(new.commands[0]).__name__,
            "data": encode_commands(new.commands),
            "state": HoldState.WAITING.value,
            "created_at": new.created_at,
            "due_at": new.due_at,
        }
        key = HoldId(int(self._sql.value(_ADD, row)))
        self._topics.add("holds")
        return self.get(key)

    def get(self, key: HoldId) -> Hold:
        """Return one, whatever became of it.

        Raises:
            NotFound: there is none of this number.
        """
        row = self._sql.one(_GET, {"key_id": key})
        if row is None:
            raise NotFound("hold", key)
        return hold(row)

    def by_key(self, key: str) -> Hold | None:
        """Return the one of a press, None when there is none."""
        row = self._sql.one(_BY_KEY, {"wanted": key})
        return None if row is None else hold(row)

    def waiting(self, assistance: AssistanceId) -> list[Hold]:
        """Return what waits at an assistance, oldest first."""
        rows = self._sql.all(_WAITING_OF, {"assistance": assistance})
        return [hold(row) for row in rows]

    def claim(
        self, worker: str, limit: int, lease: timedelta, now: datetime
    ) -> list[Hold]:
        """Take up to ``limit`` that are due, longest due first.

        Those of one assistance never have two holders: their order is kept.
        """
        rows = _LEASES.claim(self._sql, worker, limit, lease, now)
        return [hold(row) for row in rows]

    def done(self, key: HoldId) -> bool:
        """Say that its time has come, in the unit of work that does it.

        Returns:
            False when it does not wait any more: undone, or done by another.
        """
        return self._end(_DONE, {"key_id": key})

    def undo(self, key: HoldId) -> bool:
        """Take it back, a failed one too; False when it was done or undone."""
        return self._end(_UNDO, {"key_id": key})

    def fail(self, key: HoldId, code: str, facts: Mapping[str, object]) -> bool:
        """Keep it for whoever gave it; False when it does not wait any more."""
        return self._end(_FAIL, {"key_id": key, "why": encode([code, facts])})

    def purge(self, before: datetime) -> int:
        """Forget what was done or undone and was due before; return how many."""
        return self._sql.run(_PURGE, {"before": before})

    def _end(self, statement: Any, values: Mapping[str, object]) -> bool:
        if self._sql.run(statement, values) != 1:
            return False
        self._topics.add("holds")
        return True


def hold(row: Any) -> Hold:
    """Return one from all columns of its row."""
    code, facts = decode(row.error) if row.error else ("", {})
    return Hold(
        id=HoldId(row.id),
        key=row.key,
        person=PersonId(row.person_id),
        assistance=AssistanceId(row.assistance_id),
        actor=decode_actor(row.actor),
        command=row.command,
        commands=decode_commands(row.data),
        state=HoldState(row.state),
        created_at=row.created_at,
        due_at=row.due_at,
        error=code,
        facts=facts,
        claims=row.claims,
    )
