"""The addresses of the door and of one's own account."""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin.account import AccountRoom
from azbot.channels.web.signin.choosing import Choosing
from azbot.channels.web.signin.door import Door
from azbot.channels.web.signin.pages import SignInPages
from azbot.channels.web.signin.passkey_door import PasskeyDoor
from azbot.channels.web.signin.passkey_room import PasskeyRoom
from azbot.channels.web.signin.second_factor_room import SecondFactorRoom


def add_routes(app: web.Application, deps: WebDeps) -> None:
    """Serve ``/signin`` and ``/account``."""
    pages = SignInPages(deps)
    door = Door(deps, pages)
    door.add_to(app)
    Choosing(deps, pages, door).add_to(app)
    PasskeyDoor(deps).add_to(app)
    AccountRoom(deps, pages).add_to(app)
    SecondFactorRoom(deps, pages).add_to(app)
    PasskeyRoom(deps).add_to(app)
