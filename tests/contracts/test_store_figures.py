"""Statistics: what the database adds up is what adding up one by one gives."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from azbot.store import Store, UnitOfWork
from azbot.store.figures import AGES, Held, Scope, Spread
from azbot.workflow.deadlines import WorkingHours
from azbot.workflow.model import (
    Assistance,
    Intervention,
    InterventionStatus,
    Mission,
    MissionStatus,
    Party,
    ServiceType,
    Status,
)
from azbot.workflow.worktime import DAY, worktime
from tests.stores import an_assistance

SINCE = datetime(2026, 3, 20, 23, tzinfo=UTC)
"""Midnight in Paris, a week before summer time."""
BEFORE = datetime(2026, 4, 19, 22, tzinfo=UTC)
NOW = datetime(2026, 4, 30, 9, 7, tzinfo=UTC)
WORK = worktime(WorkingHours(), SINCE, NOW)
ALL = Scope(SINCE, BEFORE)
MARKING = Scope(SINCE, BEFORE, service=ServiceType.MARKING)
RHONE = Scope(SINCE, BEFORE, department="69")
SCOPES = [ALL, MARKING, RHONE, replace(MARKING, department="69")]

_ENDS = (Status.CLOSED, Status.CANCELLED)
_PAST = {
    MissionStatus.PROPOSED: False,
    MissionStatus.ACCEPTED: True,
    MissionStatus.REFUSED: True,
    MissionStatus.WITHDRAWN: False,
    MissionStatus.COMPLETED: True,
}


def lives(uow: UnitOfWork) -> list[Assistance]:
    """Eighty assistances of fifty days, none like another."""
    rnd = random.Random(11)
    stations = [uow.stations.add(name, f"{name}@sta.example").station for name in "abc"]

    def later(at: datetime, hours: int) -> datetime:
        return at + timedelta(seconds=rnd.randrange(hours * 3600))

    stored = []
    for _ in range(80):
        at = later(SINCE - timedelta(days=10), 50 * 24)
        opened = an_assistance(
            uow,
            at=at,
            service=rnd.choice([*(s.value for s in ServiceType), ""]),
            postcode=rnd.choice(["69100", "75007", "06000"]),
        )
        status = rnd.choice([*Status, *_ENDS])
        mission = rnd.choice(list(MissionStatus))
        order = Mission(
            1,
            rnd.choice(stations),
            mission,
            later(at, 48),
            NOW,
            answered_at=later(at + timedelta(days=2), 72) if _PAST[mission] else None,
            reason="skill" if mission is MissionStatus.REFUSED else "",
        )
        visits = tuple(
            Intervention(n + 1, 1, InterventionStatus.FINISHED)
            for n in range(rnd.randrange(4))
        )
        changed = replace(
            opened,
            status=status,
            missions=(order,) if rnd.random() < 0.8 else (),
            interventions=visits,
            first_answer_at=later(at, 96) if rnd.random() < 0.7 else None,
            closed_at=later(at, 500) if status in _ENDS else None,
            desk_time=timedelta(seconds=rnd.randrange(10**6)),
            client_time=timedelta(seconds=rnd.randrange(10**6)),
            station_time=timedelta(seconds=rnd.randrange(10**6)),
        )
        stored.append(uow.assistances.save(changed))
    return stored


def within(scope: Scope, it: Assistance, at: datetime | None) -> bool:
    is_meant = scope.service in (None, it.service)
    is_there = scope.department in ("", it.answer("postcode")[:2])
    return is_meant and is_there and at is not None and scope.since <= at < scope.before


def spread(values: Iterable[int]) -> Spread:
    return Spread.of(Counter(values))


async def test_first_answers_are_measured_in_time_of_work(store: Store) -> None:
    stored = await store.write(lives)
    for scope in SCOPES:
        them = [it for it in stored if within(scope, it, it.opened_at)]
        found = await store.views.first_answers(scope, WORK, NOW)
        assert found.answered == spread(
            WORK.between(it.opened_at, it.first_answer_at) // 60 * 60
            for it in them
            if it.first_answer_at
        )
        assert found.waiting == spread(
            WORK.between(it.opened_at, NOW) // 60 * 60
            for it in them
            if it.first_answer_at is None and it.is_open
        )
        kept, of_all = found.within(DAY)
        assert 0 <= kept <= of_all


async def test_what_is_open_is_counted_by_status_and_age(store: Store) -> None:
    stored = await store.write(lives)
    for scope in SCOPES:
        them = [it for it in stored if it.is_open]
        found = await store.views.open_by_age(scope, NOW)
        bounds = [timedelta(days=days) for days in AGES]
        for status, classes in found.items():
            ages = [
                sum(NOW - it.opened_at > bound for bound in bounds)
                for it in them
                if it.status is status
                and within(
                    replace(scope, since=it.opened_at, before=NOW), it, it.opened_at
                )
            ]
            assert classes == tuple(ages.count(n) for n in range(len(AGES) + 1))
        assert set(found) == set(Status) - set(_ENDS)


async def test_closed_ones_say_whose_time_it_was(store: Store) -> None:
    stored = await store.write(lives)
    for scope in SCOPES:
        them = [
            it
            for it in stored
            if it.status is Status.CLOSED and within(scope, it, it.closed_at)
        ]
        found = await store.views.ended(scope)
        assert found.counts == Counter(it.service for it in them)
        times = {
            Party.DESK: [int(it.desk_time.total_seconds()) for it in them],
            Party.CLIENT: [int(it.client_time.total_seconds()) for it in them],
            Party.STATION: [int(it.station_time.total_seconds()) for it in them],
        }
        for party, seconds in times.items():
            totals = (by_party[party] for by_party in found.seconds.values())
            assert sum(totals) == sum(seconds)
        assert found.visits == spread(len(it.interventions) for it in them)


async def test_days_of_the_flow_are_those_of_the_desk(store: Store) -> None:
    stored = await store.write(lives)
    for scope in SCOPES:
        them = stored
        found = await store.views.flow(scope, WORK)
        opened = [it.opened_at for it in them if within(scope, it, it.opened_at)]
        closed = [
            it.closed_at
            for it in them
            if it.status is Status.CLOSED
            and it.closed_at
            and within(scope, it, it.closed_at)
        ]
        assert found.opened == spread(map(_day, opened))
        assert found.closed == spread(map(_day, closed))


def _day(at: datetime) -> int:
    summer = datetime(2026, 3, 29, 1, tzinfo=UTC)
    hours = timedelta(hours=2 if at >= summer else 1)
    return (at + hours - datetime(1970, 1, 1, tzinfo=UTC)).days


async def test_stations_are_measured_by_what_was_proposed(store: Store) -> None:
    stored = await store.write(lives)
    for scope in SCOPES:
        orders = [
            order
            for it in stored
            for order in it.missions
            if within(scope, it, order.proposed_at)
        ]
        found = await store.views.station_figures(scope, WORK)
        assert [f.proposed for f in found] == sorted(f.proposed for f in found)[::-1]
        assert sum(f.proposed for f in found) == len(orders) > 0
        for figures in found:
            own = [o for o in orders if o.station.id == figures.id]
            refused = [o for o in own if o.status is MissionStatus.REFUSED]
            yes = (MissionStatus.ACCEPTED, MissionStatus.COMPLETED)
            assert figures.company in "abc"
            assert figures.proposed == len(own)
            assert figures.refused == ({"skill": len(refused)} if refused else {})
            assert figures.accepted == sum(o.status in yes for o in own)
            assert figures.waiting == sum(
                o.status is MissionStatus.PROPOSED for o in own
            )
            assert figures.unanswered == sum(
                o.status is MissionStatus.WITHDRAWN for o in own
            )
            assert figures.answers == spread(
                WORK.between(o.proposed_at, o.answered_at) // 600 * 600
                for o in own
                if o.answered_at
            )


async def test_an_empty_desk_has_figures_too(store: Store) -> None:
    views = store.views
    assert (await views.first_answers(ALL, WORK, NOW)).within(DAY) == (0, 0)
    assert (await views.ended(ALL)).visits.median is None
    assert await views.station_figures(ALL, WORK) == ()
    assert sum(map(sum, (await views.open_by_age(ALL, NOW)).values())) == 0


def test_a_quantile_is_a_value_that_was_met() -> None:
    values = Spread((Held(60, 1), Held(120, 2), Held(600, 1)))
    assert [values.quantile(q) for q in (0.25, 0.5, 0.75, 0.9, 1)] == [
        60, 120, 120, 600, 600,
    ]  # fmt: skip
    assert Spread().quantile(0.5) is None
    assert (values.up_to(119), values.up_to(120)) == (1, 3)
