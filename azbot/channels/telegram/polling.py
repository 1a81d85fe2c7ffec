"""Asks Telegram for news: nothing is acknowledged before it is stored.

An update is acknowledged by the number the next poll begins with. That number comes
from updates received a moment ago and is told once: what a file remembered, or what
was true a week ago, could acknowledge updates nobody has seen (telegram.md §2.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from azbot.channels.telegram.bot import Client
from azbot.channels.telegram.eras import Eras
from azbot.channels.telegram.updates import ALLOWED, content_of, id_of, raw_of
from azbot.messages import RawMessage
from azbot.ports import Clock, Sink

_LOG = structlog.get_logger(__name__)

KEPT_FOR = timedelta(hours=24)
"""How long Telegram keeps an update that nobody takes."""

_CALL_SECONDS = 20.0


class PollingReceiver:
    """Gives every update to the sink.

    Args:
        client: the bot.
        eras: names what comes.
        clock: dates what comes.

    Attributes:
        heard_at: when Telegram last answered; None: not yet, or another process polls.
    """

    def __init__(self, client: Client, eras: Eras, clock: Clock) -> None:
        self._client = client
        self._eras = eras
        self._clock = clock
        self.heard_at: datetime | None = None

    async def run(self, sink: Sink) -> None:
        """Receive until cancelled, one process at a time.

        Raises:
            TemporaryFailure: Telegram does not answer; ``Contested``: somebody else
                polls.
            StoreUnreachable: the sink could not store; nothing was acknowledged.
        """
        self.heard_at = None
        await sink.alone(f"telegram.{self._client.id}", lambda: self._receive(sink))

    async def _receive(self, sink: Sink) -> None:
        await self._begin(sink)
        offset: int | None = None
        while True:
            updates = await self._client.updates(offset, ALLOWED)
            self.heard_at = self._clock.now()
            offset = await self._take(sink, updates)

    async def _take(self, sink: Sink, updates: Sequence[object]) -> int | None:
        """Store a batch; return where the next poll begins, None: wherever it does."""
        numbered = [(id_of(one), one) for one in updates]
        if not numbered:
            return None
        source = await self._eras.source(sink)
        now = self._clock.now()
        batch: list[RawMessage] = []
        for number, update in numbered:
            if number is None or not isinstance(update, dict):
                # It has never happened. Nothing could acknowledge it, or name it.
                _LOG.error("telegram.no_number")
                continue
            content = content_of(update)
            batch.append(raw_of(update, number, content, source, now))
        if not batch:
            return None
        await sink.accept(batch)
        return max(one.position for one in batch) + 1

    async def _begin(self, sink: Sink) -> None:
        """Take a webhook away, and say so when updates may be lost for good."""
        info = await self._client.ask("getWebhookInfo", {}, _CALL_SECONDS)
        if info.get("url"):
            _LOG.warning("telegram.webhook_removed")
            keep = {"drop_pending_updates": False}
            await self._client.ask("deleteWebhook", keep, _CALL_SECONDS)
        heard_at = await self._eras.remember(sink)
        pending = int(info.get("pending_update_count", 0))
        _LOG.info("telegram.connected", pending=pending)
        if heard_at and pending and self._clock.now() - heard_at > KEPT_FOR:
            _LOG.warning(
                "telegram.long_outage", last_at=heard_at.isoformat(), pending=pending
            )
