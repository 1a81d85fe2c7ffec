"""Compares a report with its seal and names every difference.

What it can say, and what it cannot, is written in ``docs/developers/reports.md``.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from azbot.reports.labels import Words
from azbot.reports.revision import append_file
from azbot.reports.seal import SEAL_FILE, Record, Seal, key_id, pages_of
from azbot.reports.trace import OUTSIDE, PAPER, PageTrace, Part, normal

if TYPE_CHECKING:
    from azbot.reports.reading import Reading


@dataclass(frozen=True, slots=True)
class Alteration:
    """One difference between a file and what was sealed.

    Attributes:
        kind: ``text``, ``photo``, ``signature``, ``page_removed``…; the words are
            under ``altered.<kind>`` in ``labels``.
        section: heading of the section, in the language of the report.
        field: label of the field.
        expected: what was sealed, may be empty.
        found: what the file shows, may be empty.
        page: 1-based page, None for the file as a whole.
    """

    kind: str
    section: str = ""
    field: str = ""
    expected: str = ""
    found: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on one file.

    Attributes:
        is_valid: every byte is as it was sealed, by the given key.
        altered: what differs; empty exactly when valid.
        fingerprint: of the seal the file was compared with, empty without one.
        reference: of the report, empty without a seal.
        sealed_at: ISO 8601, UTC, empty without a seal.
    """

    is_valid: bool
    altered: tuple[Alteration, ...]
    fingerprint: str = ""
    reference: str = ""
    sealed_at: str = ""


def verify(
    pdf: bytes, public_key: Ed25519PublicKey, stored: Seal | None = None
) -> Verification:
    """Say whether ``pdf`` is as it was sealed, and what was altered if not.

    Blocking, and it reads a file of a stranger: call it in a thread, with a limit
    on the size of the file.

    Args:
        pdf: the file to judge.
        public_key: of the desk that sealed it.
        stored: the seal kept by the desk; with it every alteration has a name, even
            when the seal in the file was removed or forged.
    """
    from azbot.reports.reading import Unreadable, read  # noqa: PLC0415

    try:
        reading = read(pdf)
    except Unreadable as error:
        return _verdict([Alteration("unreadable", found=str(error))], stored)
    embedded, altered = _embedded(reading, public_key)
    if stored is not None and not stored.is_signed_by(public_key):
        altered.append(
            Alteration("seal_key", expected=key_id(public_key), found=stored.key_id)
        )
    if stored is not None and embedded is not None:
        altered += _data(stored.record, embedded.record)
    basis = stored or embedded
    if basis is None:
        return _verdict(altered, None)
    try:
        pages = pages_of(basis.record)
    except ValueError as error:
        unreadable = Alteration("seal_unreadable", found=str(error)[:120])
        return _verdict([*altered, unreadable], basis)
    if stored is None and altered:
        altered += _contradictions(basis.record, pages)
    altered += _differences(basis.record, pages, reading)
    altered += _bytes(pdf, basis, is_named=bool(altered))
    return _verdict(altered, basis)


def describe(alteration: Alteration, say: Words) -> str:
    """Return one sentence on an alteration, in the language of ``say``."""
    places = [part for part in (alteration.section, alteration.field) if part]
    if alteration.page is not None:
        places.append(f"p.\u00a0{alteration.page}")
    return say(
        f"altered.{alteration.kind}",
        place=" · ".join(places),
        expected=alteration.expected,
        found=alteration.found,
    )


def _verdict(altered: Sequence[Alteration], basis: Seal | None) -> Verification:
    unique = tuple(dict.fromkeys(altered))
    if basis is None:
        return Verification(is_valid=False, altered=unique)
    reports = basis.record.get("reports")
    first = reports[0] if isinstance(reports, list) and reports else {}
    reference = first.get("reference", "") if isinstance(first, dict) else ""
    return Verification(
        not unique,
        unique,
        basis.fingerprint,
        str(reference),
        str(basis.record.get("sealed_at", "")),
    )


# --- the seal itself ---------------------------------------------------------


def _embedded(
    reading: Reading, key: Ed25519PublicKey
) -> tuple[Seal | None, list[Alteration]]:
    data = reading.attachments.get(SEAL_FILE)
    if data is None:
        return None, [Alteration("seal_missing")]
    try:
        found = Seal.from_json(data)
    except ValueError as error:
        return None, [Alteration("seal_unreadable", found=str(error)[:120])]
    if found.is_signed_by(key):
        return found, []
    if found.key_id != key_id(key):
        wanted = key_id(key)
        return found, [Alteration("seal_key", expected=wanted, found=found.key_id)]
    return found, [Alteration("seal_signature")]


def _data(sealed: Record, found: Record) -> Iterator[Alteration]:
    """Name the leaves of the attached data that differ from the stored ones."""
    if sealed == found:
        return
    named = False
    before, now = dict(_leaves(sealed)), dict(_leaves(found))
    for place in [*before, *(place for place in now if place not in before)]:
        if before.get(place) != now.get(place) and place[0] == "reports":
            named = True
            yield Alteration(
                "data",
                _section_name(sealed, place) or _section_name(found, place),
                _field_name(sealed, place) or _field_name(found, place),
                before.get(place, ""),
                now.get(place, ""),
            )
    if not named or sealed.get("fingerprint") != found.get("fingerprint"):
        yield Alteration(
            "seal_other",
            expected=str(sealed.get("fingerprint", ""))[:16],
            found=str(found.get("fingerprint", ""))[:16],
        )


_Path = tuple[str, ...]


def _leaves(value: object, path: _Path = ()) -> Iterator[tuple[_Path, str]]:
    if isinstance(value, Mapping):
        for key in sorted(value):
            yield from _leaves(value[key], (*path, str(key)))
    elif isinstance(value, list) and "strokes" in path:
        yield path, str(value)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _leaves(each, (*path, str(at)))
    else:
        yield path, "" if value is None else str(value)


def _section_name(record: Record, path: _Path) -> str:
    """Return the heading ``path`` lies under: the section, else the kind of thing."""
    if len(path) > 4 and path[2] == "sections":
        return _at(record, (*path[:4], "title"))
    return path[2] if len(path) > 3 else ""


def _field_name(record: Record, path: _Path) -> str:
    match path[2:]:
        case ("sections", _, "rows", _, _):
            return _at(record, (*path[:6], "0"))
        case ("sections", _, "checklist", _, _):
            return _at(record, (*path[:6], "1"))
        case ("sections", _, "table", "lines", line, column):
            title = _at(record, (*path[:5], "columns", column))
            return f"{int(line) + 1}. {title}"
        case ("signatures", _, field):
            return f"{_at(record, (*path[:4], 'role'))} {field}"
        case ("photos", at, field):
            return f"{int(at) + 1} {field}"
        case _:
            return " ".join(path[2:])


def _at(value: object, path: _Path) -> str:
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return ""
    return "" if value is None else str(value)


def _contradictions(record: Record, pages: Sequence[PageTrace]) -> Iterator[Alteration]:
    """Name attached data that say other than the pages, when the seal is no help.

    Only rows of sections are compared, and only plain letters: anything else is
    printed differently from how it is kept.
    """
    shown: dict[tuple[str, str], str] = {}
    for part in (part for page in pages for part in page.parts):
        section, field, kind = part.place
        if kind == "value":
            joined = f"{shown.get((section, field), '')} {part.text}"
            shown[section, field] = normal(joined)
    reports = record.get("reports")
    # Several visits have sections of the same name, and cannot be told apart here.
    if not isinstance(reports, list) or len(reports) != 1:
        return
    for path, value in _leaves(record):
        match path:
            case ("reports", _, "sections", _, "rows", _, "1"):
                section, field = _section_name(record, path), _field_name(record, path)
                seen = shown.get((section, field))
                is_plain = all(ord(char) < 0x250 for char in value)
                if seen is None or not value or not is_plain:
                    continue
                if _squeezed(value) != _squeezed(seen):
                    yield Alteration("data", section, field, seen, value)


def _squeezed(text: str) -> str:
    return normal(text).replace(" ", "")


# --- what the pages show -----------------------------------------------------


def _differences(
    record: Record, pages: Sequence[PageTrace], reading: Reading
) -> Iterator[Alteration]:
    # Fields before running heads and feet, which repeat what the fields say.
    yield from sorted(
        _pages(pages, reading.pages), key=lambda found: (not found.section, found.page)
    )
    if record.get("fonts") != reading.fonts:
        yield Alteration("font")
    for behaviour in reading.behaviours:
        yield Alteration("behaviour", found=behaviour)
    others = sorted(name for name in reading.attachments if name != SEAL_FILE)
    if others:
        found = ", ".join([SEAL_FILE, *others])
        yield Alteration("attachment", expected=SEAL_FILE, found=found)
    sealed = record.get("properties")
    before = sealed if isinstance(sealed, dict) else {}
    for key in sorted({*before, *reading.properties}):
        was, now = str(before.get(key, "")), reading.properties.get(key, "")
        if was != now:
            yield Alteration("metadata", field=key, expected=was, found=now)


def _pages(
    sealed: Sequence[PageTrace], found: Sequence[PageTrace]
) -> Iterator[Alteration]:
    before = [_essence(page) for page in sealed]
    now = [_essence(page) for page in found]
    matcher = difflib.SequenceMatcher(None, before, now, autojunk=False)
    gone: list[int] = []
    new: list[int] = []
    for verb, start, end, low, high in matcher.get_opcodes():
        if verb == "equal":
            for step in range(end - start):
                yield from _page(start + step, sealed[start + step], found[low + step])
            continue
        gone.extend(range(start, end))
        new.extend(range(low, high))
    yield from _strayed(sealed, found, gone, new)


def _strayed(
    sealed: Sequence[PageTrace],
    found: Sequence[PageTrace],
    gone: list[int],
    new: list[int],
) -> Iterator[Alteration]:
    """Pair the pages that differ by likeness; the rest was moved, removed or added."""
    likely = sorted(
        (
            (_likeness(sealed[old], found[at]), -abs(old - at), old, at)
            for old in gone
            for at in new
        ),
        reverse=True,
    )
    for score, _, old, at in likely:
        if old not in gone or at not in new or score < 0.3:
            continue
        gone.remove(old)
        new.remove(at)
        if score == 1 and old != at:
            yield Alteration("page_moved", page=old + 1, found=str(at + 1))
        yield from _page(old, sealed[old], found[at])
    for old in gone:
        yield Alteration("page_removed", page=old + 1)
    for at in new:
        yield Alteration("page_added", page=at + 1)


def _essence(page: PageTrace) -> tuple[str, ...]:
    return tuple(part.look for part in page.parts)


def _likeness(old: PageTrace, now: PageTrace) -> float:
    before = [part.text or part.look for part in old.parts]
    after = [part.text or part.look for part in now.parts]
    alike = difflib.SequenceMatcher(None, before, after, autojunk=False).ratio()
    was = {word for part in old.parts for word in part.text.split()}
    is_ = {word for part in now.parts for word in part.text.split()}
    # Below 1, which is kept for pages that are the same to the last operator.
    return max(alike, 0.99 * len(was & is_) / max(len(was | is_), 1))


def _page(at: int, old: PageTrace, now: PageTrace) -> Iterator[Alteration]:
    number = at + 1
    if old.box != now.box:
        yield Alteration("page_shape", expected=old.box, found=now.box, page=number)
    if old.links != now.links:
        was, is_ = ", ".join(old.links), ", ".join(now.links)
        yield Alteration("annotation", expected=was, found=is_, page=number)
    before, after = _keys(old), _keys(now)
    everything = _squeezed("".join(part.text for part in now.parts))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for verb, start, end, low, high in matcher.get_opcodes():
        if verb == "equal":
            continue
        pairs = min(end - start, high - low)
        for step in range(pairs):
            yield from _part(number, old.parts[start + step], now.parts[low + step])
        for part in old.parts[start + pairs : end]:
            yield from _lost(number, part, everything)
        for part in now.parts[low + pairs : high]:
            kind = "added" if part.text else "drawing"
            yield Alteration(kind, found=part.text[:200], page=number)


def _keys(page: PageTrace) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(part.text, part.look, part.images) for part in page.parts]


def _part(page: int, old: Part, now: Part) -> Iterator[Alteration]:
    section, field, kind = old.place
    if old.text != now.text:
        word = "text" if now.text and old.text else "missing" if old.text else "added"
        yield Alteration(word, section, field, old.text[:200], now.text[:200], page)
    if old.images != now.images:
        yield Alteration("photo", section, field, page=page)
    if old.look == now.look or old.text != now.text:
        return
    if old.place in {OUTSIDE, PAPER} or kind not in {"signature", "mark"}:
        if old.images == now.images:
            yield Alteration("drawing", section, field, page=page)
        return
    yield Alteration(kind, section, field, page=page)


def _lost(page: int, part: Part, everything: str) -> Iterator[Alteration]:
    section, field, kind = part.place
    if part.text and _squeezed(part.text) not in everything:
        yield Alteration("missing", section, field, part.text[:200], page=page)
    elif kind in {"signature", "photo"}:
        yield Alteration(kind, section, field, page=page)
    else:
        yield Alteration("drawing", section, field, page=page)


# --- the bytes ---------------------------------------------------------------


def _bytes(pdf: bytes, basis: Seal, *, is_named: bool) -> Iterator[Alteration]:
    """Compare the file with the sealed bytes; the only test that decides."""
    described = basis.record.get("file")
    size = described.get("bytes") if isinstance(described, dict) else None
    digest = described.get("sha256") if isinstance(described, dict) else None
    first = pdf[:size] if isinstance(size, int) and size > 0 else b""
    is_first = hashlib.sha256(first).hexdigest() == digest
    if is_first and append_file(first, SEAL_FILE, basis.to_json()) == pdf:
        return
    if not is_first:
        if not is_named:
            yield Alteration("rewritten")
        return
    tail = len(pdf) - len(append_file(first, SEAL_FILE, basis.to_json()))
    if tail > 0:
        yield Alteration("appended", found=f"{tail} o")
    elif not is_named:
        yield Alteration("rewritten")
