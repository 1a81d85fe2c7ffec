"""What a station looks at: its missions, and what was done at an address before."""

from __future__ import annotations

from sqlalchemy import select, text

from azbot.store.codec import decode_assistance
from azbot.store.reader import Reader
from azbot.store.schema import HELD_BY_A_STATION, VISITED_SITE, assistances
from azbot.workflow.model import Assistance, StationId

_MOST_MISSIONS = 300
_MOST_EARLIER = 20


class MissionViews(Reader):
    """The part of ``Views`` about the work of stations."""

    async def missions_of(self, station: StationId) -> list[Assistance]:
        """Return what a station has in hand, oldest first, 300 at most.

        A mission counts until its work is done; see ``station_loads``.
        """
        it = assistances.c
        query = (
            select(it.state)
            # Written as in the index, or SQLite does not know that it may use it.
            .where(text(HELD_BY_A_STATION), it.station_id == station)
            .order_by(it.id)
            .limit(_MOST_MISSIONS)
        )
        return [decode_assistance(row.state) for row in await self._all(query)]

    async def earlier_at_site(self, here: Assistance) -> list[Assistance]:
        """Return the others at the same address that were visited, newest first.

        Two spellings of an address are one (``forms.places.site_key``). At most 20.
        """
        it = assistances.c
        same = select(it.site).where(it.id == here.id).scalar_subquery()
        query = (
            select(it.state)
            .where(text(VISITED_SITE), it.site == same, it.id != here.id)
            .order_by(it.opened_at.desc())
            .limit(_MOST_EARLIER)
        )
        return [decode_assistance(row.state) for row in await self._all(query)]
