"""What people outside the desk look at: their assistances, whether a link lives.

A line of their list says less than one of the desk: no note, no date that the desk has
not agreed to (R105, ux.md C15).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from azbot.messages import PersonId
from azbot.store.codec import decode_assistance
from azbot.store.filters import IS_AT_HAND, seen_by
from azbot.store.reader import Reader
from azbot.store.revocations import ends
from azbot.store.schema import assistances, events, readings, revocations
from azbot.workflow.model import Assistance, AssistanceId, Role, StationId


@dataclass(frozen=True, slots=True)
class Told:
    """What the desk wrote to somebody.

    Attributes:
        messages: how many of the desk there are.
        seen: how many of them the reader has seen.
    """

    messages: int = 0
    seen: int = 0

    @property
    def unread(self) -> int:
        """How many are new to them."""
        return max(self.messages - self.seen, 0)


class VisitorViews(Reader):
    """The part of ``Views`` for clients and stations."""

    async def revoked_before(
        self, person: PersonId, assistance: AssistanceId
    ) -> datetime | None:
        """Return until when links about an assistance must have left to be dead."""
        query = select(func.max(revocations.c.before).label("before"))
        row = await self._one(query.where(*ends(person, assistance)))
        return None if row is None else row.before

    async def states(
        self, keys: Iterable[AssistanceId]
    ) -> Mapping[AssistanceId, Assistance]:
        """Return states by number, in one statement; unknown ones are left out."""
        wanted = sorted(set(keys))
        if not wanted:
            return {}
        it = assistances.c
        query = select(it.id, it.state).where(it.id.in_(wanted), IS_AT_HAND)
        rows = await self._all(query)
        return {AssistanceId(r.id): decode_assistance(r.state) for r in rows}

    async def told(
        self, person: PersonId, keys: Iterable[AssistanceId]
    ) -> Mapping[AssistanceId, Told]:
        """Return what the desk wrote about some assistances, and what of it is new.

        Those nothing was written about are left out.
        """
        wanted = sorted(set(keys))
        if not wanted:
            return {}
        line, read = events.c, readings.c
        count = select(line.assistance_id, func.count().label("messages"))
        count = count.where(
            line.assistance_id.in_(wanted),
            line.kind == "MessageAdded",
            ~line.is_internal,
            line.role.in_([Role.AGENT.value, Role.ADMIN.value]),
        ).group_by(line.assistance_id)
        seen = select(read.assistance_id, read.inbound).where(
            read.person_id == person, read.assistance_id.in_(wanted)
        )
        known = {row.assistance_id: row.inbound for row in await self._all(seen)}
        return {
            AssistanceId(row.assistance_id): Told(
                row.messages, known.get(row.assistance_id, 0)
            )
            for row in await self._all(count)
        }

    async def stations_of(self, person: PersonId) -> Mapping[StationId, str]:
        """Return the stations of somebody's assistances, for a filter (R31)."""
        it = assistances.c
        query = (
            select(it.station_id, func.max(it.station).label("company"))
            .where(it.id.in_(seen_by(person)), it.station_id.is_not(None), IS_AT_HAND)
            .group_by(it.station_id)
        )
        rows = await self._all(query)
        return {StationId(row.station_id): row.company for row in rows}
