"""The six steps of a life, each with the day it began (R129)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from azbot.channels.web.portal.scene import Scene
from azbot.i18n.formats import NBSP
from azbot.workflow.model import Status

TRACK = (
    Status.SUBMITTED,
    Status.WAITING,
    Status.ASSIGNED,
    Status.UNDERWAY,
    Status.DONE,
    Status.CLOSED,
)
"""The steps of ux.md R129; a cancelled assistance shows none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        state: ``done``, ``skipped`` (it was never needed, R8), ``now`` or ``next``.
        day: when it began, « 20 mars »; empty for what has not been.
        told: the state in words, for those who do not see the shape.
    """

    label: str
    state: str
    status: str
    day: str
    told: str


def steps_of(scene: Scene) -> tuple[Step, ...]:
    """Return the steps; none once it was cancelled."""
    it = scene.it
    if it.status is Status.CANCELLED:
        return ()
    here, began = TRACK.index(it.status), _began(scene)
    return tuple(
        _step(status, place, here, began.get(status), scene)
        for place, status in enumerate(TRACK)
    )


def _step(
    status: Status, place: int, here: int, began: datetime | None, scene: Scene
) -> Step:
    state = _state(place, here, was=began is not None)
    return Step(
        label=scene.words.t(f"status.{status.value}"),
        state=state,
        status=status.value,
        # A narrow column may part the day from its month.
        day=scene.day(began).replace(NBSP, " ") if began and place <= here else "",
        told=scene.t(f"step.{state}"),
    )


def _state(place: int, here: int, *, was: bool) -> str:
    if place > here:
        return "next"
    if place == here:
        return "done" if TRACK[here] is Status.CLOSED else "now"
    return "done" if was else "skipped"


def _began(scene: Scene) -> Mapping[Status, datetime]:
    """Return when each status began the last time; of the first, the first time."""
    found: dict[Status, datetime] = {}
    for line in scene.history:
        if line.before is not line.after and line.after is not Status.SUBMITTED:
            found[line.after] = line.at
    return {**found, Status.SUBMITTED: scene.it.opened_at}
