"""Who is there, told once for each person however many tabs they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from azbot.channels.web.frame import initials
from azbot.messages import PersonId
from azbot.store.live_views import Present
from azbot.store.presence import Level

ANYWHERE = ""
"""Stands for a reference: everybody who has a page of the desk open."""

_ORDER = {level: order for order, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at one place.

    Attributes:
        level: the closest of their tabs; ``HERE`` alone for anywhere.
        since: since when; None for anywhere.
    """

    person: PersonId
    name: str
    level: Level
    since: datetime | None

    def told(self) -> dict[str, object]:
        """Return what pages are told of them."""
        found: dict[str, object] = {
            "person": self.person,
            "name": self.name,
            "initials": initials(self.name),
            "level": self.level.value,
        }
        if self.since is not None:
            found["since"] = self.since.isoformat(timespec="seconds")
        return found


Places = Mapping[str, tuple[Colleague, ...]]
"""By reference, ``ANYWHERE`` among them; at each place in the order of names."""


def places(tabs: Iterable[Present]) -> Places:
    """Return who is where."""
    found: dict[str, dict[PersonId, Colleague]] = {}
    for tab in tabs:
        anywhere = Colleague(tab.person, tab.name, Level.HERE, None)
        found.setdefault(ANYWHERE, {})[tab.person] = anywhere
        if tab.ref is None:
            continue
        there = found.setdefault(tab.ref, {})
        now = Colleague(tab.person, tab.name, tab.level, tab.since)
        known = there.get(tab.person)
        there[tab.person] = now if known is None else _closer(known, now)
    return {
        ref: tuple(sorted(there.values(), key=lambda one: (one.name, one.person)))
        for ref, there in found.items()
    }


def differences(old: Places, new: Places) -> Places:
    """Return the places where something changed; those that emptied are empty."""
    return {
        ref: new.get(ref, ())
        for ref in sorted(old.keys() | new.keys())
        if old.get(ref, ()) != new.get(ref, ())
    }


def told(these: Places) -> dict[str, object]:
    """Return places as JSON-like values."""
    return {ref: [one.told() for one in there] for ref, there in these.items()}


def _closer(one: Colleague, other: Colleague) -> Colleague:
    def closeness(it: Colleague) -> tuple[int, float]:
        since = it.since.timestamp() if it.since else 0.0
        return _ORDER[it.level], -since

    return max(one, other, key=closeness)
