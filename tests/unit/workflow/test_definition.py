from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import pytest

from azbot.workflow import events as e
from azbot.workflow.checks import complaints
from azbot.workflow.decision import NoticeKind
from azbot.workflow.definition import DefinitionError, Life, Transition
from azbot.workflow.lives import ASSISTANCE, INTERVENTION, LIVES, MISSION
from azbot.workflow.model import Role, Status

DESK = frozenset({Role.AGENT})


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    OFF = "off"


def step(
    source: Light | None,
    target: Light,
    roles: frozenset[Role] = DESK,
    tells: tuple[NoticeKind, ...] = (NoticeKind.DESK,),
) -> Transition[Light]:
    return Transition(source, target, e.NoteAdded, roles, tells)


GOOD = (
    step(None, Light.RED),
    step(Light.RED, Light.GREEN),
    step(Light.GREEN, Light.OFF),
)
LABELS = {light: f"light.{light.value}" for light in Light}


def life(
    *steps: Transition[Light],
    ends: frozenset[Light] = frozenset({Light.OFF}),
    labels: dict[Light, str] = LABELS,
) -> Life[Light]:
    return Life("light", Light, steps, ends, labels)


def test_a_sound_life_is_built() -> None:
    assert life(*GOOD).step(Light.RED, e.NoteAdded) == GOOD[1]


def test_a_status_nobody_reaches_is_refused() -> None:
    with pytest.raises(DefinitionError, match="light: green cannot be reached"):
        life(GOOD[0], step(Light.RED, Light.OFF), GOOD[2])


def test_a_trap_is_refused() -> None:
    with pytest.raises(DefinitionError, match="green is a trap: no way to an end"):
        life(GOOD[0], GOOD[1], step(Light.RED, Light.OFF))


def test_a_status_without_a_label_is_refused() -> None:
    with pytest.raises(DefinitionError, match="green has no label"):
        life(*GOOD, labels={**LABELS, Light.GREEN: ""})


def test_a_step_that_tells_nobody_must_say_so() -> None:
    untold = step(Light.RED, Light.GREEN, tells=())

    with pytest.raises(
        DefinitionError, match=r"red -> green \(NoteAdded\) tells nobody"
    ):
        life(GOOD[0], untold, GOOD[2])

    life(GOOD[0], replace(untold, is_silent=True), GOOD[2])


def test_a_step_allowed_to_nobody_is_refused() -> None:
    with pytest.raises(DefinitionError, match="allowed to nobody"):
        life(step(None, Light.RED, roles=frozenset()), *GOOD[1:])


def test_a_life_without_a_first_step_is_refused() -> None:
    with pytest.raises(DefinitionError, match="no first step"):
        life(*GOOD[1:])


def test_every_complaint_comes_at_once() -> None:
    with pytest.raises(DefinitionError) as caught:
        life(step(None, Light.RED, roles=frozenset(), tells=()), labels={})

    for word in ("reached", "trap", "label", "tells nobody", "allowed to nobody"):
        assert word in str(caught.value)


def test_a_status_that_does_not_exist_is_named() -> None:
    found = complaints(
        statuses=["red"],
        steps=[(None, "red"), ("red", "purple")],
        ends={"red"},
        labelled={"red"},
        untold=(),
        unmanned=(),
    )

    assert found == ["unknown status purple"]


def test_a_role_may_make_the_steps_that_name_it() -> None:
    assert ASSISTANCE.may(Status.DONE, e.AssistanceClosed, Role.CLIENT)
    assert ASSISTANCE.may(Status.WAITING, e.AssistanceCancelled, Role.CLIENT)
    assert not ASSISTANCE.may(Status.ASSIGNED, e.AssistanceCancelled, Role.CLIENT)
    assert not ASSISTANCE.may(Status.CLOSED, e.AssistanceClosed, Role.AGENT)
    assert not INTERVENTION.may(None, e.AssistanceClosed, Role.AGENT)


def test_the_three_lives_have_distinct_label_keys() -> None:
    keys = [key for one in LIVES for key in one.labels.values()]

    assert len(keys) == len(set(keys)) == 7 + 5 + 6
    assert MISSION.labels == {s: f"mission.{s.value}" for s in MISSION.statuses}
