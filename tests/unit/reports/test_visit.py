from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from azbot.reports.visit import Check, Unit, mac_address

if TYPE_CHECKING:
    from azbot.reports.content import ReportContent
    from tests.unit.reports.conftest import Kit


def value(content: ReportContent, label: str) -> str:
    rows = (row for section in content.sections for row in section.rows)
    return next(row.value for row in rows if row.label == label)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("0004a31f529c", "00:04:A3:1F:52:9C"),
        ("00-04-A3-1F-52-9C", "00:04:A3:1F:52:9C"),
        ("0004.a31f.529c", "00:04:A3:1F:52:9C"),
        ("55.24.65.48:7491", "55:24:65:48:74:91"),
        ("192.0.2.1:7491", "192.0.2.1:7491"),
        ("", ""),
    ],
)
def test_a_mac_is_written_in_pairs_unless_it_is_something_else(
    typed: str, shown: str
) -> None:
    assert mac_address(typed) == shown


def test_a_visit_that_ends_after_midnight_says_so(kit: Kit) -> None:
    left = datetime(2026, 3, 26, 0, 10, tzinfo=ZoneInfo("Europe/Paris"))
    content = kit.compose(left_at=left)
    assert value(content, "Heure de sortie") == "0\u00a0h\u00a010 (le lendemain)"


def test_zero_kilometres_is_a_distance_and_none_is_not(kit: Kit) -> None:
    assert "0\u00a0km" in value(kit.compose(distance_km=0), "Distance parcourue")
    assert value(kit.compose(distance_km=None), "Distance parcourue") == ""


def test_an_unsolved_visit_names_the_next_one_or_says_it_is_to_be_planned(
    kit: Kit,
) -> None:
    visit = kit.visit()
    assert visit.planned_at is not None
    later = visit.planned_at + timedelta(days=7)
    planned = kit.compose(is_solved=False, next_visit_at=later)
    assert "mercredi 1er\u00a0avril 2026" in planned.next_step
    open_end = kit.compose(is_solved=False)
    assert open_end.next_step == "Prochaine intervention à programmer"


def test_several_units_make_a_table_and_no_webserver_one_line(kit: Kit) -> None:
    content = kit.compose(units=(Unit("A", "1"), Unit("B", "2")), webserver=None)
    tables = [section.table for section in content.sections if section.table]
    assert tables[0].lines == (("1", "A", "1"), ("2", "B", "2"))
    assert value(content, "Webserver") == "Pas de webserver"


def test_nine_points_are_numbered_in_the_order_of_the_form(kit: Kit) -> None:
    content = kit.compose(checks=(Check("yes"),) * 9)
    points = next(s.checklist for s in content.sections if s.checklist)
    assert [point.number for point in points] == list(range(1, 10))
    assert points[4].label == "Passerelles raccordées selon leur notice"
