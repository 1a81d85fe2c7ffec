"""Versions in headers, and rows that cannot be half written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.channels.web.api.operations import Operation, versions_of


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        ("", None),
        ("*", None),
        ('"7"', {7}),
        ('"7", "8"', {7, 8}),
        ('W/"7"', set()),
        ("7", set()),
        ('"seven"', set()),
        ('"7" "8"', set()),
    ],
)
def test_if_match_is_read_strictly(header: str, versions: set[int] | None) -> None:
    found = versions_of(header)
    assert found == (None if versions is None else frozenset(versions))


@given(st.text())
def test_any_header_is_read(header: str) -> None:
    versions_of(header)


def test_an_operation_either_reads_or_writes() -> None:
    with pytest.raises(ValueError, match="either reads or writes"):
        Operation("x", "GET", "/x", "X.", "Service")
