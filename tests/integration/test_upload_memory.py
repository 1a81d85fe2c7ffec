"""Receiving a large file takes no memory to speak of (issue of the pages, abuse)."""

from __future__ import annotations

from pathlib import Path

from tests.uploading import film
from tests.uploadserver import upload_server

MEGABYTE = 1_000_000
MOST = 30 * MEGABYTE


def test_a_file_of_100_mb_takes_less_than_30_mb_of_memory(tmp_path: Path) -> None:
    head, block = film(MEGABYTE), b"\x5a" * MEGABYTE
    with upload_server(tmp_path) as server:
        warm = server.begin(MEGABYTE)
        server.append(warm, 0, MEGABYTE, head)
        server.forget_peak()
        idle = server.memory("VmRSS")
        path = server.begin(100 * MEGABYTE)
        body = (head if n == 0 else block for n in range(100))
        response = server.append(path, 0, 100 * MEGABYTE, body)
        assert response.headers["Upload-Handle"]
        # The same as a form without script sends it: whole, in one request.
        whole = server.ask(
            "POST",
            "/inbox/uploads?name=film.mp4",
            {"Content-Length": str(100 * MEGABYTE)},
            (head if n == 0 else block for n in range(100)),
        )
        assert whole.status == 201
        assert server.memory("VmHWM") - idle < MOST
