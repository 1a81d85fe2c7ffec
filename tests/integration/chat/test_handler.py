"""One turn of a talk: the account, the room, the outbox, in one unit of work."""

from __future__ import annotations

from azbot.messages import RawId
from azbot.store.chats import ChatState
from tests.chatdesk import ChatDesk


async def test_who_writes_first_is_greeted_and_remembered(desk: ChatDesk) -> None:
    somebody = desk.stranger()
    somebody.says("/start")
    await desk.settle()
    assert len(somebody.sees) == 2
    account = await desk.account("900")
    assert (account.name, account.person, account.revision) == ("Inconnu", None, 1)


async def test_the_same_turn_given_again_shows_nothing_twice(desk: ChatDesk) -> None:
    somebody = desk.stranger()
    somebody.says("/start")
    await desk.settle()
    await desk.desk.app.replay(RawId(1))
    await desk.settle()
    assert len(somebody.sees) == 2


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
