"""Stored files on their way out: downloads that no browser runs or guesses at."""

from __future__ import annotations

from contextlib import aclosing
from urllib.parse import quote

from aiohttp import web

from azbot.media import ALLOWED, UNKNOWN
from azbot.ports import Blobs
from azbot.workflow.model import Document


async def send(
    request: web.Request, blobs: Blobs, document: Document
) -> web.StreamResponse:
    """Stream a stored file as a download that no browser will run or guess at.

    One part of it is sent to whoever plays a film or a voice and asks for it.

    Raises:
        NotFound: the file is gone from the store.
        HTTPRequestRangeNotSatisfiable: the part lies behind its end.
    """
    tag = f'"{document.blob}"'
    headers = {
        "Content-Disposition": disposition(document.name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
    }
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    part = _part(request, tag, document.size)
    start, stop = (part.start, part.stop) if part else (0, document.size)
    response = web.StreamResponse(headers=headers, status=206 if part else 200)
    if part:
        of = f"bytes {start}-{stop - 1}/{document.size}"
        response.headers["Content-Range"] = of
    known = document.media_type in ALLOWED
    response.content_type = document.media_type if known else UNKNOWN
    response.content_length = stop - start
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    left = stop - start
    async with aclosing(blobs.stream(document.blob, start)) as chunks:
        # Asked for before anything is sent: a lost file is then a clean 404.
        chunk = await anext(chunks, b"")
        await response.prepare(request)
        try:
            while chunk:
                await response.write(chunk[:left])
                left -= len(chunk)
                chunk = await anext(chunks, b"") if left > 0 else b""
            await response.write_eof()
        except BaseException:
            # Half a file must not look whole, nor have an error sewn to it.
            if request.transport is not None:
                request.transport.abort()
            raise
    return response


def _part(request: web.Request, tag: str, size: int) -> range | None:
    """Return the octets that are asked for; None: all of them (RFC 9110 §14.2).

    Several parts at once, and a part of what the file is no longer, are answered by
    all of it, as the standard allows.

    Raises:
        HTTPRequestRangeNotSatisfiable: it lies behind the end.
    """
    if request.headers.get("If-Range", tag) != tag:
        return None
    try:
        asked = request.http_range
    except ValueError:
        return None
    if asked.start is None and asked.stop is None:
        return None
    start, stop, _ = asked.indices(size)
    if start >= stop:
        raise web.HTTPRequestRangeNotSatisfiable(
            headers={"Content-Range": f"bytes */{size}"}
        )
    return range(start, stop)


def disposition(name: str) -> str:
    """Return the header that names a download in every browser (RFC 6266 §4.3).

    The plain form holds ASCII without quotes and backslashes; the extended one
    (RFC 8187) the name itself.
    """
    plain = "".join(
        char if " " <= char <= "~" and char not in '"\\%' else "_" for char in name
    )
    extended = quote(name, safe="!#$&+-.^_`|~", errors="replace")
    return f"attachment; filename=\"{plain or 'file'}\"; filename*=UTF-8''{extended}"
