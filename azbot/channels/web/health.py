"""Is azbot alive, can it work, and how does the flow go (ux.md D9)."""

from __future__ import annotations

import asyncio
from datetime import datetime

from aiohttp import web
from pydantic import BaseModel

from azbot.channels.web.clients import bearer_of, is_local, is_secret
from azbot.channels.web.live.hub import LIVE
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.errors import StoreUnreachable
from azbot.health.vitals import LoopHealth, Vitals, Watch, diagnose, status_of
from azbot.store import DeliveryState, RawState

_SECONDS = 5


class LoopOut(BaseModel):
    """One supervised loop: a channel or a worker."""

    name: str
    state: str
    is_well: bool
    restarts: int
    failing_since_at: datetime | None
    retry_at: datetime | None
    last_error: str


class DiskOut(BaseModel):
    """One file system azbot keeps something on, in octets."""

    free: int
    total: int


class AilmentOut(BaseModel):
    """One thing that needs somebody.

    Attributes:
        what: ``imap``, ``smtp``, ``telegram``, ``contested``, ``disk``, ``store``,
            ``intake``, ``outbox``, ``backup`` or ``other``.
        is_alarming: the administrator is told of it.
    """

    what: str
    since: datetime | None
    is_alarming: bool


class HealthOut(BaseModel):
    """How the flow goes (ux.md D9); ages and delays in seconds.

    Attributes:
        is_ready: the database answers: requests and mails can be worked on. A
            channel that is down does not make azbot unready.
        status: ``ok``, ``degraded`` (something needs somebody) or ``unready``.
        last_received_at: when the newest message was received, by whatever way.
        mail_last_seconds: age of the last mail collected; None: none lately.
        mail_heard_seconds, telegram_heard_seconds: since the service last answered,
            with or without news; None: not yet, or it is not set up.
        telegram: state of its loop; empty: not set up.
        intake_waiting: messages without an outcome.
        intake_oldest_seconds: how long the oldest of them waits.
        outbox_pending, outbox_dead: deliveries that are due, or were tried in vain;
            that were given up.
        outbox_oldest_seconds: since the one that waits longest should have left.
        outbox_late_seconds: how late the oldest delivery is that is due now.
        quarantine_waiting: messages that wait for a person.
        backup_seconds: age of the last verified backup; None: there was none.
        trial_since_at: since when everything stays inside; None: letters leave.
    """

    status: str
    is_ready: bool
    version: str
    loops: list[LoopOut]
    ailments: list[AilmentOut] = []
    disks: list[DiskOut] = []
    last_received_at: datetime | None = None
    mail_last_seconds: float | None = None
    mail_heard_seconds: float | None = None
    telegram: str = ""
    telegram_heard_seconds: float | None = None
    intake_waiting: int = 0
    intake_oldest_seconds: float = 0
    outbox_pending: int = 0
    outbox_dead: int = 0
    outbox_oldest_seconds: float = 0
    outbox_late_seconds: float = 0
    overdue_timers: int = 0
    quarantine_waiting: int = 0
    backup_seconds: float | None = None
    trial_since_at: datetime | None = None


def watch_of(deps: WebDeps) -> Watch:
    """Return who looks; by store and loops alone where nobody was given."""
    return deps.watch or Watch(deps.store, deps.clock, deps.loops.health)


async def health_of(deps: WebDeps, *, with_errors: bool = False) -> HealthOut:
    """Return how the flow goes; never fails because the store does.

    Args:
        deps: where to look.
        with_errors: with the last error of each loop, for the desk alone.
    """
    seen = await watch_of(deps).look(both_sides=True)
    told = shown(seen, deps.version, with_errors=with_errors)
    if deps.trial is None:
        return told
    return told.model_copy(update={"trial_since_at": deps.trial.begun_at})


def shown(seen: Vitals, version: str, *, with_errors: bool = False) -> HealthOut:
    """Return what was seen, for programs; see ``health_of``."""
    now, flow = seen.at, seen.flow
    out = HealthOut(
        status=status_of(seen),
        is_ready=flow is not None,
        version=version,
        loops=[_loop(each, with_errors=with_errors) for each in seen.loops],
        ailments=[
            AilmentOut(what=one.what, since=one.since, is_alarming=one.is_alarming)
            for one in diagnose(seen)
        ],
        disks=[DiskOut(free=disk.free, total=disk.total) for disk in seen.disks],
        mail_heard_seconds=_age(seen.heard.get("email"), now),
        telegram=next(
            (str(loop.state) for loop in seen.loops if loop.name == "receive.telegram"),
            "",
        ),
        telegram_heard_seconds=_age(seen.heard.get("telegram"), now),
        backup_seconds=_age(seen.backup_at, now),
    )
    if flow is None:
        return out
    oldest = flow.oldest_raw
    return out.model_copy(
        update={
            "last_received_at": flow.last_received_at,
            "mail_last_seconds": _age(flow.last_of.get("email"), now),
            "intake_waiting": flow.raw.get(RawState.RECEIVED, 0),
            "intake_oldest_seconds": _since(oldest and oldest[1], now),
            "outbox_pending": flow.outbox_waiting,
            "outbox_dead": flow.outbox.get(DeliveryState.DEAD, 0),
            "outbox_oldest_seconds": _since(flow.oldest_waiting_at, now),
            "outbox_late_seconds": _since(flow.oldest_due_at, now),
            "overdue_timers": flow.overdue_timers,
            "quarantine_waiting": flow.raw.get(RawState.QUARANTINED, 0),
        }
    )


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
    """``/healthz``, ``/readyz`` and ``/metrics``."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def alive(self, request: web.Request) -> web.Response:
        """Say that the process answers, and how it fares.

        Always 200: to end the process for a mailbox or a database that is away would
        help nobody; ``/readyz`` is for those who route.
        """
        return self._told(request, await health_of(self._deps))

    async def ready(self, request: web.Request) -> web.Response:
        """Say whether work can be done: 200, or 503 while the store is away."""
        health = await health_of(self._deps)
        return self._told(request, health, 200 if health.is_ready else 503)

    def _told(
        self, request: web.Request, health: HealthOut, status: int = 200
    ) -> web.Response:
        """Return all of it to whoever may know, the status to everybody."""
        if not self._may_know(request):
            told = {"status": health.status, "version": health.version}
            return web.json_response(told, status=status)
        return web.Response(
            status=status,
            text=health.model_dump_json(),
            content_type="application/json",
        )

    def _may_know(self, request: web.Request) -> bool:
        """Whether ages and counts are shown: to this machine, or with the token."""
        settings = self._deps.settings
        token = settings.metrics_token
        if token and is_secret(bearer_of(request), token):
            return True
        return is_local(request, settings.trusted_proxies)

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
        seen = await watch_of(deps).look()
        now, flow = seen.at, seen.flow
        heard = {name: _since(at, now) for name, at in seen.heard.items()}
        metrics.set_levels("service_heard_seconds", "channel", heard)
        free = {disk.folder: float(disk.free) for disk in seen.disks}
        metrics.set_levels("disk_free_bytes", "folder", free)
        ailing = {one.what: 1.0 for one in diagnose(seen)}
        metrics.set_levels("ailments", "what", ailing)
        try:
            async with asyncio.timeout(_SECONDS):
                counts = await deps.store.views.counts()
        except (StoreUnreachable, TimeoutError):
            flow, counts = None, {}
        if flow is None:
            metrics.set_level("store_up", 0)
            return
        if seen.backup_at is not None:
            metrics.set_level("backup_age_seconds", _since(seen.backup_at, now))
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


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else _since(at, now)


def _since(at: datetime | None, now: datetime) -> float:
    return max((now - at).total_seconds(), 0) if at else 0
