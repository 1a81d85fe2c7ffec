"""Files that came with a message: stored, logos left out (ux.md M10)."""

from __future__ import annotations

import hashlib

from azbot.messages import Inbound, InboundFile
from azbot.store import UnitOfWork
from azbot.workflow.commands import NewDocument

_SMALLEST_PHOTO = 10_240
"""Octets below which an inline picture is a logo or a tracking pixel (M10)."""


def documents_of(uow: UnitOfWork, inbound: Inbound) -> tuple[NewDocument, ...]:
    """Store what came along and return it, ready to attach.

    Small inline pictures, and inline pictures the same sender sent before, belong
    to a signature.
    """
    scope = inbound.sender.key if inbound.sender else ""
    return tuple(
        NewDocument(
            file.name, file.media_type, len(file.content), uow.blobs.put(file.content)
        )
        for file in inbound.files
        if not is_logo(uow, file, scope)
    )


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
