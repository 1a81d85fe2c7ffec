"""Files in a bucket of an S3-compatible service, named by their content.

Names are those of the folder, ``ab/ab12…`` below the prefix, so that any tool that
copies one into the other copies an installation.

Source: the S3 API (2006-03-01); obstore 0.12, which is spoken to here alone, and from
threads: its coroutines abort one process in eight that ends soon after (decision 23).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncGenerator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import S3Store
from typing_extensions import override

from azbot import __version__
from azbot.config import BucketSettings
from azbot.errors import FilesUnreachable, NotFound
from azbot.messages import BlobId
from azbot.ports import Blobs, Clock
from azbot.store.blobs import CHUNK, blob_of, is_name, place_of

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config, S3Credential

YOUNG = timedelta(hours=1)
"""What was stored so lately is not sent again; purges look a day back."""

_PART = 8_000_000
"""Octets of one request that writes: above the five mebibytes S3 wants of a part."""

_PIECE = 1024 * 1024
"""Octets of one request that reads: how far a slow reader makes us hold on."""

_READERS = 8
"""Streams that are fed at one time: a service that hangs holds up no other thread."""

_TRIES = 3
_LOG = structlog.get_logger(__name__)
_EMPTY = BlobId(hashlib.sha256().hexdigest())
_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")


class BucketBlobs(Blobs):
    """A bucket. An object appears as a whole or not at all: S3 promises it.

    Every request has a time limit and is tried again three times at most. What goes
    in is proved on the way against its name, and what comes out as a whole too.

    Args:
        settings: ``[store.s3]``, the key in it.
        clock: tells how young an object is; the service's may differ by minutes.
    """

    def __init__(self, settings: BucketSettings, clock: Clock) -> None:
        self._store = client_of(settings)
        self._threads = ThreadPoolExecutor(_READERS, "bucket")
        self._clock = clock

    @override
    def put(self, content: bytes) -> BlobId:
        """Store durably; see ``ports.Blobs``.

        Raises:
            FilesUnreachable: the service is away or refuses; nothing was stored.
        """
        blob = BlobId(hashlib.sha256(content).hexdigest())
        if not self._is_young(blob, len(content)):
            with _told(blob):
                obstore.put(self._store, place_of(blob), content, use_multipart=False)
        return blob

    @override
    def adopt(self, file: Path, blob: BlobId | None = None) -> BlobId:
        """Take a file over; see ``ports.Blobs``.

        A large one leaves in parts, of which nothing is seen before the last.
        """
        try:
            with file.open("rb") as content:
                blob = blob or blob_of(file)
                size = os.fstat(content.fileno()).st_size
                if not self._is_young(blob, size):
                    self._send(blob, content, size)
            file.unlink()
        except FileNotFoundError as error:
            raise NotFound("file", file.name) from error
        except OSError as error:
            raise FilesUnreachable(error.strerror or type(error).__name__) from error
        return blob

    @override
    def read(self, blob: BlobId) -> bytes:
        """Return the whole content; see ``ports.Blobs``.

        Raises:
            NotFound: also: what is there is not what its name says.
        """
        return b"".join(self._pieces(blob))

    @override
    async def stream(self, blob: BlobId, start: int = 0) -> AsyncGenerator[bytes, None]:
        """Yield the content in chunks; see ``ports.Blobs``.

        Asked for piece by piece, so that a reader may be as slow as they are. What is
        read from its beginning lacks its end when it is not what its name says.
        """
        pieces = self._pieces(blob, start, _PIECE)
        loop = asyncio.get_running_loop()
        while piece := await loop.run_in_executor(self._threads, next, pieces, b""):
            for begin in range(0, len(piece), CHUNK):
                yield piece[begin : begin + CHUNK]

    @override
    def delete(self, blob: BlobId) -> None:
        """Forget the object; see ``ports.Blobs``."""
        with _told(blob, missing_ok=True):
            obstore.delete(self._store, place_of(blob))

    @override
    def older(
        self, than: datetime, among: Iterable[BlobId] | None = None
    ) -> list[BlobId]:
        """Return the files that were stored last before an instant."""
        found = self._listed() if among is None else self._known(among)
        return [blob for blob, at in found if at < than]

    @override
    def size(self, blob: BlobId) -> int | None:
        """Return how many octets a file has, None when there is none."""
        known = self._meta(blob)
        return known[0] if known else None

    @override
    def is_whole(self, blob: BlobId) -> bool:
        """Whether the file is there and holds what its name says."""
        try:
            for _ in self._pieces(blob):
                pass
        except NotFound:
            return False
        return True

    @override
    def tidy(self, before: datetime) -> int:
        """Return 0: parts of uploads that died end by a rule of the bucket.

        They are no objects, and nobody sees them (docs/admin/growing.md).
        """
        return 0

    # --- what is there ---

    def _listed(self) -> Iterator[tuple[BlobId, datetime]]:
        with _told(_EMPTY):
            for page in obstore.list(self._store, chunk_size=1000):
                for one in page:
                    name = one["path"].rpartition("/")[2]
                    if is_name(name) and one["path"] == place_of(BlobId(name)):
                        yield BlobId(name), one["last_modified"]

    def _known(self, blobs: Iterable[BlobId]) -> Iterator[tuple[BlobId, datetime]]:
        for blob in blobs:
            if known := self._meta(blob):
                yield blob, known[1]

    def _meta(self, blob: BlobId) -> tuple[int, datetime] | None:
        try:
            with _told(blob):
                found = obstore.head(self._store, place_of(blob))
        except NotFound:
            return None
        return found["size"], found["last_modified"]

    def _is_young(self, blob: BlobId, size: int) -> bool:
        known = self._meta(blob)
        return known is not None and (
            known[0] == size and known[1] > self._clock.now() - YOUNG
        )

    # --- in and out ---

    def _send(self, blob: BlobId, content: IO[bytes], size: int) -> None:
        pieces = _proved(blob, content)
        with _told(blob):
            if size <= _PART:
                whole = b"".join(pieces)
                obstore.put(self._store, place_of(blob), whole, use_multipart=False)
                return
            obstore.put(
                self._store, place_of(blob), pieces, chunk_size=_PART, max_concurrency=2
            )

    def _pieces(
        self, blob: BlobId, start: int = 0, most: int = _PART
    ) -> Iterator[bytes]:
        """Yield an object in pieces of so many octets, the last when all is proved."""
        key, at, proof = place_of(blob), start, hashlib.sha256()
        piece = b""
        with _told(blob):
            if start or blob == _EMPTY:
                # Asked for what lies behind the end, services answer in many ways.
                size = obstore.head(self._store, key)["size"]
            else:
                first = obstore.get(self._store, key, options={"range": (0, most)})
                size, piece = first.meta["size"], bytes(first.bytes())
        while at < size:
            if not piece:
                end = min(at + most, size)
                with _told(blob):
                    piece = bytes(
                        obstore.get_range(self._store, key, start=at, end=end)
                    )
            at += len(piece)
            proof.update(piece)
            if start == 0 and at >= size and proof.hexdigest() != blob:
                # Nothing here has this content: asking again would change nothing.
                _LOG.error("bucket.damaged", blob=blob)
                raise NotFound("file", blob)
            yield piece
            piece = b""


def client_of(settings: BucketSettings, tries: int = _TRIES) -> S3Store:
    """Return who speaks to a bucket; nothing is sent yet.

    Args:
        settings: ``[store.s3]``, the key in it.
        tries: how often a request that failed is sent again.

    Raises:
        FilesUnreachable: the file of certificates cannot be read.
    """
    options: ClientConfig = {
        "allow_http": settings.endpoint.startswith("http://"),
        "connect_timeout": timedelta(seconds=settings.connect_seconds),
        "timeout": timedelta(seconds=settings.command_seconds),
        "user_agent": f"azbot/{__version__}",
    }
    if settings.ca_file is not None:
        try:
            options["root_certificate"] = settings.ca_file.read_bytes()
        except OSError as error:
            raise FilesUnreachable(error.strerror or type(error).__name__) from error
    retries: RetryConfig = {
        "max_retries": tries,
        "retry_timeout": timedelta(seconds=2 * settings.command_seconds),
        "backoff": {
            "init_backoff": timedelta(milliseconds=200),
            "max_backoff": timedelta(seconds=2),
            "base": 2,
        },
    }
    config: S3Config = {
        # The name that wins: variables for other programs must not lead us elsewhere.
        "aws_endpoint_url_s3": settings.url,
        "region": settings.region,
        "virtual_hosted_style_request": settings.addressing == "virtual",
        "disable_bulk_delete": True,
    }
    key = settings.access_key
    return S3Store(
        settings.bucket,
        prefix=settings.prefix or None,
        config=config,
        client_options=options,
        retry_config=retries,
        credential_provider=_Key(settings) if key else None,
    )


class _Key:
    """The key of the settings alone: no token of the environment beside it."""

    def __init__(self, settings: BucketSettings) -> None:
        secret = settings.secret_key
        self._both: S3Credential = {
            "access_key_id": settings.access_key,
            "secret_access_key": secret.get_secret_value() if secret else "",
            "expires_at": None,
        }

    def __call__(self) -> S3Credential:
        """Return it; it does not end."""
        return self._both


def _proved(blob: BlobId, content: IO[bytes]) -> Iterator[bytes]:
    """Yield a file in pieces; when it is not what its name says, never its end."""
    proof = hashlib.sha256()
    while piece := content.read(_PIECE):
        proof.update(piece)
        yield piece
    if proof.hexdigest() != blob:
        raise FilesUnreachable(f"{blob} changed on its way")


@contextmanager
def _told(blob: BlobId, *, missing_ok: bool = False) -> Iterator[None]:
    """Translate what the library raises.

    Raises:
        NotFound: there is no such object.
        FilesUnreachable: anything else.
    """
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        code = code_of(str(error))
        is_missing = isinstance(error, FileNotFoundError) and code in {
            "404", "NoSuchKey",
        }  # fmt: skip
        if not is_missing:
            raise FilesUnreachable(code) from error
        if not missing_ok:
            raise NotFound("file", blob) from error


def code_of(error: str) -> str:
    """Return what the service or the network said, as one word.

    Args:
        error: the words of the library, the answer of the service in them.

    Returns:
        A code of S3, ``NoSuchBucket``; else the status of HTTP, ``403``; else
        ``name``, ``certificate``, ``silent``, ``connect`` or ``unknown``.
    """
    for pattern in (_CODE, _STATUS):
        if found := pattern.search(error):
            return found[1]
    for words, code in _NETWORK:
        if words in error:
            return code
    return "unknown"


_NETWORK = (
    ("without LOCATION", "301"),
    ("dns error", "name"),
    ("InvalidCertificate", "certificate"),
    ("InvalidContentType", "certificate"),
    ("kind: Timeout", "silent"),
    ("kind: Connect", "connect"),
)
"""What the library says of the network, in the order it is looked for."""
