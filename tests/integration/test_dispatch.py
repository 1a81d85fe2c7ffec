"""The outbox empties itself: once, in order, together, and never silently."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from azbot.channels.email.channel import EmailChannel, local_factory
from azbot.channels.email.mailbox import LocalMailbox
from azbot.errors import PermanentFailure, TemporaryFailure
from azbot.messages import Envelope, Receipt
from azbot.store import DeliveryState, NewDelivery, Store
from azbot.store.records import DeliveryId
from azbot.testing.clock import FakeClock
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.decision import Audience, Notice, NoticeKind
from azbot.workflow.model import AssistanceId, ServiceType
from tests.maildesk import DESK, EMAIL, READERS, MailDesk, desk_by_mail


class Wires(EmailChannel):
    """An e-mail channel that stops or breaks on the way out.

    Attributes:
        dies: the next send is cut as a kill would, before or after the mailbox.
        breaks: raised by the next sends, once each.
    """

    dies: str = ""
    breaks: tuple[Exception, ...] = ()

    @override
    async def send(self, envelope: Envelope) -> Receipt:
        if self.breaks:
            failure, *rest = self.breaks
            self.breaks = tuple(rest)
            raise failure
        if self.dies == "before":
            raise asyncio.CancelledError
        receipt = await super().send(envelope)
        if self.dies == "after":
            raise asyncio.CancelledError
        return receipt


@pytest.fixture
def mailbox(clock: FakeClock) -> LocalMailbox:
    return LocalMailbox(DESK, clock, uidvalidity=1)


@pytest.fixture
def wires(mailbox: LocalMailbox) -> Wires:
    plain = local_factory(EMAIL, mailbox)
    return Wires(EMAIL, mailbox, mailbox, plain._reading)


@pytest.fixture
async def wired(
    store: Store, clock: FakeClock, tmp_path: Path, mailbox: LocalMailbox, wires: Wires
) -> MailDesk:
    return await desk_by_mail(store, clock, tmp_path, channel=wires, mailbox=mailbox)


async def failures(desk: MailDesk) -> list[e.DeliveryFailed]:
    return [x for x in await desk.events() if isinstance(x, e.DeliveryFailed)]


async def count(desk: MailDesk, state: DeliveryState) -> int:
    counts = await desk.store.write(lambda uow: uow.outbox.counts())
    return counts[state]


# --- failures of the service ------------------------------------------------------


async def test_a_temporary_failure_is_tried_again_with_the_same_octets(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    desk.mailbox.refuse(desk.client.address, TemporaryFailure("451 later"))
    desk.client.write("Une panne à Lyon.")
    await desk.settle()
    assert desk.client.mails == []
    waiting = next(
        d for d in await desk.deliveries() if d.address == desk.client.address
    )
    assert waiting.error == "451 later"
    assert waiting.attempts == 1
    await desk.later(minutes=1)

    (mail,) = desk.client.mails
    assert mail.id == waiting.message_id
    assert mail.letter.content == waiting.content


async def test_a_permanent_failure_is_a_dead_letter_in_the_history_and_can_be_resent(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    refused = PermanentFailure("550 no such user")
    desk.mailbox.refuse(desk.client.address, refused)
    desk.client.write("Une panne à Lyon.")
    await desk.settle()

    (dead,) = await desk.store.write(lambda uow: uow.outbox.dead_letters())
    assert (dead.error, dead.attempts) == ("550 no such user", 1)
    (failed,) = await failures(desk)
    assert (failed.address, failed.reason) == (desk.client.address, "550 no such user")
    assert "550 no such user" in desk.readers.last.text

    now = desk.clock.now()
    await desk.store.write(lambda uow: uow.outbox.resend(dead.id, now))
    await desk.settle()
    assert [mail.id for mail in desk.client.mails] == [dead.message_id]


async def test_a_dead_letter_to_the_desk_itself_starts_no_circle(
    desk: MailDesk,
) -> None:
    desk.mailbox.refuse(READERS, *[PermanentFailure("550 no")] * 20)
    desk.client.write("Une panne à Lyon.")
    await desk.settle()

    assert await count(desk, DeliveryState.DEAD) == 1
    assert await failures(desk) == []


async def test_after_two_days_of_trying_it_is_given_up(desk: MailDesk) -> None:
    desk.mailbox.refuse(desk.client.address, *[TemporaryFailure("451 later")] * 500)
    desk.client.write("Une panne à Lyon.")
    await desk.settle()
    for _ in range(60):
        await desk.later(hours=1)

    assert await count(desk, DeliveryState.DEAD) == 1
    assert len(await failures(desk)) == 1
    assert desk.client.mails == []


async def test_a_channel_that_breaks_holds_up_nobody(
    wired: MailDesk, wires: Wires
) -> None:
    wires.breaks = (ZeroDivisionError("broken"),)
    wired.client.write("Une panne à Lyon.")
    await wired.settle()
    assert len(wired.mailbox.sent) == 1
    await wired.later(minutes=1)
    assert len(wired.mailbox.sent) == 2


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_kill_between_storing_and_receipt_repeats_the_same_octets(
    wired: MailDesk, wires: Wires, when: str
) -> None:
    wired.client.write("Une panne à Lyon.")
    await wired.mailbox.hand_over(wired.store)
    await wired.app.intakes["email"][0].step(wired.clock.now())
    wires.dies = when
    with pytest.raises(asyncio.CancelledError):
        await wired.app.dispatcher.step(wired.clock.now())
    wires.dies = ""
    prepared = {d.id: d.content for d in await wired.deliveries()}
    assert None not in prepared.values()
    await wired.later(minutes=5)

    for writer in (wired.client, wired.readers):
        contents = {mail.letter.content for mail in writer.mails}
        assert len(contents) == 1
    assert await count(wired, DeliveryState.PENDING) == 0


# --- channels ------------------------------------------------------------------------


async def test_what_is_for_a_channel_nobody_serves_waits_until_somebody_does(
    desk: MailDesk,
) -> None:
    now = desk.clock.now()
    row = NewDelivery("later", "alert", "c@x.example", "pigeon", now, {})
    await desk.store.write(lambda uow: uow.outbox.put([row]))
    await desk.settle()
    assert [d.state.value for d in await desk.deliveries()] == ["pending"]


# --- letters that cannot be written -------------------------------------------------


async def test_a_letter_that_cannot_be_written_dies_and_the_others_leave(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    now = desk.clock.now()
    rows = [
        NewDelivery(
            "bad-fact", "planned", "a@x.example", "email", now, {"at": "never"}
        ),
        NewDelivery("no-kind", "nothing", "b@x.example", "email", now, {}),
        NewDelivery("good", "alert", "d@x.example", "email", now, {"what": "disk"}),
    ]
    await desk.store.write(lambda uow: uow.outbox.put(rows))
    await desk.settle()

    states = {d.key: d.state.value for d in await desk.deliveries()}
    assert states == {
        "bad-fact": "dead",
        "no-kind": "dead",
        "good": "sent",
    }


async def test_a_delivery_cancelled_while_it_is_sent_disturbs_nothing(
    wired: MailDesk, wires: Wires
) -> None:
    await wired.submitted()
    sent = [d for d in await wired.deliveries() if d.state is DeliveryState.SENT]
    assert len(sent) == 2
    assert not await wired.store.write(lambda uow: uow.outbox.cancel(sent[0].id))


# --- together, in order, in silence ---------------------------------------------------


async def test_facts_within_two_minutes_make_one_mail_after_the_first(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    await desk.submitted()
    await desk.act(c.AssignStation(desk.people.station, "prête"))
    assert desk.client.last.kind == "assigned", "the first leaves at once"
    await desk.later(seconds=30)
    desk.station.answer(desk.station.last, "OUI")
    await desk.settle()
    assert desk.client.last.kind == "assigned"
    await desk.later(seconds=30)
    await desk.act(c.Requalify(ServiceType.INCIDENT_WARRANTY, "garantie constatée"))
    assert desk.client.kinds == ["incomplete", "assigned"]
    await desk.later(seconds=61)

    assert desk.client.kinds == ["incomplete", "assigned", "accepted"]
    assert "garantie constatée" in desk.client.last.text


async def test_a_mail_that_cannot_wait_takes_the_waiting_ones_along(
    desk: MailDesk,
) -> None:
    """Nobody reads of a date before hearing that the mission was accepted."""
    await desk.assigned()
    desk.station.answer(desk.station.last, "OUI")
    await desk.settle()
    desk.station.answer(desk.station.last, "mercredi 14 h 30")
    await desk.later(minutes=5)

    assert desk.client.kinds == ["incomplete", "assigned", "planned"]
    assert "accept" in desk.client.last.text
    assert desk.client.last.files != []


async def test_a_kill_before_the_letter_is_stored_forgets_no_grouped_fact(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    desk = await desk_by_mail(store, clock, tmp_path)
    await desk.assigned()
    desk.station.answer(desk.station.last, "OUI")
    await desk.settle()
    desk.station.answer(desk.station.last, "mercredi 14 h 30")
    await desk.mailbox.hand_over(store)
    await desk.app.intakes["email"][0].step(clock.now())
    now = clock.now()
    await store.write(lambda uow: desk.app.dispatcher._claim(uow, now))
    await desk.later(minutes=5)

    told = " ".join(mail.text for mail in desk.client.mails)
    assert "accept" in told
    assert desk.client.kinds.count("planned") == 1


async def test_one_persons_mails_leave_in_order(desk: MailDesk) -> None:
    await desk.submitted()
    for n in range(8):
        command = c.AddMessage(f"Message {n}.")
        await desk.app.desk.handle(AssistanceId(1), command, desk.people.staff)
    await desk.settle()

    said = [m.text for m in desk.client.mails if m.kind == "message"]
    assert [n for n in range(8) if f"Message {n}." in said[n]] == list(range(8))


async def test_stop_silences_what_is_optional_and_nothing_else(desk: MailDesk) -> None:
    recap = await desk.submitted()
    desk.client.answer(recap, "STOP")
    await desk.settle()
    await desk.act(c.AssignStation(desk.people.station, "prête"))
    assert "assigned" not in desk.client.kinds
    await desk.act(c.AddMessage("Une question ?"))
    assert desk.client.last.kind == "message"
    await desk.act(c.CancelAssistance("doublon"))
    assert desk.client.last.kind == "cancelled"


async def test_optional_mails_can_be_switched_off_and_the_others_cannot(
    desk: MailDesk,
) -> None:
    question = await desk.done()
    by_kind = {mail.kind: mail.message for mail in desk.client.mails}
    assert by_kind["planned"]["List-Unsubscribe"]
    assert question.message["List-Unsubscribe"] is None


async def test_nothing_optional_leaves_after_a_stop_that_came_meanwhile(
    desk: MailDesk,
) -> None:
    await desk.assigned()
    desk.station.answer(desk.station.last, "OUI")
    await desk.settle()
    desk.client.answer(desk.client.last, "STOP")
    await desk.later(minutes=3)

    assert "accepted" not in desk.client.kinds
    assert desk.client.last.kind == "preference"
    assert "accept" not in desk.client.last.text


async def test_reminders_come_within_working_hours(desk: MailDesk) -> None:
    await desk.assigned()
    for _ in range(24 * 4):
        await desk.later(hours=1)

    reminders = [m for m in desk.station.mails if m.kind == "mission_reminder"]
    assert reminders
    for mail in reminders:
        assert mail.letter.at.isoweekday() <= 5
        assert 7 <= mail.letter.at.hour < 18


# --- what a mail carries --------------------------------------------------------------


async def test_every_mail_of_one_assistance_hangs_on_one_root(desk: MailDesk) -> None:
    await desk.done()
    roots = {str(m.message["References"]).split()[0] for m in desk.client.mails}

    assert len(roots) == 1
    assert len({m.id for m in desk.client.mails}) == len(desk.client.mails)


async def test_the_desks_notices_answer_the_clients_mail(desk: MailDesk) -> None:
    recap = await desk.submitted()
    desk.client.answer(recap, "Une question.", Message_ID="<abc@client.example>")
    await desk.settle()

    assert desk.readers.last.message["In-Reply-To"] == "<abc@client.example>"


async def test_the_same_occasion_is_told_once(each_desk: MailDesk) -> None:
    desk = each_desk
    notice = Notice(NoticeKind.ALERT, Audience.ADMIN, {"what": "disk"})
    for _ in range(2):
        await desk.store.write(
            lambda uow: desk.app.desk.tell(uow, [notice], None, "the disk")
        )
    await desk.settle()

    assert len(desk.mailbox.sent) == 1


async def test_somebody_removed_meanwhile_gets_nothing_more(desk: MailDesk) -> None:
    await desk.submitted()
    person = await desk.person(desk.client.address)
    assert person is not None
    gone = replace(person, is_active=False)
    await desk.store.write(lambda uow: uow.people.update(gone))
    await desk.act(c.AddMessage("Une question ?"))

    assert "message" not in desk.client.kinds


async def test_fifty_deliveries_do_not_hide_the_next(desk: MailDesk) -> None:
    now = desk.clock.now()
    rows = [
        NewDelivery(f"k{n}", "alert", f"a{n}@x.example", "email", now, {"what": "disk"})
        for n in range(120)
    ]
    await desk.store.write(lambda uow: uow.outbox.put(rows))
    await desk.settle()

    assert len(desk.mailbox.sent) == 120
    assert await count(desk, DeliveryState.SENT) == 120


async def test_a_repeated_temporary_failure_waits_longer_each_time(
    desk: MailDesk,
) -> None:
    desk.mailbox.refuse(desk.client.address, *[TemporaryFailure("451")] * 3)
    desk.client.write("Une panne à Lyon.")
    await desk.settle()
    pauses: list[timedelta] = []
    for _ in range(3):
        row = await desk.store.write(lambda uow: uow.outbox.get(DeliveryId(1)))
        pauses.append(row.due_at - desk.clock.now())
        await desk.clock.advance_to(row.due_at)
        await desk.settle()

    assert pauses == sorted(pauses)
    assert pauses[0] >= timedelta(seconds=30)
    assert len(desk.client.mails) == 1
