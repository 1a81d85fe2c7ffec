"""What a channel of talks promises beside what every channel does."""

from __future__ import annotations

import asyncio
from datetime import timedelta

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
from azbot.testing.sink import RecordingSink
from tests.contracts.services import PAUSE, ChatService

YES = Button("Oui", "menu.oui")
ASKED = Screen("<b>D’accord ?</b>", ((YES, Button("Non", "menu.non")),))


async def done(talks: ChatService, act: Act, on: str = "", reply_to: str = "") -> str:
    """Do one act; return the name of the message that has the buttons."""
    posted = await talks.channel.post(Post(talks.chat, act, on, reply_to))
    return posted.message_ids[-1] if posted.message_ids else ""


def texts(talks: ChatService) -> list[str]:
    return [message.text for message in talks.sees()]


async def said(talks: ChatService) -> list[Inbound]:
    """Return what Jo did, read."""
    sink = RecordingSink()
    async with asyncio.TaskGroup() as group:
        receiving = group.create_task(talks.channel.run(sink))
        messages = await sink.wait_for(1)
        receiving.cancel()
    read = [talks.channel.parse(raw) for raw in messages]
    return [one for one in read if isinstance(one, Inbound)]


async def test_a_message_is_said_with_its_buttons(talks: ChatService) -> None:
    name = await done(talks, Say(ASKED))
    await talks.channel.aclose()

    [seen] = talks.sees()
    assert seen.text == "D’accord ?"
    assert list(seen.labels) == ["Oui", "Non"]
    assert seen.name == name


async def test_a_message_refers_to_another(talks: ChatService) -> None:
    first = await done(talks, Say(Screen("un")))
    await done(talks, Say(Screen("deux")), reply_to=first)
    await talks.channel.aclose()

    assert talks.sees()[-1].reply_to == first


async def test_words_of_people_arrive_as_they_are(talks: ChatService) -> None:
    hers = '</b><a href="https://evil.example">*_[]()~ & 😀'
    await done(talks, Say(Screen(f"<b>{plain(hers)}</b>")))
    await talks.channel.aclose()

    assert texts(talks) == [hers]


async def test_a_message_says_something_else_in_place(talks: ChatService) -> None:
    name = await done(talks, Redraw("card.1", ASKED))
    await done(talks, Say(Screen("en bas")))
    again = await done(talks, Redraw("card.1", Screen("Merci")), on=name)
    await talks.channel.aclose()

    assert again == name
    assert texts(talks) == ["Merci", "en bas"]
    assert list(talks.sees()[0].labels) == []


async def test_what_came_with_a_file_says_something_else_and_keeps_it(
    talks: ChatService,
) -> None:
    """The report stays when the question below it is answered (ux.md G7)."""
    report = PostFile("rapport.pdf", "application/pdf", b"%PDF-1.4 rapport")
    asked = Post(talks.chat, Say(ASKED, slot="ask"), files=(report,))
    name = (await talks.channel.post(asked)).message_ids[-1]
    over = Redraw("ask", Screen("<b>Oui</b>, répondu"), is_only_if_there=True)
    again = await done(talks, over, on=name)
    await talks.channel.aclose()

    assert again == name
    seen = talks.sees()[-1]
    assert (seen.name, seen.text, list(seen.labels)) == (name, "Oui, répondu", [])


async def test_a_message_goes_below_and_the_old_one_is_gone(
    talks: ChatService,
) -> None:
    name = await done(talks, Redraw("prompt", ASKED))
    await done(talks, Say(Screen("entre")))
    below = await done(talks, Redraw("prompt", ASKED, is_below=True), on=name)
    await talks.channel.aclose()

    assert texts(talks) == ["entre", "D’accord ?"]
    assert talks.sees()[-1].name == below


async def test_what_it_says_already_is_no_failure(talks: ChatService) -> None:
    name = await done(talks, Redraw("prompt", ASKED))

    assert await done(talks, Redraw("prompt", ASKED), on=name) == name
    await talks.channel.aclose()


async def test_what_was_taken_away_is_put_below_again(talks: ChatService) -> None:
    name = await done(talks, Redraw("prompt", ASKED))
    talks.remove(name)
    again = await done(talks, Redraw("prompt", Screen("Merci")), on=name)
    only = Redraw("prompt", Screen("Encore"), is_only_if_there=True)
    talks.remove(again)
    nothing = await done(talks, only, on=again)
    await talks.channel.aclose()

    assert again not in {"", name}
    assert nothing == ""
    assert texts(talks) == []


async def test_a_message_goes_and_may_be_gone(talks: ChatService) -> None:
    name = await done(talks, Redraw("prompt", ASKED))
    await done(talks, Clear("prompt"), on=name)
    await done(talks, Clear("prompt"), on=name)
    await talks.channel.aclose()

    assert texts(talks) == []


async def test_a_press_is_told_and_answered(talks: ChatService) -> None:
    name = await done(talks, Say(ASKED))
    talks.press("Oui")
    [inbound] = await said(talks)
    assert inbound.turn is not None
    tap = inbound.turn.tap
    assert isinstance(tap, Tap)
    await done(talks, Acknowledge(tap.id, "Noté"))
    await talks.channel.aclose()

    assert inbound.turn.kind is TurnKind.TAPPED
    assert (tap.data, tap.message_id) == ("menu.oui", name)
    assert talks.answers() == ["Noté"]


async def test_a_press_too_old_to_be_answered_is_no_failure(
    talks: ChatService,
) -> None:
    await done(talks, Acknowledge("nobody pressed this", "Noté"))
    await talks.channel.aclose()


async def test_commands_can_be_offered_and_taken_back(talks: ChatService) -> None:
    await done(talks, Menu((("aide", "Aide"), ("stop", "Plus d’avis"))))
    await done(talks, Menu(()))
    await talks.channel.aclose()


async def test_a_busy_service_says_for_how_long(talks: ChatService) -> None:
    talks.be_busy()
    with pytest.raises(TemporaryFailure) as caught:
        await done(talks, Say(ASKED))
    assert caught.value.retry_after == timedelta(seconds=PAUSE)
    await done(talks, Say(ASKED))
    await talks.channel.aclose()

    assert len(talks.sees()) == 1


async def test_a_broken_service_may_be_asked_again(talks: ChatService) -> None:
    talks.be_broken()
    with pytest.raises(TemporaryFailure) as caught:
        await done(talks, Say(ASKED))
    assert caught.value.retry_after is None
    await talks.channel.aclose()


async def test_who_blocked_us_is_unreachable(talks: ChatService) -> None:
    talks.block()
    with pytest.raises(Unreachable):
        await done(talks, Say(ASKED))
    await talks.channel.aclose()

    assert texts(talks) == []


async def test_nobody_is_there_for_ever(talks: ChatService) -> None:
    with pytest.raises(PermanentFailure):
        await talks.channel.post(Post("99999", Say(ASKED)))
    await talks.channel.aclose()


async def test_many_can_be_said_at_once(talks: ChatService) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(10):
            group.create_task(done(talks, Say(Screen(f"{number}"))))
    await talks.channel.aclose()

    assert sorted(texts(talks)) == [str(number) for number in range(10)]


async def test_a_link_brings_its_payload(talks: ChatService) -> None:
    talks.write("un")
    await said(talks)
    await talks.channel.aclose()

    assert talks.channel.link("abc_-9").endswith("?start=abc_-9")
    assert "start" not in talks.channel.link("")
    assert talks.channel.link("").startswith("https://")
