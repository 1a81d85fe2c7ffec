"""What « Mes demandes » is asked for: the filters of R25 to R31, all in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from azbot.forms.folding import fold
from azbot.messages import PersonId
from azbot.store.queries import Filters
from azbot.workflow.model import ServiceType, StationId, Status

NAMES = (
    *("reference", "service", "address", "status", "station"),
    *("opened_from", "opened_to", "planned_from", "planned_to"),
)
_LONGEST = 120
_NO_STATION = StationId(0)


@dataclass(frozen=True, slots=True)
class AskedList:
    """The filters as they were typed; what cannot be read is kept and finds all.

    Attributes:
        values: by name, one-line texts, possibly empty.
        after: where the page begins, empty for the first one.
    """

    values: Mapping[str, str]
    after: str = ""

    @property
    def count(self) -> int:
        """How many filters are set."""
        return sum(bool(value) for value in self.values.values())

    def url(self, after: str = "") -> str:
        """Return the address of a page of it."""
        told = {name: value for name, value in self.values.items() if value}
        if after:
            told["after"] = after
        return f"/portal?{urlencode(told)}" if told else "/portal"

    def filters(
        self, person: PersonId, stations: Mapping[StationId, str], zone: ZoneInfo
    ) -> Filters:
        """Return them for the store.

        Args:
            person: whose list.
            stations: those of their assistances.
            zone: of the days.
        """
        value = self.values
        planned = [_day(value[name]) for name in ("planned_from", "planned_to")]
        return Filters(
            seen_by=person,
            reference=value["reference"],
            services=frozenset(s for s in ServiceType if s.value == value["service"]),
            address=value["address"],
            statuses=frozenset(s for s in Status if s.value == value["status"]),
            stations=_named(value["station"], stations),
            opened_from=_begin(_day(value["opened_from"]), zone),
            opened_before=_end(_day(value["opened_to"]), zone),
            planned_from=_begin(planned[0], zone),
            planned_before=_end(planned[1], zone),
            # A date the desk has not agreed to is told to nobody (R105).
            is_to_approve=False if any(planned) else None,
        )


def asked_list(query: Mapping[str, str]) -> AskedList:
    """Return what an address asks for; every address can be read."""
    values = {name: " ".join(query.get(name, "").split())[:_LONGEST] for name in NAMES}
    return AskedList(values, query.get("after", ""))


def _named(words: str, stations: Mapping[StationId, str]) -> frozenset[StationId]:
    """Return the stations a text means; one that is nobody's, for none."""
    if not words:
        return frozenset()
    found = {key for key, name in stations.items() if fold(words) in fold(name)}
    return frozenset(found or {_NO_STATION})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _begin(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), zone)


def _end(day: date | None, zone: ZoneInfo) -> datetime | None:
    if day is None or day == date.max:
        return None
    return datetime.combine(day + timedelta(days=1), time(), zone)
