"""Sending through a real server: receipts, refusals, and links that break."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from azbot.channels.email.settings import SmtpSettings
from azbot.channels.email.smtp import SmtpSender
from azbot.errors import PermanentFailure, TemporaryFailure
from azbot.messages import Envelope
from azbot.testing.clock import FakeClock
from tests.servers.certificate import Certificate
from tests.servers.places import free_port
from tests.servers.smtp import Fault, Security, SmtpSink, running_sink

CONTENT = b"Subject: Bien\r\nMessage-ID: <1@example.fr>\r\n\r\n.\r\n..\r\nBonjour\r\n"
JO = "jo@client.example"


def an_envelope(recipient: str = JO, content: bytes = CONTENT) -> Envelope:
    return Envelope("key", "support+1@example.fr", recipient, content)


class Office:
    """A sender of one sink and its clock."""

    def __init__(self, sink: SmtpSink, password: str = "", **changes: Any) -> None:
        values: dict[str, Any] = {"host": sink.host, "port": sink.port}
        values |= {"security": "none", "connect_seconds": 5, "command_seconds": 5}
        self.clock = FakeClock()
        settings = SmtpSettings(**(values | changes))
        self.sender = SmtpSender(settings, password, self.clock)

    async def send(self, recipient: str = JO, content: bytes = CONTENT) -> str:
        receipt = await self.sender.send(an_envelope(recipient, content))
        assert receipt.at == self.clock.now()
        return receipt.remote_id

    async def send_all(self, *recipients: str) -> None:
        async with asyncio.TaskGroup() as group:
            for recipient in recipients:
                group.create_task(self.send(recipient))

    async def __aenter__(self) -> Office:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.sender.aclose()


async def test_the_server_gets_the_octets_as_they_are(smtp_sink: SmtpSink) -> None:
    async with Office(smtp_sink) as office:
        assert await office.send() == "2.0.0 Kept"

    [mail] = smtp_sink.received
    assert mail.content == CONTENT
    assert mail.sender == "support+1@example.fr"
    assert mail.recipients == (JO,)


async def test_an_empty_return_path_is_sent_as_such(smtp_sink: SmtpSink) -> None:
    async with Office(smtp_sink) as office:
        await office.sender.send(Envelope("key", "", JO, CONTENT))

    assert smtp_sink.received[0].sender.strip("<>") == ""


async def test_one_connection_carries_many_mails(smtp_sink: SmtpSink) -> None:
    async with Office(smtp_sink) as office:
        for _ in range(20):
            await office.send()

    assert len(smtp_sink.received) == 20
    assert smtp_sink.connections == 1


async def test_no_more_connections_than_allowed(smtp_sink: SmtpSink) -> None:
    async with Office(smtp_sink, connections=2, per_domain=20) as office:
        await office.send_all(*[JO] * 20)

    assert smtp_sink.most_at_once == 2
    assert smtp_sink.connections == 2


async def test_one_slow_domain_does_not_hold_up_the_others(smtp_sink: SmtpSink) -> None:
    slow = "slow@far.example"
    async with (
        Office(smtp_sink, connections=2, per_domain=1) as office,
        asyncio.TaskGroup() as group,
    ):
        with smtp_sink.holding(slow):
            for _ in range(3):
                group.create_task(office.send(slow))
            for _ in range(5):
                await office.send()
            assert len(smtp_sink.to(JO)) == 5
    assert len(smtp_sink.to(slow)) == 3
    assert smtp_sink.most_at_once_to["far.example"] == 1


# --- refusals ---


@pytest.mark.parametrize("stage", ["rcpt", "data"])
async def test_a_5xx_is_permanent(smtp_sink: SmtpSink, stage: Any) -> None:
    smtp_sink.answer(JO, f"550 5.1.1 <{JO}> unknown here", stage=stage)
    async with Office(smtp_sink) as office:
        with pytest.raises(PermanentFailure) as caught:
            await office.send()

        assert caught.value.reason == "550 5.1.1 <…> unknown here"
        assert await office.send()
    assert smtp_sink.connections == 1


@pytest.mark.parametrize("stage", ["rcpt", "data"])
async def test_a_4xx_is_temporary(smtp_sink: SmtpSink, stage: Any) -> None:
    smtp_sink.answer(JO, "451 4.7.1 Try later", stage=stage)
    async with Office(smtp_sink) as office:
        with pytest.raises(TemporaryFailure) as caught:
            await office.send()

        assert caught.value.reason == "451 4.7.1 Try later"
        assert caught.value.retry_after is None
        assert await office.send()
    assert smtp_sink.connections == 1


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("450 4.2.0 Greylisted, see you in 300 seconds", 300),
        ("450 4.7.1 retry after 5 min", 300),
        ("421 4.7.0 wait for 2 hours", 7_200),
        ("450 in 99999 hours", 21_600),
    ],
)
async def test_a_server_may_say_how_long_to_wait(
    smtp_sink: SmtpSink, words: str, seconds: int
) -> None:
    smtp_sink.answer(JO, words)
    async with Office(smtp_sink) as office:
        with pytest.raises(TemporaryFailure) as caught:
            await office.send()

    assert caught.value.retry_after == timedelta(seconds=seconds)


async def test_a_refusal_of_one_does_not_touch_another(smtp_sink: SmtpSink) -> None:
    smtp_sink.answer("no@client.example", then="550 5.1.1 no")
    async with Office(smtp_sink) as office:
        for _ in range(3):
            with pytest.raises(PermanentFailure):
                await office.send("no@client.example")
            await office.send()

    assert len(smtp_sink.to(JO)) == 3


async def test_a_mail_too_large_is_refused_before_it_leaves(
    smtp_sink: SmtpSink,
) -> None:
    async with Office(smtp_sink) as office:
        with pytest.raises(PermanentFailure, match="552"):
            await office.send(content=bytes(65 * 1024 * 1024))
        await office.send()


@pytest.mark.parametrize(
    "recipient",
    ["a\r\nRCPT TO:<b@x>@x.fr", "a\0@x.fr", "<b@x.fr>a@x.fr", "", "a@x.fr,b@x.fr"],
)
async def test_an_address_with_a_line_break_never_reaches_the_server(
    smtp_sink: SmtpSink, recipient: str
) -> None:
    async with Office(smtp_sink) as office:
        with pytest.raises(PermanentFailure):
            await office.send(recipient)

    assert not smtp_sink.received


async def test_an_accented_address_is_sent_where_the_server_takes_it(
    smtp_sink: SmtpSink,
) -> None:
    async with Office(smtp_sink) as office:
        await office.send("éva@client.example")

    assert smtp_sink.received[0].recipients == ("éva@client.example",)


# --- links ---


async def test_a_connection_cut_while_it_rested_is_replaced(
    smtp_sink: SmtpSink,
) -> None:
    async with Office(smtp_sink) as office:
        await office.send()
        smtp_sink.cut()
        await office.send()

    assert len(smtp_sink.received) == 2
    assert smtp_sink.connections == 2


async def test_a_connection_that_rested_too_long_is_replaced(
    smtp_sink: SmtpSink,
) -> None:
    async with Office(smtp_sink, idle_seconds=30) as office:
        await office.send()
        await office.clock.advance(timedelta(seconds=31))
        await office.send()

    assert smtp_sink.connections == 2


async def test_a_reused_connection_that_is_closed_with_421_is_replaced(
    smtp_sink: SmtpSink,
) -> None:
    async with Office(smtp_sink) as office:
        await office.send()
        smtp_sink.answer(JO, "421 4.3.2 closing")
        await office.send()

    assert len(smtp_sink.received) == 2


async def test_a_cut_at_the_recipient_is_temporary(smtp_sink: SmtpSink) -> None:
    smtp_sink.answer(JO, Fault.CLOSE)
    async with Office(smtp_sink) as office:
        with pytest.raises(TemporaryFailure):
            await office.send()


async def test_a_mail_whose_fate_is_unknown_is_not_repeated_at_once(
    smtp_sink: SmtpSink,
) -> None:
    async with Office(smtp_sink) as office:
        await office.send("first@client.example")
        smtp_sink.answer(JO, Fault.KEEP_AND_CLOSE, stage="data")
        with pytest.raises(TemporaryFailure):
            await office.send()
        assert len(smtp_sink.to(JO)) == 1

        await office.send()
    assert [mail.content for mail in smtp_sink.to(JO)] == [CONTENT, CONTENT]


async def test_a_server_that_stays_silent_is_left(smtp_sink: SmtpSink) -> None:
    limits: dict[str, Any] = {"command_seconds": 0.2, "connect_seconds": 0.2}
    async with Office(smtp_sink, **limits) as office:
        with smtp_sink.holding(JO), pytest.raises(TemporaryFailure):
            await office.send()
        await office.send("other@client.example")


async def test_a_server_that_is_not_there_is_temporary() -> None:
    settings = SmtpSettings(host="127.0.0.1", port=free_port(), security="none")
    sender = SmtpSender(settings, "", FakeClock())

    with pytest.raises(TemporaryFailure, match="smtp SMTPConnectError"):
        await sender.send(an_envelope())


async def test_a_cancelled_send_gives_its_place_back(smtp_sink: SmtpSink) -> None:
    async with Office(smtp_sink, connections=1, per_domain=1) as office:
        with smtp_sink.holding(JO), pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await office.send()
        await office.send()


async def test_leaving_twice_is_harmless(smtp_sink: SmtpSink) -> None:
    async with Office(smtp_sink) as office:
        await office.send()
        await office.sender.aclose()
        await office.sender.aclose()


# --- login and secure connections ---


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
async def test_mail_leaves_after_a_login(
    certificate: Certificate, security: Security
) -> None:
    with running_sink(security, certificate, ("desk", "secret")) as sink:
        changes = {"user": "desk", "security": security, "ca_file": certificate.file}
        async with Office(sink, "secret", **changes) as office:
            await office.send()
            await office.send()
        assert len(sink.received) == 2
        assert sink.connections == 1


async def test_a_refused_login_lets_the_mail_wait(certificate: Certificate) -> None:
    with running_sink("starttls", certificate, ("desk", "secret")) as sink:
        changes = {
            "user": "desk",
            "security": "starttls",
            "ca_file": certificate.file,
        }
        async with Office(sink, "wrong", **changes) as office:
            with pytest.raises(TemporaryFailure) as caught:
                await office.send()

    assert caught.value.reason == "smtp login refused 535"
    assert caught.value.retry_after == timedelta(minutes=5)


async def test_a_missing_login_lets_the_mail_wait() -> None:
    with running_sink(login=("desk", "secret")) as sink:
        async with Office(sink) as office:
            with pytest.raises(TemporaryFailure, match="login needed 530"):
                await office.send()


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_stranger_with_another_certificate_gets_nothing(
    certificate: Certificate, security: Security
) -> None:
    with running_sink(security, certificate) as sink:
        async with Office(sink, security=security) as office:
            with pytest.raises(TemporaryFailure):
                await office.send()
        assert not sink.received


async def test_a_server_without_starttls_gets_no_mail_in_clear(
    smtp_sink: SmtpSink,
) -> None:
    async with Office(smtp_sink, security="starttls") as office:
        with pytest.raises(TemporaryFailure):
            await office.send()

    assert not smtp_sink.received


# --- old and narrow servers ---


@contextlib.asynccontextmanager
async def narrow_server(*offers: str) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Serve with exactly these extensions; none: EHLO is unknown."""
    heard: list[bytes] = []
    talks: dict[asyncio.Task[Any] | None, asyncio.StreamWriter] = {}

    def answer(line: bytes) -> bytes:
        command = line[:4].upper()
        if command == b"EHLO":
            lines = "".join(f"250 {each}\r\n" for each in offers)
            return f"250-hello\r\n{lines}".encode() if offers else b"502 no\r\n"
        known = {b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}
        return known.get(command, b"250 fine\r\n")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks[asyncio.current_task()] = writer
        writer.write(b"220 ready\r\n")
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                heard.append(line.strip())
                writer.write(answer(line))
                if line.upper().startswith(b"DATA"):
                    await reader.readuntil(b"\r\n.\r\n")
                    writer.write(b"250 kept as 4711\r\n")
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()
        for writer in talks.values():
            writer.transport.abort()
        await asyncio.gather(*filter(None, talks))


def narrow_sender(port: int) -> SmtpSender:
    settings = SmtpSettings(host="127.0.0.1", port=port, security="none")
    return SmtpSender(settings, "", FakeClock())


async def test_a_server_of_the_last_century_is_greeted_with_helo() -> None:
    async with narrow_server() as (port, heard):
        sender = narrow_sender(port)
        receipt = await sender.send(an_envelope())
        await sender.aclose()

    assert receipt.remote_id == "kept as 4711"
    assert [line[:4] for line in heard] == [
        b"EHLO",
        b"HELO",
        b"MAIL",
        b"RCPT",
        b"DATA",
        b"QUIT",
    ]


async def test_a_size_over_the_limit_is_not_even_announced() -> None:
    async with narrow_server("SIZE 60") as (port, heard):
        sender = narrow_sender(port)
        with pytest.raises(PermanentFailure, match="takes 60"):
            await sender.send(an_envelope())
        small = b"Subject: x\r\n\r\n"
        await sender.send(an_envelope(content=small))
        await sender.aclose()

    assert [line for line in heard if line.startswith(b"MAIL")] == [
        b"MAIL FROM:<support+1@example.fr> SIZE=14"
    ]


async def test_an_accented_address_needs_a_server_that_takes_it() -> None:
    async with narrow_server("PIPELINING") as (port, _):
        sender = narrow_sender(port)
        with pytest.raises(PermanentFailure, match="553"):
            await sender.send(an_envelope("éva@client.example"))
        await sender.aclose()
