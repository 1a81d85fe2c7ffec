"""To which assistance free words belong (telegram.md §2.4): the first that knows.

What they were sent together with, what they reply to, what was chosen less than half
an hour ago, the only one that is open. When nobody knows, their writer is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from azbot.chat.talk import Talk
from azbot.intake.understand import survivor
from azbot.store.assistances import Glimpse
from azbot.store.records import Direction
from azbot.workflow.deadlines import takes_replies
from azbot.workflow.model import Assistance, AssistanceId, Status

HOLDS_FOR = timedelta(minutes=30)
"""How long a choice holds (ux.md 10.6)."""

_MOST = 100
"""Assistances of one person among which the right one is looked for."""


@dataclass(frozen=True, slots=True)
class Among:
    """What somebody may be writing about; none of it is read before it is chosen.

    Attributes:
        open: the newest first.
        ended: the one that was closed last, while it takes what is said (email.md §3).
    """

    open: tuple[AssistanceId, ...]
    ended: AssistanceId | None = None

    @property
    def all(self) -> tuple[AssistanceId, ...]:
        """Everything that can be chosen: what is open, else what was."""
        return self.open or ((self.ended,) if self.ended else ())


def among(talk: Talk) -> Among:
    """Return what its writer may mean."""
    person = talk.person
    if person is None:
        return Among(())
    if talk.is_station:
        held = talk.uow.assistances.in_hand(person.station) if person.station else ()
        return Among(held[::-1])
    found = talk.uow.assistances.glimpses(person.id, _MOST)
    return Among(tuple(it.id for it in found if it.status.is_open), _ended(talk, found))


def _ended(talk: Talk, found: Sequence[Glimpse]) -> AssistanceId | None:
    closed = [
        (it.closed_at, it.id)
        for it in found
        if it.status is Status.CLOSED
        and it.closed_at is not None
        and takes_replies(it, talk.desk.rules, talk.now)
    ]
    return max(closed)[1] if closed else None


def route(talk: Talk, choices: Among) -> Assistance | None:
    """Return where a turn belongs; None: its writer must be asked."""
    # What was acted upon and is edited has a place already: its own name says which.
    inbound = talk.inbound
    found = named(talk, inbound.message_id, album_name(talk), *inbound.references)
    if found is not None:
        return found
    until, focus = talk.account.focus_until, talk.account.focus
    if focus is not None and until is not None and until > talk.now:
        chosen = theirs(talk, focus)
        if chosen is not None:
            return chosen
    if len(choices.open) == 1:
        return theirs(talk, choices.open[0])
    return None


def named(talk: Talk, *names: str) -> Assistance | None:
    """Return the assistance of theirs whose messages have one of these names."""
    hit = talk.uow.threads.find([name for name in names if name])
    return None if hit is None else theirs(talk, hit.assistance_id)


def theirs(talk: Talk, key: int) -> Assistance | None:
    """Return an assistance they take part in, where it goes on; None for all others.

    One that ended too long ago is none: what is said of it is a new request.
    """
    it = talk.assistance(key)
    if it is not None and it.merged_into is not None:
        it = talk.assistance(survivor(talk.uow, it, from_archive=True).id)
    if it is None or not takes_replies(it, talk.desk.rules, talk.now):
        return None
    return it


def remember(talk: Talk, key: AssistanceId) -> None:
    """Note where a turn went: replies to it, and what came with it, will follow."""
    person = talk.person.id if talk.person else None
    for name in (talk.inbound.message_id, album_name(talk)):
        talk.uow.threads.remember(name, key, person, Direction.IN)


def album_name(talk: Talk) -> str:
    """Return what names the things sent together, empty when it came alone."""
    turn = talk.turn
    channel = talk.account.channel
    return f"{channel}:{turn.chat}/album/{turn.album}" if turn.album else ""
