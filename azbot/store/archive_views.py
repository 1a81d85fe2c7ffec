"""What administrators look at of the restricted archive, and what leads to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from azbot.messages import PersonId
from azbot.store.archive import IS_RIPE
from azbot.store.codec import decode_assistance
from azbot.store.filters import seen_by
from azbot.store.reader import Reader
from azbot.store.schema import addresses, assistances
from azbot.workflow.model import Assistance, AssistanceId, AssistanceRef, Status

_it = assistances.c
_IS_ARCHIVED = _it.archived_at.is_not(None)


@dataclass(frozen=True, slots=True)
class ArchivedLine:
    """One archived assistance, without a word about anybody.

    Attributes:
        closed_at: None for what was cancelled.
        updated_at: the last activity about it.
    """

    id: AssistanceId
    ref: AssistanceRef
    status: Status
    requester: PersonId
    opened_at: datetime
    closed_at: datetime | None
    updated_at: datetime
    archived_at: datetime


class ArchiveViews(Reader):
    """The part of ``Views`` about the archive. Nothing here notes who looks."""

    async def ripe(self, before: datetime, limit: int) -> list[AssistanceId]:
        """Return what must leave everyday work, the longest quiet first.

        Args:
            before: the last activity of the requester lies before it.
            limit: at most so many.
        """
        query = select(_it.id).where(IS_RIPE).order_by(_it.updated_at, _it.id)
        rows = await self._all(query.limit(limit).params(before=before))
        return [AssistanceId(row.id) for row in rows]

    async def archived(self, limit: int, after: int = 0) -> list[ArchivedLine]:
        """Return archived assistances, the last archived first.

        Args:
            limit: at most so many.
            after: number of the last one of the page before; 0 for the first page.
        """
        if not after:
            return await self._lines(limit=limit)
        last = assistances.alias("last")
        since = select(last.c.archived_at).where(last.c.id == after).scalar_subquery()
        further = (_it.archived_at < since) | (
            (_it.archived_at == since) & (_it.id < after)
        )
        # Said twice: the first condition lets the index begin at the right place.
        return await self._lines(_it.archived_at <= since, further, limit=limit)

    async def archived_ref(self, ref: AssistanceRef) -> ArchivedLine | None:
        """Return the archived assistance of a reference, None for any other."""
        found = await self._lines(_it.ref == ref, limit=1)
        return found[0] if found else None

    async def archived_of(self, email: str, limit: int) -> list[ArchivedLine]:
        """Return what whoever has this very address took part in, case ignored."""
        owner = select(addresses.c.person_id).where(addresses.c.key == email.casefold())
        row = await self._one(owner)
        if row is None:
            return []
        return await self._lines(
            _it.id.in_(seen_by(PersonId(row.person_id))), limit=limit
        )

    async def archived_count(self) -> int:
        """Return how many there are."""
        rows = await self._all(select(func.count(_it.id)).where(_IS_ARCHIVED))
        return int(rows[0][0])

    async def archived_state(self, key: AssistanceId) -> Assistance | None:
        """Return the state of an archived assistance, None for any other.

        Whoever shows it to somebody writes that down first, with the reason.
        """
        query = select(_it.state).where(_it.id == key, _IS_ARCHIVED)
        row = await self._one(query)
        return None if row is None else decode_assistance(row.state)

    async def _lines(
        self, *where: ColumnElement[bool], limit: int
    ) -> list[ArchivedLine]:
        columns: Sequence[Any] = (
            _it.id,
            _it.ref,
            _it.status,
            _it.requester_id,
            _it.opened_at,
            _it.closed_at,
            _it.updated_at,
            _it.archived_at,
        )
        query = select(*columns).where(_IS_ARCHIVED, *where)
        query = query.order_by(_it.archived_at.desc(), _it.id.desc())
        rows = await self._all(query.limit(limit))
        return [_line(row) for row in rows]


def _line(row: Any) -> ArchivedLine:
    return ArchivedLine(
        id=AssistanceId(row.id),
        ref=AssistanceRef(row.ref),
        status=Status(row.status),
        requester=PersonId(row.requester_id),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        updated_at=row.updated_at,
        archived_at=row.archived_at,
    )
