"""An S3 of our own, over real HTTP: moto's server, started by the first that asks.

And one that says what it is told, for what moto never says.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr
from typing_extensions import override

from azbot.config import BucketSettings

ACCOUNT = "123456789012"


class S3:
    """A service on which tests may make buckets."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._numbers = itertools.count(1)

    def bucket(self, **keys: object) -> BucketSettings:
        """Make an empty bucket; return how one reaches it."""
        name = f"files-{next(self._numbers)}"
        self._backend().create_bucket(name, "us-east-1")
        return self.at(bucket=name, **keys)

    def at(self, **keys: object) -> BucketSettings:
        """Return settings that lead here."""
        given = {
            "endpoint": self.url,
            "access_key": "key-of-tests",
            "secret_key": SecretStr("secret-of-tests"),
            **keys,
        }
        return BucketSettings.model_validate(given)

    def names(self, settings: BucketSettings) -> list[str]:
        """Return the names of what is in a bucket."""
        return sorted(self._keys(settings))

    def uploads(self, settings: BucketSettings) -> int:
        """Return how many uploads in parts were begun and not ended."""
        return len(self._backend().buckets[settings.bucket].multiparts)

    def change(self, settings: BucketSettings, content: bytes) -> None:
        """Let every object hold something else."""
        for key in self._keys(settings).values():
            key.value = content

    def age(self, settings: BucketSettings, at: datetime) -> None:
        """Let everything in a bucket be as old as if it was stored then."""
        for key in self._keys(settings).values():
            key.last_modified = at.replace(tzinfo=None)

    def _keys(self, settings: BucketSettings) -> dict[str, Any]:
        found = self._backend().buckets[settings.bucket].keys
        return {name: found[name] for name in list(found)}

    def _backend(self) -> Any:
        from moto.backends import get_backend  # noqa: PLC0415 - takes two seconds

        return get_backend("s3")[ACCOUNT]["aws"]


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """A service, one for each process that runs tests."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - takes two seconds

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield S3(f"http://{host}:{port}")
    finally:
        server.stop()


class Grumbling:
    """An S3 that answers every request as it was told, and remembers each.

    Attributes:
        url: where it listens.
        asked: the method of each request.
    """

    def __init__(self, url: str, answers: Sequence[tuple[int, str]]) -> None:
        self.url = url
        self.asked: list[str] = []
        self._left = list(answers)

    def answer(self, method: str) -> tuple[int, str]:
        """Return status and body; what was said last is said again."""
        self.asked.append(method)
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]


@contextmanager
def grumbling(*answers: tuple[int, str]) -> Iterator[Grumbling]:
    """Run such a service while inside.

    Args:
        answers: status and body of each, as S3 writes them.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _say(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = service.answer(self.command)
            octets = b"" if self.command == "HEAD" else body.encode()
            self.send_response(status)
            self.send_header("ETag", '"0"')
            self.send_header("Last-Modified", "Mon, 02 Mar 2026 08:00:00 GMT")
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _say  # noqa: N815

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = Grumbling(f"http://127.0.0.1:{server.server_port}", answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def complaint(code: str, more: str = "") -> str:
    """Return an error as S3 writes it."""
    return f"<Error><Code>{code}</Code><Message>No.</Message>{more}</Error>"
