"""Where an assistance stands, for whoever got the link by mail.

Nothing here names a note, an agent or another client (C15).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aiohttp import web

from azbot.channels.web.downloads import send
from azbot.channels.web.pages import html
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.sentences import label_of
from azbot.channels.web.visitors.access import Access, Visitor
from azbot.errors import NotFound
from azbot.forms.assistance import ASSISTANCE
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.workflow.deadlines import Rules, closes_at
from azbot.workflow.model import (
    Assistance,
    Intervention,
    InterventionStatus,
    Status,
)

_TRACK = (
    Status.SUBMITTED,
    Status.WAITING,
    Status.ASSIGNED,
    Status.UNDERWAY,
    Status.DONE,
    Status.CLOSED,
)
"""The steps of ux.md R129; a cancelled assistance shows none."""


class StatusPage:
    """Shows one assistance, read-only."""

    def __init__(self, deps: WebDeps, stylesheet: str) -> None:
        self._deps = deps
        self._stylesheet = stylesheet
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the page and its reports."""
        for room in ("/portal", "/missions"):
            app.router.add_get(f"{room}/{{ref}}", self.show)
            app.router.add_get(f"{room}/{{ref}}/report/{{visit}}.pdf", self.report)

    async def show(self, request: web.Request) -> web.Response:
        """Return the page; 410 for a link that ended, 404 for one that never was."""
        visitor = await self._access.visitor(request, request.match_info["ref"])
        return self.shown_to(visitor, request.path)

    def shown_to(self, visitor: Visitor, address: str) -> web.Response:
        """Return the page of somebody who may see it.

        Args:
            visitor: who, and which assistance.
            address: of the page; its reports are below. Empty: no report is offered.
        """
        words = visitor.words
        page = self._deps.pages.page(
            "status",
            words.language,
            stylesheet=self._stylesheet,
            **_context(visitor, words, self._deps.desk.rules, address),
        )
        return html(page, words.language)

    async def report(self, request: web.Request) -> web.StreamResponse:
        """Stream a report that exists; nothing is made for a visitor."""
        visitor = await self._access.visitor(request, request.match_info["ref"])
        number = request.match_info["visit"]
        visit = None
        if number.isascii() and number.isdigit() and len(number) < 6:
            visit = visitor.it.intervention(int(number))
        document = visitor.it.document(visit.report or 0) if visit else None
        if document is None or visitor.is_contact:
            raise NotFound("report", number)
        return await send(request, self._deps.store.blobs, document)


def _context(
    visitor: Visitor, words: Catalogue, rules: Rules, address: str
) -> dict[str, object]:
    it = visitor.it
    mission = it.mission
    is_told = mission is not None and it.is_open
    return {
        "reference": it.ref,
        "own_number": it.answer("own_number"),
        "title": words.t(f"service.{it.service.value}")
        if it.service
        else words.t("web.status.untitled"),
        "place": formats.address_line(
            it.answer("address"), it.answer("postcode"), it.answer("town")
        ),
        "status": it.status.value,
        "status_label": words.t(f"status.{it.status.value}"),
        "steps": list(_steps(it, words)),
        "is_over": it.status in (Status.CLOSED, Status.CANCELLED),
        "next_step": next_step(it, words, rules, is_contact=visitor.is_contact),
        "is_their_turn": not visitor.is_contact and is_their_turn(it),
        "station": mission.station.company if mission and is_told else "",
        "phone": formats.phone(mission.station.phone) if mission and is_told else "",
        "phone_link": mission.station.phone if mission and is_told else "",
        "visits": [_visit(i, it, words, visitor, address) for i in _shown(it)],
        "updated_at": formats.date_and_hour(
            it.updated_at or it.opened_at, it.zone_name, words.language
        ),
    }


def _steps(it: Assistance, words: Catalogue) -> Iterator[dict[str, object]]:
    if it.status is Status.CANCELLED:
        return
    here = _TRACK.index(it.status)
    for place, status in enumerate(_TRACK):
        # « En attente » is a step of some lives only (R8).
        if status is Status.WAITING and it.status is not status:
            continue
        yield {
            "label": words.t(f"status.{status.value}"),
            "state": _progress(place, here, is_over=it.status is Status.CLOSED),
        }


def _progress(place: int, here: int, *, is_over: bool) -> str:
    if place > here:
        return "next"
    return "done" if place < here or is_over else "now"


def _shown(it: Assistance) -> list[Intervention]:
    """Return the visits, newest first (R23)."""
    return list(reversed(it.interventions))


def _visit(
    visit: Intervention,
    it: Assistance,
    words: Catalogue,
    visitor: Visitor,
    address: str,
) -> dict[str, object]:
    # A proposed follow-up date is not told before the desk agrees (R105).
    is_proposed = visit.status is InterventionStatus.TO_APPROVE
    status = InterventionStatus.UNPLANNED if is_proposed else visit.status
    when = None if is_proposed else visit.planned_at or visit.finished_at
    has_report = bool(address and visit.report) and not visitor.is_contact
    return {
        "number": visit.number,
        "when": _when(when, it, words) if when else "",
        "status": status.value,
        "status_label": words.t(f"intervention.{status.value}"),
        "report": f"{address}/report/{visit.number}.pdf" if has_report else "",
    }


def _when(at: datetime, it: Assistance, words: Catalogue) -> str:
    return formats.date_and_hour(at, it.zone_name, words.language, with_zone=True)


def is_their_turn(it: Assistance) -> bool:
    """Whether the client has to act: the one thing shown on yellow."""
    if it.status is Status.SUBMITTED:
        return bool(it.missing)
    return it.status in (Status.WAITING, Status.DONE)


def next_step(
    it: Assistance, words: Catalogue, rules: Rules, *, is_contact: bool
) -> str:
    """Return one sentence: who acts now, and by when (ux.md 7.2).

    Args:
        it: where it stands.
        words: the reader's language.
        rules: the delays in force.
        is_contact: for the contact on site, who decides nothing.
    """
    t = words.t
    match it.status:
        case Status.SUBMITTED if it.missing and not is_contact:
            return t("web.status.next.incomplete", items=_items(it.missing, words))
        case Status.SUBMITTED:
            since = it.waiting_since or it.opened_at
            answer_by = rules.working.after(since, rules.answer_within)
            return t("web.status.next.submitted", date=_when(answer_by, it, words))
        case Status.WAITING if it.asked_items and not is_contact:
            return t("web.status.next.waiting", items=_items(it.asked_items, words))
        case Status.WAITING:
            return t("web.status.next.waiting_any")
        case Status.ASSIGNED:
            company = it.mission.station.company if it.mission else ""
            return t("web.status.next.assigned", station=company)
        case Status.UNDERWAY:
            return _underway(it, words)
        case Status.DONE if not is_contact:
            end = closes_at(it, rules)
            if end is None:
                return t("web.status.next.done")
            return t("web.status.next.done_until", date=_when(end, it, words))
        case Status.DONE | Status.CLOSED:
            at = it.closed_at or it.done_at or it.opened_at
            local = formats.local(at, it.zone_name).date()
            return t(
                "web.status.next.closed",
                date=formats.long_date(local, words.language),
            )
        case Status.CANCELLED if it.merged_into:
            return t("web.status.next.merged", ref=it.merged_into)
        case Status.CANCELLED if it.reason and not is_contact:
            return t("web.status.next.cancelled_because", reason=it.reason)
        case _:
            return t("web.status.next.cancelled")


def _underway(it: Assistance, words: Catalogue) -> str:
    visit = it.visit
    if visit is None:
        return words.t("web.status.next.unplanned")
    match visit.status:
        case InterventionStatus.PLANNED if visit.planned_at:
            when = _when(visit.planned_at, it, words)
            return words.t("web.status.next.planned", date=when)
        case InterventionStatus.UNDERWAY:
            return words.t("web.status.next.on_site")
        case _:
            return words.t("web.status.next.unplanned")


def _items(keys: tuple[str, ...], words: Catalogue) -> str:
    labels = [label_of(key, ASSISTANCE, words) for key in keys]
    return formats.listing(labels, words.language)
