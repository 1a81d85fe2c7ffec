"""``/missions/sw.js``: what lets the pages of stations open without network.

A browser gives a service worker the addresses at and below its own; so it cannot stand
among the other files. Its first lines name the files it keeps: a changed file is a new
worker.
"""

from __future__ import annotations

import json

from aiohttp import web

from azbot.channels.web.static import Assets

_FILES = (
    *("page.css", "visit.css", "missions/form.css"),
    "missions/form.js",
    *(
        f"missions/form/{name}.js"
        for name in (
            *("dom", "draw", "exif", "export", "finish", "normal", "offline", "pad"),
            *("photos", "rules", "scan", "signatures", "state", "store", "summary"),
            *("sync", "words"),
        )
    ),
)
_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"


class OfflineWorker:
    """Serves the service worker."""

    def __init__(self, assets: Assets) -> None:
        """Name the files once: they do not change while azbot runs."""
        files = [assets.url(name) for name in _FILES]
        # The icon has one address for ever.
        kept = json.dumps([*files, "/static/icon.svg"])
        source = assets.text("missions/worker.js")
        self._text = (
            f'const PREFIX = "{assets.prefix}";\nconst FILES = {kept};\n{source}'
        )

    def add_to(self, app: web.Application) -> None:
        """Serve the one address."""
        app.router.add_get("/missions/sw.js", self.show)

    async def show(self, _request: web.Request) -> web.Response:
        """Return the script; browsers ask for it again at each visit."""
        response = web.Response(
            text=self._text,
            content_type="text/javascript",
            charset="utf-8",
            headers={"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY},
        )
        response.enable_compression()
        return response
