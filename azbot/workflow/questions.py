"""What waits for somebody's answer: one question at most for each side, from the state.

A question that was put in a chat or a mail is over once the state has another one, or
none: whoever answered it, and wherever (ux.md G7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from azbot.workflow.decision import NoticeKind as N
from azbot.workflow.model import Assistance, InterventionStatus, Party, Status


class QuestionKind(StrEnum):
    """What is asked."""

    COMPLETE = "complete"
    """Mandatory fields are missing: the requester fills them in (R140)."""
    CONFIRM = "confirm"
    """The requester agrees with the recap (ux.md 9.3)."""
    COMPLEMENT = "complement"
    """The desk asked for something more (R10)."""
    CLOSING = "closing"
    """« Le problème est-il résolu ? » (R150)."""
    MISSION = "mission"
    """The station takes the mission, or not (R12, R147)."""
    DATE = "date"
    """The station gives a visit its date (R82)."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question that is open.

    Attributes:
        about: tells it from an earlier one of its kind.
    """

    kind: QuestionKind
    about: tuple[str, ...]


ASKED_BY: Mapping[N, QuestionKind] = {
    N.INCOMPLETE: QuestionKind.COMPLETE,
    N.OPENED: QuestionKind.CONFIRM,
    N.COMPLEMENT: QuestionKind.COMPLEMENT,
    N.COMPLEMENT_REMINDER: QuestionKind.COMPLEMENT,
    N.FINISHED: QuestionKind.CLOSING,
    N.MISSION: QuestionKind.MISSION,
    N.MISSION_REMINDER: QuestionKind.MISSION,
    N.MISSION_ACCEPTED: QuestionKind.DATE,
    N.DATE_WANTED: QuestionKind.DATE,
}
"""The notices that put a question."""


def question_of(it: Assistance, party: Party) -> Question | None:
    """Return what one side is asked now, None when nothing.

    Only the requester and the station's contacts are asked anything; nobody is asked
    of an assistance that goes on in another one.
    """
    if party is Party.STATION:
        return _of_station(it)
    if party is not Party.CLIENT:
        return None
    match it.status:
        case Status.SUBMITTED if it.missing:
            return Question(QuestionKind.COMPLETE, it.missing)
        case Status.SUBMITTED if not it.is_confirmed:
            facts = sorted(f"{key}={value}" for key, value in it.answers.items())
            return Question(QuestionKind.CONFIRM, tuple(facts))
        case Status.WAITING:
            asked = (it.asked_comment, *it.asked_items)
            return Question(QuestionKind.COMPLEMENT, asked)
        case Status.DONE:
            return Question(QuestionKind.CLOSING, (str(it.done_at),))
        case _:
            return None


def _of_station(it: Assistance) -> Question | None:
    mission, visit = it.mission, it.visit
    if mission is None:
        return None
    if it.status is Status.ASSIGNED:
        return Question(QuestionKind.MISSION, (str(mission.number),))
    is_undated = visit is not None and visit.status is InterventionStatus.UNPLANNED
    if it.status is Status.UNDERWAY and visit is not None and is_undated:
        return Question(QuestionKind.DATE, (str(visit.number),))
    return None
