"""What agents look at beside a list: queues, saved views, what a search suggests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    false,
    func,
    or_,
    select,
)

from azbot.messages import PersonId
from azbot.store.filters import (
    FEW,
    IS_AT_HAND,
    IS_OPEN,
    among,
    columns,
    finders,
    newest_said,
    numbered,
)
from azbot.store.people_views import PeopleViews
from azbot.store.queries import Filters
from azbot.store.records import DeliveryState, Person, RawState
from azbot.store.saved_views import SavedView, saved_view
from azbot.store.schema import (
    assistances,
    outbox,
    people,
    raw_messages,
    readings,
    saved_views,
)
from azbot.store.search import query_words
from azbot.workflow.model import AssistanceId, AssistanceRef, Status


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How much lies in each queue (ux.md 6.1).

    Attributes:
        held: messages that wait for a person to say whose they are.
        dead: deliveries that were given up.
        statuses: how many assistances of each status; see ``queue_counts``.
    """

    todo: int
    mine: int
    approvals: int
    silent: int
    snoozed: int
    held: int
    dead: int
    statuses: Mapping[Status, int]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One assistance that a search box offers."""

    ref: AssistanceRef
    status: Status
    company: str
    town: str
    department: str


class DeskViews(PeopleViews):
    """The part of ``Views`` about queues and search."""

    async def queue_counts(
        self, person: PersonId, statuses: Collection[Status] = tuple(Status)
    ) -> QueueCounts:
        """Return how much lies in each queue, in one statement.

        Args:
            person: whose queue « Mes dossiers » is.
            statuses: those to count; the last ones of a life are many.
        """
        row = (await self._all(queues(person, statuses)))[0]
        return QueueCounts(
            todo=row.todo,
            mine=row.mine,
            approvals=row.approvals,
            silent=row.silent,
            snoozed=row.snoozed,
            held=row.held,
            dead=row.dead,
            statuses={s: getattr(row, f"status_{s.value}") for s in statuses},
        )

    async def count(self, filters: Filters, most: int = 100) -> int:
        """Return how many there are, counted no further than ``most``."""
        some = select(assistances.c.id).where(*await self._where(filters)).limit(most)
        rows = await self._all(select(func.count()).select_from(some.subquery()))
        return int(rows[0][0])

    async def people_of(self, keys: Iterable[PersonId]) -> dict[PersonId, Person]:
        """Return people by number, in one statement; unknown numbers are left out."""
        wanted = sorted(set(keys))
        if not wanted:
            return {}
        return {each.id: each for each in await self._people(people.c.id.in_(wanted))}

    async def refs_of(
        self, keys: Iterable[AssistanceId]
    ) -> dict[AssistanceId, AssistanceRef]:
        """Return references by number, in one statement; unknown ones are left out."""
        wanted = sorted(set(keys))
        if not wanted:
            return {}
        it = assistances.c
        rows = await self._all(select(it.id, it.ref).where(it.id.in_(wanted)))
        return {AssistanceId(row.id): AssistanceRef(row.ref) for row in rows}

    async def seen(self, person: PersonId, assistance: AssistanceId) -> int:
        """Return how many of the messages that came in somebody has seen."""
        row = await self._one(
            select(readings.c.inbound).where(
                readings.c.person_id == person,
                readings.c.assistance_id == assistance,
            )
        )
        return 0 if row is None else int(row.inbound)

    async def saved_views(self, person: PersonId) -> list[SavedView]:
        """Return somebody's own views and those that colleagues share, by name."""
        is_own = saved_views.c.person_id == person
        query = (
            select(saved_views)
            .where(or_(is_own, saved_views.c.is_shared))
            .order_by(case((is_own, 0), else_=1), saved_views.c.name, saved_views.c.id)
        )
        return [saved_view(row) for row in await self._all(query)]

    async def suggestions(self, words: str, limit: int = 10) -> list[Suggestion]:
        """Return what somebody may mean who typed so far: references, then newest.

        Args:
            words: beginnings of words anywhere, or the end of a reference.
            limit: at most so many.
        """
        if not query_words(words):
            return []
        finder = newest_said(words, limit, is_postgresql=self._is_postgresql)
        keys = [row[0] for row in await self._all(finder)]
        named = numbered(words)
        is_named = false() if named is None else assistances.c.id.in_(named)
        query = (
            select(
                assistances.c.ref,
                assistances.c.status,
                assistances.c.company,
                assistances.c.town,
                assistances.c.department,
            )
            .where(assistances.c.id.in_(keys), IS_AT_HAND)
            .order_by(case((is_named, 0), else_=1), assistances.c.id.desc())
            .limit(limit)
        )
        return [_suggestion(row) for row in await self._all(query)]

    async def _where(self, filters: Filters) -> list[ColumnElement[bool]]:
        where = columns(filters)
        for finder in finders(filters, is_postgresql=self._is_postgresql):
            rows = await self._all(finder.limit(FEW + 1))
            numbers = None if len(rows) > FEW else [row[0] for row in rows]
            where.append(among(finder, numbers))
        return where


def _suggestion(row: Any) -> Suggestion:
    return Suggestion(
        AssistanceRef(row.ref),
        Status(row.status),
        row.company,
        row.town,
        row.department,
    )


def queues(person: PersonId, statuses: Collection[Status]) -> Select[Any]:
    """Return the statement of ``queue_counts``.

    Every count is a scalar of its own: each is read from one index alone. What waits
    in a queue is never archived, so that only those of a status need to say so.
    """
    table = assistances.c
    flagged = {"approvals": table.is_to_approve, "silent": table.is_silent}
    counts = {
        "todo": (table.attention_since.is_not(None), table.snoozed_until.is_(None)),
        "mine": (table.owner_id == person, IS_OPEN),
        "snoozed": (table.snoozed_until.is_not(None),),
        **{name: (flag,) for name, flag in flagged.items()},
        **{
            f"status_{s.value}": (table.status == s.value, IS_AT_HAND) for s in statuses
        },
    }
    found = [
        select(func.count()).where(*where).scalar_subquery().label(name)
        for name, where in counts.items()
    ]
    held = raw_messages.c.state == RawState.QUARANTINED.value
    dead = outbox.c.state == DeliveryState.DEAD.value
    found += [
        select(func.count()).where(held).scalar_subquery().label("held"),
        select(func.count()).where(dead).scalar_subquery().label("dead"),
    ]
    return select(*found)
