"""Killed while it receives, azbot has what it had, and the rest follows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from tests.uploading import film
from tests.uploadserver import Server, upload_server

FILM = film(3_000_000)
PIECE = 1_000_000


def stored(folder: Path) -> bytes:
    """What lies in the store, under the name of what was sent."""
    name = hashlib.sha256(FILM).hexdigest()
    return (folder / "files" / name[:2] / name).read_bytes()


def killed_within_a_piece(server: Server, path: str, offset: int) -> None:
    """Send most of a piece, see that it is on the disk, and kill."""

    def most() -> Iterator[bytes]:
        yield FILM[offset : offset + PIECE // 2]
        # The next octets leave when those before them have been taken.
        yield FILM[offset + PIECE // 2 : offset + PIECE - 1]
        server.kill()

    with suppress(OSError, HTTPException):
        server.append(path, offset, PIECE, most())


def test_a_file_survives_a_process_that_is_killed_within_its_pieces(
    tmp_path: Path,
) -> None:
    with upload_server(tmp_path) as server:
        path = server.begin(len(FILM))
        server.append(path, 0, PIECE, FILM[:PIECE])
        killed_within_a_piece(server, path, PIECE)
    partial = tmp_path / "files" / "partial" / path.rpartition("/")[2]
    assert partial.read_bytes() == FILM[: partial.stat().st_size]
    with upload_server(tmp_path) as server:
        offset, _ = server.told(path)
        assert offset == partial.stat().st_size >= PIECE
        rest = FILM[offset:]
        response = server.append(path, offset, len(rest), rest)
        handle = response.headers["Upload-Handle"]
        assert handle
        assert server.told(path) == (len(FILM), handle)
    assert stored(tmp_path) == FILM
    assert not any((tmp_path / "files" / "partial").iterdir())
