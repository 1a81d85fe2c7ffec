"""Driver errors → azbot errors: the caller learns what to do, not who failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from azbot.errors import Conflict, StoreUnreachable

_RETRYABLE = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATE: serialization failure, deadlock, lock not available."""


_UNIQUE = "23505"


def sqlstate(error: BaseException) -> str:
    """Return PostgreSQL's five-character code of a driver error, else empty."""
    origin = getattr(error, "orig", None)
    return str(getattr(origin, "sqlstate", None) or "")


def may_retry(error: BaseException) -> bool:
    """Whether the same work may simply be done again (PostgreSQL)."""
    return isinstance(error, exc.DBAPIError) and sqlstate(error) in _RETRYABLE


def is_worth_one_more(error: BaseException) -> bool:
    """Whether a second try, before anything was committed, likely goes well.

    A row appeared that the work had looked for in vain (two first messages of one
    stranger): done again it finds the row. Or the connection had died meanwhile: a
    new one is made.
    """
    if isinstance(error, exc.IntegrityError):
        return sqlstate(error) == _UNIQUE
    return isinstance(error, exc.DBAPIError) and error.connection_invalidated


def translated(error: Exception) -> Exception:
    """Return the azbot error for a driver error; other errors as they are.

    A broken rule of the schema (a key that exists) is somebody being faster:
    ``Conflict``. A connection, file or lock that does not answer is
    ``StoreUnreachable``. What remains is a fault of ours and keeps its type.
    """
    if may_retry(error):
        return Conflict("several units of work wanted the same rows")
    if isinstance(error, exc.IntegrityError):
        return Conflict(_first_line(error))
    if isinstance(error, exc.OperationalError | exc.InterfaceError | exc.TimeoutError):
        return StoreUnreachable(_first_line(error))
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return StoreUnreachable(_first_line(error))
    return error


@contextmanager
def translating() -> Iterator[None]:
    """Raise azbot errors instead of driver errors from the block."""
    try:
        yield
    except TimeoutError as error:
        raise StoreUnreachable("no answer in time") from error
    except exc.SQLAlchemyError as error:
        other = translated(error)
        if other is error:
            raise
        raise other from error


def _first_line(error: Exception) -> str:
    """The driver's own words without statement and parameters: those hold data."""
    words = str(getattr(error, "orig", None) or error).strip()
    return words.splitlines()[0] if words else type(error).__name__
