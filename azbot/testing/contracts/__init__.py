"""What every channel promises, as tests that any package can run.

Three suites: ``ChannelContract`` for whatever receives, ``LetterboxContract`` and
``ChatContract`` for what also sends. azbot's own channels pass the very same ones. A
channel of another package takes its suite in four lines::

    class TestFolder(ChatContract):
        @pytest.fixture
        def service(self, tmp_path: Path) -> FolderService:
            return FolderService(tmp_path)

The fixture gives the other end: the service with its people, real or a stand-in, as
the Protocol of the suite describes it (``Service``, ``PostOffice``, ``ChatService``).
What a service cannot do at all is skipped by its end, with the reason, in
``pytest.skip``. Needs pytest and pytest-asyncio: ``azbot[testing]``.
"""

from __future__ import annotations

import pytest

# Before they are imported: a failed assertion then says what was compared.
pytest.register_assert_rewrite(
    "azbot.testing.contracts.channel",
    "azbot.testing.contracts.chat",
    "azbot.testing.contracts.letterbox",
)

from azbot.testing.contracts.channel import ChannelContract
from azbot.testing.contracts.chat import ChatContract
from azbot.testing.contracts.ends import (
    ChatService,
    PostOffice,
    Seen,
    Service,
    running,
)
from azbot.testing.contracts.letterbox import LetterboxContract

__all__ = [
    "ChannelContract",
    "ChatContract",
    "ChatService",
    "LetterboxContract",
    "PostOffice",
    "Seen",
    "Service",
    "running",
]
