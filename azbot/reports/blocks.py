"""The blocks of a report: rows, checklist, tables, photos, signatures."""

from __future__ import annotations

from collections.abc import Sequence

from azbot.i18n.formats import hour, long_date, short_date
from azbot.reports.canvas import Colour, Face
from azbot.reports.content import (
    ROLES,
    Answer,
    CheckPoint,
    Photo,
    ReportContent,
    Row,
    Section,
    SignatoryRole,
    Signature,
    Table,
)
from azbot.reports.flow import (
    BODY,
    BOTTOM,
    GREEN,
    GREY,
    INK,
    LABEL,
    LEFT,
    LINE,
    LINE_STRONG,
    MUTED,
    NOTE,
    RED,
    RED_SOFT,
    RIGHT,
    SMALL,
    SMALL_STRONG,
    STRONG,
    SUNKEN,
    TINY,
    TOP,
    WHITE,
    WIDTH,
    Flow,
)
from azbot.reports.pictures import Picture, fit
from azbot.reports.tagging import Element

_LABEL_WIDTH = 50.0
_VALUE = LEFT + _LABEL_WIDTH
_ANSWER = RIGHT - 31.0
_POINT = LEFT + 7.0
_PAD = 1.5
"""Above and below the text of a row, millimetres."""


def section(flow: Flow, part: Section, content: ReportContent) -> None:
    """Write one section; an empty one shows a dash, so that nothing seems lost."""
    flow.heading(part.title, 2, 14.0)
    if part.rows:
        rows(flow, part.title, part.rows)
    if part.checklist:
        checklist(flow, part.title, part.checklist, content.photos)
    if part.table:
        table(flow, part.title, part.table)
    if part.text:
        flow.y += _PAD
        flow.paragraph(part.text, BODY, (part.title, "", "text"))
    if not (part.rows or part.checklist or part.table or part.text):
        flow.paragraph(flow.say("dash"), BODY, (part.title, "", "text"))


def rows(flow: Flow, title: str, pairs: Sequence[Row]) -> None:
    """Write label and value pairs, a line between them."""
    grid = flow.canvas.group("Table")
    for at, row in enumerate(pairs):
        labels = flow.canvas.wrap(row.label, LABEL, _LABEL_WIDTH - 4)
        values = flow.canvas.wrap(row.value, BODY, RIGHT - _VALUE)
        values = values or [flow.say("dash")]
        height = max(len(labels), min(len(values), 3)) * BODY.leading
        if at and flow.y > TOP:
            _line(flow)
        flow.need(height + 2 * _PAD)
        flow.y += _PAD
        line = flow.canvas.group("TR", grid)
        top, page = flow.y, flow.canvas.page
        with flow.canvas.mark(
            "TH", (title, row.label, "label"), inside=line, scope="Row"
        ):
            # The label sits on the baseline of the first line of its value.
            drop = BODY.baseline - LABEL.baseline
            low = flow.canvas.write_lines(LEFT, top + drop, labels, LABEL)
        flow.lines(
            values,
            BODY,
            (title, row.label, "value"),
            left=_VALUE,
            role="TD",
            inside=line,
        )
        flow.y = max(flow.y, low if flow.canvas.page == page else 0) + _PAD


def _line(flow: Flow) -> None:
    if flow.y < BOTTOM:
        with flow.canvas.paper():
            flow.canvas.rule(LEFT, flow.y, WIDTH, LINE)


def checklist(
    flow: Flow, title: str, points: Sequence[CheckPoint], photos: Sequence[Photo]
) -> None:
    """Write points with a drawn answer and its word; remarks stand under them."""
    grid = flow.canvas.group("Table")
    for at, point in enumerate(points):
        if at and flow.y > TOP:
            _line(flow)
        _point(flow, title, point, photos, grid)


def _point(
    flow: Flow,
    title: str,
    point: CheckPoint,
    photos: Sequence[Photo],
    grid: Element,
) -> None:
    canvas, say = flow.canvas, flow.say
    name = f"{say('point')} {point.number}"
    labels = canvas.wrap(point.label, BODY, _ANSWER - _POINT - 4)
    note = _remark(flow, point, photos)
    notes = canvas.wrap(note, SMALL, RIGHT - _POINT - 8) if note else []
    height = len(labels) * BODY.leading + 2 * _PAD
    beside = min(len(notes), 4) * SMALL.leading + (4.5 if notes else 0)
    flow.need(height + beside)
    line = canvas.group("TR", grid)
    top = flow.y + _PAD
    with canvas.mark("TH", (title, name, "label"), inside=line, scope="Row"):
        canvas.write_line(LEFT, top, f"{point.number}", Face(9.5, MUTED))
        flow.y = canvas.write_lines(_POINT, top, labels, BODY) + _PAD
    word = say(point.answer or "unanswered")
    with canvas.mark("TD", (title, name, "mark"), inside=line, alt=word):
        answer_shape(flow, _ANSWER + 2.2, top + BODY.leading / 2, point.answer)
    with canvas.mark("TD", (title, name, "answer"), inside=line):
        ink = {"yes": GREEN, "no": RED}.get(point.answer or "", GREY)
        face = Face(9.5, ink, is_bold=point.answer in {"yes", "no"})
        canvas.write_line(_ANSWER + 6.5, top, canvas.clean(word), face)
    if notes:
        _remark_panel(flow, (title, name), notes, line, is_bad=point.answer == "no")


def _remark(flow: Flow, point: CheckPoint, photos: Sequence[Photo]) -> str:
    numbers = [
        str(at) for at, photo in enumerate(photos, 1) if photo.point == point.number
    ]
    see = flow.say("photo_refs", numbers=", ".join(numbers)) if numbers else ""
    return "\n".join(text for text in (point.remark.strip(), see) if text)


def _remark_panel(
    flow: Flow,
    place: tuple[str, str],
    notes: Sequence[str],
    line: Element,
    *,
    is_bad: bool,
) -> None:
    rest = list(notes)
    while rest:
        fits = max(int((flow.room - 4.5) / SMALL.leading), 1)
        now, rest = rest[:fits], rest[fits:]
        height = len(now) * SMALL.leading + 3
        with flow.canvas.paper():
            flow.canvas.fill_box(
                _POINT,
                flow.y,
                RIGHT - _POINT,
                height,
                RED_SOFT if is_bad else SUNKEN,
                1.2,
            )
            edge = RED if is_bad else LINE_STRONG
            flow.canvas.fill_box(_POINT, flow.y, 0.9, height, edge)
        with flow.canvas.mark("TD", (*place, "remark"), inside=line):
            flow.canvas.write_lines(_POINT + 4, flow.y + 1.5, now, SMALL)
        flow.y += height + 2.2
        if rest:
            flow.start_page(has_head=True)


def answer_shape(flow: Flow, x: float, y: float, answer: Answer | None) -> None:
    """Draw the answer: a tick in a disc, a cross in a diamond, a bar in a ring."""
    canvas = flow.canvas
    if answer == "yes":
        canvas.disc(x, y, 2.0, GREEN)
        tick = ((x - 0.95, y + 0.05), (x - 0.25, y + 0.75), (x + 1.0, y - 0.75))
        canvas.trail(tick, WHITE, 0.42)
    elif answer == "no":
        canvas.diamond(x, y, 2.5, RED)
        canvas.trail(((x - 0.8, y - 0.8), (x + 0.8, y + 0.8)), WHITE, 0.42)
        canvas.trail(((x - 0.8, y + 0.8), (x + 0.8, y - 0.8)), WHITE, 0.42)
    elif answer == "not_applicable":
        canvas.ring(x, y, 1.85, GREY, 0.35)
        canvas.trail(((x - 0.85, y), (x + 0.85, y)), GREY, 0.42)
    else:
        canvas.frame(x - 1.85, y - 1.85, 3.7, 3.7, GREY, 0.5, 0.3, is_dashed=True)


# --- tables ------------------------------------------------------------------


def table(flow: Flow, title: str, content: Table) -> None:
    """Write a table; its heading line comes again on each page."""
    share = WIDTH / sum(column.share for column in content.columns)
    widths = [column.share * share for column in content.columns]
    grid = flow.canvas.group("Table")
    _table_head(flow, title, content, widths, grid)
    for number, values in enumerate(content.lines, 1):
        cells = [
            flow.canvas.wrap(value, SMALL, width - 4) or [flow.say("dash")]
            for value, width in zip(values, widths, strict=True)
        ]
        _table_line(flow, title, content, widths, grid, number, cells)


def _table_head(
    flow: Flow, title: str, content: Table, widths: Sequence[float], grid: Element
) -> None:
    face = Face(8, MUTED, is_bold=True)
    cells = [
        flow.canvas.wrap(column.title, face, width - 4)
        for column, width in zip(content.columns, widths, strict=True)
    ]
    height = max(map(len, cells)) * face.leading + 2.4
    flow.need(height + 2 * SMALL.leading)
    with flow.canvas.paper():
        flow.canvas.fill_box(LEFT, flow.y, WIDTH, height, SUNKEN, 1)
    line = flow.canvas.group("TR", grid)
    x = LEFT
    for column, width, cell in zip(content.columns, widths, cells, strict=True):
        place = (title, column.title, "column")
        with flow.canvas.mark("TH", place, inside=line, scope="Column"):
            edge, align = _edge(x, width, is_number=column.is_number)
            flow.canvas.write_lines(edge, flow.y + 1.2, cell, face, align)
        x += width
    flow.y += height


def _table_line(
    flow: Flow,
    title: str,
    content: Table,
    widths: Sequence[float],
    grid: Element,
    number: int,
    cells: Sequence[Sequence[str]],
) -> None:
    rest = [list(cell) for cell in cells]
    most = int((BOTTOM - TOP - 14) / SMALL.leading)
    while any(rest):
        now = [cell[:most] for cell in rest]
        rest = [cell[most:] for cell in rest]
        height = max(map(len, now)) * SMALL.leading + 2 * _PAD
        if height > flow.room:
            flow.start_page(has_head=True)
            _table_head(flow, title, content, widths, grid)
        line = flow.canvas.group("TR", grid)
        x = LEFT
        for column, width, cell in zip(content.columns, widths, now, strict=True):
            place = (title, f"{number}. {column.title}", "cell")
            with flow.canvas.mark("TD", place, inside=line):
                edge, align = _edge(x, width, is_number=column.is_number)
                flow.canvas.write_lines(edge, flow.y + _PAD, cell, SMALL, align)
            x += width
        flow.y += height
        _line(flow)


def _edge(x: float, width: float, *, is_number: bool) -> tuple[float, str]:
    return (x + width - 2, "R") if is_number else (x + 2, "L")


# --- photos ------------------------------------------------------------------


def photos(flow: Flow, content: ReportContent) -> None:
    """Write the photos in a grid, two in a line, three from the fifth on."""
    if not content.photos:
        return
    across = 2 if len(content.photos) <= 4 else 3
    gap = 5.0
    width = (WIDTH - gap * (across - 1)) / across
    height = width * 0.72
    title = flow.say("photos")
    flow.heading(title, 2, height + 12)
    for start in range(0, len(content.photos), across):
        line = content.photos[start : start + across]
        texts = [
            _caption(flow, photo, start + at, width) for at, photo in enumerate(line, 1)
        ]
        tallest = max(
            len(name) * NOTE.leading + len(words) * SMALL.leading
            for name, words in texts
        )
        flow.need(height + 1.5 + tallest)
        for at, (photo, (name, words)) in enumerate(zip(line, texts, strict=True)):
            x = LEFT + at * (width + gap)
            _photo(flow, title, photo, start + at + 1, (x, width, height))
            with flow.canvas.mark(
                "Caption", (title, flow.say("photo", number=start + at + 1), "caption")
            ):
                low = flow.canvas.write_lines(
                    x, flow.y + height + 1.2, name, Face(8, MUTED, is_bold=True)
                )
                flow.canvas.write_lines(x, low, words, SMALL)
        flow.y += height + 1.2 + tallest + 4


def _caption(
    flow: Flow, photo: Photo, number: int, width: float
) -> tuple[list[str], list[str]]:
    key = "photo" if photo.point is None else "photo_point"
    name = flow.say(key, number=number, point=photo.point)
    if photo.taken_at:
        day = short_date(photo.taken_at)
        name += f" · {day} {hour(photo.taken_at, flow.language)}"
    words = flow.canvas.wrap(photo.caption, SMALL, width)
    if len(words) > 8:  # a picture and its words stay on one page
        words = [*words[:7], flow.canvas.fit_line(words[7] + "…", SMALL, width)]
    return flow.canvas.wrap(name, Face(8, MUTED, is_bold=True), width), words


def _photo(
    flow: Flow,
    title: str,
    photo: Photo,
    number: int,
    frame: tuple[float, float, float],
) -> None:
    x, width, height = frame
    canvas, name = flow.canvas, flow.say("photo", number=number)
    picture: Picture | None = fit(photo.data)
    with canvas.paper():
        canvas.fill_box(x, flow.y, width, height, SUNKEN, 1.5)
    words = canvas.clean(photo.caption).replace("\n", " ") or name
    alt = flow.say("photo_alt", title=name, caption=words)
    if picture is None:
        with canvas.mark("P", (title, name, "photo")):
            middle = flow.y + height / 2 - NOTE.leading / 2
            text = canvas.clean(flow.say("photo_unreadable"))
            canvas.write_line(x + width / 2, middle, text, NOTE, "C")
        return
    with canvas.mark("Figure", (title, name, "photo"), alt=alt):
        canvas.picture(x, flow.y, width, height, picture)


# --- signatures --------------------------------------------------------------

_PAD_HEIGHT = 24.0


def signatures(flow: Flow, content: ReportContent) -> None:
    """Write the three signature boxes side by side, never over two pages."""
    gap = 4.5
    width = (WIDTH - 2 * gap) / 3
    boxes = [
        _box_texts(flow, role, content.signature(role), width - 8) for role in ROLES
    ]
    head = max(_height(top) for top, _ in boxes)
    foot = max(_height(low) for _, low in boxes)
    height = 3.5 + head + 2 + _PAD_HEIGHT + 2.5 + foot + 3.5
    title = flow.say("signatures")
    flow.heading(title, 2, height)
    for at, (role, (top, low)) in enumerate(zip(ROLES, boxes, strict=True)):
        x = LEFT + at * (width + gap)
        _signature_box(
            flow, title, role, content.signature(role), x, width, height, top, low, head
        )
    flow.y += height


_Lines = list[tuple[str, Face]]


def _height(lines: _Lines) -> float:
    return sum(face.leading for _, face in lines)


def _box_texts(
    flow: Flow, role: SignatoryRole, signed: Signature | None, width: float
) -> tuple[_Lines, _Lines]:
    """Return the lines above and below the pad, each with its face."""
    say, wrap, lang = flow.say, flow.canvas.wrap, flow.language

    def lines(text: str, face: Face) -> _Lines:
        return [(line, face) for line in wrap(text, face, width)]

    top = lines(say(f"role_{role}"), STRONG) + lines(say(f"role_{role}_help"), TINY)
    if signed is None:
        return top, lines(say("signature_missing"), NOTE)
    at = say("signed_at", date=long_date(signed.at, lang), time=hour(signed.at, lang))
    low = (
        lines(signed.name, SMALL_STRONG)
        + lines(signed.company, SMALL)
        + lines(at, NOTE)
        + lines(say(f"method_{signed.method}"), NOTE)
    )
    return top, low


def _signature_box(
    flow: Flow,
    title: str,
    role: SignatoryRole,
    signed: Signature | None,
    x: float,
    width: float,
    height: float,
    top: _Lines,
    low: _Lines,
    head: float,
) -> None:
    canvas, who = flow.canvas, flow.say(f"role_{role}")
    pad = flow.y + 3.5 + head + 2
    with canvas.paper():
        canvas.frame(x, flow.y, width, height, LINE, 2.2, 0.3)
        canvas.fill_box(x + 3, pad, width - 6, _PAD_HEIGHT, SUNKEN, 1.2)
    with canvas.mark("H3", (title, who, "role")):
        _write(flow, x + 4, flow.y + 3.5, top)
    _pad(flow, (title, who), signed, (x + 3, pad, width - 6))
    with canvas.mark("P", (title, who, "signatory")):
        _write(flow, x + 4, pad + _PAD_HEIGHT + 2.5, low)


def _write(flow: Flow, x: float, y: float, lines: _Lines) -> None:
    for line, face in lines:
        flow.canvas.write_line(x, y, line, face)
        y += face.leading


def _pad(
    flow: Flow,
    place: tuple[str, str],
    signed: Signature | None,
    frame: tuple[float, float, float],
) -> None:
    canvas = flow.canvas
    x, y, width = frame
    if signed is None:
        with canvas.paper():
            canvas.frame(
                x, y, width, _PAD_HEIGHT, LINE_STRONG, 1.2, 0.25, is_dashed=True
            )
        return
    if signed.method == "waived":
        reason = flow.say("reason", reason=signed.reason)
        lines = canvas.wrap(reason, NOTE, width - 6)[:5]
        with canvas.mark("P", (*place, "reason")):
            canvas.write_lines(x + 3, y + 2.5, lines, NOTE)
        return
    if not signed.strokes:
        face = _largest(flow, signed.name, width - 6)
        with canvas.mark("P", (*place, "typed")):
            middle = y + (_PAD_HEIGHT - face.leading) / 2
            line = canvas.fit_line(signed.name, face, width - 6)
            canvas.write_line(x + width / 2, middle, line, face, "C")
        return
    alt = flow.say("signature_alt", name=signed.name, role=place[1])
    with canvas.mark("Figure", (*place, "signature"), alt=alt):
        draw_strokes(flow, signed, x + 2, y + 1.5, width - 4, _PAD_HEIGHT - 3, INK)


def _largest(flow: Flow, text: str, width: float) -> Face:
    for size in (15.0, 13.0, 11.0):
        face = Face(size, INK)
        if flow.canvas.width(flow.canvas.fit_line(text, face, 500), face) <= width:
            return face
    return Face(9.5, INK)


def draw_strokes(
    flow: Flow,
    signed: Signature,
    x: float,
    y: float,
    width: float,
    height: float,
    ink: Colour,
) -> None:
    """Draw a signature as lines, the pad fitted whole into the box."""
    aspect = min(max(signed.aspect, 0.1), 10.0)
    wide = min(width, height * aspect)
    high = wide / aspect
    left, top = x + (width - wide) / 2, y + (height - high) / 2
    for stroke in signed.strokes:
        points = [
            (left + _inside(px) * wide, top + _inside(py) * high)
            for px, py in stroke.points
        ]
        if points:
            flow.canvas.trail(points, ink, 0.45)


def _inside(share: float) -> float:
    return min(max(share, 0.0), 1.0)
