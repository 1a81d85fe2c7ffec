"""The desk's logo and colours, for pages and mails: public, kept for ever."""

from __future__ import annotations

import asyncio

from aiohttp import web

from azbot.channels.web.seams import WebDeps
from azbot.choices.change import LOGO
from azbot.choices.look import style_name, stylesheet
from azbot.messages import BlobId

_STYLE = "/brand/{colour:[0-9a-f]{6}}-{mark:[0-9a-f]{8}}.css"
_FOR_EVER = "public, max-age=31536000, immutable"


class BrandFiles:
    """Serves what the address names by its content."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def add_to(self, app: web.Application) -> None:
        """Serve pictures and stylesheets."""
        app.router.add_get("/brand/{digest:[0-9a-f]{64}}.{ending:png|jpg}", self.logo)
        app.router.add_get(_STYLE, self.style)

    async def logo(self, request: web.Request) -> web.Response:
        """Return a picture that is or was the logo; no other file of the store."""
        digest = request.match_info["digest"]
        media_type = await self._deps.store.views.setting(f"{LOGO}{digest}")
        if media_type is None:
            raise web.HTTPNotFound
        blobs = self._deps.store.blobs
        content = await asyncio.to_thread(blobs.read, BlobId(digest))
        headers = {
            "Cache-Control": _FOR_EVER,
            # Mail programs of the web show it on pages of their own.
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        return web.Response(body=content, content_type=media_type, headers=headers)

    async def style(self, request: web.Request) -> web.Response:
        """Return the colours of pages for a colour of the desk."""
        colour = f"#{request.match_info['colour']}"
        if request.path != f"/brand/{style_name(colour)}":
            raise web.HTTPNotFound
        return web.Response(
            text=stylesheet(colour),
            content_type="text/css",
            headers={"Cache-Control": _FOR_EVER},
        )
