"""What a channel of talks promises beside what every channel does."""

from __future__ import annotations

import asyncio

import pytest

from azbot.errors import PermanentFailure, TemporaryFailure, Unreachable
from azbot.messages import Inbound, Tap, TurnKind
from azbot.screens import (
    Acknowledge,
    Act,
    Button,
    Clear,
    Menu,
    Post,
    PostFile,
    Redraw,
    Say,
    Screen,
    plain,
)
from azbot.testing.contracts.channel import ChannelContract
from azbot.testing.contracts.ends import PAUSE, ChatService, running
from azbot.testing.sink import RecordingSink

YES = Button("Oui", "menu.oui")
ASKED = Screen("<b>D’accord ?</b>", ((YES, Button("Non", "menu.non")),))


async def done(service: ChatService, act: Act, on: str = "", reply_to: str = "") -> str:
    """Do one act; return the name of the message that has the buttons."""
    posted = await service.channel.post(Post(service.chat, act, on, reply_to))
    return posted.message_ids[-1] if posted.message_ids else ""


def texts(service: ChatService) -> list[str]:
    """Return what stands in the chat."""
    return [message.text for message in service.sees()]


async def said(service: ChatService) -> list[Inbound]:
    """Return what Jo did, read."""
    sink = RecordingSink()
    async with asyncio.TaskGroup() as group:
        receiving = group.create_task(service.channel.run(sink))
        messages = await sink.wait_for(1)
        receiving.cancel()
    read = [service.channel.parse(raw) for raw in messages]
    return [one for one in read if isinstance(one, Inbound)]


@pytest.mark.asyncio
class ChatContract(ChannelContract):
    """Of a channel of talks; needs the fixture ``service``: a ``ChatService``."""

    async def test_a_message_is_said_with_its_buttons(
        self, service: ChatService
    ) -> None:
        name = await done(service, Say(ASKED))
        await service.channel.aclose()

        [seen] = service.sees()
        assert seen.text == "D’accord ?"
        assert list(seen.labels) == ["Oui", "Non"]
        assert seen.name == name

    async def test_a_message_refers_to_another(self, service: ChatService) -> None:
        first = await done(service, Say(Screen("un")))
        await done(service, Say(Screen("deux")), reply_to=first)
        await service.channel.aclose()

        assert service.sees()[-1].reply_to == first

    async def test_words_of_people_arrive_as_they_are(
        self, service: ChatService
    ) -> None:
        hers = '</b><a href="https://evil.example">*_[]()~ & 😀'
        await done(service, Say(Screen(f"<b>{plain(hers)}</b>")))
        await service.channel.aclose()

        assert texts(service) == [hers]

    async def test_a_message_says_something_else_in_place(
        self, service: ChatService
    ) -> None:
        name = await done(service, Redraw("card.1", ASKED))
        await done(service, Say(Screen("en bas")))
        again = await done(service, Redraw("card.1", Screen("Merci")), on=name)
        await service.channel.aclose()

        assert again == name
        assert texts(service) == ["Merci", "en bas"]
        assert list(service.sees()[0].labels) == []

    async def test_what_came_with_a_file_says_something_else_and_keeps_it(
        self, service: ChatService
    ) -> None:
        """The report stays when the question below it is answered (ux.md G7)."""
        report = PostFile("rapport.pdf", "application/pdf", b"%PDF-1.4 rapport")
        asked = Post(service.chat, Say(ASKED, slot="ask"), files=(report,))
        name = (await service.channel.post(asked)).message_ids[-1]
        over = Redraw("ask", Screen("<b>Oui</b>, répondu"), is_only_if_there=True)
        again = await done(service, over, on=name)
        await service.channel.aclose()

        assert again == name
        seen = service.sees()[-1]
        assert (seen.name, seen.text, list(seen.labels)) == (name, "Oui, répondu", [])

    async def test_a_message_goes_below_and_the_old_one_is_gone(
        self, service: ChatService
    ) -> None:
        name = await done(service, Redraw("prompt", ASKED))
        await done(service, Say(Screen("entre")))
        below = await done(service, Redraw("prompt", ASKED, is_below=True), on=name)
        await service.channel.aclose()

        assert texts(service) == ["entre", "D’accord ?"]
        assert service.sees()[-1].name == below

    async def test_what_it_says_already_is_no_failure(
        self, service: ChatService
    ) -> None:
        name = await done(service, Redraw("prompt", ASKED))

        assert await done(service, Redraw("prompt", ASKED), on=name) == name
        await service.channel.aclose()

    async def test_what_was_taken_away_is_put_below_again(
        self, service: ChatService
    ) -> None:
        name = await done(service, Redraw("prompt", ASKED))
        service.remove(name)
        again = await done(service, Redraw("prompt", Screen("Merci")), on=name)
        only = Redraw("prompt", Screen("Encore"), is_only_if_there=True)
        service.remove(again)
        nothing = await done(service, only, on=again)
        await service.channel.aclose()

        assert again not in {"", name}
        assert nothing == ""
        assert texts(service) == []

    async def test_a_message_goes_and_may_be_gone(self, service: ChatService) -> None:
        name = await done(service, Redraw("prompt", ASKED))
        await done(service, Clear("prompt"), on=name)
        await done(service, Clear("prompt"), on=name)
        await service.channel.aclose()

        assert texts(service) == []

    async def test_a_press_is_told_and_answered(self, service: ChatService) -> None:
        name = await done(service, Say(ASKED))
        service.press("Oui")
        [inbound] = await said(service)
        assert inbound.turn is not None
        tap = inbound.turn.tap
        assert isinstance(tap, Tap)
        await done(service, Acknowledge(tap.id, "Noté"))
        await service.channel.aclose()

        assert inbound.turn.kind is TurnKind.TAPPED
        assert (tap.data, tap.message_id) == ("menu.oui", name)
        assert service.answers() == ["Noté"]

    async def test_a_press_too_old_to_be_answered_is_no_failure(
        self, service: ChatService
    ) -> None:
        await done(service, Acknowledge("nobody pressed this", "Noté"))
        await service.channel.aclose()

    async def test_commands_can_be_offered_and_taken_back(
        self, service: ChatService
    ) -> None:
        await done(service, Menu((("aide", "Aide"), ("stop", "Plus d’avis"))))
        await done(service, Menu(()))
        await service.channel.aclose()

    async def test_a_busy_service_says_for_how_long(self, service: ChatService) -> None:
        service.be_busy()
        with pytest.raises(TemporaryFailure) as caught:
            await done(service, Say(ASKED))
        assert caught.value.retry_after == PAUSE
        await done(service, Say(ASKED))
        await service.channel.aclose()

        assert len(service.sees()) == 1

    async def test_a_broken_service_may_be_asked_again(
        self, service: ChatService
    ) -> None:
        service.be_broken()
        with pytest.raises(TemporaryFailure) as caught:
            await done(service, Say(ASKED))
        assert caught.value.retry_after is None
        await service.channel.aclose()

    async def test_who_blocked_us_is_unreachable(self, service: ChatService) -> None:
        service.block()
        with pytest.raises(Unreachable):
            await done(service, Say(ASKED))
        await service.channel.aclose()

        assert texts(service) == []

    async def test_nobody_is_there_for_ever(self, service: ChatService) -> None:
        with pytest.raises(PermanentFailure):
            await service.channel.post(Post("99999", Say(ASKED)))
        await service.channel.aclose()

    async def test_many_can_be_said_at_once(self, service: ChatService) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(10):
                group.create_task(done(service, Say(Screen(f"{number}"))))
        await service.channel.aclose()

        assert sorted(texts(service)) == [str(number) for number in range(10)]

    async def test_who_writes_and_where_is_named_after_the_service(
        self, service: ChatService
    ) -> None:
        """Names of two services must never be taken for each other."""
        service.write("un")
        [inbound] = await said(service)
        await service.channel.aclose()

        service_name = f"{service.channel.name}:"
        assert inbound.turn is not None
        assert inbound.turn.chat == service.chat
        assert inbound.sender is not None
        assert inbound.sender.email == f"{service_name}{inbound.turn.account}"
        assert inbound.message_id.startswith(service_name)

    async def test_what_is_said_in_one_chat_stays_in_order(
        self, service: ChatService
    ) -> None:
        service.write("un")
        sink = RecordingSink()
        async with running(service.channel, sink):
            [raw] = await sink.wait_for(1)

        assert raw.lane == service.chat

    async def test_a_text_of_any_length_is_said_whole(
        self, service: ChatService
    ) -> None:
        words = [f"mot{number}" for number in range(1500)]
        await done(service, Say(Screen(" ".join(words), ((YES,),))))
        await service.channel.aclose()

        assert " ".join(texts(service)).split() == words
        assert list(service.sees()[-1].labels) == ["Oui"]

    async def test_a_link_leads_to_us_and_brings_its_payload(
        self, service: ChatService
    ) -> None:
        """A service that nobody can be led to gives no address at all."""
        service.write("un")
        await said(service)
        await service.channel.aclose()

        bare, loaded = service.channel.link(""), service.channel.link("abc_-9")
        assert bool(bare) == bool(loaded)
        if loaded:
            assert "abc_-9" in loaded
            assert "abc_-9" not in bare
            assert bare.startswith("https://")
