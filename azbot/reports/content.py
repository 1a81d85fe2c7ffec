"""What a technical report says, as values; nothing about how it looks.

One ``ReportContent`` is one finished visit (R108, R177). Words are already in the
language of the report; instants are aware and already in the zone of the site
(R125), so the same content gives the same report on every machine.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Language = Literal["fr", "en", "es"]
Answer = Literal["yes", "no", "not_applicable"]
Method = Literal["drawn", "typed", "remote", "waived"]
SignatoryRole = Literal["installer", "client", "station"]

ROLES: tuple[SignatoryRole, ...] = ("installer", "client", "station")
"""The three signatories of every visit, in the order they are printed (R118)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One label and its value; an empty value prints as a dash."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class CheckPoint:
    """One point of the checklist (R109–R117) and its answer (R166).

    Attributes:
        number: 1-based place in the list; photos refer to it.
        label: what was checked.
        answer: None when the point was not looked at.
        remark: free words, mandatory for a « Non » in the form.
    """

    number: int
    label: str
    answer: Answer | None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, its share of the width, its side.

    Attributes:
        title: heading of the column.
        share: width relative to the other columns, above 0.
        is_number: aligned right.
    """

    title: str
    share: float = 1.0
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and lines; every line has one value per column.

    Raises:
        ValueError: a line is shorter or longer than the columns.
    """

    columns: tuple[Column, ...]
    lines: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if any(len(line) != len(self.columns) for line in self.lines):
            raise ValueError("every line of a table has one value per column")


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the report; only the parts that are filled are drawn.

    Attributes:
        title: heading, also in the outline of the PDF.
        rows: label and value pairs.
        checklist: points with their answers.
        table: one table.
        text: free text, paragraphs separated by line ends.
    """

    title: str
    rows: tuple[Row, ...] = ()
    checklist: tuple[CheckPoint, ...] = ()
    table: Table | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture taken on site.

    Attributes:
        caption: words of the station, may be empty.
        taken_at: local to the site, None when unknown.
        data: the stored file, any format Pillow reads.
        point: checklist point it belongs to, None for the visit as a whole.
    """

    caption: str
    taken_at: datetime | None
    data: bytes
    point: int | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the stored file, lower-case hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Stroke:
    """One movement of the pen, from touching to lifting.

    Attributes:
        points: (x, y), both 0 to 1, of the pad's width and height, origin top left.
    """

    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, when and how (R118–R121, R134–R137).

    Attributes:
        role: which of the three signatories.
        name: as typed by the signatory; mandatory.
        company: may be empty.
        at: local to the site.
        method: drawn on the phone of the station, typed, drawn through a link,
            or waived by the desk.
        strokes: the drawing; empty unless drawn or remote.
        aspect: width of the pad divided by its height, above 0.
        reason: why it was waived.
    """

    role: SignatoryRole
    name: str
    company: str
    at: datetime
    method: Method = "drawn"
    strokes: tuple[Stroke, ...] = ()
    aspect: float = 2.5
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Brand:
    """How the owner of the service shows itself; never part of the fingerprint.

    Attributes:
        name: words beside the mark.
        colour: accent, ``#rrggbb``.
        logo: PNG or JPEG bytes; without it a tile with ``initials`` is drawn.
        initials: two letters.
    """

    name: str = "Support technique"
    colour: str = "#0b5c86"
    logo: bytes | None = None
    initials: str = "az"


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything one report says.

    Attributes:
        reference: public reference, ``ASFR26000184``.
        language: language of every word below.
        service: label of the service type.
        site: address on one line.
        requester: who asked, with company when known.
        installer: installation company.
        distributor: distribution company.
        own_number: the client's own order number (R156).
        station: company of the station, as shown beside the date.
        visit: 1-based number of the visit.
        visits: how many visits the assistance has so far.
        planned_at, arrived_at, left_at: local to the site, None when unknown.
        zone: name of that local time, « heure de Paris ».
        is_solved: the conclusion, None when it is not given.
        next_step: one sentence on what follows, may be empty.
        sections: the form, in order.
        photos: in the order they are numbered.
        signatures: at most one per role (T10: valid ones only).
        verification_url: page behind the QR code, empty for none.
        brand: presentation only.
    """

    reference: str
    language: Language
    service: str
    site: str
    requester: str
    visit: int
    visits: int
    planned_at: datetime | None
    arrived_at: datetime | None
    left_at: datetime | None
    station: str = ""
    installer: str = ""
    distributor: str = ""
    own_number: str = ""
    zone: str = ""
    is_solved: bool | None = None
    next_step: str = ""
    sections: tuple[Section, ...] = ()
    photos: tuple[Photo, ...] = ()
    signatures: tuple[Signature, ...] = ()
    verification_url: str = ""
    brand: Brand = field(default_factory=Brand)

    @property
    def day(self) -> datetime | None:
        """The instant that names the visit: arrival, else the planned one."""
        return self.arrived_at or self.planned_at

    def signature(self, role: SignatoryRole) -> Signature | None:
        """Return the signature of ``role``, None while it is missing."""
        return next((s for s in self.signatures if s.role == role), None)


def facts(content: ReportContent) -> dict[str, object]:
    """Return what ``content`` says as JSON values, photos by their digest.

    The brand and the address of the verification page are left out: the same visit
    keeps its fingerprint when a logo changes, and the address may contain it.
    """
    return {
        "reference": content.reference,
        "language": content.language,
        "service": content.service,
        "site": content.site,
        "requester": content.requester,
        "station": content.station,
        "installer": content.installer,
        "distributor": content.distributor,
        "own_number": content.own_number,
        "visit": content.visit,
        "visits": content.visits,
        "planned_at": _instant(content.planned_at),
        "arrived_at": _instant(content.arrived_at),
        "left_at": _instant(content.left_at),
        "zone": content.zone,
        "is_solved": content.is_solved,
        "next_step": content.next_step,
        "sections": [_section(section) for section in content.sections],
        "photos": [_photo(photo) for photo in content.photos],
        "signatures": [_signature(signature) for signature in content.signatures],
    }


def stable_json(value: object) -> bytes:
    """Return ``value`` as JSON bytes that depend on nothing but the value.

    Keys sorted, no space, ASCII only: lone surrogates and every script survive.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode("ascii")


def canonical(content: ReportContent) -> bytes:
    """Return the bytes the fingerprint is taken of."""
    return stable_json(facts(content))


def fingerprint(*contents: ReportContent) -> str:
    """Return the SHA-256 of one report, or of several drawn as one (R177).

    Returns:
        64 lower-case hexadecimal digits.
    """
    if len(contents) == 1:
        return hashlib.sha256(canonical(contents[0])).hexdigest()
    each = [fingerprint(content) for content in contents]
    return hashlib.sha256(stable_json(each)).hexdigest()


def file_name(reference: str, visit: int | None) -> str:
    """Name the file of one visit, or of the combined report for None (C17).

    Returns:
        ``Rapport-ASFR26000184-visite-1.pdf`` or ``Rapport-ASFR26000184.pdf``;
        anything but ASCII letters, digits, ``-`` and ``_`` becomes ``_``.
    """
    safe = "".join(
        char if char.isascii() and (char.isalnum() or char in "-_") else "_"
        for char in reference
    )
    end = "" if visit is None else f"-visite-{visit}"
    return f"Rapport-{safe}{end}.pdf"


def _instant(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat(timespec="seconds")


def _section(section: Section) -> dict[str, object]:
    table = section.table
    return {
        "title": section.title,
        "rows": [[row.label, row.value] for row in section.rows],
        "checklist": [
            [point.number, point.label, point.answer, point.remark]
            for point in section.checklist
        ],
        "table": None
        if table is None
        else {
            "columns": [column.title for column in table.columns],
            "lines": [list(line) for line in table.lines],
        },
        "text": section.text,
    }


def _photo(photo: Photo) -> dict[str, object]:
    return {
        "caption": photo.caption,
        "taken_at": _instant(photo.taken_at),
        "sha256": photo.digest,
        "point": photo.point,
    }


def _signature(signature: Signature) -> dict[str, object]:
    return {
        "role": signature.role,
        "name": signature.name,
        "company": signature.company,
        "at": _instant(signature.at),
        "method": signature.method,
        "aspect": round(signature.aspect, 4),
        "strokes": [
            [[round(x, 4), round(y, 4)] for x, y in stroke.points]
            for stroke in signature.strokes
        ],
        "reason": signature.reason,
    }
