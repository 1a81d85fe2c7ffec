"""The choices in force, for whoever decides, writes or draws."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import structlog

from azbot.choices.change import VERSION
from azbot.choices.values import PREFIX, Choices, FromFile, read
from azbot.store import Store

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class InForce:
    """Serves the present choices, and looks again when the bell rings ``settings``.

    Reading ``choices`` never waits and is safe from any thread: what is read is one
    frozen value, replaced whole.

    Attributes:
        choices: as they are now.
        file: what counts where nobody chose.
    """

    def __init__(self, store: Store, file: FromFile) -> None:
        """Begin with the file alone; ``renew`` reads the store."""
        self.file = file
        self.choices: Choices = read({}, file)
        self._store = store
        self._version = ""
        self._reading = asyncio.Lock()

    async def renew(self) -> bool:
        """Read the choices when somebody changed one; say whether that was so.

        Raises:
            StoreUnreachable: the database does not answer.
        """
        async with self._reading:
            # The version first: values may then be newer than it, never older.
            version = await self._store.views.setting(VERSION) or ""
            if version == self._version:
                return False
            raw = await self._store.views.settings_below(PREFIX)
            self.choices = read(raw, self.file)
            self._version = version
        if self.choices.unfit:
            _log.warning("choices.unfit", names=self.choices.unfit)
        return True

    async def step(self, _now: datetime) -> int:
        """Look once, for the loop that listens to the bell; see ``renew``."""
        await self.renew()
        return 0

    def following(self, build: Callable[[Choices], T]) -> Callable[[], T]:
        """Return what gives ``build(choices)`` of the present, built once for each.

        Safe from any thread; after a change two threads may build at once, which
        costs time and nothing else.
        """
        kept: tuple[Choices, T] | None = None

        def give() -> T:
            nonlocal kept
            choices, known = self.choices, kept
            if known is not None and known[0] is choices:
                return known[1]
            made = build(choices)
            kept = (choices, made)
            return made

        return give
