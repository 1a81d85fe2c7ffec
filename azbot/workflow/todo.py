"""What a station has to do next, and by when: the same on a page and in a chat."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from azbot.workflow.deadlines import Rules
from azbot.workflow.model import Assistance, InterventionStatus, Status

GROUPS = ("late", "today", "answer", "plan", "signatures", "approval", "coming")
"""In which order a station looks at its missions: what is late first (ux.md 8.1)."""


def step_of(it: Assistance) -> str:
    """Return what the station that has the mission does next.

    Returns:
        ``answer``, ``plan``, ``approval`` (the desk's turn), ``arrive``, ``fill`` or
        ``over``.
    """
    visit = it.visit
    if it.status is Status.ASSIGNED:
        return "answer"
    if it.status is not Status.UNDERWAY or visit is None:
        return "over"
    match visit.status:
        case InterventionStatus.UNDERWAY:
            return "fill"
        case InterventionStatus.PLANNED:
            return "arrive"
        case InterventionStatus.TO_APPROVE:
            return "approval"
        case _:
            return "plan"


def due_of(it: Assistance, now: datetime, rules: Rules) -> tuple[str, datetime]:
    """Return in which of ``GROUPS`` a mission stands, and since or until when."""
    mission, visit, step = it.mission, it.visit, step_of(it)
    since = (mission.answered_at or mission.proposed_at) if mission else it.opened_at
    if step == "answer" and mission is not None:
        late = mission.answer_by < now
        return ("late" if late else "answer"), mission.answer_by
    if step == "plan":
        by = rules.working.after(since, rules.date_within)
        is_first = visit is not None and not visit.is_follow_up
        return ("late" if is_first and by < now else "plan"), by
    at = (visit.planned_at if visit else None) or since
    if step == "approval":
        return "approval", at
    if step == "fill":
        begun = (visit.arrived_at if visit else None) or at
        if visit is not None and visit.awaited:
            return "signatures", begun
        return ("today" if is_same_day(begun, now, it.zone_name) else "late"), begun
    if is_same_day(at, now, it.zone_name):
        return "today", at
    return ("late" if at < now else "coming"), at


def is_same_day(at: datetime, now: datetime, zone: str) -> bool:
    """Whether two instants are one day on the clocks of a zone."""
    there = ZoneInfo(zone)
    return at.astimezone(there).date() == now.astimezone(there).date()
