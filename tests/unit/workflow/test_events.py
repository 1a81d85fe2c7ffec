from __future__ import annotations

import pytest

from azbot.workflow import commands as c
from azbot.workflow.decide import check_step
from azbot.workflow.events import (
    EVENTS,
    AssistanceClosed,
    MissionCompleted,
    MissionWithdrawn,
    NoteAdded,
    StationArrived,
    evolve,
)
from azbot.workflow.model import Assistance, ClosedBy, Status
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    NOW,
    STAGES,
    VISIT_STAGES,
    assigned,
    decided,
    done,
    opening,
    submitted,
    to_approve,
)


def test_events_are_known_by_their_name() -> None:
    assert EVENTS["AssistanceClosed"] is AssistanceClosed
    assert len(EVENTS) == 62
    assert all(name == kind.__name__ for name, kind in EVENTS.items())


def test_an_event_changes_nothing_in_place() -> None:
    for reach in (*STAGES.values(), *VISIT_STAGES.values()):
        before, copy = reach(), repr(reach())
        evolve(before, NoteAdded("x"), NOW)
        evolve(before, MissionWithdrawn(1, "x"), NOW)
        assert repr(before) == copy


def test_replaying_the_history_gives_the_same_state() -> None:
    opened = decided(None, opening(), CLIENT)
    noted = decided(opened.assistance, c.AddNote("interne"), AGENT)
    state: Assistance | None = None
    for line in (*opened.history, *noted.history):
        state = evolve(state, line.event, line.at)

    assert state == noted.assistance


def test_only_notes_forms_deliveries_and_the_desks_own_side_are_internal() -> None:
    assert {name for name, kind in EVENTS.items() if kind.is_internal} == {
        "AbsenceNoted",
        "AssistanceAbsorbed",
        "AssistanceLinked",
        "AssistanceUnlinked",
        "BroughtBack",
        "ChatBlocked",
        "DeliveryFailed",
        "Handled",
        "InterventionFormSaved",
        "MessageMovedOut",
        "NoteAdded",
        "NoteArrived",
        "OwnerChosen",
        "SnoozeEnded",
        "SnoozeOver",
        "Snoozed",
        "TagsSet",
    }


@pytest.mark.parametrize(
    ("before", "event", "life"),
    [
        (submitted, AssistanceClosed(ClosedBy.AGENT), "assistance"),
        (assigned, MissionCompleted(1), "mission"),
        (to_approve, StationArrived(2), "intervention"),
    ],
)
def test_a_step_no_life_lists_is_a_mistake_of_ours(
    before: object, event: object, life: str
) -> None:
    it = before()  # type: ignore[operator]

    with pytest.raises(AssertionError, match=f"^{life}: "):
        check_step(it, event, evolve(it, event, NOW))  # type: ignore[arg-type]


def test_closing_by_hand_keeps_the_reason() -> None:
    it = decided(done(), c.CloseAssistance("par téléphone"), AGENT).assistance

    assert (it.status, it.reason) == (Status.CLOSED, "par téléphone")
