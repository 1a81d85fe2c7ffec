"""What axe finds on a page, in every colour and width it is shown in (X1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""What X1 asks for."""

EVERY_RULE: tuple[str, ...] = ()
"""No tags at all: axe also looks for what is good practice."""

WIDTHS = (360, 1440)
"""A telephone and a desk, in CSS pixels."""

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that look at colours: the others find in the dark what they find by day."""

Violation = tuple[str, str, str]


def violations(
    page: Page,
    *,
    tags: Sequence[str] = WCAG,
    without: Sequence[str] = (),
    within: str = "",
) -> list[Violation]:
    """Return what axe finds as (rule, element, why).

    Args:
        page: as it is now.
        tags: only rules with one of these.
        without: rules that do not count here.
        within: a CSS selector, to look at a part alone.
    """
    options: dict[str, object] = {
        "rules": {rule: {"enabled": False} for rule in without}
    }
    if tags:
        options["runOnly"] = list(tags)
    return _found(page, options, within)


def violations_everywhere(
    page: Page,
    widths: Sequence[int] = WIDTHS,
    *,
    tags: Sequence[str] = WCAG,
    without: Sequence[str] = (),
    within: str = "",
) -> list[tuple[int, str, Violation]]:
    """Return what axe finds in each width, in light and dark: one page, loaded once.

    Args:
        page: is left in the last width, in dark colours.
        widths: of the window, in CSS pixels.
        tags: as for ``violations``.
        without: as for ``violations``.
        within: as for ``violations``.
    """
    found: list[tuple[int, str, Violation]] = []
    for scheme in SCHEMES:
        # Colours that fade from one scheme to the other are those of neither.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in each_width(page, widths):
            if scheme == "dark":
                here = _found(page, {"runOnly": _COLOURS}, within)
            else:
                here = violations(page, tags=tags, without=without, within=within)
            found += [(width, scheme, one) for one in here]
    return found


def each_width(page: Page, widths: Sequence[int] = WIDTHS) -> Iterator[int]:
    """Give a page one width after the other."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        yield width


def _found(page: Page, options: Mapping[str, object], within: str) -> list[Violation]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    results: Any = page.evaluate(
        "([within, options]) => axe.run(within || document, options)",
        # Where a frame has no axe of its own, it would be waited for in vain.
        [within, {**options, "resultTypes": ["violations"], "iframes": False}],
    )
    assert results["passes"], "axe has looked"
    return [
        (found["id"], node["html"], node["failureSummary"])
        for found in results["violations"]
        for node in found["nodes"]
    ]
