"""What every channel promises: the same tests over real servers and stand-ins."""

from __future__ import annotations

import asyncio

import pytest

from azbot.errors import StoreUnreachable
from azbot.messages import Inbound, RawMessage
from azbot.ports import Channel
from azbot.testing.sink import RecordingSink
from tests.contracts.services import Service, running


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


async def test_a_restart_stores_nothing_twice_and_skips_nothing(
    service: Service,
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


async def test_what_could_not_be_stored_comes_again(service: Service) -> None:
    sink = RecordingSink()
    sink.fail()
    service.write("un")
    with pytest.raises(StoreUnreachable):
        async with asyncio.timeout(20):
            await service.channel.run(sink)
    await service.channel.aclose()
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


async def test_leaving_twice_is_harmless(service: Service) -> None:
    await service.channel.aclose()
    await service.channel.aclose()
