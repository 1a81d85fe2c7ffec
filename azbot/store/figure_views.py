"""Statistics of the desk, added up by the database (ux.md 6, issue « statistics »).

Two indexes hold everything that is read here: the document stands in the same rows,
and reading past it would cost more than counting. Durations of work
(``azbot.workflow.worktime``) are counted by the database too, from a table of the
days of the stretch that travels with the question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    case,
    cast,
    column,
    extract,
    func,
    literal,
    select,
    values,
)

from azbot.store.figures import (
    AGES,
    Ended,
    FirstAnswers,
    Flow,
    OpenByAge,
    Scope,
    Spread,
    StationFigures,
)
from azbot.store.reader import Reader
from azbot.store.schema import assistances, missions, stations
from azbot.workflow.model import MissionStatus, Party, ServiceType, StationId, Status
from azbot.workflow.worktime import DAY, LocalDay, Shift, Worktime

_it, _mission = assistances.c, missions.c
_OPEN = tuple(s for s in Status if s not in (Status.CLOSED, Status.CANCELLED))
_PARTIES = {
    Party.DESK: _it.desk_seconds,
    Party.CLIENT: _it.client_seconds,
    Party.STATION: _it.station_seconds,
}
_MINUTE = 60
_ANSWER_STEP = 10 * _MINUTE


class FigureViews(Reader):
    """The part of ``Views`` about figures."""

    async def open_by_age(self, scope: Scope, now: datetime) -> OpenByAge:
        """Return the open assistances by status and age since their request.

        Args:
            scope: its service and department; what is open now has no period.
            now: ages count until then, in days of the calendar.
        """
        older = [
            func.count().filter(_it.opened_at < now - timedelta(days=days))
            for days in AGES
        ]
        query = (
            select(_it.status, func.count(), *older)
            .where(_it.status.in_([s.value for s in _OPEN]), *_only(scope))
            .group_by(_it.status)
        )
        found = {row[0]: row[1:] for row in await self._all(query)}
        nothing = (0,) * (len(AGES) + 1)
        return {s: _classes(found.get(s.value, nothing)) for s in _OPEN}

    async def first_answers(
        self, scope: Scope, work: Worktime, now: datetime
    ) -> FirstAnswers:
        """Return the waits for a first answer of what was opened in the period."""
        opened = (*_opened(scope), *_only(scope))
        is_open = _it.status.in_([s.value for s in _OPEN])
        answered = self._took(
            _it.opened_at,
            _it.first_answer_at,
            work,
            _MINUTE,
            (*opened, _it.first_answer_at.is_not(None)),
        )
        waiting = self._took(
            _it.opened_at,
            literal(now, _it.opened_at.type),
            work,
            _MINUTE,
            (*opened, _it.first_answer_at.is_(None), is_open),
        )
        return FirstAnswers(
            _minutes(await self._pairs(answered)), _minutes(await self._pairs(waiting))
        )

    async def ended(self, scope: Scope) -> Ended:
        """Return what the assistances took that were closed in the period."""
        shown: list[Any] = [_it.service, _it.visits, func.count()]
        shown += [func.sum(seconds) for seconds in _PARTIES.values()]
        rows = await self._all(
            select(*shown)
            .where(*_closed(scope), *_only(scope))
            .group_by(_it.service, _it.visits)
        )
        counts: Counter[ServiceType | None] = Counter()
        visits: Counter[int] = Counter()
        seconds: dict[ServiceType | None, Counter[Party]] = {}
        for name, number, many, *sums in rows:
            service = ServiceType(name) if name else None
            counts[service] += many
            visits[number] += many
            totals = dict(zip(_PARTIES, map(int, sums), strict=True))
            seconds.setdefault(service, Counter()).update(totals)
        return Ended(counts, seconds, Spread.of(visits))

    async def flow(self, scope: Scope, work: Worktime) -> Flow:
        """Return how many were opened and closed on each day of the period."""
        only = _only(scope)
        opened = self._by_day(_it.opened_at, work, (*_opened(scope), *only))
        closed = self._by_day(_it.closed_at, work, (*_closed(scope), *only))
        return Flow(
            Spread.of(dict(await self._pairs(opened))),
            Spread.of(dict(await self._pairs(closed))),
        )

    async def station_figures(
        self, scope: Scope, work: Worktime
    ) -> tuple[StationFigures, ...]:
        """Return how each station answered what was proposed in the period.

        Stations without a mission are left out; the busiest come first.
        """
        named = (_mission.station_id, _mission.status, _mission.refusal)
        took = self._took(
            _mission.proposed_at,
            _mission.answered_at,
            work,
            _ANSWER_STEP,
            _proposed(scope),
            named,
        )
        names = await self._all(select(stations.c.id, stations.c.company))
        return _stations(await self._all(took), {row[0]: row[1] for row in names})

    async def _pairs(self, query: Select[Any]) -> list[tuple[int, int]]:
        return [(row[0], row[1]) for row in await self._all(query)]

    # -- how instants are counted ----------------------------------------------------

    def _took(
        self,
        begin: ColumnElement[Any],
        end: ColumnElement[Any],
        work: Worktime,
        step: int,
        where: Iterable[ColumnElement[bool]],
        named: Iterable[ColumnElement[Any]] = (),
    ) -> Select[Any]:
        """Count rows by the time of work between two instants, in whole steps.

        What has no end yet is counted without a time; what ended before it began, as
        work goes, has a negative one.
        """
        shown: list[Any] = [
            *named,
            self._local(begin, work.shifts).label("began"),
            self._local(end, work.shifts).label("ended"),
        ]
        moments = _once(select(*shown).where(*where), "moments")
        days = _days(work.days)
        first, last = days.alias("first_day"), days.alias("last_day")
        began, ended = moments.c.began, moments.c.ended
        steps = (_ending(last, ended, work) - _beginning(first, began, work)) // step
        by: list[Any] = [*(moments.c[column.name] for column in named), steps]
        return (
            select(*by, func.count())
            .select_from(moments)
            .join(first, first.c.number == began // DAY)
            .outerjoin(last, last.c.number == ended // DAY)
            .group_by(*by)
        )

    def _by_day(
        self, at: ColumnElement[Any], work: Worktime, where: Iterable[Any]
    ) -> Select[Any]:
        """Count rows by the local day of an instant."""
        local = self._local(at, work.shifts).label("local")
        moments = _once(select(local).where(*where), "moments")
        day: Any = moments.c.local // DAY
        return select(day, func.count()).group_by(day)

    def _local(
        self, at: ColumnElement[Any], shifts: Iterable[Shift]
    ) -> ColumnElement[int]:
        """Return local seconds since 1970."""
        *changes, last = shifts
        ahead: ColumnElement[int] = literal(last.ahead, BigInteger)
        if changes:
            until = [datetime.fromtimestamp(shift.until, UTC) for shift in changes]
            known = zip(until, changes, strict=True)
            ahead = case(*((at < u, s.ahead) for u, s in known), else_=ahead)
        return self._seconds(at) + ahead

    def _seconds(self, at: ColumnElement[Any]) -> ColumnElement[int]:
        """Return whole seconds since 1970."""
        if self._is_postgresql:
            return cast(func.floor(extract("epoch", at)), BigInteger)
        return cast(func.strftime("%s", at), BigInteger)


def _once(query: Select[Any], name: str) -> CTE:
    """Return a question whose answers are worked out once, not wherever named."""
    return query.cte(name).prefix_with("MATERIALIZED")


def _days(days: Iterable[LocalDay]) -> CTE:
    """Return the table of days, written into the question itself."""
    shape = values(
        column("number", Integer),
        column("before", Integer),
        column("works", Integer),
        name="day",
        literal_binds=True,
    )
    return shape.data([tuple(day) for day in days]).cte("days")


def _beginning(
    day: Any, local: ColumnElement[int], work: Worktime
) -> ColumnElement[int]:
    """``Worktime._beginning`` as the database says it."""
    second = local % DAY
    opened = case((second < work.opens, work.opens), else_=second)
    return case(
        ((day.c.works == 1) & (second < work.closes), day.c.before * DAY + opened),
        else_=(day.c.before + day.c.works) * DAY + work.opens,
    )


def _ending(day: Any, local: ColumnElement[int], work: Worktime) -> ColumnElement[int]:
    """``Worktime._ending`` as the database says it."""
    second = local % DAY
    closed = case((second > work.closes, work.closes), else_=second)
    return case(
        ((day.c.works == 1) & (second >= work.opens), day.c.before * DAY + closed),
        else_=(day.c.before - 1) * DAY + work.closes,
    )


def _only(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    found: list[ColumnElement[bool]] = []
    if scope.service is not None:
        found.append(_it.service == scope.service.value)
    if scope.department:
        found.append(_it.department == scope.department)
    return tuple(found)


def _opened(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    return _it.opened_at >= scope.since, _it.opened_at < scope.before


def _closed(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    return (
        # Said although the rest implies it: so begins the partial index.
        _it.closed_at.is_not(None),
        _it.closed_at >= scope.since,
        _it.closed_at < scope.before,
        _it.status == Status.CLOSED.value,
    )


def _proposed(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    period = (
        _mission.proposed_at >= scope.since,
        _mission.proposed_at < scope.before,
    )
    only = _only(scope)
    if not only:
        return period
    return (*period, _mission.assistance_id.in_(select(_it.id).where(*only)))


def _minutes(pairs: Iterable[tuple[int, int]]) -> Spread:
    """Add up what took no time of work at all with what took less than nothing."""
    found: Counter[int] = Counter()
    for minutes, many in pairs:
        found[max(0, minutes) * _MINUTE] += many
    return Spread.of(found)


def _classes(counts: Iterable[int]) -> tuple[int, ...]:
    """Turn (all, older than a, older than b, …) into classes between the bounds."""
    falling = (*counts, 0)
    return tuple(more - less for more, less in pairwise(falling))


def _stations(
    rows: Iterable[Any], names: Mapping[int, str]
) -> tuple[StationFigures, ...]:
    by_station: dict[int, list[Any]] = {}
    for row in rows:
        by_station.setdefault(row[0], []).append(row)
    found = [_station(key, names[key], own) for key, own in by_station.items()]
    return tuple(sorted(found, key=lambda s: (-s.proposed, s.company, s.id)))


def _station(key: int, company: str, rows: Iterable[Any]) -> StationFigures:
    refused: Counter[str] = Counter()
    took: Counter[int] = Counter()
    accepted = unanswered = waiting = 0
    for _, status, reason, steps, many in rows:
        if steps is not None:
            took[max(0, steps) * _ANSWER_STEP] += many
        if status == MissionStatus.REFUSED.value:
            refused[reason] += many
        elif steps is not None:
            accepted += many
        elif status == MissionStatus.PROPOSED.value:
            waiting += many
        else:
            unanswered += many
    return StationFigures(
        id=StationId(key),
        company=company,
        proposed=accepted + unanswered + waiting + refused.total(),
        accepted=accepted,
        refused=refused,
        unanswered=unanswered,
        waiting=waiting,
        answers=Spread.of(took),
    )
