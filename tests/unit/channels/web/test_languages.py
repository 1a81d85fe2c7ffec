"""The language of an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.channels.web.languages import preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "fr"),
        ("en", "en"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("de, en;q=0.2", "en"),
        ("de", "fr"),
        ("en;q=0.2, fr;q=0.3", "fr"),
        ("*", "fr"),
        ("en;q=0, *", "fr"),
        ("en;q=abc, es", "es"),
        ("EN_us", "en"),
    ],
)
def test_the_heaviest_of_our_three_wins(header: str, language: str) -> None:
    assert preferred(header) == language


@given(st.text())
def test_any_header_gives_one_of_the_three(header: str) -> None:
    assert preferred(header) in {"fr", "en", "es"}
