"""Personal addresses of pages, for the buttons of a chat."""

from __future__ import annotations

from collections.abc import Callable

from azbot.letters import Postmark
from azbot.messages import PersonId
from azbot.ports import Clock
from azbot.tokens import LINK_FOR, Purpose, issue_link
from azbot.workflow.model import Assistance


class PersonalPages:
    """Makes the links that mails carry too (ux.md 7.1).

    Args:
        postmark: gives the present base of links and the keys.
        clock: the life of a link begins when it is made.
    """

    def __init__(self, postmark: Callable[[], Postmark], clock: Clock) -> None:
        self._postmark = postmark
        self._clock = clock

    def __call__(self, it: Assistance, person: PersonId) -> str:
        """Return where somebody finds an assistance, empty without public address."""
        mark = self._postmark()
        if not mark.public_url:
            return ""
        until = self._clock.now() + LINK_FOR
        token = issue_link(mark.keyring, Purpose.LINK, it.id, person, until)
        return f"{mark.public_url}/a/{token}"
