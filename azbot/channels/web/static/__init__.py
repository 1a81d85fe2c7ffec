"""Files of the pages, under addresses that change with their content.

All of them stand below one digest of everything: modules may import each other by
relative names, and browsers keep each file for ever.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import web

_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_WORTH_PACKING = 500


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, and its packed form where that is smaller.

    Attributes:
        packed: gzip; None when it would gain nothing.
    """

    media_type: str
    content: bytes
    packed: bytes | None


class Assets:
    """Every file of the pages, read and packed once."""

    def __init__(self, folder: Traversable | None = None) -> None:
        """Read the files.

        Args:
            folder: where they are; by default those of azbot.
        """
        found = dict(_below(folder or files(__name__), ""))
        self._files = {name: _asset(name, octets) for name, octets in found.items()}
        digest = hashlib.sha256()
        for name in sorted(found):
            digest.update(f"{name}\0{len(found[name])}\0".encode() + found[name])
        self.prefix = f"/static/{digest.hexdigest()[:12]}"
        """Below it all of them stand; it changes with any of them."""

    def url(self, name: str) -> str:
        """Return the address of a file, ``inbox/app.js``.

        Raises:
            KeyError: there is no such file.
        """
        if name not in self._files:
            raise KeyError(name)
        return f"{self.prefix}/{name}"

    def text(self, name: str) -> str:
        """Return what a file says.

        Raises:
            KeyError: there is no such file.
        """
        return self._files[name].content.decode()

    def add_to(self, app: web.Application) -> None:
        """Serve the files."""
        app.router.add_get(f"{self.prefix}/{{name:.+}}", self._serve)
        app.router.add_get("/static/icon.svg", self._icon)

    async def _serve(self, request: web.Request) -> web.Response:
        asset = self._files.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        return _response(request, asset, _FOR_EVER)

    async def _icon(self, request: web.Request) -> web.Response:
        """The one address that browsers and mails keep without asking us."""
        return _response(request, self._files["icon.svg"], "public, max-age=86400")


ASSETS: web.AppKey[Assets] = web.AppKey("azbot.assets", Assets)
"""Where an application keeps the addresses of its files."""


def _below(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.name.startswith("_"):
            found += _below(entry, f"{prefix}{entry.name}/")
        elif _ending(entry.name) in _TYPES:
            found.append((f"{prefix}{entry.name}", entry.read_bytes()))
    return found


def _ending(name: str) -> str:
    return name[name.rfind(".") :] if "." in name else ""


@cache
def _asset(name: str, octets: bytes) -> Asset:
    packed = gzip.compress(octets, 9, mtime=0) if len(octets) > _WORTH_PACKING else None
    smaller = packed is not None and len(packed) < len(octets)
    return Asset(_TYPES[_ending(name)], octets, packed if smaller else None)


def _response(request: web.Request, asset: Asset, keep: str) -> web.Response:
    headers = {"Cache-Control": keep, "Vary": "Accept-Encoding"}
    content = asset.content
    if asset.packed is not None and "gzip" in request.headers.get(
        "Accept-Encoding", ""
    ):
        headers["Content-Encoding"] = "gzip"
        content = asset.packed
    charset = "utf-8" if asset.media_type.startswith("text/") else None
    return web.Response(
        body=content, content_type=asset.media_type, charset=charset, headers=headers
    )
