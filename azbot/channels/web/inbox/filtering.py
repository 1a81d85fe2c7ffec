"""From what an address asks for to what the store is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from azbot.channels.web.inbox.asked import Asked, Order, Queue
from azbot.channels.web.inbox.days import read_days
from azbot.channels.web.inbox.fields import ME, NOBODY, Field
from azbot.channels.web.inbox.query import Condition, Unknown
from azbot.messages import PersonId
from azbot.store.queries import Filters, Sort
from azbot.store.search import searchable
from azbot.workflow.model import ServiceType, StationId, Status

_QUEUES: Mapping[Queue, Mapping[str, Any]] = {
    Queue.TO_HANDLE: {"needs_attention": True},
    Queue.MINE: {"is_open": True},
    Queue.APPROVALS: {"is_to_approve": True},
    Queue.SILENT: {"is_silent": True},
    Queue.CLOSING: {"statuses": frozenset({Status.DONE})},
    Queue.SNOOZED: {"is_snoozed": True},
    Queue.ALL: {},
}


@dataclass(frozen=True, slots=True)
class Names:
    """Who and what can be meant by name.

    Attributes:
        me: who looks.
        agents, stations: names by number.
    """

    me: PersonId
    agents: Mapping[PersonId, str] = field(default_factory=dict)
    stations: Mapping[StationId, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows.

    Attributes:
        filters: None when two conditions exclude each other: nothing can be found.
        unknown: what was not understood, names of nobody among it; it filters nothing.
    """

    filters: Filters | None
    unknown: tuple[Unknown, ...] = ()


def wanted(asked: Asked, names: Names, zone: ZoneInfo, today: date) -> Wanted:
    """Return the filters of an address.

    Args:
        asked: the address.
        names: who can be meant.
        zone: of the desk; its days begin and end there.
        today: on the desk's calendar.
    """
    narrowing = _Narrowing(dict(_QUEUES[asked.queue]))
    if asked.queue is Queue.MINE:
        narrowing.among("owners", [names.me])
    unknown = list(asked.unknown)
    for condition in asked.conditions:
        unknown += _narrow(narrowing, condition, names, zone, today)
    narrowing.joined("words", asked.query.words)
    if narrowing.is_empty:
        return Wanted(None, tuple(unknown))
    return Wanted(Filters(**narrowing.values), tuple(unknown))


def order_of(asked: Asked) -> tuple[Sort, bool]:
    """Return by what a list is sorted, and whether the newest come first."""
    match asked.sorted_by:
        case Order.OLDEST if asked.queue is Queue.TO_HANDLE:
            return Sort.WAITING, False
        case Order.OLDEST:
            return Sort.OPENED, False
        case Order.OPENED:
            return Sort.OPENED, True
        case Order.PLANNED:
            return Sort.PLANNED, False
        case Order.RECENT:
            return Sort.UPDATED, True


@dataclass(slots=True)
class _Narrowing:
    """Arguments of ``Filters`` that every condition can only narrow."""

    values: dict[str, Any]
    is_empty: bool = False

    def among(self, name: str, codes: Sequence[object]) -> None:
        """Let one of these stand, and of those only what stood before."""
        before = self.values.get(name)
        narrowed = frozenset(codes) if before is None else before & frozenset(codes)
        self.values[name] = narrowed
        self.is_empty |= not narrowed

    def joined(self, name: str, words: str) -> None:
        """Ask for further words."""
        found = f"{self.values.get(name, '')} {words}".strip()
        if found:
            self.values[name] = found

    def flag(self, name: str, *, wanted: bool) -> None:
        """Ask for one of two."""
        self.is_empty |= self.values.get(name, wanted) is not wanted
        self.values[name] = wanted

    def between(
        self, name: str, first: datetime | None, before: datetime | None
    ) -> None:
        """Keep the days that lie in both stretches."""
        for key, at, pick in (
            (f"{name}_from", first, max),
            (f"{name}_before", before, min),
        ):
            known = self.values.get(key)
            if at is not None:
                self.values[key] = pick(known, at) if known else at


def _narrow(
    to: _Narrowing, condition: Condition, names: Names, zone: ZoneInfo, today: date
) -> Iterator[Unknown]:
    """Narrow by one condition; yield the names that nobody has."""
    codes = condition.codes
    match condition.field:
        case Field.REFERENCE:
            to.values["reference"] = codes[0]
        case Field.SERVICE:
            to.among("services", [ServiceType(code) for code in codes])
        case Field.STATUS:
            to.among("statuses", [Status(code) for code in codes])
        case Field.ADDRESS:
            to.joined("address", codes[0])
        case Field.REQUESTER:
            to.joined("requested_by", codes[0])
        case Field.OPENED | Field.PLANNED:
            is_opened = condition.field is Field.OPENED
            days = _instants(codes[0], zone, today)
            to.between("opened" if is_opened else "planned", *days)
        case Field.DEPARTMENT:
            to.among("departments", codes)
        case Field.CHANNEL:
            to.among("channels", codes)
        case Field.TAG:
            to.values["tags"] = frozenset(codes) | to.values.get("tags", frozenset())
        case Field.DOCUMENTS:
            to.flag("has_documents", wanted="yes" in codes)
        case Field.STATION:
            yield from _by_name(to, condition, names.stations, "stations")
        case Field.OWNER:
            yield from _owners(to, condition, names)


def _instants(
    code: str, zone: ZoneInfo, today: date
) -> tuple[datetime | None, datetime | None]:
    days = read_days(code, today)
    first, last = (days.on(today).first, days.on(today).last) if days else (None, None)
    return (
        datetime.combine(first, time(), zone) if first else None,
        datetime.combine(last + timedelta(days=1), time(), zone) if last else None,
    )


def _owners(to: _Narrowing, condition: Condition, names: Names) -> Iterator[Unknown]:
    codes = condition.codes
    if NOBODY in codes:
        to.flag("is_owned", wanted=False)
    others = tuple(code for code in codes if code not in (ME, NOBODY))
    rest = Condition(condition.field, others)
    mine = [names.me] if ME in codes else []
    yield from _by_name(to, rest, names.agents, "owners", *mine)


def _by_name(
    to: _Narrowing,
    condition: Condition,
    named: Mapping[Any, str],
    name: str,
    *known: object,
) -> Iterator[Unknown]:
    """Narrow to whoever is called so: each word begins one of the name."""
    keys, strangers = list(known), []
    for code in condition.codes:
        found = [key for key, each in named.items() if is_called(each, code)]
        keys += found
        if not found:
            strangers.append(Unknown(condition.field.value, code))
    if keys:
        to.among(name, keys)
    yield from strangers


def is_called(name: str, words: str) -> bool:
    """Whether each of some words begins one of a name; accents and case ignored."""
    parts = searchable(name).split()
    given = searchable(words).split()
    return bool(given) and all(
        any(part.startswith(word) for part in parts) for word in given
    )
