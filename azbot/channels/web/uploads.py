"""Files on their way in: streamed to the disk, capped, judged by content, then named.

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
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import UPLOAD_GATE, WebDeps
from azbot.channels.web.settings import MEGABYTE
from azbot.media import (
    ALLOWED,
    HEAD,
    MOST_PIXELS,
    has_too_many_pixels,
    kind_of,
    safe_name,
)
from azbot.messages import BlobId
from azbot.store.partials import Partials
from azbot.tokens import Keyring
from azbot.workflow.commands import NewDocument
from azbot.workflow.model import DocumentKind

UPLOAD_DIGEST = web.RequestKey("azbot.upload", bytes)
"""Where an upload leaves the digest of what it read, for its idempotency key."""

CHUNK = 64 * 1024
_LONGEST_VALUE = 256 * 1024
_MOST_PARTS = 100
_MALFORMED = (ValueError, HttpProcessingError)
_PIECE = 256 * 1024
_LABEL = b"azbot upload|"
_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored file that no assistance has yet."""

    blob: BlobId
    name: str
    media_type: str
    size: int


def as_document(
    upload: Upload,
    kind: DocumentKind | None = None,
    intervention: int | None = None,
    point: int | None = None,
) -> NewDocument:
    """Return a stored file as the workflow takes it."""
    return NewDocument(
        name=upload.name,
        media_type=upload.media_type,
        size=upload.size,
        blob=upload.blob,
        kind=kind,
        intervention=intervention,
        point=point,
    )


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


async def receive(request: web.Request, deps: WebDeps) -> Upload:
    """Store the file in the body of a request.

    The body is the file itself, or multipart/form-data with one file in it.

    Raises:
        HttpProblem: 400 no file, 413 too large, 415 a kind that is not taken
            (R143), 422 an empty file.
        StoreUnreachable: it could not be stored.
    """
    _require_room(request, deps)
    name, chunks = await _source(request)
    return await _store(request, deps, name, chunks)


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page, its files stored.

    Attributes:
        values: what was typed, by name.
        uploads: the files that were taken, in order.
        refused: name of each file that was not taken, and why.
    """

    values: Mapping[str, Sequence[str]]
    uploads: tuple[Upload, ...] = ()
    refused: tuple[tuple[str, HttpProblem], ...] = ()

    def value(self, name: str) -> str:
        """Return the first value of a name, empty when there is none."""
        return next(iter(self.values.get(name, ())), "")

    def number(self, name: str) -> int:
        """Return a value that is a number, 0 when it is none."""
        text = self.value(name)
        return int(text) if text.isascii() and text.isdigit() else 0


async def read_form(request: web.Request, deps: WebDeps) -> Form:
    """Return a form that was sent with or without files.

    One file that cannot be taken does not lose the others (ux.md A18).

    Raises:
        HttpProblem: 400 it cannot be read, 413 it is too large as a whole.
        StoreUnreachable: a file could not be stored.
    """
    _require_room(request, deps)
    values: dict[str, list[str]] = {}
    if request.content_type != "multipart/form-data":
        for name, given in (await request.post()).items():
            values.setdefault(name, []).append(str(given))
        return Form(values)
    taken: list[Upload] = []
    refused: list[tuple[str, HttpProblem]] = []
    async for part in _parts(request):
        if part.filename is None:
            values.setdefault(part.name or "", []).append(await _value(part))
        elif part.filename:
            try:
                taken.append(await _store(request, deps, part.filename, _chunks(part)))
            except HttpProblem as problem:
                refused.append((safe_name(part.filename), problem))
                await part.release()
    return Form(values, tuple(taken), tuple(refused))


def _require_room(request: web.Request, deps: WebDeps) -> None:
    limit = deps.settings.largest_file
    if (request.content_length or 0) > limit + _LONGEST_VALUE:
        raise too_large(limit)


async def _store(
    request: web.Request, deps: WebDeps, name: str, chunks: AsyncIterator[bytes]
) -> Upload:
    limit, partials = deps.settings.largest_file, deps.store.partials
    partial = secrets.token_hex(16)
    async with request.app[UPLOAD_GATE]:
        await asyncio.to_thread(partials.begin, partial)
        try:
            size, digest = await _spool(chunks, partials, partial, limit)
            request[UPLOAD_DIGEST] = digest
            path, blob = partials.path(partial), BlobId(digest.hex())
            media_type = await judged(deps, path, blob)
            await asyncio.to_thread(deps.store.blobs.adopt, path, blob)
        except BaseException:
            # Whoever gives up half way, by a cut or by a refusal, leaves nothing.
            partials.drop(partial)
            raise
    return Upload(blob, safe_name(name, media_type), media_type, size)


async def _spool(
    chunks: AsyncIterator[bytes], partials: Partials, partial: str, limit: int
) -> tuple[int, bytes]:
    """Write to the disk what comes; return how much it was, and its digest."""
    digest, is_known = hashlib.sha256(), False
    writer = await asyncio.to_thread(partials.writer, partial)
    try:
        async for chunk in chunks:
            if writer.size + len(chunk) > limit:
                raise too_large(limit)
            digest.update(chunk)
            await asyncio.to_thread(writer.append, chunk)
            if not is_known and writer.size >= HEAD:
                is_known = True
                await require_kind(partials.path(partial))
        if writer.size == 0:
            raise HttpProblem(422, "empty_file")
        return writer.size, digest.digest()
    finally:
        writer.close()


async def require_kind(path: Path) -> str:
    """Return what a file is, as far as it has come.

    Raises:
        HttpProblem: 415, a kind that is not taken (R143).
    """
    media_type = await asyncio.to_thread(kind_of, path)
    if media_type not in ALLOWED:
        raise HttpProblem(415, "kind_refused", {"media_type": media_type})
    return media_type


async def judged(deps: WebDeps, path: Path, blob: BlobId) -> str:
    """Return what a whole file is, once nothing speaks against it.

    Raises:
        HttpProblem: 415 a kind that is not taken (R143), 422 more pixels than can be
            shown or a virus, 503 a virus scanner that must look and cannot.
    """
    media_type = await require_kind(path)
    is_picture = media_type.startswith("image/")
    if is_picture and await asyncio.to_thread(has_too_many_pixels, path):
        millions = MOST_PIXELS // 1_000_000
        raise HttpProblem(422, "too_many_pixels", {"millions": millions})
    scan = await deps.scanner.scan(_read(path))
    if scan.found:
        _LOG.warning("upload.virus", found=scan.found, blob=blob)
        raise HttpProblem(422, "virus_found")
    if not scan.is_checked:
        _LOG.warning("upload.unchecked", blob=blob)
        if not deps.scanner.may_pass(scan):
            raise HttpProblem(503, "virus_unchecked", headers={"Retry-After": "60"})
    return media_type


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while chunk := await asyncio.to_thread(file.read, _PIECE):
            yield chunk


async def _source(request: web.Request) -> tuple[str, AsyncIterator[bytes]]:
    """Return the name the sender gave and the octets, wherever they are."""
    if request.content_type != "multipart/form-data":
        return request.query.get("name", ""), request.content.iter_chunked(CHUNK)
    async for part in _parts(request):
        if part.filename:
            return request.query.get("name") or part.filename, _chunks(part)
    raise HttpProblem(400, "no_file")


async def _parts(request: web.Request) -> AsyncIterator[BodyPartReader]:
    try:
        reader = await request.multipart()
        count = 0
        while (part := await reader.next()) is not None:
            count += 1
            if count > _MOST_PARTS or not isinstance(part, BodyPartReader):
                raise HttpProblem(400, "multipart_malformed")
            yield part
    except _MALFORMED as error:
        raise HttpProblem(400, "multipart_malformed") from error


async def _value(part: BodyPartReader) -> str:
    octets = b""
    async for chunk in _chunks(part):
        octets += chunk
        if len(octets) > _LONGEST_VALUE:
            raise HttpProblem(413, "too_large")
    return octets.decode("utf-8", "replace")


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    try:
        while chunk := await part.read_chunk(CHUNK):
            yield chunk
    except _MALFORMED as error:
        raise HttpProblem(400, "multipart_malformed") from error


def too_large(limit: int) -> HttpProblem:
    """Return the refusal of a file that is larger than any may be (R142)."""
    return HttpProblem(413, "file_too_large", {"megabytes": limit // MEGABYTE})
