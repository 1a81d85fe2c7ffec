"""State and version: the aggregate as one document, its filters as columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Update,
    bindparam,
    case,
    column,
    insert,
    select,
    text,
    update,
)

from azbot.errors import Archived, Conflict, NotFound
from azbot.messages import PersonId
from azbot.store.codec import decode_assistance
from azbot.store.filters import IS_AT_HAND, IS_OPEN, seen_by
from azbot.store.mission_views import held_by
from azbot.store.projection import changes, mission_row, row_of, says_the_same, words_of
from azbot.store.schema import assistances as table
from azbot.store.schema import companions, missions, people
from azbot.store.search import Search
from azbot.store.sql import Sql
from azbot.workflow.model import (
    Assistance,
    AssistanceId,
    AssistanceRef,
    StationId,
    Status,
)

_COUNTRY = re.compile("[A-Z]{2}")
_JOIN = insert(companions).values(
    {c.name: bindparam(c.name, type_=c.type) for c in companions.c}
)
_STATE = select(table.c.state, table.c.archived_at)
_GET = _STATE.where(table.c.id == bindparam("key")).with_for_update()
_BY_REF = _STATE.where(table.c.ref == bindparam("key")).with_for_update()
_HELD = held_by(bindparam("station"))
_IN_HAND = _HELD.with_only_columns(table.c.id)
_PEEK = _STATE.where(table.c.id == bindparam("key"))
_SEEN = (
    _STATE.where(table.c.id.in_(seen_by(bindparam("person"))), IS_AT_HAND)
    .order_by(case((IS_OPEN, 0), else_=1), table.c.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_GLIMPSES = _SEEN.with_only_columns(table.c.id, table.c.status, table.c.closed_at)
_ASKED_BY = (
    _STATE.where(table.c.requester_id == bindparam("person"), IS_AT_HAND)
    .order_by(table.c.opened_at.desc(), table.c.id.desc())
    .limit(bindparam("most", type_=table.c.version.type))
)
_ADD = insert(table).values(
    {
        c.name: bindparam(c.name, type_=c.type)
        for c in table.c
        if c.name != "archived_at"
    }
)
_REQUESTER = select(people.c.folded).where(people.c.id == bindparam("key"))
_NEVER_CHANGES = ("id", "ref", "opened_at")
_NEXT_ID = text(
    "INSERT INTO identities (name, last) VALUES ('assistance', 1)"
    " ON CONFLICT (name) DO UPDATE SET last = identities.last + 1 RETURNING last"
).columns(column("last", table.c.id.type))
_NEXT_REF = text(
    "INSERT INTO reference_counters (country, year, last) VALUES (:country, :year, 1)"
    " ON CONFLICT (country, year)"
    " DO UPDATE SET last = reference_counters.last + 1 RETURNING last"
).columns(column("last", table.c.version.type))
_PUT_MISSION = text(
    "INSERT INTO missions (assistance_id, number, station_id, status, proposed_at,"
    " answered_at, refusal) VALUES (:assistance_id, :number, :station_id, :status,"
    " :proposed_at, :answered_at, :refusal)"
    " ON CONFLICT (assistance_id, number) DO UPDATE SET status = excluded.status,"
    " answered_at = excluded.answered_at, refusal = excluded.refusal"
).bindparams(
    *(bindparam(c.name, type_=c.type) for c in missions.c if c.name.endswith("_at"))
)


@cache
def _save(columns: frozenset[str]) -> Update:
    """Return an update of these columns alone.

    SQLite rewrites the index of every column that is set, changed or not.
    """
    return (
        update(table)
        .where(table.c.id == bindparam("key"), table.c.version == bindparam("was"))
        .values({name: bindparam(name, type_=table.c[name].type) for name in columns})
    )


def reference_of(country: str, year: int, number: int) -> AssistanceRef:
    """Return a public reference, ``ASFR26000184`` (R37).

    Args:
        country: two capital letters.
        year: four digits.
        number: counts from 1 in this country and year.
    """
    return AssistanceRef(f"AS{country}{year % 100:02d}{number:06d}")


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is known of an assistance before it is read."""

    id: AssistanceId
    status: Status
    closed_at: datetime | None


class Assistances:
    """The assistances, inside one unit of work.

    What somebody takes part in is asked by each room of a chat in turn: it is known
    until an assistance is saved here.
    """

    def __init__(self, sql: Sql, search: Search) -> None:
        self._sql = sql
        self._search = search
        self._known: dict[AssistanceId, Assistance] = {}
        self._seen: dict[tuple[PersonId, int], tuple[Glimpse, ...]] = {}

    def new_identity(
        self, country: str, year: int
    ) -> tuple[AssistanceId, AssistanceRef]:
        """Return the next internal number and the next reference (R37, R179).

        Counters belong to country and year; a unit of work that rolls back gives
        both numbers back, so there is neither a hole nor a double.

        Args:
            country: two capital letters.
            year: four digits.

        Raises:
            ValueError: ``country`` is not two capital letters.
        """
        if not _COUNTRY.fullmatch(country):
            raise ValueError(f"{country!r} is not a country code")
        number = self._sql.value(_NEXT_REF, {"country": country, "year": year})
        key = self._sql.value(_NEXT_ID)
        return AssistanceId(key), reference_of(country, year, number)

    def add(self, it: Assistance) -> Assistance:
        """Store a new one under the identity it carries.

        Returns:
            the stored value; its version is one more than given.

        Raises:
            Conflict: the id or the reference exists.
        """
        stored = replace(it, version=it.version + 1)
        self._sql.run(_ADD, row_of(stored))
        self._follow(stored)
        return stored

    def get(self, key: AssistanceId, *, from_archive: bool = False) -> Assistance:
        """Return the state, locked until the unit of work ends (PostgreSQL).

        Args:
            key: its number.
            from_archive: it may have left everyday work: for what people may ask for
                of their own data, and for its end.

        Raises:
            NotFound: no such assistance; ``Archived``: it has left everyday work.
        """
        return self._load(self._sql.one(_GET, {"key": key}), key, from_archive)

    def by_ref(self, ref: AssistanceRef, *, from_archive: bool = False) -> Assistance:
        """Return the state of a public reference; otherwise as ``get``."""
        return self._load(self._sql.one(_BY_REF, {"key": ref}), ref, from_archive)

    def held_by(self, station: StationId) -> list[Assistance]:
        """Return what a station has in hand, oldest first, 300 at most."""
        rows = self._sql.all(_HELD, {"station": station})
        return [decode_assistance(row.state) for row in rows]

    def in_hand(self, station: StationId) -> tuple[AssistanceId, ...]:
        """Return the numbers of the same as ``held_by``."""
        rows = self._sql.all(_IN_HAND, {"station": station})
        return tuple(AssistanceId(row.id) for row in rows)

    def peek(self, key: AssistanceId) -> Assistance:
        """Return the state to be shown: nothing is locked, and it is never saved.

        Raises:
            NotFound: no such assistance; ``Archived``: it has left everyday work.
        """
        return decode_assistance(_found(self._sql.one(_PEEK, {"key": key}), key))

    def seen_by(self, person: PersonId, limit: int, offset: int) -> list[Assistance]:
        """Return what a client takes part in to be shown: open ones, the newest first.

        Args:
            person: asked for it, is on site, or was let in.
            limit: at most so many.
            offset: how many are passed over.
        """
        values = {"person": person, "limit": limit, "offset": offset}
        rows = self._sql.all(_SEEN, values)
        return [decode_assistance(row.state) for row in rows]

    def glimpses(self, person: PersonId, limit: int) -> tuple[Glimpse, ...]:
        """Return the same as ``seen_by``, without reading what each one says."""
        asked = (person, limit)
        if asked not in self._seen:
            values = {"person": person, "limit": limit, "offset": 0}
            self._seen[asked] = tuple(
                Glimpse(AssistanceId(row.id), Status(row.status), row.closed_at)
                for row in self._sql.all(_GLIMPSES, values)
            )
        return self._seen[asked]

    def asked_by(self, person: PersonId, most: int) -> list[Assistance]:
        """Return what somebody asked for last, the newest first; to look at only."""
        rows = self._sql.all(_ASKED_BY, {"person": person, "most": most})
        return [decode_assistance(row.state) for row in rows]

    def save(self, it: Assistance) -> Assistance:
        """Store the next state of one that was read before.

        Returns:
            the stored value; its version is one more than given.

        Raises:
            Conflict: it changed since it was read, or does not exist.
        """
        stored = replace(it, version=it.version + 1)
        row = self._changed(stored)
        statement = _save(frozenset(row))
        if self._sql.run(statement, {**row, "key": it.id, "was": it.version}) != 1:
            raise Conflict(f"{it.ref} is no longer at version {it.version}")
        self._follow(stored)
        return stored

    def _load(self, row: Any, key: object, from_archive: bool) -> Assistance:  # noqa: FBT001
        it = decode_assistance(_found(row, key, from_archive=from_archive))
        self._known[it.id] = it
        return it

    def _changed(self, it: Assistance) -> dict[str, Any]:
        """Return the columns that differ from what this unit of work read."""
        known = self._known.get(it.id)
        if known is not None:
            return changes(known, it)
        row = row_of(it)
        return {name: row[name] for name in row if name not in _NEVER_CHANGES}

    def _follow(self, it: Assistance) -> None:
        """Keep search and missions true; they rarely change: most saves stop here."""
        self._seen.clear()
        known = self._known.get(it.id)
        if known is None or not says_the_same(known, it):
            by = self._sql.value(_REQUESTER, {"key": it.requester}) or ""
            self._search.index(it.id, None, words_of(it) + by)
        before = known.missions if known else ()
        for mission in it.missions:
            if mission not in before:
                self._sql.run(_PUT_MISSION, mission_row(it, mission))
        inside = known.joined if known else ()
        for person in it.joined:
            if person not in inside:
                row = {"person_id": person, "assistance_id": it.id}
                self._sql.run(_JOIN, row)
        self._known[it.id] = it


def _found(row: Any, key: object, *, from_archive: bool = False) -> str:
    """Return the document of a row that may be there and may be looked at."""
    if row is None:
        raise NotFound("assistance", key)
    if row.archived_at is not None and not from_archive:
        raise Archived("assistance", key)
    return str(row.state)
