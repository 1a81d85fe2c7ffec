"""Reads a mailbox, losing nothing: search, fetch, store, and only then acknowledge.

The folder is read by UID above the last one stored, never by flags: people read
shared mailboxes too. News by IDLE only make it look sooner; every look is a search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from azbot.channels.email.imaplink import Fetched, ImapFailure, ImapLink
from azbot.channels.email.settings import ImapSettings
from azbot.messages import RawMessage
from azbot.ports import Clock, Sink

_log = structlog.get_logger(__name__)

_LOOK = 100  # messages whose sizes are asked for at once
_REFUSALS = 3


class ImapReceiver:
    """Gives every message of one folder to the sink.

    Args:
        settings: where and how.
        password: of ``settings.user``.
        clock: decides when to look again, and stands in for a missing date.

    Attributes:
        heard_at: when the server last said what is in the folder.
    """

    def __init__(self, settings: ImapSettings, password: str, clock: Clock) -> None:
        self._settings = settings
        self._password = password
        self._clock = clock
        self._link: ImapLink | None = None
        self._refused: Counter[tuple[str, int]] = Counter()
        self.heard_at: datetime | None = None

    async def run(self, sink: Sink) -> None:
        """Receive until cancelled.

        Raises:
            ImapFailure: the connection ended or never began; start me again.
            StoreUnreachable: the sink could not store; nothing was acknowledged.
        """
        self.heard_at = None
        link = self._link = await ImapLink.open(self._settings, self._password)
        try:
            await self._receive(link, sink)
        finally:
            link.drop()

    async def aclose(self) -> None:
        """Let go of the connection; may be called twice."""
        if self._link is not None:
            await self._link.aclose()
            self._link = None

    async def _receive(self, link: ImapLink, sink: Sink) -> None:
        source = self._source(link.uidvalidity)
        last = await sink.position(source)
        _log.info("imap.connected", uidvalidity=link.uidvalidity, position=last)
        if self._settings.after == "move" and last:
            await self._tidy(link, last)
        while True:
            last = await self._look(link, sink, source, last)
            if not link.has_news:
                await link.rest(self._pause)

    async def _pause(self) -> None:
        """Sleep until it is time to look again, whatever the server announces."""
        poll_after = timedelta(seconds=self._settings.poll_seconds)
        await self._clock.sleep_until(self._clock.now() + poll_after)

    def _source(self, uidvalidity: int) -> str:
        """Name this life of the folder: UIDs of another one mean nothing."""
        one = self._settings
        return f"imap:{one.user}@{one.host}/{one.folder};{uidvalidity}"

    async def _look(self, link: ImapLink, sink: Sink, source: str, last: int) -> int:
        """Give everything above ``last`` to the sink; return the new last."""
        uids = await link.search_after(last)
        self.heard_at = self._clock.now()
        for start in range(0, len(uids), _LOOK):
            some = uids[start : start + _LOOK]
            sizes = await link.sizes(some)
            for batch in self._batches(sizes):
                messages = await self._fetch(link, source, batch)
                raw = [self._raw(source, one) for one in messages]
                if raw:
                    await sink.accept(raw)
                    await self._acknowledge(link, messages)
        return uids[-1] if uids else last

    def _batches(self, sizes: dict[int, int]) -> Iterator[dict[int, int]]:
        """Cut into what may be fetched at once; a giant stands alone."""
        settings, batch = self._settings, dict[int, int]()
        for uid, size in sorted(sizes.items()):
            is_giant = size > settings.max_message_bytes
            is_full = (
                len(batch) >= settings.batch_messages
                or sum(batch.values()) + size > settings.batch_bytes
            )
            if batch and (is_giant or is_full):
                yield batch
                batch = {}
            if is_giant:
                yield {uid: size}
            else:
                batch[uid] = size
        if batch:
            yield batch

    async def _fetch(
        self, link: ImapLink, source: str, batch: dict[int, int]
    ) -> list[Fetched]:
        """Fetch a batch, of a giant only the beginning.

        What the server refuses is asked for alone, so that one bad message does
        not hold up the others; refused three times it is noted without content.
        """
        octets = sum(batch.values())
        is_giant = octets > self._settings.max_message_bytes and len(batch) == 1
        limit = self._settings.giant_bytes if is_giant else 0
        try:
            return await link.fetch(list(batch), limit or octets, limit)
        except ImapFailure as failure:
            if failure.code != "refused":
                raise
            if len(batch) == 1:
                return self._note_refusal(source, batch, failure)
        alone = [await self._fetch(link, source, {u: s}) for u, s in batch.items()]
        return [message for messages in alone for message in messages]

    def _note_refusal(
        self, source: str, batch: dict[int, int], failure: ImapFailure
    ) -> list[Fetched]:
        """Fail the first times: the server may recover. Then keep what is known."""
        [(uid, size)] = batch.items()
        self._refused[source, uid] += 1
        if self._refused[source, uid] < _REFUSALS:
            raise failure
        _log.warning("imap.message_refused", uid=uid, size=size, detail=failure.detail)
        return [Fetched(uid, size, None, None)]

    def _raw(self, source: str, one: Fetched) -> RawMessage:
        content = one.content or b""
        return RawMessage(
            channel="email",
            source=source,
            position=one.uid,
            content=content,
            received_at=one.received_at or self._clock.now(),
            size=max(one.size, len(content)),
        )

    async def _acknowledge(self, link: ImapLink, messages: list[Fetched]) -> None:
        """Do with stored messages what the settings say.

        A refusal is no reason to stop: the messages are safe here.
        """
        uids = [one.uid for one in messages if one.content is not None]
        if not uids or self._settings.after == "leave":
            return
        if self._settings.after == "seen":
            is_done = await link.mark_seen(uids)
        else:
            is_done = await link.move(uids, self._settings.processed_folder)
        if not is_done:
            _log.warning("imap.acknowledge_refused", after=self._settings.after)

    async def _tidy(self, link: ImapLink, last: int) -> None:
        """Move what was stored before a crash could move it."""
        uids = await link.search_up_to(last)
        for start in range(0, len(uids), _LOOK):
            await link.move(
                uids[start : start + _LOOK], self._settings.processed_folder
            )
