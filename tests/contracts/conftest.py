from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from azbot.clock import SystemClock
from azbot.testing.chat import LocalChat
from azbot.testing.mailbox import LocalMailbox
from azbot.testing.telegram import FakeTelegram, fake_telegram
from tests.contracts.services import (
    DESK,
    BotApi,
    ChatInProcess,
    ChatService,
    InProcess,
    PostOffice,
    RealServers,
    Service,
)
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink

LETTERS = ("email over servers", "email in process")
CHATS = ("telegram over a server", "chat in process")


@pytest.fixture
async def bot() -> AsyncIterator[FakeTelegram]:
    async with fake_telegram() as made:
        yield made


@pytest.fixture(params=LETTERS)
def letters(request: pytest.FixtureRequest) -> PostOffice:
    return a_post_office(request)


@pytest.fixture(params=CHATS)
def talks(request: pytest.FixtureRequest) -> ChatService:
    return a_chat_service(request)


@pytest.fixture(params=(*LETTERS, *CHATS))
def service(request: pytest.FixtureRequest) -> Service:
    is_letters = request.param in LETTERS
    return a_post_office(request) if is_letters else a_chat_service(request)


def a_post_office(request: pytest.FixtureRequest) -> PostOffice:
    if request.param == "email in process":
        return InProcess(LocalMailbox(DESK, SystemClock()))
    dovecot: Dovecot = request.getfixturevalue("dovecot")
    sink: SmtpSink = request.getfixturevalue("smtp_sink")
    return RealServers(dovecot, sink, dovecot.new_account())


def a_chat_service(request: pytest.FixtureRequest) -> ChatService:
    if request.param == "chat in process":
        return ChatInProcess(LocalChat(SystemClock()))
    return BotApi(request.getfixturevalue("bot"))
