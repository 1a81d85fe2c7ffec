"""Acts on their way to a Bot API server that is slow, strict, broken or gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from azbot.channels.telegram.channel import TelegramChannel, factory
from azbot.channels.telegram.settings import TelegramSettings
from azbot.messages import Trust
from azbot.screens import ACT, Act, Redraw, Say, Screen, to_facts
from azbot.store import NewDelivery, Store, UnitOfWork
from azbot.store.chats import ChatAccount, ChatState
from azbot.testing.clock import FakeClock
from azbot.testing.telegram import FakeTelegram, Flood, Person
from azbot.testing.telegram.faults import blocked, broken, retry_after
from azbot.workflow import events as e
from azbot.workflow.commands import AddMessage
from azbot.workflow.model import Actor, AssistanceId, Role
from tests.maildesk import CLIENT, MailDesk, desk_by_mail

TICK = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True)
class Line:
    """A desk, and the service it speaks to."""

    desk: MailDesk
    bot: FakeTelegram
    clock: FakeClock

    async def put(self, person: Person, *acts: Act) -> None:
        """Let something be shown to somebody."""

        def work(uow: UnitOfWork) -> None:
            count = sum(uow.outbox.counts().values())
            rows = [
                NewDelivery(
                    key=f"test:{count + n}",
                    kind=ACT,
                    address=str(person.id),
                    channel="telegram",
                    due_at=self.clock.now(),
                    facts=to_facts(act),
                )
                for n, act in enumerate(acts)
            ]
            uow.outbox.put(rows)

        await self.desk.store.write(work)

    async def work(self) -> None:
        """Bring what may be brought now."""
        while await self.desk.app.couriers["telegram"].step(self.clock.now()):
            pass

    async def later(self, by: timedelta) -> None:
        """Let time pass, and bring what is due on the way."""
        until = self.clock.now() + by
        while self.clock.now() < until:
            await self.clock.advance(TICK)
            await self.work()


@dataclass(frozen=True, slots=True)
class Talking:
    """Somebody who is answered in the chat."""

    line: Line
    sophie: Person

    async def says(self, text: str) -> None:
        """Let an agent answer."""
        desk = self.line.desk
        await desk.app.desk.handle(AssistanceId(1), AddMessage(text), desk.people.staff)
        await self.line.work()

    async def state(self) -> ChatState:
        """Whether they may be written to."""
        name = str(self.sophie.id)
        found = await self.line.desk.store.write(
            lambda uow: uow.chats.get("telegram", name)
        )
        assert found is not None
        return found.state


@pytest.fixture
async def channel(
    settings: TelegramSettings, bot: FakeTelegram, clock: FakeClock
) -> AsyncIterator[TelegramChannel]:
    made = factory(settings, clock, {"BOT_TOKEN": bot.token})
    yield made
    await made.aclose()


@pytest.fixture
async def line(
    store: Store,
    clock: FakeClock,
    tmp_path: Path,
    bot: FakeTelegram,
    channel: TelegramChannel,
) -> Line:
    bot.flood = Flood()
    chats = {channel.name: channel}
    return Line(await desk_by_mail(store, clock, tmp_path, chats=chats), bot, clock)


@pytest.fixture
async def talking(line: Line, bot: FakeTelegram) -> Talking:
    """A client who has an assistance, and wrote about it in the chat last."""
    (sophie,) = people(bot, 1)
    await line.desk.submitted()
    client = await line.desk.person(CLIENT)
    assert client is not None
    now, name = line.clock.now(), str(sophie.id)
    account = ChatAccount(
        "telegram",
        name,
        name,
        now,
        now,
        person=client.id,
        linked_at=now,
        greeted_at=now,
    )
    await line.desk.store.write(lambda uow: uow.chats.save(account))
    writes = Actor(Role.CLIENT, client.id, client.name, Trust.PROVEN, "telegram")
    question = AddMessage("Que dois-je faire ?")
    await line.desk.app.desk.handle(AssistanceId(1), question, writes)
    await line.desk.settle()
    return Talking(line, sophie)


def people(bot: FakeTelegram, count: int) -> list[Person]:
    made = [bot.user(first_name=f"Sophie {n}") for n in range(count)]
    for person in made:
        person.chat.door = "open"
    return made


def told(person: Person) -> list[str]:
    return [message.text for message in person.sees]


def say(text: str) -> Say:
    return Say(Screen(text))


# --- pace ---------------------------------------------------------------------------


async def test_two_hundred_notices_in_a_minute_arrive_at_the_pace_of_telegram(
    line: Line,
) -> None:
    """G10: also where it answers 429; each once, in order, and none too early."""
    chats = people(line.bot, 40)
    line.bot.faults.add(retry_after(3), "sendMessage", text="Avis 3", times=2)
    line.bot.faults.add(retry_after(2), "sendMessage", chat_id=chats[5].id, times=3)
    for number in range(5):
        for person in chats:
            await line.put(person, say(f"Avis {number}"))
    await line.later(timedelta(minutes=1))
    assert [told(person) for person in chats] == [
        [f"Avis {n}" for n in range(5)] for _ in chats
    ]
    # Nothing but what we let go wrong was refused: the limits were never met.
    assert len(line.bot.called("sendMessage")) == 200 + 5


async def test_what_is_said_to_all_at_once_leave_as_fast_as_they_may(
    line: Line,
) -> None:
    chats = people(line.bot, 300)
    for person in chats:
        await line.put(person, say("Fermé le 15 août."))
    await line.later(timedelta(seconds=10))
    heard = sum(map(len, map(told, chats)))
    assert 200 <= heard <= 300
    await line.later(timedelta(seconds=5))
    assert all(told(person) == ["Fermé le 15 août."] for person in chats)
    assert len(line.bot.called("sendMessage")) == 300


async def test_a_429_of_one_chat_leaves_the_others_alone(line: Line) -> None:
    sophie, karim = people(line.bot, 2)
    line.bot.faults.add(retry_after(20), chat_id=sophie.id)
    await line.put(sophie, say("un"), say("deux"))
    await line.put(karim, say("un"), say("deux"))
    await line.work()
    assert (told(sophie), told(karim)) == ([], ["un", "deux"])
    await line.later(timedelta(seconds=22))
    assert told(sophie) == ["un", "deux"]


# --- what may have arrived ------------------------------------------------------------


async def test_what_a_room_says_is_said_again_after_a_502(line: Line) -> None:
    """Whether it was executed or not cannot be known: twice sooner than never."""
    (sophie,) = people(line.bot, 1)
    line.bot.faults.add(broken(502, is_executed=True), "sendMessage")
    await line.put(sophie, say("Bien reçu."))
    await line.later(timedelta(seconds=3))
    assert told(sophie) == ["Bien reçu.", "Bien reçu."]


async def test_a_drawing_is_repeated_without_a_trace_after_a_502(line: Line) -> None:
    (sophie,) = people(line.bot, 1)
    await line.put(sophie, Redraw("card", Screen("avant")))
    await line.work()
    line.bot.faults.add(broken(502, is_executed=True), "editMessageText")
    await line.put(sophie, Redraw("card", Screen("après")))
    await line.later(timedelta(seconds=3))
    assert told(sophie) == ["après"]
    assert len(line.bot.called("editMessageText")) == 2


@pytest.mark.parametrize("is_executed", [True, False])
async def test_words_of_an_agent_are_not_said_again_after_a_502(
    talking: Talking,
    is_executed: bool,
) -> None:
    """The agent reads that they may not have arrived, and decides."""
    line, sophie = talking.line, talking.sophie
    line.bot.faults.add(broken(502, is_executed=is_executed), text="courant")
    await talking.says("Coupez le courant.")
    await line.later(timedelta(minutes=2))
    assert len(sophie.with_text("Coupez le courant.")) == is_executed
    (failed,) = [x for x in await line.desk.events() if isinstance(x, e.DeliveryFailed)]
    assert failed.reason == "no answer: it may have arrived"
    (dead,) = await line.desk.store.write(lambda uow: uow.outbox.dead_letters())
    await line.desk.store.write(
        lambda uow: uow.outbox.resend(dead.id, line.clock.now())
    )
    await line.work()
    assert len(sophie.with_text("Coupez le courant.")) == is_executed + 1


# --- who has gone ---------------------------------------------------------------------


async def test_who_blocks_reads_by_mail_what_the_chat_was_to_tell_and_may_return(
    talking: Talking,
) -> None:
    line, sophie = talking.line, talking.sophie
    line.bot.faults.add(blocked(), chat_id=sophie.id)
    await talking.says("Coupez le courant.")
    await line.work()
    await line.desk.settle()
    assert await talking.state() is ChatState.BLOCKED
    assert "Coupez le courant." in line.desk.client.last.text
    assert [x.name for x in await line.desk.events() if isinstance(x, e.ChatBlocked)]
    await line.later(timedelta(minutes=5))
    counts = Counter(mail.kind for mail in line.desk.client.mails)
    assert counts["message"] == 1
    assert not sophie.with_text("Coupez le courant.")


async def test_ten_minutes_without_telegram_lose_nothing_and_disorder_nothing(
    line: Line,
) -> None:
    """G12."""
    chats = people(line.bot, 6)
    line.bot.faults.add(broken(500), times=10_000)
    for person in chats:
        await line.put(person, *(Redraw(f"{n}", Screen(f"{n}")) for n in range(4)))
    for _ in range(10):
        await line.clock.advance(timedelta(minutes=1))
        await line.work()
    line.desk.client.write("Une panne à Lyon.")
    await line.desk.settle()
    assert line.desk.client.mails
    line.bot.faults.clear()
    await line.later(timedelta(seconds=90))
    assert [told(person) for person in chats] == [["0", "1", "2", "3"]] * 6
