"""The three lives, as tables: the readable specification (ux.md 2.3).

``decide`` asks these tables what is possible, and checks every change of status
against them; ``azbot workflow`` prints them.
"""

from __future__ import annotations

from azbot.workflow import events as e
from azbot.workflow.decision import NoticeKind as N
from azbot.workflow.definition import Life, Transition
from azbot.workflow.model import (
    InterventionStatus as I,
    MissionStatus as M,
    Role,
    Status as S,
)

_DESK = frozenset({Role.AGENT, Role.ADMIN})
_CLIENT_OR_DESK = _DESK | {Role.CLIENT}
_ANYONE = _CLIENT_OR_DESK | {Role.SYSTEM}
_STATION = frozenset({Role.STATION}) | _DESK
"""The desk may do on the phone what a station does."""

_OPEN = (S.SUBMITTED, S.WAITING, S.ASSIGNED, S.UNDERWAY, S.DONE)

ASSISTANCE: Life[S] = Life(
    name="assistance",
    statuses=S,
    steps=(
        Transition(
            None,
            S.SUBMITTED,
            e.AssistanceOpened,
            _CLIENT_OR_DESK,
            (N.OPENED, N.INCOMPLETE, N.DESK),
        ),
        Transition(S.SUBMITTED, S.WAITING, e.ComplementAsked, _DESK, (N.COMPLEMENT,)),
        Transition(S.WAITING, S.WAITING, e.ComplementAsked, _DESK, (N.COMPLEMENT,)),
        Transition(
            S.WAITING, S.SUBMITTED, e.ComplementReceived, _CLIENT_OR_DESK, (N.RECEIVED,)
        ),
        Transition(
            S.SUBMITTED, S.ASSIGNED, e.StationAssigned, _DESK, (N.ASSIGNED, N.MISSION)
        ),
        Transition(
            S.WAITING, S.ASSIGNED, e.StationAssigned, _DESK, (N.ASSIGNED, N.MISSION)
        ),
        Transition(
            S.ASSIGNED,
            S.UNDERWAY,
            e.MissionAccepted,
            _STATION,
            (N.ACCEPTED, N.MISSION_ACCEPTED),
        ),
        Transition(
            S.ASSIGNED,
            S.SUBMITTED,
            e.MissionRefused,
            _STATION,
            (N.DESK, N.MISSION_REFUSED),
        ),
        Transition(
            S.ASSIGNED, S.SUBMITTED, e.MissionWithdrawn, _DESK, (N.MISSION_WITHDRAWN,)
        ),
        Transition(
            S.UNDERWAY, S.SUBMITTED, e.MissionWithdrawn, _DESK, (N.MISSION_WITHDRAWN,)
        ),
        Transition(S.UNDERWAY, S.DONE, e.InterventionFinished, _STATION, (N.FINISHED,)),
        Transition(S.DONE, S.CLOSED, e.AssistanceClosed, _ANYONE, (N.CLOSED,)),
        Transition(
            S.DONE, S.UNDERWAY, e.ClosingRefused, _CLIENT_OR_DESK, (N.RECEIVED, N.DESK)
        ),
        Transition(S.DONE, S.UNDERWAY, e.AssistanceReopened, _DESK, (N.REOPENED,)),
        Transition(S.CLOSED, S.UNDERWAY, e.AssistanceReopened, _DESK, (N.REOPENED,)),
        Transition(
            S.CANCELLED, S.SUBMITTED, e.AssistanceReopened, _DESK, (N.REOPENED,)
        ),
        *(
            Transition(
                source,
                S.CANCELLED,
                e.AssistanceCancelled,
                _CLIENT_OR_DESK if source in (S.SUBMITTED, S.WAITING) else _DESK,
                (N.CANCELLED,),
            )
            for source in _OPEN
        ),
    ),
    ends=frozenset({S.CLOSED, S.CANCELLED}),
    labels={status: f"status.{status.value}" for status in S},
)

MISSION: Life[M] = Life(
    name="mission",
    statuses=M,
    steps=(
        Transition(None, M.PROPOSED, e.StationAssigned, _DESK, (N.MISSION, N.ASSIGNED)),
        Transition(
            M.PROPOSED,
            M.ACCEPTED,
            e.MissionAccepted,
            _STATION,
            (N.ACCEPTED, N.MISSION_ACCEPTED),
        ),
        Transition(
            M.PROPOSED,
            M.REFUSED,
            e.MissionRefused,
            _STATION,
            (N.DESK, N.MISSION_REFUSED),
        ),
        Transition(
            M.PROPOSED, M.WITHDRAWN, e.MissionWithdrawn, _DESK, (N.MISSION_WITHDRAWN,)
        ),
        Transition(
            M.ACCEPTED, M.WITHDRAWN, e.MissionWithdrawn, _DESK, (N.MISSION_WITHDRAWN,)
        ),
        Transition(
            M.PROPOSED, M.WITHDRAWN, e.AssistanceCancelled, _DESK, (N.CANCELLED,)
        ),
        Transition(
            M.ACCEPTED, M.WITHDRAWN, e.AssistanceCancelled, _DESK, (N.CANCELLED,)
        ),
        Transition(
            M.ACCEPTED, M.COMPLETED, e.MissionCompleted, _ANYONE, is_silent=True
        ),
        Transition(M.COMPLETED, M.ACCEPTED, e.MissionResumed, _DESK, (N.DATE_WANTED,)),
    ),
    ends=frozenset({M.REFUSED, M.WITHDRAWN, M.COMPLETED}),
    labels={status: f"mission.{status.value}" for status in M},
)

INTERVENTION: Life[I] = Life(
    name="intervention",
    statuses=I,
    steps=(
        Transition(
            None, I.UNPLANNED, e.InterventionAdded, _STATION | _ANYONE, is_silent=True
        ),
        Transition(
            I.UNPLANNED,
            I.PLANNED,
            e.InterventionPlanned,
            _STATION,
            (N.PLANNED, N.MISSION_PLANNED),
        ),
        Transition(
            I.UNPLANNED, I.TO_APPROVE, e.InterventionProposed, _STATION, (N.DESK,)
        ),
        Transition(
            I.TO_APPROVE, I.TO_APPROVE, e.InterventionProposed, _STATION, (N.DESK,)
        ),
        Transition(
            I.TO_APPROVE,
            I.PLANNED,
            e.InterventionApproved,
            _DESK,
            (N.FOLLOW_UP, N.FOLLOW_UP_DECIDED),
        ),
        Transition(
            I.TO_APPROVE,
            I.UNPLANNED,
            e.InterventionDeclined,
            _DESK,
            (N.FOLLOW_UP_DECIDED,),
        ),
        Transition(
            I.PLANNED,
            I.PLANNED,
            e.InterventionMoved,
            _STATION,
            (N.MOVED, N.MISSION_PLANNED),
        ),
        Transition(I.PLANNED, I.UNDERWAY, e.StationArrived, _STATION, is_silent=True),
        Transition(I.UNPLANNED, I.UNDERWAY, e.StationArrived, _STATION, is_silent=True),
        Transition(
            I.UNDERWAY,
            I.FINISHED,
            e.InterventionFinished,
            _STATION,
            (N.FINISHED, N.CONTINUED),
        ),
        *(
            Transition(
                source, I.UNDERWAY, e.InterventionFormSaved, _STATION, is_silent=True
            )
            for source in (I.PLANNED, I.UNPLANNED, I.UNDERWAY)
        ),
        *(
            Transition(
                source,
                I.CANCELLED,
                e.InterventionCancelled,
                _CLIENT_OR_DESK,
                (N.VISIT_CANCELLED, N.CANCELLED),
            )
            for source in (I.UNPLANNED, I.TO_APPROVE, I.PLANNED, I.UNDERWAY)
        ),
    ),
    ends=frozenset({I.FINISHED, I.CANCELLED}),
    labels={status: f"intervention.{status.value}" for status in I},
)

LIVES = (ASSISTANCE, MISSION, INTERVENTION)
