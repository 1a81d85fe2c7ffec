"""What an address asks for: the whole filter stands in the URL (ux.md 6.4, A14).

One parameter per filter, ``q`` for the search box, ``queue``, ``tri`` and ``apres``.
Every address can be read; what means nothing is kept and told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlencode

from azbot.channels.web.inbox.days import Days, read_days
from azbot.channels.web.inbox.fields import DATED, WHOLE, Field, codes_of, written
from azbot.channels.web.inbox.query import (
    LONGEST,
    Condition,
    Query,
    Unknown,
    Words,
    read,
)
from azbot.forms.folding import clean_line

HOME = "/inbox"


class Queue(StrEnum):
    """Where an agent looks (ux.md 6.1)."""

    TO_HANDLE = "todo"
    MINE = "mine"
    APPROVALS = "approvals"
    SILENT = "silent"
    CLOSING = "closing"
    SNOOZED = "snoozed"
    ALL = "all"


class Order(StrEnum):
    """By what a list is sorted."""

    OLDEST = "ancien"
    """Who waits longest first in « À traiter », elsewhere the oldest request."""
    RECENT = "recent"
    """By the last thing that happened."""
    OPENED = "demandee"
    PLANNED = "programmee"


_NOTHING = Query()
_QUEUES: Mapping[str, Queue] = {queue.value: queue for queue in Queue}
_ORDERS: Mapping[str, Order] = {order.value: order for order in Order}
_LISTED = frozenset(
    {Field.STATUS, Field.SERVICE, Field.DEPARTMENT, Field.CHANNEL, Field.TAG}
)
"""What one field of the form may hold several of, between commas."""

_USUAL = {Queue.TO_HANDLE: Order.OLDEST, Queue.APPROVALS: Order.PLANNED}


class Parameters(Protocol):
    """The parameters of an address, several of one name among them."""

    def getall(self, key: str, default: list[str], /) -> list[str]:
        """Return all values of one name."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """One address of the inbox.

    Attributes:
        filters: conditions of the parameters, in the order of ``Field``.
        stray: parameters whose value is unknown.
        query: what the search box says.
        text: the search box as typed.
        order: None: the usual one of the queue.
        after: where the page begins; empty: at the top.
        view: number of the saved view this began with; 0 for none.
    """

    queue: Queue = Queue.TO_HANDLE
    filters: tuple[Condition, ...] = ()
    stray: tuple[Unknown, ...] = ()
    query: Query = _NOTHING
    text: str = ""
    order: Order | None = None
    after: str = ""
    view: int = 0

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every filter, wherever it stands."""
        return self.filters + self.query.conditions

    @property
    def unknown(self) -> tuple[Unknown, ...]:
        """All that was not understood."""
        return self.stray + self.query.unknown

    @property
    def is_filtered(self) -> bool:
        """Whether anything but a queue is asked for."""
        return bool(self.filters or self.stray or self.query.pieces)

    @property
    def sorted_by(self) -> Order:
        """The order in force."""
        return self.order or self._usual

    @property
    def _usual(self) -> Order:
        """What is searched for by words is shown by its request: that costs least."""
        usual = _USUAL.get(self.queue, Order.RECENT)
        return Order.OPENED if self.query.words and usual is Order.RECENT else usual

    def has(self, field: Field, code: str = "") -> bool:
        """Whether a parameter filters by a field, or by one value of it."""
        return any(
            c.field is field and (not code or code in c.codes) for c in self.filters
        )

    def value(self, field: Field) -> str:
        """Return what a text field of the form holds."""
        found = (c for c in self.filters if c.field is field)
        return ", ".join(written(field, code) for c in found for code in c.codes)

    def days(self, field: Field) -> Days:
        """Return what the two date fields of the form hold, or a named stretch."""
        found = (c for c in self.filters if c.field is field)
        return next((read_days(c.codes[0], date.min) or Days() for c in found), Days())

    def without(self, gone: Condition | Unknown | Words) -> Asked:
        """Return the address with one filter dropped; free words go together."""
        if isinstance(gone, Words):
            return self._with_query(self.query.without_words())
        if gone in self.query.pieces:
            return self._with_query(self.query.without(gone))
        return self._elsewhere(
            filters=tuple(c for c in self.filters if c != gone),
            stray=tuple(u for u in self.stray if u != gone),
        )

    def reset(self) -> Asked:
        """Return the queue alone, in the same order."""
        return Asked(self.queue, order=self.order)

    def ordered(self, order: Order) -> Asked:
        """Return the same list in another order."""
        return replace(self, order=None if order is self._usual else order, after="")

    def from_(self, after: str) -> Asked:
        """Return the address of a further page."""
        return replace(self, after=after)

    def viewed(self, view: int) -> Asked:
        """Return the same list as of another saved view, 0 for none."""
        return replace(self, view=view)

    def url(self, path: str = HOME) -> str:
        """Return the address; ``asked`` of it is this very value."""
        query = urlencode(list(self.pairs()))
        return f"{path}?{query}" if query else path

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the parameters, for an address or for hidden fields."""
        implied = Queue.ALL if self.is_filtered else Queue.TO_HANDLE
        if self.queue is not implied:
            yield "queue", self.queue.value
        for condition in self.filters:
            yield from _parameters(condition)
        for each in self.stray:
            yield each.name, each.value
        if self.text:
            yield "q", self.text
        yield from self.trail()

    def trail(self) -> Iterator[tuple[str, str]]:
        """Yield what is no filter: order, place in the list, saved view."""
        if self.order is not None:
            yield "tri", self.order.value
        if self.after:
            yield "apres", self.after
        if self.view:
            yield "vue", str(self.view)

    def _with_query(self, query: Query) -> Asked:
        return self._elsewhere(query=query, text=str(query))

    def _elsewhere(self, **changes: object) -> Asked:
        """Return another list, at its top; of a queue that is not a mere default."""
        return replace(self, **changes, after="", view=0)  # type: ignore[arg-type]


def asked(given: Parameters, today: date) -> Asked:
    """Return what an address asks for; total.

    Args:
        given: its parameters.
        today: on the desk's calendar.
    """
    text = _one(given, "q")[:LONGEST]
    query = read(text, today)
    filters, stray = [], []
    for field in Field:
        condition, unknown = _filter(given, field, today)
        filters += condition
        stray += unknown
    is_filtered = bool(filters or stray or query.pieces)
    usual = Queue.ALL if is_filtered else Queue.TO_HANDLE
    view = _one(given, "vue")
    return Asked(
        queue=_QUEUES.get(_one(given, "queue"), usual),
        filters=tuple(filters),
        stray=tuple(stray),
        query=query,
        text=text if query.pieces else "",
        order=_ORDERS.get(_one(given, "tri")),
        after=_one(given, "apres")[:200],
        view=int(view) if view.isascii() and view.isdigit() and len(view) < 10 else 0,
    )


def _filter(
    given: Parameters, field: Field, today: date
) -> tuple[list[Condition], list[Unknown]]:
    texts = [t for text in given.getall(field.value, []) if (t := clean_line(text))]
    if field in DATED:
        texts += _stretch(given, field)
    elif field in _LISTED:
        texts = [t for text in texts for part in text.split(",") if (t := part.strip())]
    meant = {text[:200]: codes_of(field, text[:200], today) for text in texts}
    codes = dict.fromkeys(code for found in meant.values() for code in found)
    if field in DATED or field in WHOLE:
        codes = dict.fromkeys(list(codes)[:1])
    unknown = [Unknown(field.value, text) for text, found in meant.items() if not found]
    return ([Condition(field, tuple(codes))] if codes else []), unknown


def _stretch(given: Parameters, field: Field) -> list[str]:
    first, last = (clean_line(_one(given, f"{field}_{end}")) for end in ("du", "au"))
    if not (first or last):
        return []
    return [first if first == last else f"{first}..{last}"]


def _parameters(condition: Condition) -> Iterator[tuple[str, str]]:
    field = condition.field
    if field not in DATED:
        yield from ((field.value, written(field, code)) for code in condition.codes)
        return
    days = read_days(condition.codes[0], date.min) or Days()
    if days.named:
        yield field.value, days.named
    for end, day in (("du", days.first), ("au", days.last)):
        if day is not None:
            yield f"{field}_{end}", day.isoformat()


def _one(given: Parameters, name: str) -> str:
    return next(iter(given.getall(name, [])), "")
