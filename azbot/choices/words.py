"""What is said of a choice that cannot be taken."""

from __future__ import annotations

from collections.abc import Sequence

from azbot.errors import AzbotError, Problem


class Unfit(AzbotError):
    """A choice cannot be taken; nothing was changed.

    Args:
        problems: the path names the field, ``admin.error.<code>`` is the sentence.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(f"{p.path}: {p.code}" for p in problems))
        self.problems = tuple(problems)


def one_line(text: str) -> str:
    """Return the text as one line: no control characters, single spaces.

    No-break spaces stay: French typography needs them.
    """
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(part for part in shown.split(" ") if part)
