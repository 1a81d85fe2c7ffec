"""Keeps tests on this machine: a connection elsewhere fails its test."""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

# Each event of the interpreter, and where its arguments hold the address.
_WATCHED = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
}
_LOCAL_NAMES = {"", "localhost", "localhost.localdomain", socket.gethostname().lower()}
_attempts: list[str] = []
_installed: list[bool] = []


class OutsideConnectionError(RuntimeError):
    """A test tried to reach another machine."""


def is_outside(address: object) -> bool:
    """Tell whether an address, as sockets take it, is of another machine."""
    if isinstance(address, tuple):
        address = address[0] if address else None
    if isinstance(address, bytes):
        address = address.decode("ascii", "replace")
    if not isinstance(address, str) or address.startswith(("/", "\0")):
        return False
    if address.lower() in _LOCAL_NAMES:
        return False
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    return not (ip.is_loopback or ip.is_unspecified)


def pytest_configure() -> None:
    """Refuse outside connections from now on, in this process.

    An audit hook sees every socket of every library, needs no patching, and
    cannot be removed.
    """
    if _installed:
        return

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        position = _WATCHED.get(event)
        if position is None or not is_outside(arguments[position]):
            return
        _attempts.append(f"{event} {arguments[position]!r}")
        raise OutsideConnectionError(_attempts[-1])

    sys.addaudithook(refuse)
    _installed.append(True)


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    """Fail the test that tried to leave, even when its code hid the refusal."""
    _attempts.clear()
    yield
    if _attempts:
        attempts = "; ".join(_attempts)
        _attempts.clear()
        pytest.fail(f"tried to leave this machine: {attempts}")
