"""A real pseudo-terminal with azbot on it, and somebody who types."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from azbot.testing.patience import PATIENCE

_ROOT = str(Path(__file__).parents[1])

# The terminal is its session's: Ctrl-C reaches it, and passwords are read from it.
_START = """
import fcntl, runpy, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
runpy.run_module("azbot", run_name="__main__")
"""

_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Typist:
    """Reads what azbot shows and answers.

    Args:
        folder: where azbot is started.
        arguments: of ``azbot``.
        environment: variables beside the process's own.
    """

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self._end, theirs = pty.openpty()
        # 24 lines of 120: nothing that is looked for is wrapped.
        termios.tcsetwinsize(theirs, (24, 120))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, *arguments],
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            # The azbot of this checkout, whichever is installed.
            env={**os.environ, "TERM": "xterm", "PYTHONPATH": _ROOT, **environment},
            start_new_session=True,
        )
        os.close(theirs)
        self._raw = b""
        self._read = 0

    @property
    def shown(self) -> str:
        """Everything on the screen so far, without colours, sentences unwrapped."""
        text = _ESCAPE.sub("", self._raw.decode("utf-8", "replace"))
        return re.sub(r"\r\n {6,}", " ", text).replace("\u00a0", " ")

    def sees(self, words: str) -> None:
        """Wait until words are shown, behind those that were seen before."""
        end = time.monotonic() + PATIENCE
        while (at := self.shown.find(words, self._read)) < 0:
            assert self._more(end), f"no {words!r} in:\n{self.shown[self._read :]}"
        self._read = at + len(words)

    def until(self, pattern: str) -> str:
        """Wait until a pattern is shown; return everything shown so far."""
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, self.shown):
            assert self._more(end), f"no {pattern!r} in:\n{self.shown}"
        return self.shown

    def types(self, text: str, end: str = "\n") -> None:
        """Type a line."""
        os.write(self._end, f"{text}{end}".encode())

    def answers(self, *pairs: tuple[str, str]) -> None:
        """Wait for each prompt and type what stands beside it."""
        for prompt, text in pairs:
            self.sees(prompt)
            self.types(text)

    def ends(self) -> int:
        """Read to the end; return the exit code."""
        end = time.monotonic() + PATIENCE
        while self._more(end):
            pass
        return self._process.wait(timeout=PATIENCE)

    def close(self) -> None:
        """End it, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._end)

    def _more(self, end: float) -> bool:
        left = end - time.monotonic()
        if left <= 0 or not select.select([self._end], [], [], left)[0]:
            return False
        try:
            piece = os.read(self._end, 65536)
        except OSError:  # EIO: nobody is at the other end any more
            return False
        self._raw += piece
        return bool(piece)


@contextlib.contextmanager
def typing(folder: Path, *arguments: str, **environment: str) -> Iterator[Typist]:
    """Start azbot on a terminal of its own."""
    typist = Typist(folder, *arguments, **environment)
    try:
        yield typist
    finally:
        typist.close()
