"""What leaves can be undone for eight seconds, and then leaves once (A11, A12, X19)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from azbot.desk.holding import (
    HELD_FOR,
    Collision,
    Hold,
    Holding,
    HoldState,
    KeyReused,
    Seen,
)
from azbot.errors import NotFound, Refused
from azbot.health.incidents import PREFIX, recent
from azbot.messages import PersonId, Trust
from azbot.store import NewPerson, PersonKind, UnitOfWork
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.commands import Command
from azbot.workflow.model import Actor, Assistance, AssistanceId, Role, Status
from tests.maildesk import MailDesk

IT = AssistanceId(1)
REPLY = c.AddMessage("Bonjour Sophie, votre dossier est complet.")


async def send(
    desk: MailDesk, command: Command = REPLY, key: str = "one-press", **more: object
) -> Hold | None:
    """Let Camille send something from the inbox."""
    staff = desk.people.staff
    assert staff.person is not None
    return await desk.app.holding.submit(
        staff,
        staff.person,
        IT,
        command,
        key=key,
        **more,  # type: ignore[arg-type]
    )


async def held(desk: MailDesk, command: Command = REPLY, **more: object) -> Hold:
    hold = await send(desk, command, **more)  # type: ignore[arg-type]
    assert hold is not None
    return hold


async def colleague(desk: MailDesk) -> Actor:
    """Somebody else of the desk."""

    def add(uow: UnitOfWork) -> PersonId:
        new = NewPerson(PersonKind.AGENT, ("jules@sav.example",), name="Jules Petit")
        return (uow.people.by_address("jules@sav.example") or uow.people.add(new)).id

    key = await desk.store.write(add)
    return Actor(Role.AGENT, key, "Jules Petit", Trust.STAFF, "web")


async def newest(desk: MailDesk) -> int:
    """The number of the last line of the history."""
    return (await desk.store.views.timeline(IT, is_internal=True))[-1].id


def told(desk: MailDesk) -> list[str]:
    return [m.text for m in desk.client.mails if m.kind == "message"]


async def test_a_reply_leaves_after_eight_seconds_and_once(each_desk: MailDesk) -> None:
    desk = each_desk
    await desk.submitted()
    hold = await held(desk)
    assert hold.due_at == desk.clock.now() + HELD_FOR == hold.created_at + HELD_FOR
    await desk.later(seconds=7.9)
    assert await desk.messages() == []
    await desk.later(seconds=0.1)
    await desk.later(minutes=5)
    assert [said.text for said in await desk.messages()] == [REPLY.text]
    (text,) = told(desk)
    assert REPLY.text in text


async def test_what_is_undone_never_happened(each_desk: MailDesk) -> None:
    desk = each_desk
    await desk.submitted()
    before, mails = await desk.it(), len(desk.mailbox.sent)
    hold = await held(desk)
    undone = await desk.app.holding.undo(hold.id, hold.person)
    assert undone is not None
    assert undone.commands == (REPLY,)
    await desk.later(minutes=5)
    assert await desk.it() == before
    assert len(desk.mailbox.sent) == mails
    assert await desk.app.holding.undo(hold.id, hold.person) is None


async def test_it_is_too_late_once_it_has_left(desk: MailDesk) -> None:
    await desk.submitted()
    hold = await held(desk)
    await desk.later(seconds=8)
    assert await desk.app.holding.undo(hold.id, hold.person) is None
    assert len(told(desk)) == 1


async def test_nobody_undoes_what_a_colleague_sent(desk: MailDesk) -> None:
    await desk.submitted()
    hold = await held(desk)
    other = await colleague(desk)
    assert other.person is not None
    with pytest.raises(NotFound):
        await desk.app.holding.undo(hold.id, other.person)
    await desk.later(seconds=8)
    assert len(told(desk)) == 1


async def test_undo_and_the_worker_meet_and_one_of_them_wins(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    await desk.submitted()
    for turn in range(5):
        hold = await held(desk, key=f"press-number-{turn}")
        await desk.clock.advance(HELD_FOR)
        before = len(await desk.messages())
        undone, _ = await asyncio.gather(
            desk.app.holding.undo(hold.id, hold.person),
            desk.app.holding.step(desk.clock.now()),
        )
        said = len(await desk.messages()) - before
        assert said == (undone is None)


async def test_the_same_press_is_sent_once(each_desk: MailDesk) -> None:
    desk = each_desk
    await desk.submitted()
    one, two = await asyncio.gather(send(desk), send(desk))
    assert one is not None
    assert two is not None
    assert one.id == two.id
    await desk.later(seconds=8)
    again = await send(desk)
    assert again is not None
    assert again.state is HoldState.DONE
    await desk.later(minutes=1)
    assert len(told(desk)) == 1


async def test_a_key_that_names_another_text_loses_none_of_them(
    desk: MailDesk,
) -> None:
    await desk.submitted()
    await held(desk)
    with pytest.raises(KeyReused):
        await send(desk, c.AddMessage("Un autre texte."))


async def test_a_note_is_written_at_once_and_never_leaves(desk: MailDesk) -> None:
    await desk.submitted()
    secret = "Client difficile : rappeler avant midi."
    mails = len(desk.mailbox.sent)
    assert await send(desk, c.AddNote(secret)) is None
    assert isinstance((await desk.events())[-1], e.NoteAdded)
    assert await send(desk, c.AddNote(secret)) is None, "the press was answered"
    await desk.later(minutes=5)
    notes = [x for x in await desk.events() if isinstance(x, e.NoteAdded)]
    assert len(notes) == 1
    assert len(desk.mailbox.sent) == mails
    assert all(secret not in str(each.facts) for each in await desk.deliveries())


async def test_a_refusal_is_told_at_once_and_nothing_waits(desk: MailDesk) -> None:
    await desk.submitted()
    with pytest.raises(Refused, match="empty_message"):
        await send(desk, c.AddMessage("  "))
    with pytest.raises(Refused):
        await send(desk, then=[c.CloseAssistance()])
    assert await desk.store.views.holds_of(IT) == []
    assert await send(desk) is not None, "the key was not used up"


async def test_what_follows_is_done_in_the_same_breath(desk: MailDesk) -> None:
    await desk.done()
    await held(desk, then=[c.CloseAssistance()])
    assert (await desk.it()).status is Status.DONE
    await desk.later(seconds=8)
    assert (await desk.it()).status is Status.CLOSED
    assert len(told(desk)) == 1


async def test_a_command_that_no_longer_fits_is_kept_for_whoever_gave_it(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    await desk.done()
    hold = await held(desk, then=[c.CloseAssistance()])
    await desk.act(c.CloseAssistance())
    await desk.later(seconds=8)
    (failed,) = await desk.store.views.holds_by(hold.person)
    assert failed.state is HoldState.FAILED
    assert failed.error == "wrong_status"
    assert failed.commands == (REPLY, c.CloseAssistance())
    assert told(desk) == [], "all of it or nothing"
    taken = await desk.app.holding.undo(hold.id, hold.person)
    assert taken == failed
    assert await desk.store.views.holds_by(hold.person) == []


async def test_a_station_is_assigned_after_eight_seconds_too(desk: MailDesk) -> None:
    await desk.submitted()
    await held(desk, c.AssignStation(desk.people.station, "prête"))
    assert (await desk.it()).status is Status.SUBMITTED
    await desk.later(seconds=8)
    assert (await desk.it()).status is Status.ASSIGNED
    assert "mission" in desk.station.kinds


async def test_a_worker_that_died_leaves_it_to_another(desk: MailDesk) -> None:
    await desk.submitted()
    await held(desk)
    await desk.clock.advance(HELD_FOR)
    now = desk.clock.now()
    lost = await desk.store.write(
        lambda uow: uow.holds.claim("dead:1:x", 9, timedelta(minutes=1), now)
    )
    assert len(lost) == 1
    await desk.settle()
    assert told(desk) == []
    await desk.later(minutes=1)
    assert len(told(desk)) == 1


async def test_a_command_that_crashes_is_given_up_and_stops_no_other(
    desk: MailDesk,
) -> None:
    await desk.submitted()
    hold = await held(desk, also=_of_no_one)
    await desk.later(seconds=8)
    for _ in range(2):
        assert [h.state for h in await desk.store.views.holds_of(IT)] == ["waiting"]
        await desk.later(minutes=1)
    (failed,) = await desk.store.views.holds_of(IT)
    assert failed.id == hold.id
    assert failed.error == "crashed"
    # Three times the same: one code, as of the last one.
    (incident,) = recent(await desk.store.views.settings_below(PREFIX))
    assert (incident.event, incident.facts["hold"]) == ("hold.crashed", str(hold.id))
    assert incident.at == desk.clock.now()


def _of_no_one(uow: UnitOfWork, it: Assistance) -> None:
    """Make the assistance unreadable for whoever comes next."""
    from sqlalchemy import text  # noqa: PLC0415

    uow.sql.run(text("UPDATE assistances SET state = '{}'"))


# --- collisions (A11) ---------------------------------------------------------------


async def test_a_message_nobody_has_read_stops_a_reply(each_desk: MailDesk) -> None:
    desk = each_desk
    mail = await desk.submitted()
    read = await newest(desk)
    desk.client.answer(mail, "Finalement, venez plutôt mardi.")
    await desk.settle()
    with pytest.raises(Collision) as stopped:
        await send(desk, seen=Seen(read))
    (news,) = stopped.value.news
    assert (news.author, news.role) == ("Sophie Martin", Role.CLIENT)
    assert news.text == "Finalement, venez plutôt mardi."
    assert await desk.store.views.holds_of(IT) == []
    again = await send(desk, seen=stopped.value.seen)
    assert again is not None


async def test_a_colleagues_waiting_reply_stops_one_that_has_not_seen_it(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    await desk.submitted()
    read = Seen(await newest(desk))
    other = await colleague(desk)
    assert other.person is not None
    first = c.AddMessage("Julien : je m’en occupe.")
    await desk.app.holding.submit(other, other.person, IT, first, key="julespress")
    with pytest.raises(Collision) as stopped:
        await send(desk, seen=read)
    (news,) = stopped.value.news
    assert (news.author, news.text, news.is_held) == ("Jules Petit", first.text, True)
    assert await send(desk, seen=stopped.value.seen) is not None
    await desk.later(seconds=8)
    assert len(told(desk)) == 2


async def test_a_colleagues_reply_that_has_left_stops_it_as_well(
    desk: MailDesk,
) -> None:
    await desk.submitted()
    read = Seen(await newest(desk))
    other = await colleague(desk)
    assert other.person is not None
    said = c.AddMessage("Je m’en occupe.")
    await desk.app.holding.submit(other, other.person, IT, said, key="julespress")
    await desk.later(seconds=8)
    with pytest.raises(Collision) as stopped:
        await send(desk, seen=read)
    assert [news.is_held for news in stopped.value.news] == [False]


async def test_notes_robots_and_ones_own_words_stop_nothing(desk: MailDesk) -> None:
    mail = await desk.submitted()
    read = Seen(await newest(desk))
    other = await colleague(desk)
    await desk.app.desk.handle(IT, c.AddNote("Pour mémoire."), other)
    desk.client.answer(mail, "Absent du bureau.", Auto_Submitted="auto-replied")
    await desk.settle()
    await held(desk, key="first-press", seen=read)
    await desk.later(seconds=8)
    await held(desk, key="second-press", seen=read)


async def test_two_who_send_at_once_are_not_both_blind(each_desk: MailDesk) -> None:
    desk = each_desk
    await desk.submitted()
    read = Seen(await newest(desk))
    other = await colleague(desk)
    assert other.person is not None
    both = await asyncio.gather(
        send(desk, seen=read),
        desk.app.holding.submit(
            other, other.person, IT, REPLY, key="julespress", seen=read
        ),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in both) == ["Collision", "Hold"]


async def test_another_time_may_be_chosen(desk: MailDesk) -> None:
    await desk.submitted()
    staff = desk.people.staff
    assert staff.person is not None
    brief = Holding(
        desk.store, desk.app.desk, desk.clock, "x:1:y", held_for=timedelta(seconds=1)
    )
    await brief.submit(staff, staff.person, IT, REPLY, key="one-press")
    await desk.later(seconds=1)
    assert len(told(desk)) == 1
