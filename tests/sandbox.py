"""``azbot demo`` as a process, and its page without a browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

_WITHIN = 120
_SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
_open = build_opener(ProxyHandler({})).open


@dataclass(frozen=True)
class Sandbox:
    """A demonstration whose twelve lives are there.

    Attributes:
        address: of the page.
        process: that serves it.
    """

    address: str
    process: subprocess.Popen[str]

    def get(self, path: str = "/") -> bytes:
        """Return what an address gives, redirects followed."""
        with _open(f"{self.address}{path}", timeout=_WITHIN) as answer:
            octets: bytes = answer.read()
        return octets

    def post(self, path: str, **fields: str) -> int:
        """Send a form as the page does; return the status."""
        data = urlencode(fields).encode()
        asked = Request(f"{self.address}{path}", data=data, headers=_SAME_ORIGIN)
        with _open(asked, timeout=_WITHIN) as answer:
            answer.read()
            status: int = answer.status
        return status

    def parts(self) -> Iterator[tuple[str, str]]:
        """Give each part of the page as the stream brings it: name, HTML."""
        with _open(f"{self.address}/demo/live", timeout=_WITHIN) as stream:
            for line in stream:
                if line.startswith(b'data: {"name"'):
                    part = json.loads(line[6:])
                    yield part["name"], part["html"]

    def shown(self, name: str, *words: str) -> str:
        """Return a part once it has all these words."""
        for found, html in self.parts():
            if found == name and all(word in html for word in words):
                return html
        raise EOFError(name)

    def play_all(self) -> None:
        """Press « Tout jouer », and look until the story is over."""
        assert self.post("/demo/play") == 204
        self.shown("guide", "L’histoire est finie")


@contextmanager
def demonstrated(*command: str, **environ: str) -> Iterator[Sandbox]:
    """Run ``azbot demo`` until its twelve lives are there.

    Args:
        command: what runs it; this interpreter and azbot by default.
        environ: more variables for it.
    """
    run = command or (sys.executable, "-m", "azbot")
    options = ("demo", "--no-open", "--port", "0", "--lang", "fr", "--pace", "0")
    with subprocess.Popen(
        [*run, *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environ},
        cwd=environ.get("TMPDIR"),
    ) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), address
            said = [process.stdout.readline() for _ in range(2)]
            assert said[1], said
            yield Sandbox(address, process)
            process.terminate()
            assert process.wait(_WITHIN) == 0
        finally:
            process.kill()
