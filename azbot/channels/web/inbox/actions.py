"""What an agent can do with an assistance: one table for pages, keys and routes.

An action has words (``inbox.do.<name>``), maybe questions, and the commands it stands
for. What is offered follows ux.md 6.3; whether it is allowed is the workflow's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from azbot.channels.web.inbox import asking, building
from azbot.channels.web.inbox.asking import Questions, nothing
from azbot.channels.web.inbox.building import Build
from azbot.workflow import commands as c
from azbot.workflow.model import (
    Assistance,
    InterventionStatus,
    MissionStatus,
    Status,
)
from azbot.workflow.situation import waiting_for_date

UNDECIDED = (Status.SUBMITTED, Status.WAITING)
"""What nobody has been sent to: stations are proposed, prerequisites are told."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do.

    Attributes:
        name: last part of its address, and of its words.
        offered: whether this state has a use for it.
        build: the commands, from what was posted.
        asks: the questions; none: one press does it.
        key: letter on the keyboard (ux.md 6.2).
        is_grave: ends something for somebody: red, and said in words.
        place: ``head`` among the actions of the status, ``desk`` in the menu of the
            desk's own affairs, ``value`` beside the value it changes.
    """

    name: str
    offered: Callable[[Assistance], bool]
    build: Build
    asks: Questions = nothing
    key: str = ""
    is_grave: bool = False
    place: str = "head"

    @property
    def has_questions(self) -> bool:
        """Whether a dialog comes first."""
        return self.asks is not nothing or self.is_grave


def _in(*statuses: Status) -> Callable[[Assistance], bool]:
    return lambda it: it.status in statuses


def _has_visit(*statuses: InterventionStatus) -> Callable[[Assistance], bool]:
    return lambda it: any(i.status in statuses for i in it.open_visits)


def _may_add(it: Assistance) -> bool:
    """One visit more, when none waits for its date already."""
    return it.status is Status.UNDERWAY and not waiting_for_date(it.interventions)


def _awaits_station(it: Assistance) -> bool:
    return it.mission is not None and it.mission.status is MissionStatus.PROPOSED


def _can_remind(it: Assistance) -> bool:
    return it.status is Status.WAITING or (
        it.status is Status.SUBMITTED and bool(it.missing)
    )


def _open(it: Assistance) -> bool:
    return it.is_open


def _always(_: Assistance) -> bool:
    return True


def _waits(it: Assistance) -> bool:
    return it.attention is not None


def _rests(it: Assistance) -> bool:
    return it.is_open and it.attention is None


def _sleeps(it: Assistance) -> bool:
    return it.snoozed_until is not None


_S = InterventionStatus

ACTIONS: tuple[Action, ...] = (
    Action("assign", _in(*UNDECIDED), building.assign, asking.assign, "a"),
    Action("complement", _in(*UNDECIDED), building.complement, asking.complement, "d"),
    Action("remind-client", _can_remind, building.simple(c.RemindClient)),
    Action("remind-station", _awaits_station, building.simple(c.RemindStation)),
    Action("approve", _has_visit(_S.TO_APPROVE), building.approve, asking.approve, "v"),
    Action(
        "decline",
        _has_visit(_S.TO_APPROVE),
        building.with_reason(c.DeclineIntervention),
        asking.reason,
    ),
    Action(
        "close",
        _in(Status.DONE),
        building.with_reason(c.CloseAssistance, "closing_reason"),
        asking.optional_reason,
        "c",
    ),
    Action("ask-closing", _in(Status.DONE), building.simple(c.AskClosingAgain)),
    Action("plan", _has_visit(_S.UNPLANNED), building.schedule, asking.plan),
    Action("move", _has_visit(_S.PLANNED), building.schedule, asking.move),
    Action(
        "add-visit",
        _may_add,
        building.with_reason(c.AddIntervention),
        asking.reason,
    ),
    Action(
        "cancel-visit",
        _has_visit(_S.PLANNED, _S.UNDERWAY, _S.TO_APPROVE),
        building.cancel_visit,
        asking.cancel_visit,
        is_grave=True,
    ),
    Action(
        "change-station",
        _in(Status.ASSIGNED, Status.UNDERWAY),
        building.change,
        asking.change_station,
    ),
    Action(
        "withdraw",
        _in(Status.ASSIGNED, Status.UNDERWAY),
        building.with_reason(c.WithdrawMission),
        asking.reason,
        is_grave=True,
    ),
    Action("accept-mission", _awaits_station, building.simple(c.AcceptMission)),
    Action("refuse-mission", _awaits_station, building.refuse, asking.refusal),
    Action("confirm-closing", _in(Status.DONE), building.simple(c.ConfirmClosing)),
    Action(
        "refuse-closing",
        _in(Status.DONE),
        building.with_reason(c.RefuseClosing, "comment_short"),
        asking.comment,
    ),
    Action("requalify", _open, building.requalify, asking.service),
    Action(
        "edit-contact",
        _open,
        building.amend(asking.CONTACT),
        asking.fields(asking.CONTACT),
        place="value",
    ),
    Action(
        "edit-site",
        _open,
        building.amend(asking.SITE),
        asking.fields(asking.SITE),
        place="value",
    ),
    Action(
        "edit-request",
        _open,
        building.amend(asking.REQUEST),
        asking.fields(asking.REQUEST),
        place="value",
    ),
    Action("review", _open, building.review, place="value"),
    Action(
        "reopen",
        _in(Status.DONE, Status.CLOSED, Status.CANCELLED),
        building.with_reason(c.ReopenAssistance),
        asking.reason,
    ),
    Action(
        "cancel",
        _open,
        building.with_reason(c.CancelAssistance),
        asking.reason,
        is_grave=True,
    ),
    Action(
        "handled",
        _waits,
        building.simple(c.MarkHandled),
        key="e",
        place="desk",
    ),
    Action("snooze", _open, building.snooze, asking.snooze, "s", place="desk"),
    Action("end-snooze", _sleeps, building.simple(c.EndSnooze), place="desk"),
    Action("bring-back", _rests, building.simple(c.BringBack), place="desk"),
    Action("take", _always, building.take, key="m", place="desk"),
    Action("owner", _always, building.owner, asking.owner, place="desk"),
    Action("tags", _always, building.tags, asking.tags, place="desk"),
)
"""In the order of the menu."""

BY_NAME: Mapping[str, Action] = {action.name: action for action in ACTIONS}


def offered(it: Assistance, missing: tuple[str, ...]) -> tuple[Action, ...]:
    """Return what this state has a use for, the most useful first (ux.md 6.3)."""
    found = [a for a in ACTIONS if a.place == "head" and a.offered(it)]
    first = _first(it, missing)
    return tuple(sorted(found, key=lambda a: a.name != first))


def _first(it: Assistance, missing: tuple[str, ...]) -> str:
    match it.status:
        case Status.SUBMITTED:
            return "complement" if missing else "assign"
        case Status.WAITING:
            return "remind-client"
        case Status.ASSIGNED:
            return "remind-station"
        case Status.UNDERWAY:
            return "approve"
        case Status.DONE:
            return "close"
        case _:
            return ""


def desk_actions(it: Assistance) -> tuple[Action, ...]:
    """Return the desk's own affairs: nobody outside learns of them."""
    return tuple(a for a in ACTIONS if a.place == "desk" and a.offered(it))
