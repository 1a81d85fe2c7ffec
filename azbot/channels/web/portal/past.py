"""Tab « Historique »: what happened, in sentences a client may read (R69–R71, R171).

What the desk and the stations settle between them is not told (R105, R147, 2.3), nor
the reference of anybody else's request (C15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from azbot.channels.web.portal.scene import Scene
from azbot.channels.web.sentences import sentence_of
from azbot.workflow import events as e
from azbot.workflow.decision import Recorded
from azbot.workflow.facts import short_name
from azbot.workflow.model import Role

_UNTOLD = (
    e.StationReminded,
    e.StationSilent,
    e.AgentNeeded,
    e.InterventionProposed,
    e.InterventionDeclined,
    e.AssistanceLinked,
    e.AssistanceUnlinked,
    e.AssistanceAbsorbed,
    e.MessageMovedOut,
    e.FilesJoined,
    e.MissionResumed,
    e.SignaturesRemoved,
)
"""Between the desk and others."""

_OF_VISITS = (
    e.StationAssigned,
    e.MissionAccepted,
    e.InterventionAdded,
    e.InterventionPlanned,
    e.InterventionMoved,
    e.InterventionApproved,
    e.InterventionCancelled,
    e.InterventionFinished,
    e.StationArrived,
    e.OtherDateAsked,
)

_OWN_WORDS: Mapping[type[e.Event], str] = {
    e.MissionRefused: "past.another_station",
    e.MissionWithdrawn: "past.another_station",
}
"""Why a station is not the one is the desk's business."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        change: labels of the status before and after; None when it stayed.
    """

    id: int
    sentence: str
    who: str
    when: str
    change: tuple[str, str, str] | None = None


def past_of(scene: Scene, *, oldest_first: bool = False) -> tuple[Line, ...]:
    """Return the lines, newest first unless asked otherwise (R69)."""
    told = [_line(scene, line) for line in scene.history if _is_told(scene, line)]
    return tuple(told if oldest_first else reversed(told))


def _is_told(scene: Scene, line: Recorded) -> bool:
    event = line.event
    if event.is_private or isinstance(event, _UNTOLD):
        return False
    if not scene.sees_all:
        return isinstance(event, _OF_VISITS)
    match event:
        case e.VisitReminded(which=which, is_too_late=is_too_late):
            return which == "day_before" and not is_too_late
        case _:
            return True


def _line(scene: Scene, line: Recorded) -> Line:
    event, words = line.event, scene.words
    own = _OWN_WORDS.get(type(event))
    sentence = (
        scene.t(own)
        if own
        else sentence_of(event, words, scene.it.zone_name, for_desk=False)
    )
    change = None
    if line.before is not None and line.before is not line.after:
        before, after = line.before.value, line.after.value
        change = (words.t(f"status.{before}"), words.t(f"status.{after}"), after)
    return Line(line.id, sentence, who_of(scene, line), scene.when(line.at), change)


def who_of(scene: Scene, line: Recorded) -> str:
    """Return who did it: agents by first name and initial (R172)."""
    actor = line.actor
    match actor.role:
        case Role.AGENT | Role.ADMIN:
            name = short_name(actor.name)
            desk = scene.words.t("role.agent")
            return f"{name}, {desk}" if name else desk
        case Role.STATION:
            return scene.words.t("role.station")
        case Role.SYSTEM:
            return scene.words.t("role.agent")
        case Role.CLIENT | Role.SIGNATORY:
            is_own = actor.person == scene.visitor.person.id
            return scene.t("author.you") if is_own else actor.name
