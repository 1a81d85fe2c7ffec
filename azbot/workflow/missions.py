"""Rules of the mission: assign, answer, withdraw, remind."""

from __future__ import annotations

from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.decision import Refusal
from azbot.workflow.lives import ASSISTANCE
from azbot.workflow.model import (
    Assistance,
    Mission,
    MissionStatus,
    RefusalReason,
)
from azbot.workflow.requests import missing_prerequisites
from azbot.workflow.situation import (
    Outcome,
    Situation,
    bad_date,
    barred,
    current_mission,
    refuse,
)
from azbot.workflow.visits import bad_duration


def assign(it: Assistance, command: c.AssignStation, situation: Situation) -> Outcome:
    """Propose the mission to one station (R11); prerequisites first (R140)."""
    if stop := barred(ASSISTANCE, it, e.StationAssigned, situation):
        return stop
    missing = missing_prerequisites(it, situation)
    if missing and not command.override_reason.strip():
        return refuse("missing_prerequisite", "R140", items=list(missing))
    answer_by = situation.rules.working.after(
        situation.now, situation.rules.station_silent_after
    )
    return (
        e.StationAssigned(
            number=len(it.missions) + 1,
            station=command.station,
            answer_by=answer_by,
            override_reason=command.override_reason.strip() if missing else "",
        ),
    )


def withdraw(
    it: Assistance, command: c.WithdrawMission, situation: Situation
) -> Outcome:
    """Take the mission back; visits that are not finished are dropped."""
    if stop := barred(ASSISTANCE, it, e.MissionWithdrawn, situation):
        return stop
    mission = current_mission(it)
    if isinstance(mission, Refusal):
        return mission
    if not command.reason.strip():
        return refuse("reason_needed", "2.3")
    dropped = tuple(
        e.InterventionCancelled(
            i.number, command.reason.strip(), i.dated_at is not None
        )
        for i in it.open_visits
    )
    return (*dropped, e.MissionWithdrawn(mission.number, command.reason.strip()))


def accept(it: Assistance, command: c.AcceptMission, situation: Situation) -> Outcome:
    """The station takes it: the first visit awaits its date (R12, R20)."""
    mission = _proposed(it)
    if isinstance(mission, Refusal):
        return mission
    number = len(it.interventions) + 1
    first = e.InterventionAdded(number, mission.number, is_follow_up=False)
    accepted = (e.MissionAccepted(mission.number), first)
    if command.planned_at is None:
        return accepted
    bad = bad_date(command.planned_at, situation) or bad_duration(command.lasts)
    if bad is not None:
        return bad
    planned = e.InterventionPlanned(
        number,
        command.planned_at,
        command.lasts,
        command.note.strip(),
        situation.actor.role,
    )
    return (*accepted, planned)


def decline(it: Assistance, command: c.RefuseMission, situation: Situation) -> Outcome:
    """The station declines with a reason (R147)."""
    mission = _proposed(it)
    if isinstance(mission, Refusal):
        return mission
    if command.reason is RefusalReason.OTHER and not command.comment.strip():
        return refuse("reason_needed", "R147")
    return (e.MissionRefused(mission.number, command.reason, command.comment.strip()),)


def remind(it: Assistance, command: c.RemindStation, situation: Situation) -> Outcome:
    """« Relancer la STA », by hand."""
    mission = _proposed(it)
    if isinstance(mission, Refusal):
        return mission
    return (e.StationReminded(mission.number, mission.reminded + 1),)


def _proposed(it: Assistance) -> Mission | Refusal:
    mission = current_mission(it)
    if isinstance(mission, Refusal):
        return mission
    if mission.status is not MissionStatus.PROPOSED:
        return refuse("already_answered", "R18", status=mission.status.value)
    return mission
