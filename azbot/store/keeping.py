"""What is kept about somebody: for whoever asks for it, and for its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, exists, func, select, update

from azbot.errors import NotFound
from azbot.messages import PersonId
from azbot.store.forgetting import EMPTIED
from azbot.store.lapsing import HAS_LAPSED, TAKES_PART, part
from azbot.store.octets import fetch
from azbot.store.records import Direction, RawState
from azbot.store.schema import (
    UtcDateTime,
    assistances,
    outbox,
    people,
    raw_messages,
)
from azbot.store.unit_of_work import UnitOfWork
from azbot.workflow.anonymous import GONE
from azbot.workflow.model import AssistanceId

_KEY = bindparam("key", type_=assistances.c.id.type)
_BEFORE = bindparam("before", type_=UtcDateTime)
_CAME = (
    select(
        raw_messages.c.id,
        raw_messages.c.channel,
        raw_messages.c.received_at,
        raw_messages.c.sender,
        raw_messages.c.content,
        raw_messages.c.blob,
    )
    .where(raw_messages.c.assistance_id == _KEY)
    .order_by(raw_messages.c.id)
)
_LEFT = (
    select(
        outbox.c.id,
        outbox.c.channel,
        outbox.c.sent_at,
        outbox.c.address,
        outbox.c.person_id,
        outbox.c.text,
        outbox.c.content,
        outbox.c.blob,
    )
    .where(outbox.c.assistance_id == _KEY, outbox.c.sent_at.is_not(None))
    .order_by(outbox.c.id)
)
_WROTE = exists(select(part.c.id).where(TAKES_PART))
_LAPSED = (
    select(people.c.id)
    .where(HAS_LAPSED, people.c.name != GONE, _WROTE)
    .order_by(people.c.id)
)
# What was never anybody's assistance: set aside, refused, of robots.
_STALE = and_(
    raw_messages.c.assistance_id.is_(None),
    raw_messages.c.state != RawState.RECEIVED.value,
    raw_messages.c.received_at < _BEFORE,
    func.length(raw_messages.c.sender) > 0,
)
_EMPTY_STALE = update(raw_messages).where(_STALE).values({**EMPTIED, "lane": ""})


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it came or left.

    Attributes:
        number: in its ledger.
        other: whom it came from or went to, as the service names them.
        octets: None when they are gone.
    """

    number: int
    direction: Direction
    channel: str
    at: datetime
    other: str
    person: PersonId | None
    octets: bytes | None


def letters(uow: UnitOfWork, key: AssistanceId) -> Iterator[Letter]:
    """Yield what came about an assistance, then what left."""
    for row in uow.sql.all(_CAME, {"key": key}):
        octets = _octets(uow, row.content, row.blob)
        yield Letter(
            row.id, Direction.IN, row.channel, row.received_at, row.sender, None, octets
        )
    for row in uow.sql.all(_LEFT, {"key": key}):
        octets = _octets(uow, row.content, row.blob) or row.text.encode() or None
        who = None if row.person_id is None else PersonId(row.person_id)
        yield Letter(
            row.id, Direction.OUT, row.channel, row.sent_at, row.address, who, octets
        )


def _octets(uow: UnitOfWork, content: bytes | None, blob: str | None) -> bytes | None:
    try:
        return fetch(uow.blobs, content, blob) or None
    except NotFound:
        return None


def lapsed(uow: UnitOfWork, before: datetime) -> list[PersonId]:
    """Return the clients nothing of whom stirred since an instant, oldest first.

    An assistance that is open keeps everybody who takes part in it.
    """
    return [PersonId(row.id) for row in uow.sql.all(_LAPSED, {"before": before})]


def empty_stale(uow: UnitOfWork, before: datetime) -> int:
    """Empty messages that were nobody's and are older; return how many."""
    return uow.sql.run(_EMPTY_STALE, {"before": before})
