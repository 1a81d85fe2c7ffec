"""What a channel of service promises beside what every channel does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from azbot.errors import PermanentFailure, TemporaryFailure
from azbot.messages import Address, Inbound, Outbound
from azbot.testing.contracts.channel import ChannelContract
from azbot.testing.contracts.ends import DESK, JO, PostOffice, running
from azbot.testing.sink import RecordingSink


def an_outbound(key: str = "event-1", to: str = JO) -> Outbound:
    """Return a letter of ours."""
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


@pytest.mark.asyncio
class LetterboxContract(ChannelContract):
    """Of a channel of letters; needs the fixture ``service``: a ``PostOffice``."""

    async def test_a_sent_message_arrives_with_a_receipt(
        self, service: PostOffice
    ) -> None:
        channel = service.channel
        envelope = channel.compose(an_outbound())
        receipt = await channel.send(envelope)
        await channel.aclose()

        assert receipt.at.tzinfo is not None
        assert service.received(JO) == [envelope.content]
        assert envelope.key == "event-1"

    async def test_the_same_message_is_composed_the_same_way(
        self, service: PostOffice
    ) -> None:
        first = service.channel.compose(an_outbound())

        assert service.restarted().compose(an_outbound()) == first

    async def test_a_temporary_refusal_can_be_tried_again(
        self, service: PostOffice
    ) -> None:
        channel = service.channel
        service.refuse(JO, forever=False)
        envelope = channel.compose(an_outbound())
        with pytest.raises(TemporaryFailure):
            await channel.send(envelope)
        await channel.send(envelope)
        await channel.aclose()

        assert service.received(JO) == [envelope.content]

    async def test_a_permanent_refusal_touches_nobody_else(
        self, service: PostOffice
    ) -> None:
        channel = service.channel
        service.refuse(JO, forever=True)
        with pytest.raises(PermanentFailure):
            await channel.send(channel.compose(an_outbound()))
        await channel.send(channel.compose(an_outbound(to="anna@client.example")))
        await channel.aclose()

        assert not service.received(JO)
        assert len(service.received("anna@client.example")) == 1

    async def test_many_can_be_sent_at_once(self, service: PostOffice) -> None:
        channel = service.channel
        async with asyncio.TaskGroup() as group:
            for number in range(10):
                envelope = channel.compose(an_outbound(key=f"event-{number}"))
                group.create_task(channel.send(envelope))
        await channel.aclose()

        assert len(service.received(JO)) == 10

    async def test_an_address_that_is_none_is_refused_for_ever(
        self, service: PostOffice
    ) -> None:
        channel = service.channel
        envelope = replace(channel.compose(an_outbound()), recipient="nobody")
        with pytest.raises(PermanentFailure):
            await channel.send(envelope)
        await channel.aclose()

    async def test_new_text_is_told_from_what_we_wrote(
        self, service: PostOffice
    ) -> None:
        sink = RecordingSink()
        service.write("OUI\r\n\r\n> Peut-on clôturer ?\r\n> Répondez OUI ou NON.")
        async with running(service.channel, sink):
            [raw] = await sink.wait_for(1)

        inbound = service.channel.parse(raw)
        assert isinstance(inbound, Inbound)
        sent = ["Peut-on clôturer ?\nRépondez OUI ou NON."]
        assert service.channel.separate(inbound, sent).text == "OUI"
