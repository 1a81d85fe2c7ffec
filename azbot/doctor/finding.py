"""What a probe found, and how it is put right: values, without a word.

A note's words are ``doctor.found.<what>``, a repair's ``doctor.repair.<how>``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol


class Level(StrEnum):
    """How well it goes; each is worse than the ones before it."""

    OK = "ok"
    SKIPPED = "skipped"
    """Not set up, or not to be found out here: nothing to put right."""
    WARNING = "warning"
    FAILURE = "failure"

    @property
    def gravity(self) -> int:
        """0 for the best."""
        return list(Level).index(self)


Into = Literal["shell", "config", "dns", "proxy"]
"""Where a paste goes: a terminal, ``azbot.toml``, the zone of the domain, nginx."""

Mend = Callable[[], Awaitable[None]]
"""Does a repair; raises ``AzbotError`` or ``OSError`` where it cannot."""


@dataclass(frozen=True, slots=True)
class Repair:
    """How one thing is put right.

    Attributes:
        how: code of the sentence.
        facts: its values; never a secret.
        paste: what is pasted as it stands, in one or more lines; empty: somebody
            else's page has the button, the sentence says which.
        into: where.
        page: of the documentation, below the root of the repository.
        mend: does it; only where nothing can be lost by it.
    """

    how: str
    facts: Mapping[str, str] = field(default_factory=dict)
    paste: str = ""
    into: Into = "shell"
    page: str = ""
    mend: Mend | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Note:
    """One thing a probe saw.

    Attributes:
        what: code of the words, which stand in a row with those of other notes.
        facts: their values; never a secret, an account or a text of somebody's.
        level: how well it goes.
        repairs: empty where all is well, or nobody here can do anything; several are
            done one after the other.
    """

    what: str
    facts: Mapping[str, str] = field(default_factory=dict)
    level: Level = Level.OK
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Everything a probe saw.

    Attributes:
        probe: its name.
        notes: in the order they are told, at least one.
    """

    probe: str
    notes: tuple[Note, ...]

    @property
    def level(self) -> Level:
        """The worst of its notes, where something was looked at at all."""
        levels = {note.level for note in self.notes}
        if Level.OK in levels:
            levels.discard(Level.SKIPPED)
        return max(levels, key=lambda level: level.gravity)

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """What is to be done, in order."""
        return tuple(repair for note in self.notes for repair in note.repairs)


class Probe(Protocol):
    """Looks at one thing."""

    @property
    def name(self) -> str:
        """Its name for ``--only``."""
        ...

    async def check(self) -> Finding:
        """Look, within ten seconds, changing nothing.

        Never raises for what is wrong with the thing: that is what it finds.
        """
        ...


def ok(what: str, **facts: str) -> Note:
    """Return a note on what is as it should be."""
    return Note(what, facts)


def warning(what: str, *repairs: Repair, **facts: str) -> Note:
    """Return a note on what works and should be looked at."""
    return Note(what, facts, Level.WARNING, repairs)


def failure(what: str, *repairs: Repair, **facts: str) -> Note:
    """Return a note on what does not work."""
    return Note(what, facts, Level.FAILURE, repairs)


def skipped(what: str, **facts: str) -> Note:
    """Return a note on what was not looked at."""
    return Note(what, facts, Level.SKIPPED)
