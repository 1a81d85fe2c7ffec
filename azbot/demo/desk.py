"""The desk of the demonstration: its people come in without a key."""

from __future__ import annotations

from contextlib import suppress

from azbot.channels.web.staff import IDLE_FOR, new_secret, secret_hash
from azbot.demo.stage import Stage
from azbot.errors import Conflict
from azbot.store import UnitOfWork
from azbot.store.accounts import Session
from azbot.workflow.model import Actor


async def sign_in(stage: Stage, who: Actor, secret: str = "") -> str:
    """Open a session for somebody who has an account; return the cookie's secret.

    Args:
        stage: where they work.
        who: they are.
        secret: to let a browser in again that has it; a new one by default.

    Raises:
        ValueError: the actor is nobody in particular.
    """
    if who.person is None:
        raise ValueError("nobody in particular")
    secret, now = secret or new_secret(), stage.clock.now()
    session = Session(secret_hash(secret), who.person, now, now, now + IDLE_FOR)

    def work(uow: UnitOfWork) -> None:
        with suppress(Conflict):
            uow.sessions.add(session)

    await stage.app.store.write(work)
    return secret
