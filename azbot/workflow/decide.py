"""The door of the workflow: what happens when somebody wants something."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from azbot.workflow import care, endings, missions, onsite, requests, visits
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.commands import Command
from azbot.workflow.deadlines import Rules, TimerKind, is_reminder_late, timers
from azbot.workflow.decision import Decision, Recorded, Refusal
from azbot.workflow.events import Event, evolve
from azbot.workflow.lives import ASSISTANCE, INTERVENTION, MISSION
from azbot.workflow.model import Actor, Assistance
from azbot.workflow.notices import Telling, tell
from azbot.workflow.policy import permit
from azbot.workflow.situation import Outcome, Situation, refuse


def decide(
    assistance: Assistance | None,
    command: Command,
    actor: Actor,
    now: datetime,
    rules: Rules,
) -> Decision | Refusal:
    """Turn a command into what happens, or into the rule that refuses it.

    Pure: the same arguments give the same answer. A command that would change
    nothing gives a Decision without history.

    Args:
        assistance: the present state; None only for ``OpenAssistance``.
        command: what is wanted.
        actor: who wants it, and how surely we know them.
        now: aware, UTC.
        rules: delays and settings.

    Returns:
        The decision with the new state, its history lines, notices and the
        timers of the new state; or the refusal, which changes nothing.
    """
    if stop := permit(assistance, command, actor):
        return stop
    situation = Situation(actor, now, rules)
    outcome = _apply(assistance, command, situation)
    if isinstance(outcome, Refusal):
        return outcome
    return conclude(assistance, outcome, situation)


def _apply(it: Assistance | None, command: Command, situation: Situation) -> Outcome:
    if it is not None:
        return _rule(it, command, situation)
    if isinstance(command, c.OpenAssistance):
        return requests.open_assistance(command, situation)
    return refuse("unknown_assistance", "R37")


def _rule(it: Assistance, command: Command, situation: Situation) -> Outcome:
    """Call the rule of each command: the index of the rule book."""
    match command:
        case c.OpenAssistance():
            return refuse("already_open", "R9")
        case c.AmendRequest():
            return requests.amend(it, command, situation)
        case c.ConfirmRequest():
            return requests.confirm(it, command, situation)
        case c.AddMessage():
            return requests.add_message(it, command, situation)
        case c.AddNote():
            return requests.add_note(it, command, situation)
        case c.ReviewDocument():
            return requests.review(it, command, situation)
        case c.AskComplement():
            return requests.ask_complement(it, command, situation)
        case c.RemindClient():
            return requests.remind_client(it, command, situation)
        case c.Requalify():
            return requests.requalify(it, command, situation)
        case c.AssignStation():
            return missions.assign(it, command, situation)
        case c.WithdrawMission():
            return missions.withdraw(it, command, situation)
        case c.RemindStation():
            return missions.remind(it, command, situation)
        case c.AcceptMission():
            return missions.accept(it, command, situation)
        case c.RefuseMission():
            return missions.decline(it, command, situation)
        case c.ScheduleIntervention():
            return visits.schedule(it, command, situation)
        case c.ApproveIntervention():
            return visits.approve(it, command, situation)
        case c.DeclineIntervention():
            return visits.decline(it, command, situation)
        case c.AddIntervention():
            return visits.add(it, command, situation)
        case c.CancelIntervention():
            return visits.cancel(it, command, situation)
        case c.AskOtherDate():
            return visits.ask_other_date(it, command, situation)
        case c.InviteColleague():
            return requests.invite_colleague(it, command, situation)
        case c.ArriveOnSite():
            return onsite.arrive(it, command, situation)
        case c.SaveInterventionForm():
            return onsite.save_form(it, command, situation)
        case c.AddVisitPhotos():
            return onsite.add_photos(it, command, situation)
        case c.SignIntervention():
            return onsite.sign(it, command, situation)
        case c.InviteSignatory():
            return onsite.invite(it, command, situation)
        case c.SignRemotely():
            return onsite.sign_remotely(it, command, situation)
        case c.WaiveSignature():
            return onsite.waive(it, command, situation)
        case c.RemoveSignatures():
            return onsite.remove_signatures(it, command, situation)
        case c.FinishIntervention():
            return onsite.finish(it, command, situation)
        case c.ConfirmClosing():
            return endings.confirm_closing(it, command, situation)
        case c.RefuseClosing():
            return endings.refuse_closing(it, command, situation)
        case c.CloseAssistance():
            return endings.close(it, command, situation)
        case c.AskClosingAgain():
            return endings.ask_closing_again(it, command, situation)
        case c.CancelAssistance():
            return endings.cancel(it, command, situation)
        case c.ReopenAssistance():
            return endings.reopen(it, command, situation)
        case c.ChooseOwner():
            return care.choose_owner(it, command, situation)
        case c.MarkHandled():
            return care.mark_handled(it, command, situation)
        case c.BringBack():
            return care.bring_back(it, command, situation)
        case c.Snooze():
            return care.snooze(it, command, situation)
        case c.EndSnooze():
            return care.end_snooze(it, command, situation)
        case c.SetTags():
            return care.set_tags(it, command, situation)
        case c.RecordReport():
            return onsite.record_report(it, command, situation)
        case c.RecordDeliveryFailure():
            return (
                e.DeliveryFailed(command.address, command.reason, command.is_permanent),
            )
        case c.RecordChatBlocked():
            return (e.ChatBlocked(command.name, command.via),)
        case c.RecordAbsence():
            return (e.AbsenceNoted(command.text),)
        case c.FireTimer():
            return _fire(it, command, situation)
        case _:
            assert_never(command)


def _fire(it: Assistance, command: c.FireTimer, situation: Situation) -> Outcome:
    """Do what a due timer stands for; a timer the state outgrew does nothing."""
    live = {
        (t.kind, t.subject)
        for t in timers(it, situation.rules)
        if t.due_at <= situation.now
    }
    if (command.kind, command.subject) not in live:
        return ()
    mission = it.mission.number if it.mission else 0
    match TimerKind(command.kind):
        case TimerKind.REMIND_CLIENT:
            return (e.ClientReminded(command.subject, situation.actor.role),)
        case TimerKind.CLIENT_SILENT:
            return (e.AgentNeeded(),)
        case TimerKind.REMIND_STATION:
            return (e.StationReminded(mission, command.subject),)
        case TimerKind.STATION_SILENT:
            return (e.StationSilent(mission),)
        case TimerKind.DAY_BEFORE | TimerKind.MORNING:
            visit = it.intervention(command.subject)
            is_late = visit is None or is_reminder_late(
                visit, command.kind, it.zone_name, situation.now
            )
            return (e.VisitReminded(command.subject, command.kind, is_late),)
        case TimerKind.REMIND_CLOSING:
            return (e.ClosingReminded(situation.actor.role),)
        case TimerKind.CLOSE:
            return endings.close_after_silence(it, situation)
        case TimerKind.SNOOZE:
            return (e.SnoozeOver(),)


def conclude(
    before: Assistance | None, outcome: tuple[Event, ...], situation: Situation
) -> Decision:
    """Return everything that follows from events a rule has decided.

    Raises:
        ValueError: nothing happens to nothing.
        AssertionError: see ``check_step``.
    """
    history, state = [], before
    for event in outcome:
        after = evolve(state, event, situation.now)
        check_step(state, event, after)
        status = state.status if state else None
        history.append(
            Recorded(event, situation.now, situation.actor, status, after.status)
        )
        state = after
    if state is None:
        raise ValueError("a life begins with an event")
    told = tuple(n for v in outcome for n in tell(Telling(v, before, state, situation)))
    return Decision(state, tuple(history), told, timers(state, situation.rules))


def check_step(before: Assistance | None, event: Event, after: Assistance) -> None:
    """Hold every change of status against the tables of ``lives``.

    Raises:
        AssertionError: a rule made a step its life does not list: a mistake in
            azbot, never in what somebody sent.
    """
    source = before.status if before else None
    if source != after.status and not ASSISTANCE.step(
        source, type(event), after.status
    ):
        raise AssertionError(f"assistance: {source} -> {after.status} by {event}")
    kind = type(event)
    ordered = {m.number: m.status for m in before.missions} if before else {}
    for mission in after.missions:
        old = ordered.get(mission.number)
        if old != mission.status and not MISSION.step(old, kind, mission.status):
            raise AssertionError(f"mission: {old} -> {mission.status} by {event}")
    planned = {i.number: i.status for i in before.interventions} if before else {}
    for visit in after.interventions:
        was = planned.get(visit.number)
        if was != visit.status and not INTERVENTION.step(was, kind, visit.status):
            raise AssertionError(f"intervention: {was} -> {visit.status} by {event}")
