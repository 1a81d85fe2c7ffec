"""Colours of mails, in both schemes, readable whatever the brand's colour is."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Mapping

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
READABLE = 4.5
"""Contrast of text, WCAG 2.2 criterion 1.4.3."""

# No pure white or black: clients that invert colours turn those glaring.
LIGHT: Mapping[str, str] = {
    "page": "#f5f6f8",
    "card": "#fefefe",
    "line": "#dfe3e8",
    "text": "#17202b",
    "muted": "#566270",
    "sunken": "#eef0f3",
    "soft": "#e4f0f7",
    "note": "#fff8df",
    "note_line": "#e6cd74",
    "note_text": "#5b4500",
}
DARK: Mapping[str, str] = {
    "page": "#11161c",
    "card": "#181f27",
    "line": "#2b3540",
    "text": "#e8edf2",
    "muted": "#a6b2bf",
    "sunken": "#131920",
    "soft": "#15303f",
    "note": "#2e2812",
    "note_line": "#6d5c22",
    "note_text": "#f0dfa0",
}
_ON_DARK = "#06202e"


def luminance(colour: str) -> float:
    """Return the relative luminance, 0 to 1. Source: WCAG 2.2, definitions."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
               for c in channels)  # fmt: skip
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """Return ``colour`` with ``share`` (0 to 1) of ``other`` in it."""
    pairs = ((int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def lightened(colour: str) -> str:
    """Return the colour's hue as bright as text on a dark ground wants it."""
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(r, g, b)
    light = colorsys.hls_to_rgb(hue, max(lightness, 0.65), min(saturation, 0.65))
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in light)


def readable(colour: str, *grounds: str) -> str:
    """Return the colour, moved towards black or white until text can be read.

    Args:
        colour: ``#rrggbb``.
        grounds: what lies behind it; all light, or all dark.
    """
    target = "#000000" if luminance(grounds[0]) > 0.18 else "#ffffff"
    for step in range(21):
        found = mixed(colour, target, step / 20)
        if all(contrast(found, ground) >= READABLE for ground in grounds):
            return found
    return target


def palette(brand: str) -> Mapping[str, str]:
    """Return every colour a mail uses, by name; those of the dark end in ``_dark``.

    Args:
        brand: ``#rrggbb``.

    Raises:
        ValueError: it is no colour of that form.
    """
    if not _HEX.fullmatch(brand):
        raise ValueError(f"not a colour of the form #rrggbb: {brand!r}")
    accent = readable(brand.lower(), LIGHT["card"], LIGHT["page"], LIGHT["soft"])
    accent_dark = readable(
        lightened(brand.lower()),
        DARK["card"], DARK["page"], DARK["soft"], DARK["sunken"],
    )  # fmt: skip
    return {
        **LIGHT,
        **{f"{name}_dark": colour for name, colour in DARK.items()},
        "accent": accent,
        "on_accent": LIGHT["card"],
        "accent_dark": accent_dark,
        "on_accent_dark": _ON_DARK,
    }


def page_colours(brand: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the brand's colour makes of pages, light and dark.

    Names are those of the stylesheets: ``accent``, ``accent-hover``,
    ``accent-soft``, ``on-accent``. Text keeps its contrast whatever the colour is.

    Args:
        brand: ``#rrggbb``.

    Raises:
        ValueError: it is no colour of that form.
    """
    if not _HEX.fullmatch(brand):
        raise ValueError(f"not a colour of the form #rrggbb: {brand!r}")
    brand = brand.lower()
    soft = mixed(brand, LIGHT["card"], 0.9)
    accent = readable(brand, "#ffffff", LIGHT["page"], LIGHT["sunken"], soft)
    soft_dark = mixed(brand, DARK["card"], 0.78)
    accent_dark = readable(
        lightened(brand), DARK["card"], DARK["page"], DARK["sunken"], soft_dark
    )
    return (
        {
            "accent": accent,
            "accent-hover": mixed(accent, "#000000", 0.2),
            "accent-soft": soft,
            "on-accent": "#ffffff",
        },
        {
            "accent": accent_dark,
            "accent-hover": mixed(accent_dark, "#ffffff", 0.2),
            "accent-soft": soft_dark,
            "on-accent": readable(_ON_DARK, accent_dark),
        },
    )
