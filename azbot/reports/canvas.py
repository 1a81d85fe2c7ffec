"""A sheet of paper: letters, shapes, pictures and tags, all recorded in a trace.

Units are millimetres from the top left corner. Each drawing call is closed in itself
(colour, font and line width are set and restored), so pages can be drawn in any
order: running heads are added when the number of pages is known.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import ttf_opensans  # type: ignore[import-untyped]
from fpdf import FPDF, ViewerPreferences
from fpdf.fonts import TTFFont

from azbot.reports.glyphs import printable
from azbot.reports.pictures import Picture
from azbot.reports.tagging import Element, TaggedOutput, Tree
from azbot.reports.trace import (
    OUTSIDE,
    PAPER,
    PageTrace,
    Part,
    Place,
    image_digest,
    look,
    normal,
    operator,
    page_box,
)

MM = 72 / 25.4
"""Points in a millimetre."""

PAGE_WIDTH = 210.0
PAGE_HEIGHT = 297.0

Colour = tuple[int, int, int]


def colour(text: str) -> Colour:
    """Read ``#rrggbb``.

    Raises:
        ValueError: anything else.
    """
    digits = text.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"not a colour: {text!r}")
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Face:
    """How letters look: size in points, weight, colour, line height factor."""

    size: float
    ink: Colour
    is_bold: bool = False
    spacing: float = 1.38

    @property
    def leading(self) -> float:
        """Distance of two baselines, millimetres."""
        return self.size * self.spacing / MM

    @property
    def baseline(self) -> float:
        """From the top of a line to its baseline, millimetres."""
        return (self.leading + self.size * 0.72 / MM) / 2


@dataclass(slots=True)
class _Open:
    """The part being drawn."""

    place: Place
    operators: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)


class Canvas(FPDF):
    """An A4 document in Open Sans whose every part is tagged and traced."""

    def __init__(self, language: str, title: str, made_at: datetime) -> None:
        super().__init__(unit="mm", format="A4")
        self.struct_builder = Tree()
        self.tree = self.struct_builder
        self.set_auto_page_break(auto=False)
        self.set_margin(0)
        self.set_lang({"fr": "fr-FR", "en": "en-GB", "es": "es-ES"}.get(language, ""))
        self.set_title(title)
        self.set_creation_date(made_at.astimezone(UTC))
        self.set_producer("azbot")
        self.set_creator("azbot")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        for family, file in (("text", "Regular"), ("bold", "SemiBold")):
            self.add_font(family, fname=_font_folder() / f"OpenSans-{file}.ttf")
        self._parts: dict[int, list[Part]] = {}
        self._links: dict[int, list[str]] = {}
        self._open: _Open | None = None

    # --- pages ---------------------------------------------------------------

    def new_page(self) -> None:
        """Begin a page after the last one."""
        self.page = len(self.pages)
        self.add_page()
        setup = self._contents().decode("latin-1").splitlines()
        operators = [_written(line) for line in setup if line.strip()]
        self._parts[self.page] = [Part(OUTSIDE, "", look(operators))]
        self._links[self.page] = []

    def traces(self) -> tuple[PageTrace, ...]:
        """Return the record of every page drawn so far."""
        return tuple(
            PageTrace(
                tuple(self._parts[page]),
                tuple(self._links[page]),
                page_box(PAGE_WIDTH * MM, PAGE_HEIGHT * MM),
            )
            for page in sorted(self._parts)
        )

    def finish(self) -> bytes:
        """Return the file."""
        return bytes(self.output(output_producer_class=TaggedOutput))

    # --- structure -----------------------------------------------------------

    def group(self, role: str, inside: Element | None = None) -> Element:
        """Open an element that holds others (``Table``, ``TR``)."""
        return self.tree.grow(role, self.page, inside)

    @contextmanager
    def mark(
        self,
        role: str,
        place: Place,
        *,
        inside: Element | None = None,
        alt: str | None = None,
        scope: str | None = None,
    ) -> Iterator[None]:
        """Tag what is drawn inside as one element, recorded as ``place``."""
        mcid, spid = self.tree.mark(role, self.page, inside, alt, scope)
        self.pages[self.page].struct_parents = spid
        with self._recorded(place, f"/{role} <</MCID {mcid}>> BDC"):
            yield

    @contextmanager
    def paper(self) -> Iterator[None]:
        """Tag what is drawn inside as decoration, skipped by screen readers."""
        with self._recorded(PAPER, "/Artifact BMC"):
            yield

    @contextmanager
    def running(self, place: Place) -> Iterator[None]:
        """Tag what is drawn inside as a running head or foot."""
        with self._recorded(place, "/Artifact BMC"):
            yield

    @contextmanager
    def _recorded(self, place: Place, opening: str) -> Iterator[None]:
        part = _Open(place)
        self._open = part
        self._out(opening)
        yield
        self._out("EMC")
        self._open = None
        self._parts[self.page].append(
            Part(
                place,
                normal(" ".join(part.lines)),
                look(part.operators),
                tuple(part.images),
            )
        )

    # --- letters -------------------------------------------------------------

    def clean(self, text: str, *, is_bold: bool = False) -> str:
        """Return ``text`` with only letters the font has."""
        return printable(text, self._font(is_bold=is_bold).cmap)

    def width(self, text: str, face: Face) -> float:
        """Return the width of a clean line, millimetres."""
        widths = self._font(is_bold=face.is_bold).cw
        return sum(widths[ord(char)] for char in text) * face.size / 1000 / MM

    def wrap(self, text: str, face: Face, width: float) -> list[str]:
        """Break ``text`` into clean lines of at most ``width`` millimetres.

        Lines break at spaces, never at U+00A0; a word longer than a line is cut.
        An empty text gives no line, an empty paragraph gives an empty one.
        """
        lines: list[str] = []
        clean = self.clean(text, is_bold=face.is_bold).strip("\n ")
        for paragraph in clean.split("\n") if clean else ():
            lines.extend(self._wrap_paragraph(paragraph, face, width))
        return lines

    def _wrap_paragraph(self, text: str, face: Face, width: float) -> Iterator[str]:
        line = ""
        for word in text.split(" "):
            if not word:
                continue
            longer = f"{line} {word}" if line else word
            if self.width(longer, face) <= width:
                line = longer
                continue
            if line:
                yield line
            line = word
            while self.width(line, face) > width and len(line) > 1:
                cut = self._fitting(line, face, width)
                yield line[:cut]
                line = line[cut:]
        yield line

    def _fitting(self, word: str, face: Face, width: float) -> int:
        cut = len(word) - 1
        while cut > 1 and self.width(word[:cut], face) > width:
            cut -= 1
        return cut

    def fit_line(self, text: str, face: Face, width: float) -> str:
        """Return one clean line of ``text``, cut with « … » when it is too long."""
        line = " ".join(self.clean(text, is_bold=face.is_bold).split(" \n"))
        line = line.replace("\n", " ").strip(" ")
        if self.width(line, face) <= width:
            return line
        while line and self.width(line + "…", face) > width:
            line = line[:-1]
        return line.rstrip(" ") + "…"

    def write_line(
        self, x: float, top: float, text: str, face: Face, align: str = "L"
    ) -> None:
        """Write one clean line; ``x`` is its left, centre (C) or right (R) edge."""
        if not text:
            return
        if align != "L":
            shift = self.width(text, face)
            x -= shift / 2 if align == "C" else shift
        font = self._font(is_bold=face.is_bold)
        self._register(font)
        at_x, at_y = x * MM, (PAGE_HEIGHT - top - face.baseline) * MM
        self._paint("q", f"{_ink(face.ink)} rg", "BT")
        self._paint(f"/F{font.i} {face.size:.2f} Tf", f"{at_x:.2f} {at_y:.2f} Td")
        self._out(font.encode_text(text))
        if self._open:
            self._open.lines.append(text)
            self._open.operators.append(operator("Tj", [normal(text)]))
        self._paint("ET", "Q")

    def write_lines(
        self, x: float, top: float, lines: Sequence[str], face: Face, align: str = "L"
    ) -> float:
        """Write clean lines one under the other; return the bottom of the last."""
        for line in lines:
            self.write_line(x, top, line, face, align)
            top += face.leading
        return top

    def _font(self, *, is_bold: bool) -> TTFFont:
        font = self.fonts["bold" if is_bold else "text"]
        if not isinstance(font, TTFFont):
            raise TypeError("reports are drawn with a TrueType font")
        return font

    def _register(self, font: TTFFont) -> None:
        # Selecting a font through fpdf2 also writes it into the page; only the
        # registration is wanted, since each line selects its own font.
        self._set_font_for_page(font, 10)

    # --- shapes --------------------------------------------------------------

    def fill_box(
        self, x: float, y: float, w: float, h: float, ink: Colour, radius: float = 0
    ) -> None:
        """Fill a box, with rounded corners when ``radius`` is above 0."""
        self._paint("q", f"{_ink(ink)} rg", *_box(x, y, w, h, radius), "f", "Q")

    def frame(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        ink: Colour,
        radius: float = 0,
        thickness: float = 0.25,
        *,
        is_dashed: bool = False,
    ) -> None:
        """Draw the outline of a box; ``thickness`` in millimetres."""
        dash = ["[2.00 2.00] 0.00 d"] if is_dashed else []
        pen = [f"{_ink(ink)} RG", f"{thickness * MM:.2f} w", *dash]
        self._paint("q", *pen, *_box(x, y, w, h, radius), "S", "Q")

    def rule(
        self, x: float, y: float, w: float, ink: Colour, thickness: float = 0.2
    ) -> None:
        """Draw a level line."""
        self.trail(((x, y), (x + w, y)), ink, thickness)

    def trail(
        self, points: Sequence[tuple[float, float]], ink: Colour, thickness: float
    ) -> None:
        """Draw a line through ``points`` with round ends; one point makes a dot."""
        if len(points) == 1:
            points = (points[0], points[0])
        pen = f"{_ink(ink)} RG", f"{thickness * MM:.2f} w", "1 J", "1 j"
        steps = [
            f"{_at(*point)} {'l' if step else 'm'}" for step, point in enumerate(points)
        ]
        self._paint("q", *pen, *steps, "S", "Q")

    def disc(self, x: float, y: float, radius: float, ink: Colour) -> None:
        """Fill a disc around (x, y)."""
        size = radius * 2
        self.fill_box(x - radius, y - radius, size, size, ink, radius)

    def ring(
        self, x: float, y: float, radius: float, ink: Colour, thickness: float = 0.3
    ) -> None:
        """Draw a circle around (x, y)."""
        size = radius * 2
        self.frame(x - radius, y - radius, size, size, ink, radius, thickness)

    def diamond(self, x: float, y: float, radius: float, ink: Colour) -> None:
        """Fill a square on its corner around (x, y)."""
        corners = ((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y))
        steps = [
            f"{_at(*point)} {'l' if step else 'm'}"
            for step, point in enumerate(corners)
        ]
        self._paint("q", f"{_ink(ink)} rg", *steps, "f", "Q")

    def modules(
        self,
        x: float,
        y: float,
        side: float,
        rows: Sequence[Sequence[int]],
        ink: Colour,
    ) -> None:
        """Draw a QR code as filled runs of modules, ``side`` millimetres wide."""
        step = side / len(rows)
        paths: list[str] = []
        for line, row in enumerate(rows):
            start = 0
            while start < len(row):
                end = start
                while end < len(row) and row[end]:
                    end += 1
                if end > start:
                    # A hair of overlap keeps readers from showing gaps.
                    paths += _box(
                        x + start * step,
                        y + line * step,
                        (end - start) * step,
                        step + 0.02,
                        0,
                    )
                start = end + 1
        self._paint("q", f"{_ink(ink)} rg", *paths, "f", "Q")

    def picture(self, x: float, y: float, w: float, h: float, image: Picture) -> None:
        """Draw a picture into a box, whole and centred."""
        scale = min(w / image.width, h / image.height)
        wide, high = image.width * scale, image.height * scale
        before = len(self._contents())
        info = self.image(
            io.BytesIO(image.jpeg),
            x + (w - wide) / 2,
            y + (h - high) / 2,
            wide,
            high,
        )
        self._note(before)
        if self._open:
            data = info["data"]
            if not isinstance(data, bytes | bytearray):
                raise TypeError("fpdf2 embeds pictures as bytes")
            self._open.images.append(image_digest(bytes(data)))

    def web_link(self, x: float, y: float, w: float, h: float, url: str) -> None:
        """Make a box open ``url``."""
        self.link(x, y, w, h, url)
        self._links[self.page].append(url)

    # --- recording -----------------------------------------------------------

    def _paint(self, *operators: str) -> None:
        self._out("\n".join(operators))
        if self._open:
            self._open.operators.extend(_written(each) for each in operators)

    def _contents(self) -> bytes:
        contents = self.pages[self.page].contents
        return bytes(contents) if isinstance(contents, bytes | bytearray) else b""

    def _note(self, before: int) -> None:
        added = self._contents()[before:].decode("latin-1")
        if self._open:
            for line in _operators(added):
                self._open.operators.append(_written(line))


def _written(line: str) -> str:
    *operands, name = line.split()
    return operator(name, [_operand(word) for word in operands])


def _operand(word: str) -> str | float:
    try:
        return float(word)
    except ValueError:
        return word


def _operators(text: str) -> Iterator[str]:
    words: list[str] = []
    for word in text.split():
        words.append(word)
        if word[0].isalpha() or word in {"f*", "B*"}:
            yield " ".join(words)
            words = []


def _ink(ink: Colour) -> str:
    return " ".join(f"{part / 255:.2f}" for part in ink)


def _at(x: float, y: float) -> str:
    return f"{x * MM:.2f} {(PAGE_HEIGHT - y) * MM:.2f}"


def _box(x: float, y: float, w: float, h: float, radius: float) -> list[str]:
    if radius <= 0:
        return [f"{_at(x, y + h)} {w * MM:.2f} {h * MM:.2f} re"]
    r = min(radius, w / 2, h / 2)
    c = r * 0.4477  # distance of the control point that makes a Bézier a quarter arc
    right, low = x + w, y + h
    return [
        f"{_at(x + r, y)} m",
        f"{_at(right - r, y)} l",
        f"{_at(right - c, y)} {_at(right, y + c)} {_at(right, y + r)} c",
        f"{_at(right, low - r)} l",
        f"{_at(right, low - c)} {_at(right - c, low)} {_at(right - r, low)} c",
        f"{_at(x + r, low)} l",
        f"{_at(x + c, low)} {_at(x, low - c)} {_at(x, low - r)} c",
        f"{_at(x, y + r)} l",
        f"{_at(x, y + c)} {_at(x + c, y)} {_at(x + r, y)} c",
        "h",
    ]


@cache
def _font_folder() -> Path:
    return Path(ttf_opensans.__file__).parent / "ttf"
