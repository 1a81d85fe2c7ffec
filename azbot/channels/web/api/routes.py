"""Puts the table of operations, and its document, into an application."""

from __future__ import annotations

import hashlib
import json
from functools import cache

from aiohttp import web

from azbot.channels.web.api.openapi import document
from azbot.channels.web.api.operations import PREFIX
from azbot.channels.web.api.pipeline import Pipeline
from azbot.channels.web.api.table import OPERATIONS
from azbot.channels.web.seams import WebDeps


def add_routes(app: web.Application, deps: WebDeps) -> None:
    """Serve the API below ``/api/v1``."""
    pipeline = Pipeline(deps)
    for operation in OPERATIONS:
        path, handler = PREFIX + operation.path, pipeline.handler(operation)
        if operation.method == "GET":
            app.router.add_get(path, handler)
        else:
            app.router.add_route(operation.method, path, handler)
    octets = _document(deps.version, deps.settings.public_url, deps.settings.name)
    tag = f'"{hashlib.sha256(octets).hexdigest()[:32]}"'

    async def openapi(request: web.Request) -> web.Response:
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=octets, content_type="application/json", headers=headers
        )

    app.router.add_get(f"{PREFIX}/openapi.json", openapi)


@cache
def _document(version: str, server: str, name: str) -> bytes:
    """Return the document as it is sent; making it takes as long as ten pages."""
    return json.dumps(document(version, server, name), ensure_ascii=False).encode()
