"""azbot as a process of its own: start, look at what it says, stop."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from azbot.testing.patience import PATIENCE


class Service:
    """One running azbot, its output in files."""

    def __init__(
        self,
        folder: Path,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        python: str,
    ) -> None:
        self.folder = folder
        self._out = (folder / "out").open("wb")
        self._err = (folder / "err").open("wb")
        self.process = subprocess.Popen(
            [python, "-m", "azbot", *arguments],
            cwd=folder,
            stdout=self._out,
            stderr=self._err,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environ},
        )

    @property
    def out(self) -> str:
        return (self.folder / "out").read_text().replace("\u00a0", " ")

    @property
    def err(self) -> str:
        return (self.folder / "err").read_text().replace("\u00a0", " ")

    def address(self) -> str:
        """Return where it answers, once it does."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := re.search(r"http://[\d.]+:\d+", self.out):
                return found[0]
            assert self.process.poll() is None, self.err
            time.sleep(0.02)
        raise AssertionError(f"no address: {self.out} {self.err}")

    def stop(self, which: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Ask it to stop; return its exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(which)
        code = self.process.wait(timeout=PATIENCE)
        return code, time.monotonic() - began

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._out.close()
        self._err.close()


@contextlib.contextmanager
def running(
    folder: Path, *arguments: str, python: str = sys.executable, **environment: str
) -> Iterator[Service]:
    """Run azbot while inside.

    Args:
        folder: where it starts; ``configure`` gave it a configuration.
        python: the interpreter of its environment.
    """
    service = Service(folder, arguments, environment, python)
    try:
        yield service
    finally:
        service.end()


def configure(folder: Path, text: str) -> None:
    """Write the configuration of an azbot that starts there."""
    (folder / "azbot.toml").write_text(text)
