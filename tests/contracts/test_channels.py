"""Our own channels keep what any channel promises, on real servers and in process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from azbot.clock import SystemClock
from azbot.testing.chat import LocalChat
from azbot.testing.contracts import (
    ChatContract,
    ChatService,
    LetterboxContract,
    PostOffice,
)
from azbot.testing.contracts.ends import DESK
from azbot.testing.mailbox import LocalMailbox
from azbot.testing.telegram import fake_telegram
from tests.contracts.ends import BotApi, ChatInProcess, InProcess, RealServers
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink


class TestEmailOverServers(LetterboxContract):
    @pytest.fixture
    def service(self, dovecot: Dovecot, smtp_sink: SmtpSink) -> PostOffice:
        return RealServers(dovecot, smtp_sink, dovecot.new_account())


class TestEmailInProcess(LetterboxContract):
    @pytest.fixture
    def service(self) -> PostOffice:
        return InProcess(LocalMailbox(DESK, SystemClock()))


class TestTelegramOverAServer(ChatContract):
    @pytest.fixture
    async def service(self) -> AsyncIterator[ChatService]:
        async with fake_telegram() as bot:
            yield BotApi(bot)


class TestChatInProcess(ChatContract):
    @pytest.fixture
    def service(self) -> ChatService:
        return ChatInProcess(LocalChat(SystemClock()))
