"""What every page for visitors is drawn in: its files, and the address of each."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from azbot.channels.web.static import ASSETS

_STYLES = ("page.css", "visit.css")


@dataclass(frozen=True, slots=True)
class VisitFrame:
    """The surroundings of one page for visitors.

    Attributes:
        styles, scripts: addresses of the files the page loads.
    """

    styles: tuple[str, ...]
    scripts: tuple[str, ...]


def visit_frame(
    request: web.Request, *, styles: tuple[str, ...] = (), scripts: tuple[str, ...] = ()
) -> VisitFrame:
    """Return the surroundings of a page.

    Args:
        request: any of this application.
        styles: further stylesheets by name, ``portal/portal.css``.
        scripts: modules by name, ``portal/portal.js``.
    """
    assets = request.app[ASSETS]
    return VisitFrame(
        styles=tuple(assets.url(name) for name in (*_STYLES, *styles)),
        scripts=tuple(assets.url(name) for name in scripts),
    )
