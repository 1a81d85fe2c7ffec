"""The order of a report on paper: head, summary, sections, photos, signatures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import segno

from azbot.i18n.formats import hour, long_date
from azbot.reports import blocks
from azbot.reports.canvas import Canvas, Colour, Face, colour
from azbot.reports.content import Brand, Column, ReportContent, Row, Table, fingerprint
from azbot.reports.flow import (
    AMBER,
    BODY,
    GREEN,
    GREY,
    LEFT,
    LINE,
    MUTED,
    NOTE,
    RIGHT,
    TEXT,
    TINY,
    WHITE,
    WIDTH,
    Flow,
)
from azbot.reports.labels import words
from azbot.reports.pictures import fit
from azbot.reports.trace import Place

_DEFAULT_ACCENT = "#0b5c86"


def lay_out(
    contents: Sequence[ReportContent], *, made_at: datetime, is_combined: bool
) -> tuple[Canvas, str]:
    """Draw everything on a canvas; return it with the title of the document."""
    first = contents[0]
    say = words(first.language)
    title = f"{say('report_combined' if is_combined else 'report')} {first.reference}"
    canvas = Canvas(first.language, title, made_at)
    canvas.set_author(canvas.clean(first.brand.name))
    if is_combined:
        subject = say(
            "subject_combined", reference=first.reference, count=len(contents)
        )
    else:
        subject = say("subject", reference=first.reference, visit=first.visit)
    canvas.set_subject(canvas.clean(subject))
    flow = Flow(canvas, first.language, _accent(first.brand))
    if is_combined:
        _summary(flow, contents)
    for content in contents:
        _visit(flow, content, is_combined=is_combined)
    mark = fingerprint(*contents)
    _verification(flow, first, mark, made_at)
    _running(flow, title, mark)
    return canvas, title


def _accent(brand: Brand) -> Colour:
    try:
        return colour(brand.colour)
    except ValueError:
        return colour(_DEFAULT_ACCENT)


# --- one visit ---------------------------------------------------------------


def _visit(flow: Flow, content: ReportContent, *, is_combined: bool) -> None:
    say = flow.say
    flow.owner = f"{content.reference} · {say('visit', visit=content.visit)}"
    flow.start_page(has_head=False)
    of = say("visit_of", visit=content.visit, visits=max(content.visits, content.visit))
    _letterhead(flow, content, of)
    name = say("visit", visit=content.visit) if is_combined else say("report")
    _title(flow, name, f"{content.service} · {content.site}")
    _when(flow, content)
    if not is_combined:  # said once, on the first page
        _identity(flow, content)
    for section in content.sections:
        blocks.section(flow, section, content)
    blocks.photos(flow, content)
    blocks.signatures(flow, content)


def _letterhead(flow: Flow, content: ReportContent, note: str) -> None:
    canvas, brand, y = flow.canvas, content.brand, flow.y
    face = Face(11.5, TEXT, is_bold=True)
    picture = fit(brand.logo, longest=600, quality=92) if brand.logo else None
    text_left = LEFT + 13
    if picture:
        high = 10.0
        wide = min(high * picture.width / picture.height, 45.0)
        with canvas.mark("Figure", ("", brand.name, "logo"), alt=brand.name):
            canvas.picture(LEFT, y, wide, high, picture)
        text_left = LEFT + wide + 3.5
    else:
        tile = Face(11, WHITE, is_bold=True)
        with canvas.paper():
            canvas.fill_box(LEFT, y, 10, 10, flow.accent, 2)
            initials = canvas.fit_line(brand.initials, tile, 9)
            canvas.write_line(LEFT + 5, y + 5 - tile.leading / 2, initials, tile, "C")
    with canvas.mark("P", ("", "", "brand")):
        line = canvas.fit_line(brand.name, face, 95)
        canvas.write_line(text_left, y + 5 - face.leading / 2, line, face)
    with canvas.mark("P", ("", flow.say("reference"), "value")):
        line = canvas.fit_line(content.reference, face, 60)
        canvas.write_line(RIGHT, y - 0.3, line, face, "R")
    with canvas.mark("P", ("", flow.say("visits"), "value")):
        canvas.write_line(RIGHT, y + 5.4, canvas.clean(note), Face(8.5, MUTED), "R")
    with canvas.paper():
        canvas.rule(LEFT, y + 13.5, WIDTH, LINE, 0.3)
    flow.y = y + 19


def _title(flow: Flow, name: str, below: str) -> None:
    canvas = flow.canvas
    face = Face(21, TEXT, is_bold=True, spacing=1.2)
    flow.outline(name, 1)
    with canvas.mark("H1", ("", "", "title")):
        flow.y = canvas.write_lines(LEFT, flow.y, canvas.wrap(name, face, WIDTH), face)
    flow.y += 0.6
    under = Face(10.5, MUTED)
    flow.paragraph(below, under, ("", flow.say("service"), "value"))
    flow.y += 4.5


def _when(flow: Flow, content: ReportContent) -> None:
    canvas, say = flow.canvas, flow.say
    day = Face(14, TEXT, is_bold=True)
    date = say("date_unknown")
    if content.day:
        date = long_date(content.day, flow.language)
        date = date[:1].upper() + date[1:] if flow.language == "en" else date
    presence = "\n".join(filter(None, (_presence(flow, content), content.station)))
    chip, chip_ink, is_solved = _outcome(flow, content)
    chip_face = Face(9.5, chip_ink, is_bold=True)
    chip_width = canvas.width(chip, chip_face) + 11
    inner = WIDTH - 14 - chip_width - 6
    lines = canvas.wrap(presence, BODY, inner)
    following = canvas.wrap(content.next_step, BODY, WIDTH - 14)
    height = 5 + day.leading + len(lines) * BODY.leading + 5
    height += len(following) * BODY.leading + (1.5 if following else 0)
    with canvas.paper():
        canvas.fill_box(LEFT, flow.y, WIDTH, height, flow.soft, 2.6)
        right, top = RIGHT - 7 - chip_width, flow.y + 5.4
        canvas.fill_box(right, top, chip_width, 7.2, WHITE, 3.6)
    y = flow.y + 5
    with canvas.mark("P", ("", say("date"), "value")):
        canvas.write_line(LEFT + 7, y, canvas.fit_line(date, day, inner), day)
    with canvas.mark("P", ("", say("presence"), "value")):
        y = canvas.write_lines(LEFT + 7, y + day.leading, lines, BODY)
    with canvas.mark("Figure", ("", say("result"), "mark"), alt=chip):
        middle = top + 3.6
        if is_solved is None:
            canvas.ring(right + 4.3, middle, 1.2, chip_ink, 0.4)
        elif is_solved:
            canvas.disc(right + 4.3, middle, 1.4, chip_ink)
        else:
            canvas.diamond(right + 4.3, middle, 1.7, chip_ink)
    with canvas.mark("P", ("", say("result"), "value")):
        canvas.write_line(right + 7.5, middle - chip_face.leading / 2, chip, chip_face)
    if following:
        with canvas.mark("P", ("", say("next_visit"), "value")):
            canvas.write_lines(LEFT + 7, y + 1.5, following, BODY)
    flow.y += height


def _presence(flow: Flow, content: ReportContent) -> str:
    say, lang = flow.say, flow.language
    if content.arrived_at and content.left_at:
        text = say(
            "from_to",
            start=hour(content.arrived_at, lang),
            end=hour(content.left_at, lang),
        )
    elif content.arrived_at:
        text = say("from", start=hour(content.arrived_at, lang))
    elif content.planned_at:
        text = say("planned", start=hour(content.planned_at, lang))
    else:
        return ""
    return f"{text} ({content.zone})" if content.zone else text


def _outcome(flow: Flow, content: ReportContent) -> tuple[str, Colour, bool | None]:
    if content.is_solved is None:
        return flow.say("no_conclusion"), GREY, None
    if content.is_solved:
        return flow.say("solved"), GREEN, True
    return flow.say("unsolved"), AMBER, False


def _identity(flow: Flow, content: ReportContent) -> None:
    say = flow.say
    pairs = (
        (say("requester"), content.requester),
        (say("installer_company"), content.installer),
        (say("distributor_company"), content.distributor),
        (say("own_number"), content.own_number),
    )
    rows = tuple(Row(label, value) for label, value in pairs if value)
    flow.heading(say("assistance"), 2, 14)
    lead = (
        Row(say("service"), content.service),
        Row(say("site"), content.site),
    )
    blocks.rows(flow, say("assistance"), lead + rows)


# --- several visits ----------------------------------------------------------


def _summary(flow: Flow, contents: Sequence[ReportContent]) -> None:
    say, last = flow.say, contents[-1]
    flow.owner = last.reference
    flow.start_page(has_head=False)
    count = f"{len(contents)} {say('visits').lower()}"
    _letterhead(flow, last, count)
    _title(flow, say("report_combined"), f"{last.service} · {last.site}")
    _identity(flow, last)
    title = say("visits")
    flow.heading(title, 2, 24)
    columns = (
        Column(say("visit", visit="").strip(), 0.5),
        Column(say("date"), 1.8),
        Column(say("presence"), 1.5),
        Column(say("station"), 1.5),
        Column(say("result"), 1.6),
    )
    lines = tuple(_summary_line(flow, content) for content in contents)
    blocks.table(flow, title, Table(columns, lines))


def _summary_line(flow: Flow, content: ReportContent) -> tuple[str, ...]:
    day = content.day
    result = _outcome(flow, content)[0]
    return (
        str(content.visit),
        long_date(day, flow.language) if day else flow.say("date_unknown"),
        _presence(flow, content),
        content.station,
        f"{result}\n{content.next_step}" if content.next_step else result,
    )


# --- end ---------------------------------------------------------------------


def _verification(
    flow: Flow, content: ReportContent, mark: str, made_at: datetime
) -> None:
    canvas, say, url = flow.canvas, flow.say, content.verification_url
    title = say("verification")
    side = 27.0
    left = LEFT + side + 6 if url else LEFT
    width = RIGHT - left
    text = canvas.wrap(say("verify" if url else "verify_file"), BODY, width)
    link = Face(9.5, flow.accent, is_bold=True)
    address = canvas.wrap(url, link, width)
    digits = " ".join(mark[at : at + 8] for at in range(0, 64, 8))
    prints = canvas.wrap(f"{say('fingerprint')} {digits}", NOTE, width)
    height = len(text) * BODY.leading + len(address) * link.leading
    height += (len(prints) + 1) * NOTE.leading + 3
    flow.heading(title, 2, max(height, side if url else 0))
    top = flow.y
    if url:
        with canvas.mark("Figure", (title, "QR", "mark"), alt=say("qr_alt", url=url)):
            rows = [list(row) for row in segno.make_qr(url, error="m").matrix]
            canvas.modules(LEFT, top + 0.5, side, rows, TEXT)
    place: Place = (title, "", "text")
    with canvas.mark("P", place):
        y = canvas.write_lines(left, top, text, BODY)
    if url:
        with canvas.mark("Link", (title, "URL", "value")):
            end = canvas.write_lines(left, y, address, link)
        canvas.web_link(left, y, width, end - y, url)
        y = end
    with canvas.mark("P", (title, say("fingerprint"), "value")):
        y = canvas.write_lines(left, y + 2, prints, NOTE)
    made = say(
        "made_at",
        date=long_date(_local(content, made_at), flow.language),
        time=hour(_local(content, made_at), flow.language),
    )
    with canvas.mark("P", (title, say("date"), "value")):
        canvas.write_line(left, y, canvas.clean(made), NOTE)
    flow.y = max(top + height, top + side)


def _local(content: ReportContent, made_at: datetime) -> datetime:
    """Return ``made_at`` in the zone of the site, which every other hour is in."""
    day = content.day
    return made_at.astimezone(day.tzinfo) if day and day.tzinfo else made_at


def _running(flow: Flow, title: str, mark: str) -> None:
    canvas, say = flow.canvas, flow.say
    total = len(flow.pages)
    short = " ".join(mark[at : at + 4] for at in range(0, 16, 4))
    head = Face(8, MUTED)
    for page in flow.pages:
        canvas.page = page.number
        number = say("page", page=page.number, pages=total)
        if page.has_head:
            with canvas.running(("", number, "head")):
                canvas.write_line(LEFT, 14, canvas.fit_line(title, head, 110), head)
                owner = canvas.fit_line(page.owner, head, 60)
                canvas.write_line(RIGHT, 14, owner, head, "R")
            with canvas.paper():
                canvas.rule(LEFT, 20, WIDTH, LINE, 0.3)
        with canvas.paper():
            canvas.rule(LEFT, 281, WIDTH, LINE, 0.2)
        with canvas.running(("", number, "foot")):
            canvas.write_line(LEFT, 282.5, canvas.clean(page.owner), TINY)
            stamp = canvas.clean(say("fingerprint_short", digits=short))
            canvas.write_line((LEFT + RIGHT) / 2, 282.5, stamp, TINY, "C")
            canvas.write_line(RIGHT, 282.5, canvas.clean(number), TINY, "R")
