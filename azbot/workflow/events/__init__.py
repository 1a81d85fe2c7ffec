"""Past facts, and what each does to the state.

The history of an assistance is the list of its events; folding ``apply`` over them
rebuilds the state (invariant 3 of house.md §6). An event carries everything its
``apply`` needs but the instant, which the history keeps beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import get_args

from azbot.workflow.events.awaited import answered, attended, clocked
from azbot.workflow.events.care import (
    BroughtBack,
    Handled,
    OwnerChosen,
    Snoozed,
    SnoozeEnded,
    SnoozeOver,
    TagsSet,
)
from azbot.workflow.events.endings import (
    AssistanceCancelled,
    AssistanceClosed,
    AssistanceReopened,
    CancellationAsked,
    ClosingRefused,
    ClosingReminded,
)
from azbot.workflow.events.fact import Change
from azbot.workflow.events.missions import (
    MissionAccepted,
    MissionCompleted,
    MissionRefused,
    MissionResumed,
    MissionWithdrawn,
    StationAssigned,
    StationReminded,
    StationSilent,
)
from azbot.workflow.events.relocations import (
    AssistanceAbsorbed,
    AssistanceLinked,
    AssistanceMerged,
    AssistanceUnlinked,
    MessageArrived,
    MessageMovedOut,
    NoteArrived,
)
from azbot.workflow.events.requests import (
    AbsenceNoted,
    AgentNeeded,
    AssistanceOpened,
    ChatBlocked,
    ClientReminded,
    ColleagueInvited,
    ComplementAsked,
    ComplementReceived,
    DeliveryFailed,
    DocumentAdded,
    DocumentReviewed,
    FilesJoined,
    MessageAdded,
    MessageEdited,
    NoteAdded,
    Requalified,
    RequestAmended,
    RequestConfirmed,
)
from azbot.workflow.events.visits import (
    InterventionAdded,
    InterventionApproved,
    InterventionCancelled,
    InterventionDeclined,
    InterventionFinished,
    InterventionFormSaved,
    InterventionMoved,
    InterventionPlanned,
    InterventionProposed,
    OtherDateAsked,
    ReportRecorded,
    SignatureAsked,
    SignatureGiven,
    SignaturesRemoved,
    StationArrived,
    VisitReminded,
)
from azbot.workflow.model import Assistance

__all__ = [
    "EVENTS",
    "AbsenceNoted",
    "AgentNeeded",
    "AssistanceAbsorbed",
    "AssistanceCancelled",
    "AssistanceClosed",
    "AssistanceLinked",
    "AssistanceMerged",
    "AssistanceOpened",
    "AssistanceReopened",
    "AssistanceUnlinked",
    "BroughtBack",
    "CancellationAsked",
    "Change",
    "ChatBlocked",
    "ClientReminded",
    "ClosingRefused",
    "ClosingReminded",
    "ColleagueInvited",
    "ComplementAsked",
    "ComplementReceived",
    "DeliveryFailed",
    "DocumentAdded",
    "DocumentReviewed",
    "Event",
    "FilesJoined",
    "Handled",
    "InterventionAdded",
    "InterventionApproved",
    "InterventionCancelled",
    "InterventionDeclined",
    "InterventionFinished",
    "InterventionFormSaved",
    "InterventionMoved",
    "InterventionPlanned",
    "InterventionProposed",
    "MessageAdded",
    "MessageArrived",
    "MessageEdited",
    "MessageMovedOut",
    "MissionAccepted",
    "MissionCompleted",
    "MissionRefused",
    "MissionResumed",
    "MissionWithdrawn",
    "NoteAdded",
    "NoteArrived",
    "OtherDateAsked",
    "OwnerChosen",
    "ReportRecorded",
    "Requalified",
    "RequestAmended",
    "RequestConfirmed",
    "SignatureAsked",
    "SignatureGiven",
    "SignaturesRemoved",
    "SnoozeEnded",
    "SnoozeOver",
    "Snoozed",
    "StationArrived",
    "StationAssigned",
    "StationReminded",
    "StationSilent",
    "TagsSet",
    "VisitReminded",
    "evolve",
]

Event = (
    AssistanceOpened
    | RequestAmended
    | RequestConfirmed
    | MessageAdded
    | MessageEdited
    | FilesJoined
    | NoteAdded
    | DocumentAdded
    | DocumentReviewed
    | ComplementAsked
    | ComplementReceived
    | ClientReminded
    | AgentNeeded
    | StationAssigned
    | StationReminded
    | StationSilent
    | MissionAccepted
    | MissionRefused
    | MissionWithdrawn
    | MissionCompleted
    | MissionResumed
    | InterventionAdded
    | InterventionPlanned
    | InterventionMoved
    | InterventionProposed
    | InterventionApproved
    | InterventionDeclined
    | InterventionCancelled
    | VisitReminded
    | OtherDateAsked
    | ColleagueInvited
    | StationArrived
    | InterventionFormSaved
    | SignatureAsked
    | SignatureGiven
    | SignaturesRemoved
    | InterventionFinished
    | ReportRecorded
    | ClosingReminded
    | ClosingRefused
    | AssistanceClosed
    | AssistanceCancelled
    | CancellationAsked
    | AssistanceReopened
    | Requalified
    | DeliveryFailed
    | ChatBlocked
    | AbsenceNoted
    | OwnerChosen
    | Handled
    | BroughtBack
    | Snoozed
    | SnoozeEnded
    | SnoozeOver
    | TagsSet
    | AssistanceLinked
    | AssistanceUnlinked
    | AssistanceMerged
    | AssistanceAbsorbed
    | MessageArrived
    | NoteArrived
    | MessageMovedOut
)

EVENTS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
"""Every event by its name, as the history stores it."""


def evolve(it: Assistance | None, event: Event, at: datetime) -> Assistance:
    """Return the state after one event.

    Raises:
        ValueError: the first event of a life is not ``AssistanceOpened``.
    """
    if isinstance(event, AssistanceOpened):
        return event.begin(at)
    if it is None:
        raise ValueError(f"a life cannot begin with {type(event).__name__}")
    after = event.apply(clocked(it, at), at)
    return answered(event, attended(event, after, at), at)
