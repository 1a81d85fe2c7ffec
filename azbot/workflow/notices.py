"""Who must know what after each event (ux.md 2.3, 9.4, R105, R153, R176).

A notice carries every fact its words need, frozen at the time of the event.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from azbot.workflow import events as e
from azbot.workflow.deadlines import closes_at
from azbot.workflow.decision import Audience, Notice
from azbot.workflow.decision import NoticeKind as N
from azbot.workflow.events import Event
from azbot.workflow.facts import (
    Facts,
    day_of,
    iso,
    last_finished,
    mission_facts,
    place_facts,
    public_name,
    remaining_before,
    station_facts,
    visit_facts,
)
from azbot.workflow.model import (
    Assistance,
    Hearers,
    InterventionStatus,
    Party,
    Role,
    Signatory,
    SignatureMethod,
    Status,
)
from azbot.workflow.requests import missing_prerequisites
from azbot.workflow.situation import Situation

_ON_SITE = (Audience.REQUESTER, Audience.CONTACT)
"""Planned visits, changes and reminders go to both (R153)."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One event with the states around it.

    Attributes:
        before: state before the whole decision.
        after: state after the whole decision.
    """

    event: Event
    before: Assistance | None
    after: Assistance
    situation: Situation

    def to(self, kind: N, *audience: Audience, **facts: object) -> Iterator[Notice]:
        """Yield the notice once per audience, with the facts every mail needs."""
        files, occasion = _files(facts), str(facts.pop("occasion", ""))
        for one in audience:
            actor = self.situation.actor
            if actor.is_staff and not one.is_inside:
                # Only the desk reads an agent's full name (R172, ux.md C15).
                actor = replace(actor, name=public_name(actor))
            complete = {
                **place_facts(self.after, actor, self.situation.now),
                **facts,
            }
            optional = one in _ON_SITE and kind not in _ALWAYS
            yield Notice(kind, one, complete, optional, files, occasion=occasion)

    def desk(self, what: str, **facts: object) -> Iterator[Notice]:
        """Yield the notice E23, saying what must be looked at."""
        is_asked = self.after.status in (Status.SUBMITTED, Status.WAITING)
        missing = len(self.after.missing) if is_asked else 0
        yield from self.to(N.DESK, Audience.DESK, what=what, missing=missing, **facts)


_ALWAYS = frozenset(
    {
        N.MESSAGE,
        N.COMPLEMENT,
        N.FINISHED,
        N.CLOSED,
        N.CANCELLED,
        N.MERGED,
        N.VISIT_CANCELLED,
    }
)
"""What leaves even after STOP: what asks, what ends, what a person wrote (9.2)."""


def _files(facts: Facts) -> tuple[str, ...]:
    files = facts.pop("files", ())
    return tuple(str(f) for f in files) if isinstance(files, tuple) else ()


def tell(telling: Telling) -> Iterator[Notice]:
    """Yield everything that must leave because of one event."""
    match telling.event:
        case e.AssistanceOpened() | e.RequestAmended() | e.RequestConfirmed():
            yield from _request(telling)
        case e.MessageAdded() as event:
            yield from _message(telling, event)
        case e.FilesJoined() | e.MessageEdited():
            yield from _amended(telling, telling.event)
        case e.ComplementAsked() | e.ComplementReceived() | e.ClientReminded():
            yield from _complement(telling)
        case e.StationAssigned() | e.MissionAccepted() | e.MissionRefused():
            yield from _mission(telling)
        case e.MissionWithdrawn() | e.StationReminded() | e.StationSilent():
            yield from _mission(telling)
        case e.InterventionFinished() as event:
            yield from _finished(telling, event)
        case e.SignatureAsked() | e.SignatureGiven():
            yield from _signing(telling)
        case (
            e.InterventionPlanned()
            | e.InterventionMoved()
            | e.InterventionProposed()
            | e.InterventionApproved()
            | e.InterventionDeclined()
            | e.InterventionAdded()
            | e.InterventionCancelled()
            | e.VisitReminded()
            | e.OtherDateAsked()
        ):
            yield from _visit(telling)
        case e.ColleagueInvited() as event:
            yield from telling.to(
                N.COLLEAGUE_INVITED, Audience.COLLEAGUE, person=event.person
            )
        case _:
            yield from _ending(telling)


def _request(t: Telling) -> Iterator[Notice]:
    it, by_client = t.after, t.situation.actor.role is Role.CLIENT
    is_new = isinstance(t.event, e.AssistanceOpened)
    answer_by = t.situation.rules.working.after(
        t.situation.now, t.situation.rules.answer_within
    )
    recap: Facts = {
        "answers": dict(it.answers),
        "missing": list(it.missing),
        "needed": list(missing_prerequisites(it, t.situation)),
        "answer_by": answer_by.isoformat(),
        "is_confirmed": it.is_confirmed,
        "is_new": is_new,
    }
    if isinstance(t.event, e.RequestConfirmed):
        yield from t.to(N.RECEIVED, Audience.REQUESTER, what="confirmed", **recap)
        yield from t.desk("confirmed", answers=dict(it.answers))
        return
    if is_new or by_client:
        kind = N.INCOMPLETE if it.missing else N.OPENED
        yield from t.to(kind, Audience.REQUESTER, **recap)
    if isinstance(t.event, e.AssistanceOpened):
        text = t.event.text
        yield from t.desk("opened", text=text, answers=dict(it.answers))
    elif by_client and not it.missing:
        yield from t.desk("completed", answers=dict(it.answers))


def _message(t: Telling, event: e.MessageAdded) -> Iterator[Notice]:
    if event.is_automatic:
        return
    facts: Facts = {"text": event.text, "documents": _names(t, event.documents)}
    if event.album:
        facts["occasion"] = f"album:{event.album}"
    if event.author is Role.CLIENT:
        what = "mixed" if event.is_mixed else "message"
        yield from t.desk(what, **facts, message_id=event.message_id)
    elif event.author is Role.STATION:
        yield from t.desk("station_message", **facts, message_id=event.message_id)
    else:
        files = tuple(f"document:{n}" for n in event.documents)
        to = (
            *((Audience.REQUESTER,) if event.to.includes(Party.CLIENT) else ()),
            *((Audience.STATION,) if event.to.includes(Party.STATION) else ()),
        )
        yield from t.to(
            N.MESSAGE,
            *to,
            **facts,
            is_both=event.to is Hearers.BOTH,
            agent=public_name(t.situation.actor),
            by_mail=event.by_mail,
            files=files,
        )


def _amended(t: Telling, event: e.FilesJoined | e.MessageEdited) -> Iterator[Notice]:
    """Tell the desk of what was sent together as of one message, and of new words."""
    if event.author not in (Role.CLIENT, Role.STATION):
        return
    is_client = event.author is Role.CLIENT
    if isinstance(event, e.MessageEdited):
        what = "edited" if is_client else "station_edited"
        occasion = f"edited:{event.event}"
        yield from t.desk(what, text=event.text, occasion=occasion)
    else:
        what = "message" if is_client else "station_message"
        names, occasion = _names(t, event.together), f"album:{event.album}"
        yield from t.desk(what, text=event.text, documents=names, occasion=occasion)


def _names(t: Telling, numbers: tuple[int, ...]) -> list[str]:
    return [d.name for d in t.after.documents if d.number in numbers]


def _complement(t: Telling) -> Iterator[Notice]:
    it = t.after
    facts: Facts = {"comment": it.asked_comment, "items": list(it.asked_items)}
    match t.event:
        case e.ComplementAsked():
            yield from t.to(N.COMPLEMENT, Audience.REQUESTER, **facts)
        case e.ComplementReceived():
            yield from t.to(N.RECEIVED, Audience.REQUESTER, what="complement")
        case e.ClientReminded() as event if it.status is Status.WAITING:
            facts["decide_by"] = _decide_by(t)
            yield from t.to(
                N.COMPLEMENT_REMINDER, Audience.REQUESTER, **facts, step=event.step
            )
        case e.ClientReminded() as event:
            yield from t.to(
                N.INCOMPLETE,
                Audience.REQUESTER,
                answers=dict(it.answers),
                missing=list(it.missing),
                needed=list(missing_prerequisites(it, t.situation)),
                is_confirmed=it.is_confirmed,
                is_new=False,
                step=event.step,
                decide_by=_decide_by(t),
            )


def _decide_by(t: Telling) -> str:
    rules = t.situation.rules
    since = t.after.waiting_since or t.situation.now
    return rules.working.after(since, rules.complement_silent_after).isoformat()


def _mission(t: Telling) -> Iterator[Notice]:
    rules, it = t.situation.rules, t.after
    match t.event:
        case e.StationAssigned() as event:
            date_by = rules.working.after(t.situation.now, rules.date_within)
            yield from t.to(N.ASSIGNED, Audience.REQUESTER, date_by=date_by.isoformat())
            yield from t.to(
                N.MISSION, Audience.STATION, **mission_facts(it, event.number)
            )
        case e.StationReminded() as event:
            facts = mission_facts(it, event.number)
            yield from t.to(
                N.MISSION_REMINDER, Audience.STATION, **facts, step=event.step
            )
        case e.StationSilent():
            yield from t.desk("station_silent")
        case e.MissionAccepted() if not it.is_dated:
            date_by = rules.working.after(t.situation.now, rules.date_within)
            facts = {"date_by": date_by.isoformat()}
            yield from t.to(N.ACCEPTED, Audience.REQUESTER, **facts)
            yield from t.to(N.MISSION_ACCEPTED, Audience.STATION, **facts)
        case e.MissionRefused() as event:
            facts = {"reason": event.reason.value, "comment": event.comment}
            station = station_facts(t.before)
            yield from t.desk("refused", **facts, **station)
            yield from t.to(N.MISSION_REFUSED, Audience.STATION, **facts, **station)
        case e.MissionWithdrawn() as event:
            station = station_facts(t.before)
            yield from t.to(
                N.MISSION_WITHDRAWN, Audience.STATION, reason=event.reason, **station
            )


def _visit(t: Telling) -> Iterator[Notice]:
    match t.event:
        case e.InterventionPlanned() as event:
            yield from _planned(t, event.number, event.note)
        case e.InterventionMoved() as event:
            facts = visit_facts(t.after, event.number)
            moved: Facts = {"before": event.before.isoformat(), "reason": event.reason}
            yield from t.to(
                N.MOVED, *_ON_SITE, **facts, **moved, files=_invite(event.number)
            )
            yield from t.to(
                N.MISSION_PLANNED,
                Audience.STATION,
                **facts,
                **moved,
                files=_invite(event.number),
            )
        case e.InterventionProposed() as event:
            facts = visit_facts(t.after, event.number)
            yield from t.desk("to_approve", **facts)
            yield from t.to(
                N.MISSION_PLANNED, Audience.STATION, **facts, is_pending=True
            )
        case e.InterventionApproved() as event:
            facts = visit_facts(t.after, event.number)
            remaining = remaining_before(t.after, event.number)
            files = _invite(event.number)
            yield from t.to(
                N.FOLLOW_UP, *_ON_SITE, **facts, remaining=remaining, files=files
            )
            yield from t.to(
                N.FOLLOW_UP_DECIDED,
                Audience.STATION,
                **facts,
                is_approved=True,
                proposed_at=event.proposed_at.isoformat(),
                files=files,
            )
        case e.InterventionDeclined() as event:
            yield from t.to(
                N.FOLLOW_UP_DECIDED,
                Audience.STATION,
                **visit_facts(t.after, event.number),
                is_approved=False,
                reason=event.reason,
                proposed_at=event.proposed_at.isoformat(),
            )
        case e.InterventionAdded() as event:
            yield from _added(t, event)
        case e.InterventionCancelled() as event:
            yield from _visit_cancelled(t, event)
        case e.VisitReminded() as event if not event.is_too_late:
            facts = visit_facts(t.after, event.number)
            if event.which == "day_before":
                yield from t.to(N.TOMORROW, *_ON_SITE, **facts)
            else:
                order = mission_facts(t.after, None)
                yield from t.to(N.TODAY, Audience.STATION, **{**order, **facts})
        case e.OtherDateAsked() as event:
            facts = {**visit_facts(t.after, event.number), "text": event.text}
            yield from t.to(N.OTHER_DATE, Audience.REQUESTER, **facts)
            yield from t.to(N.MISSION_OTHER_DATE, Audience.STATION, **facts)
            yield from t.desk("other_date", **facts)


def _planned(t: Telling, number: int, note: str) -> Iterator[Notice]:
    visit = t.after.intervention(number)
    facts: Facts = {**visit_facts(t.after, number), "note": note}
    is_follow_up = visit is not None and visit.is_follow_up
    kind = N.FOLLOW_UP if is_follow_up else N.PLANNED
    facts["remaining"] = remaining_before(t.after, number)
    yield from t.to(kind, *_ON_SITE, **facts, files=_invite(number))
    yield from t.to(N.MISSION_PLANNED, Audience.STATION, **facts, files=_invite(number))


def _added(t: Telling, event: e.InterventionAdded) -> Iterator[Notice]:
    visit = t.after.intervention(event.number)
    is_waiting = visit and visit.status is InterventionStatus.UNPLANNED
    is_first = t.before is not None and t.before.status is Status.ASSIGNED
    if is_first or not is_waiting:
        return  # accepting tells by when a date is expected
    reason = event.reason or remaining_before(t.after, event.number)
    yield from t.to(N.DATE_WANTED, Audience.STATION, number=event.number, reason=reason)
    if t.situation.actor.role is Role.STATION:
        yield from t.desk("to_plan", number=event.number, reason=reason)


def _visit_cancelled(t: Telling, event: e.InterventionCancelled) -> Iterator[Notice]:
    if t.after.status is Status.CANCELLED:
        return  # the end of the whole assistance says it
    facts: Facts = {**visit_facts(t.after, event.number), "reason": event.reason}
    facts |= station_facts(t.before)
    visit = t.before.intervention(event.number) if t.before else None
    if event.was_told:
        to = (*_ON_SITE, Audience.STATION)
        files = (f"cancel:{event.number}",)
        yield from t.to(N.VISIT_CANCELLED, *to, **facts, files=files)
    elif visit is None or t.after.mission is None:
        return  # its mission was taken back, which the station is told
    elif visit.status is InterventionStatus.TO_APPROVE:
        sent_back: Facts = {"is_approved": False, "proposed_at": facts["planned_at"]}
        yield from t.to(N.FOLLOW_UP_DECIDED, Audience.STATION, **facts, **sent_back)
    elif visit.status is InterventionStatus.UNDERWAY:
        facts["planned_at"] = iso(visit.planned_at or visit.arrived_at)
        yield from t.to(N.VISIT_CANCELLED, Audience.STATION, **facts)


def _signing(t: Telling) -> Iterator[Notice]:
    match t.event:
        case e.SignatureAsked(number=number, invited=invited) if invited.email:
            yield from t.to(
                N.SIGNATURE_WANTED,
                Audience.ADDRESS,
                **visit_facts(t.after, number),
                to=invited.email,
                name=invited.name,
                role=invited.role.value,
                until=invited.until.isoformat(),
                form=invited.fingerprint,
            )
        case e.SignatureGiven(number=number, signature=signature) if (
            signature.method is SignatureMethod.REMOTE
        ):
            # The station is not there when it happens, and has to end the visit.
            visit = t.after.intervention(number)
            missing = [r.value for r in Signatory if visit and not visit.signature(r)]
            yield from t.to(
                N.SIGNATURE_GIVEN,
                Audience.STATION,
                **visit_facts(t.after, number),
                name=signature.name,
                role=signature.role.value,
                awaited=missing,
            )
        case _:
            pass


def _finished(t: Telling, event: e.InterventionFinished) -> Iterator[Notice]:
    it, report = t.after, (f"report:{event.number}",)
    facts: Facts = {
        **visit_facts(it, event.number),
        "remaining": event.remaining,
        "closes_at": iso(closes_at(it, t.situation.rules)),
    }
    kind = N.FINISHED if event.is_concluded else N.CONTINUED
    yield from t.to(kind, Audience.REQUESTER, **facts, files=report)
    if not event.is_concluded:
        what = "not_concluded"
        yield from t.desk(what, **facts)
    visit = it.intervention(event.number)
    for signature in visit.signatures if visit else ():
        if signature.wants_report and signature.email:
            yield from t.to(
                N.REPORT,
                Audience.ADDRESS,
                **facts,
                to=signature.email,
                name=signature.name,
                role=signature.role.value,
                files=report,
            )


def _ending(t: Telling) -> Iterator[Notice]:
    it = t.after
    match t.event:
        case e.AgentNeeded():
            yield from t.desk("client_silent")
        case e.ClosingReminded():
            last = last_finished(it)
            number = last.number if last else 0
            yield from t.to(
                N.FINISHED,
                Audience.REQUESTER,
                **visit_facts(it, number),
                closes_at=iso(closes_at(it, t.situation.rules)),
                is_reminder=True,
                files=(f"report:{number}",) if last else (),
            )
        case e.ClosingRefused() as event:
            yield from t.to(
                N.RECEIVED,
                Audience.REQUESTER,
                what="closing_refused",
                text=event.comment,
            )
            yield from t.desk("closing_refused", text=event.comment)
        case e.AssistanceClosed() as event:
            yield from _closed(t, event)
        case e.AssistanceCancelled() as event:
            yield from _cancelled(t, event)
        case e.CancellationAsked() as event:
            yield from t.to(
                N.CANCELLATION_ASKED, Audience.REQUESTER, reason=event.reason
            )
            yield from t.desk("cancellation", reason=event.reason)
        case e.AssistanceReopened() as event:
            yield from t.to(N.REOPENED, Audience.REQUESTER, reason=event.reason)
        case e.AssistanceMerged() as event:
            yield from t.to(
                N.MERGED, Audience.REQUESTER, into=event.into, reason=event.reason
            )
        case e.Requalified() as event:
            yield from t.to(
                N.REQUALIFIED,
                Audience.REQUESTER,
                before=event.before.value if event.before else "",
                reason=event.reason,
            )
        case e.DeliveryFailed() as event:
            yield from t.desk(
                "delivery_failed", address=event.address, reason=event.reason
            )
        case _:
            pass


def _closed(t: Telling, event: e.AssistanceClosed) -> Iterator[Notice]:
    visits = [i for i in t.after.interventions if i.finished_at is not None]
    dates = [iso(day_of(i)) for i in visits]
    reports = tuple(f"report:{i.number}" for i in visits[-1:])
    facts: Facts = {
        "by": event.by.value,
        "visits": dates,
        "days": t.situation.rules.reopen_for.days,
    }
    if len(visits) > 1:
        reports = ("report:0",)
    yield from t.to(N.CLOSED, Audience.REQUESTER, **facts, files=reports)
    if t.after.missions:
        yield from t.to(N.CLOSED, Audience.STATION, **facts, **station_facts(t.before))


def _cancelled(t: Telling, event: e.AssistanceCancelled) -> Iterator[Notice]:
    before = t.before or t.after
    # A visit that has begun is past its date: no calendar needs to forget it.
    told = [i for i in before.open_visits if i.status is InterventionStatus.PLANNED]
    files = tuple(f"cancel:{i.number}" for i in told)
    facts: Facts = {
        "reason": event.reason,
        "by": event.by.value,
        "answers": dict(before.answers),
        **station_facts(before),
    }
    if files:
        facts |= visit_facts(t.after, told[-1].number)
    yield from t.to(N.CANCELLED, Audience.REQUESTER, **facts, files=files)
    if files:
        yield from t.to(N.CANCELLED, Audience.CONTACT, **facts, files=files)
    if before.mission is not None:
        yield from t.to(N.CANCELLED, Audience.STATION, **facts, files=files)
    if event.by is Role.CLIENT:
        yield from t.desk("cancelled", reason=event.reason)


def _invite(number: int) -> tuple[str, ...]:
    return (f"invite:{number}",)
