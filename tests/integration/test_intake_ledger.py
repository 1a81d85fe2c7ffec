"""What is received has its effect once, whatever happens on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from typing_extensions import override

from azbot.channels.email.channel import EmailChannel, local_factory
from azbot.channels.email.mailbox import LocalMailbox
from azbot.errors import Conflict, StoreUnreachable
from azbot.messages import Inbound, RawId, RawMessage, Reply, Unparseable
from azbot.store import Store, UnitOfWork
from azbot.store.raw import MOST_CLAIMS
from azbot.testing.clock import FakeClock
from azbot.workflow import commands as c
from azbot.workflow.decision import NoticeKind
from azbot.workflow.model import AssistanceId
from tests.maildesk import DESK, EMAIL, STRANGER, MailDesk, desk_by_mail


class Traps(EmailChannel):
    """An e-mail channel that breaks on what a test chooses.

    Attributes:
        broken: words in the octets at which ``parse`` raises, or ``separate`` when
            they stand behind ``late:``.
        failures: raised by ``separate``, once each.
    """

    broken: str = ""
    late: str = ""
    failures: tuple[Exception, ...] = ()

    @override
    def parse(self, raw: RawMessage) -> Inbound | Unparseable:
        if self.broken and self.broken.encode() in raw.content:
            raise ZeroDivisionError("a poisoned message")
        return super().parse(raw)

    @override
    def separate(self, inbound: Inbound, sent: object) -> Reply:
        if self.failures:
            failure, *rest = self.failures
            self.failures = tuple(rest)
            raise failure
        if self.late and self.late in inbound.text:
            raise ZeroDivisionError("a poisoned text")
        return super().separate(inbound, sent)  # type: ignore[arg-type]


@pytest.fixture
def mailbox(clock: FakeClock) -> LocalMailbox:
    return LocalMailbox(DESK, clock, uidvalidity=1)


@pytest.fixture
def traps(mailbox: LocalMailbox) -> Traps:
    plain = local_factory(EMAIL, mailbox)
    return Traps(EMAIL, mailbox, mailbox, plain._reading)


@pytest.fixture
async def trapped(
    store: Store, clock: FakeClock, tmp_path: Path, mailbox: LocalMailbox, traps: Traps
) -> MailDesk:
    return await desk_by_mail(store, clock, tmp_path, channel=traps, mailbox=mailbox)


# --- copies ---------------------------------------------------------------------


async def test_the_same_mail_twice_has_its_effect_once(each_desk: MailDesk) -> None:
    desk = each_desk
    desk.client.answer(await desk.submitted(), "Le compteur est au sous-sol.")
    octets = desk.mailbox.inbox[-1].content
    desk.mailbox.deliver(octets, desk.client.address)
    await desk.settle()

    assert await desk.states() == ["applied", "applied", "duplicate"]
    assert len(await desk.messages()) == 1


async def test_copies_from_two_mailboxes_are_one_message(each_desk: MailDesk) -> None:
    desk = each_desk
    octets = desk.client.write("Une panne à Lyon.")
    by_another_way = b"Received: from b.example by c.example; now\r\n" + octets
    desk.mailbox.deliver(by_another_way, desk.client.address, "sav@group.example")
    await desk.settle()

    assert await desk.states() == ["applied", "duplicate"]
    assert desk.client.kinds == ["incomplete"]


async def test_a_new_uidvalidity_brings_no_message_twice(
    each_desk: MailDesk, clock: FakeClock
) -> None:
    desk = each_desk
    desk.client.answer(await desk.submitted(), "Le compteur est au sous-sol.")
    await desk.settle()
    before = len(desk.client.mails)
    reborn = LocalMailbox(DESK, clock, uidvalidity=2)
    for letter in desk.mailbox.inbox:
        reborn.deliver(
            letter.content, letter.sender, letter.recipient, letter.proven_domain
        )
    await reborn.hand_over(desk.store)
    await desk.app.settle()

    assert len(await desk.messages()) == 1
    assert len(desk.client.mails) == before


async def test_the_same_message_id_over_another_text_is_another_message(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    recap = await desk.submitted()
    desk.client.answer(recap, "Premier texte.", Message_ID="<1@client.example>")
    desk.client.answer(recap, "Second texte.", Message_ID="<1@client.example>")
    await desk.settle()

    assert [m.text for m in await desk.messages()] == [
        "Premier texte.",
        "Second texte.",
    ]


async def test_a_mail_without_message_id_delivered_twice_is_one(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    octets = desk.client.write("Une panne à Lyon.", Message_ID="")
    desk.mailbox.deliver(octets, desk.client.address)
    await desk.settle()

    assert b"Message-ID" not in octets
    assert await desk.states() == ["applied", "duplicate"]


# --- poison ---------------------------------------------------------------------


async def test_a_message_that_breaks_reading_is_set_aside_and_the_next_is_worked_on(
    trapped: MailDesk, traps: Traps
) -> None:
    traps.broken = "POISON"
    trapped.client.write("POISON")
    trapped.client.write("Une panne à Lyon.")
    await trapped.settle()

    assert await trapped.states() == ["quarantined", "applied"]
    assert (await trapped.ledger())[0].outcome.reason == "crashed"
    assert trapped.readers.kinds.count("desk") == 2


async def test_a_message_that_breaks_while_applied_is_set_aside_whole(
    trapped: MailDesk, traps: Traps
) -> None:
    traps.late = "POISON"
    trapped.client.write("POISON à Lyon")
    trapped.client.write("Une panne à Lyon.")
    await trapped.settle()

    assert await trapped.states() == ["quarantined", "applied"]
    entry = (await trapped.ledger())[0]
    assert entry.outcome.reason == "crashed"
    assert entry.outcome.sender == trapped.client.address
    assert (await trapped.it()).ref == "ASFR26000001", "no reference is used up"


async def test_a_replayed_message_has_its_effect_once(
    trapped: MailDesk, traps: Traps
) -> None:
    traps.late = "Lyon"
    trapped.client.write("Une panne à Lyon.")
    await trapped.settle()
    traps.late = ""
    outcome = await trapped.app.replay(RawId(1))
    await trapped.settle()

    assert outcome.state == "applied"
    assert outcome.assistance_id == AssistanceId(1)
    assert trapped.client.kinds == ["incomplete"]


async def test_no_octets_of_a_mail_are_kept_and_told(each_desk: MailDesk) -> None:
    each_desk.mailbox.deliver(b"\x00\xff nothing of a mail")
    await each_desk.settle()

    # What the server wrote above it makes it a mail without a sender.
    assert await each_desk.states() == ["quarantined"]
    assert each_desk.readers.kinds == ["desk"]


async def test_whoever_was_faster_is_let_through_and_the_message_tried_again(
    trapped: MailDesk, traps: Traps
) -> None:
    traps.failures = (Conflict("faster"), Conflict("faster again"))
    trapped.client.write("Une panne à Lyon.")
    await trapped.settle()

    assert await trapped.states() == ["applied"]


async def test_a_store_that_is_away_sets_nothing_aside(
    trapped: MailDesk, traps: Traps
) -> None:
    trapped.client.write("Une panne à Lyon.")
    await trapped.mailbox.hand_over(trapped.store)
    for _ in range(MOST_CLAIMS + 1):
        traps.failures = (StoreUnreachable("away"),)
        with pytest.raises(StoreUnreachable):
            await trapped.app.intakes["email"][0].step(trapped.clock.now())
    await trapped.settle()

    assert await trapped.states() == ["applied"]


async def test_a_message_always_too_late_comes_back_and_holds_up_nobody(
    trapped: MailDesk, traps: Traps
) -> None:
    traps.failures = (Conflict("faster"),) * 5
    trapped.client.write("Une panne à Lyon.")
    await trapped.settle()
    assert await trapped.states() == ["received"]
    trapped.writer("Paul", STRANGER).write("Une panne à Nantes.")
    await trapped.settle()
    assert await trapped.states() == ["received", "applied"]

    await trapped.later(minutes=5)
    assert await trapped.states() == ["applied", "applied"]


async def test_only_the_message_that_kills_its_workers_is_set_aside(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    for n in range(3):
        desk.writer(f"Client {n}", f"c{n}@ailleurs.example").write(f"Une panne, {n}.")
    await desk.mailbox.hand_over(desk.store)
    lease = timedelta(minutes=5)
    for many in (50, 50, 50, *[1] * (MOST_CLAIMS - 3)):
        now = desk.clock.now()
        claim = partial(_claim, many=many, lease=lease, now=now)
        assert await desk.store.write(claim) == 1
        await desk.clock.advance(lease)
    await desk.settle()

    assert await desk.states() == ["quarantined", "applied", "applied"]
    assert (await desk.ledger())[0].outcome.reason == "crashed"


async def test_after_a_death_suspects_are_worked_on_alone(each_desk: MailDesk) -> None:
    desk = each_desk
    for n in range(3):
        desk.writer(f"Client {n}", f"c{n}@ailleurs.example").write(f"Une panne, {n}.")
    await desk.mailbox.hand_over(desk.store)
    lease = timedelta(minutes=5)
    for _ in range(3):
        claim = partial(_claim, many=50, lease=lease, now=desk.clock.now())
        await desk.store.write(claim)
        await desk.clock.advance(lease)

    assert await desk.app.intakes["email"][0].step(desk.clock.now()) == 1
    assert await desk.states() == ["applied", "received", "received"]
    await desk.settle()
    assert await desk.states() == ["applied"] * 3


def _claim(uow: UnitOfWork, many: int, lease: timedelta, now: datetime) -> int:
    """Take messages as a worker that dies over the first of them."""
    return uow.raw.claim("dead", many, lease, now)[0].id


# --- an agent decides -------------------------------------------------------------


async def test_an_agent_attaches_a_held_message_once(each_desk: MailDesk) -> None:
    desk = each_desk
    recap = await desk.submitted()
    desk.writer("Paul", STRANGER).answer(recap, "Je suis sur place demain.")
    await desk.settle()
    staff = desk.people.staff
    ref = (await desk.it()).ref
    await desk.app.quarantine.attach(RawId(2), ref, staff)

    (message,) = await desk.messages()
    assert message.text == "Je suis sur place demain."
    with pytest.raises(Conflict):
        await desk.app.quarantine.attach(RawId(2), ref, staff)


async def test_a_forward_of_a_colleague_becomes_the_request_of_who_wrote_it(
    desk: MailDesk,
) -> None:
    text = (
        "---------- Forwarded message ---------\n"
        "De : Paul Petit <p.petit@clim-ouest.example>\n"
        "Date: lun. 2 mars 2026 à 08:10\nObjet : Panne\nÀ : Camille\n\n"
        "Bonjour, notre thermostat est en panne à Nantes."
    )
    desk.agent.write(text, subject="Tr: Panne")
    await desk.settle()
    assert await desk.states() == ["quarantined"]
    await desk.app.quarantine.open(RawId(1), desk.people.staff)
    await desk.settle()

    petit = await desk.person("p.petit@clim-ouest.example")
    assert petit is not None
    assert (await desk.it()).requester == petit.id


async def test_junk_stays_in_the_ledger(desk: MailDesk) -> None:
    recap = await desk.submitted()
    desk.writer("Paul", STRANGER).answer(recap, "Gagnez un voyage !")
    await desk.settle()
    await desk.app.quarantine.junk(RawId(2), desk.people.staff)

    assert (await desk.states())[-1] == "ignored"


async def test_a_message_of_somebody_removed_is_held(desk: MailDesk) -> None:
    person = await desk.person(desk.client.address)
    assert person is not None
    gone = replace(person, is_active=False)
    await desk.store.write(lambda uow: uow.people.update(gone))
    desk.client.write("Une panne à Lyon.")
    await desk.settle()

    assert await desk.last_reason() == "blocked_sender"
    assert desk.client.mails == []


async def test_more_mails_than_a_batch_holds_are_all_worked_on(desk: MailDesk) -> None:
    for n in range(120):
        desk.writer(f"Client {n}", f"c{n}@ailleurs.example").write(f"Une panne, {n}.")
    await desk.settle()

    assert await desk.states() == ["applied"] * 120


async def test_commands_of_agents_meanwhile_do_not_disturb(each_desk: MailDesk) -> None:
    desk = each_desk
    recap = await desk.submitted()
    await desk.app.desk.handle(
        AssistanceId(1), c.AskComplement("Une photo ?"), desk.people.staff
    )
    desk.client.answer(recap, "La voici : c'est la chambre 2.")
    await desk.settle()

    assert (await desk.messages())[0].text.startswith("La voici")
    assert NoticeKind.COMPLEMENT.value in desk.client.kinds
