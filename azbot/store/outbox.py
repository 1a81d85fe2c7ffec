"""What must leave: one row per notice, recipient and channel, until it has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    bindparam,
    func,
    literal_column,
    select,
    text,
    update,
)

from azbot.errors import Conflict, NotFound
from azbot.messages import PersonId, Receipt
from azbot.ports import Blobs
from azbot.store.codec import decode, encode
from azbot.store.due import ACTS_DUE, ANSWERS_DUE, LETTERS_DUE, PENDING
from azbot.store.leases import Leases
from azbot.store.octets import fetch, keep
from azbot.store.records import (
    Delivery,
    DeliveryId,
    DeliveryState,
    NewDelivery,
    Prepared,
)
from azbot.store.schema import UtcDateTime
from azbot.store.schema import outbox as table
from azbot.store.signals import Signals
from azbot.store.sql import Sql
from azbot.workflow.model import AssistanceId

LETTERS = "email"
"""The channel whose deliveries are letters; what leaves by the others are acts."""

_GIVEN = (
    "key", "assistance_id", "event_id", "kind", "person_id", "address", "channel",
    "language", "group_key", "is_optional", "facts", "files", "state", "due_at",
    "priority",
)  # fmt: skip
_PUT = text(
    f"INSERT INTO outbox ({', '.join(_GIVEN)})"  # noqa: S608 - our own names
    f" VALUES ({', '.join(':' + name for name in _GIVEN)})"
    " ON CONFLICT (key) DO NOTHING"
).bindparams(*(bindparam(name, type_=table.c[name].type) for name in _GIVEN))
_GROW = text(
    f"{_PUT.text.removesuffix(' NOTHING')}"
    " UPDATE SET facts = excluded.facts, due_at = excluded.due_at"
    " WHERE outbox.state = 'pending' AND outbox.lease_until IS NULL"
    " AND outbox.message_id = ''"
).bindparams(*(bindparam(name, type_=table.c[name].type) for name in _GIVEN))

_THIS = table.c.id == bindparam("key_id")
_FREE = {"claims": 0, "leased_by": None, "lease_until": None}
_BEHIND = (
    select(table)
    .where(
        PENDING,
        table.c.channel == bindparam("of_channel"),
        table.c.address == bindparam("of_chat"),
        table.c.id > bindparam("after"),
    )
    .order_by(table.c.id)
    .limit(bindparam("limit"))
)
_MOVE = (
    update(table)
    .where(
        PENDING,
        table.c.channel == bindparam("of_channel"),
        table.c.address == bindparam("of_chat"),
    )
    .values(address=bindparam("new_chat", type_=table.c.address.type))
)
_NEXT_DUE_OF = select(func.min(table.c.due_at)).where(
    PENDING,
    table.c.channel == bindparam("of_channel"),
    table.c.due_at > bindparam("now", type_=UtcDateTime),
)
_GET = select(table).where(_THIS)
_BY_KEY = select(table).where(table.c.key == bindparam("wanted"))
_PREPARED = (
    update(table)
    .where(_THIS, PENDING)
    .values(
        first_attempt_at=func.coalesce(
            table.c.first_attempt_at, bindparam("at", type_=UtcDateTime)
        ),
        **{
            name: bindparam(name, type_=table.c[name].type)
            for name in (
                "message_id", "text", "sender", "recipient", "content", "blob",
            )
        },
    )
)  # fmt: skip
_SENT = (
    update(table)
    .where(_THIS, table.c.state != DeliveryState.SENT.value)
    .values(
        state=DeliveryState.SENT.value,
        remote_id=bindparam("remote_id", type_=table.c.remote_id.type),
        sent_at=bindparam("at", type_=UtcDateTime),
        text=func.coalesce(bindparam("words", type_=table.c.text.type), table.c.text),
        error="",
        **_FREE,
    )
)
_RETRY = (
    update(table)
    .where(_THIS, PENDING)
    .values(
        first_attempt_at=func.coalesce(
            table.c.first_attempt_at, bindparam("first_at", type_=UtcDateTime)
        ),
        due_at=bindparam("new_due_at", type_=UtcDateTime),
        stops_lane=bindparam("stops_lane", type_=table.c.stops_lane.type),
        remote_id=func.coalesce(
            bindparam("arrived", type_=table.c.remote_id.type), table.c.remote_id
        ),
        error=bindparam("why", type_=table.c.error.type),
        attempts=bindparam("made", type_=table.c.attempts.type),
        **_FREE,
    )
)
_END = (
    update(table)
    .where(_THIS, PENDING)
    .values(
        state=bindparam("end", type_=table.c.state.type),
        error=bindparam("why", type_=table.c.error.type),
        attempts=func.coalesce(
            bindparam("made", type_=table.c.attempts.type), table.c.attempts
        ),
        **_FREE,
    )
)
_RESEND = (
    update(table)
    .where(_THIS)
    .values(
        state=DeliveryState.PENDING.value,
        due_at=bindparam("new_due_at", type_=UtcDateTime),
        stops_lane=False,
        remote_id="",
        attempts=0,
        first_attempt_at=None,
        error="",
        **_FREE,
    )
)
_COUNTS = select(table.c.state, func.count().label("rows")).group_by(table.c.state)
_GROUPED = table.c.group_key != literal_column("''")
_NOT_SENT_YET = table.c.lease_until.is_(None) | (table.c.message_id == "")
_GROUP = (
    select(table)
    .where(PENDING, table.c.group_key == bindparam("group"), _GROUPED, _NOT_SENT_YET)
    .order_by(table.c.id)
)
_DEAD = (
    select(table)
    .where(table.c.state == DeliveryState.DEAD.value)
    .order_by(table.c.id.desc())
    .limit(bindparam("limit"))
)


class Outbox:
    """The outbox, inside one unit of work."""

    def __init__(self, sql: Sql, blobs: Blobs, topics: set[str]) -> None:
        self._sql = sql
        self._topics = topics
        self._blobs = blobs
        self._signals = Signals(sql, topics)

    def put(self, rows: Sequence[NewDelivery]) -> int:
        """Add deliveries; a known ``key`` is passed over, whatever its state.

        One that grows says what the newest of its key says, until it leaves.

        Returns:
            how many were new, or grew.
        """
        added = 0
        for statement, is_growing in ((_PUT, False), (_GROW, True)):
            given = [_given(row) for row in rows if row.is_growing is is_growing]
            added += self._sql.run(statement, given) if given else 0
        if added:
            self._topics.update(map(_topic, rows))
        return added

    def get(self, key: DeliveryId) -> Delivery:
        """Return one row.

        Raises:
            NotFound: no such delivery.
        """
        row = self._sql.one(_GET, {"key_id": key})
        if row is None:
            raise NotFound("delivery", key)
        return self._delivery(row)

    def by_key(self, key: str) -> Delivery | None:
        """Return the row of an idempotency key, None when there is none."""
        row = self._sql.one(_BY_KEY, {"wanted": key})
        return None if row is None else self._delivery(row)

    def claim(
        self,
        worker: str,
        limit: int,
        lease: timedelta,
        now: datetime,
        channel: str = LETTERS,
    ) -> list[Delivery]:
        """Take up to ``limit`` letters of a channel that are due.

        Ordered by the instant they are due, then by age. A recipient whose
        delivery somebody holds is left out, so that his messages stay in order.
        """
        return self._claim(LETTERS_DUE, worker, limit, lease, now, channel)

    def claim_acts(
        self, worker: str, limit: int, lease: timedelta, now: datetime, channel: str
    ) -> list[Delivery]:
        """Take up to ``limit`` acts of chats that are due, one of each chat at most.

        The more pressing first. In a chat nothing overtakes what was put before it,
        what is tried again later included; what was put for a later hour holds up
        nothing. A chat of which somebody has an act in hand, or that may not be
        written to yet (``Paces``), is left out. Answers to presses are not among
        them: see ``claim_answers``.
        """
        return self._claim(ACTS_DUE, worker, limit, lease, now, channel)

    def claim_answers(
        self, worker: str, limit: int, lease: timedelta, now: datetime, channel: str
    ) -> list[Delivery]:
        """Take up to ``limit`` answers to presses (priority 0), which never wait."""
        return self._claim(ANSWERS_DUE, worker, limit, lease, now, channel)

    def _claim(
        self,
        leases: Leases,
        worker: str,
        limit: int,
        lease: timedelta,
        now: datetime,
        channel: str,
    ) -> list[Delivery]:
        facts = {"of_channel": channel}
        rows = leases.claim(self._sql, worker, limit, lease, now, facts)
        return [self._delivery(row, claims=row.claims + 1) for row in rows]

    def release(self, key: DeliveryId, worker: str) -> bool:
        """Give a claimed delivery back, uncounted; False when it is not held."""
        return LETTERS_DUE.release(self._sql, {"id": key}, worker)

    def prepared(self, key: DeliveryId, final: Prepared) -> None:
        """Store the final form, before the first attempt.

        Raises:
            Conflict: the delivery is no longer pending.
        """
        values = {
            "key_id": key,
            "message_id": final.message_id,
            "text": final.text.replace("\x00", ""),
            "sender": final.sender,
            "recipient": final.recipient,
            "at": final.at,
            **keep(self._blobs, final.content),
        }
        if self._sql.run(_PREPARED, values) != 1:
            raise Conflict(f"delivery {key} is not pending any more")

    def sent(self, key: DeliveryId, receipt: Receipt, words: str | None = None) -> None:
        """The service took it. Saying so twice is silent success.

        Args:
            key: the delivery.
            receipt: what the service called it, and when.
            words: what it said, plainly; None: as prepared.
        """
        words = None if words is None else words.replace("\x00", "")
        values = {
            "key_id": key,
            "remote_id": receipt.remote_id,
            "at": receipt.at,
            "words": words,
        }
        if self._sql.run(_SENT, values):
            self._signals.delivery(key)

    def retry(
        self,
        key: DeliveryId,
        due_at: datetime,
        error: str,
        attempts: int,
        first_at: datetime | None = None,
        *,
        stops_lane: bool = False,
        arrived: Sequence[str] = (),
    ) -> None:
        """Try again, not before ``due_at``.

        Args:
            key: the delivery.
            due_at: see ``azbot.delivery.retry``.
            error: one line for the agent.
            attempts: made so far, the failed one included.
            first_at: when the first attempt began, kept unless one is known: also
                what could not even be written out gives up in the end.
            stops_lane: what was put after it for the same chat waits for it.
            arrived: the service's names for the parts it took; none: as before.

        Raises:
            Conflict: the delivery is no longer pending.
        """
        values = {
            "new_due_at": due_at,
            "why": _line(error),
            "made": attempts,
            "first_at": first_at,
            "stops_lane": stops_lane,
            "arrived": " ".join(arrived) or None,
        }
        if self._sql.run(_RETRY, {"key_id": key, **values}) != 1:
            raise Conflict(f"delivery {key} is not pending any more")
        self._signals.delivery(key)

    def dead(self, key: DeliveryId, error: str, attempts: int | None = None) -> None:
        """Give up: a person will look.

        Args:
            key: the delivery.
            error: one line for the agent.
            attempts: made so far, the last one included; None: no other was made.

        Raises:
            Conflict: the delivery is no longer pending.
        """
        if not self._end(key, DeliveryState.DEAD, error, attempts):
            raise Conflict(f"delivery {key} is not pending any more")

    def cancel(self, key: DeliveryId, why: str = "") -> bool:
        """Let it never leave; False when it is not pending any more."""
        return self._end(key, DeliveryState.CANCELLED, why)

    def resend(self, key: DeliveryId, due_at: datetime) -> None:
        """Let it leave (again): same Message-ID and octets when it has them.

        Raises:
            NotFound: no such delivery.
        """
        if self._sql.run(_RESEND, {"key_id": key, "new_due_at": due_at}) != 1:
            raise NotFound("delivery", key)
        self._topics.update(("outbox", "acts"))
        self._signals.delivery(key)

    def counts(self) -> dict[DeliveryState, int]:
        """Return how many rows are in each state, zeros included."""
        found = {row.state: row.rows for row in self._sql.all(_COUNTS)}
        return {state: found.get(state.value, 0) for state in DeliveryState}

    def pending(self, group_key: str) -> list[Delivery]:
        """Return what waits in a group, oldest first; not what is being sent."""
        rows = self._sql.all(_GROUP, {"group": group_key})
        return [self._delivery(row) for row in rows]

    def behind(
        self, channel: str, chat: str, after: int = 0, limit: int = 1000
    ) -> list[Delivery]:
        """Return what waits for a chat behind one row, oldest first; 0: all."""
        values = {"of_channel": channel, "of_chat": chat}
        rows = self._sql.all(_BEHIND, {**values, "after": after, "limit": limit})
        return [self._delivery(row) for row in rows]

    def move(self, channel: str, chat: str, to: str) -> None:
        """Let what waits for a chat leave for another."""
        values = {"of_channel": channel, "of_chat": chat, "new_chat": to}
        self._sql.run(_MOVE, values)

    def dead_letters(self, limit: int = 100) -> list[Delivery]:
        """Return what was given up, newest first."""
        return [self._delivery(row) for row in self._sql.all(_DEAD, {"limit": limit})]

    def next_act(self, channel: str, now: datetime) -> datetime | None:
        """Return when what waits for a later hour is due, None when nothing does."""
        values = {"of_channel": channel, "now": now}
        due: datetime | None = self._sql.value(_NEXT_DUE_OF, values)
        return due

    def _end(
        self, key: DeliveryId, end: DeliveryState, why: str, made: int | None = None
    ) -> bool:
        values = {"key_id": key, "end": end.value, "why": _line(why), "made": made}
        has_ended = self._sql.run(_END, values) == 1
        if has_ended:
            self._signals.delivery(key)
        return has_ended

    def _delivery(self, row: Any, claims: int | None = None) -> Delivery:
        content = fetch(self._blobs, row.content, row.blob)
        return delivery(row, content, row.claims if claims is None else claims)


def delivery(row: Any, content: bytes | None, claims: int) -> Delivery:
    """Return one delivery from all columns of its row."""
    assistance, person = row.assistance_id, row.person_id
    return Delivery(
        id=DeliveryId(row.id),
        key=row.key,
        kind=row.kind,
        address=row.address,
        channel=row.channel,
        due_at=row.due_at,
        facts=decode(row.facts),
        files=tuple(decode(row.files)),
        assistance_id=None if assistance is None else AssistanceId(assistance),
        event_id=row.event_id,
        person=None if person is None else PersonId(person),
        is_optional=row.is_optional,
        language=row.language,
        group_key=row.group_key,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        first_attempt_at=row.first_attempt_at,
        claims=claims,
        error=row.error,
        message_id=row.message_id,
        sender=row.sender,
        recipient=row.recipient,
        text=row.text,
        content=content,
        remote_id=row.remote_id,
        sent_at=row.sent_at,
        priority=row.priority,
    )


def _given(new: NewDelivery) -> dict[str, Any]:
    return {
        "key": new.key,
        "assistance_id": new.assistance_id,
        "event_id": new.event_id,
        "kind": str(new.kind),
        "person_id": new.person,
        "address": new.address,
        "channel": new.channel,
        "language": new.language,
        "group_key": new.group_key,
        "is_optional": new.is_optional,
        "facts": encode(new.facts),
        "files": encode(new.files),
        "state": DeliveryState.PENDING.value,
        "due_at": new.due_at,
        "priority": new.priority,
    }


def _topic(new: NewDelivery) -> str:
    return "outbox" if new.channel == LETTERS else "acts"


def _line(words: str) -> str:
    return " ".join(words.replace("\x00", "").split())[:1000]
