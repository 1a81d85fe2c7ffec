"""What the tests over real servers share beside the suite's own fixtures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from azbot.store import Store
from azbot.testing.clock import FakeClock
from tests.maildesk import MailDesk, desk_by_mail
from tests.webdesk import Web, running


@pytest.fixture
async def web(sqlite_store: Store, clock: FakeClock) -> AsyncIterator[Web]:
    """The whole web over a real store, with a token of each role."""
    async with running(sqlite_store, clock) as served:
        yield served


@pytest.fixture
async def desk(sqlite_store: Store, clock: FakeClock, tmp_path: Path) -> MailDesk:
    """The desk over a mailbox of this process; its matter is not the database."""
    return await desk_by_mail(sqlite_store, clock, tmp_path)


@pytest.fixture
async def each_desk(store: Store, clock: FakeClock, tmp_path: Path) -> MailDesk:
    """The same desk on each database."""
    return await desk_by_mail(store, clock, tmp_path)
