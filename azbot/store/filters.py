"""Filters of a list → conditions of a query, for each database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    union,
)
from sqlalchemy import column as named

from azbot.forms.folding import fold
from azbot.messages import PersonId
from azbot.store.queries import Filters
from azbot.store.schema import assistances as table
from azbot.store.schema import companions, people, search_texts
from azbot.store.schema import reference_counters as counters
from azbot.store.search import SHIFT, fts5_query, query_words, ts_query

_WHOLE = re.compile(r"AS[A-Z]{2}[0-9]{8}")

_NUMBER = re.compile(r"[0-9]{1,6}|[0-9]{8}|AS[A-Z]{2}[0-9]{8}")
"""The number in a reference, the year with it, or all of it."""

IS_OPEN: ColumnElement[bool] = table.c.status.not_in(
    [literal_column("'closed'"), literal_column("'cancelled'")]
)
"""As the partial index says it: with bound values no planner would take it."""

IS_AT_HAND: ColumnElement[bool] = table.c.archived_at.is_(None)
"""In everyday work, not in the restricted archive; what is open always is."""

FEW = 1_000
"""Up to so many found rows, SQLite starts from them; beyond, from the order of the
list, and asks of each line whether it was found. Its planner cannot know."""


def finders(filters: Filters, *, is_postgresql: bool) -> list[Select[Any]]:
    """Return what must be found by text: each gives numbers of assistances."""
    found = []
    reference = "".join(filters.reference.split()).upper()
    if reference:
        named_so = table.alias("named_so")
        alike = named_so.c.ref.contains(reference, autoescape=True)
        if _WHOLE.fullmatch(reference):
            alike = named_so.c.ref == reference
        found.append(select(named_so.c.id).where(alike))
    if filters.seen_by is not None:
        found.append(seen_by(filters.seen_by))
    if query_words(filters.requested_by):
        found.append(_requested(filters.requested_by))
    if query_words(filters.address):
        found.append(_placed(filters.address, is_postgresql=is_postgresql))
    if query_words(filters.words):
        found.append(_said(filters, is_postgresql=is_postgresql))
    return found


def among(finder: Select[Any], numbers: Sequence[int] | None) -> ColumnElement[bool]:
    """Return that a line was found.

    Args:
        finder: one of ``finders``.
        numbers: all it finds, when that is at most ``FEW``; else None.
    """
    if numbers is not None:
        return table.c.id.in_(sorted(set(numbers)))
    # The sum keeps SQLite from looking up every single one.
    return (table.c.id + 0).in_(finder)


def columns(filters: Filters) -> list[ColumnElement[bool]]:
    """Return what every line must fulfil by its columns.

    What is in the archive is in no list, whatever is asked for.
    """
    return [IS_AT_HAND, *_columns(filters), *_flags(filters), *_care(filters)]


def _columns(filters: Filters) -> Iterator[ColumnElement[bool]]:
    yield from _one_of(table.c.service, (s.value for s in filters.services))
    yield from _one_of(table.c.status, (s.value for s in filters.statuses))
    yield from _one_of(table.c.station_id, filters.stations)
    yield from _one_of(table.c.department, filters.departments)
    if filters.opened_from is not None:
        yield table.c.opened_at >= filters.opened_from
    if filters.opened_before is not None:
        yield table.c.opened_at < filters.opened_before
    if filters.planned_from is not None:
        yield table.c.planned_at >= filters.planned_from
    if filters.planned_before is not None:
        yield table.c.planned_at < filters.planned_before
    if filters.requester is not None:
        yield table.c.requester_id == filters.requester
    yield from _one_of(table.c.ref, filters.refs)


def _one_of(
    column: ColumnElement[Any], values: Iterable[object]
) -> Iterator[ColumnElement[bool]]:
    wanted = sorted(values, key=str)
    if wanted:
        yield column.in_(wanted)


_FLAGS = (
    "needs_agent",
    "is_silent",
    "is_completed",
    "cancellation_asked",
    "is_to_approve",
)


def _flags(filters: Filters) -> Iterator[ColumnElement[bool]]:
    for name in _FLAGS:
        wanted = getattr(filters, name)
        if wanted is not None:
            yield table.c[name] if wanted else ~table.c[name]


def _care(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """The desk's own side; each written as in its partial index."""
    yield from _owned(filters)
    yield from _one_of(table.c.channel, filters.channels)
    yield from _is_or_not(IS_OPEN, filters.is_open)
    yield from _is_or_not(table.c.snoozed_until.is_not(None), filters.is_snoozed)
    yield from _is_or_not(table.c.documents > 0, filters.has_documents)
    if filters.needs_attention:
        yield table.c.attention_since.is_not(None)
        yield table.c.snoozed_until.is_(None)
    elif filters.needs_attention is not None:
        yield table.c.attention_since.is_(None) | table.c.snoozed_until.is_not(None)
    if filters.tags:
        yield table.c.tag_keys != text("''")
        keys = sorted(f"|{fold(tag)}|" for tag in filters.tags)
        yield or_(*(table.c.tag_keys.contains(k, autoescape=True) for k in keys))


def _owned(filters: Filters) -> Iterator[ColumnElement[bool]]:
    owners = list(_one_of(table.c.owner_id, filters.owners))
    nobodys = table.c.owner_id.is_(None)
    if filters.is_owned is False:
        yield or_(nobodys, *owners)
        return
    if filters.is_owned:
        yield ~nobodys
    yield from owners


def _is_or_not(
    condition: ColumnElement[bool],
    wanted: bool | None,  # noqa: FBT001
) -> Iterator[ColumnElement[bool]]:
    if wanted is not None:
        yield condition if wanted else ~condition


def _placed(address: str, *, is_postgresql: bool) -> Select[Any]:
    if is_postgresql:
        place = table.alias("placed")
        return select(place.c.id).where(_matches(place.c.place, address))
    return select(_fts5("place_index", address))


def seen_by(person: PersonId | BindParameter[Any]) -> Select[Any]:
    """Return what somebody takes part in, each part of it from an index.

    What is archived among it: whoever shows a list leaves that out.
    """
    own, site = table.alias("own"), table.alias("on_site")
    parts = (
        select(own.c.id).where(own.c.requester_id == person),
        select(site.c.id).where(site.c.contact_id == person),
        select(companions.c.assistance_id).where(companions.c.person_id == person),
    )
    return select(union(*parts).subquery().c[0])


def _requested(words: str) -> Select[Any]:
    """Return what people ordered whose name, company or address has the words."""
    asked, alike = table.alias("asked"), people.c.folded
    names = [alike.contains(f" {word}", autoescape=True) for word in query_words(words)]
    by = select(people.c.id).where(*names)
    return select(asked.c.id).where(asked.c.requester_id.in_(by))


def _said(filters: Filters, *, is_postgresql: bool) -> Select[Any]:
    """Return where the words are; a number alone is looked for in references, too."""
    said = _written(filters, is_postgresql=is_postgresql)
    named_so = numbered(filters.words)
    if named_so is None:
        return said
    return select(union(said, named_so).subquery().c[0])


def numbered(words: str) -> Select[Any] | None:
    """Return the assistances of a number, of any year and country; None: no number.

    Whole references are looked up, a few at most: how many there are does not matter.
    """
    number = words.strip().upper()
    if number.startswith("AS"):
        number = "".join(number.split())
    if not _NUMBER.fullmatch(number):
        return None
    year = func.substr(cast(counters.c.year, Text), 3, 2)
    ends = year.concat(number.zfill(6)) if len(number) < 7 else literal(number)
    refs = select(literal("AS").concat(counters.c.country).concat(ends))
    named_so = table.alias("numbered")
    is_whole = len(number) > 8
    is_it = named_so.c.ref == number if is_whole else named_so.c.ref.in_(refs)
    return select(named_so.c.id).where(is_it)


def newest_first(
    filters: Filters, after: int | None, *, is_postgresql: bool
) -> Select[Any] | None:
    """Return the newest assistances where the words are, ``FEW`` texts and one more.

    Numbers of assistances grow with their opening, so a page of what was asked last
    needs no more than that, however common the words.

    Args:
        filters: only their words.
        after: number of the assistance the page begins after.
        is_postgresql: it reads its index in no such order; None then.
    """
    is_plain = filters.is_internal and filters.requester is None
    if is_postgresql or not is_plain or numbered(filters.words) is not None:
        return None
    # Two processes may register at once: numbers and instants then cross a little.
    before = None if after is None else (after + 64) << SHIFT
    found = _fts5("search_index", filters.words, newest=FEW + 1, before=before)
    return select(found.op(">>")(SHIFT))


def newest_said(words: str, limit: int, *, is_postgresql: bool) -> Select[Any]:
    """Return where words are said, of each kind of place the newest few.

    Args:
        words: beginnings of words, or the end of a reference.
        limit: assistances wanted; several texts of one are found at times.
        is_postgresql: which database.
    """
    texts = 6 * limit
    if is_postgresql:
        query = select(search_texts.c.assistance_id.label("id"))
        query = query.where(_matches(search_texts.c.folded, words))
        said = query.order_by(search_texts.c.id.desc()).limit(texts)
    else:
        found = _fts5("search_index", words, newest=texts)
        said = select(found.op(">>")(SHIFT).label("id"))
    named_so = numbered(words)
    if named_so is None:
        return select(said.subquery().c.id).distinct()
    newest = named_so.order_by(named_so.selected_columns[0].desc()).limit(limit)
    both = union(select(said.subquery().c.id), select(newest.subquery().c.id))
    return select(both.subquery().c.id)


def _written(filters: Filters, *, is_postgresql: bool) -> Select[Any]:
    """The number of a text tells its assistance; only notes need the row."""
    with_notes = filters.is_internal and filters.requester is None
    texts = search_texts
    if is_postgresql:
        query = select(texts.c.assistance_id)
        query = query.where(_matches(texts.c.folded, filters.words))
    else:
        found = _fts5("search_index", filters.words)
        if with_notes:
            return select(found.op(">>")(SHIFT))
        query = select(texts.c.assistance_id).where(texts.c.id.in_(select(found)))
    if with_notes:
        return query
    told = ~texts.c.is_internal
    # What client and desk say is no station's to find: the assistance itself is.
    return query.where(told if filters.requester else told & (texts.c.event_id == 0))


def _fts5(
    index: str, words: str, *, newest: int = 0, before: int | None = None
) -> ColumnElement[Any]:
    """Return the row numbers that an FTS5 index finds: all, or so many newest."""
    values: dict[str, object] = {"words": fts5_query(words)}
    end = ""
    if before is not None:
        values["before"] = before
        end = " AND rowid < :before"
    if newest:
        end += f" ORDER BY rowid DESC LIMIT {newest}"
    found = text(
        f"SELECT rowid FROM {index} WHERE {index} MATCH :words{end}"  # noqa: S608
    ).bindparams(*(bindparam(name, each, unique=True) for name, each in values.items()))
    return found.columns(named("rowid", table.c.id.type)).subquery().c.rowid


def _matches(column: ColumnElement[Any], words: str) -> ColumnElement[bool]:
    # Written as in the index, or PostgreSQL does not use it.
    vector = func.to_tsvector(text("'simple'"), column)
    return vector.bool_op("@@")(func.to_tsquery(text("'simple'"), ts_query(words)))
