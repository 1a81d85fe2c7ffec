"""Small charts as SVG: no script, no inline style, no colour alone (ux.md X1, X7).

Widths are percentages and heights pixels, so that a chart fills its place and its
letters keep their size on every screen. Series differ by pattern and by shape as well
as by colour; colours come from ``static/stats.css`` by class, in light and dark. Each
chart has a title and a description; the exact values stand in the table beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import ceil, log10

_ROW = 44
_PLOT = 170
_TOP = 14
_LEFT = 7.0
"""Percent of the width kept for the numbers of the upright axis."""
_LABELS = 6
"""Words along the lower axis, at most: more would run into each other on a phone."""
_MARKED = 40
"""Up to so many points of a line have their marks."""
_PATTERNS = (
    "",
    "M-2 2l4 -4M0 8l8 -8M6 10l4 -4",
    "M2 1v2M6 5v2",
    "M0 4h8M4 0v8",
    "M0 2h8M0 6h8",
)
"""What is drawn over the colour of each series, on a field of eight by eight."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its parts in the order of the series, and how much it says."""

    label: str
    parts: tuple[float, ...]
    shown: str


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a line chart."""

    label: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What every chart is told.

    Attributes:
        name: unique on the page, ASCII; names the parts of the chart.
        title, description: what it shows, and what is to be seen, in words.
    """

    name: str
    title: str
    description: str


def bars(frame: Frame, items: Sequence[Bar]) -> str:
    """Draw bars one below the other, of one part or several; the longest is full."""
    longest = max((sum(item.parts) for item in items), default=0) or 1
    drawn: list[str] = []
    for row, item in enumerate(items):
        y, left = row * _ROW, 0.0
        drawn.append(_text("0", y + 15, item.label))
        drawn.append(_text("100%", y + 15, item.shown, "value end"))
        drawn.append(f'<rect class="rail" y="{y + 22}" width="100%" height="12"/>')
        for series, value in enumerate(item.parts):
            width = 100 * value / longest
            if value > 0:
                drawn.append(_part(frame, series, (left, y + 22), (width, 12)))
            left += width
    series_count = max((len(item.parts) for item in items), default=0)
    return _svg(frame, max(1, len(items)) * _ROW, drawn, series_count)


def histogram(frame: Frame, items: Sequence[Bar]) -> str:
    """Draw columns side by side, each with its value on top and its name below."""
    highest = max((sum(item.parts) for item in items), default=0) or 1
    slot, foot = 100 / max(1, len(items)), _TOP + _PLOT
    drawn = [_rule(foot)]
    for at, item in enumerate(items):
        height = _PLOT * sum(item.parts) / highest
        place = (slot * (at + 0.14), foot - height)
        middle = f"{slot * (at + 0.5):.3f}%"
        drawn.append(_part(frame, 0, place, (slot * 0.72, height)))
        drawn.append(_text(middle, foot - height - 4, item.shown, "value mid"))
        drawn.append(_text(middle, foot + 17, item.label, "tick mid"))
    return _svg(frame, foot + 24, drawn, 1)


def line(frame: Frame, labels: Sequence[str], series: Sequence[Series]) -> str:
    """Draw one line for each series over the same points in time.

    Args:
        frame: see ``Frame``.
        labels: one for each point; at most six of them are written.
        series: each with as many values as there are labels.
    """
    top = scale_top(max((v for s in series for v in s.values), default=0))
    step = (100 - _LEFT - 2) / max(1, len(labels) - 1)
    parts: list[str] = []
    for share in (0, 0.5, 1):
        y = _TOP + _PLOT * (1 - share)
        parts.append(_rule(y, f"{_LEFT}%"))
        parts.append(_text(f"{_LEFT - 1}%", y + 4, f"{top * share:g}", "tick end"))
    every = ceil(len(labels) / _LABELS)
    for at in range(0, len(labels), max(1, every)):
        x = f"{_LEFT + at * step:.3f}%"
        parts.append(_text(x, _TOP + _PLOT + 17, labels[at], "tick mid"))
    for number, each in enumerate(series):
        points = [
            (_LEFT + at * step, _TOP + _PLOT * (1 - value / top))
            for at, value in enumerate(each.values)
        ]
        parts += _course(points, number)
    return _svg(frame, _TOP + _PLOT + 24, parts, 0)


def scale_top(highest: float) -> float:
    """Return the round number an axis ends at: as 2, 4, 10, 20, 60."""
    if highest <= 2:
        return 2
    power = 10.0 ** int(log10(highest))
    return next(power * n for n in (1, 2, 4, 6, 8, 10) if power * n >= highest)


def swatch(frame: Frame, series: int) -> str:
    """Draw the sample of a series of a chart, to stand beside its name in a legend."""
    sample = f'<rect {_fill(frame, series)} width="14" height="14"/>'
    return (
        f'<svg class="swatch" width="14" height="14" aria-hidden="true">{sample}</svg>'
    )


def sample(series: int) -> str:
    """Draw the sample of a line, with its mark."""
    drawn = "".join(_course([(15, 7), (85, 7)], series))
    return (
        f'<svg class="swatch" width="28" height="14" aria-hidden="true">{drawn}</svg>'
    )


def _course(points: Sequence[tuple[float, float]], series: int) -> Iterable[str]:
    """Lines between the points, and marks on them where they are few."""
    for (x1, y1), (x2, y2) in pairwise(points):
        yield (
            f'<line class="course s{series}" x1="{x1:.3f}%" y1="{y1:.1f}"'
            f' x2="{x2:.3f}%" y2="{y2:.1f}"/>'
        )
    for x, y in points if len(points) <= _MARKED else ():
        yield f'<circle class="mark s{series}" cx="{x:.3f}%" cy="{y:.1f}" r="3.5"/>'


def _svg(frame: Frame, height: int, parts: Iterable[str], series: int) -> str:
    name = frame.name
    return (
        f'<svg class="chart" role="img" width="100%" height="{height}"'
        f' aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(frame.title)}</title>'
        f'<desc id="{name}-desc">{escape(frame.description)}</desc>'
        f"{_defs(frame, series)}{''.join(parts)}</svg>"
    )


def _defs(frame: Frame, series: int) -> str:
    """Return the patterns of the series; the first one is plain."""
    drawn = "".join(
        f'<pattern id="{frame.name}-{n}" width="8" height="8"'
        ' patternUnits="userSpaceOnUse">'
        f'<rect class="s{n}" width="8" height="8"/>'
        f'<path class="ink" d="{_PATTERNS[n % len(_PATTERNS)]}"/></pattern>'
        for n in range(series)
    )
    return f"<defs>{drawn}</defs>" if drawn else ""


def _fill(frame: Frame, series: int) -> str:
    return f'fill="url(#{frame.name}-{series})"'


def _part(
    frame: Frame, series: int, at: tuple[float, float], size: tuple[float, float]
) -> str:
    return (
        f'<rect class="part" {_fill(frame, series)} x="{at[0]:.3f}%" y="{at[1]:.1f}"'
        f' width="{size[0]:.3f}%" height="{size[1]:.1f}"/>'
    )


def _rule(y: float, x: str = "0") -> str:
    return f'<line class="rule" x1="{x}" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'


def _text(x: str, y: float, words: str, kind: str = "") -> str:
    return f'<text class="{kind}" x="{x}" y="{y:.1f}">{escape(words)}</text>'
