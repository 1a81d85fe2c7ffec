"""Stations as a table of a spreadsheet: read, planned line by line, written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from azbot.channels.web import directory
from azbot.channels.web.api.complaints import complaints_of
from azbot.channels.web.api.directory import StationIn
from azbot.channels.web.directory import Hand, address_of, phone_of
from azbot.channels.web.problems import FieldError, HttpProblem, invalid
from azbot.choices import Unfit
from azbot.errors import Problem
from azbot.forms.folding import fold
from azbot.i18n.catalogue import Catalogue
from azbot.store import StationEntry, UnitOfWork
from azbot.workflow.model import Station, StationId

LARGEST = 500_000
MOST_ROWS = 5_000

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "company": ("societe", "entreprise", "company", "empresa", "nom", "name"),
    "email": ("e-mail", "email", "mail", "adresse e-mail", "courriel", "correo"),
    "phone": ("telephone", "tel", "phone", "telefono"),
    "zones": ("zones", "departements", "zone", "areas", "zonas", "departments"),
    "speciality": ("specialite", "speciality", "specialty", "especialidad"),
    "zone_name": ("fuseau", "fuseau horaire", "time zone", "zona horaria"),
    "language": ("langue", "language", "idioma"),
    "is_active": ("active", "actif", "activa"),
}
"""Each column and the titles it is known by, folded."""

_NEEDED = ("company", "email")
_YES = frozenset({"oui", "yes", "si", "true", "1", "x"})
_NO = frozenset({"non", "no", "false", "0"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes:
        line: of the file, 1-based, the titles included.
        values: by column; a column the file does not have is absent.
    """

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Planned:
    """What will become of one line.

    Attributes:
        act: ``add``, ``change``, ``same``, ``wrong``.
        entry: the station as it will be; None when the line is wrong.
        changes: column → before and after, for ``change``.
        errors: for ``wrong``.
    """

    row: Row
    act: str
    entry: StationEntry | None = None
    language: str = "fr"
    changes: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()


def text_of(content: bytes) -> str:
    """Return the text of a file as spreadsheets save it: UTF-8 or Windows-1252.

    Raises:
        Unfit: it is too large, or no text.
    """
    if len(content) > LARGEST:
        raise Unfit([Problem("file", None, "table_large")])
    if b"\x00" in content:
        raise Unfit([Problem("file", None, "table_unread")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def rows_of(text: str) -> tuple[Row, ...]:
    """Return the lines below the titles, empty ones left out.

    Raises:
        Unfit: no title is known, one that is needed is missing, or too many lines.
    """
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max((";", ",", "\t"), key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    titles: list[str | None] | None = None
    rows: list[Row] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if titles is None:
                titles = [_column(cell) for cell in cells]
                continue
            named = zip(titles, cells, strict=False)
            values = {name: _plain(cell) for name, cell in named if name}
            rows.append(Row(reader.line_num, values))
    except csv.Error as error:
        raise Unfit([Problem("file", None, "table_unread")]) from error
    lacking = [name for name in _NEEDED if name not in (titles or ())]
    if lacking:
        facts = {"titles": ", ".join(COLUMNS[name][0] for name in lacking)}
        raise Unfit([Problem("file", None, "table_titles", facts)])
    if len(rows) > MOST_ROWS:
        raise Unfit([Problem("file", None, "table_long", {"most": str(MOST_ROWS)})])
    return tuple(rows)


def _column(title: str) -> str | None:
    folded = " ".join(fold(title).split())
    return next((name for name, known in COLUMNS.items() if folded in known), None)


def _plain(cell: str) -> str:
    """Return a cell without the apostrophe that keeps it from being a formula."""
    text = " ".join(cell.split())
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def plan(uow: UnitOfWork, rows: Iterable[Row], country: str) -> list[Planned]:
    """Say what will become of each line; nothing is changed.

    A station is known by its address: the same file twice changes nothing.

    Args:
        uow: where to look.
        rows: of the table.
        country: two letters, of telephone numbers without prefix.
    """
    known = {e.station.email.casefold(): e for e in uow.stations.all()}
    seen: dict[str, int] = {}
    found: list[Planned] = []
    for row in rows:
        try:
            email = address_of(row.values.get("email", ""))
            if (first := seen.setdefault(email.casefold(), row.line)) != row.line:
                raise invalid(FieldError("/email", "twice", {"line": first}))
            present = known.get(email.casefold())
            if present is None:
                directory.require_free(uow, email)
            found.append(_planned(row, email, present, country))
        except HttpProblem as problem:
            found.append(Planned(row, "wrong", errors=problem.errors))
    return found


def _planned(
    row: Row, email: str, present: StationEntry | None, country: str
) -> Planned:
    given = {name: value for name, value in row.values.items() if name != "is_active"}
    given = {name: value for name, value in given.items() if value or name in _NEEDED}
    shape: dict[str, object] = {**given, "zones": areas(given.get("zones", ""))}
    try:
        body = StationIn.model_validate(shape)
    except ValidationError as error:
        raise invalid(*complaints_of(error)) from error
    values: dict[str, object] = {
        "company": body.company.strip(),
        "phone": phone_of(body.phone, country),
        "zones": body.zones,
        "zone_name": body.zone_name,
        "speciality": body.speciality,
        "is_active": _flag(row.values.get("is_active", "")),
    }
    if present is None:
        station = Station(StationId(0), body.company.strip(), email)
        entry = directory.changed(StationEntry(station), values)
        return Planned(row, "add", entry, body.language)
    # An empty cell of a column takes the value away, but for what must be there.
    kept = {"zone_name", "is_active"}
    named = {
        name: value
        for name, value in values.items()
        if name in row.values and (row.values[name] or name not in kept)
    }
    entry = directory.changed(present, named)
    before, after = directory.told(present), directory.told(entry)
    changes = {n: (before[n], after[n]) for n in before if before[n] != after[n]}
    act = "change" if changes else "same"
    return Planned(row, act, entry, changes=changes)


def areas(text: str) -> tuple[str, ...]:
    """Return departments and beginnings of postcodes, each once, in their order."""
    parts = text.upper().replace(";", " ").replace(",", " ").replace("|", " ").split()
    # Spreadsheets take the zero from « 01 ».
    return tuple(dict.fromkeys(part.zfill(2) for part in parts))


def _flag(text: str) -> bool:
    folded = fold(text).strip()
    if folded and folded not in _YES | _NO:
        raise invalid(FieldError("/is_active", "not_boolean"))
    return folded not in _NO


def carry_out(uow: UnitOfWork, planned: Sequence[Planned], by: Hand) -> int:
    """Add and change stations as planned; return how many. Wrong lines stay behind."""
    done = 0
    for one in planned:
        if one.entry is None or one.act not in ("add", "change"):
            continue
        if one.act == "add":
            directory.add_station(uow, one.entry, one.language, by)
        else:
            after = directory.told(one.entry)
            changes = {name: after[name] for name in one.changes}
            if "zones" in changes:
                changes["zones"] = one.entry.station.zones
            directory.change_station(uow, one.entry.station.id, changes, by)
        done += 1
    return done


def table(entries: Iterable[StationEntry], words: Catalogue) -> bytes:
    """Return stations as spreadsheets open them: UTF-8 with its mark, semicolons."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(
        [words.t(f"admin.stations.{name}") for name in COLUMNS if name != "language"]
    )
    for entry in entries:
        told = directory.told(entry)
        told["zones"] = " ".join(entry.station.zones)
        told["is_active"] = words.t("form.yes" if entry.is_active else "form.no")
        writer.writerow(
            [_cell(str(told[name])) for name in COLUMNS if name != "language"]
        )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
