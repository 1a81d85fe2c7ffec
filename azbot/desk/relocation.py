"""Operations over two assistances, each in one unit of work: all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from azbot.desk.desk import Desk, Draft
from azbot.errors import NotFound, Refused
from azbot.store import PersonKind, UnitOfWork
from azbot.store.records import Person
from azbot.workflow import relocations as rules
from azbot.workflow.conversation import AMENDMENTS, said_in
from azbot.workflow.decision import Decision, Recorded, Refusal
from azbot.workflow.events import MessageArrived
from azbot.workflow.model import Actor, Assistance, AssistanceId, AssistanceRef

_OF_THE_CLIENT = ("first_name", "last_name", "email", "installer", "distributor")
"""Answers that say who asks, and nothing of the site."""


@dataclass(frozen=True, slots=True)
class Relocated:
    """What happened to the one and to the other.

    A side that was so already has no history.
    """

    source: Decision
    target: Decision


def both(
    desk: Desk, uow: UnitOfWork, one: AssistanceRef, other: AssistanceRef
) -> tuple[Assistance, Assistance]:
    """Return two assistances, locked in one order whoever asks.

    Raises:
        NotFound: one of them does not exist.
    """
    found = {ref: desk.load(uow, ref) for ref in sorted({one, other})}
    return found[one], found[other]


def link(
    desk: Desk, uow: UnitOfWork, one: Assistance, other: Assistance, actor: Actor
) -> Relocated:
    """Note on both that they have to do with each other.

    Raises:
        Refused: see ``relocations.link``.
    """
    return _write(desk, uow, (one, other), rules.link(one, other, actor), actor)


def unlink(
    desk: Desk, uow: UnitOfWork, one: Assistance, other: Assistance, actor: Actor
) -> Relocated:
    """Take a link back; errors as ``link``."""
    return _write(desk, uow, (one, other), rules.unlink(one, other, actor), actor)


def merge(
    desk: Desk,
    uow: UnitOfWork,
    source: Assistance,
    target: Assistance,
    actor: Actor,
    *,
    reason: str = "",
    is_confirmed: bool = False,
) -> Relocated:
    """Let one go on inside another; its requester is told.

    Raises:
        Refused: see ``relocations.merge``.
    """
    verdict = rules.merge(
        source,
        target,
        uow.events.of(source.id),
        actor,
        reason=reason,
        is_confirmed=is_confirmed,
    )
    return _write(desk, uow, (source, target), verdict, actor)


def move(
    desk: Desk,
    uow: UnitOfWork,
    source: Assistance,
    target: Assistance,
    event: int,
    actor: Actor,
) -> Relocated:
    """Put a misfiled message where it belongs; answers to it will follow.

    Raises:
        Refused: see ``relocations.move``.
    """
    history = uow.events.of(source.id)
    verdict = rules.move(source, target, history, event, actor)
    return _moved(desk, uow, (source, target), history, event, verdict, actor)


def _moved(
    desk: Desk,
    uow: UnitOfWork,
    pair: tuple[Assistance, Assistance],
    history: Sequence[Recorded],
    event: int,
    verdict: rules.Verdict,
    actor: Actor,
) -> Relocated:
    source, target = pair
    done = _write(desk, uow, pair, verdict, actor)
    forget(uow, source.id, history, event)
    for line in done.target.history:
        if isinstance(line.event, MessageArrived):
            for name in (line.event.message_id, line.event.album):
                uow.threads.move(name, target.id)
    return done


def refile(
    desk: Desk,
    uow: UnitOfWork,
    source: Assistance,
    target: Assistance,
    event: int,
    actor: Actor,
    now: datetime,
) -> Relocated:
    """Let its writer put a misfiled message where it belongs, for a while.

    Raises:
        Refused: see ``relocations.refile``.
    """
    history = uow.events.of(source.id)
    verdict = rules.refile(source, target, history, event, actor, now)
    return _moved(desk, uow, (source, target), history, event, verdict, actor)


def split(
    desk: Desk, uow: UnitOfWork, source: Assistance, event: int, actor: Actor
) -> Relocated:
    """Make a new request of a misfiled message, in the name of who wrote it.

    Raises:
        Refused: see ``relocations.move``; ``no_sender``: nobody can be answered.
    """
    opened = _of_its_own(desk, uow, source, event, actor)
    return move(desk, uow, source, opened, event, actor)


def split_off(
    desk: Desk,
    uow: UnitOfWork,
    source: Assistance,
    event: int,
    actor: Actor,
    now: datetime,
) -> Relocated:
    """Let its writer make a new request of a misfiled message; errors as ``refile``."""
    opened = _of_its_own(desk, uow, source, event, actor)
    return refile(desk, uow, source, opened, event, actor, now)


def _of_its_own(
    desk: Desk, uow: UnitOfWork, source: Assistance, event: int, actor: Actor
) -> Assistance:
    history = uow.events.of(source.id)
    line = next((line for line in history if line.id == event), None)
    if line is None or said_in(line) is None:
        raise Refused("not_movable")
    writer = _writer(uow, source, line)
    if not writer.address:
        raise Refused("no_sender")
    return desk.register(uow, _draft(source, writer), actor).assistance


def _write(
    desk: Desk,
    uow: UnitOfWork,
    pair: tuple[Assistance, Assistance],
    verdict: rules.Verdict,
    actor: Actor,
) -> Relocated:
    if isinstance(verdict, Refusal):
        raise Refused(verdict.code, verdict.facts)
    source, target = pair
    return Relocated(
        desk.record(uow, source, verdict.source, actor),
        desk.record(uow, target, verdict.target, actor),
    )


def forget(
    uow: UnitOfWork, key: AssistanceId, history: Sequence[Recorded], event: int
) -> None:
    """Let no search find the words of a message where they stand no more."""
    for place, line in enumerate(history, start=1):
        is_change = isinstance(line.event, AMENDMENTS) and line.event.event == event
        if line.id == event or is_change:
            uow.search.index(key, (line.id, place), "")


def _writer(uow: UnitOfWork, source: Assistance, line: Recorded) -> Person:
    """Return the client who wrote it, else the requester."""
    try:
        person = uow.people.get(line.actor.person or source.requester)
    except NotFound:
        return uow.people.get(source.requester)
    is_client = person.kind is PersonKind.CLIENT and person.is_active
    return person if is_client else uow.people.get(source.requester)


def _draft(source: Assistance, writer: Person) -> Draft:
    """Return the new request: who asks is known, what for is read by an agent."""
    known: dict[str, object] = {}
    if writer.id == source.requester:
        known = {k: source.answers[k] for k in _OF_THE_CLIENT if k in source.answers}
    return Draft(
        answers=known,
        email=writer.address,
        name=writer.name,
        company=writer.company,
        language=writer.language,
        country=str(source.answers.get("country") or source.ref[2:4]),
    )
