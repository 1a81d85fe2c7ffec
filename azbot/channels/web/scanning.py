"""Codes to scan, drawn in the page: where a telephone takes over from a desktop."""

from __future__ import annotations

import segno
from markupsafe import Markup


def code_to_scan(text: str) -> Markup:
    """Return a text as SVG of ours: ISO/IEC 18004, level M."""
    return Markup(  # noqa: S704 - drawn by segno, whatever the text
        segno.make(text, error="m").svg_inline(
            border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=True
        )
    )
