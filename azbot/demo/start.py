"""``azbot demo``: one address, or one whole life played without a browser."""

from __future__ import annotations

import asyncio
import json
import webbrowser
from collections.abc import Callable
from datetime import timedelta

from azbot.channels.web.server import serve
from azbot.clock import SystemClock
from azbot.demo.page import demo_app
from azbot.demo.stage import staged
from azbot.demo.story import Play
from azbot.i18n.catalogue import catalogue

HOST = "127.0.0.1"
PORT = 8765
_BREATH = timedelta(seconds=1)


async def play(say: Callable[[str], None], language: str) -> None:
    """Play one whole life; the last line said is one JSON object of counts."""
    async with staged() as stage:
        played = await Play(stage).counted(say, catalogue(language))
    say(json.dumps(played.as_json(), ensure_ascii=False))


async def show(
    say: Callable[[str], None], language: str, *, opens: bool, port: int = PORT
) -> None:
    """Serve the demonstration until cancelled; the first line said is its address.

    A taken port is no obstacle: the system then chooses one.
    """
    words = catalogue(language)
    async with staged(await _free(port)) as stage:
        pages = stage.app.pages
        played = Play(stage)
        app = demo_app(played, pages, language)
        async with serve(app, HOST, stage.app.settings.web.port) as address:
            say(address)
            say(words.t("demo.started"))
            if opens:
                await asyncio.to_thread(webbrowser.open, address)
            await _keep_working(played)


async def _keep_working(played: Play) -> None:
    """Let what agents do in the inbox leave, until cancelled."""
    clock = SystemClock()
    while True:
        await clock.sleep_until(clock.now() + _BREATH)
        await played.work()


async def _free(port: int) -> int:
    """Return the port, or another one when somebody listens there."""
    for candidate in (port, 0):
        try:
            server = await asyncio.start_server(lambda *_: None, HOST, candidate)
        except OSError:
            continue
        found: int = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        return found
    raise OSError("no free port")
