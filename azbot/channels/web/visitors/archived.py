"""An assistance that is in the restricted archive: it says so, and lets people ask.

Nothing of it is shown but its reference and the month, which its mails say too. What
is asked becomes a request of its own that names it: an administrator may then open the
archive, and says why (``channels/web/admin/archive.py``).
"""

from __future__ import annotations

import secrets
from datetime import timedelta

import structlog
from aiohttp import web

from azbot.channels.web.clients import client_address
from azbot.channels.web.once import once
from azbot.channels.web.pages import visit_html
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin.forms import read_form
from azbot.channels.web.visitors.access import Access, PutAway, Visitor, no_link
from azbot.channels.web.visitors.drawing import STYLES, Fault
from azbot.channels.web.visitors.frame import visit_frame
from azbot.desk import Draft
from azbot.i18n import formats
from azbot.identity import throttling
from azbot.identity.throttling import person_scope, place_scope
from azbot.store import UnitOfWork
from azbot.workflow.model import AssistanceRef

_log = structlog.get_logger(__name__)
_LONGEST = 2000


class AskingBack:
    """Takes what somebody asks about an archived assistance."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the form."""
        app.router.add_post("/portal/{ref}/archived", self.ask)

    async def ask(self, request: web.Request) -> web.Response:
        """Register what they ask as a request of its own.

        Raises:
            HttpProblem: 404 ``no_link``, it is not archived, or not theirs; 429.
        """
        form = await read_form(request)
        visitor = await self._archived(request)
        text = form.text("text")[:_LONGEST]
        if not text:
            fault = Fault("text", "error.empty")
            return archived_page(self._deps, request, visitor, fault)
        now, settings = self._deps.clock.now(), self._deps.settings
        client = client_address(request, settings.trusted_proxies)
        scopes = [
            person_scope("archived", visitor.person.id),
            place_scope(client, "visitor.archived"),
        ]

        def work(uow: UnitOfWork) -> dict[str, object]:
            admitted = throttling.admit(uow, scopes, now)
            if isinstance(admitted, timedelta):
                raise web.HTTPTooManyRequests(
                    headers={"Retry-After": str(int(admitted.total_seconds()) + 1)}
                )
            draft = _draft(visitor, text, settings.country)
            it = self._deps.desk.register(uow, draft, visitor.actor).assistance
            return {"ref": it.ref}

        told = await once(self._deps, visitor.scope, form.text("once"), work)
        _log.info("visitor.asked_archived", person=visitor.person.id)
        to = f"/portal/{visitor.it.ref}?asked={told['ref']}"
        return web.Response(status=303, headers={"Location": to})

    async def _archived(self, request: web.Request) -> Visitor:
        ref = AssistanceRef(request.match_info["ref"])
        try:
            await self._access.held(request, ref)
            await self._access.visitor(request, ref)
        except PutAway as archived:
            if not archived.visitor.is_station and archived.visitor.it.ref == ref:
                return archived.visitor
        raise no_link(404)


def _draft(visitor: Visitor, text: str, country: str) -> Draft:
    person = visitor.person
    return Draft(
        answers={},
        email=person.address,
        name=person.name,
        company=person.company,
        language=person.language,
        country=country,
        # As a mail that answers it says it: reading and searching lead there.
        text=f"({visitor.it.ref})\n\n{text}",
    )


def archived_page(
    deps: WebDeps, request: web.Request, visitor: Visitor, fault: Fault | None = None
) -> web.Response:
    """Return the page of an assistance that is in the archive (410)."""
    words, it = visitor.words, visitor.it
    opened = formats.local(it.opened_at, it.zone_name).date()
    asked = request.query.get("asked", "")
    page = deps.pages.part(
        "visitors/archived",
        words.language,
        frame=visit_frame(request, styles=STYLES),
        me=visitor.person if visitor.is_known else None,
        faults=[fault.told(words)] if fault else [],
        ref=it.ref,
        month=formats.month(opened, words.language),
        years=deps.settings.notice.years,
        is_station=visitor.is_station,
        once=secrets.token_urlsafe(12),
        asked=asked if asked.isalnum() and asked.isascii() else "",
    )
    return visit_html(page, words.language, 422 if fault else 410)
