"""Draws reports: one visit, or all visits of an assistance in one file.

Blocking, 0.1 to 0.3 s: call it in a thread. fpdf2 takes over a second to import and
is therefore loaded by the first report, not with azbot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from azbot.reports.content import ReportContent

if TYPE_CHECKING:
    from azbot.reports.trace import PageTrace


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished file and the record of what its pages show."""

    pdf: bytes
    pages: tuple[PageTrace, ...]
    title: str


def draw(content: ReportContent, *, made_at: datetime) -> bytes:
    """Return the report of one visit as a PDF, without a seal.

    Args:
        content: what it says.
        made_at: printed and written into the file; the same content and instant
            give the same bytes.
    """
    return sheet((content,), made_at=made_at).pdf


def sheet(
    contents: Sequence[ReportContent], *, made_at: datetime, is_combined: bool = False
) -> Drawing:
    """Return the file and its record, for the seal.

    Raises:
        ValueError: no content, several without ``is_combined``, or contents of
            different assistances.
    """
    if not contents or (len(contents) > 1 and not is_combined):
        raise ValueError("one visit, or several drawn as one")
    if len({content.reference for content in contents}) > 1:
        raise ValueError("the visits of a combined report share their reference")
    # fpdf2 costs a second and 20 MB: paid by the first report only.
    from azbot.reports.layout import lay_out  # noqa: PLC0415

    canvas, title = lay_out(contents, made_at=made_at, is_combined=is_combined)
    return Drawing(canvas.finish(), canvas.traces(), title)
