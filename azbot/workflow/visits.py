"""Rules of a visit before it takes place: its date, the approval, dropping it."""

from __future__ import annotations

from datetime import datetime, timedelta

from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.decision import Refusal
from azbot.workflow.model import (
    Assistance,
    Intervention,
    InterventionStatus,
    Status,
)
from azbot.workflow.situation import (
    Outcome,
    Situation,
    bad_date,
    current_mission,
    pick_visit,
    refuse,
    waiting_for_date,
    wrong_status,
    wrong_visit_status,
)

_MINUTE = timedelta(minutes=1)
_SHORTEST_VISIT = timedelta(minutes=5)
_LONGEST_VISIT = timedelta(days=1)


def schedule(
    it: Assistance, command: c.ScheduleIntervention, situation: Situation
) -> Outcome:
    """Plan a visit, move a planned one, or propose a follow-up (R82, R105, R148)."""
    if it.status is not Status.UNDERWAY:
        return wrong_status(it)
    visit = _to_schedule(it, command.number)
    if isinstance(visit, Refusal):
        return visit
    if bad := bad_date(command.planned_at, situation):
        return bad
    if bad := bad_duration(command.lasts):
        return bad
    if visit.status is InterventionStatus.PLANNED:
        return _move(visit, command, situation)
    return _plan_or_propose(visit, command, situation)


def bad_duration(lasts: timedelta) -> Refusal | None:
    """Refuse a visit that is shorter or longer than any (R82)."""
    if _SHORTEST_VISIT <= lasts <= _LONGEST_VISIT:
        return None
    return refuse("bad_duration", "R82", minutes=lasts // _MINUTE)


def _to_schedule(it: Assistance, number: int | None) -> Intervention | Refusal:
    """Return the named visit, or the one that awaits a date, or the next planned."""
    waiting = _waiting_visit(it)
    if number is None and waiting is not None:
        return waiting
    return pick_visit(it, number, e.InterventionPlanned, e.InterventionMoved)


def _waiting_visit(it: Assistance) -> Intervention | None:
    return next(iter(waiting_for_date(it.open_visits)), None)


def _move(
    visit: Intervention, command: c.ScheduleIntervention, situation: Situation
) -> Outcome:
    if visit.planned_at == command.planned_at or visit.planned_at is None:
        return ()
    if not command.reason.strip():
        return refuse("reason_needed", "E7")
    return (
        e.InterventionMoved(
            visit.number,
            visit.planned_at,
            command.planned_at,
            command.lasts,
            command.reason.strip(),
            situation.actor.role,
        ),
    )


def _plan_or_propose(
    visit: Intervention, command: c.ScheduleIntervention, situation: Situation
) -> Outcome:
    # A first visit needs nobody's consent; the desk's own date neither (R105).
    when, lasts, note = command.planned_at, command.lasts, command.note.strip()
    by = situation.actor.role
    is_proposed = visit.status is InterventionStatus.TO_APPROVE
    if situation.actor.is_staff and is_proposed:
        return _approved(visit, when, lasts)
    if situation.actor.is_staff or not (visit.is_follow_up or is_proposed):
        return (e.InterventionPlanned(visit.number, when, lasts, note, by),)
    if (visit.planned_at, visit.lasts) == (when, lasts):
        return ()
    return (e.InterventionProposed(visit.number, when, lasts, note),)


def approve(
    it: Assistance, command: c.ApproveIntervention, situation: Situation
) -> Outcome:
    """Agree with a follow-up, at the proposed date or another (R148)."""
    visit = pick_visit(it, command.number, e.InterventionApproved)
    if isinstance(visit, Refusal):
        return visit
    when = command.planned_at or visit.planned_at
    if when is None:
        return refuse("date_needed", "R148")
    if bad := bad_date(when, situation):
        return bad
    return _approved(visit, when, visit.lasts)


def _approved(visit: Intervention, when: datetime, lasts: timedelta) -> Outcome:
    proposed = visit.planned_at or when
    return (e.InterventionApproved(visit.number, proposed, when, lasts),)


def decline(
    it: Assistance, command: c.DeclineIntervention, situation: Situation
) -> Outcome:
    """Send a proposed follow-up back with a reason (R148)."""
    visit = pick_visit(it, command.number, e.InterventionDeclined)
    if isinstance(visit, Refusal):
        return visit
    if not command.reason.strip():
        return refuse("reason_needed", "R148")
    proposed = visit.planned_at or situation.now
    return (e.InterventionDeclined(visit.number, proposed, command.reason.strip()),)


def add(it: Assistance, command: c.AddIntervention, situation: Situation) -> Outcome:
    """One more visit (« Ajouter une visite »); one at a time awaits its date."""
    if it.status is not Status.UNDERWAY:
        return wrong_status(it)
    mission = current_mission(it)
    if isinstance(mission, Refusal):
        return mission
    if waiting := _waiting_visit(it):
        return refuse("visit_pending", "R19", number=waiting.number)
    if not command.reason.strip():
        return refuse("reason_needed", "R19")
    number, reason = len(it.interventions) + 1, command.reason.strip()
    return (
        e.InterventionAdded(number, mission.number, is_follow_up=True, reason=reason),
    )


def cancel(
    it: Assistance, command: c.CancelIntervention, situation: Situation
) -> Outcome:
    """Drop a visit; a mission without another one gets one that awaits a date."""
    visit = pick_visit(it, command.number, e.InterventionCancelled)
    if isinstance(visit, Refusal):
        return visit
    is_only = len(it.open_visits) == 1
    if is_only and visit.status is InterventionStatus.UNPLANNED:
        return wrong_visit_status(visit)
    if not command.reason.strip():
        return refuse("reason_needed", "2.3")
    reason, by = command.reason.strip(), situation.actor.role
    number, was_told = len(it.interventions) + 1, visit.dated_at is not None
    gone = e.InterventionCancelled(visit.number, reason, was_told, by)
    if not is_only:
        return (gone,)
    return (
        gone,
        e.InterventionAdded(number, visit.mission, visit.is_follow_up, reason),
    )


def ask_other_date(
    it: Assistance, command: c.AskOtherDate, situation: Situation
) -> Outcome:
    """The client cannot be there: to the desk, copied to the station (R176)."""
    planned = (i for i in it.open_visits if i.status is InterventionStatus.PLANNED)
    visit = next(planned, None)
    if visit is None:
        return refuse("no_planned_visit", "9.2")
    return (e.OtherDateAsked(visit.number, command.text.strip()),)
