"""A part that fails for ten minutes is told to the administrator, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from azbot.alerts import Alerts
from azbot.errors import TemporaryFailure
from azbot.store import Store
from azbot.supervise import LoopHealth, LoopState, Supervisor
from azbot.testing.clock import FakeClock
from tests.maildesk import ADMIN, MailDesk, desk_by_mail


async def _fails() -> None:
    raise TemporaryFailure("the server does not answer")


async def test_a_mailbox_that_fails_for_ten_minutes_makes_one_mail(
    desk: MailDesk,
) -> None:
    supervisor = desk.app.supervisor
    async with asyncio.TaskGroup() as group:
        loop = group.create_task(supervisor.keep("receive.email", _fails))
        await desk.clock.advance(timedelta(minutes=9))
        await desk.settle()
        assert desk.mailbox.sent_to(ADMIN) == ()
        await desk.clock.advance(timedelta(minutes=2))
        await desk.settle()
        admin = desk.writer("Admin", ADMIN)
        (mail,) = admin.mails
        assert mail.kind == "alert"
        assert "relève des e-mails" in mail.subject
        assert "the server does not answer" in mail.text
        assert "azbot doctor" in mail.text
        await desk.clock.advance(timedelta(hours=3))
        await desk.settle()
        assert len(admin.mails) == 1
        loop.cancel()


async def test_two_processes_tell_the_same_failure_once(desk: MailDesk) -> None:
    now = desk.clock.now()
    ill = LoopHealth(
        "work.outbox", LoopState.WAITING, failing_since_at=now - timedelta(hours=1)
    )
    for _ in range(2):
        alerts = Alerts(desk.store, desk.app.desk, lambda: [ill])
        await alerts.step(now)
        assert await alerts.step(now) == 0
    await desk.settle()

    assert len(desk.mailbox.sent_to(ADMIN)) == 1


async def test_a_failure_that_comes_back_is_a_new_one(desk: MailDesk) -> None:
    now = desk.clock.now()
    states: list[LoopHealth] = []
    alerts = Alerts(desk.store, desk.app.desk, lambda: states)
    for hours in (5, 1):
        since = now - timedelta(hours=hours)
        states[:] = [
            LoopHealth("work.raw", LoopState.RECOVERING, failing_since_at=since)
        ]
        assert await alerts.step(now) == 1
    states[:] = [LoopHealth("work.raw", LoopState.RUNNING)]
    assert await alerts.step(now) == 0


async def test_what_has_given_up_is_told_at_once(desk: MailDesk) -> None:
    now = desk.clock.now()
    ill = LoopHealth("receive.telegram", LoopState.GIVEN_UP, failing_since_at=now)
    alerts = Alerts(desk.store, desk.app.desk, lambda: [ill])

    assert await alerts.step(now) == 1
    assert await alerts.step(now) == 0


@pytest.mark.parametrize("name", ["receive.telegram", "work.timers", "anything"])
async def test_every_loop_has_words(desk: MailDesk, name: str) -> None:
    now = desk.clock.now()
    ill = LoopHealth(
        name,
        LoopState.WAITING,
        failing_since_at=now - timedelta(minutes=11),
        last_error="disk full",
    )
    await Alerts(desk.store, desk.app.desk, lambda: [ill]).step(now)
    await desk.settle()

    (letter,) = desk.writer("Admin", ADMIN).mails
    assert "disk full" in letter.text


async def test_without_an_administrator_the_desk_is_alerted_but_never_azbot_itself(
    sqlite_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    desk = await desk_by_mail(
        sqlite_store, clock, tmp_path, admin="", desk="support@sav.example"
    )
    now = clock.now()
    ill = LoopHealth(
        "work.outbox", LoopState.WAITING, failing_since_at=now - timedelta(hours=1)
    )
    await Alerts(desk.store, desk.app.desk, lambda: [ill]).step(now)
    desk.client.write("Une panne à Lyon.")
    await desk.settle()

    assert desk.mailbox.sent_to("support@sav.example") == ()
    assert isinstance(desk.app.supervisor, Supervisor)
