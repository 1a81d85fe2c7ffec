"""How fast a chat's turns become durable business transactions.

``dev.py bench telegram [--updates N] [--chats M]``. Real updates of the Bot API, read
by the real channel; durable SQLite (synchronous=FULL); each turn is words of a client
that an assistance takes as a message, with its history, its notices and its receipt.
Two limits, in the same run. The bare store: the very statements of those transactions,
said again to SQLite by a loop that does nothing else, grouped and committed as they
were; the ratio is to this one, by the clock and in time of the processor, which a busy
machine leaves alone. And the empty transaction: the same updates accepted,
each finished in a unit of work that does nothing. Nothing is sent. What is read once in
the life of a process (words of three languages) is read before the clock starts.

Then the way out: 200 notices for 40 chats, by the real channel to a Bot API server that
keeps Telegram's limits and answers each chat once with 429 (ux.md G10). The longest
halt of the event loop is that of the turns: of this half the server has its share.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from typing_extensions import override

from azbot.app import App, opened
from azbot.channels.telegram.channel import factory
from azbot.channels.telegram.parse import parse
from azbot.channels.telegram.settings import TelegramSettings
from azbot.clock import SystemClock
from azbot.messages import Inbound, PersonId, RawMessage, Unparseable
from azbot.screens import ACT, Say, Screen, to_facts
from azbot.store import NewDelivery, UnitOfWork
from azbot.store.chats import ChatAccount
from azbot.store.records import RawOutcome, RawState
from azbot.testing.chat import LocalChat
from azbot.testing.telegram import Flood, fake_telegram
from azbot.testing.telegram.faults import retry_after
from benchmarks import _rig
from benchmarks._statements import Took, copied, recording, said_again, timing

_NOTICES, _TOLD = 200, 40
_BATCH = 100
_SIDE_BY_SIDE = 40
_LOOK = 0.005
_LEASE = timedelta(hours=1)
_DONE = RawOutcome(RawState.APPLIED)


class Reader(LocalChat):
    """A chat service that is never reached, whose updates are Telegram's."""

    @override
    def parse(self, raw: RawMessage) -> Inbound | Unparseable:
        """Read an update as the channel does."""
        return parse(raw)


def update(number: int, chat: int, at: datetime) -> RawMessage:
    """Return one update of the Bot API: a client writes."""
    who = {"id": chat, "first_name": "Sophie", "is_bot": False, "language_code": "fr"}
    message = {
        "message_id": number,
        "date": int(at.timestamp()),
        "chat": {"id": chat, "type": "private", "first_name": "Sophie"},
        "from": who,
        "text": f"La chambre {number} ne chauffe toujours pas.",
    }
    content = json.dumps({"update_id": number, "message": message}).encode()
    source = "telegram:bench"
    return RawMessage(
        "telegram", source, number, content, at, len(content), lane=str(chat)
    )


async def accepted(app: App, updates: list[RawMessage]) -> None:
    """Store what came, batch by batch, as the receiver does."""
    for at in range(0, len(updates), _BATCH):
        await app.store.accept(updates[at : at + _BATCH])


@asynccontextmanager
async def prepared(folder: Path, chats: int) -> AsyncIterator[App]:
    """Open azbot with an assistance and a linked account for each chat."""
    clock = SystemClock()
    settings = _rig.settings(folder, 1, 1, "nobody")
    async with opened(settings, clock=clock, chats={"telegram": Reader(clock)}) as app:
        them = await _rig.some_assistances(app, min(chats, _rig.PEOPLE))
        people = [it.requester for it in them]

        def link(uow: UnitOfWork) -> None:
            for number in range(chats):
                uow.chats.save(account(number, people[number % len(people)], clock))

        await app.store.write(link)
        # Read what is read once: one turn of a person each.
        await worked(
            app, [update(-n, 10_000 + n % chats, clock.now()) for n in range(1, 41)]
        )
        yield app


def account(number: int, person: PersonId, clock: SystemClock) -> ChatAccount:
    """Return the account of one chat, linked."""
    now = clock.now()
    name = str(10_000 + number)
    return ChatAccount("telegram", name, name, now, now, person=person, linked_at=now)


async def bare(folder: Path, updates: list[RawMessage], chats: int) -> tuple[Took, int]:
    """Return what the store takes that says the same and does no more.

    Returns:
        That, and how many statements it says.
    """
    copy = folder / "copy.db"
    with recording() as connections:
        async with prepared(folder, chats) as app:
            copied(folder / "azbot.db", copy)
            for each in connections:
                each.said.clear()
            await worked(app, updates)
    # The writer is the one that commits work.
    said = max((each.said for each in connections), key=len)
    return said_again(copy, said), len(said)


async def empty(app: App, updates: list[RawMessage]) -> float:
    """Return updates per second when each is finished and nothing else is done."""
    began = time.perf_counter()
    await accepted(app, updates)
    for _ in range(0, len(updates), _SIDE_BY_SIDE):
        now = app.clock.now()
        rows = await app.store.write(
            lambda uow, now=now: uow.raw.claim(  # type: ignore[misc]
                "bench", _SIDE_BY_SIDE, _LEASE, now, "telegram"
            )
        )
        await asyncio.gather(
            *(
                app.store.write(lambda uow, key=row.id: uow.raw.finish(key, _DONE))  # type: ignore[misc]
                for row in rows
            )
        )
    return len(updates) / (time.perf_counter() - began)


async def worked(app: App, updates: list[RawMessage]) -> tuple[Took, float]:
    """Return what the whole work takes, and the longest halt of the loop in ms."""
    halts = [0.0]
    took: list[Took] = []
    watch = asyncio.get_running_loop().create_task(watched(halts))

    async def all_of(step: int) -> None:
        intake = app.intakes["telegram"][step]
        while await intake.step(app.clock.now()):
            pass

    with timing(took):
        await accepted(app, updates)
        while await waiting(app):
            await asyncio.gather(*map(all_of, range(len(app.intakes["telegram"]))))
    watch.cancel()
    return took[0], max(halts) * 1000


async def watched(halts: list[float]) -> None:
    """Note how long the event loop stood still."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(_LOOK)
        halts.append(time.perf_counter() - before - _LOOK)


async def waiting(app: App) -> int:
    """Return how many updates wait."""
    return len(await app.store.views.ledger(RawState.RECEIVED, limit=1))


async def measured(folder: Path, count: int, chats: int) -> dict[str, object]:
    """Measure all three, each on a database of its own."""
    now = SystemClock().now()
    updates = [update(n + 1, 10_000 + n % chats, now) for n in range(count)]
    for name in ("bare", "empty", "whole"):
        (folder / name).mkdir()
    limit, said = await bare(folder / "bare", updates, chats)
    async with prepared(folder / "empty", chats) as app:
        nothing = await empty(app, updates)
    async with prepared(folder / "whole", chats) as app:
        whole, halt = await worked(app, updates)
        states = {
            entry.outcome.state for entry in await app.store.views.ledger(limit=50)
        }
    if states != {RawState.APPLIED}:
        raise SystemExit(f"updates ended as {states}")
    return {
        "bench": "telegram",
        "updates": count,
        "chats": chats,
        "updates_per_s": round(count / whole.seconds, 1),
        "limit_updates_per_s": round(count / limit.seconds, 1),
        "ratio_to_limit": round(limit.seconds / whole.seconds, 3),
        "cpu_ms_per_update": round(whole.cpu_seconds / count * 1000, 3),
        "limit_cpu_ms_per_update": round(limit.cpu_seconds / count * 1000, 3),
        "cpu_ratio_to_limit": round(limit.cpu_seconds / whole.cpu_seconds, 3),
        "statements_per_update": round(said / count, 1),
        "empty_updates_per_s": round(nothing, 1),
        "longest_halt_ms": round(halt, 1),
    }


async def delivered(folder: Path) -> dict[str, object]:
    """Return how 200 notices reached 40 chats."""
    clock = SystemClock()
    async with fake_telegram(clock) as bot:
        bot.flood = Flood()
        people = [bot.user() for _ in range(_TOLD)]
        for person in people:
            person.chat.door = "open"
            bot.faults.add(retry_after(2), "sendMessage", chat_id=person.id, text="2")
        given = TelegramSettings(token_env="BOT", api_base_url=bot.address)
        channel = factory(given, clock, {"BOT": bot.token})
        settings = _rig.settings(folder, 1, 1, "nobody")
        async with opened(settings, clock=clock, chats={"telegram": channel}) as app:
            began = time.perf_counter()
            rows = [
                notice(number, person.id, clock.now())
                for number in range(_NOTICES // _TOLD)
                for person in people
            ]
            await app.store.write(lambda uow: uow.outbox.put(rows))
            bringing = asyncio.get_running_loop().create_task(
                app.couriers["telegram"].run()
            )
            await bot.until(lambda: sum(len(p.sees) for p in people) >= _NOTICES, 120)
            seconds = time.perf_counter() - began
            bringing.cancel()
        calls = len(bot.called("sendMessage"))
    return {
        "notices": _NOTICES,
        "notices_seconds": round(seconds, 1),
        "refused_on_purpose": _TOLD,
        "refused_for_haste": calls - _NOTICES - _TOLD,
    }


def notice(number: int, chat: int, at: datetime) -> NewDelivery:
    """Return one notice for one chat."""
    facts = to_facts(Say(Screen(f"Avis {number}")))
    key = f"{chat}:{number}"
    return NewDelivery(key, ACT, str(chat), "telegram", at, facts)


def main(updates: int, chats: int) -> None:
    # Refusals are what the second half is about.
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet)
    with TemporaryDirectory(prefix="azbot-bench-") as name:
        folder = Path(name)
        figures = asyncio.run(measured(folder, updates, chats))
        figures |= asyncio.run(delivered(folder))
        _rig.emit(figures)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--updates", type=int, default=1200)
    arguments.add_argument("--chats", type=int, default=40)
    given = arguments.parse_args()
    main(given.updates, given.chats)
