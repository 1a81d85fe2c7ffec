"""What every channel promises: the same tests over real servers and stand-ins."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from azbot.errors import StoreUnreachable
from azbot.messages import Inbound, RawMessage, Unparseable
from azbot.ports import Channel
from azbot.testing.contracts.ends import Service, running
from azbot.testing.patience import PATIENCE
from azbot.testing.sink import RecordingSink

_NASTY = (
    b"", b"\0", b"{}", b"[]", b"null", b"\xff\xfe", b"{" * 5000, b"From: \r\n\r\n",
    '{"text": "\ud800"}'.encode("utf-8", "surrogatepass"), b"9" * 10_000,
)  # fmt: skip
"""What nobody sends on purpose."""


def text_of(channel: Channel, raw: RawMessage) -> str:
    """Return what a message says, which must be readable."""
    inbound = channel.parse(raw)
    assert isinstance(inbound, Inbound)
    return inbound.text.strip()


@pytest.mark.asyncio
class ChannelContract:
    """Of whatever receives; needs the fixture ``service``: a ``Service``."""

    async def test_the_name_is_the_channel_of_its_messages(
        self, service: Service
    ) -> None:
        service.write("un")
        sink = RecordingSink()
        async with running(service.channel, sink):
            [raw] = await sink.wait_for(1)

        assert raw.channel == service.channel.name

    async def test_messages_arrive_in_order_and_can_be_read(
        self, service: Service
    ) -> None:
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

    async def test_a_restart_stores_nothing_twice_and_skips_nothing(
        self, service: Service
    ) -> None:
        sink = RecordingSink()
        service.write("un")
        async with running(service.channel, sink):
            await sink.wait_for(1)
        service.write("deux")
        again = service.restarted()
        async with running(again, sink):
            messages = await sink.wait_for(2)

        assert [text_of(again, raw) for raw in messages] == ["un", "deux"]

    async def test_what_could_not_be_stored_comes_again(self, service: Service) -> None:
        sink = RecordingSink()
        sink.fail()
        service.write("un")
        with pytest.raises(StoreUnreachable):
            async with asyncio.timeout(PATIENCE):
                await service.channel.run(sink)
        await service.channel.aclose()
        again = service.restarted()
        async with running(again, sink):
            await sink.wait_for(1)

        first, second = (batch[0] for batch in sink.batches)
        assert (first.source, first.position) == (second.source, second.position)

    async def test_receiving_stops_when_it_is_cancelled(self, service: Service) -> None:
        sink = RecordingSink()
        service.write("un")
        async with asyncio.TaskGroup() as group:
            task = group.create_task(service.channel.run(sink))
            await sink.wait_for(1)
            task.cancel()
        await service.channel.aclose()

        assert task.cancelled()

    async def test_leaving_twice_is_harmless(self, service: Service) -> None:
        await service.channel.aclose()
        await service.channel.aclose()

    async def test_any_octets_can_be_read_or_are_said_to_be_unreadable(
        self, service: Service
    ) -> None:
        service.write("un")
        sink = RecordingSink()
        async with running(service.channel, sink):
            [raw] = await sink.wait_for(1)

        cut = (raw.content[:at] for at in range(0, len(raw.content), 7))
        for octets in (*_NASTY, *cut):
            read = service.channel.parse(replace(raw, content=octets))
            assert isinstance(read, Inbound | Unparseable)
            assert "\0" not in getattr(read, "text", "")

    async def test_a_message_is_read_the_same_way_twice(self, service: Service) -> None:
        service.write("un")
        sink = RecordingSink()
        async with running(service.channel, sink):
            [raw] = await sink.wait_for(1)

        read = service.channel.parse(raw)
        assert read == service.restarted().parse(raw)
        assert isinstance(read, Inbound)
        assert read.channel == service.channel.name
