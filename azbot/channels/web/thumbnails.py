"""Small pictures of documents: drawn by a process of their own, then kept.

What a stranger sent is never decoded in the process that holds the keys: a decoder that
is led astray dies with a child that has no more than a gigabyte and ten seconds.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from contextlib import suppress
from pathlib import Path

import structlog
from aiohttp import web

from azbot import media
from azbot.errors import NotFound
from azbot.messages import BlobId
from azbot.ports import Blobs
from azbot.workflow.model import Document

SMALL = 320
"""Pixels of the longer side in lists."""

LARGE = 1600
"""Pixels of the longer side of a picture that fills a screen."""

_AT_ONCE = 2
_SECONDS = 2 * media.MOST_SECONDS
_REMEMBERED = 1_000
_LOG = structlog.get_logger(__name__)
_HEADERS = {
    "Cache-Control": "private, max-age=86400, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class Thumbnails:
    """Draws small pictures and keeps them.

    Args:
        blobs: where the documents are.
        folder: of the pictures; what is lost there is drawn again.
    """

    def __init__(self, blobs: Blobs, folder: Path) -> None:
        self._blobs = blobs
        self._folder = folder
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._hopeless: dict[tuple[BlobId, int], None] = {}

    async def of(self, blob: BlobId, side: int = SMALL) -> bytes:
        """Return an upright JPEG without metadata.

        Args:
            blob: of a JPEG, PNG, WebP, GIF or HEIC.
            side: ``SMALL`` or ``LARGE``.

        Raises:
            NotFound: no such file, or nothing can be drawn of it: damaged, too large,
                or HEIC without the extra ``heic``.
        """
        key = (blob, side)
        if key in self._hopeless:
            raise NotFound("picture", blob)
        path = self._folder / blob[:2] / f"{blob}-{side}.jpg"
        with suppress(FileNotFoundError):
            return await asyncio.to_thread(path.read_bytes)
        async with self._gate:
            drawn = await self._drawn(blob, side)
        if not drawn:
            # Each look at the page would cost a process that fails again.
            self._hopeless[key] = None
            if len(self._hopeless) > _REMEMBERED:
                del self._hopeless[next(iter(self._hopeless))]
            raise NotFound("picture", blob)
        await asyncio.to_thread(_keep, path, drawn)
        return drawn

    async def _drawn(self, blob: BlobId, side: int) -> bytes:
        """Return the picture, empty when there is none."""
        chunks = self._blobs.stream(blob)
        first = await anext(chunks, b"")
        # Safe path: the program reads nothing of the folder it is started in.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", media.__file__, str(side)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("a process without pipes")
        try:
            async with asyncio.timeout(_SECONDS):
                with suppress(ConnectionError):
                    stdin.write(first)
                    async for chunk in chunks:
                        stdin.write(chunk)
                        await stdin.drain()
                    stdin.close()
                drawn = await stdout.read()
                code = await process.wait()
        except TimeoutError:
            code, drawn = -1, b""
        finally:
            if process.returncode is None:
                process.kill()
                await asyncio.shield(process.wait())
        if code:
            _LOG.info("thumbnail.none", blob=blob, code=code)
            return b""
        return drawn


THUMBNAILS: web.AppKey[Thumbnails] = web.AppKey("azbot.thumbnails", Thumbnails)
"""Where an application keeps who draws them."""


async def send_thumbnail(
    request: web.Request, document: Document, side: int = SMALL
) -> web.Response:
    """Answer with a small picture of a document.

    Raises:
        NotFound: it is no picture, or nothing can be drawn of it.
    """
    if not document.media_type.startswith("image/"):
        raise NotFound("picture", document.number)
    drawn = await request.app[THUMBNAILS].of(document.blob, side)
    return web.Response(body=drawn, content_type="image/jpeg", headers=_HEADERS)


def _keep(path: Path, drawn: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".part-{secrets.token_hex(8)}")
    beside.write_bytes(drawn)
    beside.replace(path)
