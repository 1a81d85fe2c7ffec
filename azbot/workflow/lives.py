"""The three lives, as tables: the readable specification (ux.md 2.3).

``decide`` asks these tables what is possible, and checks every change of status
against them; ``azbot workflow`` prints them.
"""

from __future__ import annotations

from collections.abc import Mapping

from azbot.workflow import events as e
from azbot.workflow.decision import NoticeKind
from azbot.workflow.definition import Life, Transition
from azbot.workflow.model import InterventionStatus, MissionStatus, Role, Status

_DESK = frozenset({Role.AGENT, Role.ADMIN})
_CLIENT_OR_DESK = _DESK | {Role.CLIENT}
_ANYONE = _CLIENT_OR_DESK | {Role.SYSTEM}
_STATION = frozenset({Role.STATION}) | _DESK
"""The desk may do on the phone what a station does."""

_OPEN = (
    Status.SUBMITTED,
    Status.WAITING,
    Status.ASSIGNED,
    Status.UNDERWAY,
    Status.DONE,
)

_VISIT_DROPPED: Mapping[InterventionStatus, tuple[NoticeKind, ...]] = {
    InterventionStatus.UNPLANNED: (),
    InterventionStatus.TO_APPROVE: (
        NoticeKind.FOLLOW_UP_DECIDED,
        NoticeKind.MISSION_WITHDRAWN,
        NoticeKind.CANCELLED,
    ),
    InterventionStatus.PLANNED: (NoticeKind.VISIT_CANCELLED, NoticeKind.CANCELLED),
    InterventionStatus.UNDERWAY: (
        NoticeKind.VISIT_CANCELLED,
        NoticeKind.MISSION_WITHDRAWN,
        NoticeKind.CANCELLED,
    ),
}
"""Who hears of a dropped visit depends on what they knew of it."""

ASSISTANCE: Life[Status] = Life(
    name="assistance",
    statuses=Status,
    steps=(
        Transition(
            None,
            Status.SUBMITTED,
            e.AssistanceOpened,
            _CLIENT_OR_DESK,
            (NoticeKind.OPENED, NoticeKind.INCOMPLETE, NoticeKind.DESK),
        ),
        Transition(
            Status.SUBMITTED,
            Status.WAITING,
            e.ComplementAsked,
            _DESK,
            (NoticeKind.COMPLEMENT,),
        ),
        Transition(
            Status.WAITING,
            Status.WAITING,
            e.ComplementAsked,
            _DESK,
            (NoticeKind.COMPLEMENT,),
        ),
        Transition(
            Status.WAITING,
            Status.SUBMITTED,
            e.ComplementReceived,
            frozenset({Role.CLIENT}),
            (NoticeKind.RECEIVED,),
        ),
        Transition(
            Status.SUBMITTED,
            Status.ASSIGNED,
            e.StationAssigned,
            _DESK,
            (NoticeKind.ASSIGNED, NoticeKind.MISSION),
        ),
        Transition(
            Status.WAITING,
            Status.ASSIGNED,
            e.StationAssigned,
            _DESK,
            (NoticeKind.ASSIGNED, NoticeKind.MISSION),
        ),
        Transition(
            Status.ASSIGNED,
            Status.UNDERWAY,
            e.MissionAccepted,
            _STATION,
            (NoticeKind.ACCEPTED, NoticeKind.MISSION_ACCEPTED),
        ),
        Transition(
            Status.ASSIGNED,
            Status.SUBMITTED,
            e.MissionRefused,
            _STATION,
            (NoticeKind.DESK, NoticeKind.MISSION_REFUSED),
        ),
        Transition(
            Status.ASSIGNED,
            Status.SUBMITTED,
            e.MissionWithdrawn,
            _DESK,
            (NoticeKind.MISSION_WITHDRAWN,),
        ),
        Transition(
            Status.UNDERWAY,
            Status.SUBMITTED,
            e.MissionWithdrawn,
            _DESK,
            (NoticeKind.MISSION_WITHDRAWN,),
        ),
        Transition(
            Status.UNDERWAY,
            Status.DONE,
            e.InterventionFinished,
            _STATION,
            (NoticeKind.FINISHED,),
        ),
        Transition(
            Status.DONE,
            Status.CLOSED,
            e.AssistanceClosed,
            _ANYONE,
            (NoticeKind.CLOSED,),
        ),
        Transition(
            Status.DONE,
            Status.UNDERWAY,
            e.ClosingRefused,
            _CLIENT_OR_DESK,
            (NoticeKind.RECEIVED, NoticeKind.DESK),
        ),
        Transition(
            Status.DONE,
            Status.UNDERWAY,
            e.AssistanceReopened,
            _DESK,
            (NoticeKind.REOPENED,),
        ),
        Transition(
            Status.CLOSED,
            Status.UNDERWAY,
            e.AssistanceReopened,
            _DESK,
            (NoticeKind.REOPENED,),
        ),
        Transition(
            Status.CANCELLED,
            Status.SUBMITTED,
            e.AssistanceReopened,
            _DESK,
            (NoticeKind.REOPENED,),
        ),
        *(
            Transition(
                source,
                Status.CANCELLED,
                e.AssistanceCancelled,
                _CLIENT_OR_DESK
                if source in (Status.SUBMITTED, Status.WAITING)
                else _DESK,
                (NoticeKind.CANCELLED,),
            )
            for source in _OPEN
        ),
        *(
            Transition(
                source,
                Status.CANCELLED,
                e.AssistanceMerged,
                _DESK,
                (NoticeKind.MERGED,),
            )
            for source in (Status.SUBMITTED, Status.WAITING)
        ),
    ),
    ends=frozenset({Status.CLOSED, Status.CANCELLED}),
    labels={status: f"status.{status.value}" for status in Status},
)

MISSION: Life[MissionStatus] = Life(
    name="mission",
    statuses=MissionStatus,
    steps=(
        Transition(
            None,
            MissionStatus.PROPOSED,
            e.StationAssigned,
            _DESK,
            (NoticeKind.MISSION, NoticeKind.ASSIGNED),
        ),
        Transition(
            MissionStatus.PROPOSED,
            MissionStatus.ACCEPTED,
            e.MissionAccepted,
            _STATION,
            (NoticeKind.ACCEPTED, NoticeKind.MISSION_ACCEPTED),
        ),
        Transition(
            MissionStatus.PROPOSED,
            MissionStatus.REFUSED,
            e.MissionRefused,
            _STATION,
            (NoticeKind.DESK, NoticeKind.MISSION_REFUSED),
        ),
        Transition(
            MissionStatus.PROPOSED,
            MissionStatus.WITHDRAWN,
            e.MissionWithdrawn,
            _DESK,
            (NoticeKind.MISSION_WITHDRAWN,),
        ),
        Transition(
            MissionStatus.ACCEPTED,
            MissionStatus.WITHDRAWN,
            e.MissionWithdrawn,
            _DESK,
            (NoticeKind.MISSION_WITHDRAWN,),
        ),
        Transition(
            MissionStatus.PROPOSED,
            MissionStatus.WITHDRAWN,
            e.AssistanceCancelled,
            _DESK,
            (NoticeKind.CANCELLED,),
        ),
        Transition(
            MissionStatus.ACCEPTED,
            MissionStatus.WITHDRAWN,
            e.AssistanceCancelled,
            _DESK,
            (NoticeKind.CANCELLED,),
        ),
        Transition(
            MissionStatus.ACCEPTED,
            MissionStatus.COMPLETED,
            e.MissionCompleted,
            _ANYONE,
            is_silent=True,
        ),
        Transition(
            MissionStatus.COMPLETED,
            MissionStatus.ACCEPTED,
            e.MissionResumed,
            _DESK,
            (NoticeKind.DATE_WANTED,),
        ),
    ),
    ends=frozenset(
        {MissionStatus.REFUSED, MissionStatus.WITHDRAWN, MissionStatus.COMPLETED}
    ),
    labels={status: f"mission.{status.value}" for status in MissionStatus},
)

INTERVENTION: Life[InterventionStatus] = Life(
    name="intervention",
    statuses=InterventionStatus,
    steps=(
        Transition(
            None,
            InterventionStatus.UNPLANNED,
            e.InterventionAdded,
            _STATION | _ANYONE,
            is_silent=True,
        ),
        Transition(
            InterventionStatus.UNPLANNED,
            InterventionStatus.PLANNED,
            e.InterventionPlanned,
            _STATION,
            (NoticeKind.PLANNED, NoticeKind.MISSION_PLANNED),
        ),
        Transition(
            InterventionStatus.UNPLANNED,
            InterventionStatus.TO_APPROVE,
            e.InterventionProposed,
            _STATION,
            (NoticeKind.DESK,),
        ),
        Transition(
            InterventionStatus.TO_APPROVE,
            InterventionStatus.TO_APPROVE,
            e.InterventionProposed,
            _STATION,
            (NoticeKind.DESK,),
        ),
        Transition(
            InterventionStatus.TO_APPROVE,
            InterventionStatus.PLANNED,
            e.InterventionApproved,
            _DESK,
            (NoticeKind.FOLLOW_UP, NoticeKind.FOLLOW_UP_DECIDED),
        ),
        Transition(
            InterventionStatus.TO_APPROVE,
            InterventionStatus.UNPLANNED,
            e.InterventionDeclined,
            _DESK,
            (NoticeKind.FOLLOW_UP_DECIDED,),
        ),
        Transition(
            InterventionStatus.PLANNED,
            InterventionStatus.PLANNED,
            e.InterventionMoved,
            _STATION,
            (NoticeKind.MOVED, NoticeKind.MISSION_PLANNED),
        ),
        Transition(
            InterventionStatus.PLANNED,
            InterventionStatus.UNDERWAY,
            e.StationArrived,
            _STATION,
            is_silent=True,
        ),
        Transition(
            InterventionStatus.UNPLANNED,
            InterventionStatus.UNDERWAY,
            e.StationArrived,
            _STATION,
            is_silent=True,
        ),
        Transition(
            InterventionStatus.UNDERWAY,
            InterventionStatus.FINISHED,
            e.InterventionFinished,
            _STATION,
            (NoticeKind.FINISHED, NoticeKind.CONTINUED),
        ),
        *(
            Transition(
                source,
                InterventionStatus.UNDERWAY,
                e.InterventionFormSaved,
                _STATION,
                is_silent=True,
            )
            for source in (
                InterventionStatus.PLANNED,
                InterventionStatus.UNPLANNED,
                InterventionStatus.UNDERWAY,
            )
        ),
        *(
            Transition(
                source,
                InterventionStatus.CANCELLED,
                e.InterventionCancelled,
                _STATION,
                tells,
                is_silent=not tells,
            )
            for source, tells in _VISIT_DROPPED.items()
        ),
    ),
    ends=frozenset({InterventionStatus.FINISHED, InterventionStatus.CANCELLED}),
    labels={status: f"intervention.{status.value}" for status in InterventionStatus},
)

LIVES = (ASSISTANCE, MISSION, INTERVENTION)
