"""A private ClamAV daemon that knows one signature: the test file of the trade."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from azbot.testing.patience import PATIENCE
from tests.servers.places import account, is_root, short_folder, wait_until

PACKAGES = "clamav-daemon"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""Harmless; every scanner finds it (eicar.org)."""

CONFIGURATION = """
LocalSocket {folder}/clamd.sock
LocalSocketMode 666
DatabaseDirectory {folder}/signatures
LogFile {folder}/log
Foreground yes
StreamMaxLength 1M
MaxThreads 2
ConcurrentDatabaseReload no
{user}
"""


@contextlib.contextmanager
def clamd(folder: Path) -> Iterator[str]:
    """Run the daemon while inside; gives the path of its socket."""
    program = shutil.which("clamd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        pytest.skip(f"no clamd: on Debian, apt-get install -y {PACKAGES}")
    signatures = folder / "signatures"
    signatures.mkdir()
    digest = hashlib.md5(EICAR, usedforsecurity=False).hexdigest()
    (signatures / "test.hdb").write_text(f"{digest}:{len(EICAR)}:Eicar-Test\n")
    user = account("nobody")
    if is_root():
        for path in (folder, signatures, signatures / "test.hdb"):
            shutil.chown(path, user.pw_uid, user.pw_gid)
    configuration = folder / "clamd.conf"
    line = f"User {user.pw_name}" if is_root() else ""
    configuration.write_text(CONFIGURATION.format(folder=folder, user=line))
    place = folder / "clamd.sock"
    with subprocess.Popen(
        [program, "--config-file", str(configuration)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_until(lambda: answers(place), "clamd")
            yield str(place)
        finally:
            process.terminate()


def answers(place: Path) -> bool:
    """Tell whether the daemon listens: its socket is there a moment sooner."""
    with socket.socket(socket.AF_UNIX) as line, contextlib.suppress(OSError):
        line.settimeout(PATIENCE)
        line.connect(str(place))
        line.sendall(b"zPING\0")
        return line.recv(5) == b"PONG\0"
    return False


@pytest.fixture(scope="module")
def clamd_socket() -> Iterator[str]:
    """A running daemon, for the tests of one module."""
    with short_folder("az-clamd-") as folder, clamd(folder) as socket:
        yield socket
