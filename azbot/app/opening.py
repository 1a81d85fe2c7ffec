"""Opens azbot: its ground, its store and its services; lets go of them at the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from azbot.app.assembling import assemble
from azbot.app.connecting import connect
from azbot.app.running import App
from azbot.backup.remaining import folders_of_backups
from azbot.clock import SystemClock
from azbot.config import Settings
from azbot.config.ground import check_ground
from azbot.errors import ConfigError, Problem, Refused
from azbot.personal.journal import Journal
from azbot.personal.replaying import replay
from azbot.ports import Chat, Clock, Letterbox
from azbot.store import Store, migrate, open_by
from azbot.trial.office import office_of


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    clock: Clock | None = None,
    environ: Mapping[str, str] = os.environ,
    channels: Mapping[str, Letterbox] | None = None,
    chats: Mapping[str, Chat] | None = None,
) -> AsyncIterator[App]:
    """Build everything and let go of it at the end.

    Args:
        settings: from ``config.load``.
        clock: the real one by default.
        environ: for secrets named by variable.
        channels: in place of the configured ones (demo, tests).
        chats: likewise.

    Raises:
        ConfigError: nothing can be kept where the settings say, the database is of
            another version or owner, or a webhook is wanted where Telegram cannot
            bring anything, or a page is.
        StoreUnreachable: the database does not answer.
    """
    time = clock or SystemClock()
    url = settings.store.url
    await asyncio.to_thread(check_ground, settings)
    await asyncio.to_thread(migrate, url)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_by(settings.store, time))
        await _forget_again(store, settings, time)
        trial = None
        if channels is None:
            trial = await office_of(settings, store, time)
        if trial is not None:
            settings, channels, chats = trial.settings, trial.channels, {}
        connected = connect(settings, time, environ, store, channels, chats)
        stack.push_async_callback(connected.aclose)
        yield await assemble(settings, time, store, connected, trial)


async def _forget_again(store: Store, settings: Settings, clock: Clock) -> None:
    """End what a restore left that was killed: nobody who was forgotten comes back.

    Raises:
        ConfigError: the journal of erasures cannot be read.
    """
    files = settings.store.files
    journal = Journal(files, await folders_of_backups(store, files))
    try:
        await replay(store, settings.store.url, journal, clock.now())
    except Refused as refused:
        facts = {name: str(value) for name, value in refused.facts.items()}
        problem = Problem("store.files", None, refused.code, facts)
        raise ConfigError(str(settings.file), [problem]) from refused
