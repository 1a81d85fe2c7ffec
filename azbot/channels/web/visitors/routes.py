"""The addresses of the visitors' own rooms."""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.drawing import VisitPages
from azbot.channels.web.visitors.signin import CodeDoor


def add_routes(app: web.Application, deps: WebDeps) -> None:
    """Serve the door, the list and the profile.

    Before the pages of one assistance: ``/portal/signin`` is no reference.
    """
    pages = VisitPages(deps)
    CodeDoor(deps, pages).add_to(app)
