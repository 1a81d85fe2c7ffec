"""Everything a process writes to its log: our own lines, and those of the libraries."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from azbot.logs import set_up


@contextmanager
def logbook() -> Iterator[io.StringIO]:
    """Write down every line while inside, ours at INFO, the libraries' from DEBUG on.

    A library that says too much at DEBUG is found out here before somebody turns it on.
    """
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    set_up("info", "json", stream)
    root.addHandler(logging.StreamHandler(stream))
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.handlers, root.level = handlers, level
        logging.captureWarnings(capture=False)
