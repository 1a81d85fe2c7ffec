from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from azbot.channels.web.stats.asking import asked
from azbot.workflow.model import ServiceType

NOW = datetime(2026, 4, 2, 22, 30, tzinfo=UTC)
"""Half past midnight of the third in Paris."""
PARIS = "Europe/Paris"


def test_a_period_ends_today_as_the_desk_counts_days() -> None:
    found = asked({"period": "7"}, NOW, PARIS)
    assert (found.first, found.last) == (date(2026, 3, 28), date(2026, 4, 3))
    # Summer time began in between: the first midnight is another hour of UTC.
    assert found.scope.since == datetime(2026, 3, 27, 23, tzinfo=UTC)
    assert found.scope.before == datetime(2026, 4, 3, 22, tzinfo=UTC)


@pytest.mark.parametrize("query", [{}, {"period": "x"}, {"period": "30"}])
def test_thirty_days_are_usual(query: dict[str, str]) -> None:
    found = asked(query, NOW, PARIS)
    assert (found.period, found.first) == ("30", date(2026, 3, 5))
    assert found.problem == ""


def test_other_dates_make_a_free_period() -> None:
    query = {"period": "30", "from": "2026-01-01", "to": "2026-01-31"}
    found = asked(query, NOW, PARIS)
    assert found.period == "free"
    assert (found.first, found.last) == (date(2026, 1, 1), date(2026, 1, 31))
    assert asked(found.query, NOW, PARIS) == found


def test_the_dates_of_the_period_itself_leave_it_as_it_is() -> None:
    query = {"period": "7", "from": "2026-03-28", "to": "2026-04-03"}
    assert asked(query, NOW, PARIS) == asked({"period": "7"}, NOW, PARIS)


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        ("", "2026-01-31", "dates"),
        ("x", "y", "dates"),
        ("0001-01-01", "2026-01-31", "dates"),
        ("2026-01-01", "9999-12-31", "dates"),
        ("2026-02-01", "2026-01-31", "order"),
        ("2010-01-01", "2026-01-31", "long"),
    ],
)
def test_dates_that_make_no_period_are_told(
    first: str, last: str, problem: str
) -> None:
    query = {"period": "free", "from": first, "to": last}
    found = asked(query, NOW, PARIS)
    assert (found.problem, found.period) == (problem, "30")


def test_service_and_department_are_those_there_are() -> None:
    query = {"service": "marking", "department": "2a"}
    found = asked(query, NOW, PARIS)
    assert found.scope.service is ServiceType.MARKING
    assert found.scope.department == "2A"
    assert asked(found.query, NOW, PARIS) == found
    none = asked({"service": "'", "department": "20"}, NOW, PARIS).scope
    assert (none.service, none.department) == (None, "")
