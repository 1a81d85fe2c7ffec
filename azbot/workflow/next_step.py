"""The next step: who acts now, and by when (ux.md 7.2). The same on every channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from azbot.workflow.deadlines import Rules, closes_at
from azbot.workflow.model import (
    Assistance,
    DocumentKind,
    Intervention,
    InterventionStatus,
    Status,
)


class StepKind(StrEnum):
    """What comes next, for a client."""

    CHECKING = "checking"
    """The desk looks at the request."""
    MISSING = "missing"
    """Mandatory fields are missing: the reader fills them in."""
    ASKED = "asked"
    """The desk asked for something: the reader answers."""
    PREPARING = "preparing"
    """The same, for whoever learns of visits alone."""
    CONFIRMING = "confirming"
    """The station has to take the mission."""
    UNPLANNED = "unplanned"
    """The station proposes a date."""
    NEXT_VISIT = "next_visit"
    """Another visit waits for its date."""
    PLANNED = "planned"
    """A visit has its date."""
    ON_SITE = "on_site"
    """The station is there."""
    SOLVED = "solved"
    """« Le problème est-il résolu ? »: the reader answers."""
    ENDED = "ended"
    """The work is done."""
    MERGED = "merged"
    """It goes on in another assistance."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next step of one reader.

    Attributes:
        by: until when it is promised, or concluded from silence; None when nothing
            is, or the promise was not kept: then it is not repeated (ux.md 4).
        items: what is missing or asked: field keys and kinds of documents.
        comment: the desk's own words about it.
        days: working days within which a date is proposed, 0: nothing is promised.
        visit: the one it is about.
    """

    kind: StepKind
    by: datetime | None = None
    items: tuple[str, ...] = ()
    comment: str = ""
    days: int = 0
    visit: Intervention | None = None

    @property
    def wants_files(self) -> bool:
        """Whether what is asked can be answered by a photo or a document."""
        kinds = {kind.value for kind in DocumentKind}
        return self.kind is StepKind.ASKED and (
            not self.items or not kinds.isdisjoint(self.items)
        )


def next_step(
    it: Assistance, rules: Rules, now: datetime, *, decides: bool, sees_all: bool
) -> NextStep:
    """Return what comes next.

    Args:
        it: the assistance.
        rules: the delays in force.
        now: the present.
        decides: whether the reader is the requester.
        sees_all: False for whoever learns of visits alone (R153).
    """
    match it.status:
        case Status.SUBMITTED if it.missing and decides:
            return NextStep(StepKind.MISSING, items=it.missing)
        case Status.SUBMITTED:
            since = it.waiting_since or it.opened_at
            by = rules.working.after(since, rules.answer_within)
            return _promised(StepKind.CHECKING, by, now)
        case Status.WAITING if sees_all:
            asked, comment = it.asked_items, it.asked_comment
            return NextStep(StepKind.ASKED, items=asked, comment=comment)
        case Status.WAITING:
            return NextStep(StepKind.PREPARING)
        case Status.ASSIGNED:
            by = it.mission.answer_by if it.mission else now
            return _promised(StepKind.CONFIRMING, by, now)
        case Status.UNDERWAY:
            return _underway(it, rules, now)
        case Status.DONE if decides:
            return NextStep(StepKind.SOLVED, by=closes_at(it, rules))
        case Status.DONE | Status.CLOSED:
            return NextStep(StepKind.ENDED)
        case Status.CANCELLED:
            is_merged = it.merged_into is not None
            return NextStep(StepKind.MERGED if is_merged else StepKind.CANCELLED)


def broken_at(it: Assistance, rules: Rules) -> datetime | None:
    """Return when what is promised now has not been kept; None: nothing is.

    From then on whoever reads where it stands, client or station, reads something
    else, though nothing happens.
    """
    match it.status:
        case Status.SUBMITTED:
            since = it.waiting_since or it.opened_at
            return rules.working.after(since, rules.answer_within)
        case Status.ASSIGNED:
            return it.mission.answer_by if it.mission else None
        case Status.UNDERWAY if it.mission and it.mission.answered_at:
            return rules.working.after(it.mission.answered_at, rules.date_within)
        case _:
            return None


def _underway(it: Assistance, rules: Rules, now: datetime) -> NextStep:
    visit = it.visit
    match visit:
        case Intervention(status=InterventionStatus.PLANNED, planned_at=at) if at:
            return NextStep(StepKind.PLANNED, visit=visit)
        case Intervention(status=InterventionStatus.UNDERWAY):
            return NextStep(StepKind.ON_SITE, visit=visit)
        case _:
            return _unplanned(it, rules, now)


def _unplanned(it: Assistance, rules: Rules, now: datetime) -> NextStep:
    if any(i.finished_at for i in it.interventions):
        return NextStep(StepKind.NEXT_VISIT, visit=it.visit)
    since = it.mission.answered_at if it.mission else None
    days = rules.date_within.days
    is_promised = (
        since is not None
        and days >= 1
        and rules.working.after(since, rules.date_within) >= now
    )
    return NextStep(StepKind.UNPLANNED, days=days if is_promised else 0, visit=it.visit)


def _promised(kind: StepKind, by: datetime, now: datetime) -> NextStep:
    return NextStep(kind, by=None if by < now else by)
