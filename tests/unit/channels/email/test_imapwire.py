from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from aioimaplib.aioimaplib import SELECTED, FetchCommand
from hypothesis import given
from hypothesis import strategies as st

from azbot.channels.email.imapwire import (
    WireProtocol,
    mailbox_name,
    quoted,
    read_internal_date,
    uid_set,
)

LITERAL = b"Subject: x\r\n\r\n* 9 EXISTS\r\nA1 OK (no) {3}\r\n"
ANSWER = (
    b"* 1 FETCH (UID 5 RFC822.SIZE %d BODY[] {%d}\r\n" % (len(LITERAL), len(LITERAL))
    + LITERAL
    + b")\r\n* 4 EXISTS\r\n* 2 EXPUNGE\r\n"
)


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("INBOX", '"INBOX"'),
        ("Sent Items", '"Sent Items"'),
        ("R&D", '"R&-D"'),
        ("Traités", '"Trait&AOk-s"'),
        ("台北/日本語", '"&U,BTFw-/&ZeVnLIqe-"'),
        ("😀", '"&2D3eAA-"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("", '""'),
    ],
)
def test_folder_names_are_written_as_servers_know_them(name: str, wire: str) -> None:
    assert mailbox_name(name) == wire


@pytest.mark.parametrize("char", ["\r", "\n", "\0"])
def test_a_line_break_never_enters_a_command(char: str) -> None:
    with pytest.raises(ValueError, match="folder"):
        mailbox_name(f"a{char}b")
    with pytest.raises(ValueError, match="quoted"):
        quoted(f"a{char}b")


@pytest.mark.parametrize(
    ("uids", "text"),
    [([], ""), ([4], "4"), ([4, 5, 6, 9, 11, 12], "4:6,9,11:12")],
)
def test_numbers_are_written_as_ranges(uids: list[int], text: str) -> None:
    assert uid_set(uids) == text


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("25-Mar-2026 12:00:00 +0100", datetime(2026, 3, 25, 11, tzinfo=UTC)),
        (" 5-mar-2026 12:00:00 -0330", datetime(2026, 3, 5, 15, 30, tzinfo=UTC)),
        ("31-Dec-2016 23:59:60 +0000", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("31-Feb-2026 12:00:00 +0000", None),
        ("01-Foo-2026 12:00:00 +0000", None),
        ("01-anf-2026 12:00:00 +0000", None),
        ("01-Jan-0001 00:00:00 +1400", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_read_or_not_believed(text: str, when: datetime | None) -> None:
    assert read_internal_date(text) == when


async def test_an_answer_reads_the_same_however_it_is_cut() -> None:
    @given(st.lists(st.integers(0, len(ANSWER)), max_size=8))
    def check(cuts: list[int]) -> None:
        news: list[int] = []
        protocol = WireProtocol(1_000, lambda: news.append(1), news.append)  # type: ignore[arg-type]
        protocol.state = SELECTED
        command = FetchCommand("A1", loop=protocol.loop)
        protocol.pending_async_commands["FETCH"] = command
        places = [0, *sorted(cuts), len(ANSWER)]
        for start, end in itertools.pairwise(places):
            protocol.data_received(ANSWER[start:end])

        lines = [bytes(line) for line in command.response.lines]
        assert lines[1:] == [LITERAL, b")"]
        assert protocol.exists == 3
        assert news == [1]
        assert not protocol.has_rest

    check()
