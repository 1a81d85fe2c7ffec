"""What the tests over real servers share beside the suite's own fixtures."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from azbot.store import Store
from azbot.testing.clock import FakeClock
from tests.webdesk import Web, running


@pytest.fixture
async def web(sqlite_store: Store, clock: FakeClock) -> AsyncIterator[Web]:
    """The whole web over a real store, with a token of each role."""
    async with running(sqlite_store, clock) as served:
        yield served
