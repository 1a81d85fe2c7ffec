"""Rules of the intervention: planning, approval, the form, signatures, the end."""

from __future__ import annotations

from datetime import datetime, timedelta

from azbot.forms.intervention import INTERVENTION as FORM
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.answers import check, conclude, fingerprint
from azbot.workflow.situation import (
    Situation,
    Outcome,
    bad_answers,
    changed,
    current_mission,
    frozen_form,
    is_open_visit,
    pick_visit,
    refuse,
    wrong_status,
)
from azbot.workflow.decision import Refusal
from azbot.workflow.events import Event
from azbot.workflow.model import (
    Assistance,
    Document,
    DocumentKind,
    Intervention,
    InterventionStatus,
    Review,
    Signatory,
    Signature,
    SignatureMethod,
    Status,
)

_TOO_EARLY = timedelta(minutes=5)
_TOO_LATE = timedelta(days=365)
_SHORTEST_SIGNATURE = 80
"""Thousandths of the pad's height: about 40 px of a phone's pad (ux.md T9)."""


def schedule(
    it: Assistance, command: c.ScheduleIntervention, situation: Situation
) -> Outcome:
    """Plan a visit, move a planned one, or propose a follow-up (R82, R105, R148)."""
    if it.status is not Status.UNDERWAY:
        return wrong_status(it)
    if bad := _bad_date(command.planned_at, situation):
        return bad
    visit = it.visit if command.number is None else it.intervention(command.number)
    if visit is None:
        return refuse("no_visit", "R19")
    match visit.status:
        case InterventionStatus.PLANNED:
            return _move(visit, command)
        case InterventionStatus.UNPLANNED | InterventionStatus.TO_APPROVE:
            return _plan_or_propose(visit, command, situation)
        case _:
            return refuse(
                "wrong_visit_status",
                "R21",
                number=visit.number,
                status=visit.status.value,
            )


def _move(visit: Intervention, command: c.ScheduleIntervention) -> Outcome:
    if visit.planned_at == command.planned_at or visit.planned_at is None:
        return ()
    return (
        e.InterventionMoved(
            visit.number,
            visit.planned_at,
            command.planned_at,
            command.lasts,
            command.reason.strip(),
        ),
    )


def _plan_or_propose(
    visit: Intervention, command: c.ScheduleIntervention, situation: Situation
) -> Outcome:
    # A first visit needs nobody's consent; the desk's own date neither (R105).
    kind: type[e.InterventionPlanned | e.InterventionProposed]
    needs_approval = visit.is_follow_up and not situation.actor.is_staff
    kind = e.InterventionProposed if needs_approval else e.InterventionPlanned
    if visit.status is InterventionStatus.TO_APPROVE and not needs_approval:
        return _approved(visit, command.planned_at, command.lasts)
    return (
        kind(visit.number, command.planned_at, command.lasts, command.note.strip()),
    )


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
    if bad := _bad_date(when, situation):
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
    if it.visit is not None:
        return refuse("visit_pending", "R19", number=it.visit.number)
    if not command.reason.strip():
        return refuse("reason_needed", "R19")
    number = len(it.interventions) + 1
    return (e.InterventionAdded(number, mission.number, True, command.reason.strip()),)


def cancel(
    it: Assistance, command: c.CancelIntervention, situation: Situation
) -> Outcome:
    """Drop a visit; the mission keeps one that awaits a date."""
    visit = pick_visit(it, command.number, e.InterventionCancelled)
    if isinstance(visit, Refusal):
        return visit
    if not command.reason.strip():
        return refuse("reason_needed", "2.3")
    reason = command.reason.strip()
    number = len(it.interventions) + 1
    return (
        e.InterventionCancelled(visit.number, reason, visit.dated_at is not None),
        e.InterventionAdded(number, visit.mission, visit.is_follow_up, reason),
    )


def ask_other_date(
    it: Assistance, command: c.AskOtherDate, situation: Situation
) -> Outcome:
    """The client cannot be there: to the desk, copied to the station (R176)."""
    visit = it.visit
    if visit is None or visit.status is not InterventionStatus.PLANNED:
        return refuse("no_planned_visit", "9.2")
    return (e.OtherDateAsked(visit.number, command.text.strip()),)


def arrive(it: Assistance, command: c.ArriveOnSite, situation: Situation) -> Outcome:
    """« Je suis sur place » (R163); a second tap changes nothing."""
    if it.status is not Status.UNDERWAY:
        return wrong_status(it)
    if _is_underway(it, command.number):
        return ()
    visit = pick_visit(it, command.number, e.StationArrived)
    if isinstance(visit, Refusal):
        return visit
    return (e.StationArrived(visit.number),)


def save_form(
    it: Assistance, command: c.SaveInterventionForm, situation: Situation
) -> Outcome:
    """Merge answers; signatures freeze them (R138), a finished visit too (T19)."""
    if it.status is not Status.UNDERWAY:
        return wrong_status(it)
    visit = pick_visit(it, command.number, e.InterventionFormSaved)
    if isinstance(visit, Refusal):
        return visit
    checked = check(FORM, command.answers, it.zone_name, situation.now)
    if checked.problems:
        return bad_answers(checked.problems)
    changes = changed(visit.answers, checked.answers)
    if not changes:
        return ()
    if stop := frozen_form(visit):
        return stop
    rows = tuple(e.Change(k, *pair) for k, pair in sorted(changes.items()))
    return (e.InterventionFormSaved(visit.number, rows, visit.revision + 1),)


def sign(it: Assistance, command: c.SignIntervention, situation: Situation) -> Outcome:
    """Give one signature on the present version of the form (R118, R137, T9)."""
    visit = _visit_underway(it, command.number)
    if isinstance(visit, Refusal):
        return visit
    if not command.name.strip():
        return refuse("signatory_name_needed", "R137")
    if command.method is SignatureMethod.WAIVED:
        return refuse("reason_needed", "R136")
    if (
        command.method is SignatureMethod.DRAWN
        and _length(command) < _SHORTEST_SIGNATURE
    ):
        return refuse("signature_too_short", "T9")
    present = fingerprint(visit.answers)
    if command.fingerprint and command.fingerprint != present:
        return refuse("form_changed", "R138")
    signature = Signature(
        role=command.role,
        name=command.name.strip(),
        at=situation.now,
        method=command.method,
        fingerprint=present,
        strokes=command.strokes,
        aspect=command.aspect,
        company=command.company.strip(),
        email=command.email.strip(),
        wants_report=command.wants_report,
    )
    return _given(visit, signature)


def waive(it: Assistance, command: c.WaiveSignature, situation: Situation) -> Outcome:
    """Do without one signature where the setting allows it (R136)."""
    if not situation.rules.allow_waiver:
        return refuse("waiver_off", "R136")
    visit = _visit_underway(it, command.number)
    if isinstance(visit, Refusal):
        return visit
    if not command.reason.strip():
        return refuse("reason_needed", "R136")
    signature = Signature(
        role=command.role,
        name=situation.actor.name,
        at=situation.now,
        method=SignatureMethod.WAIVED,
        fingerprint=fingerprint(visit.answers),
        reason=command.reason.strip(),
    )
    return _given(visit, signature)


def _given(visit: Intervention, signature: Signature) -> Outcome:
    there = visit.signature(signature.role)
    if there is None:
        return (e.SignatureGiven(visit.number, signature),)
    # A signature sent again (a lost answer, a double tap) is the same signature.
    is_same = (there.name, there.strokes) == (signature.name, signature.strokes)
    return () if is_same else refuse("already_signed", "R138", name=there.name)


def remove_signatures(
    it: Assistance, command: c.RemoveSignatures, situation: Situation
) -> Outcome:
    """« Modifier »: the signatures already given fall (R138)."""
    visit = _visit_underway(it, command.number)
    if isinstance(visit, Refusal):
        return visit
    names = tuple(s.name for s in visit.signatures)
    return (e.SignaturesRemoved(visit.number, names),) if names else ()


def finish(
    it: Assistance, command: c.FinishIntervention, situation: Situation
) -> Outcome:
    """End the visit: form complete, three signatures on this version (R131, T8)."""
    visit = _visit_underway(it, command.number)
    if isinstance(visit, Refusal):
        return visit
    end = conclude(visit.answers)
    if end.missing:
        return refuse("form_incomplete", "T8", fields=list(end.missing))
    if end.problems:
        return bad_answers(end.problems)
    absent = [role.value for role in Signatory if visit.signature(role) is None]
    if absent:
        return refuse("signatures_missing", "R118", roles=absent)
    present = fingerprint(visit.answers)
    if any(s.fingerprint != present for s in visit.signatures):
        return refuse("form_changed", "R138")
    finished = e.InterventionFinished(
        visit.number, end.is_solved, end.remaining, present
    )
    if end.is_solved:
        return (finished,)
    return (finished, *_follow_up(it, visit, end.next_visit_at))


def record_report(
    it: Assistance, command: c.RecordReport, situation: Situation
) -> Outcome:
    """Attach the report of a finished visit; made again, it replaces nothing."""
    if command.number is not None:
        visit = it.intervention(command.number)
        if visit is None or visit.finished_at is None:
            return refuse("no_visit", "R108", number=command.number)
        if visit.report is not None:
            return ()
    new = command.document
    document = Document(
        number=len(it.documents) + 1,
        name=new.name,
        media_type=new.media_type,
        size=new.size,
        blob=new.blob,
        kind=DocumentKind.REPORT,
        added_by=situation.actor.role,
        added_at=situation.now,
        review=Review.ACCEPTED,
        intervention=command.number,
    )
    return (
        e.DocumentAdded(document),
        e.ReportRecorded(
            command.number, document.number, document.name, command.fingerprint
        ),
    )


def _follow_up(
    it: Assistance, visit: Intervention, when: datetime | None
) -> tuple[Event, ...]:
    """Return the next visit: proposed when a date is known (R148), else open (R149)."""
    number = len(it.interventions) + 1
    added = e.InterventionAdded(number, visit.mission, True)
    if when is None:
        return (added,)
    return (added, e.InterventionProposed(number, when, visit.lasts))


def _bad_date(when: datetime, situation: Situation) -> Refusal | None:
    if when < situation.now - _TOO_EARLY:
        return refuse("date_past", "R82", date=when.isoformat())
    if when > situation.now + _TOO_LATE:
        return refuse("date_too_far", "R82", date=when.isoformat())
    return None


def _is_underway(it: Assistance, number: int | None) -> bool:
    visit = it.visit if number is None else it.intervention(number)
    return visit is not None and visit.status is InterventionStatus.UNDERWAY


def _visit_underway(it: Assistance, number: int | None) -> Intervention | Refusal:
    if it.status is not Status.UNDERWAY:
        return wrong_status(it)
    return pick_visit(it, number, e.InterventionFinished)


def _length(command: c.SignIntervention) -> float:
    """Length of all strokes, in thousandths of the pad's height."""
    return sum(
        ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        for stroke in command.strokes
        for (ax, ay), (bx, by) in zip(stroke.points, stroke.points[1:], strict=False)
    )


def open_visits(it: Assistance) -> tuple[Intervention, ...]:
    """Return the visits that are neither finished nor cancelled."""
    return tuple(i for i in it.interventions if is_open_visit(i))
