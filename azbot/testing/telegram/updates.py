"""What a bot has not been told yet, and the poll that waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from azbot.ports import Clock
from azbot.testing.telegram.chats import Changes
from azbot.testing.telegram.refusals import (
    ANOTHER_POLLER,
    Wire,
    bad_request,
    conflict,
)
from azbot.testing.telegram.wire import Call

KEPT_FOR = timedelta(hours=24)
LONGEST_POLL = 50
"""Seconds."""
MOST_AT_ONCE = 100

_ONLY_WHEN_ASKED = {"chat_member", "message_reaction", "message_reaction_count"}
_REMEMBERED = 10_000


class Updates:
    """The updates of one bot, in order.

    Args:
        clock: says when they are a day old and forgotten.
        changes: is told when a poll begins to wait, and when it ends.

    Attributes:
        allowed: kinds the bot asked for; empty: all but the rare ones.
        on_put: is given what is new; the webhook takes it.
    """

    def __init__(self, clock: Clock, changes: Changes) -> None:
        self.allowed: tuple[str, ...] = ()
        self.on_put: Callable[[Wire], None] | None = None
        self._clock = clock
        self._changes = changes
        self._next_id = 700_000_001
        self._waiting: deque[tuple[datetime, Wire]] = deque()
        self._acknowledged: deque[Wire] = deque(maxlen=_REMEMBERED)
        self._again: list[Wire] = []
        self._poll: asyncio.Future[None] | None = None

    # --- what happens ---

    def put(self, kind: str, content: Wire) -> None:
        """Tell the bot something, when it asked for that kind."""
        is_wanted = (
            kind in self.allowed if self.allowed else kind not in _ONLY_WHEN_ASKED
        )
        if is_wanted:
            self.inject({kind: content})

    def inject(self, *contents: Wire) -> None:
        """Add updates of any shape; each gets the next id unless it has one."""
        for content in contents:
            update = {"update_id": self._next_id} | content
            self._next_id = int(update["update_id"]) + 1
            self._waiting.append((self._clock.now(), update))
            if self.on_put:
                self.on_put(update)
        self._wake()

    def poison(self, chat_id: int) -> Wire:
        """Add an update that has an id and no shape a library expects."""
        update = {
            "update_id": self._next_id,
            "message": {"message_id": "one", "chat": {"id": chat_id}},
        }
        self.inject(update)
        return update

    def deliver_again(self, count: int) -> Sequence[Wire]:
        """Hand out the last acknowledged updates once more, whatever the offset."""
        again = list(self._acknowledged)[-count:]
        self._again += again
        self._wake()
        return again

    def restart_ids(self, at: int) -> None:
        """Number what comes from here on anew, as after a week without updates."""
        self._next_id = at

    def expire(self) -> None:
        """End the poll that waits as if nothing had come in all its time."""
        self._wake()

    @property
    def waiting(self) -> tuple[Wire, ...]:
        """What is not acknowledged, oldest first."""
        self._forget_old()
        return tuple(update for _, update in self._waiting)

    # --- what the bot does ---

    async def poll(self, call: Call) -> Sequence[Wire]:
        """Answer ``getUpdates``: acknowledge, then wait for something to tell.

        The wait is in real seconds, as the client's is.

        Raises:
            Refusal: 409 when another poll came meanwhile.
        """
        self.allow(call)
        offset = call.number("offset")
        limit = min(max(call.number("limit", MOST_AT_ONCE), 1), MOST_AT_ONCE)
        if offset < 0:
            self.forget(len(self._waiting) + offset)
        elif offset:
            self._acknowledge_below(offset)
        self.interrupt(ANOTHER_POLLER)
        batch = self._batch(limit)
        timeout = min(call.number("timeout"), LONGEST_POLL)
        if batch or timeout <= 0:
            return batch
        mine = self._poll = asyncio.get_running_loop().create_future()
        self._changes.tell()
        try:
            async with asyncio.timeout(timeout):
                await mine
        except TimeoutError:
            return []
        finally:
            if self._poll is mine:
                self._poll = None
            self._changes.tell()
        return self._batch(limit)

    def allow(self, call: Call) -> None:
        """Remember which kinds a bot wants, when the call says so.

        Raises:
            Refusal: the list is none.
        """
        if "allowed_updates" in call.parameters:
            kinds = call.json("allowed_updates", list)
            if not all(isinstance(kind, str) for kind in kinds):
                raise bad_request("can't parse allowed updates")
            self.allowed = tuple(kinds)

    def interrupt(self, words: str) -> None:
        """End the poll that waits, with a 409 in these words."""
        if self._poll and not self._poll.done():
            self._poll.set_exception(conflict(words))

    def forget(self, count: int) -> None:
        """Acknowledge the oldest so many."""
        for _ in range(min(count, len(self._waiting))):
            self._acknowledged.append(self._waiting.popleft()[1])

    def acknowledge(self, update: Wire) -> None:
        """Acknowledge one, wherever it stands."""
        for at, (_, each) in enumerate(self._waiting):
            if each is update:
                del self._waiting[at]
                self._acknowledged.append(update)
                return

    @property
    def is_polled(self) -> bool:
        """Tell whether a poll waits at this moment."""
        return self._poll is not None and not self._poll.done()

    def _acknowledge_below(self, offset: int) -> None:
        while self._waiting and self._waiting[0][1]["update_id"] < offset:
            self.forget(1)

    def _batch(self, limit: int) -> list[Wire]:
        self._forget_old()
        again, self._again = self._again[:limit], self._again[limit:]
        rest = islice(self._waiting, limit - len(again))
        return again + [update for _, update in rest]

    def _forget_old(self) -> None:
        dawn = self._clock.now() - KEPT_FOR
        while self._waiting and self._waiting[0][0] < dawn:
            self._waiting.popleft()

    def _wake(self) -> None:
        if self._poll and not self._poll.done():
            self._poll.set_result(None)
