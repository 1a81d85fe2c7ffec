"""How far a long command is: a line that moves on a terminal, else nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from azbot.cli.terminal import Terminal
from azbot.store.snapshot import Progress, silent


@contextmanager
def shown(terminal: Terminal) -> Iterator[Progress]:
    """Yield what long work tells how far it is.

    Drawn on standard error, so that an answer may be piped; gone at the end. Nothing
    is drawn where nobody looks: a log full of bars helps nobody.
    """
    if not sys.stderr.isatty():
        yield silent
        return
    from rich import progress as bar  # noqa: PLC0415 - not for --help
    from rich.console import Console  # noqa: PLC0415

    columns = (
        bar.TextColumn("{task.description}"),
        bar.BarColumn(),
        bar.MofNCompleteColumn(),
        bar.TimeRemainingColumn(),
    )
    with bar.Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, bar.TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                words = terminal.say(f"cli.progress.{what}")
                tasks[what] = bars.add_task(words, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield tell
