"""What falls due becomes a command, like everything else."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import structlog

from azbot.desk.desk import Desk
from azbot.errors import AzbotError, NotFound, Refused
from azbot.health.incidents import report_again
from azbot.messages import Trust
from azbot.ports import Meter, Unmeasured
from azbot.store import Store, UnitOfWork
from azbot.workflow.commands import FireTimer
from azbot.workflow.decision import Timer
from azbot.workflow.model import Actor, AssistanceId, Role

_LOG = structlog.get_logger(__name__)
_LEASE = timedelta(minutes=1)
_BATCH = 50

CLOCKWORK = Actor(Role.SYSTEM, None, "azbot", Trust.STAFF, "timer")


class Timekeeper:
    """Fires due timers; saving the state that follows sets the next ones."""

    def __init__(
        self, store: Store, desk: Desk, worker: str, meter: Meter | None = None
    ) -> None:
        self._meter = meter or Unmeasured()
        self._store = store
        self._desk = desk
        self._worker = worker
        self._restored_at: datetime | None = None
        self._has_looked = False

    async def step(self, now: datetime) -> int:
        """Fire one batch of due timers; return how many there were."""
        due = await self._store.write(partial(self._claim, now))
        for key, timer in due:
            try:
                result = await self._store.write(partial(self._fire, key, timer))
            except AzbotError as error:
                # Its lease brings it back.
                _LOG.warning(
                    "timer.failed", kind=timer.kind, assistance=key, why=str(error)
                )
                result = "failed"
            except Exception as error:  # noqa: BLE001 - the border of one timer
                facts = {"kind": timer.kind, "assistance": key}
                await report_again(self._store, "timer.failed", error, now, **facts)
                result = "failed"
            self._meter.count("timers", kind=timer.kind, result=result)
        return len(due)

    def _claim(
        self, now: datetime, uow: UnitOfWork
    ) -> list[tuple[AssistanceId, Timer]]:
        due = uow.timers.claim(self._worker, _BATCH, _LEASE, now)
        # A database is restored while nobody has it open: once read, it stays true.
        if due and not self._has_looked:
            self._restored_at, self._has_looked = uow.restoring.at(), True
        return due

    def _is_told_perhaps(self, timer: Timer) -> bool:
        """Whether it may have been fired before the database was restored."""
        return self._restored_at is not None and timer.due_at <= self._restored_at

    def _fire(self, key: AssistanceId, timer: Timer, uow: UnitOfWork) -> str:
        """Fire one timer; return ``fired`` or ``dropped``."""
        try:
            it = uow.assistances.get(key)
            command = FireTimer(timer.kind, timer.subject)
            last = uow.restoring.last() if self._is_told_perhaps(timer) else None
            decision = self._desk.apply(uow, it, command, CLOCKWORK)
        except (NotFound, Refused) as error:
            _LOG.warning("timer.dropped", kind=timer.kind, why=str(error))
            uow.timers.done(key, timer)
            return "dropped"
        if not decision.history:
            uow.timers.done(key, timer)
            return "dropped"
        if last is not None:
            # What follows follows now; whether it was told already, the desk knows.
            uow.restoring.set_aside(key, last)
        _LOG.info("timer.fired", kind=timer.kind, ref=it.ref)
        return "fired"
