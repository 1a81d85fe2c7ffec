"""A link whose life is over: what it was, and one button that mails another one.

Never an error (ux.md 7.1). What it shows is not secret: the kind of service and the
month; the new link goes to the address the old one went to, and to no other.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from aiohttp import web

from azbot.channels.web.clients import client_address
from azbot.channels.web.pages import visit_html
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.access import Access, Visitor, no_link
from azbot.channels.web.visitors.doors import page_of
from azbot.channels.web.visitors.drawing import STYLES
from azbot.channels.web.visitors.frame import visit_frame
from azbot.i18n import formats
from azbot.identity import throttling
from azbot.identity.throttling import (
    LETTERS,
    Scope,
    person_scope,
    place_scope,
)
from azbot.messages import masked
from azbot.store import UnitOfWork
from azbot.workflow.decision import Audience, Notice, NoticeKind
from azbot.workflow.facts import place_facts
from azbot.workflow.model import AssistanceRef

_log = structlog.get_logger(__name__)


class Renewal:
    """Sends another link in the place of one that ended."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the button."""
        app.router.add_post("/portal/{ref}/link", self.send)

    async def send(self, request: web.Request) -> web.Response:
        """Mail a new link to whom the old one was given.

        Raises:
            HttpProblem: 404 ``no_link``, the browser holds no link of it; 429.
        """
        ref = AssistanceRef(request.match_info["ref"])
        visitor = await self._access.held(request, ref)
        if visitor is None:
            raise no_link(404)
        now, settings = self._deps.clock.now(), self._deps.settings
        client = client_address(request, settings.trusted_proxies)
        person, it = visitor.person, visitor.it

        def work(uow: UnitOfWork) -> timedelta | None:
            place = place_scope(client, "visitor.links")
            admitted = throttling.admit(uow, [place], now)
            if isinstance(admitted, timedelta):
                return admitted
            of_person = person_scope("links", f"{person.id}:{it.id}")
            letters = [Scope(of_person.name, LETTERS)]
            if isinstance(throttling.admit(uow, letters, now), timedelta):
                return None
            key = f"link:{it.id}:{person.id}:{now.isoformat()}"
            self._deps.desk.tell(uow, [_letter(visitor, now.isoformat())], it, key)
            return None

        pause = await self._deps.store.write(work)
        if pause is not None:
            raise web.HTTPTooManyRequests(
                headers={"Retry-After": str(int(pause.total_seconds()) + 1)}
            )
        _log.info("visitor.link_sent", person=person.id)
        return web.Response(
            status=303, headers={"Location": f"{page_of(visitor)}?sent=1"}
        )


def _letter(visitor: Visitor, at: str) -> Notice:
    person = visitor.person
    facts = {
        **place_facts(visitor.it, visitor.actor, visitor.it.opened_at),
        "at": at,
        "to": person.address,
        "name": person.name,
        "language": person.language,
        "reader": _reader(visitor).value,
    }
    return Notice(NoticeKind.ACCESS_LINK, Audience.ADDRESS, facts, person=person.id)


def _reader(visitor: Visitor) -> Audience:
    if visitor.is_station:
        return Audience.STATION
    if visitor.person.id == visitor.it.contact:
        return Audience.CONTACT
    return Audience.REQUESTER if visitor.is_requester else Audience.COLLEAGUE


def over_page(deps: WebDeps, request: web.Request, visitor: Visitor) -> web.Response:
    """Return the page of a link whose life is over (410)."""
    words, it = visitor.words, visitor.it
    opened = formats.local(it.opened_at, it.zone_name).date()
    page = deps.pages.part(
        "visitors/over",
        words.language,
        frame=visit_frame(request, styles=STYLES),
        me=None,
        faults=[],
        service=words.t(f"service.{it.service.value}") if it.service else "",
        month=formats.month(opened, words.language),
        address=masked(visitor.person.address),
        action=f"/portal/{it.ref}/link",
        is_sent="sent" in request.query,
    )
    return visit_html(page, words.language, 410)
