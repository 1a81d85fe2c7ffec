"""For whom everybody waits: what every event means to the desk's queue and clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from azbot.workflow.events.endings import (
    AssistanceCancelled,
    AssistanceClosed,
    AssistanceReopened,
    CancellationAsked,
    ClosingRefused,
    ClosingReminded,
)
from azbot.workflow.events.fact import Fact, raised, released
from azbot.workflow.events.missions import (
    MissionRefused,
    MissionWithdrawn,
    StationAssigned,
)
from azbot.workflow.events.relocations import AssistanceMerged
from azbot.workflow.events.requests import (
    AgentNeeded,
    ClientReminded,
    ComplementAsked,
    ComplementReceived,
    DeliveryFailed,
    FilesJoined,
    MessageAdded,
    MessageEdited,
    RequestAmended,
    heard_by,
)
from azbot.workflow.events.visits import (
    InterventionAdded,
    InterventionApproved,
    InterventionCancelled,
    InterventionDeclined,
    InterventionMoved,
    InterventionPlanned,
    OtherDateAsked,
)
from azbot.workflow.model import Assistance, Attention, Hearers, Party, Role

_STAFF = (Role.AGENT, Role.ADMIN)

_RAISES: Mapping[type[Fact], Attention] = {
    ComplementReceived: Attention.COMPLETED,
    MissionRefused: Attention.REFUSED,
    ClosingRefused: Attention.NOT_SOLVED,
    OtherDateAsked: Attention.OTHER_DATE,
    CancellationAsked: Attention.CANCELLATION,
    AgentNeeded: Attention.UNANSWERED,
}

_ENDS = (AssistanceClosed, AssistanceCancelled, AssistanceMerged)

_RELEASES = (
    ComplementAsked,
    StationAssigned,
    MissionWithdrawn,
    InterventionApproved,
    InterventionDeclined,
    AssistanceReopened,
    *_ENDS,
)


_OF_CLIENTS = (
    RequestAmended,
    ComplementReceived,
    ClosingRefused,
    OtherDateAsked,
    CancellationAsked,
)
"""What a client did that the desk has to answer."""


def attended(event: Fact, after: Assistance, at: datetime) -> Assistance:
    """Return the state with « À traiter » as the event leaves it (ux.md 6.1, A15).

    What client, station or a lost mail need raises it; what the desk answers or
    decides ends it, unless it was said to one side and the other waits as well. Mail
    of robots, notes and what has a queue of its own (a visit to approve, a silent
    station, work to close) leave it alone (A17).
    """
    if reason := _reason(event):
        fresh = raised(after, reason, at)
        side = _waiting(event)
        waits = side.joined(fresh.unanswered) if side else fresh.unanswered
        return replace(fresh, unanswered=waits)
    if not _is_answer(event):
        return after
    if isinstance(event, MessageAdded):
        left = unanswered(after)
        left = left.without(event.to) if left else None
        if left is not None:
            return replace(after, unanswered=left)
    fresh = released(after)
    return replace(fresh, snoozed_until=None) if isinstance(event, _ENDS) else fresh


def unanswered(it: Assistance) -> Hearers | None:
    """Return whose words or need nobody at the desk has answered, None: nobody's."""
    if it.attention is None or it.unanswered is not None:
        return it.unanswered
    # A state older than this, or brought back: the newest words tell.
    by = it.latest.author if it.latest else Role.CLIENT
    return None if by in _STAFF else heard_by(by)


def _waiting(event: Fact) -> Hearers | None:
    """Return who waits for an answer to what happened, None: nobody outside."""
    match event:
        case MessageAdded():
            return event.hearers
        case MessageEdited(author=by) | FilesJoined(author=by):
            return heard_by(by)
        case _:
            return Hearers.CLIENT if isinstance(event, _OF_CLIENTS) else None


def _reason(event: Fact) -> Attention | None:
    match event:
        case MessageAdded(is_inbound=True):
            return Attention.MESSAGE
        case MessageEdited(author=by) | FilesJoined(author=by) if by not in _STAFF:
            return Attention.MESSAGE
        case RequestAmended(by=Role.CLIENT, missing=()):
            return Attention.COMPLETED
        case DeliveryFailed(is_permanent=True):
            return Attention.UNDELIVERED
        case InterventionAdded(needs_desk=True):
            return Attention.TO_PLAN
        case _:
            return _RAISES.get(type(event))


def _is_answer(event: Fact) -> bool:
    match event:
        case MessageAdded(author=by, is_automatic=False):
            return by in _STAFF
        case (
            ClientReminded(by=by)
            | ClosingReminded(by=by)
            | InterventionPlanned(by=by)
            | InterventionMoved(by=by)
            | InterventionCancelled(by=by)
        ):
            return by in _STAFF
        case _:
            return isinstance(event, _RELEASES)


def answered(event: Fact, after: Assistance, at: datetime) -> Assistance:
    """Return the state with the instant of the desk's first answer to its client."""
    if after.first_answer_at is not None:
        return after
    is_said = (
        isinstance(event, MessageAdded)
        and _is_answer(event)
        and event.hearers.includes(Party.CLIENT)
    )
    is_first = is_said or isinstance(event, ComplementAsked | StationAssigned)
    return replace(after, first_answer_at=at) if is_first else after


def clocked(it: Assistance, at: datetime) -> Assistance:
    """Return the state at an instant: the time that passed is whoever's was awaited."""
    passed = max(at - (it.updated_at or it.opened_at), timedelta())
    match it.clock_of:
        case Party.DESK:
            return replace(it, updated_at=at, desk_time=it.desk_time + passed)
        case Party.CLIENT:
            return replace(it, updated_at=at, client_time=it.client_time + passed)
        case Party.STATION:
            return replace(it, updated_at=at, station_time=it.station_time + passed)
        case None:
            return replace(it, updated_at=at)
