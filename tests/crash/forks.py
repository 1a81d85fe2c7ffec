"""Processes that may be killed, forked from one that has imported azbot already.

A death then costs what it does, and not a second of imports.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess


def begin(
    what: Callable[..., None], *given: object
) -> tuple[ForkServerProcess, Connection]:
    """Start a process; gives it, and the end of a pipe that hears what it says.

    Args:
        what: function of a module; its last argument is the end it speaks into.
        given: its other arguments.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        [
            "tests.crash.switcher",
            "tests.crash.talker",
            "tests.crash.worker",
            "tests.crash.writer",
            "tests.crash.copier",
        ]
    )
    heard, said = context.Pipe(duplex=False)
    process = context.Process(target=what, args=(*given, said))
    process.start()
    # Only the process holds it now: the pipe ends when the process does.
    said.close()
    return process, heard
