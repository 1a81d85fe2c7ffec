"""``azbot demo``: one address, or one whole life played without a browser."""

from __future__ import annotations

import asyncio
import webbrowser
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from azbot.demo.doors import Doors
from azbot.demo.lobby import Front, lobby
from azbot.i18n.catalogue import catalogue

if TYPE_CHECKING:
    from azbot.demo.play import Played
    from azbot.demo.sandbox import Sandbox
    from azbot.demo.story import Act

PORT = 8765
PACE = 4.5
"""Seconds from one act to the next: the whole story takes less than a minute."""


async def play(begins: Callable[[Act], None], tell: Callable[[Act], None]) -> Played:
    """Play one whole life; return the counts.

    Args:
        begins: called with each act before it is played.
        tell: called with each once it is done.

    Raises:
        LookupError: it could not be played to its end.
    """
    from azbot.demo.sandbox import unseen  # noqa: PLC0415 - not for --help

    async with unseen(PORT) as played:

        def on_act() -> None:
            if played.act:
                begins(played.act)

        played.on_act = on_act
        return await played.counted(tell)


async def show(
    say: Callable[[str], None],
    language: str,
    *,
    opens: bool,
    port: int = PORT,
    pace: float = PACE,
) -> None:
    """Serve the demonstration until cancelled; the first line said is its address.

    The page is there at once; the twelve lives are played while it is looked at.

    Args:
        say: prints a line.
        language: of the page.
        opens: whether to open it in a browser.
        port: where; when it is taken, the system chooses.
        pace: seconds from one act to the next when the story is played.
    """
    words, front, doors = catalogue(language), Front(language), Doors()
    async with doors.open(port) as address, AsyncExitStack() as waiting:
        await waiting.enter_async_context(doors.leading_to(lobby(front)))
        say(address)
        say(words.t("demo.started"))
        if opens:
            await asyncio.to_thread(webbrowser.open, address)
        async with await asyncio.to_thread(_sandbox, doors, front) as box:
            box.pace = timedelta(seconds=pace)
            await box.fill()
            await box.begin()
            await waiting.aclose()
            say(words.t("demo.ready"))
            await asyncio.Event().wait()


def _sandbox(doors: Doors, front: Front) -> AbstractAsyncContextManager[Sandbox]:
    """Load everything else: it takes a second, in which the page is there already."""
    from azbot.demo.page import led  # noqa: PLC0415
    from azbot.demo.sandbox import sandbox  # noqa: PLC0415

    return sandbox(doors.port, front.language, partial(led, doors, front))
