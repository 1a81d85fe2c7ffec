"""Files on their way in: streamed, capped, recognised by content, then named.

An upload waits as a signed handle, not as a row: the handle says which stored file
it is, for whom and until when. Files nobody uses are removed with other orphans.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from azbot.channels.web.api.operations import Call
from azbot.channels.web.api.pipeline import UPLOAD_DIGEST
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import UPLOAD_GATE
from azbot.channels.web.settings import MEGABYTE
from azbot.media import ALLOWED, media_type_of, safe_name
from azbot.messages import BlobId
from azbot.tokens import Keyring

CHUNK = 64 * 1024
_MALFORMED = (ValueError, HttpProcessingError)
_IN_MEMORY = 1024 * 1024
_LABEL = b"azbot upload|"


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored file that no assistance has yet."""

    blob: BlobId
    name: str
    media_type: str
    size: int


def issue(keyring: Keyring, upload: Upload, scope: str, expires_at: datetime) -> str:
    """Return the handle of an upload: URL-safe text that cannot be made up.

    Args:
        keyring: signs with its newest key.
        upload: what it stands for.
        scope: whose it is; another caller cannot use it.
        expires_at: aware; from then on the handle is worth nothing.
    """
    said = [
        upload.blob,
        upload.name,
        upload.media_type,
        upload.size,
        scope,
        int(expires_at.timestamp()),
    ]
    payload = json.dumps(said, separators=(",", ":")).encode()
    key_id = keyring.newest
    return f"{key_id}.{_text(payload)}.{_text(_mac(keyring, key_id, payload))}"


def read(keyring: Keyring, handle: str, scope: str, now: datetime) -> Upload | None:
    """Return the upload of a handle; None when forged, expired or another's."""
    key_id, _, rest = handle.partition(".")
    text, _, mac = rest.partition(".")
    if keyring.find(key_id) is None:
        return None
    try:
        payload, given = _octets(text), _octets(mac)
    except (ValueError, binascii.Error):
        return None
    if not hmac.compare_digest(_mac(keyring, key_id, payload), given):
        return None
    blob, name, media_type, size, owner, until = json.loads(payload)
    if owner != scope or now.timestamp() >= until:
        return None
    return Upload(BlobId(blob), name, media_type, size)


def _mac(keyring: Keyring, key_id: str, payload: bytes) -> bytes:
    # The label keeps these signatures apart from those of addresses and links.
    return hmac.digest(keyring.find(key_id) or b"", _LABEL + payload, "sha256")


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _octets(text: str) -> bytes:
    return base64.b64decode(
        text + "=" * (-len(text) % 4), altchars=b"-_", validate=True
    )


async def receive(call: Call) -> Upload:
    """Store the file in the body of a request.

    The body is the file itself, or multipart/form-data with one file in it.

    Raises:
        HttpProblem: 400 no file, 413 too large, 415 a kind that is not taken
            (R143), 422 an empty file.
        StoreUnreachable: it could not be stored.
    """
    limit = call.deps.settings.largest_file
    if (call.request.content_length or 0) > limit + CHUNK:
        raise _too_large(limit)
    async with call.request.app[UPLOAD_GATE]:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
            name = await _spool(call.request, file, limit)
            return await _keep(call, file, name)


async def _spool(request: web.Request, file: IO[bytes], limit: int) -> str:
    size, digest = 0, hashlib.sha256()
    name, chunks = await _source(request)
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        digest.update(chunk)
        await asyncio.to_thread(file.write, chunk)
    request[UPLOAD_DIGEST] = digest.digest()
    if size == 0:
        raise HttpProblem(422, "empty_file")
    return name


async def _source(request: web.Request) -> tuple[str, AsyncIterator[bytes]]:
    """Return the name the sender gave and the octets, wherever they are."""
    if request.content_type != "multipart/form-data":
        return request.query.get("name", ""), request.content.iter_chunked(CHUNK)
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader) and part.filename:
                return request.query.get("name") or part.filename, _chunks(part)
    except _MALFORMED as error:
        raise HttpProblem(400, "multipart_malformed") from error
    raise HttpProblem(400, "no_file")


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    try:
        while chunk := await part.read_chunk(CHUNK):
            yield chunk
    except _MALFORMED as error:
        raise HttpProblem(400, "multipart_malformed") from error


async def _keep(call: Call, file: IO[bytes], name: str) -> Upload:
    file.seek(0)
    content = await asyncio.to_thread(file.read)
    media_type = media_type_of(content)
    if media_type not in ALLOWED:
        raise HttpProblem(415, "kind_refused", {"media_type": media_type})
    blob = await asyncio.to_thread(call.deps.store.blobs.put, content)
    return Upload(blob, safe_name(name, media_type), media_type, len(content))


def _too_large(limit: int) -> HttpProblem:
    return HttpProblem(413, "file_too_large", {"megabytes": limit // MEGABYTE})
