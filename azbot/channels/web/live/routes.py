"""The live link: the stream, what a tab says of itself, and a stream to be measured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Annotated, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from azbot.channels.web.live.hub import LIVE, Hub
from azbot.channels.web.live.streams import Stream
from azbot.channels.web.outages import outages
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import staff_of
from azbot.channels.web.throttle import Throttle
from azbot.store import UnitOfWork
from azbot.store.presence import Level
from azbot.workflow.model import AssistanceRef

STREAMED = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    # nginx would keep small pieces back until it has a large one.
    "X-Accel-Buffering": "no",
}
"""Headers of what comes in pieces."""

_WRITE_WITHIN = 30.0
"""Seconds a browser may leave the line full before it is cut."""

_WORDS_APART = timedelta(seconds=1)
_SAID_AT_MOST = 300
_SAID_WITHIN = timedelta(minutes=1)


class PresenceIn(BaseModel):
    """What a tab says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tab: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,40}$")]
    ref: Annotated[str, StringConstraints(max_length=16)] | None = None
    level: Literal["here", "sees", "types", "briefs", "gone"]


class LiveRoutes:
    """The live link of one application."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        store, out = deps.store, partial(outages, deps)
        self._hub = Hub(store.views, store.bell, deps.clock, out)
        self._throttle = Throttle(_SAID_AT_MOST, _SAID_WITHIN)

    def add_to(self, app: web.Application) -> None:
        """Serve the addresses, and run the hub as long as the application."""
        app[LIVE] = self._hub
        app.cleanup_ctx.append(self._running)
        app.on_shutdown.append(self._closing)
        app.router.add_get("/inbox/live", self.stream, allow_head=False)
        app.router.add_post("/inbox/presence", self.presence)
        app.router.add_get("/healthz/stream", self.measured, allow_head=False)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Tell a browser what happens until it goes or its session ends.

        The header ``Last-Event-ID`` counts more than ``?after=``: a browser that
        reconnects by itself asks for the address it was given first.
        """
        staff = staff_of(request)
        after = request.headers.get("Last-Event-ID") or request.query.get("after")
        person, session = staff.person.id, staff.session.hash
        cut = partial(is_cut, request)
        async with self._hub.joined(session, person, after or None, cut) as stream:
            return await pour(request, stream)

    async def measured(self, request: web.Request) -> web.StreamResponse:
        """Say two words a second apart, to anybody.

        Whoever gets both at once stands behind a proxy that holds news back.
        """
        response = web.StreamResponse(headers=STREAMED)
        await response.prepare(request)
        clock = self._deps.clock
        with suppress(ConnectionError):
            await response.write(b"data: one\n\n")
            await clock.sleep_until(clock.now() + _WORDS_APART)
            await response.write(b"data: two\n\n")
            await response.write_eof()
        return response

    async def presence(self, request: web.Request) -> web.Response:
        """Note what a tab shows (204).

        Raises:
            HttpProblem: 400, not readable; 429, too often.
            NotFound: no such assistance.
        """
        person, now = staff_of(request).person.id, self._deps.clock.now()
        wait = self._throttle.wait(str(person), now)
        if wait:
            seconds = int(wait.total_seconds()) + 1
            raise HttpProblem(
                429,
                "too_often",
                {"seconds": seconds},
                headers={"Retry-After": str(seconds)},
            )
        self._throttle.fail(str(person), now)
        try:
            said = PresenceIn.model_validate_json(await request.read())
        except ValidationError as error:
            raise HttpProblem(400, "bad_request") from error

        def work(uow: UnitOfWork) -> None:
            if said.level == "gone":
                uow.presence.leave(said.tab, person)
                return
            ref = None if said.ref is None else AssistanceRef(said.ref)
            uow.presence.put(said.tab, person, ref, Level(said.level), now)

        await self._deps.store.write(work)
        return web.Response(status=204)

    async def _running(self, _app: web.Application) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            hub = group.create_task(self._deps.loops.keep("web.live", self._hub.run))
            yield
            hub.cancel()

    async def _closing(self, _app: web.Application) -> None:
        self._hub.close()


def is_cut(request: web.Request) -> bool:
    """Whether nobody is at the other end any more."""
    return request.transport is None or request.transport.is_closing()


async def pour(request: web.Request, stream: Stream) -> web.StreamResponse:
    """Write a stream to a browser until one of both ends."""
    response = web.StreamResponse(headers=STREAMED)
    await response.prepare(request)
    # Whoever is gone is gone; that is how most streams end.
    with suppress(ConnectionError):
        await _write(request, response, stream)
    return response


async def _write(
    request: web.Request, response: web.StreamResponse, stream: Stream
) -> None:
    try:
        async for told in stream:
            async with asyncio.timeout(_WRITE_WITHIN):
                await response.write(told)
    except TimeoutError:
        # Nobody takes the octets: the line is dead and does not know it.
        if request.transport is not None:
            request.transport.abort()
    else:
        await response.write_eof()
