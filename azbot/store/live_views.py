"""What happened since somebody last looked, for pages that stay open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from azbot.messages import PersonId
from azbot.store.presence import Level, changes_at, level_at
from azbot.store.reader import Reader
from azbot.store.records import RawState
from azbot.store.schema import (
    accounts,
    addresses,
    assistances,
    events,
    people,
    presence,
    raw_messages,
    sessions,
    signals,
)
from azbot.store.signals import Topic
from azbot.workflow.model import AssistanceId, AssistanceRef, Role, Status


@dataclass(frozen=True, slots=True)
class NewLine:
    """One new line of a history, as far as a list needs it.

    Attributes:
        kind: name of the event, ``MessageAdded``.
        person: who did it, None for a machine.
        after: the status since.
    """

    id: int
    assistance: AssistanceId
    ref: AssistanceRef
    kind: str
    at: datetime
    person: PersonId | None
    role: Role
    after: Status


@dataclass(frozen=True, slots=True)
class Signal:
    """Where to look again; see ``azbot.store.signals``.

    Attributes:
        ref: of the assistance, None where it is about none.
    """

    id: int
    topic: Topic
    ref: AssistanceRef | None


@dataclass(frozen=True, slots=True)
class Present:
    """One tab of somebody of the desk.

    Attributes:
        name: of the person; their address while they have none.
        ref: what the tab shows, None for no assistance.
        level: how closely.
        since: since when.
        changes_at: when the level or the presence ends by itself.
    """

    person: PersonId
    name: str
    ref: AssistanceRef | None
    level: Level
    since: datetime
    changes_at: datetime


class LiveViews(Reader):
    """The part of ``Views`` that open pages are fed from."""

    async def newest_numbers(self, count: int) -> tuple[list[int], list[int]]:
        """Return the greatest numbers of events and of signals, greatest first."""
        found = []
        for table in (events, signals):
            query = select(table.c.id).order_by(table.c.id.desc()).limit(count)
            found.append([row[0] for row in await self._all(query)])
        return found[0], found[1]

    async def new_lines(
        self, after: int, also: Collection[int], limit: int
    ) -> list[NewLine]:
        """Return lines of all histories, oldest first.

        Args:
            after: those with a greater number,
            also: and these, as far as they exist.
            limit: at most so many.
        """
        query = (
            select(
                events.c.id,
                events.c.assistance_id,
                assistances.c.ref,
                events.c.kind,
                events.c.at,
                events.c.person_id,
                events.c.role,
                events.c.after,
            )
            .join(assistances, assistances.c.id == events.c.assistance_id)
            .where(_beyond(events, after, also))
            .order_by(events.c.id)
            .limit(limit)
        )
        return [_line(row) for row in await self._all(query)]

    async def new_signals(
        self, after: int, also: Collection[int], limit: int
    ) -> list[Signal]:
        """Return signals, oldest first; arguments as ``new_lines``."""
        query = (
            select(signals.c.id, signals.c.topic, assistances.c.ref)
            .outerjoin(assistances, assistances.c.id == signals.c.assistance_id)
            .where(_beyond(signals, after, also))
            .order_by(signals.c.id)
            .limit(limit)
        )
        return [
            Signal(
                row.id,
                Topic(row.topic),
                None if row.ref is None else AssistanceRef(row.ref),
            )
            for row in await self._all(query)
        ]

    async def held(self) -> int:
        """Return how many messages wait for a person."""
        query = select(func.count()).where(
            raw_messages.c.state == RawState.QUARANTINED.value
        )
        return int((await self._all(query))[0][0])

    async def present(self, now: datetime) -> list[Present]:
        """Return every tab of the desk that is open now, in no order."""
        first = (
            select(addresses.c.email)
            .where(addresses.c.person_id == people.c.id)
            .order_by(addresses.c.rank)
            .limit(1)
            .scalar_subquery()
        )
        query = (
            select(
                presence.c.person_id,
                presence.c.level,
                presence.c.since,
                presence.c.until,
                assistances.c.ref,
                func.coalesce(func.nullif(people.c.name, ""), first, "").label("name"),
            )
            .join(people, people.c.id == presence.c.person_id)
            .outerjoin(assistances, assistances.c.id == presence.c.assistance_id)
            .where(presence.c.until > now)
        )
        return [
            Present(
                PersonId(row.person_id),
                row.name,
                None if row.ref is None else AssistanceRef(row.ref),
                level_at(row, now),
                row.since,
                row.until if changes_at(row) <= now else changes_at(row),
            )
            for row in await self._all(query)
        ]

    async def open_sessions(self, hashes: Collection[str], now: datetime) -> set[str]:
        """Return which of these sessions still open the pages of the desk."""
        if not hashes:
            return set()
        query = (
            select(sessions.c.hash)
            .join(accounts, accounts.c.person_id == sessions.c.person_id)
            .join(people, people.c.id == sessions.c.person_id)
            .where(
                sessions.c.hash.in_(hashes),
                sessions.c.revoked_at.is_(None),
                sessions.c.expires_at > now,
                accounts.c.disabled_at.is_(None),
                people.c.is_active,
            )
        )
        return {row[0] for row in await self._all(query)}


def _beyond(table: Table, after: int, also: Collection[int]) -> ColumnElement[bool]:
    newer = table.c.id > after
    return (
        or_(newer, and_(table.c.id <= after, table.c.id.in_(also))) if also else newer
    )


def _line(row: Any) -> NewLine:
    return NewLine(
        id=row.id,
        assistance=AssistanceId(row.assistance_id),
        ref=AssistanceRef(row.ref),
        kind=row.kind,
        at=row.at,
        person=None if row.person_id is None else PersonId(row.person_id),
        role=Role(row.role),
        after=Status(row.after),
    )
