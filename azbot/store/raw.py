"""The ledger: messages exactly as received, and what became of each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, text, update

from azbot.errors import Conflict, NotFound
from azbot.messages import RawId, RawMessage, Reason
from azbot.ports import Blobs
from azbot.store.leases import Leases
from azbot.store.octets import fetch, keep
from azbot.store.records import ClaimedRaw, RawEntry, RawOutcome, RawState
from azbot.store.schema import raw_messages as table
from azbot.store.signals import Signals
from azbot.store.sql import Sql
from azbot.workflow.model import AssistanceId

MOST_CLAIMS = 8
"""A message whose worker died this often is set aside for a person."""

_GIVEN = (
    "channel", "source", "position", "received_at", "size", "lane", "sha256",
    "state", "blob", "content",
)  # fmt: skip
_ACCEPT = text(
    f"INSERT INTO raw_messages ({', '.join(_GIVEN)})"  # noqa: S608 - our own names
    f" VALUES ({', '.join(':' + name for name in _GIVEN)})"
    " ON CONFLICT (source, position) DO NOTHING"
).bindparams(*(bindparam(name, type_=table.c[name].type) for name in _GIVEN))
_POSITION = select(func.max(table.c.position)).where(
    table.c.source == bindparam("source")
)
_LATEST = (
    select(table.c.source, table.c.received_at)
    .where(func.substr(table.c.source, 1, bindparam("length")) == bindparam("prefix"))
    .order_by(table.c.id.desc())
    .limit(1)
)
_CLAIMED = (
    table.c.id, table.c.channel, table.c.source, table.c.position,
    table.c.received_at, table.c.size, table.c.lane, table.c.claims,
    table.c.content,
)  # fmt: skip
_RECEIVED = table.c.state == literal_column("'received'")
_READY = _RECEIVED & (table.c.channel == bindparam("of_channel"))
_LEASES = Leases(table, _READY, (table.c.id,), _CLAIMED)
_LANES = Leases(
    table,
    _READY,
    (table.c.id,),
    _CLAIMED,
    lane=(table.c.channel, table.c.lane),
    alive=RawState.RECEIVED.value,
)
_CONTENT = select(table.c.content, table.c.blob).where(table.c.id == bindparam("key"))
_OUTCOME = (
    "state", "reason", "detail", "assistance_id", "fingerprint", "message_id",
    "sender", "subject",
)  # fmt: skip
_FINISH = (
    update(table)
    .where(table.c.id == bindparam("key"), _RECEIVED)
    .values(
        claims=0,
        leased_by=None,
        lease_until=None,
        **{name: bindparam(name, type_=table.c[name].type) for name in _OUTCOME},
    )
)
_SEEN = select(table.c.id).where(
    table.c.fingerprint == bindparam("fingerprint"),
    table.c.state != literal_column("'received'"),
    table.c.state != literal_column("'duplicate'"),
)
_RESET = (
    update(table)
    .where(table.c.id == bindparam("key"))
    .values(
        state=RawState.RECEIVED.value,
        reason=None,
        detail="",
        claims=0,
        leased_by=None,
        lease_until=None,
    )
)
ENTRY = tuple(c for c in table.c if c.name not in ("content", "blob"))
"""What ``raw_entry`` needs of a row."""
_ENTRY = select(*ENTRY).where(table.c.id == bindparam("key"))
_QUARANTINED = (
    select(*ENTRY)
    .where(table.c.state == RawState.QUARANTINED.value)
    .order_by(table.c.id.desc())
    .limit(bindparam("limit"))
)
_TO_BE_FILED = (
    select(*ENTRY)
    .where(
        table.c.sender == bindparam("from"),
        table.c.sender != literal_column("''"),
        table.c.state == literal_column("'quarantined'"),
        table.c.reason == Reason.TO_BE_FILED.value,
    )
    .order_by(table.c.id)
)


class RawLedger:
    """The ledger, inside one unit of work."""

    def __init__(self, sql: Sql, blobs: Blobs, topics: set[str]) -> None:
        self._sql = sql
        self._topics = topics
        self._blobs = blobs
        self._signals = Signals(sql, topics)

    def accept(self, messages: Sequence[RawMessage]) -> int:
        """Store messages; one whose (source, position) is known is passed over.

        Returns:
            how many were new.
        """
        rows = [self._given(message) for message in messages]
        added = self._sql.run(_ACCEPT, rows) if rows else 0
        if added:
            self._topics.add("raw")
        return added

    def position(self, source: str) -> int:
        """Return the highest position stored from ``source``, 0 when none."""
        return int(self._sql.value(_POSITION, {"source": source}) or 0)

    def latest(self, prefix: str) -> tuple[str, datetime] | None:
        """Return the source of the newest message whose source begins so, and when."""
        row = self._sql.one(_LATEST, {"prefix": prefix, "length": len(prefix)})
        return None if row is None else (row.source, row.received_at)

    def claim(
        self,
        worker: str,
        limit: int,
        lease: timedelta,
        now: datetime,
        channel: str = "email",
        *,
        by_lane: bool = False,
    ) -> list[ClaimedRaw]:
        """Take up to ``limit`` received messages of a channel, oldest first.

        By lane, messages of a lane of which somebody holds one are left out: several
        workers share the lanes, and each lane keeps its order.

        What was claimed ``MOST_CLAIMS`` times without an outcome kills its workers:
        it is quarantined as ``CRASHED`` instead of being given again.
        """
        given = []
        leases, facts = _LANES if by_lane else _LEASES, {"of_channel": channel}
        for row in leases.claim(self._sql, worker, limit, lease, now, facts):
            if row.claims >= MOST_CLAIMS:
                outcome = RawOutcome(
                    RawState.QUARANTINED,
                    Reason.CRASHED,
                    f"{row.claims} attempts ended without an answer",
                )
                self.finish(RawId(row.id), outcome)
            else:
                given.append(_claimed(row))
        return given

    def extend(self, key: RawId, worker: str, lease: timedelta, now: datetime) -> bool:
        """Hold a claimed message longer; False when the lease was lost."""
        return _LEASES.extend(self._sql, {"id": key}, worker, lease, now)

    def release(self, key: RawId, worker: str) -> bool:
        """Give a claimed message back, uncounted: the store was away, say."""
        return _LEASES.release(self._sql, {"id": key}, worker)

    def content(self, key: RawId) -> bytes:
        """Return the octets.

        Raises:
            NotFound: no such message, or its file is gone.
        """
        row = self._sql.one(_CONTENT, {"key": key})
        content = row and fetch(self._blobs, row.content, row.blob)
        if content is None:
            raise NotFound("raw message", key)
        return content

    def get(self, key: RawId) -> RawEntry:
        """Return one line of the ledger.

        Raises:
            NotFound: no such message.
        """
        row = self._sql.one(_ENTRY, {"key": key})
        if row is None:
            raise NotFound("raw message", key)
        return raw_entry(row)

    def finish(self, key: RawId, outcome: RawOutcome) -> None:
        """Say what became of a message, in the unit of work that applies it.

        Raises:
            Conflict: it has an outcome already (another worker was faster), or
                another message of this fingerprint was finished meanwhile: roll
                back, look at ``seen`` again.
        """
        if self._sql.run(_FINISH, {"key": key, **_outcome(outcome)}) != 1:
            raise Conflict(f"raw message {key} is not waiting any more")
        if outcome.state is RawState.QUARANTINED:
            self._signals.ledger()

    def seen(self, fingerprint: str) -> RawId | None:
        """Return the finished message of this fingerprint, duplicates apart."""
        number = self._sql.value(_SEEN, {"fingerprint": fingerprint})
        return None if number is None else RawId(number)

    def reset(self, key: RawId) -> None:
        """Let a message be worked on again (replay).

        Raises:
            NotFound: no such message.
        """
        if self._sql.run(_RESET, {"key": key}) != 1:
            raise NotFound("raw message", key)
        self._topics.add("raw")
        # It may have waited for a person: who decides resets it first.
        self._signals.ledger()

    def quarantined(self, limit: int = 100) -> list[RawEntry]:
        """Return what waits for a person, newest first."""
        rows = self._sql.all(_QUARANTINED, {"limit": limit})
        return [raw_entry(row) for row in rows]

    def to_be_filed(self, sender: str) -> list[RawEntry]:
        """Return what waits until its writer says where it belongs, oldest first."""
        rows = self._sql.all(_TO_BE_FILED, {"from": sender.casefold()})
        return [raw_entry(row) for row in rows]

    def _given(self, message: RawMessage) -> dict[str, Any]:
        return {
            "channel": message.channel,
            "source": message.source,
            "position": message.position,
            "received_at": message.received_at,
            "size": message.size,
            "lane": message.lane,
            "sha256": hashlib.sha256(message.content).hexdigest(),
            "state": RawState.RECEIVED.value,
            **keep(self._blobs, message.content),
        }


def raw_entry(row: Any) -> RawEntry:
    """Return one line of the ledger from its columns ``ENTRY``."""
    return RawEntry(
        id=RawId(row.id),
        channel=row.channel,
        source=row.source,
        position=row.position,
        received_at=row.received_at,
        size=row.size,
        sha256=row.sha256,
        claims=row.claims,
        outcome=RawOutcome(
            state=RawState(row.state),
            reason=Reason(row.reason) if row.reason else None,
            detail=row.detail,
            assistance_id=None
            if row.assistance_id is None
            else AssistanceId(row.assistance_id),
            fingerprint=row.fingerprint,
            message_id=row.message_id,
            sender=row.sender,
            subject=row.subject,
        ),
        lane=row.lane,
    )


def _claimed(row: Any) -> ClaimedRaw:
    return ClaimedRaw(
        id=RawId(row.id),
        channel=row.channel,
        source=row.source,
        position=row.position,
        received_at=row.received_at,
        size=row.size,
        lane=row.lane,
        claims=row.claims + 1,
        content=None if row.content is None else bytes(row.content),
    )


def _outcome(outcome: RawOutcome) -> dict[str, Any]:
    return {
        "state": outcome.state.value,
        "reason": outcome.reason.value if outcome.reason else None,
        "detail": outcome.detail.replace("\x00", "")[:2000],
        "assistance_id": outcome.assistance_id,
        "fingerprint": outcome.fingerprint,
        "message_id": outcome.message_id.replace("\x00", "")[:998],
        "sender": outcome.sender.replace("\x00", "").casefold()[:320],
        "subject": outcome.subject.replace("\x00", "")[:255],
    }
