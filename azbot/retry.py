"""When to try again: pure, so that it is tested without waiting.

Exponential with jitter, for 48 hours after the first attempt; a service that asks
for a pause gets at least that pause (email.md §8.5).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from azbot.errors import PermanentFailure, TemporaryFailure

FIRST_DELAY = timedelta(seconds=30)
"""Pause after the first failure, before jitter."""

LONGEST_DELAY = timedelta(hours=2)
"""No pause of our own choice is longer, before jitter."""

PATIENCE = timedelta(hours=48)
"""Nothing is tried later than this after the first attempt."""

_JITTER = 0.25


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Try again, not before ``at``."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Never try again by yourself.

    Attributes:
        reason: one line for the agent.
        code: ``refused`` (the service said never) or ``out_of_time``.
    """

    reason: str
    code: str


def next_attempt(
    attempts: int,
    failure: TemporaryFailure | PermanentFailure,
    first_at: datetime,
    now: datetime,
    seed: str,
) -> RetryAt | GiveUp:
    """Say what to do after a failed attempt.

    The pause doubles with each attempt from 30 s up to 2 h, longer by up to a
    quarter that ``seed`` and ``attempts`` decide: rows that failed together do not
    come back together, and the same row always gets the same answer. The last
    attempt is moved forward to the end of the 48 hours instead of being dropped.

    Args:
        attempts: how many were made, this one included, ≥ 1.
        failure: what the service said; ``retry_after`` is respected.
        first_at: start of the first attempt, aware.
        now: aware.
        seed: the row's idempotency key.

    Raises:
        ValueError: ``attempts`` is less than 1.
    """
    if attempts < 1:
        raise ValueError("attempts counts the one that failed")
    if isinstance(failure, PermanentFailure):
        return GiveUp(failure.reason, "refused")
    end = first_at + PATIENCE
    asked = max(failure.retry_after or timedelta(), timedelta())
    if now >= end or asked > end - now:
        return GiveUp(failure.reason, "out_of_time")
    pause = max(_pause(attempts, seed), asked)
    return RetryAt(min(now + pause, end))


def _pause(attempts: int, seed: str) -> timedelta:
    """Double from the first delay up to the longest, then add the jitter."""
    doublings = min(attempts - 1, 20)
    base = min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)
    digest = hashlib.sha256(f"{attempts}|{seed}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / 2**32
    return base * (1 + _JITTER * share)
