"""Tab « Interventions »: one visit at a time, its form as it was signed (R68, R83).

The form is read from the content of its report, so that page and report say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from azbot.channels.web.portal.blocks import Row, told_date, visit_line
from azbot.channels.web.portal.scene import Scene, documents_of, report_of
from azbot.i18n import formats
from azbot.reports.assembly import assemble
from azbot.reports.content import Brand, Section
from azbot.workflow.model import (
    Document,
    DocumentKind,
    Intervention,
    InterventionStatus,
    Signatory,
)


@dataclass(frozen=True, slots=True)
class Pick:
    """One entry of the selector: « Visite 2 · jeudi 2 avril à 9 h · Terminée »."""

    number: int
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One folded section of the form.

    Attributes:
        columns, lines: a table; both empty for none.
    """

    title: str
    rows: tuple[Row, ...] = ()
    columns: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of the visit, small, leading to itself."""

    name: str
    small: str
    url: str


@dataclass(frozen=True, slots=True)
class Signed:
    """One of the three signatures: whose, by whom, when."""

    role: str
    who: str
    how: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report to download: « Télécharger le rapport technique (PDF, 480 Ko) »."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class VisitsTab:
    """One visit, and the way to the others.

    Attributes:
        look, status: the chip of the visit that is shown.
        why: what there is to know while there is no form to read.
    """

    picks: tuple[Pick, ...]
    title: str = ""
    when: str = ""
    look: str = ""
    status: str = ""
    parts: tuple[Part, ...] = ()
    photos: tuple[Photo, ...] = ()
    signatures: tuple[Signed, ...] = ()
    reports: tuple[Report, ...] = ()
    calendar: str = ""
    why: str = ""


def visits_tab(scene: Scene, chosen: int = 0) -> VisitsTab:
    """Return the tab with one visit open.

    Args:
        scene: who reads what.
        chosen: number of the visit; the newest when there is none of this number.
    """
    newest_first = tuple(reversed(scene.it.interventions))
    if not newest_first:
        return VisitsTab((), why=scene.t("visits.none"))
    visit = scene.it.intervention(chosen) or newest_first[0]
    line = visit_line(scene, visit)
    has_form = scene.sees_all and visit.finished_at is not None
    planned = visit.status is InterventionStatus.PLANNED and not scene.is_preview
    return VisitsTab(
        picks=tuple(_pick(scene, i, visit) for i in newest_first),
        title=line.title,
        when=line.when,
        look=line.look,
        status=line.status,
        parts=_parts(scene, visit) if has_form else (),
        photos=_photos(scene, visit) if has_form else (),
        signatures=_signatures(scene, visit) if has_form else (),
        reports=tuple(_reports(scene, visit)),
        calendar=scene.url("visits", visit.number, "visit.ics") if planned else "",
        why=_why(scene, visit),
    )


def _pick(scene: Scene, visit: Intervention, chosen: Intervention) -> Pick:
    line = visit_line(scene, visit)
    words = " · ".join(part for part in (line.title, line.when, line.status) if part)
    return Pick(visit.number, words, visit.number == chosen.number)


def _why(scene: Scene, visit: Intervention) -> str:
    if visit.status is InterventionStatus.CANCELLED:
        return scene.t("visits.cancelled")
    if visit.finished_at is not None:
        is_there = not scene.sees_all or report_of(scene, visit.number)
        return "" if is_there else scene.t("visits.report_soon")
    if visit.status is InterventionStatus.UNDERWAY:
        return scene.t("visits.underway")
    return scene.t("visits.planned" if told_date(visit) else "visits.unplanned")


def _parts(scene: Scene, visit: Intervention) -> tuple[Part, ...]:
    content = assemble(
        scene.it,
        visit.number,
        scene.words,
        _no_octets,
        Brand(),
        scene.lists.catalogues,
    )
    return tuple(_part(section, scene) for section in content.sections)


def _no_octets(_: object) -> bytes:
    """The page shows pictures by their addresses."""
    return b""


def _part(section: Section, scene: Scene) -> Part:
    rows = [Row(row.label, row.value or "–") for row in section.rows]
    for point in section.checklist:
        answer = (
            scene.words.t(f"checklist.answer.{point.answer}") if point.answer else "–"
        )
        rows.append(
            Row(
                point.label,
                f"{answer}\u00a0– {point.remark}" if point.remark else answer,
            )
        )
    table = section.table
    return Part(
        section.title,
        tuple(rows),
        tuple(column.title for column in table.columns) if table else (),
        table.lines if table else (),
        section.text,
    )


def _photos(scene: Scene, visit: Intervention) -> tuple[Photo, ...]:
    return tuple(
        Photo(
            d.name,
            scene.url("documents", d.number, "thumbnail"),
            scene.url("documents", d.number),
        )
        for d in documents_of(scene)
        if d.intervention == visit.number and _is_photo(d)
    )


def _is_photo(document: Document) -> bool:
    is_report = document.kind is DocumentKind.REPORT
    return document.media_type.startswith("image/") and not is_report


def _signatures(scene: Scene, visit: Intervention) -> tuple[Signed, ...]:
    found = []
    for role in Signatory:
        signed = visit.signature(role)
        if signed is None:
            continue
        who = ", ".join(part for part in (signed.name, signed.company) if part)
        how = scene.t(f"signed.{signed.method.value}", date=scene.when(signed.at))
        found.append(Signed(scene.words.t(f"role.signatory.{role.value}"), who, how))
    return tuple(found)


def _reports(scene: Scene, visit: Intervention) -> Iterator[Report]:
    if scene.is_preview:
        return
    single, combined = report_of(scene, visit.number), report_of(scene, 0)
    if single is not None:
        size = formats.size(single.size, scene.language)
        url = scene.url("visits", visit.number, "report.pdf")
        yield Report(scene.t("visits.report", size=size), url)
    if combined is not None:
        size = formats.size(combined.size, scene.language)
        yield Report(scene.t("visits.combined", size=size), scene.url("report.pdf"))
