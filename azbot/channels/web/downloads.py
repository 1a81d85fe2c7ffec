"""Stored files on their way out: downloads that no browser runs or guesses at."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from azbot.media import ALLOWED, UNKNOWN
from azbot.ports import Blobs
from azbot.workflow.model import Document


async def send(
    request: web.Request, blobs: Blobs, document: Document
) -> web.StreamResponse:
    """Stream a stored file as a download that no browser will run or guess at.

    Raises:
        NotFound: the file is gone from the store.
    """
    tag = f'"{document.blob}"'
    headers = {
        "Content-Disposition": disposition(document.name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "ETag": tag,
        "Cache-Control": "private, no-cache",
    }
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    response = web.StreamResponse(headers=headers)
    known = document.media_type in ALLOWED
    response.content_type = document.media_type if known else UNKNOWN
    response.content_length = document.size
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    chunks = blobs.stream(document.blob)
    # Asked for before anything is sent: a lost file is then a clean 404.
    first = await anext(chunks, b"")
    await response.prepare(request)
    try:
        await response.write(first)
        async for chunk in chunks:
            await response.write(chunk)
        await response.write_eof()
    except BaseException:
        # Half a file must not look whole, nor have an error sewn to it.
        if request.transport is not None:
            request.transport.abort()
        raise
    return response


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
