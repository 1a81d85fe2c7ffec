"""The database as verbs open it, and ``azbot migrate``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from azbot.cli.grammar import verb
from azbot.cli.terminal import Terminal
from azbot.config import Settings
from azbot.config.ground import check_ground
from azbot.errors import ConfigError
from azbot.store import Store, UnitOfWork, check, open_by
from azbot.store import migrate as bring_up_to_date

T = TypeVar("T")


def opened(settings: Settings) -> Store:
    """Open the database of an installation; an empty one is set up first.

    An older one is left alone: a running azbot may still use it.

    Raises:
        ConfigError: it is of another version or owner, or cannot be kept there.
        StoreUnreachable: it does not answer.
    """
    store = settings.store
    check_ground(settings)
    if not exists(settings):
        bring_up_to_date(store.url)
    try:
        return open_by(store)
    except ConfigError as error:
        if not _is_empty(error):
            raise
    bring_up_to_date(store.url)
    return open_by(store)


def set_up(settings: Settings) -> None:
    """Look whether the database can be opened; an empty one is set up first.

    Raises:
        AzbotError: as ``opened``.
    """
    url = settings.store.url
    check_ground(settings)
    if exists(settings):
        try:
            check(url)
        except ConfigError as error:
            if not _is_empty(error):
                raise
        else:
            return
    bring_up_to_date(url)


def _is_empty(error: ConfigError) -> bool:
    return [problem.code for problem in error.problems] == ["schema_missing"]


def exists(settings: Settings) -> bool:
    """Tell whether there is a database; of PostgreSQL only the server knows."""
    path = settings.store.url.removeprefix("sqlite:///")
    return path == settings.store.url or Path(path).exists()


def written(terminal: Terminal, work: Callable[[UnitOfWork], T]) -> T:
    """Run one unit of work on the configured database and return its value.

    Raises:
        AzbotError: as ``opened`` and ``Store.write``.
    """

    async def go() -> T:
        async with opened(settings) as store:
            return await store.write(work)

    settings = terminal.settings()
    return asyncio.run(go())


@verb("migrate")
def migrate(terminal: Terminal) -> None:
    """Create or upgrade the schema."""
    settings = terminal.settings()
    check_ground(settings)
    bring_up_to_date(settings.store.url)
    terminal.tell(terminal.say("cli.migrated"))
