"""Reading a real mailbox: whatever the server or the link does, nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from azbot.channels.email.imap import ImapReceiver
from azbot.channels.email.imaplink import ImapFailure
from azbot.channels.email.settings import ImapSettings
from azbot.clock import SystemClock
from azbot.errors import StoreUnreachable
from azbot.testing.clock import FakeClock
from azbot.testing.patience import PATIENCE
from azbot.testing.sink import RecordingSink
from tests.servers.certificate import Certificate
from tests.servers.dovecot import Dovecot

MAIL = b"From: jo@client.example\r\nSubject: %d\r\n\r\nBonjour (%d) {3}\r\n"


def a_mail(number: int) -> bytes:
    return MAIL % (number, number)


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    return dovecot.new_account()


def settings_for(dovecot: Dovecot, user: str, **changes: Any) -> ImapSettings:
    values: dict[str, Any] = {
        "host": dovecot.host,
        "port": dovecot.port,
        "security": "none",
        "user": user,
    }
    return ImapSettings(**(values | changes))


def a_receiver(dovecot: Dovecot, user: str, **changes: Any) -> ImapReceiver:
    settings = settings_for(dovecot, user, **changes)
    return ImapReceiver(settings, dovecot.password, SystemClock())


@contextlib.asynccontextmanager
async def running(receiver: ImapReceiver, sink: RecordingSink) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(receiver.run(sink))
        try:
            yield
        finally:
            task.cancel()


async def failure_of(receiver: ImapReceiver, sink: RecordingSink) -> ImapFailure:
    with pytest.raises(ImapFailure) as caught:
        async with asyncio.timeout(PATIENCE):
            await receiver.run(sink)
    return caught.value


def people_do(dovecot: Dovecot, user: str, *command: str) -> None:
    with imaplib.IMAP4(dovecot.host, dovecot.port, timeout=10) as client:
        client.login(user, dovecot.password)
        client.select()
        client.uid(*command)


# --- what waits and what comes ---


async def test_a_thousand_waiting_mails_all_arrive_in_order(
    dovecot: Dovecot, user: str
) -> None:
    for number in range(1_000):
        dovecot.deliver(a_mail(number), user)
    sink = RecordingSink()
    async with running(a_receiver(dovecot, user), sink):
        messages = await sink.wait_for(1_000)

    assert [one.position for one in messages] == list(range(1, 1_001))
    assert [one.content for one in messages] == [a_mail(n) for n in range(1_000)]
    assert max(map(len, sink.batches)) <= 50


async def test_a_message_says_where_it_comes_from(dovecot: Dovecot, user: str) -> None:
    before = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251
    dovecot.deliver(a_mail(1), user)
    sink = RecordingSink()
    async with running(a_receiver(dovecot, user), sink):
        [message] = await sink.wait_for(1)

    source, _, validity = message.source.rpartition(";")
    assert source == f"imap:{user}@127.0.0.1/INBOX"
    assert validity.isdigit()
    assert message.channel == "email"
    assert message.size == len(a_mail(1))
    assert timedelta(0) <= message.received_at - before < timedelta(minutes=1)


async def test_new_mail_is_pushed(dovecot: Dovecot, user: str) -> None:
    sink = RecordingSink()
    dovecot.deliver(a_mail(1), user)
    async with running(a_receiver(dovecot, user), sink):
        for number in range(2, 5):
            await sink.wait_for(number - 1)
            dovecot.deliver(a_mail(number), user)
        messages = await sink.wait_for(4)

    assert [one.position for one in messages] == [1, 2, 3, 4]


async def test_a_server_that_announces_nothing_is_asked(
    dovecot: Dovecot, user: str
) -> None:
    clock, sink = FakeClock(), RecordingSink()
    settings = settings_for(dovecot, user, poll_seconds=60)
    async with running(ImapReceiver(settings, dovecot.password, clock), sink):
        await clock.until_asleep()
        assert [alarm - clock.now() for alarm in clock.alarms] == [timedelta(minutes=1)]
        dovecot.deliver(a_mail(1), user)
        await clock.advance(timedelta(minutes=1))
        await sink.wait_for(1)


async def test_the_last_message_is_not_taken_again(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(a_mail(1), user)
    clock, sink = FakeClock(), RecordingSink()
    settings = settings_for(dovecot, user)
    async with running(ImapReceiver(settings, dovecot.password, clock), sink):
        for _ in range(3):
            await clock.until_asleep()
            await clock.advance(timedelta(minutes=1))
        await clock.until_asleep()

    assert len(sink.batches) == 1


async def test_a_restart_goes_on_behind_the_last_one_stored(
    dovecot: Dovecot, user: str
) -> None:
    sink = RecordingSink()
    dovecot.deliver(a_mail(1), user)
    async with running(a_receiver(dovecot, user), sink):
        await sink.wait_for(1)
    dovecot.deliver(a_mail(2), user)
    async with running(a_receiver(dovecot, user), sink):
        await sink.wait_for(2)

    assert [len(batch) for batch in sink.batches] == [1, 1]


async def test_mail_that_a_person_read_first_is_still_taken(
    dovecot: Dovecot, user: str
) -> None:
    dovecot.deliver(a_mail(1), user)
    people_do(dovecot, user, "STORE", "1", "+FLAGS", r"(\Seen)")
    sink = RecordingSink()
    async with running(a_receiver(dovecot, user), sink):
        await sink.wait_for(1)


async def test_reading_leaves_no_mark(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(a_mail(1), user)
    sink = RecordingSink()
    async with running(a_receiver(dovecot, user), sink):
        await sink.wait_for(1)
        dovecot.deliver(a_mail(2), user)
        await sink.wait_for(2)

    assert "S" not in "".join(dovecot.flags(user))


async def test_new_uids_are_a_new_source(dovecot: Dovecot, user: str) -> None:
    sink = RecordingSink()
    dovecot.deliver(a_mail(1), user)
    async with running(a_receiver(dovecot, user), sink):
        await sink.wait_for(1)
    dovecot.new_uidvalidity(user)
    async with running(a_receiver(dovecot, user), sink):
        messages = await sink.wait_for(2)

    assert len({one.source for one in messages}) == 2
    assert {one.content for one in messages} == {a_mail(1)}


async def test_a_giant_is_fetched_by_its_beginning_only(
    dovecot: Dovecot, user: str
) -> None:
    giant = a_mail(2) + b"x" * 60_000 + b"\r\n"
    for mail in (a_mail(1), giant, a_mail(3)):
        dovecot.deliver(mail, user)
    sink = RecordingSink()
    receiver = a_receiver(dovecot, user, max_message_bytes=50_000, giant_bytes=2_000)
    async with running(receiver, sink):
        messages = await sink.wait_for(3)

    assert [one.position for one in messages] == [1, 2, 3]
    assert messages[1].content == giant[:2_000]
    assert messages[1].size == len(giant)


async def test_batches_are_cut_by_octets_too(dovecot: Dovecot, user: str) -> None:
    for number in range(6):
        dovecot.deliver(a_mail(number) + b"x" * 4_000, user)
    sink = RecordingSink()
    async with running(a_receiver(dovecot, user, batch_bytes=9_000), sink):
        await sink.wait_for(6)

    assert [len(batch) for batch in sink.batches] == [2, 2, 2]


async def test_a_folder_with_accents_is_read(dovecot: Dovecot, user: str) -> None:
    with imaplib.IMAP4(dovecot.host, dovecot.port, timeout=10) as client:
        client.login(user, dovecot.password)
        client.create('"Re&AOc-us &- lus"')
        client.append('"Re&AOc-us &- lus"', "", "", a_mail(1))
    sink = RecordingSink()
    async with running(a_receiver(dovecot, user, folder="Reçus & lus"), sink):
        [message] = await sink.wait_for(1)

    assert message.content == a_mail(1)


# --- acknowledging ---


async def test_stored_mail_is_marked_as_read(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(a_mail(1), user)
    clock, sink = FakeClock(), RecordingSink()
    settings = settings_for(dovecot, user, after="seen")
    async with running(ImapReceiver(settings, dovecot.password, clock), sink):
        await clock.until_asleep()

    assert dovecot.flags(user) == ["S"]


async def test_stored_mail_is_moved_into_a_folder_made_for_it(
    dovecot: Dovecot, user: str
) -> None:
    for number in range(3):
        dovecot.deliver(a_mail(number), user)
    clock, sink = FakeClock(), RecordingSink()
    settings = settings_for(dovecot, user, after="move", processed_folder="Traités")
    async with running(ImapReceiver(settings, dovecot.password, clock), sink):
        await clock.until_asleep()
        # a counter of messages must not be fooled by those that left
        for number in range(3, 6):
            dovecot.deliver(a_mail(number), user)
        await sink.wait_for(6)
        await clock.until_asleep()

    folders = dovecot.folders(user)
    assert folders["INBOX"] == 0
    assert folders["Trait&AOk-s"] == 6


async def test_nothing_is_acknowledged_before_it_is_stored(
    dovecot: Dovecot, user: str
) -> None:
    dovecot.deliver(a_mail(1), user)
    sink = RecordingSink()
    sink.fail()
    with pytest.raises(StoreUnreachable):
        await a_receiver(dovecot, user, after="move").run(sink)

    assert dovecot.folders(user)["INBOX"] == 1
    async with running(a_receiver(dovecot, user, after="move"), sink):
        await sink.wait_for(1)


async def test_what_a_crash_left_unmoved_is_moved_later(
    dovecot: Dovecot, user: str
) -> None:
    dovecot.deliver(a_mail(1), user)
    sink = RecordingSink()
    async with running(a_receiver(dovecot, user), sink):
        await sink.wait_for(1)
    clock = FakeClock()
    settings = settings_for(dovecot, user, after="move")
    async with running(ImapReceiver(settings, dovecot.password, clock), sink):
        await clock.until_asleep()

    assert dovecot.folders(user)["INBOX"] == 0
    assert len(sink.messages) == 1


# --- trouble ---


@pytest.mark.parametrize("security", ["none", "tls", "starttls"])
async def test_a_killed_server_is_noticed_and_nothing_is_lost(
    dovecot: Dovecot, user: str, certificate: Certificate, security: str
) -> None:
    clock, sink = FakeClock(), RecordingSink()
    dovecot.deliver(a_mail(1), user)
    port = dovecot.tls_port if security == "tls" else dovecot.port
    changes = {"security": security, "port": port, "ca_file": certificate.file}
    settings = settings_for(dovecot, user, **changes)
    receiver = ImapReceiver(settings, dovecot.password, clock)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(failure_of(receiver, sink))
        await clock.until_asleep()
        await asyncio.to_thread(dovecot.kill)
    assert task.result().code == "lost"
    assert (await failure_of(receiver, sink)).code == "connect"

    await asyncio.to_thread(dovecot.start)
    dovecot.deliver(a_mail(2), user)
    async with running(receiver, sink):
        await sink.wait_for(2)
    assert [one.content for one in sink.messages] == [a_mail(1), a_mail(2)]


async def test_a_cut_connection_is_noticed(dovecot: Dovecot, user: str) -> None:
    clock, sink = FakeClock(), RecordingSink()
    receiver = ImapReceiver(settings_for(dovecot, user), dovecot.password, clock)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(failure_of(receiver, sink))
        await clock.until_asleep()
        await asyncio.to_thread(dovecot.kick, user)

    assert task.result().code in {"bye", "lost"}


async def test_a_half_open_link_is_noticed_when_idle_is_not_ended(
    dovecot: Dovecot, user: str
) -> None:
    clock, sink = FakeClock(), RecordingSink()
    settings = settings_for(dovecot, user, done_seconds=0.2)
    receiver = ImapReceiver(settings, dovecot.password, clock)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(failure_of(receiver, sink))
        await clock.until_asleep()
        with dovecot.frozen():
            await clock.advance(timedelta(minutes=1))
            await asyncio.wait([task])

    assert task.result().code == "timeout"


async def test_a_refused_login_says_so(dovecot: Dovecot, user: str) -> None:
    receiver = ImapReceiver(settings_for(dovecot, user), 'wrong "\\', SystemClock())
    failure = await failure_of(receiver, RecordingSink())

    assert failure.code == "login"
    assert failure.detail == "AUTHENTICATIONFAILED"
    assert failure.retry_after == timedelta(minutes=1)
    assert "wrong" not in failure.reason


async def test_a_missing_folder_says_so(dovecot: Dovecot, user: str) -> None:
    receiver = a_receiver(dovecot, user, folder="Nowhere")

    assert (await failure_of(receiver, RecordingSink())).code == "folder"


async def test_leaving_twice_is_harmless(dovecot: Dovecot, user: str) -> None:
    clock, sink = FakeClock(), RecordingSink()
    receiver = ImapReceiver(settings_for(dovecot, user), dovecot.password, clock)
    await receiver.aclose()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(failure_of(receiver, sink))
        await clock.until_asleep()
        await receiver.aclose()
        await receiver.aclose()

    assert task.result().code == "lost"


# --- secure connections ---


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_mail_is_read_over_a_secure_connection(
    dovecot: Dovecot, user: str, certificate: Certificate, security: str
) -> None:
    dovecot.deliver(a_mail(1), user)
    sink = RecordingSink()
    port = dovecot.tls_port if security == "tls" else dovecot.port
    changes = {"security": security, "port": port, "ca_file": certificate.file}
    async with running(a_receiver(dovecot, user, **changes), sink):
        await sink.wait_for(1)


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_stranger_with_another_certificate_is_refused(
    dovecot: Dovecot, user: str, security: str
) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    receiver = a_receiver(dovecot, user, security=security, port=port)

    assert (await failure_of(receiver, RecordingSink())).code == "tls"
