"""The addresses of the visitors' own rooms."""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.archived import AskingBack
from azbot.channels.web.visitors.chat import ChatLinks
from azbot.channels.web.visitors.drawing import VisitPages
from azbot.channels.web.visitors.inviting import Inviting
from azbot.channels.web.visitors.mine import MyRequests
from azbot.channels.web.visitors.moving import Moving
from azbot.channels.web.visitors.profile import Profile
from azbot.channels.web.visitors.reading import Reading
from azbot.channels.web.visitors.renewing import Renewal
from azbot.channels.web.visitors.signin import CodeDoor
from azbot.channels.web.visitors.whose import NotMe


def add_routes(app: web.Application, deps: WebDeps) -> None:
    """Serve the door, the list, the profile, and what belongs to links.

    Before the pages of one assistance: ``/portal/signin`` is no reference.
    """
    pages = VisitPages(deps)
    CodeDoor(deps, pages).add_to(app)
    MyRequests(deps, pages).add_to(app)
    Profile(deps, pages).add_to(app)
    Moving(deps, pages).add_to(app)
    ChatLinks(deps, pages).add_to(app)
    NotMe(deps, pages).add_to(app)
    Inviting(deps, pages).add_to(app)
    Renewal(deps).add_to(app)
    AskingBack(deps).add_to(app)
    Reading(deps).add_to(app)
