"""Names for the sources of updates, so that no number stands for two of them.

Updates are numbered in sequence, until a week without any: then Telegram goes on at
random, maybe below what was seen, maybe at a number that was seen. So what comes after
days of silence has a source of its own, an era. Telegram keeps an update for a day:
nothing that was given before such a silence can be given again after it, and what is
given twice has the same source both times (telegram.md §2.1).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from azbot.channels.telegram.names import NAME
from azbot.errors import PermanentFailure
from azbot.ports import Clock, Sink

SILENCE = timedelta(days=3)
"""Well above the day an update is kept, well below the week of silence."""


async def same_bot(sink: Sink, bot: str) -> None:
    """Let only the bot go on that everything here was said to.

    Each bot numbers the messages of a chat from one: those of another would be taken
    for answers to what this one said.

    Args:
        sink: knows who spoke last.
        bot: its number.

    Raises:
        PermanentFailure: it is another one.
        StoreUnreachable: as the sink.
    """
    latest = await sink.latest(f"{NAME}:")
    if latest is None:
        return
    before = latest[0].removeprefix(f"{NAME}:").partition(";")[0]
    if before != bot:
        raise PermanentFailure(
            f"the token is of bot {bot}, the chats here are those of bot {before}"
        )


class Eras:
    """Says which source an update comes from that is received now.

    Args:
        bot: its number.
        clock: how long it was silent.
    """

    def __init__(self, bot: str, clock: Clock) -> None:
        self._prefix = f"{NAME}:{bot};"
        self._clock = clock
        self._source = ""
        self._heard_at: datetime | None = None

    async def source(self, sink: Sink) -> str:
        """Return the source of what is received now.

        Raises:
            StoreUnreachable: as the sink.
        """
        now = self._clock.now()
        if self._is_over(now):
            # Another process may have heard something meanwhile.
            await self.remember(sink)
        if self._is_over(now):
            self._source = f"{self._prefix}{now:%Y-%m-%d}"
        self._heard_at = now
        return self._source

    async def remember(self, sink: Sink) -> datetime | None:
        """Look up the source that was used last; return when, None when there is none.

        Raises:
            StoreUnreachable: as the sink.
        """
        latest = await sink.latest(self._prefix)
        if latest is not None:
            self._source, self._heard_at = latest
        return self._heard_at

    def _is_over(self, now: datetime) -> bool:
        return self._heard_at is None or now - self._heard_at > SILENCE
