"""What the pages for people have in common: headers, and no script at all."""

from __future__ import annotations

from aiohttp import web

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


def html(text: str, language: str, status: int = 200) -> web.Response:
    """Return a page that loads nothing but its stylesheet and is not indexed."""
    headers = {**_HEADERS, "Content-Language": language, "Vary": "Accept-Language"}
    return web.Response(
        text=text, status=status, content_type="text/html", headers=headers
    )
