"""Ending what opens somebody's pages: links that left, sessions that are open."""

from __future__ import annotations

from datetime import datetime

from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.store.proofs import ProofKind


def close_all(
    uow: UnitOfWork, person: PersonId, now: datetime, *, but: str = ""
) -> None:
    """End every link, code and session of somebody.

    Args:
        uow: the unit of work.
        person: whose.
        now: links that left before end; the next mail brings a new one.
        but: hash of a session that goes on.
    """
    uow.revocations.revoke(person, now)
    uow.proofs.drop(person, ProofKind.CODE, ProofKind.ADDRESS, ProofKind.CHAT)
    uow.sessions.revoke_all(person, now, but=but)
