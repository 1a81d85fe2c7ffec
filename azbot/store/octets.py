"""Octets of a message: small ones in the row, large ones as a file."""

from __future__ import annotations

from azbot.messages import BlobId
from azbot.ports import Blobs

INLINE_LIMIT = 64 * 1024
"""Octets up to this size stay in the database; larger ones become a file."""


def keep(blobs: Blobs, content: bytes) -> dict[str, bytes | str | None]:
    """Return the columns ``content`` and ``blob`` for these octets.

    A large content is stored as a file before it is named: at worst a crash leaves
    a file that nothing names.
    """
    if len(content) <= INLINE_LIMIT:
        return {"content": content, "blob": None}
    return {"content": None, "blob": blobs.put(content)}


def fetch(blobs: Blobs, content: bytes | None, blob: str | None) -> bytes | None:
    """Return what ``keep`` kept; None when both columns are empty.

    Raises:
        NotFound: the file is gone.
    """
    if content is not None:
        return bytes(content)
    return None if blob is None else blobs.read(BlobId(blob))
