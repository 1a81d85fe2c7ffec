"""Where the next block goes: margins, page breaks, the palette and the faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from azbot.reports.canvas import Canvas, Colour, Face, colour
from azbot.reports.content import Language
from azbot.reports.labels import Words, words
from azbot.reports.tagging import Element
from azbot.reports.trace import Place

LEFT = 18.0
RIGHT = 192.0
WIDTH = RIGHT - LEFT
FIRST_TOP = 16.0
TOP = 26.0
BOTTOM = 276.0
"""Margins in millimetres; the running foot stands below ``BOTTOM``."""

WHITE: Colour = (255, 255, 255)
TEXT = colour("#17202b")
MUTED = colour("#566270")
FAINT = colour("#6a7582")
LINE = colour("#dfe3e8")
LINE_STRONG = colour("#858f9c")
SUNKEN = colour("#f1f3f5")
GREEN = colour("#1c6b36")
RED = colour("#b3261e")
RED_SOFT = colour("#fcebea")
AMBER = colour("#8a5300")
GREY = colour("#56606c")
INK = colour("#14213d")

BODY = Face(9.5, TEXT)
STRONG = Face(9.5, TEXT, is_bold=True)
LABEL = Face(9, MUTED)
SMALL = Face(8.5, TEXT)
SMALL_STRONG = Face(8.5, TEXT, is_bold=True)
NOTE = Face(8, MUTED)
TINY = Face(7.5, FAINT)


def tinted(ink: Colour, share: float) -> Colour:
    """Return ``ink`` laid on white with ``share`` of its strength, 0 to 1."""
    red, green, blue = (round(255 - (255 - part) * share) for part in ink)
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Page:
    """What the running head and foot of a page say."""

    number: int
    owner: str
    has_head: bool


class Flow:
    """Writes blocks from top to bottom and opens pages when they are needed."""

    def __init__(self, canvas: Canvas, language: Language, accent: Colour) -> None:
        self.canvas = canvas
        self.language = language
        self.say: Words = words(language)
        self.accent = accent
        self.soft = tinted(accent, 0.11)
        self.y = FIRST_TOP
        self.owner = ""
        self.pages: list[Page] = []

    def start_page(self, *, has_head: bool) -> None:
        """Open a page; the first of a report has its own head instead."""
        self.canvas.new_page()
        self.pages.append(Page(self.canvas.page, self.owner, has_head))
        self.y = TOP if has_head else FIRST_TOP

    @property
    def room(self) -> float:
        """Height left on this page, millimetres."""
        return BOTTOM - self.y

    def need(self, height: float) -> bool:
        """Break the page when ``height`` does not fit; say whether it did."""
        if height <= self.room:
            return False
        self.start_page(has_head=True)
        return True

    def heading(self, title: str, level: int, follows: float) -> None:
        """Write a heading that stays with ``follows`` millimetres of its section.

        Args:
            title: also the name in the outline.
            level: 2 for a section, 1 for the report.
            follows: height of what must stand under it on the same page.
        """
        face = Face(12.5, self.accent, is_bold=True, spacing=1.3)
        lines = self.canvas.wrap(title, face, WIDTH)
        self.y += 6.5
        self.need(len(lines) * face.leading + 3.2 + follows)
        self.outline(title, level)
        with self.canvas.mark(f"H{level}", (title, "", "title")):
            self.y = self.canvas.write_lines(LEFT, self.y, lines, face)
        with self.canvas.paper():
            self.canvas.rule(LEFT, self.y + 1.2, WIDTH, tinted(self.accent, 0.35), 0.3)
        self.y += 3.2

    def outline(self, title: str, level: int) -> None:
        """Name this place in the outline; level 1 is the outermost."""
        canvas = self.canvas
        canvas.set_y(max(self.y - 4, 0))
        canvas.start_section(canvas.clean(title).replace("\n", " "), level - 1)

    def paragraph(
        self,
        text: str,
        face: Face,
        place: Place,
        *,
        left: float = LEFT,
        width: float = WIDTH,
        role: str = "P",
        inside: Element | None = None,
    ) -> None:
        """Write a text, over several pages when it must."""
        self.lines(
            self.canvas.wrap(text, face, width),
            face,
            place,
            left=left,
            role=role,
            inside=inside,
        )

    def lines(
        self,
        lines: Sequence[str],
        face: Face,
        place: Place,
        *,
        left: float = LEFT,
        role: str = "P",
        inside: Element | None = None,
    ) -> None:
        """Write wrapped lines, over several pages when they must."""
        rest = list(lines)
        while rest:
            # Two lines at least on either side of a break.
            self.need(face.leading * min(2, len(rest)))
            fits = max(int(self.room / face.leading), 1)
            if len(rest) > fits and len(rest) - fits == 1 and fits > 2:
                fits -= 1
            with self.canvas.mark(role, place, inside=inside):
                self.y = self.canvas.write_lines(left, self.y, rest[:fits], face)
            rest = rest[fits:]
            if rest:
                self.start_page(has_head=True)
