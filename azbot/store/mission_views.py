"""What a station looks at: its missions, and what was done at an address before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Select, select, text

from azbot.store.codec import decode_assistance
from azbot.store.filters import IS_AT_HAND
from azbot.store.reader import Reader
from azbot.store.schema import HELD_BY_A_STATION, VISITED_SITE, assistances
from azbot.workflow.model import Assistance, AssistanceId, StationId

_MOST_MISSIONS = 300
_MOST_EARLIER = 20


class MissionViews(Reader):
    """The part of ``Views`` about the work of stations."""

    async def missions_of(self, station: StationId) -> list[Assistance]:
        """Return what a station has in hand, oldest first, 300 at most.

        A mission counts until its work is done; see ``station_loads``.
        """
        rows = await self._all(held_by(station))
        return [decode_assistance(row.state) for row in rows]

    async def earlier_at_site(self, here: Assistance) -> list[Assistance]:
        """Return the others at the same address that were visited, newest first.

        Two spellings of an address are one (``forms.places.site_key``). At most 20.
        """
        rows = await self._all(visited_where(here.id))
        return [decode_assistance(row.state) for row in rows]


def held_by(station: StationId | BindParameter[Any]) -> Select[Any]:
    """Return the query of what a station has in hand."""
    it = assistances.c
    return (
        select(it.state)
        # Written as in the index, or SQLite does not know that it may use it.
        .where(text(HELD_BY_A_STATION), it.station_id == station)
        .order_by(it.id)
        .limit(_MOST_MISSIONS)
    )


def visited_where(here: AssistanceId) -> Select[Any]:
    """Return the query of what was visited at the address of an assistance."""
    there, it = assistances.c, assistances.alias("here").c
    same = select(it.site).where(it.id == here).scalar_subquery()
    return (
        select(there.state)
        .where(text(VISITED_SITE), there.site == same, there.id != here)
        .where(IS_AT_HAND)
        .order_by(there.opened_at.desc())
        .limit(_MOST_EARLIER)
    )
