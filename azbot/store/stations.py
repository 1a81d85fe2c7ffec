"""The field partners."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, select, update

from azbot.errors import NotFound
from azbot.store.codec import decode, encode
from azbot.store.people import People
from azbot.store.records import NewPerson, PersonKind, StationEntry
from azbot.store.schema import stations as table
from azbot.store.sql import Sql
from azbot.workflow.model import Station, StationId

_VALUES = {
    c.name: bindparam(f"v_{c.name}", type_=c.type) for c in table.c if c.name != "id"
}
_ADD = insert(table).values(_VALUES).returning(table.c.id)
_UPDATE = update(table).where(table.c.id == bindparam("key")).values(_VALUES)
_GET = select(table).where(table.c.id == bindparam("key"))
_LIST = select(table).order_by(table.c.company, table.c.id)


class Stations:
    """The stations, inside one unit of work."""

    def __init__(self, sql: Sql, people: People) -> None:
        self._sql = sql
        self._people = people

    def add(
        self,
        company: str,
        email: str,
        *,
        phone: str = "",
        zones: tuple[str, ...] = (),
        zone_name: str = "Europe/Paris",
        speciality: str = "",
        language: str = "fr",
    ) -> StationEntry:
        """Add a station and its contact, who is reached at its address.

        Raises:
            Conflict: the address belongs to somebody already.
        """
        station = Station(StationId(0), company, email, phone, zones, zone_name)
        entry = StationEntry(station, speciality)
        key = StationId(self._sql.value(_ADD, _row(entry)))
        contact = self._people.add(
            NewPerson(
                PersonKind.STATION,
                (email,),
                company=company,
                phones=(phone,) if phone else (),
                language=language,
                station=key,
                is_verified=True,
            )
        )
        self._people.trust_phones(contact.id, contact.phones)
        return self.get(key)

    def get(self, key: StationId) -> StationEntry:
        """Return a station.

        Raises:
            NotFound: no such station.
        """
        row = self._sql.one(_GET, {"key": key})
        if row is None:
            raise NotFound("station", key)
        return station_entry(row)

    def all(self) -> list[StationEntry]:
        """Return every station, by company."""
        return [station_entry(row) for row in self._sql.all(_LIST)]

    def update(self, entry: StationEntry) -> StationEntry:
        """Store every field of a known station; its people stay as they are.

        Raises:
            NotFound: no such station.
        """
        if self._sql.run(_UPDATE, {**_row(entry), "key": entry.station.id}) != 1:
            raise NotFound("station", entry.station.id)
        return entry


def station_entry(row: Any) -> StationEntry:
    """Return a station from all columns of its row."""
    station = Station(
        id=StationId(row.id),
        company=row.company,
        email=row.email,
        phone=row.phone,
        zones=tuple(decode(row.zones)),
        zone_name=row.zone_name,
    )
    return StationEntry(station, row.speciality, row.is_active)


def _row(entry: StationEntry) -> dict[str, Any]:
    station = entry.station
    return {
        "v_company": station.company.replace("\x00", ""),
        "v_email": station.email,
        "v_phone": station.phone,
        "v_zones": encode(station.zones),
        "v_zone_name": station.zone_name,
        "v_speciality": entry.speciality.replace("\x00", ""),
        "v_is_active": entry.is_active,
    }
