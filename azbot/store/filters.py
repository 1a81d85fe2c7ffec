"""Filters of a list → conditions of a query, for each database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select, text
from sqlalchemy import column as named

from azbot.store.queries import Filters
from azbot.store.schema import assistances as table
from azbot.store.schema import search_texts
from azbot.store.search import SHIFT, fts5_query, query_words, ts_query

FEW = 2_000
"""Up to so many found texts, SQLite starts from them; beyond, from the sorted
index, which then meets a match soon."""


def needs_words(filters: Filters) -> bool:
    """Whether words are searched at all."""
    return bool(query_words(filters.words))


def few_matches(filters: Filters) -> Select[Any]:
    """Return whose words match (SQLite), no more rows than tell if they are few."""
    return _matches(filters).limit(FEW + 1)


def conditions(
    filters: Filters, found: Sequence[int] | None, *, is_postgresql: bool
) -> list[ColumnElement[bool]]:
    """Return what every line must fulfil.

    Args:
        filters: as asked.
        found: the numbers ``few_matches`` gave when they were few, else None.
        is_postgresql: else for SQLite.
    """
    where = [*_columns(filters), *_flags(filters)]
    if query_words(filters.address):
        where.append(_place(filters.address, is_postgresql=is_postgresql))
    if not needs_words(filters):
        return where
    if found is not None:
        where.append(table.c.id.in_(found))
    elif is_postgresql:
        where.append(table.c.id.in_(_postgresql_matches(filters)))
    else:
        where.append(table.c.id.in_(_matches(filters)))
    return where


def _columns(filters: Filters) -> Iterator[ColumnElement[bool]]:
    reference = "".join(filters.reference.split()).upper()
    if reference:
        yield table.c.ref.contains(reference, autoescape=True)
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


def _one_of(
    column: ColumnElement[Any], values: Iterable[object]
) -> Iterator[ColumnElement[bool]]:
    wanted = sorted(values, key=str)
    if wanted:
        yield column.in_(wanted)


def _flags(filters: Filters) -> Iterator[ColumnElement[bool]]:
    for name in ("needs_agent", "is_silent", "is_completed", "cancellation_asked"):
        wanted = getattr(filters, name)
        if wanted is not None:
            yield table.c[name] if wanted else ~table.c[name]


def _place(address: str, *, is_postgresql: bool) -> ColumnElement[bool]:
    if is_postgresql:
        return _vector(table.c.place).bool_op("@@")(_query(address))
    return table.c.id.in_(
        text("SELECT rowid FROM place_index WHERE place_index MATCH :place")
        .bindparams(bindparam("place", fts5_query(address)))
        .columns(named("rowid", table.c.id.type))
    )


def _matches(filters: Filters) -> Select[Any]:
    """SQLite: the full-text index alone names the assistance of each text."""
    index = text(
        "SELECT rowid AS found FROM search_index WHERE search_index MATCH :words"
        " ORDER BY rowid DESC"
    ).bindparams(bindparam("words", fts5_query(filters.words)))
    found = index.columns(named("found", table.c.id.type)).subquery()
    if _may_search_notes(filters):
        return select(found.c.found.op(">>")(SHIFT))
    return (
        select(search_texts.c.assistance_id)
        .join(found, found.c.found == search_texts.c.id)
        .where(~search_texts.c.is_internal)
    )


def _postgresql_matches(filters: Filters) -> Select[Any]:
    query = select(search_texts.c.assistance_id).where(
        _vector(search_texts.c.folded).bool_op("@@")(_query(filters.words))
    )
    if not _may_search_notes(filters):
        query = query.where(~search_texts.c.is_internal)
    return query


def _may_search_notes(filters: Filters) -> bool:
    return filters.is_internal and filters.requester is None


def _vector(column: ColumnElement[Any]) -> ColumnElement[Any]:
    # Written as in the index, or PostgreSQL does not use it.
    return func.to_tsvector(text("'simple'"), column)


def _query(words: str) -> ColumnElement[Any]:
    return func.to_tsquery(text("'simple'"), ts_query(words))
