"""The clock of this machine against those of servers azbot talks to anyway."""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import available_timezones

from azbot.doctor.finding import Finding, Note, Repair, failure, ok, skipped
from azbot.doctor.http import ask, read_date
from azbot.doctor.reaching import offer_of
from azbot.doctor.servers import lines
from azbot.ports import Clock

MOST = timedelta(seconds=5)
"""Codes of a telephone, links and due dates bear as much."""

_HALF_A_SECOND = timedelta(milliseconds=500)
_DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, *)?\d{1,2} [A-Z][a-z]{2} \d{4} [\d:]{8} [+-]\d{4}"
)

Witness = Callable[[], Awaitable[datetime | None]]
"""Says what time another machine has; None where it does not tell."""


class ClockProbe:
    """Compares clocks, and looks whether the zone is one.

    Args:
        zone: IANA name of the desk's time zone.
        clock: this machine's.
        witnesses: other clocks; the first that tells the time counts.
    """

    name = "clock"

    def __init__(
        self, zone: str, clock: Clock, witnesses: Sequence[Witness] = ()
    ) -> None:
        self._zone = zone
        self._clock = clock
        self._witnesses = witnesses

    async def check(self) -> Finding:
        """Look, within ten seconds."""
        return Finding(self.name, (await self._drift(), self._known_zone()))

    async def _drift(self) -> Note:
        found = await asyncio.gather(*map(self._measured, self._witnesses))
        drifts = [drift for drift in found if drift is not None]
        if not drifts:
            return skipped("clock_alone")
        # Two who agree may both be wrong; the mildest is the one to believe.
        drift = min(drifts, key=abs)
        seconds = {"seconds": f"{abs(drift.total_seconds()):.1f}"}
        if abs(drift) <= MOST:
            return ok("clock_ok", **seconds)
        repair = Repair("clock", {}, "timedatectl set-ntp true")
        return failure(
            "clock_late" if drift > timedelta(0) else "clock_early", repair, **seconds
        )

    async def _measured(self, witness: Witness) -> timedelta | None:
        """Return how far this machine is behind; None where nobody tells."""
        before = self._clock.now()
        told = await witness()
        if told is None:
            return None
        after = self._clock.now()
        # Servers write whole seconds: on average half of one has gone by.
        there = told + _HALF_A_SECOND
        return there - (before + (after - before) / 2)

    def _known_zone(self) -> Note:
        if self._zone in available_timezones():
            return ok("zone", zone=self._zone)
        return failure("zone_unknown", zone_repair(self._zone), zone=self._zone)


def zone_repair(zone: str) -> Repair:
    """Return what names the time zone that was meant."""
    near = difflib.get_close_matches(zone, available_timezones(), 1, 0.5)
    meant = near[0] if near else "Europe/Paris"
    paste = lines("workflow", zone=meant)
    return Repair("zone", {"near": meant}, paste, "config")


def by_http(url: str) -> Witness:
    """Ask a server for its ``Date``; what else it answers does not matter."""

    async def tell() -> datetime | None:
        try:
            return (await ask(url, method="HEAD", patience=3.0)).told_at
        except OSError:
            return None

    return tell


def by_greeting(host: str, port: int) -> Witness:
    """Read the time some mail servers greet with (Exim, Exchange)."""

    async def tell() -> datetime | None:
        greeting, _, _ = (await offer_of(host, port)).partition(b"\n")
        found = _DATE.search(greeting.decode("ascii", "replace"))
        return read_date(found[0]) if found else None

    return tell
