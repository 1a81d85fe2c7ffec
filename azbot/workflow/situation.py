"""What every rule is given besides the state and the command, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

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

_TOO_EARLY = timedelta(minutes=5)
_TOO_LATE = timedelta(days=365)


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
    it: Assistance, number: int | None, *events: type[Event]
) -> Intervention | Refusal:
    """Return the named visit, or the one due first that can take one of these steps.

    Refusals: ``no_visit`` (there is none), ``unknown_visit`` (no such number),
    ``wrong_visit_status`` (this step is not possible now).
    """
    if number is None:
        able = (i for i in it.open_visits if _can(i, events))
        visit = next(able, it.visit)
        if visit is None:
            return refuse("no_visit", "R19")
    else:
        visit = it.intervention(number)
        if visit is None:
            return refuse("unknown_visit", "R19", number=number)
    return visit if _can(visit, events) else wrong_visit_status(visit)


def _can(visit: Intervention, events: tuple[type[Event], ...]) -> bool:
    return any(INTERVENTION.step(visit.status, event) for event in events)


def wrong_visit_status(visit: Intervention) -> Refusal:
    """Refuse what the status of the visit does not allow."""
    status = visit.status.value
    return refuse("wrong_visit_status", "R21", number=visit.number, status=status)


def frozen_form(visit: Intervention) -> Refusal | None:
    """Return a refusal when signatures freeze the form (R138)."""
    if not visit.signatures:
        return None
    return refuse("form_signed", "R138", names=[s.name for s in visit.signatures])


def changed(
    before: Mapping[str, object], answers: Mapping[str, object]
) -> dict[str, tuple[object, object]]:
    """Return field → (before, after) for the answers that differ."""
    return {
        key: (before.get(key), value)
        for key, value in answers.items()
        if before.get(key) != value
    }


def bad_date(when: datetime, situation: Situation) -> Refusal | None:
    """Return why a visit cannot take place then."""
    if when < situation.now - _TOO_EARLY:
        return refuse("date_past", "R82", date=when.isoformat())
    if when > situation.now + _TOO_LATE:
        return refuse("date_too_far", "R82", date=when.isoformat())
    return None


def waiting_for_date(visits: Iterable[Intervention]) -> tuple[Intervention, ...]:
    """Return the visits whose date is not settled."""
    unsettled = (InterventionStatus.UNPLANNED, InterventionStatus.TO_APPROVE)
    return tuple(i for i in visits if i.status in unsettled)
