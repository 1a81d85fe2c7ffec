"""What every talk of a desk shares: its rules, its name, its pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from azbot.delivery.letters import Postmark, personal_link
from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import AssistanceId


@dataclass(frozen=True, slots=True)
class House:
    """What every talk of this desk shares; it may change while azbot runs.

    Attributes:
        rules: the delays in force.
        postmark: name, pages and keys of the desk.
    """

    rules: Callable[[], Rules]
    postmark: Callable[[], Postmark]

    def link(
        self, uow: UnitOfWork, key: AssistanceId, person: PersonId, at: datetime
    ) -> str:
        """Return the address that opens an assistance to one person.

        It is the same all day, so that a card is not drawn anew for its sake, unless
        links of this person were revoked since the morning.

        Args:
            uow: the unit of work.
            key: of the assistance.
            person: whose link.
            at: the present.
        """
        morning = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        revoked = uow.revocations.before(person, key)
        issued = max(morning, revoked) if revoked else morning
        return personal_link(self.postmark(), key, person, issued)
