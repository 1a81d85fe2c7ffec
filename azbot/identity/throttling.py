"""How fast somebody may try: counted in the store, so by all processes together.

Two counts go together: who is tried, and from where. Each is free for a few times,
then asks for a pause that doubles. A try counts before it is looked at, so that a
hundred at the same instant are a hundred (several processes on PostgreSQL may each
let one more through). A right one clears the count of the person.

Nobody is locked out: a pause ends, sessions that are open stay open, and passkeys
are counted by where they come from alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from azbot.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is often.

    Attributes:
        free: tries without a pause.
        first: the pause after them; each further try doubles it.
        longest: no pause is longer.
        window: how long a try counts.
    """

    free: int
    first: timedelta
    longest: timedelta
    window: timedelta

    def pause_after(self, count: int) -> timedelta:
        """Return how long to wait after so many tries."""
        if count < self.free:
            return timedelta()
        return min(self.first * (1 << min(count - self.free, 20)), self.longest)


PERSON = Pace(5, timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=24))
"""Against guesses at one person: some 300 a day at most."""
PLACE = Pace(20, timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=1))
"""Against one machine that tries many people; an office may share its address."""
CHALLENGES = Pace(60, timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=1))
"""Against one machine that asks for challenges without using them."""
LETTERS = Pace(3, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1))
"""Against a mailbox filled with mails about a lost password."""

_KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a try counts against.

    Attributes:
        name: at most 80 characters.
        is_cleared: whether a right try ends the count; else it takes itself back.
    """

    name: str
    pace: Pace
    is_cleared: bool = False


def person_scope(what: str, who: object) -> Scope:
    """Return the count against one person.

    Args:
        what: is tried: ``password``, ``code``, ``own``.
        who: the typed address, known or not, or a number; only its hash is kept.
    """
    digest = hashlib.sha256(str(who).casefold().encode()).hexdigest()[:32]
    return Scope(f"{what}:{digest}", PERSON, is_cleared=True)


def place_scope(address: str, what: str = "from", pace: Pace = PLACE) -> Scope:
    """Return the count against one client address; of IPv6 its network counts.

    One household has 2⁶⁴ addresses there (RFC 6177).
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return Scope(f"{what}:-", pace)
    if isinstance(ip, IPv6Address):
        return Scope(f"{what}:{ip_network((ip, 64), strict=False)}", pace)
    return Scope(f"{what}:{ip}", pace)


@dataclass(frozen=True, slots=True)
class Try:
    """One try that was let through; tell ``succeed`` when it was right."""

    scopes: tuple[Scope, ...]
    keys: tuple[int, ...]


def admit(uow: UnitOfWork, scopes: Sequence[Scope], now: datetime) -> Try | timedelta:
    """Count one try, or return how long to wait before it, which counts nothing."""
    waits = [wait(uow, scope, now) for scope in scopes]
    longest = max(waits)
    if longest > timedelta():
        return longest
    keys = tuple(uow.attempts.add(scope.name, now) for scope in scopes)
    return Try(tuple(scopes), keys)


def wait(uow: UnitOfWork, scope: Scope, now: datetime) -> timedelta:
    """Return how long a scope still has to wait; zero when it may try."""
    tries = uow.attempts.of(scope.name, now - scope.pace.window)
    if tries.last_at is None:
        return timedelta()
    ends_at = tries.last_at + scope.pace.pause_after(tries.count)
    return max(ends_at - now, timedelta())


def succeed(uow: UnitOfWork, made: Try) -> None:
    """Let a right try not count against anybody."""
    for scope, key in zip(made.scopes, made.keys, strict=True):
        if scope.is_cleared:
            uow.attempts.forget(scope.name)
        else:
            uow.attempts.take_back(key)


def sweep(uow: UnitOfWork, now: datetime) -> None:
    """Forget what no longer counts; cheap, and done whenever somebody comes in."""
    uow.attempts.purge(now - _KEPT)
    uow.proofs.purge(now - timedelta(days=30))
    uow.sessions.purge(now - timedelta(days=90))
