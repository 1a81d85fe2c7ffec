"""Makes the database, and the first administrator in it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from azbot.channels.web.signin import staffing
from azbot.channels.web.signin.staffing import Member
from azbot.cli.database import written
from azbot.cli.setup.draft import Draft
from azbot.cli.terminal import Terminal
from azbot.cli.users import invited, sends_mail
from azbot.clock import SystemClock
from azbot.config import Settings
from azbot.store import UnitOfWork
from azbot.workflow.model import Role


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who was invited, and how they come in.

    Attributes:
        name: of the administrator.
        address: theirs.
        link: chooses their password, once.
        days: how long it is good.
        is_mailed: it leaves by mail too, once azbot runs.
    """

    name: str
    address: str
    link: str
    days: int
    is_mailed: bool


def administrator(
    terminal: Terminal, settings: Settings, draft: Draft
) -> Invitation | None:
    """Make the database and invite the administrator of a draft.

    Who has a password already is left alone. In a trial the invitation would stay
    inside: its link is told, and nothing else.

    Raises:
        AzbotError: the database cannot be used, or the address is a client's.
    """
    address, name = draft.text("administrator.email"), draft.text("administrator.name")
    members = written(terminal, staffing.members)
    known = next((each for each in members if address in each.person.addresses), None)
    if not address or (known is not None and not known.is_waiting):
        return None
    language, now = settings.service.language, SystemClock().now()

    def find(uow: UnitOfWork) -> Member:
        if known is not None:
            return known
        return staffing.add(uow, name, address, Role.ADMIN, now, language)

    is_mailed = sends_mail(settings) and not draft.get("trial")
    it, link = asyncio.run(invited(settings, find, sends=is_mailed))
    days = staffing.INVITED_FOR.days
    return Invitation(it.person.name, address, link, days, is_mailed)
