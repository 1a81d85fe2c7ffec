"""Files that came with a message: fit to show, stored, without logos (M10, M11)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import structlog

from azbot.media import ALLOWED, PictureError, to_jpeg
from azbot.messages import Inbound, InboundFile, RejectedFile
from azbot.ports import Scanner
from azbot.store import UnitOfWork
from azbot.workflow.commands import NewDocument
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import Assistance, DocumentKind

_LOG = structlog.get_logger(__name__)
_SMALLEST_PHOTO = 10_240
"""Octets below which an inline picture is a logo or a tracking pixel (M10)."""
_HEIC = "image/heic"


async def made_fit(inbound: Inbound, scanner: Scanner) -> Inbound:
    """Return the message as it may be kept: without viruses, its pictures as JPEG.

    Outside any transaction: a scanner and a decoder take their time.
    """
    if inbound.turn is not None:
        inbound = of_kinds_taken(inbound)
    return await shown_as_jpeg(await without_viruses(inbound, scanner))


def of_kinds_taken(inbound: Inbound) -> Inbound:
    """Return a turn of a talk with the kinds of file azbot takes (R143).

    What a letter may bring is decided by its channel, as it was set up.
    """
    if not inbound.files:
        return inbound
    kept = [file for file in inbound.files if file.media_type in ALLOWED]
    refused = (
        RejectedFile(file.name, len(file.content), "kind_refused")
        for file in inbound.files
        if file.media_type not in ALLOWED
    )
    rejected = (*inbound.rejected_files, *refused)
    return replace(inbound, files=tuple(kept), rejected_files=rejected)


async def without_viruses(inbound: Inbound, scanner: Scanner) -> Inbound:
    """Return the message with the files that a scanner lets pass.

    The others are among the rejected ones, as ``virus`` or ``unchecked``; the octets
    stay in the ledger alone.
    """
    if not inbound.files:
        return inbound
    kept: list[InboundFile] = []
    rejected = list(inbound.rejected_files)
    for file in inbound.files:
        scan = await scanner.scan(_whole(file.content))
        if not scan.is_checked:
            _LOG.warning("intake.unchecked", size=len(file.content))
        if scanner.may_pass(scan):
            kept.append(file)
            continue
        code = "virus" if scan.found else "unchecked"
        _LOG.warning("intake.file_refused", code=code, found=scan.found)
        rejected.append(RejectedFile(file.name, len(file.content), code))
    return replace(inbound, files=tuple(kept), rejected_files=tuple(rejected))


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def shown_as_jpeg(inbound: Inbound) -> Inbound:
    """Return the message with pictures no browser shows turned into JPEG (M11).

    The original octets stay in the ledger. Pictures are decoded in a thread, before
    any transaction. One that cannot be decoded stays as it came.
    """
    if not any(file.media_type == _HEIC for file in inbound.files):
        return inbound
    files = [await asyncio.to_thread(as_jpeg, file) for file in inbound.files]
    return replace(inbound, files=tuple(files))


def as_jpeg(file: InboundFile) -> InboundFile:
    """Return a HEIC photo as JPEG under its own name; other files as they are."""
    if file.media_type != _HEIC:
        return file
    try:
        picture = to_jpeg(file.content)
    except PictureError as error:
        _LOG.warning("intake.heic_kept", why=str(error))
        return file
    name = f"{_stem(file.name)}.jpg"
    return replace(
        file, name=name, media_type=picture.media_type, content=picture.content
    )


def documents_of(uow: UnitOfWork, inbound: Inbound) -> tuple[NewDocument, ...]:
    """Store what came along and return it, ready to attach.

    Small inline pictures, and inline pictures the same sender sent before, belong
    to a signature.
    """
    scope = inbound.sender.key if inbound.sender else ""
    return tuple(
        NewDocument(
            file.name,
            file.media_type,
            len(file.content),
            uow.blobs.put(file.content),
            seconds=file.seconds,
        )
        for file in inbound.files
        if not is_logo(uow, file, scope)
    )


def room_for(it: Assistance | None, rules: Rules) -> int:
    """Return how many files still fit; our own reports take no place (R142)."""
    present = it.present_documents if it else ()
    taken = sum(d.kind is not DocumentKind.REPORT for d in present)
    return max(rules.max_documents - taken, 0)


def names_of(inbound: Inbound, left: Sequence[NewDocument]) -> str:
    """Stand for a text that is not there: what came and could not be kept."""
    names = [*(f.name for f in inbound.rejected_files), *(d.name for d in left)]
    return f"[{', '.join(names)}]" if names else ""


def is_logo(uow: UnitOfWork, file: InboundFile, scope: str) -> bool:
    """Tell whether a file belongs to a signature, and remember that it came."""
    if not file.inline:
        return False
    digest = hashlib.sha256(file.content).hexdigest()
    was_seen = uow.seen_files.known_inline(digest, scope)
    uow.seen_files.remember(digest, scope)
    return was_seen or _is_small_picture(file)


def _is_small_picture(file: InboundFile) -> bool:
    is_picture = file.media_type.startswith("image/")
    return is_picture and len(file.content) < _SMALLEST_PHOTO


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name
