"""A server, the real library as its client, and somebody with a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from azbot.testing.clock import FakeClock
from azbot.testing.telegram import FakeTelegram, Person, fake_telegram
from tests.servers.telegram import library


@pytest.fixture(autouse=True)
def durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library warns of numbers where it will have durations one day."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def server(clock: FakeClock) -> AsyncIterator[FakeTelegram]:
    async with fake_telegram(clock) as server:
        yield server


@pytest.fixture
async def bot(server: FakeTelegram) -> AsyncIterator[Bot]:
    async with library(server) as bot:
        yield bot


@pytest.fixture
def sophie(server: FakeTelegram) -> Person:
    sophie = server.user(first_name="Sophie", language_code="fr")
    sophie.start()
    return sophie
