"""What leaves for chats: at the pace of each, in order, and never silently lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar, cast

import pytest

from azbot.chat import endings
from azbot.chat.courier import Courier
from azbot.chat.house import House
from azbot.chat.talk import SHOWS, TELLS
from azbot.errors import (
    ChatMoved,
    PermanentFailure,
    StoreUnreachable,
    TemporaryFailure,
    Unanswered,
    Unreachable,
)
from azbot.messages import PersonId
from azbot.ports import Rate
from azbot.screens import (
    ACT,
    Acknowledge,
    Act,
    Clear,
    Redraw,
    Say,
    Screen,
    to_facts,
)
from azbot.store import Delivery, DeliveryState, NewDelivery, Store, UnitOfWork
from azbot.store.chats import ChatState, Slot
from azbot.testing.chat import LocalChat, LocalPerson
from azbot.testing.clock import FakeClock
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.model import AssistanceId
from tests.chatdesk import ChatDesk, desk_by_chat
from tests.stores import MINUTE

SECOND = timedelta(seconds=1)
BURST = 3
T = TypeVar("T")


def say(text: str, **how: object) -> Say:
    return Say(Screen(text), **how)  # type: ignore[arg-type]


@pytest.fixture
async def paced(store: Store, clock: FakeClock, tmp_path: Path) -> ChatDesk:
    """A service that takes three messages a chat, then one a second; ten in all."""
    chat = LocalChat(clock, Rate(SECOND / 10, 10), Rate(SECOND, BURST))
    return await desk_by_chat(store, clock, tmp_path, chat)


async def put(
    desk: ChatDesk,
    *acts: Act,
    chat: str = "501",
    priority: int = SHOWS,
    assistance: AssistanceId | None = None,
    person: PersonId | None = None,
) -> None:
    """Let something be shown in a chat."""

    def work(uow: UnitOfWork) -> None:
        count = sum(uow.outbox.counts().values())
        rows = [
            NewDelivery(
                key=f"test:{count + n}",
                kind=ACT,
                address=chat,
                channel=desk.chat.name,
                due_at=desk.clock.now(),
                facts=to_facts(act),
                files=act.files if isinstance(act, Say) else (),
                assistance_id=assistance,
                person=person,
                priority=0 if isinstance(act, Acknowledge) else priority,
            )
            for n, act in enumerate(acts)
        ]
        uow.outbox.put(rows)

    await desk.store.write(work)


def told(person: LocalPerson) -> list[str]:
    return [bubble.text for bubble in person.sees]


async def rows(desk: ChatDesk) -> list[Delivery]:
    return [r for r in await desk.desk.deliveries() if r.channel == desk.chat.name]


async def states(desk: ChatDesk) -> list[str]:
    """The states of what has fallen due."""
    now = desk.clock.now()
    return [row.state.value for row in await rows(desk) if row.due_at <= now]


def courier_of(desk: ChatDesk) -> Courier:
    return desk.desk.app.couriers[desk.chat.name]


@asynccontextmanager
async def running(desk: ChatDesk) -> AsyncIterator[None]:
    """The courier at work, as in a process that lives."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(courier_of(desk).run())
        yield
        task.cancel()


# --- pace -------------------------------------------------------------------------


async def test_a_chat_gets_some_at_once_and_then_one_each_second(
    paced: ChatDesk,
) -> None:
    sophie = paced.chat.person()
    await put(paced, *(say(f"{n}") for n in range(6)))
    await paced.settle()
    assert told(sophie) == ["0", "1", "2"]
    for count in (4, 5, 6):
        await paced.desk.later(seconds=1)
        assert len(told(sophie)) == count
    assert told(sophie) == ["0", "1", "2", "3", "4", "5"]


async def test_what_arrived_of_several_parts_is_not_brought_again(
    desk: ChatDesk,
) -> None:
    sophie = desk.chat.person()
    broken = TemporaryFailure("bad gateway")
    broken.arrived = ("telegram:501/41",)
    sophie.failures = [broken]
    await put(desk, say("un long texte"))
    await desk.settle()
    await desk.desk.later(seconds=5)
    assert sophie.history[-1].arrived == ("telegram:501/41",)
    assert told(sophie) == ["un long texte"]


async def test_a_chat_that_has_had_its_share_delays_no_other(paced: ChatDesk) -> None:
    paced.chat.person()
    karim = paced.chat.person("601")
    await put(paced, *(say(f"{n}") for n in range(40)))
    await put(paced, say("à vous"), chat="601", priority=TELLS)
    await paced.settle()
    assert told(karim) == ["à vous"]


async def test_all_chats_together_are_not_written_to_faster_than_the_service_bears(
    paced: ChatDesk,
) -> None:
    people = [paced.chat.person(f"{n}") for n in range(25)]
    for person in people:
        await put(paced, say("bonjour"), chat=person.account)
    await paced.settle()
    assert sum(len(p.sees) for p in people) == 10
    await paced.desk.later(seconds=1)
    assert sum(len(p.sees) for p in people) == 20
    await paced.desk.later(seconds=1)
    assert sum(len(p.sees) for p in people) == 25


async def test_a_restart_begins_no_new_burst(
    paced: ChatDesk, store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    sophie = paced.chat.person()
    await put(paced, *(say(f"{n}") for n in range(5)))
    await paced.settle()
    people = paced.desk.people
    again = await desk_by_chat(store, clock, tmp_path, paced.chat, people)
    await again.settle()
    assert len(told(sophie)) == BURST
    await again.desk.later(seconds=1)
    assert len(told(sophie)) == BURST + 1


async def test_presses_are_answered_although_their_chat_has_had_its_share(
    paced: ChatDesk,
) -> None:
    """G3; what else is said waits the longer."""
    sophie = paced.chat.person()
    await put(paced, *(say(f"{n}") for n in range(4)))
    await put(paced, *(Acknowledge(f"t{n}") for n in range(12)))
    await paced.settle()
    assert len(sophie.answers) == 12
    assert sophie.sees == [], "all that may be said was said to presses"
    await paced.desk.later(seconds=1)
    assert told(sophie) == ["0", "1", "2"]


async def test_a_long_text_counts_as_all_the_messages_it_becomes(
    paced: ChatDesk,
) -> None:
    sophie = paced.chat.person()
    sophie.parts = 3
    await put(paced, say("long"), say("court"))
    await paced.settle()
    assert len(sophie.sees) == 3
    sophie.parts = 1
    await paced.desk.later(seconds=1)
    assert told(sophie)[-1] == "court"


async def test_what_is_not_said_takes_nobodys_place(paced: ChatDesk) -> None:
    """Four drawings of one message: the newest leaves at once."""
    sophie = paced.chat.person()
    await put(paced, Redraw("card", Screen("0")))
    await paced.settle()
    await put(paced, *(Redraw("card", Screen(f"{n}")) for n in range(1, 9)))
    await put(paced, say("fin"))
    await paced.settle()
    assert told(sophie) == ["8", "fin"]
    assert len(sophie.history) == 3


async def test_letting_a_chat_rest_is_not_left_to_the_next_message(
    paced: ChatDesk, clock: FakeClock
) -> None:
    """The courier wakes when a chat is free again, and not seconds later."""
    sophie = paced.chat.person()
    async with running(paced):
        await put(paced, *(say(f"{n}") for n in range(5)))
        await paced.chat.until(lambda: len(sophie.sees) == 3)
        await clock.until_asleep()
        await clock.advance(SECOND)
        await paced.chat.until(lambda: len(sophie.sees) == 4)
        await clock.until_asleep()
        await clock.advance(SECOND)
        await paced.chat.until(lambda: len(sophie.sees) == 5)


# --- somebody has to wait -----------------------------------------------------------


async def test_a_chat_whose_service_hangs_holds_up_nobody_else(
    desk: ChatDesk,
) -> None:
    """G3: presses elsewhere are answered, words arrive, whoever hangs."""
    slow = [desk.chat.person(f"{n}") for n in range(5)]
    sophie = desk.chat.person()
    for person in slow:
        person.busy_until = asyncio.Event()
        await put(desk, say("film"), say("suite"), chat=person.account)
    async with running(desk):
        await put(desk, Acknowledge("t1"), say("fait"), say("et voilà"))
        await desk.chat.until(lambda: told(sophie) == ["fait", "et voilà"])
        await desk.chat.until(lambda: [each.tap for each in sophie.answers] == ["t1"])
        for person in slow:
            assert person.busy_until is not None
            person.busy_until.set()
        await desk.chat.until(lambda: all(told(p) == ["film", "suite"] for p in slow))


async def test_what_is_on_its_way_arrives_before_azbot_stops(desk: ChatDesk) -> None:
    sophie = desk.chat.person()
    sophie.busy_until = asyncio.Event()
    await put(desk, say("un"))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(courier_of(desk).run())
        await desk.chat.until(lambda: sophie.asked == 1)
        task.cancel()
        sophie.busy_until.set()
    assert await states(desk) == ["sent"]


async def test_a_pause_for_one_chat_stops_that_chat_alone(desk: ChatDesk) -> None:
    sophie, karim = desk.chat.person(), desk.chat.person("601")
    sophie.failures.append(TemporaryFailure("asked to wait", 30 * SECOND))
    await put(desk, say("un"), say("deux"))
    await put(desk, say("à vous"), chat="601")
    await desk.settle()
    assert (told(sophie), told(karim)) == ([], ["à vous"])
    await put(desk, say("trois"))
    await put(desk, say("encore"), chat="601")
    await desk.desk.later(seconds=29)
    assert (told(sophie), told(karim)) == ([], ["à vous", "encore"])
    await desk.desk.later(seconds=1)
    assert told(sophie) == ["un"], "a pause is not followed by a burst"
    await desk.desk.later(seconds=1)
    assert told(sophie) == ["un", "deux", "trois"]


async def test_pauses_for_several_chats_at_once_are_a_pause_for_all(
    desk: ChatDesk,
) -> None:
    people = [desk.chat.person(f"{n}") for n in range(5)]
    for person in people[:3]:
        person.failures.append(TemporaryFailure("asked to wait", 20 * SECOND))
        await put(desk, say("un"), chat=person.account)
    await desk.settle()
    await put(desk, say("un"), chat=people[4].account)
    await put(desk, Acknowledge("t1"), chat=people[4].account)
    await desk.settle()
    assert told(people[4]) == []
    assert len(people[4].answers) == 1
    await desk.desk.later(seconds=21)
    assert [told(p) for p in people] == [["un"], ["un"], ["un"], [], ["un"]]


async def test_an_outage_delays_and_loses_nothing_and_keeps_the_order(
    desk: ChatDesk,
) -> None:
    """G12: ten minutes without the service; mails leave meanwhile."""
    people = [desk.chat.person(f"{n}") for n in range(8)]
    for person in people:
        person.failures = [TemporaryFailure("no connection")] * 1000
        await put(desk, *(say(f"{n}") for n in range(5)), chat=person.account)
    for _ in range(20):
        await desk.desk.later(seconds=30)
    desk.desk.client.write("Une panne à Lyon.")
    await desk.settle()
    assert desk.desk.client.mails
    assert not desk.chat.posts
    for person in people:
        person.failures.clear()
    for _ in range(8):
        await desk.desk.later(seconds=15)
    assert all(told(person) == ["0", "1", "2", "3", "4"] for person in people)


async def test_a_button_that_stopped_waiting_is_not_answered_any_more(
    desk: ChatDesk,
) -> None:
    sophie = desk.chat.person()
    sophie.failures = [TemporaryFailure("no connection")] * 100
    await put(desk, Acknowledge("t1"))
    for _ in range(12):
        await desk.desk.later(seconds=2.5)
    assert await states(desk) == ["cancelled"]


# --- what may have arrived ------------------------------------------------------------


async def test_a_drawing_whose_answer_was_lost_is_drawn_again_in_place(
    desk: ChatDesk,
) -> None:
    sophie = desk.chat.person()
    await put(desk, Redraw("card", Screen("avant")))
    await desk.settle()
    sophie.unheard = 1
    await put(desk, Redraw("card", Screen("après")))
    await desk.settle()
    await desk.desk.later(seconds=2)
    assert told(sophie) == ["après"]
    assert await states(desk) == ["sent", "sent"]


async def test_what_a_room_answers_comes_twice_sooner_than_never(
    desk: ChatDesk,
) -> None:
    sophie = desk.chat.person()
    sophie.unheard = 1
    await put(desk, say("Bien reçu."))
    await desk.settle()
    await desk.desk.later(seconds=2)
    assert told(sophie) == ["Bien reçu.", "Bien reçu."]


async def test_what_left_is_written_down_when_the_store_is_back(
    desk: ChatDesk,
) -> None:
    sophie = desk.chat.person()
    away = _Away(desk.store)
    app = desk.desk.app
    courier = Courier(
        cast("Store", away),
        app.desk,
        desk.chat,
        app.reporter,
        desk.clock,
        "w",
        House(lambda: app.desk.rules, app.postmark),
    )
    await put(desk, say("un"), say("deux"))
    away.fails_after = 2  # taken and made; not written down
    await courier.step(desk.clock.now())
    assert told(sophie) == ["un"]
    with pytest.raises(StoreUnreachable):
        await courier.step(desk.clock.now())
    away.fails_after = 1_000
    while await courier.step(desk.clock.now()):
        pass
    assert told(sophie) == ["un", "deux"]
    assert await states(desk) == ["sent", "sent"]


class _Away:
    """A store that does not answer any more after some units of work."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.bell = store.bell
        self.fails_after = 1_000

    async def write(self, work: Callable[[UnitOfWork], T]) -> T:
        if not self.fails_after:
            raise StoreUnreachable("away")
        self.fails_after -= 1
        return await self._store.write(work)


async def test_somebodys_words_that_may_have_arrived_are_not_said_twice(
    desk: ChatDesk,
) -> None:
    """The agent is told that they may not have."""
    await desk.desk.submitted()
    await desk.linked()
    row = await words_for(desk)
    app, now = desk.desk.app, desk.clock.now()

    def work(uow: UnitOfWork) -> None:
        endings.failed(uow, app.desk, row, Unanswered("no answer in time"), now)

    await desk.store.write(work)
    assert (await rows(desk))[-1].state is DeliveryState.DEAD
    (failed,) = [x for x in await desk.desk.events() if isinstance(x, e.DeliveryFailed)]
    assert failed.address == "Sophie Martin (Telegram)"
    assert failed.reason == "no answer: it may have arrived"


async def test_somebodys_words_in_hand_when_azbot_died_are_not_said_twice(
    desk: ChatDesk,
) -> None:
    await desk.desk.submitted()
    sophie = await desk.linked()
    await words_for(desk)
    await desk.desk.later(minutes=6)
    assert told(sophie) == []
    assert (await rows(desk))[-1].error == "no answer: it may have arrived"


async def words_for(desk: ChatDesk) -> Delivery:
    """Put words of an agent for the client's chat alone, and take them in hand."""
    it = await desk.desk.it()
    history = await desk.store.views.timeline(it.id, is_internal=True)

    def work(uow: UnitOfWork) -> Delivery:
        now = desk.clock.now()
        row = NewDelivery(
            key=f"{it.id}:{history[-1].id}:telegram:501",
            kind="message",
            address="501",
            channel=desk.chat.name,
            due_at=now,
            facts={"audience": "requester", "text": "Coupez le courant.", "also": []},
            assistance_id=it.id,
            event_id=history[-1].id,
            person=it.requester,
        )
        uow.outbox.put([row])
        (taken,) = uow.outbox.claim_acts("dead", 1, 5 * MINUTE, now, desk.chat.name)
        return taken

    return await desk.store.write(work)


# --- who cannot be written to ---------------------------------------------------------


async def test_who_has_blocked_us_gets_by_mail_what_only_the_chat_was_to_tell(
    desk: ChatDesk,
) -> None:
    """ux.md 10.6: everything that waits there ends, and the agent sees why."""
    await desk.desk.submitted()
    sophie = await desk.linked()
    sophie.has_blocked = True
    before = len(desk.desk.client.mails)
    await put(desk, say("un"), say("deux"))
    await words_for(desk)
    await desk.store.write(
        lambda uow: [uow.outbox.release(r.id, "dead") for r in uow.outbox.behind(
            desk.chat.name, "501")]
    )  # fmt: skip
    await desk.settle()
    assert (await desk.account()).state is ChatState.BLOCKED
    assert set((await states(desk))[-3:]) == {"cancelled"}
    mail = desk.desk.client.mails[before]
    assert "Coupez le courant." in mail.text
    (blocked,) = [x for x in await desk.desk.events() if isinstance(x, e.ChatBlocked)]
    assert (blocked.name, blocked.via) == ("Sophie Martin", "telegram")
    await put(desk, say("trois"))
    sophie.has_blocked = False
    await desk.say(sophie, "/aide")
    assert (await desk.account()).state is ChatState.OPEN


async def test_what_a_mail_tells_too_is_not_sent_a_second_time(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    sophie.has_blocked = True
    await desk.desk.submitted()
    assert (await desk.account()).state is ChatState.BLOCKED
    assert len(desk.desk.client.mails) == 1


async def test_who_blocked_us_and_has_no_address_is_told_of_to_the_desk(
    desk: ChatDesk,
) -> None:
    await desk.desk.submitted()
    await desk.linked()
    row = await words_for(desk)
    app, now = desk.desk.app, desk.clock.now()

    def work(uow: UnitOfWork) -> None:
        person = uow.people.get(row.person or PersonId(0))
        uow.people.update(replace(person, addresses=()))
        endings.failed(uow, app.desk, row, Unreachable("blocked"), now)

    await desk.store.write(work)
    events = await desk.desk.events()
    assert [x.reason for x in events if isinstance(x, e.DeliveryFailed)] == ["blocked"]
    assert not any(isinstance(x, e.ChatBlocked) for x in events)


async def test_who_has_said_stop_gets_no_notices_but_answers(desk: ChatDesk) -> None:
    """G13: also what was on its way is stopped."""
    sophie = await desk.linked()
    sophie.failures = [TemporaryFailure("no connection")]
    desk.desk.client.write("Une panne à Lyon.")
    await desk.settle()
    assert "pending" in await states(desk)

    def stop(uow: UnitOfWork) -> None:
        account = uow.chats.get(desk.chat.name, "501")
        assert account is not None
        uow.chats.save(replace(account, state=ChatState.STOPPED))

    await desk.store.write(stop)
    await put(desk, say("Plus d’avis ici."))
    await desk.desk.later(seconds=5)
    assert told(sophie) == ["Plus d’avis ici."]
    assert set((await states(desk))[:-1]) == {"cancelled"}


async def test_a_chat_that_moved_goes_on_under_its_new_name(desk: ChatDesk) -> None:
    await desk.linked()
    old, new = desk.chat.person(), desk.chat.person("-100501")
    await put(desk, Redraw("card", Screen("carte")))
    await desk.settle()
    old.failures.append(ChatMoved("-100501"))
    await put(desk, say("un"), Redraw("card", Screen("neuve")), say("deux"))
    await desk.settle()
    assert told(new) == ["un", "neuve", "deux"]
    assert told(old) == ["carte"]
    assert (await desk.account()).chat == "-100501"


async def test_what_is_refused_for_ever_is_a_dead_letter_and_stops_nothing(
    desk: ChatDesk,
) -> None:
    sophie = desk.chat.person()
    sophie.failures.append(PermanentFailure("bad request"))
    await put(desk, say("un"), say("deux"))
    await desk.settle()
    assert told(sophie) == ["deux"]
    (dead,) = await desk.store.write(lambda uow: uow.outbox.dead_letters())
    assert dead.error == "bad request"
    await desk.store.write(lambda uow: uow.outbox.resend(dead.id, desk.clock.now()))
    await desk.settle()
    assert told(sophie) == ["deux", "un"]


async def test_words_that_cannot_be_made_die_and_stop_nothing(desk: ChatDesk) -> None:
    sophie = desk.chat.person()

    def odd(uow: UnitOfWork) -> None:
        row = NewDelivery(
            "odd", ACT, "501", desk.chat.name, desk.clock.now(), {"act": "dance"}
        )
        uow.outbox.put([row])

    await desk.store.write(odd)
    await put(desk, say("deux"))
    await desk.settle()
    assert told(sophie) == ["deux"]
    assert await states(desk) == ["dead", "sent"]


# --- what stands where ----------------------------------------------------------------


async def test_only_the_newest_drawing_of_a_message_leaves(desk: ChatDesk) -> None:
    sophie = desk.chat.person()
    await put(desk, Redraw("card", Screen("0")))
    await desk.settle()
    await put(
        desk,
        Redraw("card", Screen("1")),
        say("entre", reply_to="slot:card"),
        Redraw("card", Screen("2")),
        Redraw("other", Screen("autre")),
    )
    await desk.settle()
    assert told(sophie) == ["2", "entre", "autre"]
    assert sophie.sees[1].reply_to == sophie.sees[0].id
    assert await states(desk) == ["sent", "cancelled", "sent", "sent", "sent"]


async def test_a_drawing_that_others_refer_to_is_not_passed_over(
    desk: ChatDesk,
) -> None:
    sophie = desk.chat.person()
    await put(
        desk,
        Redraw("card", Screen("1")),
        say("voir ci-dessus", reply_to="slot:card"),
        Redraw("card", Screen("2")),
    )
    await desk.settle()
    assert told(sophie) == ["2", "voir ci-dessus"]
    assert sophie.sees[1].reply_to == sophie.sees[0].id


async def test_what_goes_below_is_not_passed_over_for_what_stays(
    desk: ChatDesk,
) -> None:
    sophie = desk.chat.person()
    await put(desk, Redraw("prompt", Screen("1")), say("mes mots"))
    await desk.settle()
    await put(
        desk,
        Redraw("prompt", Screen("2"), is_below=True),
        Redraw("prompt", Screen("3")),
    )
    await desk.settle()
    assert told(sophie) == ["mes mots", "3"]


async def test_the_last_drawing_before_another_message_takes_its_place_is_made(
    desk: ChatDesk,
) -> None:
    sophie = desk.chat.person()
    await put(desk, Redraw("ask", Screen("Clôturer ?")))
    await desk.settle()
    await put(
        desk,
        Redraw("ask", Screen("Répondu.")),
        say("Clôturer, vraiment ?", slot="ask"),
        Redraw("ask", Screen("Répondu aussi.")),
    )
    await desk.settle()
    assert told(sophie) == ["Répondu.", "Répondu aussi."]


async def test_what_stands_there_already_is_not_drawn_again(desk: ChatDesk) -> None:
    sophie = desk.chat.person()
    await put(desk, Redraw("card", Screen("1")))
    await desk.settle()
    await put(desk, Redraw("card", Screen("1")), Clear("nothing"))
    await desk.settle()
    assert len(sophie.history) == 1
    assert await states(desk) == ["sent"] * 3


async def test_replies_to_what_was_said_find_their_assistance(desk: ChatDesk) -> None:
    await desk.desk.submitted()
    sophie = await desk.linked()
    sophie.parts = 2
    key = (await desk.desk.it()).id
    await put(desk, say("Une <b>longue</b> &amp; belle"), assistance=key)
    await desk.settle()
    names = [bubble.id for bubble in sophie.sees]
    assert len(names) == 2

    def work(uow: UnitOfWork) -> list[AssistanceId]:
        hits = (uow.threads.find([name]) for name in names)
        return [hit.assistance_id for hit in hits if hit is not None]

    assert await desk.store.write(work) == [key, key]
    row = (await rows(desk))[-1]
    assert row.remote_id.split() == names
    assert row.text == "Une longue & belle"
    texts = await desk.store.write(lambda uow: uow.sent.texts(key, "501"))
    assert texts == [row.text]


async def test_a_slot_knows_the_message_that_stands_in_it(desk: ChatDesk) -> None:
    sophie = desk.chat.person()
    await put(desk, say("1", slot="ask"))
    await desk.settle()

    def slot(uow: UnitOfWork) -> Slot | None:
        return uow.slots.get(desk.chat.name, "501", "ask")

    found = await desk.store.write(slot)
    assert found is not None
    assert found.message_id == sophie.last.id
    await put(desk, Clear("ask"))
    await desk.settle()
    assert await desk.store.write(slot) is None
    assert sophie.sees == []


# --- files ----------------------------------------------------------------------------


async def test_files_go_along_and_what_is_too_large_is_named_with_its_place(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    chat = LocalChat(clock, largest_file=1_000)
    desk = await desk_by_chat(store, clock, tmp_path, chat)
    sophie = await desk.linked()
    await desk.desk.submitted()
    before = len(sophie.sees)

    def work(uow: UnitOfWork) -> tuple[AssistanceId, PersonId]:
        it = uow.assistances.get(AssistanceId(1))
        files = [
            c.NewDocument(name, "application/pdf", len(content), uow.blobs.put(content))
            for name, content in (("plan.pdf", b"x" * 900), ("film.pdf", b"x" * 2_000))
        ]
        staff = desk.desk.people.staff
        desk.desk.app.desk.apply(uow, it, c.AddNote("fichiers", tuple(files)), staff)
        return it.id, it.requester

    key, person = await store.write(work)
    numbers = [d.number for d in (await desk.desk.it()).documents]
    files = tuple(f"document:{n}" for n in numbers)
    await put(desk, say("Voici.", files=files), assistance=key, person=person)
    await desk.settle()
    (bubble,) = sophie.sees[before:]
    assert bubble.files == ("plan.pdf",)
    assert "« film.pdf » (2 Ko) est trop volumineux" in bubble.text
    assert bubble.labels == ["Ouvrir le dossier"]
