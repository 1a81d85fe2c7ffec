"""The Bot API on a free port: one server, any number of bots that share nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from azbot.clock import SystemClock
from azbot.ports import Clock
from azbot.testing.telegram.control import Cut, FakeTelegram
from azbot.testing.telegram.refusals import Refusal
from azbot.testing.telegram.wire import LARGEST_BODY, Call, read_call

TOKEN = "110201543:token-of-a-bot-that-is-not-there"  # noqa: S105 - opens nothing

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{1,80}")
_FAREWELL = 0.05


@asynccontextmanager
async def fake_telegram(
    clock: Clock | None = None, token: str = TOKEN
) -> AsyncIterator[FakeTelegram]:
    """Run a server on a free port while inside; give its first bot.

    Args:
        clock: see ``FakeTelegram``; that of the machine by default.
        token: the bot's.
    """
    bots: dict[str, FakeTelegram] = {}
    routes = _Routes(bots)
    app = web.Application(client_max_size=LARGEST_BODY)
    app.router.add_get("/file/bot{token}/{path:.+}", routes.download)
    app.router.add_route("*", "/bot{token}/{method}", routes.call)
    # A client that has gone gives its poll up: the next one is not a second poller.
    runner = web.AppRunner(
        app, access_log=None, handler_cancellation=True, shutdown_timeout=_FAREWELL
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield FakeTelegram(token, clock or SystemClock(), f"http://{host}:{port}", bots)
    finally:
        for bot in bots.values():
            await bot.webhook.aclose()
        await runner.cleanup()


class _Routes:
    def __init__(self, bots: dict[str, FakeTelegram]) -> None:
        self._bots = bots

    async def call(self, request: web.Request) -> web.Response:
        call: Call | None = None
        try:
            bot = self._bot(request)
            call = await read_call(request)
            body = {"ok": True, "result": await bot.answer(call)}
        except Refusal as refusal:
            body = refusal.envelope
        except Cut:
            if request.transport:
                request.transport.abort()
            return web.Response()
        if call:
            call.answer = body
        return web.json_response(body, status=body.get("error_code", 200))

    async def download(self, request: web.Request) -> web.Response:
        try:
            content = self._bot(request).files.at(request.match_info["path"])
        except Refusal as refusal:
            return web.json_response(refusal.envelope, status=refusal.code)
        return web.Response(body=content)

    def _bot(self, request: web.Request) -> FakeTelegram:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            raise Refusal(404, "Not Found")
        if token not in self._bots:
            raise Refusal(401, "Unauthorized")
        return self._bots[token]
