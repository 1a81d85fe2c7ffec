"""A finding in the language of the reader. Pure."""

from __future__ import annotations

from azbot.doctor.finding import Finding, Note, Repair
from azbot.i18n.catalogue import Catalogue


def found(finding: Finding, words: Catalogue) -> str:
    """Return what a probe saw, on one line."""
    return ", ".join(noted(note, words) for note in finding.notes)


def noted(note: Note, words: Catalogue) -> str:
    """Return the words of one note."""
    if not note.what.startswith("config."):
        return words.t(f"doctor.found.{note.what}", **note.facts)
    # Of a line of the configuration: where, and the sentence `azbot run` says too.
    colon = "\u00a0: " if words.language == "fr" else ": "
    return f"{note.facts['where']}{colon}{words.t(note.what, **note.facts)}"


def advised(repair: Repair, words: Catalogue) -> str:
    """Return how one thing is put right; what is pasted stands apart."""
    return words.t(f"doctor.repair.{repair.how}", **repair.facts)
