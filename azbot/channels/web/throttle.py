"""Slows down whoever tries tokens (OWASP API2:2023), in memory, per address."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

_MOST_ADDRESSES = 10_000


class Throttle:
    """Counts failures per address in a sliding window.

    Args:
        limit: failures an address may have in the window.
        window: how long a failure counts.
    """

    def __init__(self, limit: int, window: timedelta) -> None:
        self._limit = limit
        self._window = window
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()

    def fail(self, address: str, now: datetime) -> None:
        """Count one failure; the oldest addresses are forgotten when many fail."""
        times = self._failures.setdefault(address, deque(maxlen=self._limit))
        times.append(now)
        self._failures.move_to_end(address)
        while len(self._failures) > _MOST_ADDRESSES:
            self._failures.popitem(last=False)

    def wait(self, address: str, now: datetime) -> timedelta:
        """Return how long the address must wait; zero when it may try."""
        times = self._failures.get(address)
        if times is None:
            return timedelta()
        while times and now - times[0] >= self._window:
            times.popleft()
        if not times:
            del self._failures[address]
            return timedelta()
        if len(times) < self._limit:
            return timedelta()
        return times[0] + self._window - now
