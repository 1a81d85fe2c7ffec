"""The addresses of the administration; the guard lets administrators alone in."""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.admin.agents import AgentRoom
from azbot.channels.web.admin.archive import ArchiveRoom
from azbot.channels.web.admin.brand import BrandRoom
from azbot.channels.web.admin.canned import CannedRoom
from azbot.channels.web.admin.delays import Delays
from azbot.channels.web.admin.health import HealthRoom
from azbot.channels.web.admin.lists import ListRoom
from azbot.channels.web.admin.log import LogRoom
from azbot.channels.web.admin.mails import MailRoom
from azbot.channels.web.admin.overview import Overview
from azbot.channels.web.admin.room import Room
from azbot.channels.web.admin.stations import StationRoom
from azbot.channels.web.seams import WebDeps


def add_routes(app: web.Application, deps: WebDeps) -> None:
    """Serve everything below ``/admin``."""
    room = Room(deps)
    for each in (
        Overview(room),
        HealthRoom(room),
        AgentRoom(room),
        StationRoom(room),
        ListRoom(room),
        CannedRoom(room),
        Delays(room),
        BrandRoom(room),
        MailRoom(room),
        ArchiveRoom(room),
        LogRoom(room),
    ):
        each.add_to(app)
