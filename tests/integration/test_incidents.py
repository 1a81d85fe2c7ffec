"""An error nobody foresaw: a code for whoever met it, and all about it behind it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest
import structlog
from typing_extensions import override

from azbot.health.incidents import (
    PREFIX,
    new_code,
    read_code,
    recent,
    report,
    report_again,
)
from azbot.health.supervise import Supervisor
from azbot.logs import set_up
from azbot.messages import Inbound
from azbot.screens import words_of
from azbot.store import RawState, Store
from azbot.testing.chat import LocalChat
from azbot.testing.clock import FakeClock
from tests.chatdesk import desk_by_chat
from tests.webdesk import running

SECRET = "secret path /etc/azbot"


class Broken(Supervisor):
    @override
    def health(self) -> NoReturn:
        raise RuntimeError(SECRET)


class Clumsy(LocalChat):
    """A service whose files cannot be thought of."""

    @override
    async def fetch(self, inbound: Inbound) -> Inbound:
        raise RuntimeError(SECRET)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    set_up("info", "json", stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "transmettez le code"), ("en", "pass the code"), ("es", "comunique")],
)
async def test_a_page_that_fails_shows_a_code_which_the_log_and_the_store_have(
    sqlite_store: Store,
    clock: FakeClock,
    log: io.StringIO,
    language: str,
    said: str,
) -> None:
    async with running(sqlite_store, clock, loops=Broken(clock)) as web:
        headers = {**await web.sign_in("admin"), "Accept-Language": language}
        response = await web.client.get("/admin", headers=headers)
        page = await response.text()
    kept = recent(await sqlite_store.views.settings_below(PREFIX))

    assert response.status == 500
    (it,) = kept
    assert said in page
    assert it.code in page
    assert SECRET not in page
    assert "Traceback" not in page
    assert it.event == "http.crashed"
    assert it.facts == {"method": "GET", "route": "/admin"}
    assert it.failure == "RuntimeError"
    assert any(place.startswith("azbot/health/vitals.py") for place in it.where)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (crash,) = (line for line in lines if line["event"] == "http.crashed")
    assert (crash["incident"], crash["level"]) == (it.code, "error")


async def test_a_program_reads_the_code_too(
    sqlite_store: Store, clock: FakeClock
) -> None:
    async with running(sqlite_store, clock, loops=Broken(clock)) as web:
        response = await web.call("GET", "/health")
        found = await response.json(content_type=None)
    assert read_code(found["incident"]) == found["incident"]
    assert found["incident"] in found["detail"]


async def test_whoever_chats_is_answered_with_the_code(
    sqlite_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    chat = Clumsy(clock)
    desk = await desk_by_chat(sqlite_store, clock, tmp_path, chat)
    jo = desk.stranger("900", "en")
    jo.says("Bonjour")
    await desk.settle()
    kept = recent(await sqlite_store.views.settings_below(PREFIX))
    (entry,) = await sqlite_store.views.ledger()

    (it,) = kept
    assert entry.outcome.state is RawState.QUARANTINED
    assert entry.outcome.detail == f"{it.code} RuntimeError"
    assert f"(code {it.code})" in words_of(jo.last.screen)
    assert "Something went wrong on our side" in words_of(jo.last.screen)


async def test_an_act_that_cannot_be_brought_has_a_code_too(
    sqlite_store: Store, clock: FakeClock, log: io.StringIO, tmp_path: Path
) -> None:
    desk = await desk_by_chat(sqlite_store, clock, tmp_path)
    jo = desk.stranger("900", "en")
    desk.chat.person("900").failures = [RuntimeError(SECRET)]
    jo.says("Bonjour")
    await desk.settle()
    (it,) = recent(await sqlite_store.views.settings_below(PREFIX))

    assert (it.event, it.failure) == ("chat.broken_channel", "RuntimeError")
    assert int(it.facts["delivery"]) > 0
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["incident"] for line in lines if line["level"] == "error"] == [it.code]
    assert SECRET not in log.getvalue()


async def test_what_comes_back_by_itself_keeps_its_code(
    sqlite_store: Store, clock: FakeClock
) -> None:
    async def failed(**facts: object) -> str:
        await clock.advance(timedelta(minutes=1))
        now = clock.now()
        error = ValueError(SECRET)
        return await report_again(sqlite_store, "timer.failed", error, now, **facts)

    codes = [await failed(assistance=number) for number in (1, 1, 2)]
    kept = recent(await sqlite_store.views.settings_below(PREFIX))
    assert codes == [kept[1].code, kept[1].code, kept[0].code]
    assert all(read_code(code) == code for code in codes)


async def test_the_newest_hundred_are_kept(
    sqlite_store: Store, clock: FakeClock
) -> None:
    codes = []
    for _ in range(102):
        await clock.advance(timedelta(seconds=1))
        error = ValueError(SECRET)
        codes.append(
            await report(sqlite_store, "timer.failed", error, clock.now(), kind="x")
        )
    kept = recent(await sqlite_store.views.settings_below(PREFIX))
    assert [one.code for one in kept] == codes[:1:-1]


async def test_where_the_store_is_away_the_log_has_it(
    sqlite_store: Store, clock: FakeClock, log: io.StringIO
) -> None:
    await sqlite_store.aclose()
    code = await report(sqlite_store, "http.crashed", ValueError(), clock.now())
    assert log.getvalue().count(code) == 2


def test_a_code_is_read_as_people_type_it() -> None:
    code = new_code()
    assert read_code(code) == code
    assert read_code(f" {code.lower().replace('-', ' ')} ") == code
    assert read_code("O1IL-2345") == "0111-2345"
    for wrong in ("", "K7Q2", "K7Q2-M9XU", "K7Q2-M9XDA"):
        assert read_code(wrong) == ""
