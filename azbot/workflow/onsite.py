"""Rules of the visit itself: arriving, the form, signatures, the end, the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import dist

from azbot.forms.intervention import INTERVENTION as FORM
from azbot.forms.kinds import Context, Email, Problem
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.answers import (
    Conclusion,
    check,
    conclude,
    fingerprint,
    photo_names,
    site_country,
)
from azbot.workflow.decision import Refusal
from azbot.workflow.events import Event
from azbot.workflow.model import (
    Assistance,
    Document,
    DocumentKind,
    Intervention,
    InterventionStatus,
    Invited,
    Mandate,
    Review,
    Signatory,
    Signature,
    SignatureMethod,
    Status,
    Stroke,
)
from azbot.workflow.requests import new_documents
from azbot.workflow.situation import (
    Outcome,
    Situation,
    bad_answers,
    bad_date,
    changed,
    frozen_form,
    pick_visit,
    refuse,
    waiting_for_date,
    wrong_status,
    wrong_visit_status,
)

SIGNS_FOR = timedelta(days=7)
"""How long a link to a signature lives (ux.md T11)."""

_SECOND = timedelta(seconds=1)
_SHORTEST_SIGNATURE = 80
"""Thousandths of the pad's height: about 40 px of a phone's pad (ux.md T9)."""


def arrive(it: Assistance, command: c.ArriveOnSite, situation: Situation) -> Outcome:
    """« Je suis sur place » (R163); a second tap changes nothing."""
    named = it.visit if command.number is None else it.intervention(command.number)
    if named is not None and named.arrived_at is not None:
        return ()
    if it.status is not Status.UNDERWAY:
        return wrong_status(it)
    visit = pick_visit(it, command.number, e.StationArrived)
    if isinstance(visit, Refusal):
        return visit
    return (e.StationArrived(visit.number),)


def save_form(
    it: Assistance, command: c.SaveInterventionForm, situation: Situation
) -> Outcome:
    """Merge answers; signatures freeze them (R138), a finished visit too (T19)."""
    visit = _to_fill(it, command.number)
    if isinstance(visit, Refusal):
        return visit
    country = site_country(it.answers, situation.rules.country)
    checked = check(
        FORM,
        command.answers,
        country,
        it.zone_name,
        situation.now,
        situation.rules.lists,
    )
    changes = changed(visit.answers, checked.answers)
    problems = {**checked.problems, **_next_visit_problem(changes, situation)}
    if problems:
        return bad_answers(problems)
    if not changes:
        return ()
    if visit.status is InterventionStatus.FINISHED:
        return wrong_visit_status(visit)
    if stop := frozen_form(visit):
        return stop
    rows = tuple(e.Change(k, *pair) for k, pair in sorted(changes.items()))
    return (e.InterventionFormSaved(visit.number, rows, visit.revision + 1),)


def add_photos(
    it: Assistance, command: c.AddVisitPhotos, situation: Situation
) -> Outcome:
    """Attach photos of the visit; once signed, only those the form names (R138)."""
    visit = _to_fill(it, command.number)
    if isinstance(visit, Refusal):
        return visit
    there = {d.blob for d in it.present_documents if d.intervention == visit.number}
    new = {d.blob: d for d in command.documents if d.blob not in there}
    if not new:
        return ()
    if visit.status is InterventionStatus.FINISHED:
        return wrong_visit_status(visit)
    if new.keys() - photo_names(visit.answers) and (stop := frozen_form(visit)):
        return stop
    photos = tuple(
        replace(d, kind=DocumentKind.PHOTO, intervention=visit.number)
        for d in new.values()
    )
    return new_documents(it, photos, situation)


def sign(it: Assistance, command: c.SignIntervention, situation: Situation) -> Outcome:
    """Give one signature on the present version of the form (R118, R137, T9)."""
    visit = _visit_to_end(it, command.number)
    if isinstance(visit, Refusal):
        return visit
    email = _signatory(command)
    if isinstance(email, Refusal):
        return email
    if command.method is SignatureMethod.WAIVED:
        return refuse("reason_needed", "R136")
    if (
        command.method is SignatureMethod.DRAWN
        and _length(command.strokes) < _SHORTEST_SIGNATURE
    ):
        return refuse("signature_too_short", "T9")
    present = fingerprint(visit.answers)
    if command.fingerprint and command.fingerprint != present:
        return refuse("form_changed", "R138")
    by = _By(command.role, command.method, email)
    return _given(visit, _signature(command, by, present, situation))


def invite(it: Assistance, command: c.InviteSignatory, situation: Situation) -> Outcome:
    """Ask somebody who is not there to sign (R136); the form must be complete.

    A form that lacks something will change, and a link is for one version (T11).
    """
    visit = _visit_underway(it, command.number)
    if isinstance(visit, Refusal):
        return visit
    email = _signatory(command)
    if isinstance(email, Refusal):
        return email
    if there := visit.signature(command.role):
        return refuse("already_signed", "R138", name=there.name)
    end = conclude(visit.answers)
    if end.missing:
        return refuse("form_incomplete", "T11", fields=list(end.missing))
    invited = Invited(
        command.role,
        command.name.strip(),
        email,
        situation.now + SIGNS_FOR,
        fingerprint(visit.answers),
    )
    return (e.SignatureAsked(visit.number, invited),)


def sign_remotely(
    it: Assistance, command: c.SignRemotely, situation: Situation
) -> Outcome:
    """Sign by a link, on the form it was made for and on no other (T11).

    Drawn strokes are held to the length of a signature on glass (T9); without any
    the name stands for it, as a typed one does.
    """
    mandate = situation.actor.mandate
    visit = it.intervention(mandate.intervention) if mandate else None
    if mandate is None or visit is None:
        return refuse("no_visit", "T11", number=mandate.intervention if mandate else 0)
    if it.status is not Status.UNDERWAY and visit.signature(mandate.role) is None:
        return wrong_status(it)
    email = _signatory(command)
    if isinstance(email, Refusal):
        return email
    if command.strokes and _length(command.strokes) < _SHORTEST_SIGNATURE:
        return refuse("signature_too_short", "T9")
    present = fingerprint(visit.answers)
    if not (_is_latest(visit, mandate) and present.startswith(mandate.form)):
        return refuse("form_changed", "R138")
    if visit.status is InterventionStatus.CANCELLED:
        return wrong_visit_status(visit)
    by = _By(mandate.role, SignatureMethod.REMOTE, email)
    return _given(visit, _signature(command, by, present, situation))


def _is_latest(visit: Intervention, mandate: Mandate) -> bool:
    """Whether a link is the newest one of its role, and none was called back.

    Where a signature stands the link served: sent again it is told from a new one.
    """
    invited = visit.invitation(mandate.role)
    return invited is not None and abs(invited.until - mandate.until) < _SECOND


def waive(it: Assistance, command: c.WaiveSignature, situation: Situation) -> Outcome:
    """Do without one signature where the setting allows it (R136)."""
    if not situation.rules.allow_waiver:
        return refuse("waiver_off", "R136")
    visit = _visit_to_end(it, command.number)
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


@dataclass(frozen=True, slots=True)
class _By:
    """How a signature is given, and where its report goes."""

    role: Signatory
    method: SignatureMethod
    email: str


def _signature(
    command: c.SignIntervention | c.SignRemotely,
    by: _By,
    present: str,
    situation: Situation,
) -> Signature:
    """Return the signature of a command on the form of this fingerprint (R137)."""
    return Signature(
        role=by.role,
        name=command.name.strip(),
        at=situation.now,
        method=by.method,
        fingerprint=present,
        strokes=command.strokes,
        aspect=command.aspect,
        company=command.company.strip(),
        email=by.email,
        wants_report=command.wants_report,
    )


def _given(visit: Intervention, signature: Signature) -> Outcome:
    there = visit.signature(signature.role)
    if there is None and visit.status is InterventionStatus.FINISHED:
        return wrong_visit_status(visit)
    if there is None:
        return (e.SignatureGiven(visit.number, signature),)
    # A signature sent again (a lost answer, a double tap) is the same signature.
    is_same = _mark(there) == _mark(signature)
    return () if is_same else refuse("already_signed", "R138", name=there.name)


def _mark(signature: Signature) -> tuple[object, ...]:
    return signature.name, signature.method, signature.strokes, signature.fingerprint


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
    """End the visit: complete, signed, every photo there (R131, T8, T18)."""
    visit = _visit_to_end(it, command.number)
    if isinstance(visit, Refusal):
        return visit
    if visit.status is InterventionStatus.FINISHED:
        return ()
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
    if late := photo_names(visit.answers) - {d.blob for d in it.present_documents}:
        return refuse("photos_missing", "T18", count=len(late))
    if end.next_visit_at and (bad := bad_date(end.next_visit_at, situation)):
        return bad
    finished = e.InterventionFinished(
        visit.number, end.is_solved, end.remaining, present
    )
    others = tuple(i for i in it.open_visits if i.number != visit.number)
    if not end.is_solved:
        return (finished, *_follow_up(it, visit, others, end))
    # Nothing is left to do: what was still planned is dropped (R131).
    dropped = (
        e.InterventionCancelled(i.number, "", i.dated_at is not None) for i in others
    )
    return (*dropped, finished)


def record_report(
    it: Assistance, command: c.RecordReport, situation: Situation
) -> Outcome:
    """Attach the report of a finished visit; made again, it replaces nothing."""
    new = command.document
    if command.number is not None:
        visit = it.intervention(command.number)
        if visit is None or visit.finished_at is None:
            return refuse("no_visit", "R108", number=command.number)
        if visit.report is not None:
            return ()
    elif any(
        d.kind is DocumentKind.REPORT and d.blob == new.blob for d in it.documents
    ):
        return ()
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
    it: Assistance,
    visit: Intervention,
    others: tuple[Intervention, ...],
    end: Conclusion,
) -> tuple[Event, ...]:
    """Return the next visit: proposed when a date is known (R148), else open (R149).

    A visit that is already there serves: one that awaits its date takes the
    proposal, and without a proposal any of them is the next one.
    """
    when = end.next_visit_at
    if when is None and others:
        return ()
    waiting = next(iter(waiting_for_date(others)), None)
    if waiting and when:
        return (e.InterventionProposed(waiting.number, when, waiting.lasts),)
    number = len(it.interventions) + 1
    added = e.InterventionAdded(
        number,
        visit.mission,
        is_follow_up=True,
        reason=end.remaining,
        needs_desk=when is None,
    )
    if when is None:
        return (added,)
    return (added, e.InterventionProposed(number, when, visit.lasts))


def _next_visit_problem(
    changes: Mapping[str, tuple[object, object]], situation: Situation
) -> Mapping[str, Problem]:
    """Refuse a next visit in the past when it is written down, not only at the end."""
    _, given = changes.get("next_visit_at", (None, None))
    if not isinstance(given, str):
        return {}
    if bad_date(datetime.fromisoformat(given), situation):
        return {"next_visit_at": Problem("next_visit_past")}
    return {}


def _signatory(
    command: c.SignIntervention | c.InviteSignatory | c.SignRemotely,
) -> str | Refusal:
    """Return the address of a signatory; refuse one who is not named (R137)."""
    if not command.name.strip():
        return refuse("signatory_name_needed", "R137")
    email = _email(command.email)
    return bad_answers({"email": email}) if isinstance(email, Problem) else email


def _email(given: str) -> str | Problem:
    """Return where a signatory wants the report, in normal form; empty is nowhere."""
    if not given.strip():
        return ""
    outcome = Email().check(given, Context())
    return outcome if isinstance(outcome, Problem) else str(outcome.value)


def _finished(it: Assistance, number: int | None) -> Intervention | None:
    """Return the visit that was named and is over, or the one the work ended with.

    What a phone sends again after a lost answer is then told from what is new.
    """
    if number is not None:
        visit = it.intervention(number)
        return visit if visit and visit.finished_at else None
    if it.status is not Status.DONE:
        return None
    return max(
        (i for i in it.interventions if i.finished_at),
        key=lambda i: (i.finished_at, i.number),
        default=None,
    )


def _to_fill(it: Assistance, number: int | None) -> Intervention | Refusal:
    if over := _finished(it, number):
        return over
    if it.status is not Status.UNDERWAY:
        return wrong_status(it)
    return pick_visit(it, number, e.InterventionFormSaved)


def _visit_to_end(it: Assistance, number: int | None) -> Intervention | Refusal:
    return _finished(it, number) or _visit_underway(it, number)


def _visit_underway(it: Assistance, number: int | None) -> Intervention | Refusal:
    if it.status is not Status.UNDERWAY:
        return wrong_status(it)
    return pick_visit(it, number, e.InterventionFinished)


def _length(strokes: tuple[Stroke, ...]) -> float:
    """Length of all strokes, in thousandths of the pad's height."""
    return sum(
        dist(here, there)
        for stroke in strokes
        for here, there in pairwise(stroke.points)
    )
