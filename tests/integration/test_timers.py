"""What falls due fires once, at its time, whatever happens to the others."""

from __future__ import annotations

from datetime import timedelta

from azbot.health.incidents import PREFIX, recent
from azbot.store import UnitOfWork
from azbot.store.restored import RESTORED_AT, SET_ASIDE
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.deadlines import TimerKind
from azbot.workflow.decision import Timer
from azbot.workflow.model import AssistanceId, Status
from tests.maildesk import CLIENT, COMPLETE, MailDesk


async def live(desk: MailDesk, number: int = 1) -> list[Timer]:
    key = AssistanceId(number)
    return list(await desk.store.write(lambda uow: uow.timers.of(key)))


async def fires(desk: MailDesk, kind: TimerKind) -> Timer:
    """Wait for a timer of this kind and let it fire, and no instant earlier."""
    for _ in range(20):
        timers = await live(desk)
        due = next((t for t in timers if t.kind == kind.value), None)
        assert timers, f"no timer leads to {kind}"
        if due is None or due != timers[0]:
            await desk.clock.advance_to(timers[0].due_at)
            await desk.settle()
            continue
        before = len(await desk.events())
        await desk.clock.advance_to(due.due_at - timedelta(seconds=1))
        await desk.settle()
        assert len(await desk.events()) == before
        await desk.clock.advance_to(due.due_at)
        await desk.settle()
        after = len(await desk.events())
        assert after > before
        await desk.settle()
        assert len(await desk.events()) == after, "it fires once"
        return due
    raise AssertionError(f"{kind} never came first")


async def test_a_client_is_reminded_then_an_agent_decides(each_desk: MailDesk) -> None:
    desk = each_desk
    await desk.submitted()
    await desk.act(c.AskComplement("Votre bon de commande ?", ("order_proof",)))
    await fires(desk, TimerKind.REMIND_CLIENT)
    assert desk.client.last.kind == "complement_reminder"
    await fires(desk, TimerKind.CLIENT_SILENT)
    assert any(isinstance(x, e.AgentNeeded) for x in await desk.events())


async def test_an_incomplete_request_is_reminded_twice_and_not_more(
    desk: MailDesk,
) -> None:
    desk.client.write(COMPLETE)
    await desk.settle()
    for _ in range(30):
        await desk.later(days=1)

    assert desk.client.kinds.count("incomplete") == 3


async def test_a_station_is_reminded_then_the_desk_told(each_desk: MailDesk) -> None:
    desk = each_desk
    await desk.assigned()
    await fires(desk, TimerKind.REMIND_STATION)
    assert desk.station.last.kind == "mission_reminder"
    told = len(desk.readers.mails)
    await fires(desk, TimerKind.STATION_SILENT)
    assert len(desk.readers.mails) == told + 1


async def test_a_visit_is_announced_the_day_before_and_in_the_morning(
    desk: MailDesk,
) -> None:
    await desk.planned()
    due = await fires(desk, TimerKind.DAY_BEFORE)
    assert desk.client.last.kind == "tomorrow"
    assert due.due_at.isoformat() == "2026-03-03T15:00:00+00:00"
    await fires(desk, TimerKind.MORNING)
    assert desk.station.last.kind == "today"


async def test_the_closing_question_is_asked_again_then_silence_closes(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    await desk.done()
    await fires(desk, TimerKind.REMIND_CLOSING)
    assert desk.client.kinds.count("finished") == 2
    await fires(desk, TimerKind.CLOSE)
    assert (await desk.it()).status is Status.CLOSED
    assert await live(desk) == []


async def test_an_answer_in_time_stops_the_reminder(desk: MailDesk) -> None:
    question = await desk.done()
    desk.client.answer(question, "OUI")
    await desk.settle()
    for _ in range(20):
        await desk.later(days=1)

    assert desk.client.kinds.count("finished") == 1


async def test_a_timer_that_cannot_fire_does_not_hold_up_the_others(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    for n in range(2):
        writer = desk.writer(f"Client {n}", f"c{n}@ailleurs.example")
        writer.write(COMPLETE)
        # One after the other: of two people's mails either may come first.
        await desk.settle()
    (broken,) = [t for t in await live(desk) if t.kind == TimerKind.REMIND_CLIENT][:1]

    def breaks(uow: UnitOfWork) -> None:
        # A requester who is nobody's: telling about it fails.
        uow.sql.command("UPDATE assistances SET state = '{}' WHERE id = 1")

    await desk.store.write(breaks)
    await desk.clock.advance_to(broken.due_at + timedelta(hours=1))
    await desk.settle()

    assert desk.writer("", "c0@ailleurs.example").kinds == ["incomplete"]
    assert desk.writer("", "c1@ailleurs.example").kinds == ["incomplete"] * 2
    stays = await desk.store.views.next_due("timers")
    assert stays == broken.due_at, "its own timer stays, to be looked at"
    (incident,) = recent(await desk.store.views.settings_below(PREFIX))
    assert incident.event == "timer.failed"
    assert incident.facts == {"kind": "remind_client", "assistance": "1"}


async def test_what_fell_due_before_a_restoring_is_told_by_the_desk_alone(
    desk: MailDesk,
) -> None:
    """It may have been told after the backup, by the database that is gone."""
    restored_at = (desk.clock.now() + timedelta(days=30)).isoformat()
    await desk.store.write(lambda uow: uow.settings.put(RESTORED_AT, restored_at))
    desk.client.write(COMPLETE)
    await desk.settle()
    (due,) = [t for t in await live(desk) if t.kind == TimerKind.REMIND_CLIENT]
    await desk.clock.advance_to(due.due_at)
    await desk.settle()

    assert desk.client.kinds == ["incomplete"]
    held = await desk.store.write(lambda uow: uow.outbox.dead_letters(9))
    assert [(row.address, row.error) for row in held] == [(CLIENT, SET_ASIDE)]
    now = desk.clock.now()
    await desk.store.write(lambda uow: uow.outbox.resend(held[0].id, now))
    await desk.settle()
    assert desk.client.kinds == ["incomplete"] * 2


async def test_a_timer_of_nothing_is_dropped(desk: MailDesk) -> None:
    await desk.submitted()
    now = desk.clock.now()
    stray = Timer(TimerKind.CLOSE.value, 0, now)
    key = AssistanceId(1)
    await desk.store.write(lambda uow: uow.timers.replace(key, [stray]))
    await desk.settle()

    assert stray not in await live(desk)
    assert (await desk.it()).status is Status.SUBMITTED
