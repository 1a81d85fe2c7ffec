"""Statistics of the desk, added up by the database (ux.md 6, issue « statistics »).

Two indexes hold everything that is read here: the document stands in the same rows,
and reading past it would cost more than counting. Durations of work
(``azbot.workflow.worktime``) are counted by the database too, from a table of the
days of the stretch that travels with the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
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
    Held,
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
_HOUR = 3600
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
        answered = self._took(_it.opened_at, _it.first_answer_at, work, _MINUTE, opened)
        waiting = self._took(
            _it.opened_at,
            literal(now, _it.opened_at.type),
            work,
            _MINUTE,
            (
                *opened,
                _it.first_answer_at.is_(None),
                _it.status.in_([s.value for s in _OPEN]),
            ),
        )
        return FirstAnswers(
            _spread(await self._all(answered), _MINUTE),
            _spread(await self._all(waiting), _MINUTE),
        )

    async def ended(self, scope: Scope) -> Ended:
        """Return what the assistances took that were closed in the period."""
        where = (*_closed(scope), *_only(scope))
        totals = (func.sum(seconds) for seconds in _PARTIES.values())
        sums = await self._all(
            select(_it.service, func.count(), *totals)
            .where(*where)
            .group_by(_it.service)
        )
        keyed = [(ServiceType(row[0]) if row[0] else None, row) for row in sums]
        spreads = {
            party: _spread(await self._all(_grouped(seconds // _HOUR, where)), _HOUR)
            for party, seconds in _PARTIES.items()
        }
        visits = await self._all(_grouped(_it.visits, where))
        return Ended(
            counts={service: row[1] for service, row in keyed},
            seconds={
                service: {
                    party: int(total)
                    for party, total in zip(_PARTIES, row[2:], strict=True)
                }
                for service, row in keyed
            },
            spreads=spreads,
            visits=_spread(visits),
        )

    async def flow(self, scope: Scope, work: Worktime) -> Flow:
        """Return how many were opened and closed on each day of the period."""
        only = _only(scope)
        opened = _grouped(self._day(_it.opened_at, work), (*_opened(scope), *only))
        closed = _grouped(self._day(_it.closed_at, work), (*_closed(scope), *only))
        return Flow(_spread(await self._all(opened)), _spread(await self._all(closed)))

    async def station_figures(
        self, scope: Scope, work: Worktime
    ) -> tuple[StationFigures, ...]:
        """Return how each station answered what was proposed in the period.

        Stations without a mission are left out; the busiest come first.
        """
        where = _proposed(scope)
        counts = await self._all(
            select(
                _mission.station_id,
                _mission.status,
                _mission.refusal,
                _mission.answered_at.is_not(None),
                func.count(),
            )
            .where(*where)
            .group_by(
                _mission.station_id,
                _mission.status,
                _mission.refusal,
                _mission.answered_at.is_not(None),
            )
        )
        took = self._took(
            _mission.proposed_at,
            _mission.answered_at,
            work,
            _ANSWER_STEP,
            where,
            _mission.station_id,
        )
        answers: dict[int, list[Held]] = {}
        for row in await self._all(took):
            held = Held(row[1] * _ANSWER_STEP, row[2])
            answers.setdefault(row[0], []).append(held)
        names = await self._all(select(stations.c.id, stations.c.company))
        return _stations(counts, answers, {row[0]: row[1] for row in names})

    # -- how instants are counted ----------------------------------------------------

    def _took(
        self,
        begin: ColumnElement[Any],
        end: ColumnElement[Any],
        work: Worktime,
        step: int,
        where: Iterable[ColumnElement[bool]],
        *by: ColumnElement[Any],
    ) -> Select[Any]:
        """Count rows by the time of work between two instants, in whole steps."""
        table = _days(work.days)
        first, last = table.alias("first_day"), table.alias("last_day")
        began = self._local(begin, work.shifts)
        ended = self._local(end, work.shifts)
        passed = _ending(last, ended, work) - _beginning(first, began, work)
        steps = case((passed < 0, 0), else_=passed) // step
        return (
            select(*by, steps, func.count())
            .join_from(_home(begin), first, first.c.number == began // DAY)
            .join(last, last.c.number == ended // DAY)
            .where(end.is_not(None), *where)
            .group_by(*by, steps)
            .order_by(*by, steps)
        )

    def _day(self, at: ColumnElement[Any], work: Worktime) -> ColumnElement[int]:
        return self._local(at, work.shifts) // DAY

    def _local(
        self, at: ColumnElement[Any], shifts: Iterable[Shift]
    ) -> ColumnElement[int]:
        """Return local seconds since 1970."""
        stamp = self._seconds(at)
        *changes, last = shifts
        if not changes:
            return stamp + last.ahead
        ahead = case(
            *((stamp < shift.until, shift.ahead) for shift in changes),
            else_=last.ahead,
        )
        return stamp + ahead

    def _seconds(self, at: ColumnElement[Any]) -> ColumnElement[int]:
        """Return whole seconds since 1970."""
        if self._is_postgresql:
            return cast(func.floor(extract("epoch", at)), BigInteger)
        return cast(func.strftime("%s", at), Integer)


def _home(at: Any) -> Any:
    return missions if at.table is missions else assistances


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


def _grouped(
    value: ColumnElement[int], where: Iterable[ColumnElement[bool]]
) -> Select[Any]:
    shown: list[Any] = [value, func.count()]
    return select(*shown).where(*where).group_by(value).order_by(value)


def _spread(rows: Iterable[Any], step: int = 1) -> Spread:
    return Spread(tuple(Held(row[0] * step, row[1]) for row in rows))


def _classes(counts: Iterable[int]) -> tuple[int, ...]:
    """Turn (all, older than a, older than b, …) into classes between the bounds."""
    falling = (*counts, 0)
    return tuple(more - less for more, less in pairwise(falling))


def _stations(
    counts: Iterable[Any],
    answers: Mapping[int, list[Held]],
    names: Mapping[int, str],
) -> tuple[StationFigures, ...]:
    rows: dict[int, list[Any]] = {}
    for row in counts:
        rows.setdefault(row[0], []).append(row)
    found = [
        _station(key, names[key], of_it, Spread(tuple(answers.get(key, ()))))
        for key, of_it in rows.items()
    ]
    return tuple(sorted(found, key=lambda s: (-s.proposed, s.company, s.id)))


def _station(
    key: int, company: str, rows: Iterable[Any], answers: Spread
) -> StationFigures:
    refused: dict[str, int] = {}
    accepted = unanswered = waiting = 0
    for _, status, reason, is_answered, count in rows:
        if status == MissionStatus.REFUSED.value:
            refused[reason] = refused.get(reason, 0) + count
        elif is_answered:
            accepted += count
        elif status == MissionStatus.PROPOSED.value:
            waiting += count
        else:
            unanswered += count
    return StationFigures(
        id=StationId(key),
        company=company,
        proposed=accepted + unanswered + waiting + sum(refused.values()),
        accepted=accepted,
        refused=refused,
        unanswered=unanswered,
        waiting=waiting,
        answers=answers,
    )
