"""Is azbot alive, can it work, and how does the flow go (ux.md D9)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from aiohttp import web
from pydantic import BaseModel

from azbot.channels.web.clients import bearer_of, is_local, is_secret
from azbot.channels.web.live.hub import LIVE
from azbot.channels.web.live.routes import STREAMED
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import LoopHealth, WebDeps
from azbot.errors import StoreUnreachable
from azbot.store import DeliveryState, RawState, UnitOfWork

_SECONDS = 5
_APART = timedelta(seconds=1)


class LoopOut(BaseModel):
    """One supervised loop: a channel or a worker."""

    name: str
    state: str
    is_well: bool
    restarts: int
    failing_since_at: datetime | None
    retry_at: datetime | None
    last_error: str


class HealthOut(BaseModel):
    """How the flow goes.

    Attributes:
        is_ready: the database answers: requests and mails can be worked on. A
            channel that is down does not make azbot unready.
        status: ``ok``, ``degraded`` (a loop is failing) or ``unready``.
        last_received_at: when the newest message was received.
        intake_waiting: messages without an outcome.
        intake_oldest_seconds: how long the oldest of them waits.
        outbox_pending, outbox_dead: deliveries that wait; that were given up.
        outbox_late_seconds: how late the oldest due delivery is.
        quarantine_waiting: messages that wait for a person.
    """

    status: str
    is_ready: bool
    version: str
    loops: list[LoopOut]
    last_received_at: datetime | None = None
    intake_waiting: int = 0
    intake_oldest_seconds: float = 0
    outbox_pending: int = 0
    outbox_dead: int = 0
    outbox_late_seconds: float = 0
    overdue_timers: int = 0
    quarantine_waiting: int = 0


async def health_of(deps: WebDeps, *, with_errors: bool = False) -> HealthOut:
    """Return how the flow goes; never fails because the store does.

    Args:
        deps: where to look.
        with_errors: with the last error of each loop, for the desk alone.
    """
    loops = [_loop(each, with_errors=with_errors) for each in deps.loops.health()]
    try:
        async with asyncio.timeout(_SECONDS):
            # Both sides: readers may still answer when nothing can be written.
            await deps.store.write(_nothing)
            flow = await deps.store.views.health(deps.clock.now())
    except (StoreUnreachable, TimeoutError):
        return HealthOut(
            status="unready", is_ready=False, version=deps.version, loops=loops
        )
    is_well = all(each.is_well for each in loops)
    now = deps.clock.now()
    return HealthOut(
        status="ok" if is_well else "degraded",
        is_ready=True,
        version=deps.version,
        loops=loops,
        last_received_at=flow.last_received_at,
        intake_waiting=flow.raw.get(RawState.RECEIVED, 0),
        intake_oldest_seconds=_since(flow.oldest_raw and flow.oldest_raw[1], now),
        outbox_pending=flow.outbox.get(DeliveryState.PENDING, 0),
        outbox_dead=flow.outbox.get(DeliveryState.DEAD, 0),
        outbox_late_seconds=_since(flow.oldest_due_at, now),
        overdue_timers=flow.overdue_timers,
        quarantine_waiting=flow.raw.get(RawState.QUARANTINED, 0),
    )


def _nothing(_: UnitOfWork) -> None:
    """An empty unit of work."""


def _loop(loop: LoopHealth, *, with_errors: bool) -> LoopOut:
    return LoopOut(
        name=loop.name,
        state=str(loop.state),
        is_well=loop.is_well,
        restarts=loop.restarts,
        failing_since_at=loop.failing_since_at,
        retry_at=loop.retry_at,
        last_error=loop.last_error if with_errors else "",
    )


class HealthRoutes:
    """``/healthz`` and below it ``stream``, ``/readyz`` and ``/metrics``."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def alive(self, _: web.Request) -> web.Response:
        """Say that the process answers; looks at nothing else."""
        return web.json_response({"status": "ok", "version": self._deps.version})

    async def ready(self, _: web.Request) -> web.Response:
        """Say whether work can be done: 200, or 503 while the store is away."""
        health = await health_of(self._deps)
        return web.Response(
            status=200 if health.is_ready else 503,
            text=health.model_dump_json(),
            content_type="application/json",
        )

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Say two words a second apart, with the headers of the live link.

        Whoever gets both at once stands behind a proxy that holds news back.
        """
        response = web.StreamResponse(headers=STREAMED)
        await response.prepare(request)
        with suppress(ConnectionError):
            await response.write(b"data: one\n\n")
            await self._deps.clock.sleep_until(self._deps.clock.now() + _APART)
            await response.write(b"data: two\n\n")
            await response.write_eof()
        return response

    async def metrics(self, request: web.Request) -> web.Response:
        """Return the numbers for Prometheus: to this machine, or with the token."""
        settings = self._deps.settings
        if settings.metrics_token:
            if not is_secret(bearer_of(request), settings.metrics_token):
                challenge = {"WWW-Authenticate": 'Bearer realm="azbot metrics"'}
                raise HttpProblem(401, "token_wrong", headers=challenge)
        elif not is_local(request, settings.trusted_proxies):
            raise HttpProblem(403, "local_only")
        self._deps.metrics.set_level("live_streams", request.app[LIVE].streams)
        await self._measure()
        text, media_type = self._deps.metrics.expose()
        return web.Response(body=text, headers={"Content-Type": media_type})

    async def _measure(self) -> None:
        """Read the levels that only the store knows, now."""
        metrics, deps = self._deps.metrics, self._deps
        loops = {each.name: each for each in deps.loops.health()}
        metrics.set_levels(
            "loop_up", "loop", {name: float(e.is_well) for name, e in loops.items()}
        )
        metrics.set_levels(
            "loop_restarts", "loop", {name: e.restarts for name, e in loops.items()}
        )
        try:
            async with asyncio.timeout(_SECONDS):
                now = deps.clock.now()
                flow = await deps.store.views.health(now)
                counts = await deps.store.views.counts()
        except (StoreUnreachable, TimeoutError):
            metrics.set_level("store_up", 0)
            return
        metrics.set_level("store_up", 1)
        metrics.set_levels(
            "outbox_rows", "state", {s.value: n for s, n in flow.outbox.items()}
        )
        metrics.set_levels(
            "assistances", "status", {s.value: n for s, n in counts.items()}
        )
        oldest, due, last = flow.oldest_raw, flow.oldest_due_at, flow.last_received_at
        metrics.set_level("intake_waiting", flow.raw.get(RawState.RECEIVED, 0))
        metrics.set_level("quarantine_waiting", flow.raw.get(RawState.QUARANTINED, 0))
        metrics.set_level("intake_oldest_seconds", _since(oldest and oldest[1], now))
        metrics.set_level("outbox_oldest_seconds", _since(due, now))
        metrics.set_level("last_mail_age_seconds", _since(last, now))


def _since(at: datetime | None, now: datetime) -> float:
    return max((now - at).total_seconds(), 0) if at else 0
