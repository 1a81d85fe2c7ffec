"""Files of the pages, under addresses that change with their content."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from aiohttp import web

_STYLE = "page.css"
_ICON = "icon.svg"


def add_static(app: web.Application) -> str:
    """Serve stylesheet and icon of the pages; return the address of the stylesheet.

    It holds a digest of the content, so that browsers keep it for ever.
    """
    icon_octets = files(__name__).joinpath(_ICON).read_bytes()
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

    async def icon(_: web.Request) -> web.Response:
        return web.Response(
            body=icon_octets,
            content_type="image/svg+xml",
            headers={"Cache-Control": "public, max-age=86400"},
        )

    app.router.add_get(address, style)
    app.router.add_get("/static/icon.svg", icon)
    return address
