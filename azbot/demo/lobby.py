"""Where visitors wait until the first world is there: the page, its parts still empty.

It imports little, so that it is there at once; the rest is loaded while one looks.
"""

from __future__ import annotations

from functools import partial
from importlib.resources import files

from aiohttp import web

from azbot.channels.web.static import Assets
from azbot.demo.live import Live, stream
from azbot.render.pages import Look, Pages
from azbot.resources import data_dir

_PAGE = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


class Front:
    """What every page of the demonstration is drawn with.

    Args:
        language: of the page.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.files = Assets(files("azbot.demo") / "static")
        self._pages = Pages(data_dir("templates"), lambda: Look("azbot"))

    def page(self, shared: Assets) -> web.Response:
        """Return the page, its parts still empty: the stream brings them."""
        text = self._pages.page(
            "demo",
            self.language,
            styles=[shared.url("desk.css"), self.files.url("demo.css")],
            scripts=[self.files.url("demo.js")],
        )
        headers = {"Content-Security-Policy": _PAGE}
        return web.Response(text=text, content_type="text/html", headers=headers)

    def waiting(self) -> str:
        """Return the guide while the twelve lives are played."""
        return self._pages.part("demo/_waiting", self.language)


def lobby(front: Front) -> web.Application:
    """Return what is behind the door before the first world begins."""
    app, shared = web.Application(), Assets()
    shared.add_to(app)
    front.files.add_to(app)

    async def draw() -> dict[str, str]:
        return {"guide": front.waiting()}

    live = Live(draw)

    async def close(_: web.Application) -> None:
        live.close()

    async def home(_: web.Request) -> web.Response:
        return front.page(shared)

    async def is_alive(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app.on_shutdown.append(close)
    app.router.add_get("/", home)
    app.router.add_get("/healthz", is_alive)
    app.router.add_get("/demo/live", partial(stream, live))
    return app
