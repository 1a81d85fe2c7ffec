from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.reports.glyphs import REPLACEMENT, printable

LATIN = set(range(0x20, 0x250)) | {ord(char) for char in "€’«»–…•\u00a0\ufffd"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("œuvre, 12 €, ñ, Łódź", "œuvre, 12 €, ñ, Łódź"),
        ("a → b ☐ ☑ ✓", "a -> b [ ] [x] [x]"),
        ("e\u0301", "é"),
        ("7\u202f°", "7\u00a0°"),
        ("漢字", REPLACEMENT * 2),
        ("👍🏽", REPLACEMENT * 2),
        ("a\x00b\x07\u202eabc\u200b", "ababc"),
        ("un\r\ndeux\u2028trois", "un\ndeux\ntrois"),
        ("\ud800", REPLACEMENT),
        ("ﬁn", "fin"),
    ],
)
def test_a_letter_the_font_lacks_is_replaced_in_sight(text: str, shown: str) -> None:
    assert printable(text, LATIN) == shown


@given(st.text(st.characters(codec=None)))
def test_nothing_outside_the_font_is_printed(text: str) -> None:
    assert all(char == "\n" or ord(char) in LATIN for char in printable(text, LATIN))
