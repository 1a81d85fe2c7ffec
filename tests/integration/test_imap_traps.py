"""What servers do that no real one does on request: one trap, one test."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from azbot.channels.email.imap import ImapReceiver
from azbot.channels.email.imaplink import ImapFailure
from azbot.channels.email.settings import ImapSettings
from azbot.testing.clock import FakeClock
from azbot.testing.patience import PATIENCE
from azbot.testing.sink import RecordingSink
from tests.servers.scripted_imap import ScriptedImap, Talk, fetched, idle, sized

MAIL = b"Subject: OUI\r\n\r\nOUI (1) {3}\r\n"


class Desk:
    """A receiver of a scripted server, with all that a test looks at."""

    def __init__(self, server: ScriptedImap, **changes: Any) -> None:
        values: dict[str, Any] = {"security": "none", "user": 'a "b" \\c'}
        values |= {"done_seconds": 0.3, "connect_seconds": 2, "command_seconds": 2}
        self.clock = FakeClock()
        self.sink = RecordingSink()
        self.receiver = ImapReceiver(
            ImapSettings(host=server.host, port=server.port, **(values | changes)),
            "secret",
            self.clock,
        )

    async def fail(self) -> ImapFailure:
        with pytest.raises(ImapFailure) as caught:
            async with asyncio.timeout(PATIENCE):
                await self.receiver.run(self.sink)
        return caught.value

    async def run_until(self, condition: Callable[[], Awaitable[object]]) -> None:
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            task = group.create_task(self.receiver.run(self.sink))
            await condition()
            task.cancel()

    async def run_until_stored(self, count: int) -> None:
        await self.run_until(lambda: self.sink.wait_for(count))

    async def run_until_asleep(self) -> None:
        await self.run_until(self.clock.until_asleep)


def one_message(**answers: Any) -> ScriptedImap:
    """A server with one message, UID 5."""
    server = ScriptedImap(
        UID_SEARCH=[b"* SEARCH 5\r\nTAG OK done\r\n", b"* SEARCH\r\nTAG OK done\r\n"],
        UID_FETCH=[sized((5, len(MAIL))), fetched(5, MAIL) + b"TAG OK done\r\n"],
    )
    for command, answer in answers.items():
        server.on(command.replace("_", " "), answer)
    return server


async def test_a_plain_conversation_yields_the_message() -> None:
    async with one_message().serving() as server:
        desk = Desk(server)
        await desk.run_until_stored(1)

    [message] = desk.sink.messages
    assert message.content == MAIL
    assert message.position == 5
    assert message.received_at == datetime(2026, 3, 25, 11, tzinfo=UTC)
    assert server.heard[:2] == [b"CAPABILITY", b'LOGIN "a \\"b\\" \\\\c" "secret"']


async def test_search_names_no_charset() -> None:
    async with one_message().serving() as server:
        await Desk(server).run_until_stored(1)

    assert b"UID SEARCH UID 1:*" in [line.replace(b"  ", b" ") for line in server.heard]


async def test_a_search_beyond_the_end_does_not_take_the_last_one_again() -> None:
    async with one_message(UID_SEARCH=b"* SEARCH 5\r\nTAG OK done\r\n").serving() as s:
        desk = Desk(s)
        await desk.run_until_asleep()
        await desk.run_until_asleep()

    assert len(desk.sink.batches) == 1


async def test_goodbye_instead_of_idling() -> None:
    async def leave(talk: Talk) -> None:
        await talk.say(b"* BYE too many\r\n")
        await talk.fall_silent()

    async with ScriptedImap(IDLE=leave).serving() as server:
        assert (await Desk(server).fail()).code == "bye"


async def test_goodbye_during_idle() -> None:
    async def leave(talk: Talk) -> None:
        await talk.say(b"+ idling\r\n* BYE shutting down\r\n")
        await talk.fall_silent()

    async with ScriptedImap(IDLE=leave).serving() as server:
        assert (await Desk(server).fail()).code == "bye"


async def test_silence_instead_of_idling() -> None:
    async with ScriptedImap(IDLE=Talk.fall_silent).serving() as server:
        assert (await Desk(server).fail()).code == "timeout"


async def test_silence_after_idle_was_ended() -> None:
    async def half_open(talk: Talk) -> None:
        await talk.say(b"+ idling\r\n")
        await talk.fall_silent()

    async with ScriptedImap(IDLE=half_open).serving() as server:
        desk = Desk(server)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(desk.fail())
            await desk.clock.until_asleep()
            await desk.clock.advance(timedelta(minutes=1))
    assert task.result().code == "timeout"


async def test_the_watchdog_ends_idle_when_the_clock_stands_still() -> None:
    ended = 0
    enough = asyncio.Event()

    async def count(talk: Talk) -> None:
        nonlocal ended
        await idle(talk)
        ended += 1
        if ended == 3:
            enough.set()

    async with ScriptedImap(IDLE=count).serving() as server:
        await Desk(server, idle_minutes=0.0005).run_until(enough.wait)


async def test_a_server_that_refuses_idle_is_polled() -> None:
    async with one_message(IDLE=b"TAG NO not now\r\n").serving() as server:
        desk = Desk(server)
        await desk.run_until_asleep()

    assert len(desk.sink.messages) == 1


async def test_a_server_without_idle_is_polled() -> None:
    async def next_minute() -> None:
        await desk.clock.until_asleep()
        server.on("UID SEARCH", b"* SEARCH 6\r\nTAG OK done\r\n")
        server.on("UID FETCH", [sized((6, 4)), fetched(6, b"abcd") + b"TAG OK\r\n"])
        await desk.clock.advance(timedelta(minutes=1))
        await desk.sink.wait_for(2)

    plain = b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"
    async with one_message(CAPABILITY=plain).serving() as server:
        desk = Desk(server)
        await desk.run_until(next_minute)

    assert b"IDLE" not in server.heard
    assert b"NOOP" in server.heard


async def test_mail_between_done_and_idle_is_found_without_another() -> None:
    answers = [
        b"* SEARCH\r\n* 1 EXISTS\r\nTAG OK done\r\n",  # came while it was searched
        b"* SEARCH 5\r\nTAG OK done\r\n",
        b"* SEARCH\r\nTAG OK done\r\n",
    ]
    async with one_message(UID_SEARCH=answers).serving() as server:
        desk = Desk(server)
        await desk.run_until_asleep()

    assert len(desk.sink.messages) == 1
    assert server.heard.count(b"IDLE") == 1


async def test_news_in_the_same_packet_as_idling_are_not_missed() -> None:
    async def at_once(talk: Talk) -> None:
        await talk.say(b"+ idling\r\n* 1 EXISTS\r\n")
        await talk.read()
        await talk.say(b"TAG OK done\r\n")

    nothing = b"* SEARCH\r\nTAG OK done\r\n"
    answers = [nothing, b"* SEARCH 5\r\nTAG OK done\r\n", nothing]
    async with one_message(UID_SEARCH=answers, IDLE=[at_once, idle]).serving() as s:
        desk = Desk(s)
        await desk.run_until_stored(1)


async def one_came(talk: Talk) -> None:
    # one left, one came: the count is the same as before
    await talk.say(b"+ idling\r\n* 1 EXISTS\r\n")
    await talk.read()
    await talk.say(b"TAG OK done\r\n")


async def test_as_many_new_as_were_moved_away_are_news() -> None:
    move = b"* 1 EXPUNGE\r\nTAG OK moved\r\n"
    first = b"* SEARCH 5\r\nTAG OK done\r\n"
    second = b"* SEARCH 6\r\nTAG OK done\r\n"
    select = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] here\r\nTAG OK in\r\n"
    server = one_message(
        SELECT=select,
        UID_MOVE=move,
        UID_SEARCH=[first, second, b"* SEARCH\r\nTAG OK done\r\n"],
        UID_FETCH=[
            sized((5, len(MAIL))),
            fetched(5, MAIL) + b"TAG OK done\r\n",
            sized((6, len(MAIL))),
            fetched(6, MAIL) + b"TAG OK done\r\n",
        ],
        IDLE=[one_came, idle],
    )
    async with server.serving():
        desk = Desk(server, after="move")
        await desk.run_until_stored(2)


async def test_a_cut_in_the_middle_of_a_message() -> None:
    async def half(talk: Talk) -> None:
        await talk.say(b"* 5 FETCH (UID 5 RFC822.SIZE 29 BODY[] {29}\r\nSubject: O")
        talk.vanish()

    server = one_message(UID_FETCH=[sized((5, 29)), half])
    async with server.serving():
        desk = Desk(server)
        assert (await desk.fail()).code == "lost"
        assert not desk.sink.messages
        server.on("UID SEARCH", b"* SEARCH 5\r\nTAG OK done\r\n")
        server.on("UID FETCH", [sized((5, 29)), fetched(5, MAIL) + b"TAG OK done\r\n"])
        await desk.run_until_stored(1)


async def test_silence_in_the_middle_of_a_message() -> None:
    async def half(talk: Talk) -> None:
        await talk.say(b"* 5 FETCH (UID 5 RFC822.SIZE 29 BODY[] {29}\r\nSubject: O")
        await talk.fall_silent()

    async with one_message(UID_FETCH=[sized((5, 29)), half]).serving() as server:
        assert (await Desk(server, command_seconds=0.2).fail()).code == "timeout"


async def test_a_message_that_comes_octet_by_octet() -> None:
    async def answer(talk: Talk) -> None:
        octets = (fetched(5, MAIL) + b"TAG OK done\r\n").replace(b"TAG", talk.tag)
        for place in range(len(octets)):
            await talk.say(octets[place : place + 1])
            await asyncio.sleep(0)

    async with one_message(UID_FETCH=[sized((5, 29)), answer]).serving() as server:
        desk = Desk(server)
        await desk.run_until_stored(1)
    assert desk.sink.messages[0].content == MAIL


async def test_attributes_behind_the_literal_and_news_between() -> None:
    answer = (
        b"* 1 FETCH (BODY[] {29}\r\n" + MAIL + b" UID 5 INTERNALDATE "
        b'" 5-Mar-2026 12:00:00 +0000" RFC822.SIZE 29)\r\n'
        b"* 9 FETCH (FLAGS (\\Seen) UID 77)\r\n* 9 EXISTS\r\nTAG OK done\r\n"
    )
    async with one_message(UID_FETCH=[sized((5, 29)), answer]).serving() as server:
        desk = Desk(server)
        await desk.run_until_stored(1)

    [message] = desk.sink.messages
    assert message.content == MAIL
    assert message.received_at == datetime(2026, 3, 5, 12, tzinfo=UTC)


async def test_a_short_body_in_quotes() -> None:
    answer = b'* 1 FETCH (UID 5 RFC822.SIZE 5 BODY[] "a\\"b\\\\")\r\nTAG OK done\r\n'
    async with one_message(UID_FETCH=[sized((5, 5)), answer]).serving() as server:
        desk = Desk(server)
        await desk.run_until_stored(1)

    assert desk.sink.messages[0].content == b'a"b\\'
    assert desk.sink.messages[0].received_at == desk.clock.now()


async def test_an_empty_message_and_one_without_body_are_kept() -> None:
    answer = (
        b"* 1 FETCH (UID 5 RFC822.SIZE 0 BODY[] {0}\r\n)\r\n"
        b"* 2 FETCH (UID 6 RFC822.SIZE 99 BODY[] NIL)\r\nTAG OK done\r\n"
    )
    server = one_message(
        UID_SEARCH=[b"* SEARCH 5 6\r\nTAG OK\r\n", b"* SEARCH\r\nTAG OK done\r\n"],
        UID_FETCH=[sized((5, 0), (6, 99)), answer],
    )
    async with server.serving():
        desk = Desk(server)
        await desk.run_until_stored(2)

    assert [(one.content, one.size) for one in desk.sink.messages] == [
        (b"", 0),
        (b"", 99),
    ]


async def test_a_message_that_vanished_meanwhile_holds_nothing_up() -> None:
    server = one_message(
        UID_SEARCH=[b"* SEARCH 4 5 6\r\nTAG OK\r\n", b"* SEARCH\r\nTAG OK done\r\n"],
        UID_FETCH=[sized((5, 29)), fetched(5, MAIL) + b"TAG OK done\r\n"],
    )
    async with server.serving():
        desk = Desk(server)
        await desk.run_until_asleep()

    assert [one.position for one in desk.sink.messages] == [5]


async def test_a_message_the_server_refuses_does_not_hold_up_the_others() -> None:
    async def answer(talk: Talk) -> None:
        if b"RFC822.SIZE)" in talk.line:
            await talk.say(sized((5, 29), (6, 29), (7, 29)))
        elif b" 5:7 " in talk.line or b" 6 " in talk.line:
            await talk.say(b"TAG NO [SERVERBUG] cannot\r\n")
        elif b" 5 " in talk.line:
            await talk.say(fetched(5, MAIL) + b"TAG OK done\r\n")
        else:
            await talk.say(fetched(7, MAIL) + b"TAG OK done\r\n")

    server = one_message(UID_SEARCH=b"* SEARCH 5 6 7\r\nTAG OK done\r\n")
    server.on("UID FETCH", answer)
    async with server.serving():
        desk = Desk(server)
        for _ in range(2):
            failure = await desk.fail()
            assert (failure.code, failure.detail) == ("refused", "SERVERBUG")
        await desk.run_until_stored(3)

    contents = {one.position: one.content for one in desk.sink.messages}
    assert contents == {5: MAIL, 6: b"", 7: MAIL}


async def test_thousands_of_lines_at_once_do_not_break_the_reader() -> None:
    async def flood(talk: Talk) -> None:
        await talk.say(
            b"+ idling\r\n" + b"* 1 EXPUNGE\r\n" * 20_000 + b"* 3 EXISTS\r\n"
        )
        await talk.read()
        await talk.say(b"TAG OK done\r\n")

    nothing = b"* SEARCH\r\nTAG OK done\r\n"
    answers = [nothing, b"* SEARCH 5\r\nTAG OK done\r\n", nothing]
    async with one_message(UID_SEARCH=answers, IDLE=[flood, idle]).serving() as server:
        await Desk(server).run_until_stored(1)


async def test_a_search_answer_of_a_hundred_thousand_messages_is_read() -> None:
    many = b" ".join(b"%d" % number for number in range(1_000_000, 1_100_000))
    answer = b"* SEARCH " + many + b"\r\nTAG OK done\r\n"
    async with one_message(
        UID_SEARCH=answer, UID_FETCH=Talk.fall_silent
    ).serving() as server:
        failure = await Desk(server, command_seconds=0.5).fail()

    assert failure.code == "timeout"
    assert any(b"FETCH 1000000:1000099 " in line for line in server.heard)


@pytest.mark.parametrize(
    "garbage",
    [b"\x00\xff\xfe\r\n", b"* \xe9\xe9\xe9\r\n", b"* ((((\r\n", b"hello\r\n", b"\r\n"],
)
async def test_garbage_between_answers_is_passed_over(garbage: bytes) -> None:
    answer = garbage + b"* SEARCH 5\r\n" + garbage + b"TAG OK done\r\n"
    answers = [answer, b"* SEARCH\r\nTAG OK done\r\n"]
    async with one_message(UID_SEARCH=answers).serving() as server:
        await Desk(server).run_until_stored(1)


@pytest.mark.parametrize(
    "greeting",
    [
        b"* BYE overloaded\r\n",
        b"SSH-2.0-server\r\n",
        b"220 mail ESMTP\r\n",
        b"\xff\r\n",
    ],
)
async def test_a_greeting_that_is_none_fails_at_once(greeting: bytes) -> None:
    server = ScriptedImap()
    server.greeting = greeting
    async with server.serving():
        assert (await Desk(server).fail()).code in {"bye", "refused"}


async def test_a_server_that_never_greets_is_left() -> None:
    server = ScriptedImap()
    server.greeting = Talk.fall_silent
    async with server.serving():
        assert (await Desk(server, connect_seconds=0.2).fail()).code == "timeout"


async def test_an_unexpected_tagged_answer_drops_the_connection() -> None:
    answer = b"XYZ1 OK who\r\nTAG OK done\r\n"
    async with one_message(UID_SEARCH=answer).serving() as server:
        assert (await Desk(server).fail()).code == "lost"


async def test_a_literal_no_memory_would_hold_drops_the_connection() -> None:
    async def huge(talk: Talk) -> None:
        await talk.say(b"* 5 FETCH (UID 5 BODY[] {99999999999}\r\nabc")
        await talk.fall_silent()

    async with one_message(UID_FETCH=[sized((5, 29)), huge]).serving() as server:
        assert (await Desk(server).fail()).code == "literal_too_long"


async def test_a_folder_without_lasting_numbers_is_refused() -> None:
    async with ScriptedImap(SELECT=b"* 1 EXISTS\r\nTAG OK in\r\n").serving() as server:
        failure = await Desk(server).fail()

    assert (failure.code, failure.detail) == ("protocol", "no UIDVALIDITY")


async def test_a_password_is_not_sent_where_login_is_disabled() -> None:
    answer = b"* CAPABILITY IMAP4rev1 LOGINDISABLED STARTTLS\r\nTAG OK done\r\n"
    async with ScriptedImap(CAPABILITY=answer).serving() as server:
        failure = await Desk(server).fail()

    assert (failure.code, failure.detail) == ("login", "LOGINDISABLED")
    assert not any(line.startswith(b"LOGIN") for line in server.heard)


async def test_a_connection_known_beforehand_needs_no_login() -> None:
    server = one_message()
    server.greeting = b"* PREAUTH welcome\r\n"
    async with server.serving():
        await Desk(server).run_until_stored(1)

    assert not any(line.startswith(b"LOGIN") for line in server.heard)


@pytest.mark.parametrize(
    "answer",
    [b"TAG OK go\r\n* CAPABILITY IMAP4rev1 injec", b"TAG NO\r\n", b"TAG BAD\r\n"],
)
async def test_starttls_that_is_refused_or_tampered_with_ends_there(
    answer: bytes,
) -> None:
    async with ScriptedImap(STARTTLS=answer).serving() as server:
        failure = await Desk(server, security="starttls").fail()

    assert (failure.code, failure.detail) == ("tls", "starttls_refused")
    assert not any(line.startswith(b"LOGIN") for line in server.heard)


async def test_a_server_without_move_is_copied_and_deleted_from() -> None:
    capabilities = b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS\r\nTAG OK done\r\n"
    server = one_message(
        CAPABILITY=capabilities,
        UID_COPY=[b"TAG NO [TRYCREATE] none\r\n", b"TAG OK copied\r\n"],
        CREATE=b"TAG OK made\r\n",
        UID_STORE=b"TAG OK stored\r\n",
        UID_EXPUNGE=b"* 1 EXPUNGE\r\nTAG OK gone\r\n",
    )
    async with server.serving():
        desk = Desk(server, after="move")
        await desk.run_until_asleep()

    done = [line for line in server.heard if line.split()[0] in {b"UID", b"CREATE"}]
    assert done[3:] == [
        b'UID COPY 5 "Processed"',
        b'CREATE "Processed"',
        b'UID COPY 5 "Processed"',
        rb"UID STORE 5 +FLAGS.SILENT (\Deleted)",
        b"UID EXPUNGE 5",
    ]


async def test_a_refused_acknowledgement_stops_nothing() -> None:
    server = one_message(UID_MOVE=b"TAG NO over quota\r\n", CREATE=b"TAG NO exists\r\n")
    async with server.serving():
        desk = Desk(server, after="move")
        await desk.run_until_asleep()

    assert len(desk.sink.messages) == 1
