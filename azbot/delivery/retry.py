"""When to try again: pure, so that it is tested without waiting.

Exponential with jitter, for so long after the first attempt; a service that asks for
a pause gets at least that pause (email.md §8.5).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from azbot.errors import PermanentFailure, TemporaryFailure


@dataclass(frozen=True, slots=True)
class Patience:
    """How long, and how often, something is tried again.

    Attributes:
        first: pause after the first failure, before jitter.
        longest: no pause of our own choice is longer, before jitter.
        ends_after: nothing is tried later than this after the first attempt.
    """

    first: timedelta
    longest: timedelta
    ends_after: timedelta


LETTERS = Patience(timedelta(seconds=30), timedelta(hours=2), timedelta(hours=48))
"""A mail server that says « later » means minutes, and is not to be pestered."""

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
    patience: Patience = LETTERS,
) -> RetryAt | GiveUp:
    """Say what to do after a failed attempt.

    The pause doubles with each attempt up to the longest, longer by up to a quarter
    that ``seed`` and ``attempts`` decide: rows that failed together do not come back
    together, and the same row always gets the same answer. The last attempt is moved
    forward to the end of the patience instead of being dropped.

    Args:
        attempts: how many were made, this one included, ≥ 1.
        failure: what the service said; ``retry_after`` is respected.
        first_at: start of the first attempt, aware.
        now: aware.
        seed: the row's idempotency key.
        patience: of what is tried.

    Raises:
        ValueError: ``attempts`` is less than 1.
    """
    if attempts < 1:
        raise ValueError("attempts counts the one that failed")
    if isinstance(failure, PermanentFailure):
        return GiveUp(failure.reason, "refused")
    end = first_at + patience.ends_after
    asked = max(failure.retry_after or timedelta(), timedelta())
    if now >= end or asked > end - now:
        return GiveUp(failure.reason, "out_of_time")
    pause = max(_pause(attempts, seed, patience), asked)
    return RetryAt(min(now + pause, end))


def _pause(attempts: int, seed: str, patience: Patience) -> timedelta:
    """Double from the first delay up to the longest, then add the jitter."""
    doublings = min(attempts - 1, 20)
    base = min(patience.first * (1 << doublings), patience.longest)
    digest = hashlib.sha256(f"{attempts}|{seed}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / 2**32
    return base * (1 + _JITTER * share)
