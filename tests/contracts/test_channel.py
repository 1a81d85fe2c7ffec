"""What every channel promises: the same tests over real servers and their stand-in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

import pytest

from azbot.channels.email.channel import EmailChannel, factory, local_factory
from azbot.channels.email.settings import EmailSettings, ImapSettings, SmtpSettings
from azbot.clock import SystemClock
from azbot.errors import PermanentFailure, StoreUnreachable, TemporaryFailure
from azbot.messages import Address, Inbound, Outbound, RawMessage
from azbot.ports import Channel
from azbot.testing.mailbox import LocalMailbox
from azbot.testing.sink import RecordingSink
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink

DESK = "support@example.fr"
JO = "jo@client.example"


class Service(Protocol):
    """A channel, and the people at the other end of it."""

    @property
    def channel(self) -> Channel: ...

    def restarted(self) -> Channel:
        """Return the channel of a new process on the same service."""

    def write(self, text: str) -> None:
        """Let a client write to the desk."""

    def received(self, recipient: str) -> list[bytes]:
        """Return what a person got, in order."""

    def refuse(self, recipient: str, *, forever: bool) -> None:
        """Refuse the next message for a person."""


def a_letter(text: str) -> bytes:
    head = f"From: Jo <{JO}>\r\nTo: {DESK}\r\nSubject: bonjour\r\n"
    name = f"Message-ID: <{len(text)}.{text[:2]}@client.example>\r\n"
    return f"{head}{name}\r\n{text}\r\n".encode()


@dataclass
class RealServers:
    """Dovecot and aiosmtpd."""

    dovecot: Dovecot
    sink: SmtpSink
    user: str

    def __post_init__(self) -> None:
        self.channel = self.restarted()

    def restarted(self) -> EmailChannel:
        imap = ImapSettings(
            host=self.dovecot.host,
            port=self.dovecot.port,
            security="none",
            user=self.user,
            password_env="IMAP_PASSWORD",
        )
        smtp = SmtpSettings(host=self.sink.host, port=self.sink.port, security="none")
        settings = EmailSettings(address=DESK, imap=imap, smtp=smtp)
        environ = {"IMAP_PASSWORD": self.dovecot.password}
        return factory(settings, SystemClock(), environ)

    def write(self, text: str) -> None:
        self.dovecot.deliver(a_letter(text), self.user)

    def received(self, recipient: str) -> list[bytes]:
        return [mail.content for mail in self.sink.to(recipient)]

    def refuse(self, recipient: str, *, forever: bool) -> None:
        self.sink.answer(recipient, "550 5.1.1 no" if forever else "451 4.7.1 later")


@dataclass
class InProcess:
    """A mailbox in memory."""

    mailbox: LocalMailbox

    def __post_init__(self) -> None:
        self.channel = self.restarted()

    def restarted(self) -> EmailChannel:
        return local_factory(EmailSettings(address=DESK), self.mailbox)

    def write(self, text: str) -> None:
        self.mailbox.deliver(a_letter(text), JO)

    def received(self, recipient: str) -> list[bytes]:
        return [letter.content for letter in self.mailbox.sent_to(recipient)]

    def refuse(self, recipient: str, *, forever: bool) -> None:
        failure = PermanentFailure("550") if forever else TemporaryFailure("451")
        self.mailbox.refuse(recipient, failure)


@pytest.fixture(params=["email over servers", "email in process"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    if request.param == "email in process":
        yield InProcess(LocalMailbox(DESK, SystemClock()))
        return
    dovecot: Dovecot = request.getfixturevalue("dovecot")
    sink: SmtpSink = request.getfixturevalue("smtp_sink")
    yield RealServers(dovecot, sink, dovecot.new_account())


@contextlib.asynccontextmanager
async def running(channel: Channel, sink: RecordingSink) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(channel.run(sink))
        try:
            yield
        finally:
            task.cancel()
    await channel.aclose()


def an_outbound(key: str = "event-1", to: str = JO) -> Outbound:
    return Outbound(
        key=key,
        sender=Address(DESK, "Support technique"),
        to=Address(to),
        reply_to=Address(DESK),
        envelope_from=DESK,
        message_id=f"<az.1.1.{key}@example.fr>",
        subject="Bien reçu",
        text="Bonjour",
        html="<p>Bonjour</p>",
        date=datetime(2026, 3, 25, tzinfo=UTC),
    )


def text_of(channel: Channel, raw: RawMessage) -> str:
    inbound = channel.parse(raw)
    assert isinstance(inbound, Inbound)
    return inbound.text.strip()


async def test_the_name_is_the_channel_of_its_messages(service: Service) -> None:
    service.write("un")
    sink = RecordingSink()
    async with running(service.channel, sink):
        [raw] = await sink.wait_for(1)

    assert raw.channel == service.channel.name


async def test_messages_arrive_in_order_and_can_be_read(service: Service) -> None:
    sink = RecordingSink()
    service.write("un")
    async with running(service.channel, sink):
        await sink.wait_for(1)
        service.write("deux")
        await sink.wait_for(2)
        service.write("trois")
        messages = await sink.wait_for(3)

    texts = [text_of(service.channel, raw) for raw in messages]
    assert texts == ["un", "deux", "trois"]
    positions = [raw.position for raw in messages]
    assert positions == sorted(set(positions))
    assert min(positions) > 0
    assert all(raw.received_at.tzinfo is not None for raw in messages)


async def test_a_restart_repeats_nothing_and_skips_nothing(service: Service) -> None:
    sink = RecordingSink()
    service.write("un")
    async with running(service.channel, sink):
        await sink.wait_for(1)
    service.write("deux")
    again = service.restarted()
    async with running(again, sink):
        messages = await sink.wait_for(2)

    assert [len(batch) for batch in sink.batches] == [1, 1]
    assert len({(raw.source, raw.position) for raw in messages}) == 2


async def test_what_could_not_be_stored_comes_again(service: Service) -> None:
    sink = RecordingSink()
    sink.fail()
    service.write("un")
    with pytest.raises(StoreUnreachable):
        async with asyncio.timeout(20):
            await service.channel.run(sink)
    again = service.restarted()
    async with running(again, sink):
        await sink.wait_for(1)

    first, second = (batch[0] for batch in sink.batches)
    assert (first.source, first.position) == (second.source, second.position)


async def test_receiving_stops_when_it_is_cancelled(service: Service) -> None:
    sink = RecordingSink()
    service.write("un")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(service.channel.run(sink))
        await sink.wait_for(1)
        task.cancel()
    await service.channel.aclose()

    assert task.cancelled()


async def test_a_sent_message_arrives_with_a_receipt(service: Service) -> None:
    channel = service.channel
    envelope = channel.compose(an_outbound())
    receipt = await channel.send(envelope)
    await channel.aclose()

    assert receipt.at.tzinfo is not None
    assert service.received(JO) == [envelope.content]
    assert envelope.key == "event-1"


async def test_the_same_message_is_composed_the_same_way(service: Service) -> None:
    first = service.channel.compose(an_outbound())

    assert service.restarted().compose(an_outbound()) == first


async def test_a_temporary_refusal_can_be_tried_again(service: Service) -> None:
    channel = service.channel
    service.refuse(JO, forever=False)
    envelope = channel.compose(an_outbound())
    with pytest.raises(TemporaryFailure):
        await channel.send(envelope)
    await channel.send(envelope)
    await channel.aclose()

    assert service.received(JO) == [envelope.content]


async def test_a_permanent_refusal_touches_nobody_else(service: Service) -> None:
    channel = service.channel
    service.refuse(JO, forever=True)
    with pytest.raises(PermanentFailure):
        await channel.send(channel.compose(an_outbound()))
    await channel.send(channel.compose(an_outbound(to="anna@client.example")))
    await channel.aclose()

    assert not service.received(JO)
    assert len(service.received("anna@client.example")) == 1


async def test_many_can_be_sent_at_once(service: Service) -> None:
    channel = service.channel
    async with asyncio.TaskGroup() as group:
        for number in range(10):
            envelope = channel.compose(an_outbound(key=f"event-{number}"))
            group.create_task(channel.send(envelope))
    await channel.aclose()

    assert len(service.received(JO)) == 10


async def test_an_address_that_is_none_is_refused_for_ever(service: Service) -> None:
    channel = service.channel
    envelope = replace(channel.compose(an_outbound()), recipient="nobody")
    with pytest.raises(PermanentFailure):
        await channel.send(envelope)
    await channel.aclose()


async def test_leaving_twice_is_harmless(service: Service) -> None:
    await service.channel.aclose()
    await service.channel.aclose()


async def test_new_text_is_told_from_what_we_wrote(service: Service) -> None:
    sink = RecordingSink()
    service.write("OUI\r\n\r\n> Peut-on clôturer ?\r\n> Répondez OUI ou NON.")
    async with running(service.channel, sink):
        [raw] = await sink.wait_for(1)

    inbound = service.channel.parse(raw)
    assert isinstance(inbound, Inbound)
    sent = ["Peut-on clôturer ?\nRépondez OUI ou NON."]
    assert service.channel.separate(inbound, sent).text == "OUI"
