"""Everything a station opens, at its addresses."""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.missions.mine import MissionList
from azbot.channels.web.missions.papers import MissionPapers
from azbot.channels.web.missions.room import MissionRoom
from azbot.channels.web.missions.signing import SigningRoom
from azbot.channels.web.missions.signing_links import SigningLinks
from azbot.channels.web.seams import WebDeps


def add_routes(app: web.Application, deps: WebDeps) -> None:
    """Serve the pages of stations."""
    MissionList(deps).add_to(app)
    MissionPapers(deps).add_to(app)
    MissionRoom(deps).add_to(app)
    SigningLinks(deps).add_to(app)
    SigningRoom(deps).add_to(app)
