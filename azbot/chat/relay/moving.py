"""Messages that went to the wrong assistance: their writer takes them along (10.6)."""

from __future__ import annotations

from dataclasses import dataclass

from azbot.chat.talk import Talk
from azbot.desk import relocation
from azbot.errors import Refused
from azbot.messages import RawId
from azbot.workflow.conversation import Said, messages
from azbot.workflow.model import Assistance


@dataclass(frozen=True, slots=True)
class Moved:
    """What stands elsewhere now.

    Attributes:
        source: where it stood.
        target: where it stands.
        count: messages.
    """

    source: Assistance
    target: Assistance
    count: int


def move_to(talk: Talk, raw: RawId, source: Assistance, target: Assistance) -> Moved:
    """Put a message, and what its writer said after it, where it belongs.

    On the way back only what had come from there goes.

    Raises:
        Refused: see ``relocations.refile``.
    """
    found = _from(talk, raw, source)
    first = found[0]
    if first.origin == target.ref:
        found = [one for one in found if one.origin == target.ref]
    for one in found:
        done = relocation.refile(
            talk.desk, talk.uow, source, target, one.id, talk.actor, talk.now
        )
        source, target = done.source.assistance, done.target.assistance
    return Moved(source, target, len(found))


def split_off(talk: Talk, raw: RawId, source: Assistance) -> Moved:
    """Make a new request of a message, and of what its writer said after it.

    Raises:
        Refused: see ``relocations.refile``.
    """
    first, *_ = found = _from(talk, raw, source)
    done = relocation.split_off(
        talk.desk, talk.uow, source, first.id, talk.actor, talk.now
    )
    source, target = done.source.assistance, done.target.assistance
    for one in found[1:]:
        done = relocation.refile(
            talk.desk, talk.uow, source, target, one.id, talk.actor, talk.now
        )
        source, target = done.source.assistance, done.target.assistance
    return Moved(source, target, len(found))


def _from(talk: Talk, raw: RawId, source: Assistance) -> list[Said]:
    """Return a message and what the same person wrote there after it.

    Raises:
        Refused: ``not_movable``: it stands there no more.
    """
    history = talk.uow.events.of(source.id)
    own = {line.id for line in history if line.actor.person == talk.actor.person}
    said = [one for one in messages(history) if one.id in own]
    place = next((n for n, one in enumerate(said) if one.raw == raw), None)
    if place is None:
        raise Refused("not_movable")
    channel = talk.account.channel
    return [one for one in said[place:] if one.channel == channel]
