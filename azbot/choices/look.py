"""How mails and pages look by the present choices."""

from __future__ import annotations

import hashlib
from pathlib import Path

from azbot.choices.values import Choices
from azbot.render import Renderer
from azbot.render.colours import page_colours
from azbot.render.pages import Look

DELIVERED = "#0b5c86"
"""The colour the stylesheets of the pages are written with."""


def renderer_of(templates: Path, choices: Choices) -> Renderer:
    """Return what writes mails in the words and colours of these choices."""
    return Renderer(templates, choices.brand, choices.words, lambda: choices.lists)


def look_of(choices: Choices, *, is_trial: bool = False) -> Look:
    """Return how pages show the desk by these choices."""
    colour = choices.brand.colour.lower()
    return Look(
        name=choices.brand.name,
        logo=choices.logo.path if choices.logo else "",
        style="" if colour == DELIVERED else f"/brand/{style_name(colour)}",
        is_trial=is_trial,
    )


def style_name(colour: str) -> str:
    """Return the name of the stylesheet of a colour; other rules, another name."""
    mark = hashlib.sha256(stylesheet(colour).encode()).hexdigest()[:8]
    return f"{colour.removeprefix('#')}-{mark}.css"


def stylesheet(colour: str) -> str:
    """Return the stylesheet that gives pages the colour of the desk, in both schemes.

    Raises:
        ValueError: it is no colour of the form ``#rrggbb``.
    """
    light, dark = page_colours(colour)
    return (
        f":root{{{_rules(light)}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_rules(dark)}}}}}\n"
    )


def _rules(colours: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in colours.items())
