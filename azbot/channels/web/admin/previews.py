"""Mails shown before anything is saved, each in a frame of its own."""

from __future__ import annotations

from aiohttp import web

from azbot.render import Renderer, Words
from azbot.render.samples import Sample, links_for, reader_of

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self'; sandbox"
)
"""A mail as its readers see it, no script, nothing from elsewhere."""


def written(renderer: Renderer, sample: Sample, language: str) -> Words:
    """Return a mail about a case of the samples."""
    return renderer.mail(
        sample.kind,
        sample.all_facts,
        reader_of(sample, language),
        links_for(sample),
    )


def framed(text: str, language: str) -> web.Response:
    """Return a page for the frame of a preview."""
    return web.Response(
        text=text,
        content_type="text/html",
        headers={
            "Content-Security-Policy": _POLICY,
            "X-Frame-Options": "SAMEORIGIN",
            "Content-Language": language,
        },
    )
