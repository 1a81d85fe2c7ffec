"""How a life is written down: transitions as data that check themselves when built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from azbot.workflow.checks import complaints
from azbot.workflow.decision import NoticeKind
from azbot.workflow.events import Event
from azbot.workflow.model import Role

S = TypeVar("S", bound=StrEnum)


class DefinitionError(ValueError):
    """A life was written down wrongly; every complaint at once."""


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """One step of a life.

    Attributes:
        source: None for the first step.
        event: the fact that makes the step.
        roles: who may cause it.
        tells: notices one of which at least leaves with it, in the same decision.
        is_silent: nobody outside needs to know; otherwise ``tells`` is not empty.
    """

    source: S | None
    target: S
    event: type[Event]
    roles: frozenset[Role]
    tells: tuple[NoticeKind, ...] = ()
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Life(Generic[S]):
    """A state machine: its statuses, steps, ends and the keys of its labels.

    Raises:
        DefinitionError: a status cannot be reached, is a trap (no way to an end),
            has no label, or a step tells nobody without saying so.
    """

    name: str
    statuses: type[S]
    steps: tuple[Transition[S], ...]
    ends: frozenset[S]
    labels: Mapping[S, str]

    def __post_init__(self) -> None:
        found = complaints(
            statuses=[s.value for s in self.statuses],
            steps=[
                (t.source.value if t.source else None, t.target.value)
                for t in self.steps
            ],
            ends={s.value for s in self.ends},
            labelled={s.value for s, key in self.labels.items() if key},
            untold=[
                f"{t.source or '-'} -> {t.target} ({t.event.__name__})"
                for t in self.steps
                if not t.tells and not t.is_silent
            ],
            unmanned=[
                f"{t.source or '-'} -> {t.target} ({t.event.__name__})"
                for t in self.steps
                if not t.roles
            ],
        )
        if found:
            raise DefinitionError(f"{self.name}: " + "; ".join(found))

    def step(
        self, source: S | None, event: type[Event], target: S | None = None
    ) -> Transition[S] | None:
        """Find the step an event makes from ``source``, None when it makes none."""
        return next(
            (
                t
                for t in self.steps
                if t.source == source
                and t.event is event
                and target in (None, t.target)
            ),
            None,
        )

    def may(self, source: S | None, event: type[Event], role: Role) -> bool:
        """Whether ``role`` may cause this step now."""
        step = self.step(source, event)
        return step is not None and role in step.roles
