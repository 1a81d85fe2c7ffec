"""A process that writes units of work until it is killed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from azbot.store import Store, UnitOfWork, open_store
from azbot.store.octets import INLINE_LIMIT
from azbot.workflow.decision import Timer
from azbot.workflow.events import MessageAdded
from tests.stores import NOW, a_delivery, a_line, a_raw, an_assistance

_CALLERS = 5
_ENOUGH = 100_000


def content_of(number: int) -> bytes:
    """What the message of a unit holds: every third is a file of its own."""
    return b"%d" % number * (INLINE_LIMIT if number % 3 == 0 else 1)


def unit(number: int) -> Callable[[UnitOfWork], None]:
    """Write to every part of the store; the number stands in all of them."""

    def work(uow: UnitOfWork) -> None:
        it = an_assistance(uow)
        uow.events.append(it.id, [a_line(MessageAdded(f"unit {number}"))])
        uow.assistances.save(replace(it, messages=number))
        letter = replace(a_delivery(f"unit {number}"), assistance_id=it.id)
        uow.outbox.put([letter])
        uow.timers.replace(it.id, [Timer("unit", number, NOW)])
        uow.raw.accept([a_raw(number, content_of(number))])

    return work


def run(url: str, blobs: Path, start: int, said: Connection) -> None:
    """Write unit after unit; each whose commit was reported is said."""
    asyncio.run(_write(url, blobs, start, said))


async def _write(url: str, blobs: Path, start: int, said: Connection) -> None:
    async with open_store(url, blobs) as store:
        numbers = iter(range(start, start + _ENOUGH))
        callers = (_call(store, numbers, said) for _ in range(_CALLERS))
        await asyncio.gather(*callers)


async def _call(store: Store, numbers: Iterator[int], said: Connection) -> None:
    for number in numbers:
        await store.write(unit(number))
        said.send(number)
