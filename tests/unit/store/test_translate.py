"""Driver errors say what to do, whatever the driver."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import exc

from azbot.errors import Conflict, StoreUnreachable
from azbot.store.translate import may_retry, translated, translating


class _Driver(Exception):
    """A PostgreSQL error with its code."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(f"first line {sqlstate}\nDETAIL: a secret")
        self.sqlstate = sqlstate


def wrapped(kind: type[exc.DBAPIError], origin: Exception) -> exc.DBAPIError:
    return kind("SELECT 1", {"secret": 1}, origin)


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (wrapped(exc.IntegrityError, sqlite3.IntegrityError("unique")), Conflict),
        (wrapped(exc.OperationalError, _Driver("40P01")), Conflict),
        (wrapped(exc.OperationalError, _Driver("40001")), Conflict),
        (wrapped(exc.OperationalError, _Driver("57P01")), StoreUnreachable),
        (
            wrapped(exc.OperationalError, sqlite3.OperationalError("locked")),
            StoreUnreachable,
        ),
        (exc.TimeoutError("pool"), StoreUnreachable),
    ],
)
def test_errors_become_ours(error: Exception, becomes: type[Exception]) -> None:
    assert type(translated(error)) is becomes


def test_words_of_the_statement_and_its_values_stay_out() -> None:
    other = translated(wrapped(exc.OperationalError, _Driver("57P01")))
    assert "secret" not in str(other)
    assert "SELECT" not in str(other)


def test_faults_of_ours_keep_their_type() -> None:
    fault = wrapped(exc.ProgrammingError, sqlite3.ProgrammingError("syntax"))
    assert translated(fault) is fault
    assert translated(error := LookupError("no")) is error
    with pytest.raises(exc.ProgrammingError), translating():
        raise fault


def test_only_postgresqls_races_are_done_again() -> None:
    assert may_retry(wrapped(exc.OperationalError, _Driver("40P01")))
    assert not may_retry(wrapped(exc.IntegrityError, _Driver("23505")))
    assert not may_retry(LookupError("no"))
