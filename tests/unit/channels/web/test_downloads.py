"""Names of downloads, in every browser and in no header's way."""

from __future__ import annotations

from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from azbot.channels.web.downloads import disposition


def test_a_plain_name_is_given_twice() -> None:
    assert disposition("Rapport-1.pdf") == (
        "attachment; filename=\"Rapport-1.pdf\"; filename*=UTF-8''Rapport-1.pdf"
    )


@given(st.text())
def test_any_name_fits_into_one_line_of_ascii(name: str) -> None:
    header = disposition(name)
    assert header.isascii()
    assert "\r" not in header
    assert "\n" not in header
    assert header.count('"') == 2


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_the_extended_form_is_the_name_itself(name: str) -> None:
    assert unquote(disposition(name).rpartition("''")[2]) == name
