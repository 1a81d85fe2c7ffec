"""Instants are aware and UTC on their way in and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from azbot.store.schema import UtcDateTime

DIALECT = sqlite.dialect()
INSTANTS = st.datetimes(timezones=st.timezones() | st.just(UTC)).filter(
    lambda at: 1 < at.year < 9999
)


def written(at: datetime) -> str:
    text = UtcDateTime().bind_processor(DIALECT)(at)
    assert isinstance(text, str)
    return text


@given(one=INSTANTS, other=INSTANTS)
def test_text_sorts_like_the_instants(one: datetime, other: datetime) -> None:
    one, other = one.astimezone(UTC), other.astimezone(UTC)
    assert (written(one) < written(other)) == (one < other)
    read = UtcDateTime().result_processor(DIALECT, None)
    assert read(written(one)) == one


def test_another_zone_becomes_utc() -> None:
    paris = timezone(timedelta(hours=1))
    assert written(datetime(2026, 3, 2, 9, tzinfo=paris)).startswith("2026-03-02T08:")


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        written(datetime(2026, 3, 2, 9))  # noqa: DTZ001
