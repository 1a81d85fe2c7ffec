"""A finding in the language of the reader. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from azbot.doctor.finding import Finding, Note, Repair
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.formats import number, size


def found(finding: Finding, words: Catalogue) -> str:
    """Return what a probe saw, on one line; but for lines of the configuration."""
    return ", ".join(noted(n, words) for n in finding.notes if not is_of_a_line(n))


def is_of_a_line(note: Note) -> bool:
    """Whether a note is about one line of the configuration, and has its own."""
    return note.what.startswith("config.")


def noted(note: Note, words: Catalogue) -> str:
    """Return the words of one note."""
    facts: dict[str, object] = {k: _printable(v) for k, v in note.facts.items()}
    if "count" in facts:
        facts["count"] = int(note.facts["count"])
    if "free" in facts:
        facts["free"] = size(int(note.facts["free"]), words.language)
    if "seconds" in facts:
        facts["seconds"] = number(note.facts["seconds"], words.language)
    if not is_of_a_line(note):
        return words.t(f"doctor.found.{note.what}", **facts)
    # Where, and the sentence that `azbot run` says too.
    colon = "\u00a0: " if words.language == "fr" else ": "
    return f"{facts['where']}{colon}{words.t(note.what, **facts)}"


def _printable(text: str) -> str:
    """Return a text that cannot move the cursor: servers wrote some of them."""
    return "".join(char if char.isprintable() else " " for char in text)


def advised(repair: Repair, words: Catalogue) -> str:
    """Return how one thing is put right; what is pasted stands apart."""
    return words.t(f"doctor.repair.{repair.how}", **repair.facts)


def grouped(repairs: Sequence[Repair]) -> Iterator[tuple[Repair, list[str]]]:
    """Yield what is done in one go: a repair, and the pastes of all like it."""
    for _, alike in groupby(repairs, key=lambda r: (r.how, dict(r.facts), r.page)):
        each = list(alike)
        yield each[0], [line for one in each for line in one.paste.splitlines()]
