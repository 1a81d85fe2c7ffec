"""What people wrote, as pages show it: line by line, addresses of pages as links."""

from __future__ import annotations

import re
from collections.abc import Iterator

Words = tuple[tuple[str, str], ...]
"""Pieces of a line, each with the address it leads to; empty for plain words."""

_URL = re.compile(r"https?://[^\s<>\"'«»]+[^\s<>\"'«».,;:!?)\]]")
_URL_SHOWN = 48
"""Characters of an address that are shown; a map's fills three lines."""


def paragraphs(text: str) -> tuple[Words, ...]:
    """Return the lines of a text, addresses of pages apart from plain words."""
    return tuple(tuple(_pieces(line.rstrip())) for line in text.strip().splitlines())


def _pieces(line: str) -> Iterator[tuple[str, str]]:
    end = 0
    for found in _URL.finditer(line):
        if found.start() > end:
            yield line[end : found.start()], ""
        yield _shortened(found[0]), found[0]
        end = found.end()
    if end < len(line):
        yield line[end:], ""


def _shortened(url: str) -> str:
    """Return an address as a line shows it: its beginning says where it leads."""
    shown = url.removeprefix("https://").removeprefix("www.")
    return shown if len(shown) <= _URL_SHOWN else f"{shown[: _URL_SHOWN - 1]}…"
