"""Files of a mission: documents, small pictures, reports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from aiohttp import web

from azbot.channels.web.downloads import send
from azbot.channels.web.missions.door import StationDoor, require_visit
from azbot.channels.web.missions.mission import is_shown, is_their_visit
from azbot.channels.web.seams import WebDeps
from azbot.errors import NotFound
from azbot.media import Picture, PictureError, thumbnail
from azbot.messages import BlobId
from azbot.ports import Blobs
from azbot.workflow.model import Document

_SIDE = 240
"""Pixels: 76 CSS pixels on a sharp screen."""


class MissionPapers:
    """Serves what a station may have of the files."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._door = StationDoor(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve them."""
        one = "/missions/{ref}"
        app.router.add_get(f"{one}/documents/{{number}}", self.document)
        app.router.add_get(f"{one}/documents/{{number}}/thumbnail", self.picture)
        app.router.add_get(f"{one}/visits/{{visit}}/report.pdf", self.report)

    async def document(self, request: web.Request) -> web.StreamResponse:
        """Stream one file; nothing is ever shown inline."""
        document = await self._document(request)
        return await send(request, self._deps.store.blobs, document)

    async def picture(self, request: web.Request) -> web.Response:
        """Return a small picture, drawn anew by us."""
        document = await self._document(request)
        if not document.media_type.startswith("image/"):
            raise NotFound("picture", document.number)
        return await small_picture(self._deps.store.blobs, document)

    async def report(self, request: web.Request) -> web.StreamResponse:
        """Stream the report of one of their visits; none is made for a visitor."""
        caller = await self._door.caller(request)
        number = require_visit(request)
        visit = caller.it.intervention(number)
        theirs = visit and is_their_visit(caller.it, visit, caller.mission.station.id)
        document = caller.it.document(visit.report or 0) if visit and theirs else None
        if document is None:
            raise NotFound("report", number)
        named = replace(document, name=f"Rapport-{caller.it.ref}-visite-{number}.pdf")
        return await send(request, self._deps.store.blobs, named)

    async def _document(self, request: web.Request) -> Document:
        caller = await self._door.caller(request)
        text = request.match_info["number"]
        is_number = text.isascii() and text.isdigit() and len(text) < 6
        document = caller.it.document(int(text)) if is_number else None
        if document is None or not is_shown(caller.it, document, caller.mission):
            raise NotFound("document", text[:12])
        return document


async def small_picture(blobs: Blobs, document: Document) -> web.Response:
    """Return a small picture of a document.

    Raises:
        NotFound: none can be drawn of it.
    """
    small = await asyncio.to_thread(_small, blobs.read, document.blob)
    return web.Response(
        body=small.content,
        content_type=small.media_type,
        headers={
            "Cache-Control": "private, max-age=86400, immutable",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@lru_cache(maxsize=256)
def _small(read: Callable[[BlobId], bytes], blob: BlobId) -> Picture:
    try:
        return thumbnail(read(blob), _SIDE)
    except PictureError as error:
        raise NotFound("picture", blob) from error
