"""One connection's share of memory is bounded, whoever reads it."""

from __future__ import annotations

from azbot.channels.web.live.streams import MOST_WAITING, Stream, frame
from azbot.messages import PersonId

TOLD = frame("change", {"ref": "ASFR26000184"}, "8-1.45")
RESET = frame("reset", {"last": "9.45"}, "9.45")


def a_stream() -> Stream:
    return Stream("hash", PersonId(1), lambda: False)


async def test_what_waits_is_read_in_one_piece() -> None:
    stream = a_stream()
    stream.push(TOLD, RESET)
    stream.push(TOLD, RESET)
    stream.end()
    assert [octets async for octets in stream] == [2 * TOLD]


async def test_a_reader_who_is_too_slow_is_told_to_begin_anew() -> None:
    stream = a_stream()
    for _ in range(MOST_WAITING):
        stream.push(TOLD, RESET)
    assert stream.waiting == MOST_WAITING
    for _ in range(5):
        stream.push(TOLD, RESET)
    assert not stream.is_open
    assert [octets async for octets in stream] == [RESET]


def test_an_event_has_the_form_that_browsers_read() -> None:
    assert TOLD == b'id: 8-1.45\nevent: change\ndata: {"ref":"ASFR26000184"}\n\n'
    assert frame("beat", {}) == b"event: beat\ndata: {}\n\n"
