"""``purge``: what was promised to end, ends (``[retention]``, ux.md 5.1)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from azbot.clock import years_before
from azbot.config import RetentionSettings
from azbot.messages import BlobId
from azbot.personal.erasing import erase_each
from azbot.personal.journal import Journal
from azbot.store import Person, Store, UnitOfWork
from azbot.store.keeping import empty_stale, lapsed
from azbot.store.named import FILES, files_named
from azbot.store.snapshot import Progress, silent

_A_DAY = timedelta(days=1)
_ANSWERS_KEPT_FOR = timedelta(days=30)
"""A request of the API that is repeated later is a new one."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What was done, or would be.

    Attributes:
        people: clients who were forgotten.
        messages: messages of nobody that were emptied.
        files: files no row named.
        octets: how long those were.
    """

    people: int
    messages: int
    files: int
    octets: int


async def purge(
    store: Store,
    url: str,
    kept: RetentionSettings,
    now: datetime,
    *,
    is_trial: bool = False,
    progress: Progress = silent,
    journal: Journal | None = None,
) -> Purged:
    """Forget clients whose time is over, and delete files nobody names.

    A client's time counts from the last activity of anything they took part in;
    whoever takes part in something open is kept.

    Args:
        store: the open store.
        url: its database.
        kept: how long.
        now: the present.
        is_trial: count only.
        progress: told how far it is.
        journal: where it is written down, for a backup that comes back.
    """
    before = years_before(now, kept.archive_years)
    over = await store.write(lambda uow: _over(uow, before))
    messages = 0
    if not is_trial:
        if over:
            await erase_each(store, url, over, now, progress, journal=journal)
        messages = await store.write(lambda uow: empty_stale(uow, before))
        await store.write(lambda uow: uow.idempotency.purge(now - _ANSWERS_KEPT_FOR))
    files, octets = await sweep_files(
        store, url, now, is_trial=is_trial, progress=progress
    )
    return Purged(len(over), messages, files, octets)


def _over(uow: UnitOfWork, before: datetime) -> list[Person]:
    return [uow.people.get(key) for key in lapsed(uow, before)]


async def sweep_files(
    store: Store,
    url: str,
    now: datetime,
    *,
    is_trial: bool = False,
    progress: Progress = silent,
) -> tuple[int, int]:
    """Delete files no row names; return how many, and their octets.

    A file is stored before the row that names it: what is younger than a day stays.
    A backup that runs is waited for.
    """
    sizes: list[int] = []

    async def sweep() -> None:
        old = await asyncio.to_thread(store.blobs.older, now - _A_DAY)
        named = await asyncio.to_thread(files_named, url, progress)
        for blob in sorted(set(old) - named):
            size = await asyncio.to_thread(_drop, store, blob, now - _A_DAY, is_trial)
            if size is not None:
                sizes.append(size)

    await store.alone(FILES, sweep)
    return len(sizes), sum(sizes)


def _drop(
    store: Store,
    blob: BlobId,
    before: datetime,
    is_trial: bool,  # noqa: FBT001 - called through a thread
) -> int | None:
    # Stored again since it was looked at, it is young again.
    if blob not in store.blobs.older(before, (blob,)):
        return None
    size = store.blobs.size(blob) or 0
    if not is_trial:
        store.drop_file(blob)
    return size
