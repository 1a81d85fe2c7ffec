"""The desk of the demonstration: full of work at the first look, open without a key."""

from __future__ import annotations

from azbot.channels.web.staff import IDLE_FOR, new_secret, secret_hash
from azbot.demo.seed import seed
from azbot.demo.stage import Stage
from azbot.store import UnitOfWork
from azbot.store.accounts import Session
from azbot.workflow.model import Actor


class DemoDesk:
    """The inbox of a stage; the twelve lives are played when somebody enters."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._is_seeded = False

    async def enter(self) -> str:
        """Open a session for the agent of the stage; return the cookie's secret."""
        stage = self._stage
        async with stage.at_work:
            if not self._is_seeded:
                await seed(stage, stage.clock.now())
                self._is_seeded = True
        return await sign_in(stage, stage.agent)


async def sign_in(stage: Stage, who: Actor) -> str:
    """Open a session for somebody who has an account; return the cookie's secret.

    Raises:
        ValueError: the actor is nobody in particular.
    """
    if who.person is None:
        raise ValueError("nobody in particular")
    secret, now = new_secret(), stage.clock.now()
    session = Session(secret_hash(secret), who.person, now, now, now + IDLE_FOR)

    def work(uow: UnitOfWork) -> None:
        uow.sessions.add(session)

    await stage.app.store.write(work)
    return secret
