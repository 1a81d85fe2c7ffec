"""Ports, folders and accounts for private servers."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from azbot.testing.patience import PATIENCE

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a port that nobody listens on now.

    Only for servers that cannot be given port 0; a stranger may take it meanwhile,
    so starting must be tried again.
    """
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def short_folder(prefix: str) -> Iterator[Path]:
    """Give a new folder that every account may enter, and remove it.

    Its name is short, because the path of a Unix socket has at most 107 octets,
    and it lies outside root's closed folders, because servers give up root's
    rights.
    """
    base = "/tmp" if Path("/tmp").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_root() -> bool:
    """Tell whether we have rights that servers refuse to run with."""
    return os.geteuid() == 0


def account(when_root: str) -> pwd.struct_passwd:
    """Return the account a server runs as: ours, or a humble one for root."""
    return pwd.getpwnam(when_root) if is_root() else pwd.getpwuid(os.geteuid())


def wait_until(ready: Callable[[], bool], what: str, within: float = PATIENCE) -> None:
    """Return once a server that another process runs is ready.

    Raises:
        TimeoutError: it was not, within so many seconds.
    """
    deadline = time.monotonic() + within
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} within {within} s")
        time.sleep(0.02)
