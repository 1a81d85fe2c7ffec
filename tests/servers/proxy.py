"""A reverse proxy with TLS, whose few lines of configuration are nginx's.

It knows ``proxy_pass URL;`` and ``proxy_buffering off;``, the last of each counts, and
reads them anew for each request. Without the second it holds an answer back until it
is whole.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientError, ClientSession, web

from tests.servers.certificate import Certificate
from tests.servers.places import LOOPBACK


class Proxy:
    """Brings what it is asked to the server its configuration names.

    Attributes:
        file: the configuration.
        certificate: what it presents from the next start on.
    """

    def __init__(self, file: Path, certificate: Certificate) -> None:
        self.file = file
        self.certificate = certificate
        self.port = 0

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen while inside, on the port of the last time if there was one."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._bring)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        context = self.certificate.for_server()
        site = web.TCPSite(runner, LOOPBACK, self.port, ssl_context=context)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield
        finally:
            await runner.cleanup()

    async def _bring(self, request: web.Request) -> web.StreamResponse:
        said = self.file.read_text(encoding="utf-8")
        target = re.findall(r"proxy_pass (\S+?)/?;", said)[-1]
        is_held = "proxy_buffering off;" not in said
        server = {"Server": "nginx/1.22.1"}
        try:
            async with (
                ClientSession() as client,
                client.get(f"{target}{request.path_qs}") as answer,
            ):
                if is_held:
                    body = await answer.read()
                    return web.Response(status=answer.status, body=body, headers=server)
                response = web.StreamResponse(status=answer.status, headers=server)
                await response.prepare(request)
                async for piece in answer.content.iter_any():
                    await response.write(piece)
                return response
        except ClientError:
            return web.Response(status=502, text="502 Bad Gateway", headers=server)
