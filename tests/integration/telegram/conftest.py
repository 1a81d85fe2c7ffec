from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from azbot.channels.telegram.bot import Client
from azbot.channels.telegram.settings import TelegramSettings
from azbot.testing.clock import FakeClock
from azbot.testing.telegram import FakeTelegram, Person, fake_telegram


@pytest.fixture
async def bot(clock: FakeClock) -> AsyncIterator[FakeTelegram]:
    async with fake_telegram(clock) as made:
        yield made


@pytest.fixture
def jo(bot: FakeTelegram) -> Person:
    made = bot.user(501, "Jo")
    made.chat.door = "open"
    return made


@pytest.fixture
def settings(bot: FakeTelegram) -> TelegramSettings:
    return TelegramSettings(token_env="BOT_TOKEN", api_base_url=bot.address)


@pytest.fixture
async def client(
    bot: FakeTelegram, settings: TelegramSettings
) -> AsyncIterator[Client]:
    made = Client(settings, bot.token)
    yield made
    await made.aclose()
