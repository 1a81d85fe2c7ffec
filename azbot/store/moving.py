"""From one keeper of files to another, and whether one has what rows name."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from azbot.errors import NotFound, StoreUnreachable
from azbot.messages import BlobId
from azbot.ports import Blobs
from azbot.store.snapshot import Progress, silent

_AT_ONCE = 4


@dataclass(slots=True)
class Moved:
    """What became of the files of a keeper.

    Attributes:
        copied, octets: how many, and how long.
        there: how many were there already.
        emptied: how many were deleted where they came from.
        damaged: what is not what its name says, and was left where it was.
    """

    copied: int = 0
    octets: int = 0
    there: int = 0
    emptied: int = 0
    damaged: list[BlobId] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a keeper has of what rows name.

    Attributes:
        files: how many are named.
        missing: those it has not.
        damaged: those that are not what their names say.
    """

    files: int
    missing: tuple[BlobId, ...]
    damaged: tuple[BlobId, ...]


async def move(
    source: Blobs,
    target: Blobs,
    folder: Path,
    now: datetime,
    *,
    is_emptied: bool = False,
    progress: Progress = silent,
) -> Moved:
    """Copy every file of one keeper into another, a few at a time.

    Whoever stores files meanwhile is not disturbed. Ended anywhere and begun again it
    goes on: what is there in its length is whole, for both keepers give a name to
    nothing else.

    Args:
        source: who keeps the files.
        target: who will.
        folder: of this machine, where a file lies while it is proved.
        now: what is stored later is not looked at.
        is_emptied: delete in the source what was read again, whole, in the target.
        progress: told of ``files``.

    Raises:
        StoreUnreachable: one of both is away; what was copied stays.
    """
    moved = Moved()
    names = sorted(await asyncio.to_thread(source.older, now))

    async def one(blob: BlobId) -> None:
        await _move_one(blob, source, target, folder, moved, is_emptied=is_emptied)

    await _each(names, one, "files", progress)
    moved.damaged.sort()
    return moved


async def _each(
    names: Sequence[BlobId],
    one: Callable[[BlobId], Awaitable[None]],
    what: str,
    progress: Progress,
) -> None:
    """Do the same for each; after the first error what was begun is ended, no more."""
    left, done = iter(names), 0
    failures: list[StoreUnreachable | OSError] = []

    async def some() -> None:
        nonlocal done
        for name in left:
            try:
                await one(name)
            except (StoreUnreachable, OSError) as error:
                failures.append(error)
            if failures:
                return
            done += 1
            progress(what, done, len(names))

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(some())
    if failures:
        raise failures[0]


async def _move_one(
    blob: BlobId,
    source: Blobs,
    target: Blobs,
    folder: Path,
    moved: Moved,
    *,
    is_emptied: bool,
) -> None:
    size = await asyncio.to_thread(source.size, blob)
    if size is None:
        # Erased since it was listed.
        return
    if await asyncio.to_thread(target.size, blob) == size:
        moved.there += 1
    else:
        path = folder / secrets.token_hex(16)
        try:
            if not await _fetched(blob, source, path):
                moved.damaged.append(blob)
                return
            await asyncio.to_thread(target.adopt, path, blob)
        except NotFound:
            return
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        moved.copied += 1
        moved.octets += size
    if is_emptied and await asyncio.to_thread(target.is_whole, blob):
        await asyncio.to_thread(source.delete, blob)
        moved.emptied += 1


async def _fetched(blob: BlobId, source: Blobs, path: Path) -> bool:
    """Copy a file to this machine; tell whether it is what its name says."""
    proof = hashlib.sha256()
    with await asyncio.to_thread(_begun, path) as sink:
        async with aclosing(source.stream(blob)) as chunks:
            async for chunk in chunks:
                proof.update(chunk)
                sink.write(chunk)
    return proof.hexdigest() == blob


def _begun(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return path.open("wb")


async def check(
    keeper: Blobs, named: Collection[BlobId], progress: Progress = silent
) -> Checked:
    """Read every file that rows name, and compare it with its name.

    Args:
        keeper: who should have them.
        named: from ``files_owed``.
        progress: told of ``verify``.

    Raises:
        StoreUnreachable: it does not answer.
    """
    missing: list[BlobId] = []
    damaged: list[BlobId] = []

    async def one(blob: BlobId) -> None:
        if not await asyncio.to_thread(keeper.is_whole, blob):
            size = await asyncio.to_thread(keeper.size, blob)
            (missing if size is None else damaged).append(blob)

    await _each(sorted(named), one, "verify", progress)
    return Checked(len(named), tuple(sorted(missing)), tuple(sorted(damaged)))
