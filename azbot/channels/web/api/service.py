"""What azbot says of itself: the caller, its health, its workflow."""

from __future__ import annotations

from typing import Any

from azbot.channels.web.api.bodies import SHAPES
from azbot.channels.web.api.operations import (
    DESK,
    Answer,
    Call,
    Operation,
)
from azbot.channels.web.api.shapes import (
    Shape,
)
from azbot.channels.web.health import HealthOut, health_of
from azbot.i18n.catalogue import Catalogue
from azbot.workflow.lives import LIVES
from azbot.workflow.model import Role
from azbot.workflow.policy import PERMISSIONS


class MeOut(Shape):
    """Whom the token speaks for."""

    token: str
    role: Role
    name: str
    person: int | None
    station: int | None
    commands: list[str]


async def read_me(call: Call) -> Answer:
    """Return whom the token speaks for, and which commands it may send."""
    actor = call.caller.actor
    may = [name for name, shape in SHAPES.items() if actor.role in shape.roles]
    return Answer(
        MeOut(
            token=call.caller.name,
            role=actor.role,
            name=actor.name,
            person=actor.person,
            station=actor.station,
            commands=may,
        )
    )


async def read_health(call: Call) -> Answer:
    """Return how the flow goes, errors included."""
    return Answer(await health_of(call.deps, with_errors=True))


class StatusOut(Shape):
    """One status of a life."""

    status: str
    label: str
    is_end: bool


class StepOut(Shape):
    """One step of a life: who may cause it, who is told."""

    source: str | None
    target: str
    event: str
    roles: list[Role]
    tells: list[str]


class LifeOut(Shape):
    """The life of an assistance, a mission or an intervention."""

    name: str
    statuses: list[StatusOut]
    steps: list[StepOut]


class AllowedOut(Shape):
    """A command and the proof each role needs for it, 0 to 4."""

    command: str
    path: str
    roles: dict[str, int]


class WorkflowOut(Shape):
    """The workflow as it is defined."""

    lives: list[LifeOut]
    commands: list[AllowedOut]


async def read_workflow(call: Call) -> Answer:
    """Return the three lives and who may send which command."""
    return Answer(
        WorkflowOut(
            lives=[_life(life, call.words) for life in LIVES],
            commands=[
                AllowedOut(
                    command=shape.kind.__name__,
                    path=f"/api/v1/assistances/{{ref}}/commands/{name}",
                    roles={
                        role.value: int(trust)
                        for role, trust in PERMISSIONS[shape.kind].items()
                    },
                )
                for name, shape in SHAPES.items()
            ],
        )
    )


def _life(life: Any, words: Catalogue) -> LifeOut:
    return LifeOut(
        name=life.name,
        statuses=[
            StatusOut(
                status=status.value,
                label=words.t(life.labels[status]),
                is_end=status in life.ends,
            )
            for status in life.statuses
        ],
        steps=[
            StepOut(
                source=step.source.value if step.source else None,
                target=step.target.value,
                event=step.event.__name__,
                roles=sorted(step.roles),
                tells=[kind.value for kind in step.tells],
            )
            for step in life.steps
        ],
    )


SERVICE_OPERATIONS = (
    Operation(
        "getMe", "GET", "/me", "Read whom the token speaks for.", "Service",
        reads=read_me, answer=MeOut,
    ),
    Operation(
        "getHealth", "GET", "/health", "Read how the flow goes.", "Service",
        reads=read_health, answer=HealthOut, roles=DESK,
    ),
    Operation(
        "getWorkflow", "GET", "/workflow",
        "Read the three lives and who may send which command.", "Service",
        reads=read_workflow, answer=WorkflowOut,
    ),
)  # fmt: skip
