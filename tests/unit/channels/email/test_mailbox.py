from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from azbot.channels.email.channel import local_factory
from azbot.channels.email.mailbox import AUTHSERV_ID, LocalMailbox
from azbot.channels.email.settings import EmailSettings
from azbot.errors import TemporaryFailure
from azbot.messages import Alignment, Envelope, Inbound
from azbot.testing.clock import FakeClock
from azbot.testing.sink import RecordingSink

DESK = "support@example.fr"
LETTER = b"From: jo@client.example\r\nTo: x@y.example\r\n\r\nOUI\r\n"


def an_envelope(recipient: str) -> Envelope:
    return Envelope("key", DESK, recipient, LETTER)


async def received(mailbox: LocalMailbox, sink: RecordingSink, count: int) -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(mailbox.run(sink))
        await sink.wait_for(count)
        task.cancel()


async def test_the_address_it_was_sent_to_is_told_apart_from_to(
    clock: FakeClock,
) -> None:
    mailbox, sink = LocalMailbox(DESK, clock), RecordingSink()
    mailbox.deliver(LETTER, "jo@client.example", "support+1.2.k1abc@example.fr")
    await received(mailbox, sink, 1)

    inbound = local_factory(EmailSettings(address=DESK), mailbox).parse(
        sink.messages[0]
    )
    assert isinstance(inbound, Inbound)
    assert inbound.recipients[0].email == "support+1.2.k1abc@example.fr"


@pytest.mark.parametrize(
    ("domain", "expected"),
    [("client.example", Alignment.PASS), ("", Alignment.UNKNOWN)],
)
async def test_a_proven_sender_is_believed(
    clock: FakeClock, domain: str, expected: Alignment
) -> None:
    mailbox, sink = LocalMailbox(DESK, clock), RecordingSink()
    mailbox.deliver(LETTER, "jo@client.example", proven_domain=domain)
    await received(mailbox, sink, 1)

    settings = EmailSettings(
        address=DESK, receiver="authserv-id", authserv_id=AUTHSERV_ID
    )
    inbound = local_factory(settings, mailbox).parse(sink.messages[0])
    assert isinstance(inbound, Inbound)
    assert inbound.alignment is expected


async def test_mail_to_the_desk_itself_arrives_there(clock: FakeClock) -> None:
    mailbox = LocalMailbox(DESK, clock)
    await mailbox.send(an_envelope("Support+1.2@EXAMPLE.fr"))
    await mailbox.send(an_envelope("jo@client.example"))

    assert [letter.recipient for letter in mailbox.inbox] == ["Support+1.2@EXAMPLE.fr"]
    assert len(mailbox.sent) == 2


async def test_another_process_has_a_source_of_its_own(clock: FakeClock) -> None:
    sink = RecordingSink()
    for _ in range(2):
        mailbox = LocalMailbox(DESK, clock)
        mailbox.deliver(LETTER)
        await received(mailbox, sink, len(sink.messages) + 1)
        await clock.advance(timedelta(seconds=1))

    assert len({raw.source for raw in sink.messages}) == 2


async def test_listeners_hear_what_was_sent(clock: FakeClock) -> None:
    mailbox = LocalMailbox(DESK, clock)
    heard: list[str] = []
    mailbox.on_sent(lambda letter: heard.append(letter.recipient))
    mailbox.refuse("JO@client.example", TemporaryFailure("451"))
    with pytest.raises(TemporaryFailure):
        await mailbox.send(an_envelope("jo@client.example"))
    await mailbox.send(an_envelope("jo@client.example"))

    assert heard == ["jo@client.example"]
    assert len(await mailbox.wait_for_sent(1)) == 1
