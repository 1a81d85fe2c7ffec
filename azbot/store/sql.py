"""The few ways repositories speak to one open transaction.

Statements are written in SQLAlchemy Core, at import, with ``bindparam``. Each is
compiled once to the text and the conversions of its database; from then on a unit
of work pays for the driver alone, about a fifth of what ``Connection.execute``
takes for such small statements (docs/decisions/0002).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Delete, Insert, TextClause, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.selectable import SelectBase

Statement = SelectBase | Insert | Update | Delete | TextClause
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Convert = Callable[[Any], Any]


class Sql:
    """One connection inside one transaction.

    Rows are named tuples; their values are converted as the column types say.

    Raises:
        sqlalchemy.exc.DBAPIError: from every method, whatever the driver.
    """

    __slots__ = ("_connection", "_driver", "is_postgresql")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver = connection.connection.driver_connection
        self.is_postgresql = connection.dialect.name == "postgresql"

    def run(self, statement: Statement, parameters: Parameters | None = None) -> int:
        """Execute, once for each mapping; return how many rows it touched."""
        ready = _compiled(statement, self.is_postgresql)
        if isinstance(parameters, Sequence) and len(parameters) > 1:
            values = [ready.values(each) for each in parameters]
            cursor = self._execute(ready.text, values, many=True)
        else:
            one = parameters[0] if isinstance(parameters, Sequence) else parameters
            cursor = self._execute(ready.text, ready.values(one or {}))
        touched: int = cursor.rowcount
        cursor.close()
        return touched

    def one(
        self, statement: Statement, parameters: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the first row, None when there is none."""
        ready = _compiled(statement, self.is_postgresql)
        cursor = self._execute(ready.text, ready.values(parameters or {}))
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else ready.row(row)

    def all(
        self, statement: Statement, parameters: Mapping[str, Any] | None = None
    ) -> list[Any]:
        """Return every row."""
        ready = _compiled(statement, self.is_postgresql)
        cursor = self._execute(ready.text, ready.values(parameters or {}))
        rows = cursor.fetchall()
        cursor.close()
        return [ready.row(row) for row in rows]

    def value(
        self, statement: Statement, parameters: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the first column of the first row, None when there is none."""
        row = self.one(statement, parameters)
        return None if row is None else row[0]

    def command(self, words: str) -> None:
        """Execute words that take no values, such as ``SAVEPOINT``."""
        self._execute(words, None).close()

    def _execute(self, words: str, values: Any, *, many: bool = False) -> Any:
        cursor = self._driver.cursor()  # type: ignore[union-attr]
        try:
            if many:
                cursor.executemany(words, values)
            elif values is None:
                cursor.execute(words)
            else:
                cursor.execute(words, values)
        except self._connection.dialect.loaded_dbapi.Error as error:
            cursor.close()
            raise self._wrapped(words, error) from error
        return cursor

    def _wrapped(self, words: str, error: Exception) -> Exception:
        """Give the driver's error the shape SQLAlchemy gives it, without values."""
        dialect = self._connection.dialect
        lost = dialect.is_disconnect(error, self._driver, None)  # type: ignore[arg-type]
        if lost:
            self._connection.invalidate(error)
        return DBAPIError.instance(
            words,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        )


@dataclass(frozen=True, slots=True)
class _Compiled:
    """One statement in the words of one database.

    Attributes:
        fixed: values the statement itself holds.
        given: conversion of each parameter that needs one.
        taken: conversion of each column that needs one, by position.
        shape: makes the named tuple.
    """

    text: str
    fixed: Mapping[str, Any]
    given: tuple[tuple[str, Convert], ...]
    taken: tuple[tuple[int, Convert], ...]
    shape: Callable[[Sequence[Any]], Any]

    def values(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the driver's values."""
        values = {**self.fixed, **parameters}
        for name, convert in self.given:
            values[name] = convert(values[name])
        return values

    def row(self, row: Sequence[Any]) -> Any:
        """Return a named tuple of Python's values."""
        if self.taken:
            row = list(row)
            for place, convert in self.taken:
                row[place] = convert(row[place])
        return self.shape(row)


_DIALECTS: Mapping[bool, Dialect] = {
    False: sqlite.dialect(paramstyle="named"),
    True: psycopg.dialect(),  # type: ignore[no-untyped-call]
}


@cache
def _compiled(statement: Statement, is_postgresql: bool) -> _Compiled:  # noqa: FBT001
    dialect = _DIALECTS[is_postgresql]
    compiled = statement.compile(dialect=dialect)
    if "POSTCOMPILE" in str(compiled):
        raise TypeError(f"an expanding list cannot be compiled once: {statement}")
    given: dict[str, Convert] = {}
    fixed: dict[str, Any] = {}
    for bind, name in compiled.bind_names.items():
        if not bind.required:
            fixed[name] = bind.effective_value
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None:
            given[name] = convert
    names, taken = [], []
    for place, column in enumerate(_columns(statement)):
        names.append(column.name)
        convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if convert is not None:
            taken.append((place, convert))
    shape: Any = tuple
    if names:
        row: Any = namedtuple("Row", names)  # type: ignore[misc]
        shape = row._make
    return _Compiled(str(compiled), fixed, tuple(given.items()), tuple(taken), shape)


def _columns(statement: Statement) -> Sequence[Any]:
    if isinstance(statement, SelectBase):
        return list(statement.selected_columns)
    if isinstance(statement, TextClause):
        return []
    return list(statement.exported_columns)
