"""azbot in a process of its own that receives files: to be measured, and killed.

``python -m tests.uploadserver FOLDER`` serves what is in a folder until it is ended,
and says on its first line where, and which cookie opens it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog

from azbot.app import opened
from azbot.channels.email.settings import EmailSettings
from azbot.channels.web.staff import COOKIE, lives_until, secret_hash
from azbot.config import (
    RetentionSettings,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)
from azbot.store import NewPerson, PersonKind, UnitOfWork
from azbot.store.accounts import Account, Session
from azbot.workflow.model import Role
from tests.uploading import PIECE_TYPE

ROOT = Path(__file__).resolve().parent.parent
SECRET = "secret-of-a-test"
ADDRESS = "camille@sav.example"


@dataclass(frozen=True)
class Server:
    """A running process.

    Attributes:
        pid: its number.
        host: ``127.0.0.1:…``.
    """

    pid: int
    host: str

    def kill(self) -> None:
        """End it as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: Any = None
    ) -> HTTPResponse:
        """Speak tus over a connection of its own.

        Raises:
            OSError, HTTPException: the line was cut.
        """
        all_headers = {
            "Cookie": f"{COOKIE}={SECRET}",
            "Tus-Resumable": "1.0.0",
            "Sec-Fetch-Site": "same-origin",
            **headers,
        }
        with closing(HTTPConnection(self.host, timeout=60)) as line:
            line.request(method, path, body, all_headers)
            response = line.getresponse()
            response.read()
            return response

    def begin(self, size: int) -> str:
        """Begin a file; return its path."""
        response = self.ask("POST", "/uploads", {"Upload-Length": str(size)})
        assert response.status == 201, response.status
        return response.headers["Location"]

    def append(self, path: str, offset: int, size: int, body: Any) -> HTTPResponse:
        """Send a piece of a known size, of octets or of an iterable of them."""
        headers = {
            "Upload-Offset": str(offset),
            "Content-Type": PIECE_TYPE,
            "Content-Length": str(size),
        }
        return self.ask("PATCH", path, headers, body)

    def told(self, path: str) -> tuple[int, str]:
        """Return how much has come, and the handle once it is stored."""
        response = self.ask("HEAD", path, {})
        assert response.status == 200, response.status
        handle = response.headers.get("Upload-Handle", "")
        return int(response.headers["Upload-Offset"]), handle

    def memory(self, name: str) -> int:
        """Return resident octets: ``VmRSS`` now, ``VmHWM`` at most."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise LookupError(name)

    def forget_peak(self) -> None:
        """Let ``VmHWM`` begin again from now (proc(5), clear_refs)."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")


@contextmanager
def upload_server(folder: Path) -> Iterator[Server]:
    """Run a process over a folder while inside; it may be killed meanwhile."""
    command = [sys.executable, "-m", "tests.uploadserver", str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        try:
            assert address.startswith("http://127.0.0.1:"), address
            yield Server(process.pid, urlsplit(address).netloc)
        finally:
            process.kill()


def _settings(folder: Path) -> Settings:
    return Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings(),
        store=StoreSettings(url=f"sqlite:///{folder}/azbot.db", files=folder / "files"),
        web=WebSettings(port=0),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={"email": EmailSettings(address="support@sav.example")},
    )


async def _serve(folder: Path) -> None:
    async with opened(_settings(folder), environ={}, channels={}) as app:
        now = app.clock.now()

        def sign_in(uow: UnitOfWork) -> None:
            if uow.people.by_address(ADDRESS) is not None:
                return
            person = uow.people.add(NewPerson(PersonKind.AGENT, (ADDRESS,)))
            uow.accounts.put(Account(person.id, Role.AGENT, now))
            until = lives_until(now, now)
            key = secret_hash(SECRET)
            uow.sessions.add(Session(key, person.id, now, now, until))

        await app.store.write(sign_in)
        async with app.serving() as address:
            print(address, flush=True)  # noqa: T201 - what the caller waits for
            await asyncio.Event().wait()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    asyncio.run(_serve(Path(sys.argv[1])))
