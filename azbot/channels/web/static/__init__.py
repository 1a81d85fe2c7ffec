"""Files of the pages, under addresses that change with their content."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from aiohttp import web

_STYLE = "page.css"


def add_static(app: web.Application) -> str:
    """Serve the stylesheet of the pages; return its address.

    The address holds a digest of the content, so that browsers keep it for ever.
    """
    octets = files(__name__).joinpath(_STYLE).read_bytes()
    digest = hashlib.sha256(octets).hexdigest()[:12]
    address = f"/static/page.{digest}.css"

    async def style(_: web.Request) -> web.Response:
        return web.Response(
            body=octets,
            content_type="text/css",
            charset="utf-8",
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    app.router.add_get(address, style)
    return address
