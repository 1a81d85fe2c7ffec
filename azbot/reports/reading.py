"""What a PDF shows, read back the way ``canvas`` recorded it.

Only for naming alterations: whether a file is the one that was sealed is decided by
its bytes. Reads files of strangers, so everything found is taken as data: no script,
no form, no external file is followed.
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    ContentStream,
    DictionaryObject,
    IndirectObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from azbot.reports.trace import (
    OUTSIDE,
    PageTrace,
    Part,
    Place,
    image_digest,
    look,
    normal,
    operator,
    page_box,
)

MARKED: Place = ("", "", "marked")
"""The place of a part whose field is not known: the file does not say it."""


class Unreadable(Exception):
    """The bytes are not a PDF that can be read; the reason is its text."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file shows and carries.

    Attributes:
        pages: in order; parts have no field, only their order.
        fonts: digest of every font of every page.
        properties: title, author and the like.
        attachments: name to bytes.
        behaviours: forms, scripts and actions, which a report never has.
    """

    pages: tuple[PageTrace, ...]
    fonts: str
    properties: Mapping[str, str]
    attachments: Mapping[str, bytes]
    behaviours: tuple[str, ...]


def read(pdf: bytes) -> Reading:
    """Return what ``pdf`` shows and carries.

    Raises:
        Unreadable: it is not a PDF, or it is too damaged.
    """
    try:
        return _read(PdfReader(io.BytesIO(pdf)))
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        NotImplementedError,
        OSError,
        RecursionError,
        zlib.error,
    ) as error:
        raise Unreadable(f"{type(error).__name__}: {error}"[:200]) from error


def fonts_and_properties(pdf: bytes) -> tuple[str, dict[str, str]]:
    """Return the two things of a new report that its trace does not hold."""
    reader = PdfReader(io.BytesIO(pdf))
    return _fonts(reader), _properties(reader)


def _read(reader: PdfReader) -> Reading:
    if reader.is_encrypted:
        raise Unreadable("encrypted")
    pages = tuple(_page(reader, page) for page in reader.pages)
    attachments = {
        name: b"".join(contents) for name, contents in reader.attachments.items()
    }
    return Reading(
        pages, _fonts(reader), _properties(reader), attachments, _behaviours(reader)
    )


def _properties(reader: PdfReader) -> dict[str, str]:
    found: Mapping[str, object] = reader.metadata or {}
    return {
        str(key).removeprefix("/"): str(value) for key, value in sorted(found.items())
    }


def _behaviours(reader: PdfReader) -> tuple[str, ...]:
    catalog = reader.root_object
    found = [key for key in ("/AcroForm", "/AA", "/OCProperties") if key in catalog]
    action = _resolved(catalog.get("/OpenAction"))
    if isinstance(action, DictionaryObject):
        found.append("/OpenAction")
    names = _resolved(catalog.get("/Names"))
    if isinstance(names, DictionaryObject) and "/JavaScript" in names:
        found.append("/JavaScript")
    if any("/AA" in page for page in reader.pages):
        found.append("/AA page")
    return tuple(found)


# --- pages -------------------------------------------------------------------


@dataclass(slots=True)
class _Gathered:
    operators: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)

    def part(self, place: Place) -> Part:
        text = normal(" ".join(self.texts))
        return Part(place, text, look(self.operators), tuple(self.images))


def _page(reader: PdfReader, page: PageObject) -> PageTrace:
    resources = _dictionary(page.get("/Resources"))
    letters = {
        name: _letters(_dictionary(font))
        for name, font in _dictionary(resources.get("/Font")).items()
    }
    pictures = _dictionary(resources.get("/XObject"))
    outside, parts = _Gathered(), list[Part]()
    inside: _Gathered | None = None
    depth, font = 0, ""
    for operands, name in _operations(reader, page):
        if name in {"BDC", "BMC"}:
            depth += 1
            inside = inside or _Gathered()
            if depth > 1:
                inside.operators.append(name)
            continue
        if name == "EMC":
            depth -= 1
            if depth <= 0 and inside:
                parts.append(inside.part(MARKED))
                inside, depth = None, 0
            continue
        now = inside or outside
        if name == "Tf" and operands:
            font = str(operands[0])
        if name in {"Tj", "TJ", "'", '"'}:
            text = _text(operands, letters.get(font))
            now.texts.append(text)
            now.operators.append(operator(name, [normal(text)]))
            continue
        if name == "Do" and operands:
            now.images.append(_picture(pictures.get(str(operands[0]))))
        now.operators.append(operator(name, [_operand(each) for each in operands]))
    if inside:
        parts.append(inside.part(MARKED))
    return PageTrace((outside.part(OUTSIDE), *parts), _links(page), _box(page))


def _operations(
    reader: PdfReader, page: PageObject
) -> Iterator[tuple[list[PdfObject], str]]:
    contents = page.get_contents()
    if contents is None:
        return
    for operands, name in ContentStream(contents, reader).operations:
        yield list(operands), name.decode("latin-1")


def _operand(value: PdfObject) -> str | float:
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, ArrayObject):
        inner = " ".join(f"{float(each):.2f}" for each in value)
        return f"[{inner}]"
    return str(value)


def _picture(found: PdfObject | None) -> str:
    stream = _resolved(found)
    if not isinstance(stream, StreamObject):
        return "none"
    return image_digest(stream.get_data())


def _links(page: PageObject) -> tuple[str, ...]:
    annotations = _resolved(page.get("/Annots"))
    if not isinstance(annotations, ArrayObject):
        return ()
    found = []
    for each in annotations:
        annotation = _dictionary(each)
        action = _dictionary(annotation.get("/A"))
        if annotation.get("/Subtype") == "/Link" and "/URI" in action:
            found.append(str(action["/URI"]))
        else:
            contents = annotation.get("/Contents", "")
            found.append(f"{annotation.get('/Subtype')} {contents}".strip())
    return tuple(found)


def _box(page: PageObject) -> str:
    media, crop = page.mediabox, page.cropbox
    oddities = []
    if page.rotation:
        oddities.append(f"rotate {page.rotation}")
    if tuple(map(float, crop)) != tuple(map(float, media)):
        oddities.append("crop")
    if float(media.left) or float(media.bottom):
        oddities.append("shift")
    if page.user_unit != 1:
        oddities.append(f"unit {page.user_unit}")
    return page_box(float(media.width), float(media.height), *oddities)


# --- letters -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Letters:
    """How the codes of one font read."""

    is_wide: bool
    codes: Mapping[int, str]

    def read(self, raw: bytes) -> str:
        if not self.is_wide:
            return "".join(self.codes.get(code, chr(code)) for code in raw)
        pairs = zip(raw[::2], raw[1::2], strict=False)
        return "".join(self.codes.get(high << 8 | low, "\ufffd") for high, low in pairs)


def _letters(font: DictionaryObject) -> _Letters:
    stream = _resolved(font.get("/ToUnicode"))
    codes: dict[int, str] = {}
    if isinstance(stream, StreamObject):
        codes = dict(_codes(stream.get_data().decode("latin-1")))
    return _Letters(font.get("/Subtype") == "/Type0", codes)


_HEX = r"<([0-9A-Fa-f]+)>"


def _codes(table: str) -> Iterator[tuple[int, str]]:
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in re.findall(rf"{_HEX}\s*{_HEX}", block):
            yield int(code, 16), _unicode(text)
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for low, high, text in re.findall(rf"{_HEX}\s*{_HEX}\s*{_HEX}", block):
            first, last = int(low, 16), min(int(high, 16), 0xFFFF)
            start = int(text, 16)
            for step in range(max(last - first + 1, 0)):
                yield first + step, chr(min(start + step, 0x10FFFF))


def _unicode(text: str) -> str:
    return bytes.fromhex(text.zfill(4)).decode("utf-16-be", "replace")


def _text(operands: list[PdfObject], letters: _Letters | None) -> str:
    strings: list[PdfObject] = []
    for operand in operands:
        strings.extend(operand if isinstance(operand, ArrayObject) else [operand])
    letters = letters or _Letters(is_wide=False, codes={})
    return "".join(letters.read(_raw(each)) for each in strings if _is_text(each))


def _is_text(value: PdfObject) -> bool:
    return isinstance(value, TextStringObject | ByteStringObject)


def _raw(value: PdfObject) -> bytes:
    if isinstance(value, TextStringObject):
        return value.original_bytes
    return bytes(value) if isinstance(value, ByteStringObject) else b""


# --- digests of whole objects ------------------------------------------------


def _fonts(reader: PdfReader) -> str:
    seen: dict[str, str] = {}
    for page in reader.pages:
        resources = _dictionary(page.get("/Resources"))
        for name, font in _dictionary(resources.get("/Font")).items():
            key = f"{name} {getattr(font, 'idnum', '')}"
            if key not in seen:
                seen[key] = f"{name} {_digest(font, 0)}"
    return hashlib.sha256("\n".join(sorted(set(seen.values()))).encode()).hexdigest()


_DEEPEST = 12
_STORAGE = {"/Length", "/Filter", "/DecodeParms", "/Parent"}


def _digest(value: PdfObject | None, depth: int) -> str:
    value = _resolved(value)
    if depth > _DEEPEST:
        return "deep"
    if isinstance(value, StreamObject):
        content = hashlib.sha256(value.get_data()).hexdigest()
        return f"stream({content} {_entries(value, depth)})"
    if isinstance(value, DictionaryObject):
        return f"dict({_entries(value, depth)})"
    if isinstance(value, ArrayObject):
        return "array(" + " ".join(_digest(each, depth + 1) for each in value) + ")"
    return str(value)


def _entries(value: DictionaryObject, depth: int) -> str:
    return " ".join(
        f"{key}={_digest(value.raw_get(key), depth + 1)}"
        for key in sorted(value.keys())
        if key not in _STORAGE and not key.startswith("/Length")
    )


def _resolved(value: PdfObject | None) -> PdfObject | None:
    return value.get_object() if isinstance(value, IndirectObject) else value


def _dictionary(value: PdfObject | None) -> DictionaryObject:
    found = _resolved(value)
    return found if isinstance(found, DictionaryObject) else DictionaryObject()
