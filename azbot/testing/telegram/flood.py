"""How fast a bot may write."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from azbot.testing.telegram.refusals import too_many_requests
from azbot.testing.telegram.wire import Call

_WITHOUT = {"sendchataction", "sendmessagedraft"}


@dataclass(slots=True)
class _Bucket:
    """Lets so many through at once, then one in each period.

    Attributes:
        period: seconds.
        burst: how many at once.
        empty_at: when all that was let through is paid for, seconds.
    """

    period: float
    burst: int
    empty_at: float = 0.0

    def wait(self, now: float) -> float:
        return self.empty_at - now - self.period * (self.burst - 1)

    def take(self, now: float, count: int) -> None:
        self.empty_at = max(self.empty_at, now) + self.period * count


@dataclass(slots=True)
class Flood:
    """The limits of Telegram for new messages; an album counts as its items.

    Attributes:
        in_all: a second, all chats together.
        at_once: in one chat, before it is one a second; Telegram does not say.
        in_group: a minute.

    Source: core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    """

    in_all: int = 30
    at_once: int = 3
    in_group: int = 20
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def pass_through(self, call: Call, now: datetime) -> None:
        """Count a call that writes.

        Raises:
            Refusal: 429, when it came too early; it is not counted.
        """
        method = call.method.lower()
        if not method.startswith(("send", "copy")) or method in _WITHOUT:
            return
        limits = [_Bucket(1 / self.in_all, self.in_all), _Bucket(1, self.at_once)]
        names = ["all", f"{call.chat_id}"]
        if call.chat_id < 0:
            limits.append(_Bucket(60 / self.in_group, self.in_group))
            names.append(f"{call.chat_id} a minute")
        buckets = [
            self._buckets.setdefault(name, limit)
            for name, limit in zip(names, limits, strict=True)
        ]
        instant = now.timestamp()
        wait = max(bucket.wait(instant) for bucket in buckets)
        if wait > 0:
            raise too_many_requests(math.ceil(wait))
        count = len(call.json("media", list)) if method == "sendmediagroup" else 1
        for bucket in buckets:
            bucket.take(instant, count)
