"""The machine room: what came, what leaves, what waits, to look at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, func, or_, select

from azbot.errors import NotFound
from azbot.messages import RawId
from azbot.store.outbox import delivery
from azbot.store.queries import Health
from azbot.store.raw import ENTRY, raw_entry
from azbot.store.reader import Reader
from azbot.store.records import Delivery, DeliveryState, RawEntry, RawState
from azbot.store.schema import assistances, outbox, raw_messages, timers, uploads
from azbot.store.uploads import Arrival, arrival

LETTER = tuple(c for c in outbox.c if c.name not in ("content", "blob"))
"""What a delivery is without its octets."""

_LATELY = 2000
"""So many messages back each channel is looked for."""
_RECENT = (
    select(raw_messages.c.channel, raw_messages.c.received_at)
    .order_by(raw_messages.c.id.desc())
    .limit(_LATELY)
    .subquery()
)
_LAST_OF = select(_RECENT.c.channel, func.max(_RECENT.c.received_at)).group_by(
    _RECENT.c.channel
)
_IS_AT_HAND = ~exists(
    select(assistances.c.id).where(
        assistances.c.id == outbox.c.assistance_id,
        assistances.c.archived_at.is_not(None),
    )
)
_PENDING = outbox.c.state == DeliveryState.PENDING.value
_WAITING = select(
    func.count(), func.min(func.coalesce(outbox.c.first_attempt_at, outbox.c.due_at))
).where(_PENDING)
_UNSENT = (
    select(outbox.c.first_attempt_at, outbox.c.error)
    .where(
        _PENDING,
        outbox.c.channel == "email",
        outbox.c.first_attempt_at.is_not(None),
        # What is about the server begins so, what is about a letter does not.
        outbox.c.error.startswith("smtp "),
    )
    .order_by(outbox.c.first_attempt_at)
    .limit(1)
)


class MachineViews(Reader):
    """The part of ``Views`` about ledger, outbox and timers."""

    async def raw(self, key: RawId) -> RawEntry:
        """Return one line of the ledger.

        Raises:
            NotFound: no such message.
        """
        query = select(*ENTRY).where(raw_messages.c.id == key)
        row = await self._one(query)
        if row is None:
            raise NotFound("raw message", key)
        return raw_entry(row)

    async def raw_content(self, key: RawId) -> bytes:
        """Return the octets of a received message.

        Raises:
            NotFound: no such message, or its file is gone.
        """
        content = await self._octets(raw_messages, key)
        if content is None:
            raise NotFound("raw message", key)
        return content

    async def upload(self, key: str, at: datetime) -> Arrival:
        """Return a file on its way in; errors as ``Uploads.get``."""
        query = select(uploads).where(uploads.c.id == key, uploads.c.expires_at > at)
        row = await self._one(query)
        if row is None:
            raise NotFound("upload", key)
        return arrival(row)

    async def ledger(
        self,
        state: RawState | None = None,
        *,
        before: RawId | None = None,
        limit: int = 100,
    ) -> list[RawEntry]:
        """Return lines of the ledger, newest first.

        Args:
            state: ``QUARANTINED`` for what waits for a person; None for all.
            before: only older ones: the last of the page before.
            limit: at most so many.
        """
        query = select(*ENTRY).order_by(raw_messages.c.id.desc()).limit(limit)
        if state is not None:
            query = query.where(raw_messages.c.state == state.value)
        if before is not None:
            query = query.where(raw_messages.c.id < before)
        return [raw_entry(row) for row in await self._all(query)]

    async def outbox(
        self,
        state: DeliveryState | None = None,
        *,
        before: int | None = None,
        limit: int = 100,
    ) -> list[Delivery]:
        """Return deliveries without octets, newest first; ``DEAD`` for failures.

        Those about what is archived are left out, like what they are about.
        """
        query = select(*LETTER).where(_IS_AT_HAND).order_by(outbox.c.id.desc())
        query = query.limit(limit)
        if state is not None:
            query = query.where(outbox.c.state == state.value)
        if before is not None:
            query = query.where(outbox.c.id < before)
        return [delivery(row, None, row.claims) for row in await self._all(query)]

    async def next_due(self, topic: str) -> datetime | None:
        """Return when the next row of ``outbox`` or ``timers`` falls due."""
        query = select(func.min(timers.c.due_at))
        if topic == "outbox":
            query = select(func.min(outbox.c.due_at)).where(
                outbox.c.state == DeliveryState.PENDING.value
            )
        row = await self._one(query)
        return None if row is None else row[0]

    async def health(self, now: datetime) -> Health:
        """Return how the flow goes."""
        waiting = raw_messages.c.state == RawState.RECEIVED.value
        oldest = await self._one(
            select(raw_messages.c.id, raw_messages.c.received_at)
            .where(waiting)
            .order_by(raw_messages.c.id)
            .limit(1)
        )
        last = await self._one(
            select(raw_messages.c.received_at)
            .order_by(raw_messages.c.id.desc())
            .limit(1)
        )
        due = await self._one(
            select(func.min(outbox.c.due_at)).where(
                outbox.c.state == DeliveryState.PENDING.value, outbox.c.due_at <= now
            )
        )
        late = await self._one(select(func.count()).where(timers.c.due_at <= now))
        raw, letters = await self._by_state(raw_messages), await self._by_state(outbox)
        # A card drawn anew at the end of the day keeps nobody waiting until then; what
        # was tried waits even while it is left alone for a moment.
        is_tried = outbox.c.first_attempt_at.is_not(None)
        waiting_letters = await self._one(
            _WAITING.where(or_(outbox.c.due_at <= now, is_tried))
        )
        count, oldest_letter = waiting_letters or (0, None)
        return Health(
            last_received_at=last[0] if last else None,
            raw={state: raw.get(state.value, 0) for state in RawState},
            oldest_raw=(RawId(oldest[0]), oldest[1]) if oldest else None,
            outbox={state: letters.get(state.value, 0) for state in DeliveryState},
            oldest_due_at=due[0] if due else None,
            overdue_timers=late[0] if late else 0,
            last_of={row[0]: row[1] for row in await self._all(_LAST_OF)},
            outbox_waiting=count,
            oldest_waiting_at=oldest_letter,
            unsent=await self.unsent(),
        )

    async def unsent(self) -> tuple[datetime, str] | None:
        """Return since when the mail server takes no letters, and why; None: it does.

        What it said of one letter or one recipient does not count.
        """
        row = await self._one(_UNSENT)
        return None if row is None else (row[0], row[1])
