"""The page behind the QR code says little, but enough to compare."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.channels.web.verify import initials, masked


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Sophie Martin", "S. M."),
        ("Jean-Luc d'Arc", "J. L. D."),
        ("  ", ""),
        ("Œdipe", "Œ."),
        ("a b c d e", "A. B. C."),
    ],
)
def test_names_shrink_to_initials(name: str, short: str) -> None:
    assert initials(name) == short


def test_a_reference_keeps_its_ends() -> None:
    assert masked("ASFR26000184") == "ASFR•••••184"


@given(st.text(max_size=40))
def test_a_mask_keeps_the_length_and_never_more_than_seven(text: str) -> None:
    shown = masked(text)
    assert len(shown) == len(text)
    assert len(shown.replace("•", "")) <= 7
