"""``azbot run`` as a process: started, asked, stopped."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import azbot

ROOT = Path(azbot.__file__).parents[1]
WITHIN = 60
"""Seconds: a start on a busy machine."""


class Service:
    """One running azbot, its output in files."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.folder = folder
        self._out = (folder / "out").open("wb")
        self._err = (folder / "err").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "azbot", *arguments],
            cwd=folder,
            stdout=self._out,
            stderr=self._err,
            env={
                **os.environ,
                # The one under test, wherever it is started from.
                "PYTHONPATH": str(ROOT),
                "PYTHONUNBUFFERED": "1",
                **environment,
            },
        )

    @property
    def out(self) -> str:
        return (self.folder / "out").read_text().replace("\u00a0", " ")

    @property
    def err(self) -> str:
        return (self.folder / "err").read_text().replace("\u00a0", " ")

    def address(self) -> str:
        """Return where it answers, once it does."""
        end = time.monotonic() + WITHIN
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
        code = self.process.wait(timeout=WITHIN)
        return code, time.monotonic() - began

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._out.close()
        self._err.close()


@contextlib.contextmanager
def running(folder: Path, *arguments: str, **environment: str) -> Iterator[Service]:
    service = Service(folder, *arguments, **environment)
    try:
        yield service
    finally:
        service.end()


def configure(folder: Path, text: str) -> None:
    (folder / "azbot.toml").write_text(text)


def get(url: str) -> tuple[int, dict[str, object]]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, json.load(answer)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
