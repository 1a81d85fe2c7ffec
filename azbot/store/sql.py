"""The few ways repositories speak to one open transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable, Row

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Sql:
    """One connection inside one transaction.

    Statements are built once, at import, with ``bindparam``; SQLAlchemy keeps the
    text it compiled for each, so a unit of work pays for execution alone.
    """

    __slots__ = ("connection", "is_postgresql")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_postgresql = connection.dialect.name == "postgresql"

    def run(self, statement: Executable, parameters: Parameters | None = None) -> int:
        """Execute; return how many rows it touched."""
        return self.connection.execute(statement, parameters).rowcount

    def one(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Row[Any] | None:
        """Return the first row, None when there is none."""
        return self.connection.execute(statement, parameters).first()

    def all(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        """Return every row."""
        return self.connection.execute(statement, parameters).all()

    def value(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the first column of the first row, None when there is none."""
        return self.connection.execute(statement, parameters).scalar()
