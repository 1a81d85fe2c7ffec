"""Rules of the ends: the closing question, closing, cancelling, coming back."""

from __future__ import annotations

from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.events import Event
from azbot.workflow.lives import ASSISTANCE
from azbot.workflow.model import (
    Assistance,
    ClosedBy,
    MissionStatus,
    Status,
)
from azbot.workflow.situation import Outcome, Situation, barred, refuse, wrong_status


def confirm_closing(
    it: Assistance, command: c.ConfirmClosing, situation: Situation
) -> Outcome:
    """OUI closes (R150); after the end it changes nothing."""
    if it.status is Status.CLOSED:
        return ()
    by = ClosedBy.AGENT if situation.actor.is_staff else ClosedBy.CLIENT
    return _close(it, by, "", situation)


def close(it: Assistance, command: c.CloseAssistance, situation: Situation) -> Outcome:
    """An agent closes."""
    return _close(it, ClosedBy.AGENT, command.reason.strip(), situation)


def close_after_silence(it: Assistance, situation: Situation) -> Outcome:
    """The delay announced in the mail ran out (R150)."""
    return _close(it, ClosedBy.SILENCE, "", situation)


def _close(it: Assistance, by: ClosedBy, reason: str, situation: Situation) -> Outcome:
    if stop := barred(ASSISTANCE, it, e.AssistanceClosed, situation):
        return stop
    return (*_completed_mission(it), e.AssistanceClosed(by, reason))


def refuse_closing(
    it: Assistance, command: c.RefuseClosing, situation: Situation
) -> Outcome:
    """NON: under way again, a new visit awaits its date (R150)."""
    if stop := barred(ASSISTANCE, it, e.ClosingRefused, situation):
        return stop
    if not command.comment.strip():
        return refuse("comment_needed", "R150")
    comment = command.comment.strip()
    return (e.ClosingRefused(comment), *_next_visit(it, comment))


def ask_closing_again(
    it: Assistance, command: c.AskClosingAgain, situation: Situation
) -> Outcome:
    """« Renvoyer la question »."""
    if it.status is not Status.DONE:
        return wrong_status(it)
    return (e.ClosingReminded(situation.actor.role),)


def cancel(
    it: Assistance, command: c.CancelAssistance, situation: Situation
) -> Outcome:
    """Stop; a client's wish after assignment goes to the desk (R151)."""
    if not it.is_open:
        return wrong_status(it)
    if not command.reason.strip():
        return refuse("reason_needed", "R151")
    reason = command.reason.strip()
    step = ASSISTANCE.step(it.status, e.AssistanceCancelled)
    if step is None or situation.actor.role not in step.roles:
        return () if it.cancellation_asked else (e.CancellationAsked(reason),)
    dropped = tuple(
        e.InterventionCancelled(i.number, reason, i.dated_at is not None)
        for i in it.open_visits
    )
    return (*dropped, e.AssistanceCancelled(reason, situation.actor.role))


def reopen(
    it: Assistance, command: c.ReopenAssistance, situation: Situation
) -> Outcome:
    """Bring it back with a reason; the mission goes on with its station."""
    if stop := barred(ASSISTANCE, it, e.AssistanceReopened, situation):
        return stop
    if not command.reason.strip():
        return refuse("reason_needed", "2.3")
    reason = command.reason.strip()
    if it.status is Status.CANCELLED:
        return (e.AssistanceReopened(reason, Status.SUBMITTED),)
    reopened = e.AssistanceReopened(reason, Status.UNDERWAY)
    return (reopened, *_resumed_mission(it), *_next_visit(it, reason))


def _completed_mission(it: Assistance) -> tuple[Event, ...]:
    mission = it.mission
    if mission is None or mission.status is not MissionStatus.ACCEPTED:
        return ()
    return (e.MissionCompleted(mission.number),)


def _resumed_mission(it: Assistance) -> tuple[Event, ...]:
    mission = it.mission
    if mission is None or mission.status is not MissionStatus.COMPLETED:
        return ()
    return (e.MissionResumed(mission.number),)


def _next_visit(it: Assistance, reason: str) -> tuple[Event, ...]:
    mission = it.mission
    if mission is None:
        return ()
    number = len(it.interventions) + 1
    return (
        e.InterventionAdded(number, mission.number, is_follow_up=True, reason=reason),
    )
