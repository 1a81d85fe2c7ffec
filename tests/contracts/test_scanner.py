"""What a virus scanner promises, by the real daemon and by its fake."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from azbot.clamd import Clamd
from azbot.ports import Scan, Scanner, Unscanned
from azbot.testing.clamd import fake_clamd
from tests.servers.clamd import EICAR

SOON = timedelta(milliseconds=200)


@pytest.fixture(params=["real", "fake"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Where a daemon listens that takes a megabyte."""
    if request.param == "real":
        yield request.getfixturevalue("clamd_socket")
        return
    async with fake_clamd() as daemon:
        daemon.largest = 1024 * 1024
        yield daemon.place


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece


@pytest.mark.parametrize("size", [0, 1, 700_000])
async def test_a_clean_file_is_clean(place: str, size: int) -> None:
    assert await Clamd(place).scan(pieces(os.urandom(size))) == Scan()


async def test_what_is_found_has_a_name(place: str) -> None:
    for content in ((EICAR,), (EICAR[:40], EICAR[40:])):
        scan = await Clamd(place).scan(pieces(*content))
        assert scan.found.startswith("Eicar-Test")
        assert not Clamd(place).may_pass(scan)


async def test_a_file_longer_than_the_daemon_takes_is_unchecked(place: str) -> None:
    content = [os.urandom(300_000) for _ in range(8)]
    scan = await Clamd(place).scan(pieces(*content))
    assert scan == Scan(is_checked=False)


@pytest.mark.parametrize("at", ["/nowhere/clamd.sock", "127.0.0.1:1"])
async def test_a_daemon_that_is_away_leaves_files_unchecked(at: str) -> None:
    scan = await Clamd(at).scan(pieces(b"bonjour"))
    assert scan == Scan(is_checked=False)
    assert Clamd(at).may_pass(scan)
    assert not Clamd(at, refuses_unchecked=True).may_pass(scan)


async def test_a_daemon_that_says_nothing_is_not_waited_for() -> None:
    async with fake_clamd() as daemon:
        daemon.is_mute = True
        scan = await Clamd(daemon.place, silent_for=SOON).scan(pieces(b"bonjour"))
        assert scan == Scan(is_checked=False)


async def test_without_a_scanner_everything_passes() -> None:
    scanner: Scanner = Unscanned()
    assert scanner.may_pass(await scanner.scan(pieces(EICAR)))
