"""The addresses of the door and of one's own account."""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin.door import Door
from azbot.channels.web.signin.pages import SignInPages


def add_routes(app: web.Application, deps: WebDeps) -> None:
    """Serve ``/signin`` and ``/account``."""
    pages = SignInPages(deps)
    door = Door(deps, pages)
    door.add_to(app)
