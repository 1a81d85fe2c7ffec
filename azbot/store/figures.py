"""What the statistics of the desk are made of: counts and spreads, already added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from azbot.workflow.model import Party, ServiceType, StationId, Status


@dataclass(frozen=True, slots=True)
class Scope:
    """Which assistances count.

    Attributes:
        since, before: half-open period, aware.
        service, department: only these; None and empty for all.
    """

    since: datetime
    before: datetime
    service: ServiceType | None = None
    department: str = ""


class Held(NamedTuple):
    """How many had one value."""

    value: int
    many: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How values are spread: each value once, in order, with how many had it."""

    held: tuple[Held, ...] = ()

    @classmethod
    def of(cls, many: Mapping[int, int]) -> Spread:
        """Return the spread of values of which each was met so often."""
        return cls(tuple(Held(*pair) for pair in sorted(many.items())))

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(each.many for each in self.held)

    def quantile(self, share: float) -> int | None:
        """Return the smallest value that so large a share does not exceed.

        Args:
            share: 0.5 for the median, 0.9 for what nine of ten stay below.

        Returns:
            a value that was met; None when there is none.
        """
        wanted, seen = share * self.count, 0
        for each in self.held:
            seen += each.many
            if seen >= wanted:
                return each.value
        return None

    @property
    def median(self) -> int | None:
        """The smallest value that half of them do not exceed."""
        return self.quantile(0.5)

    def up_to(self, limit: int) -> int:
        """Return how many do not exceed a limit."""
        return sum(each.many for each in self.held if each.value <= limit)


@dataclass(frozen=True, slots=True)
class FirstAnswers:
    """How long clients waited for the desk's first answer, in seconds of work.

    Attributes:
        answered: by how long it took.
        waiting: of those still open and unanswered, by how long they wait now.
    """

    answered: Spread
    waiting: Spread

    def within(self, target: int) -> tuple[int, int]:
        """Return (how many were answered within a target, of how many).

        Who still waits counts as missed once the target has passed, and not before.
        """
        kept = self.answered.up_to(target)
        late = self.waiting.count - self.waiting.up_to(target)
        return kept, self.answered.count + late


@dataclass(frozen=True, slots=True)
class Ended:
    """What closed assistances took.

    Attributes:
        counts: closed ones by service; None for those without.
        seconds: by service, the sum for each party.
        visits: how many had how many visits.
    """

    counts: Mapping[ServiceType | None, int] = field(default_factory=dict)
    seconds: Mapping[ServiceType | None, Mapping[Party, int]] = field(
        default_factory=dict
    )
    visits: Spread = Spread()


@dataclass(frozen=True, slots=True)
class Flow:
    """How many came and how many were closed, by local day since 1970."""

    opened: Spread = Spread()
    closed: Spread = Spread()


@dataclass(frozen=True, slots=True)
class StationFigures:
    """How one station answered the missions proposed to it.

    Attributes:
        proposed: all of them.
        accepted: answered by yes, whatever became of them.
        refused: by reason.
        unanswered: taken back before it said anything.
        waiting: not answered yet.
        answers: how long it took to answer yes or no, in seconds of work.
    """

    id: StationId
    company: str
    proposed: int
    accepted: int
    refused: Mapping[str, int]
    unanswered: int
    waiting: int
    answers: Spread

    @property
    def refusals(self) -> int:
        """How often it declined."""
        return sum(self.refused.values())


OpenByAge = Mapping[Status, tuple[int, ...]]
"""Open assistances by status, oldest class last; see ``AGES``."""

AGES = (1, 3, 7, 30)
"""Upper bounds of the classes of age in days; the last class has none."""
