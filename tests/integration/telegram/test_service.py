"""The whole service on a Bot API server: it answers, it waits, it tells no secret."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr
from telegram import Bot

from azbot.app import App, opened
from azbot.channels.email.settings import EmailSettings
from azbot.channels.telegram.settings import TelegramSettings
from azbot.channels.telegram.webhook import HEADER, secret_of
from azbot.channels.web.server import build_app
from azbot.channels.web.settings import OWN_PLACES
from azbot.clock import SystemClock
from azbot.config import (
    RetentionSettings,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)
from azbot.delivery.alerts import OPEN
from azbot.errors import ConfigError
from azbot.health.supervise import LoopHealth, LoopState
from azbot.screens import Post, Say, Screen
from azbot.store.records import RawState
from azbot.testing.patience import PATIENCE
from azbot.testing.telegram import TOKEN, FakeTelegram, Person, fake_telegram
from azbot.testing.telegram.faults import broken, cut, second_poller
from tests.logbook import logbook

ADMIN = "admin@sav.example"


@pytest.fixture
async def bot() -> AsyncIterator[FakeTelegram]:
    """As the others have it, with the time of day: whole processes run here."""
    async with fake_telegram(SystemClock()) as made:
        yield made


def settings_for(folder: Path, telegram: TelegramSettings) -> Settings:
    return Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings(admin=ADMIN),
        store=StoreSettings(
            url=f"sqlite:///{folder}/azbot.db",
            files=folder / "files",
            synchronous="NORMAL",
        ),
        web=WebSettings(port=0, public_url="https://sav.example"),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={
            "email": EmailSettings(address="support@sav.example"),
            "telegram": telegram,
        },
    )


@asynccontextmanager
async def running(
    folder: Path, bot: FakeTelegram, token: str = TOKEN, **telegram: str
) -> AsyncIterator[App]:
    """Run everything until the end of the block; e-mail is this process's own."""
    chosen = TelegramSettings.model_validate(
        {"token": SecretStr(token), "api_base_url": bot.address, **telegram}
    )
    settings = settings_for(folder, chosen)
    async with (
        opened(settings, environ={}, channels={}) as app,
        asyncio.TaskGroup() as group,
    ):
        task = group.create_task(app.run())
        yield app
        task.cancel()


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await look():  # noqa: ASYNC110 - nothing rings when a loop fails
            await asyncio.sleep(0.02)


def receiving(app: App) -> LoopHealth:
    [health] = (h for h in app.supervisor.health() if h.name == "receive.telegram")
    return health


async def test_who_writes_is_answered(
    tmp_path: Path, bot: FakeTelegram, jo: Person
) -> None:
    async with running(tmp_path, bot) as app:
        jo.start()
        message = await jo.sees_text("")

        assert message.is_from_bot
        link = app.connected.chats["telegram"].link("abc")
        assert link.endswith("azbot_bot?start=abc")
        assert receiving(app).is_well


async def test_a_stranger_sees_commands_before_saying_anything(
    tmp_path: Path, bot: FakeTelegram, jo: Person
) -> None:
    """In each language; what another release offered is replaced, once."""
    async with Bot(TOKEN, base_url=f"{bot.address}/bot") as there:
        await there.set_my_commands([("ancienne", "D’avant")], language_code="fr")
        async with running(tmp_path, bot):
            jo.start()
            await jo.sees_text("")
        shown = [
            [one.command for one in await there.get_my_commands(language_code=language)]
            for language in (None, "fr", "en", "es")
        ]
    assert shown == [
        ["new", "link", "help", "stop"],
        ["nouvelle", "relier", "aide", "stop"],
        ["new", "link", "help", "stop"],
        ["nueva", "vincular", "ayuda", "stop"],
    ]
    sent = menus_sent(bot)
    async with running(tmp_path, bot):
        news = len(bot.called("getUpdates"))
        await bot.until(lambda: len(bot.called("getUpdates")) > news)
    assert menus_sent(bot) == sent


def menus_sent(bot: FakeTelegram) -> int:
    """Return how often commands were sent that belong to no chat."""
    return sum(not call.text("scope") for call in bot.called("setMyCommands"))


async def test_each_press_is_answered_at_once(
    tmp_path: Path, bot: FakeTelegram, jo: Person
) -> None:
    """G3: also one that no room knows."""
    async with running(tmp_path, bot):
        jo.start()
        message = await jo.sees_text("")
        press = jo.forges("nothing.9.approve", message)

        assert (await press.answered()).text


async def test_poison_is_set_aside_and_the_chat_goes_on(
    tmp_path: Path, bot: FakeTelegram, jo: Person
) -> None:
    """Test 2."""
    bot.updates.poison(501)
    jo.start()
    async with running(tmp_path, bot) as app:
        await jo.sees_text("")
        entries = await app.store.views.ledger()

    states = {entry.outcome.state for entry in entries}
    assert states == {RawState.QUARANTINED, RawState.APPLIED}


async def test_a_group_is_answered_in_the_group_and_only_when_it_speaks_to_us(
    tmp_path: Path, bot: FakeTelegram, jo: Person
) -> None:
    async with running(tmp_path, bot) as app:
        group = bot.group(jo)
        await group.sees_text("")
        jo.says("bonjour à tous", where=group)
        jo.says("/start", where=group)
        await bot.until(lambda: len(group.with_text("")) == 2)
        group.throws_out(jo)
        jo.start()
        await jo.sees_text("")
        account = await app.store.write(lambda uow: uow.chats.get("telegram", "501"))

    assert account is not None
    assert account.chat == "501"
    assert len(group.with_text("")) == 2


async def test_telegram_down_at_the_start_stops_neither_web_nor_mail(
    tmp_path: Path, bot: FakeTelegram, jo: Person
) -> None:
    """G12: it is asked again, and catches up."""
    bot.faults.add(broken(502), "getMe", times=2)
    jo.start()
    async with running(tmp_path, bot) as app, app.serving() as address:
        async with ClientSession() as session:
            async with session.get(f"{address}/readyz") as answer:
                assert answer.status == 200
            await until(lambda: is_state(app, LoopState.WAITING))
            async with session.get(f"{address}/readyz") as answer:
                health = await answer.json()
        await jo.sees_text("")

    assert health["status"] == "degraded"
    [loop] = (one for one in health["loops"] if one["name"] == "receive.telegram")
    assert loop["state"] == "waiting"
    assert loop["last_error"] == ""


async def is_state(app: App, state: LoopState) -> bool:
    health = [h for h in app.supervisor.health() if h.name == "receive.telegram"]
    return bool(health) and health[0].state is state


async def test_a_refused_token_is_told_at_once_and_not_tried_again(
    tmp_path: Path, bot: FakeTelegram
) -> None:
    async with running(tmp_path, bot, token="1:wrong") as app:
        await until(lambda: is_state(app, LoopState.GIVEN_UP))
        # The service watches itself, too: whoever is first tells it, once.
        await app.alerts.step(SystemClock().now())
        told = await app.store.views.settings_below(OPEN)
        asked = len(bot.calls)
        health = receiving(app)

    assert list(told) == ["telegram"]
    assert "refused" in health.last_error
    assert "wrong" not in health.last_error
    assert asked == len(bot.calls)


async def test_a_second_poller_is_backed_off_from(
    tmp_path: Path, bot: FakeTelegram, jo: Person
) -> None:
    """Test 17."""
    bot.faults.add(second_poller(), "getUpdates", times=2)
    jo.start()
    async with running(tmp_path, bot) as app:
        await until(lambda: is_state(app, LoopState.WAITING))
        health = receiving(app)
        await jo.sees_text("")

    assert "another program" in health.last_error


async def test_the_web_takes_what_telegram_brings(
    tmp_path: Path, bot: FakeTelegram, jo: Person
) -> None:
    """Test 3, through the whole web."""
    how = {"receiver": "webhook", "webhook_path": "/hook"}
    async with running(tmp_path, bot, **how) as app, app.serving() as address:
        await bot.until(lambda: bot.webhook.url)
        # The address is nobody's: this test brings what Telegram would.
        bot.faults.add(broken(502), "webhook", times=10_000)
        jo.start()
        update = json.dumps(bot.updates.waiting[-1])
        statuses = []
        async with ClientSession() as session:
            for secret in ("wrong", secret_of(TOKEN), secret_of(TOKEN)):
                headers = {HEADER: secret, "Content-Type": "application/json"}
                async with session.post(
                    f"{address}/hook", data=update, headers=headers
                ) as answer:
                    statuses.append(answer.status)
        await jo.sees_text("")
        entries = await app.store.views.ledger()

    assert statuses == [401, 200, 200]
    assert len(entries) == 1
    assert bot.webhook.url == "https://sav.example/hook"
    assert TOKEN not in bot.webhook.url


async def test_a_webhook_without_https_is_refused_before_anything_runs(
    tmp_path: Path,
) -> None:
    chosen = TelegramSettings(token=SecretStr(TOKEN), receiver="webhook")
    settings = settings_for(tmp_path, chosen)
    web = settings.web.model_copy(update={"public_url": "http://sav.example"})
    with pytest.raises(ConfigError) as caught:
        async with opened(replace(settings, web=web), environ={}):
            pass

    [problem] = caught.value.problems
    assert (problem.path, problem.code) == ("telegram.receiver", "webhook_needs_https")


async def test_a_webhook_at_the_address_of_a_page_is_refused(tmp_path: Path) -> None:
    chosen = TelegramSettings(
        token=SecretStr(TOKEN), receiver="webhook", webhook_path="/portal/bot"
    )
    with pytest.raises(ConfigError) as caught:
        async with opened(settings_for(tmp_path, chosen), environ={}):
            pass

    [problem] = caught.value.problems
    assert (problem.path, problem.code) == (
        "telegram.webhook_path",
        "webhook_path_taken",
    )


async def test_every_page_of_ours_is_where_no_webhook_may_be(
    tmp_path: Path, bot: FakeTelegram
) -> None:
    settings = settings_for(tmp_path, TelegramSettings())
    async with opened(settings, environ={}, channels={}) as app:
        routes = build_app(app.web()).router.resources()
        begin = {each.canonical.split("/")[1] for each in routes}
    # Where what stays inside is read: there is one only while everything does.
    assert begin == OWN_PLACES - {"trial"}


async def test_the_token_of_another_bot_is_refused_where_one_has_spoken(
    tmp_path: Path, bot: FakeTelegram, jo: Person
) -> None:
    """Messages are named by chat and number, and each bot counts from one."""
    async with running(tmp_path, bot):
        jo.start()
        await jo.sees_text("")
    other = bot.beside("4242:another-token-of-a-bot-that-shares-nothing")
    async with running(tmp_path, bot, other.token) as app:
        await until(lambda: given_up(app))
        assert "4242" in receiving(app).last_error
        assert not other.called("getUpdates")


async def given_up(app: App) -> bool:
    loops = app.supervisor.health()
    return any(
        h.name == "receive.telegram" and h.state is LoopState.GIVEN_UP for h in loops
    )


async def test_g12_a_service_that_takes_no_messages_is_told_while_it_brings_some(
    tmp_path: Path, bot: FakeTelegram, jo: Person
) -> None:
    """By webhook Telegram may find us while we do not find Telegram."""
    bot.faults.add(broken(), "sendMessage", times=50)
    async with running(tmp_path, bot) as app:
        jo.start()
        await until(lambda: sending_fails(app))
        assert receiving(app).is_well
        [sending] = (h for h in app.supervisor.health() if h.name == "send.telegram")
        assert sending.failing_since_at is not None


async def sending_fails(app: App) -> bool:
    return any(
        h.name == "send.telegram" and not h.is_well for h in app.supervisor.health()
    )


# --- no secret in any log ---------------------------------------------------------


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Every line of this process, our own and the libraries'."""
    with logbook() as lines:
        yield lines


async def test_no_token_no_file_address_and_no_words_of_anybody_in_any_log(
    tmp_path: Path, bot: FakeTelegram, log: io.StringIO
) -> None:
    """Test 20: a whole run, with all that can go wrong in it."""
    sophie = bot.user(777_123, "Sophie-Anne", last_name="Zwingelstein", phone="33699")
    for fault in (broken(502), cut(), second_poller()):
        bot.faults.add(fault, "getUpdates")
    bot.faults.add(broken(502), "getFile")
    bot.faults.add(cut(), "sendMessage")
    async with running(tmp_path, bot) as app, app.serving() as address:
        sophie.start()
        sophie.says("le code de la porte est 4512B")
        sophie.sends_document(b"%PDF-1.4", "plan-confidentiel.pdf")
        sophie.shares_contact()
        bot.updates.poison(777_123)
        await sophie.sees_text("")
        chat = app.connected.chats["telegram"]
        await chat.post(Post(str(sophie.id), Say(Screen("réponse-confidentielle"))))
        async with ClientSession() as session:
            await session.post(f"{address}/telegram", data=b"{}")
        await until(lambda: nothing_waits(app))
    async with running(tmp_path, bot, token="110201543:another-secret-token") as app:
        await until(lambda: is_state(app, LoopState.GIVEN_UP))

    said = log.getvalue()
    assert "loop.failed" in said
    assert "intake.done" in said
    assert bot.called("getFile")
    secrets = (TOKEN, TOKEN.partition(":")[2], "another-secret-token", "/file/bot")
    words = ("4512B", "confidentiel", "Zwingelstein", "Sophie-Anne", "33699")
    for word in (*secrets, *words):
        assert word not in said


async def nothing_waits(app: App) -> bool:
    entries = await app.store.views.ledger()
    return all(entry.outcome.state is not RawState.RECEIVED for entry in entries)
