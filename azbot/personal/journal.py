"""The erasure journal: who was forgotten, kept where no backup can take it back.

A backup holds the database as it was, so what was forgotten since must be known beside
it: in one file with the files of azbot, and in one in each folder of backups. A line
names nobody: the number of a person, the references of what they asked for, both of
which the record keeps anyway. ``azbot restore`` repeats what happened after the instant
of the archive (``personal.replaying``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from azbot.errors import Refused
from azbot.messages import PersonId
from azbot.workflow.model import AssistanceRef

OWN_NAME = "erasures.jsonl"
"""Of the journal among the files of azbot."""
BESIDE_NAME = "azbot-erasures.jsonl"
"""Of its copy in a folder of backups."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One erasure.

    Attributes:
        instance: the installation; numbers are those of its database.
        at: when it was asked for.
        refs: of what they asked for; empty: they asked for nothing.
        is_taken_back: it failed, so that it never happened.
    """

    instance: str
    at: datetime
    person: PersonId
    refs: tuple[AssistanceRef, ...] = ()
    is_taken_back: bool = False

    @property
    def line(self) -> str:
        """The entry as one line of the file."""
        told: dict[str, object] = {
            "instance": self.instance,
            "at": self.at.isoformat(),
            "person": self.person,
            "refs": list(self.refs),
        }
        if self.is_taken_back:
            told["is_taken_back"] = True
        return json.dumps(told, separators=(",", ":"))


class Journal:
    """The journal, in several files that say the same.

    Args:
        own: the one among the files of azbot; made when it is not there.
        beside: folders of backups; those that cannot be reached are left out.
    """

    def __init__(self, own: Path, beside: Iterable[Path] = ()) -> None:
        self._own = own / OWN_NAME
        self._copies = tuple(dict.fromkeys(folder / BESIDE_NAME for folder in beside))

    def note(self, entries: Iterable[Entry]) -> None:
        """Write erasures down before they happen, synced.

        Raises:
            OSError: our own file cannot be written to.
        """
        self._merge([entry.line for entry in entries])

    def share(self) -> tuple[Path, ...]:
        """Let every file say what any of them says; return those that can be reached.

        Raises:
            OSError: our own file cannot be written to.
            Refused: ``erasures_unreadable``: a file is not one of these.
        """
        return self._merge([])

    def entries(self) -> tuple[Entry, ...]:
        """Return what happened, oldest first.

        Raises:
            Refused: ``erasures_unreadable``: a file is not one of these.
        """
        lines = dict.fromkeys(
            line for path in (self._own, *self._copies) for line in _lines(path)
        )
        found = [_entry(line) for line in lines]
        back = {(e.instance, e.at, e.person) for e in found if e.is_taken_back}
        kept = [e for e in found if (e.instance, e.at, e.person) not in back]
        return tuple(sorted(kept, key=lambda e: (e.at, e.person)))

    def _merge(self, new: list[str]) -> tuple[Path, ...]:
        there = {path: _lines(path) for path in (self._own, *self._copies)}
        every = dict.fromkeys((*(n for each in there.values() for n in each), *new))
        reached = []
        for path, lines in there.items():
            missing = [line for line in every if line not in set(lines)]
            try:
                _append(path, missing, is_own=path == self._own)
            except OSError:
                # A disk for backups may be away: its copy is caught up with later.
                if path == self._own:
                    raise
                continue
            if path.exists():
                reached.append(path)
        return tuple(reached)


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return []
    except ValueError as error:
        raise Refused("erasures_unreadable", {"file": path, "line": 1}) from error
    *whole, torn = text.split("\n")
    del torn  # Without its end a line was being written when the power went.
    for number, line in enumerate(whole, 1):
        try:
            _entry(line)
        except (ValueError, KeyError, TypeError) as error:
            facts = {"file": path, "line": number}
            raise Refused("erasures_unreadable", facts) from error
    return whole


def _entry(line: str) -> Entry:
    told = json.loads(line)
    return Entry(
        instance=str(told["instance"]),
        at=datetime.fromisoformat(told["at"]),
        person=PersonId(int(told["person"])),
        refs=tuple(map(AssistanceRef, told["refs"])),
        is_taken_back=bool(told.get("is_taken_back")),
    )


def _append(path: Path, lines: list[str], *, is_own: bool) -> None:
    if not lines or not (is_own or path.parent.is_dir()):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(number, "r+b") as file:
        # Behind the last whole line: half a one may stand there.
        end = file.read().rfind(b"\n") + 1
        file.truncate(end)
        file.seek(end)
        file.write("".join(f"{line}\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())
