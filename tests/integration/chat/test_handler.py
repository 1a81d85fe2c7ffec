"""One turn of a talk: the account, the room, the outbox, in one unit of work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from azbot.messages import RawId, Reason
from azbot.store.chats import ChatState
from azbot.store.records import RawState
from tests.chatdesk import ChatDesk


async def test_who_writes_first_is_greeted_and_remembered(desk: ChatDesk) -> None:
    somebody = desk.stranger()
    await desk.say(somebody, "/start")
    assert len(somebody.sees) == 2
    account = await desk.account("900")
    assert (account.name, account.person, account.revision) == ("Inconnu", None, 1)


async def test_the_same_turn_given_again_shows_nothing_twice(desk: ChatDesk) -> None:
    somebody = desk.stranger()
    await desk.say(somebody, "/start")
    await desk.desk.app.replay(RawId(1))
    await desk.settle()
    assert len(somebody.sees) == 2


async def test_a_flood_is_answered_once_and_fills_no_inbox(desk: ChatDesk) -> None:
    """telegram.md §4: everything is stored, and others are served as ever."""
    sophie, other = await desk.linked(), desk.stranger()
    await desk.desk.submitted()
    for number in range(100):
        sophie.says(f"message {number}")
    await desk.say(other, "/start")
    said = [event.text for event in await desk.desk.messages()]
    assert said == [f"message {number}" for number in range(len(said))]
    assert 40 <= len(said) <= 60
    polite = [b for b in sophie.sees if "beaucoup de messages" in b.text]
    assert len(polite) == 1
    ledger = await desk.store.views.ledger(limit=200)
    kept = [row for row in ledger if row.outcome.reason is Reason.TOO_OFTEN]
    assert len(kept) == 100 - len(said)
    waiting = [r for r in kept if r.outcome.state is RawState.QUARANTINED]
    assert len(waiting) == 1
    assert len(other.sees) == 2
    # A minute later they are heard again, and a press is answered all the while.
    await desk.press(sophie, "Ajouter un document")
    assert sophie.answers
    await desk.desk.later(minutes=1)
    await desk.say(sophie, "me revoilà")
    assert (await desk.desk.messages())[-1].text == "me revoilà"


@asynccontextmanager
async def at_work(desk: ChatDesk) -> AsyncIterator[None]:
    """Whoever reads and writes chats, as in a process that lives."""
    app, name = desk.desk.app, desk.chat.name
    async with asyncio.TaskGroup() as group:
        runs = [*(each.run for each in app.intakes[name]), app.couriers[name].run]
        tasks = [group.create_task(run()) for run in runs]
        yield
        for task in tasks:
            task.cancel()


async def test_files_that_are_long_in_coming_hold_up_nobody_else(
    desk: ChatDesk,
) -> None:
    """As many of them as there are workers, and one more; each chat keeps its order."""
    jpeg = b"\xff\xd8\xff\xe0" + b"j" * 2_000
    slow = [desk.stranger(f"9{number}") for number in range(5)]
    for each in slow:
        desk.chat.on_the_way[each.account] = asyncio.Event()
        each.sends(("photo.jpg", "image/jpeg", jpeg))
        each.says("/start")
    await desk.chat.take(desk.store)
    async with at_work(desk):
        quick = desk.stranger("950")
        quick.says("/start")
        await desk.chat.take(desk.store)
        await desk.chat.until(lambda: bool(quick.sees))
        assert not any(each.sees for each in slow)
        for each in slow:
            desk.chat.on_the_way[each.account].set()
        # The welcome, the request the photo began, the menu that was asked for then.
        await desk.chat.until(lambda: all(len(each.sees) == 3 for each in slow))
        assert all("1 fichier" in each.sees[1].text for each in slow)
        assert all("Que souhaitez-vous" in each.last.text for each in slow)


async def test_the_photos_of_a_site_are_no_flood(desk: ChatDesk) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    for number in range(40):
        jpeg = b"\xff\xd8\xff\xe0" + bytes([number]) * 2_000
        sophie.sends((f"{number}.jpg", "image/jpeg", jpeg), album=f"a{number // 10}")
    await desk.settle()
    assert set(await desk.turns()) == {"applied"}


async def test_a_press_is_always_answered(desk: ChatDesk) -> None:
    """G3: also one of a button nobody ever made."""
    somebody = desk.stranger()
    somebody.presses_data("nothing.99999.approve")
    await desk.settle()
    assert len(somebody.answers) == 1


async def test_who_blocks_is_not_written_to_until_they_return(desk: ChatDesk) -> None:
    somebody = desk.stranger()
    somebody.says("/start")
    somebody.blocks()
    await desk.settle()
    assert (await desk.account("900")).state is ChatState.BLOCKED
    somebody.unblocks()
    await desk.settle()
    assert (await desk.account("900")).state is ChatState.OPEN
