"""Text can be read, whatever the brand's colour is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.render.colours import contrast, page_colours, palette

# Ink and the grounds it lies on in templates/mail/_frame.
INKS = {
    "text": ("page", "card", "soft", "sunken"),
    "muted": ("page", "card", "soft", "sunken"),
    "accent": ("page", "card"),
    "on_accent": ("accent",),
    "note_text": ("note",),
}
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(COLOURS)
def test_every_text_of_a_mail_can_be_read_in_both_schemes(brand: str) -> None:
    colours = palette(brand)
    for ending in ("", "_dark"):
        for ink, grounds in INKS.items():
            for ground in grounds:
                ratio = contrast(colours[ink + ending], colours[ground + ending])
                assert ratio >= 4.5, (brand, ink + ending, ground + ending, ratio)


def test_a_colour_that_can_be_read_is_kept() -> None:
    assert palette("#0B5C86")["accent"] == "#0b5c86"


@pytest.mark.parametrize("colour", ["", "red", "#fff", "0b5c86", "#0b5c86;x"])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        palette(colour)


@pytest.mark.parametrize(
    "brand", ["#0b5c86", "#ffff00", "#000000", "#ffffff", "#E30613"]
)
def test_pages_stay_readable_in_the_brands_colour(brand: str) -> None:
    for colours, grounds in zip(
        page_colours(brand),
        (("#ffffff", "#f5f6f8", "#eef0f3"), ("#181f27", "#11161c", "#131920")),
        strict=True,
    ):
        for ground in (*grounds, colours["accent-soft"]):
            assert contrast(colours["accent"], ground) >= 4.5
        for button in ("accent", "accent-hover"):
            assert contrast(colours["on-accent"], colours[button]) >= 4.5
