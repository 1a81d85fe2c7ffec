"""azbot with a chat, in memory and with a clock that stands still."""

from __future__ import annotations

from pathlib import Path

import pytest

from azbot.store import Store
from azbot.testing.clock import FakeClock
from tests.chatdesk import ChatDesk, desk_by_chat


@pytest.fixture
async def desk(store: Store, clock: FakeClock, tmp_path: Path) -> ChatDesk:
    return await desk_by_chat(store, clock, tmp_path)
