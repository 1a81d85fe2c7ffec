"""Who there is, to look at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, text

from azbot.errors import NotFound
from azbot.messages import PersonId
from azbot.store.people import WITH_ADDRESSES, people_in
from azbot.store.reader import Reader
from azbot.store.records import Person, PersonKind, StationEntry
from azbot.store.schema import (
    DECLINED,
    HELD_BY_A_STATION,
    addresses,
    assistances,
    missions,
    people,
    stations,
)
from azbot.store.stations import station_entry
from azbot.workflow.model import StationId, Status
from azbot.workflow.ranking import RECENT_FOR, Load


class PeopleViews(Reader):
    """The part of ``Views`` about people and stations."""

    async def person(self, key: PersonId) -> Person:
        """Return somebody, removed people included.

        Raises:
            NotFound: no such person.
        """
        found = await self._people(people.c.id == key)
        if not found:
            raise NotFound("person", key)
        return found[0]

    async def by_address(self, email: str) -> Person | None:
        """Return whose address this is, case ignored; None for a stranger."""
        owner = select(addresses.c.person_id).where(addresses.c.key == email.casefold())
        found = await self._people(people.c.id.in_(owner), people.c.is_active)
        return found[0] if found else None

    async def agents(self) -> list[Person]:
        """Return the active agents, oldest first."""
        kind = people.c.kind == PersonKind.AGENT.value
        return await self._people(kind, people.c.is_active)

    async def station(self, key: StationId) -> StationEntry:
        """Return a station.

        Raises:
            NotFound: no such station.
        """
        row = await self._one(select(stations).where(stations.c.id == key))
        if row is None:
            raise NotFound("station", key)
        return station_entry(row)

    async def stations(self) -> list[StationEntry]:
        """Return every station, by company."""
        query = select(stations).order_by(stations.c.company, stations.c.id)
        return [station_entry(row) for row in await self._all(query)]

    async def contacts_of(
        self, keys: Iterable[StationId]
    ) -> dict[StationId, list[Person]]:
        """Return the active contacts of stations, oldest first, in one statement."""
        found: dict[StationId, list[Person]] = {key: [] for key in keys}
        if found:
            wanted = people.c.station_id.in_(sorted(found))
            for each in await self._people(wanted, people.c.is_active):
                if each.station is not None:
                    found[each.station].append(each)
        return found

    async def station_loads(self, now: datetime) -> dict[StationId, Load]:
        """Return what each station has in hand, and what it declined lately.

        A mission counts until its work is done: proposed while the assistance is
        assigned, accepted while it is under way. Stations with nothing are left out.

        Args:
            now: refusals of missions proposed within ``RECENT_FOR`` before it count.
        """
        it, mission = assistances.c, missions.c
        proposed = func.count().filter(it.status == Status.ASSIGNED.value)
        accepted = func.count().filter(it.status == Status.UNDERWAY.value)
        in_hand = await self._all(
            select(it.station_id, proposed, accepted)
            # Written as in the index, or SQLite does not know that it may use it.
            .where(text(HELD_BY_A_STATION), it.station_id.is_not(None))
            .group_by(it.station_id)
        )
        declined = await self._all(
            select(mission.station_id, func.count())
            .where(text(DECLINED), mission.proposed_at >= now - RECENT_FOR)
            .group_by(mission.station_id)
        )
        refused = {row[0]: row[1] for row in declined}
        busy = {row[0]: (row[1], row[2]) for row in in_hand}
        return {
            StationId(key): Load(*busy.get(key, (0, 0)), refused.get(key, 0))
            for key in busy.keys() | refused.keys()
        }

    async def _people(self, *where: ColumnElement[bool]) -> list[Person]:
        """Return people with their addresses, in one statement."""
        return people_in(await self._all(WITH_ADDRESSES.where(*where)))
