"""A wire between a browser and azbot that can be cut and mended.

Chromium's own « offline » leaves connections alone that are already open: the live
link would not notice it at all.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_PIECE = 65536


class Wire:
    """Passes octets on, as long as it is whole.

    Args:
        target: address of azbot, ``http://127.0.0.1:…``.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_whole = True
        self._swallows: set[socket.socket] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def address(self) -> str:
        """Where the browser finds azbot through this wire."""
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def cut(self) -> None:
        """End every connection; further ones end at once."""
        self._is_whole = False
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def deaden(self) -> None:
        """Swallow what comes on connections that are open now, without a word."""
        with self._lock:
            self._swallows |= self._ends

    def mend(self) -> None:
        """Let connections through again."""
        self._is_whole = True

    def close(self) -> None:
        """Let go of everything."""
        self.cut()
        self._door.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                if not self._is_whole:
                    near.close()
                    continue
                far = socket.create_connection(self._target)
                with self._lock:
                    self._ends |= {near, far}
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._copy, args=ends, daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError), source:
            while piece := source.recv(_PIECE):
                if source not in self._swallows:
                    sink.sendall(piece)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire(target: str) -> Iterator[Wire]:
    """Lay a wire; it is taken away at the end."""
    laid = Wire(target)
    try:
        yield laid
    finally:
        laid.close()
