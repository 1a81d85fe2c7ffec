"""What every rule is given besides the state and the command, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from azbot.forms.kinds import Problem
from azbot.workflow.deadlines import Rules
from azbot.workflow.decision import Refusal
from azbot.workflow.definition import Life
from azbot.workflow.events import Event
from azbot.workflow.lives import INTERVENTION
from azbot.workflow.model import (
    Actor,
    Assistance,
    Intervention,
    InterventionStatus,
    Mission,
    Status,
)

Outcome = tuple[Event, ...] | Refusal
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Situation:
    """Who acts, when, under which rules."""

    actor: Actor
    now: datetime
    rules: Rules


def refuse(code: str, rule: str = "", **facts: object) -> Refusal:
    """Refuse with a code of the catalogue (``refusal.<code>``) and its facts."""
    return Refusal(code, facts, rule)


def bad_answers(problems: Mapping[str, Problem]) -> Refusal:
    """Refuse answers, each with its own code and facts."""
    told = {
        key: {"code": p.code, "facts": dict(p.facts), "path": list(p.path)}
        for key, p in problems.items()
    }
    return refuse("bad_answers", "X10", problems=told)


def wrong_status(it: Assistance) -> Refusal:
    """Refuse what the status of the assistance does not allow."""
    return refuse("wrong_status", "2.3", status=it.status.value)


def barred(
    life: Life[Status], it: Assistance, event: type[Event], situation: Situation
) -> Refusal | None:
    """Return why the life does not allow this step to this role now."""
    step = life.step(it.status, event)
    if step is None:
        return wrong_status(it)
    if situation.actor.role not in step.roles:
        return refuse("not_allowed_now", "2.3", status=it.status.value)
    return None


def current_mission(it: Assistance) -> Mission | Refusal:
    """Return the mission in force, or why there is none."""
    return it.mission or refuse("no_mission", "R17")


def pick_visit(
    it: Assistance, number: int | None, event: type[Event]
) -> Intervention | Refusal:
    """Return the named visit, or the only one that can take this step.

    Refusals: ``no_visit`` (there is none), ``unknown_visit`` (no such number),
    ``wrong_visit_status`` (this step is not possible now).
    """
    if number is not None:
        visit = it.intervention(number)
        if visit is None:
            return refuse("unknown_visit", "R19", number=number)
    else:
        visit = it.visit
        if visit is None:
            return refuse("no_visit", "R19")
    if INTERVENTION.step(visit.status, event) is None:
        return refuse(
            "wrong_visit_status", "R21", number=visit.number, status=visit.status.value
        )
    return visit


def frozen_form(visit: Intervention) -> Refusal | None:
    """Return a refusal when signatures freeze the form (R138)."""
    if not visit.signatures:
        return None
    return refuse("form_signed", "R138", names=[s.name for s in visit.signatures])


def is_open_visit(visit: Intervention) -> bool:
    """Neither finished nor cancelled."""
    return visit.status not in (
        InterventionStatus.FINISHED,
        InterventionStatus.CANCELLED,
    )


def changed(
    before: Mapping[str, object], answers: Mapping[str, object]
) -> dict[str, tuple[object, object]]:
    """Return field → (before, after) for the answers that differ."""
    return {
        key: (before.get(key), value)
        for key, value in answers.items()
        if before.get(key) != value
    }
