"""What somebody wants to see figures of: a period, a service, a department."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from azbot.forms.places import DEPARTMENTS
from azbot.store.figures import Scope
from azbot.workflow.model import ServiceType

PERIODS = {"7": 7, "30": 30, "90": 90, "365": 365}
"""Days of each period; the last of them is today."""
FREE = "free"
_USUAL = "30"
_LONGEST = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at.

    Attributes:
        period: one of ``PERIODS`` or ``FREE``.
        first, last: local days, both included.
        scope: the same as instants, with the other filters.
        problem: what is wrong with a free period, ``stats.problem.<…>``; the usual
            period is shown in its place. Empty when all is well.
    """

    period: str
    first: date
    last: date
    scope: Scope
    problem: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The filter as it stands in an address."""
        found = {"period": self.period}
        if self.period == FREE:
            found |= {"from": self.first.isoformat(), "to": self.last.isoformat()}
        if self.scope.service is not None:
            found["service"] = self.scope.service.value
        if self.scope.department:
            found["department"] = self.scope.department
        return found


def asked(query: Mapping[str, str], now: datetime, zone_name: str) -> Asked:
    """Read the filter of an address; what means nothing is left out.

    Dates other than those of the period make it a free one: who changes a date on
    the page need not choose anything else.

    Args:
        query: ``period``, ``from``, ``to``, ``service``, ``department``.
        now: aware; periods end on its local day.
        zone_name: of the desk.
    """
    zone = ZoneInfo(zone_name)
    today = now.astimezone(zone).date()
    period = query.get("period", "")
    days = PERIODS.get(period, PERIODS[_USUAL])
    first, last = today - timedelta(days=days - 1), today
    problem = ""
    if period == FREE or query.keys() & {"from", "to"}:
        free = _free(query)
        if isinstance(free, str):
            problem = free
        elif free != (first, last) or period == FREE:
            (first, last), period = free, FREE
    if period not in (*PERIODS, FREE) or (period == FREE and problem):
        period = _USUAL
    service = query.get("service", "")
    department = query.get("department", "").upper()
    scope = Scope(
        since=_midnight(first, zone),
        before=_midnight(last + timedelta(days=1), zone),
        service=ServiceType(service) if service in set(ServiceType) else None,
        department=department if department in DEPARTMENTS else "",
    )
    return Asked(period, first, last, scope, problem)


def _free(query: Mapping[str, str]) -> tuple[date, date] | str:
    """Return first and last day, or what is wrong with them."""
    try:
        first, last = (date.fromisoformat(query.get(key, "")) for key in ("from", "to"))
    except ValueError:
        return "dates"
    # Beyond these years instants of other zones would not exist.
    if first.year < 2000 or last.year > 2200:
        return "dates"
    if first > last:
        return "order"
    return "long" if last - first > _LONGEST else (first, last)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
