"""What is done from the list: several at once, saved views, export, suggestions."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from azbot.channels.web.frame import frame_of
from azbot.channels.web.inbox import exporting
from azbot.channels.web.inbox.asked import HOME, Asked, Order, asked
from azbot.channels.web.inbox.building import Given
from azbot.channels.web.inbox.bulk import (
    ACTIONS,
    EXPORT,
    LIMIT,
    Bulk,
    Outcome,
    questions_of,
)
from azbot.channels.web.inbox.bulk import Order as Several
from azbot.channels.web.inbox.filtering import order_of
from azbot.channels.web.inbox.listing import ListReader
from azbot.channels.web.once import once, press_of
from azbot.channels.web.pages import desk_html
from azbot.channels.web.posted import Posted, read_posted
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import Staff, is_part, staff_of
from azbot.errors import NotFound
from azbot.forms.folding import clean_line
from azbot.i18n.catalogue import Catalogue
from azbot.store import UnitOfWork
from azbot.store.desk_views import Suggestion
from azbot.store.queries import Filters
from azbot.store.saved_views import SavedView
from azbot.workflow.model import AssistanceRef

STYLES = ("inbox/inbox.css", "inbox/list.css")
_REF = re.compile(r"AS[A-Z]{2}[0-9]{8}")
_NAME = 60
"""Characters of a view's name."""


class ListRoutes:
    """Serves what belongs to the list and is no page of its own."""

    def __init__(self, deps: WebDeps, reader: ListReader) -> None:
        self._deps = deps
        self._reader = reader
        self._bulk = Bulk(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve it."""
        app.router.add_post("/inbox/bulk", self.bulk)
        app.router.add_get("/inbox/export.csv", self.export)
        app.router.add_get("/inbox/suggest", self.suggest)
        app.router.add_post("/inbox/views", self.save_view)
        app.router.add_post("/inbox/views/{number:[0-9]{1,12}}", self.change_view)

    # -- several at once ---------------------------------------------------------------

    async def bulk(self, request: web.Request) -> web.StreamResponse:
        """Show what would happen to several; once confirmed, let it happen."""
        staff, form = staff_of(request), await read_posted(request)
        action = form.text("do")
        refs = _refs(form)
        if action not in ACTIONS or not refs:
            raise HttpProblem(400, "bad_request")
        if action == EXPORT:
            return await self._export_refs(request, refs, staff)
        order = Several(action, refs[:LIMIT], self._given(form, staff))
        back = _back(form)
        if form.text("confirmed"):
            done = await self._bulk.do(order, staff, form.text("once"))
            return self._done(request, order, done, back)
        return await self._recap(request, order, len(refs), back)

    def _given(self, form: Posted, staff: Staff) -> Given:
        values = {**form.first(), "me": str(staff.person.id)}
        return Given(values, {}, self._deps.settings.zone_name)

    async def _recap(
        self, request: web.Request, order: Several, wanted: int, back: str
    ) -> web.Response:
        staff = staff_of(request)
        names = await self._reader.names(staff)
        tomorrow = (self._reader.today + timedelta(days=1)).isoformat()
        questions = questions_of(
            order.action, names.agents, staff.person.id, tomorrow, staff.words
        )
        trial = {q.name: q.value or "…" for q in questions if not q.picks}
        picked = {q.name: str(staff.person.id) for q in questions if q.picks}
        given = replace(order.given, values={**trial, **picked, **order.given.values})
        foreseen = await self._bulk.foresee(replace(order, given=given), staff)
        return self._drawn(
            request,
            "recap",
            action=order.action,
            refs=order.refs,
            questions=questions,
            outcome=foreseen,
            too_many=max(wanted - LIMIT, 0),
            limit=LIMIT,
            once=secrets.token_urlsafe(12),
            back=back,
        )

    def _done(
        self, request: web.Request, order: Several, done: Outcome, back: str
    ) -> web.Response:
        words = staff_of(request).words
        if is_part(request) and not done.skipped:
            said = words.t("list.bulk.done", count=len(done.done))
            return web.json_response({"words": said})
        return self._drawn(
            request, "done", action=order.action, outcome=done, back=back
        )

    def _drawn(
        self, request: web.Request, name: str, **context: object
    ) -> web.Response:
        language = staff_of(request).language
        if is_part(request):
            part = self._deps.pages.part(f"inbox_bulk/_{name}", language, **context)
            return web.json_response({"dialog": part})
        frame = frame_of(request, "inbox", styles=STYLES)
        page = self._deps.pages.page(
            "inbox_bulk", language, frame=frame, what=name, **context
        )
        return desk_html(page, language)

    # -- export ------------------------------------------------------------------------

    async def export(self, request: web.Request) -> web.StreamResponse:
        """Return the whole list of an address as CSV, in its order."""
        staff, asked = staff_of(request), self._reader.asked(request)
        filters = await self._reader.filters(asked, staff)
        return await self._send(request, filters, asked, staff)

    async def _export_refs(
        self, request: web.Request, refs: tuple[AssistanceRef, ...], staff: Staff
    ) -> web.StreamResponse:
        filters = Filters(refs=frozenset(refs[:LIMIT]))
        return await self._send(request, filters, Asked(order=Order.RECENT), staff)

    async def _send(
        self, request: web.Request, filters: Filters | None, asked: Asked, staff: Staff
    ) -> web.StreamResponse:
        zone = self._deps.settings.zone_name
        export = exporting.Export(filters, *order_of(asked), staff.words, zone)
        views = self._deps.store.views
        return await exporting.send(request, views, export, self._reader.today)

    # -- suggestions -------------------------------------------------------------------

    async def suggest(self, request: web.Request) -> web.Response:
        """Return at most ten assistances that somebody may mean."""
        words = staff_of(request).words
        typed = request.query.get("q", "")[:100]
        found = []
        if len(typed.strip()) > 1:
            found = await self._deps.store.views.suggestions(typed)
        return web.json_response({"items": [_suggested(each, words) for each in found]})

    # -- saved views -------------------------------------------------------------------

    async def save_view(self, request: web.Request) -> web.Response:
        """Keep the filters of an address under a name."""
        staff, form = staff_of(request), await read_posted(request)
        name = _name(form)
        query = self._canonical(form.text("query"))
        is_shared = bool(form.text("is_shared"))
        now = self._deps.clock.now()

        def work(uow: UnitOfWork) -> Mapping[str, object]:
            view = SavedView(0, staff.person.id, name, query, now, is_shared)
            return {"id": uow.saved_views.add(view)}

        press = press_of(form.text("once"), name, query, is_shared)
        told = await once(self._deps, staff.scope, press, work)
        raise web.HTTPSeeOther(f"{HOME}?{query}&vue={told['id']}")

    async def change_view(self, request: web.Request) -> web.Response:
        """Rename, share or forget one's own view."""
        staff, form = staff_of(request), await read_posted(request)
        number, me = int(request.match_info["number"]), staff.person.id
        if form.text("do") == "drop":
            if not await self._deps.store.write(
                lambda uow: uow.saved_views.drop(number, me)
            ):
                raise NotFound("saved view", number)
            raise web.HTTPSeeOther(HOME)
        name, is_shared = _name(form), bool(form.text("is_shared"))

        def work(uow: UnitOfWork) -> SavedView:
            known = uow.saved_views.get(number)
            changed = replace(known, person=me, name=name, is_shared=is_shared)
            uow.saved_views.change(changed)
            return changed

        view = await self._deps.store.write(work)
        raise web.HTTPSeeOther(f"{HOME}?{view.query}&vue={number}")

    def _canonical(self, query: str) -> str:
        """Return the filters alone, as this release writes them."""
        pairs = MultiDict(parse_qsl(query[:2_000], keep_blank_values=True))
        wanted = asked(pairs, self._reader.today).from_("").viewed(0)
        return wanted.url("").removeprefix("?")


def _refs(form: Posted) -> tuple[AssistanceRef, ...]:
    given = (AssistanceRef(ref) for ref in form.all("ref") if _REF.fullmatch(ref))
    return tuple(dict.fromkeys(given))


def _name(form: Posted) -> str:
    name = clean_line(form.text("name"))[:_NAME]
    if not name:
        raise HttpProblem(400, "bad_request")
    return name


def _back(form: Posted) -> str:
    query = form.text("back")[:2_000]
    return f"{HOME}?{query}" if query else HOME


def _suggested(it: Suggestion, words: Catalogue) -> dict[str, str]:
    place = f"{it.town} ({it.department})" if it.department else it.town
    status = words.t(f"status.{it.status.value}")
    return {
        "ref": it.ref,
        "title": it.company or words.t("list.nobody"),
        "note": " · ".join(part for part in (place, status) if part),
        "href": f"/inbox/a/{it.ref}",
    }
