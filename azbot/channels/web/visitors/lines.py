"""One assistance as a line of « Mes demandes » (R24, R33, R169)."""

from __future__ import annotations

from dataclasses import dataclass

from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.store.visitor_views import Told
from azbot.workflow.model import Assistance, InterventionStatus, Party, Status

DASH = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """What a line shows; nothing of it is the desk's own business (C15).

    Attributes:
        planned: of the next visit, or a dash.
        documents: how many files the client may open.
        unread: messages of the desk that are new to the reader.
        is_their_turn: the client has to act.
    """

    ref: str
    href: str
    service: str
    address: str
    opened: str
    planned: str
    status: str
    status_label: str
    station: str
    own_number: str
    documents: int
    unread: int
    is_their_turn: bool


def line_of(it: Assistance, told: Told, words: Catalogue, *, is_own: bool) -> Line:
    """Return the line of one assistance.

    Args:
        it: its state.
        told: what the desk wrote to the reader.
        words: the reader's language.
        is_own: the reader asked for it; else they are on site, or were let in.
    """
    opened = formats.local(it.opened_at, it.zone_name).date()
    mission = it.mission
    shown = [d for d in it.present_documents if d.is_for(Party.CLIENT)]
    return Line(
        ref=it.ref,
        href=f"/portal/{it.ref}",
        service=words.t(f"service.{it.service.value}") if it.service else DASH,
        address=formats.address_line(
            it.answer("address"),
            it.answer("postcode"),
            it.answer("town"),
            _country(it.answer("country"), words),
        )
        or DASH,
        opened=formats.short_date(opened),
        planned=_planned(it),
        status=it.status.value,
        status_label=words.t(f"status.{it.status.value}"),
        station=mission.station.company if mission else DASH,
        own_number=it.answer("own_number"),
        documents=len(shown),
        unread=told.unread,
        is_their_turn=is_own and it.status in (Status.WAITING, Status.DONE),
    )


def _country(code: str, words: Catalogue) -> str:
    key = f"form.country.{code}"
    return words.t(key) if key in words.keys else code


def _planned(it: Assistance) -> str:
    """A date the desk has not agreed to is no date (R105)."""
    visit = it.visit
    hidden = (InterventionStatus.UNPLANNED, InterventionStatus.TO_APPROVE)
    if visit is None or visit.planned_at is None or visit.status in hidden:
        return DASH
    return formats.short_date_and_clock(visit.planned_at, it.zone_name)
