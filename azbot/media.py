"""What a file really is, and pictures made fit to show.

The first half is pure and quick: types by content, names made safe. The second half
works on pixels with Pillow, imported when first used: call it in a worker thread. Run
as a program it makes one thumbnail, in a process that may die of it.
"""

from __future__ import annotations

import io
import re
import sys
import unicodedata
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

UNKNOWN = "application/octet-stream"

EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "image/gif": ".gif",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "application/pdf": ".pdf",
}
"""The kinds of file azbot takes (R143; voices: ux.md G9), each with the ending it is
shown with."""

ALLOWED = frozenset(EXTENSIONS)

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"MZ", "application/x-msdownload"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"#!", "text/x-script"),
    (0, b"\xca\xfe\xba\xbe", "application/java-vm"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (257, b"ustar", "application/x-tar"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"\x00\x05\x16\x07", "application/applefile"),
)
"""(offset, octets, type): what a file begins with."""

_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"hevx": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"mif1": "image/heic",
    b"msf1": "image/heic",
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"crx ": "image/x-canon-cr3",
}
"""Brands of ISO base media files (ISO 14496-12 §4.3); any other is video/mp4."""

_NAMES_OF_MEMBERS = 100_000
_ZIP_MEMBERS = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml"),
    (b"vnd.oasis.opendocument", "application/vnd.oasis.opendocument"),
    (b"META-INF/MANIFEST.MF", "application/java-archive"),
)

_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe|svg|table|div|meta|title)"
    rb"[\s>]",
    re.IGNORECASE,
)
_SVG = re.compile(rb"<(?:[a-z]{1,12}:)?svg[\s>]", re.IGNORECASE)


HEAD = 4096
"""Octets from the beginning that tell the kind of nearly every file."""

TAIL = 22 + 65_535
"""Octets from the end in which a ZIP archive says that it is one (APPNOTE 4.3.16)."""


def media_type_of(content: bytes, tail: bytes | None = None) -> str:
    """Say what a file is by its octets alone; its name and label do not count.

    A file that is an archive as well as something else (a PDF that opens as a ZIP, a
    picture with a JAR behind it) is an archive.

    Args:
        content: the whole file, or at least its first 4 KiB.
        tail: its last octets, at most ``TAIL``, when ``content`` is not the whole.

    Returns:
        A media type; ``application/octet-stream`` when nothing is recognised.
        Markup (SVG, HTML) and programs are recognised so that they can be refused.
    """
    if _ends_as_archive(content[-TAIL:] if tail is None else tail):
        return _archive(content)
    head = content[:HEAD]
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head[:4] == b"RIFF" and len(head) >= 12:
        kinds = {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}
        return kinds.get(
            head[8:12], "audio/x-wav" if head[8:12] == b"WAVE" else UNKNOWN
        )
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:128] else "video/x-matroska"
    if head[:4] == b"PK\x03\x04":
        return _archive(content)
    for offset, magic, name in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            return name
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "video/quicktime"
    return _textual(head)


def kind_of(file: Path) -> str:
    """Say what a whole file is, from its beginning and its end; see ``media_type_of``.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as content:
        head = content.read(_NAMES_OF_MEMBERS)
        size = content.seek(0, io.SEEK_END)
        content.seek(max(0, size - TAIL))
        return media_type_of(head, content.read(TAIL))


def _ends_as_archive(tail: bytes) -> bool:
    """Whether readers of ZIP files, which begin at the end, would open this."""
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        end = tail[at : at + 22]
        if len(end) == 22 and int.from_bytes(end[20:], "little") == len(tail) - at - 22:
            return True
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return False


def _iso_media(head: bytes) -> str:
    """Read the major brand, then the compatible ones."""
    size = min(int.from_bytes(head[:4], "big"), 256)
    brands = [head[8:12], *(head[i : i + 4] for i in range(16, size, 4))]
    if brands[0] in _BRANDS and brands[0] not in (b"mif1", b"msf1"):
        return _BRANDS[brands[0]]
    if brands[0] in (b"mif1", b"msf1"):
        return "image/avif" if b"avif" in brands else "image/heic"
    return "video/mp4"


def _archive(content: bytes) -> str:
    head = content[:_NAMES_OF_MEMBERS]
    for member, name in _ZIP_MEMBERS:
        if member in head:
            return name
    return "application/zip"


def _textual(head: bytes) -> str:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = head.replace(b"\x00", b"")[2:].lstrip()
    # Readers accept a PDF whose mark stands somewhere in the first 1 024 octets.
    if b"%PDF-" in head[:1024] and not _MARKUP.match(text):
        return "application/pdf"
    if _SVG.search(text):
        return "image/svg+xml"
    if _MARKUP.search(text[:1024]):
        return "text/html"
    if text.startswith(b"<?xml"):
        return "application/xml"
    if text.startswith(b"BEGIN:VCALENDAR"):
        return "text/calendar"
    if text.startswith(b"BEGIN:VCARD"):
        return "text/vcard"
    if b"\x00" in head or not head:
        return UNKNOWN
    return "text/plain" if _is_mostly_print(head) else UNKNOWN


def _is_mostly_print(head: bytes) -> bool:
    odd = sum(octet < 9 or 13 < octet < 32 for octet in head[:512])
    return odd * 50 <= len(head[:512])


# --- names --------------------------------------------------------------------------

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufff0-\uffff]"
)
_FORBIDDEN = re.compile(r"[\\/:*?\"<>|]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
LONGEST_NAME = 120


def safe_name(name: str, media_type: str = UNKNOWN, default: str = "fichier") -> str:
    """Make a file name safe to show, to store and to send.

    No path, control, bidirectional or zero-width character; no leading dot; at most
    120 characters; the ending agrees with the content when the kind is known, so
    that ``plan.pdf.exe`` or a reversed ``gpj.exe`` cannot pose as something else.

    Args:
        name: as the sender wrote it, possibly with a path, possibly empty.
        media_type: what the content is (``media_type_of``).
        default: used when nothing remains.
    """
    text = unicodedata.normalize("NFC", _HIDDEN.sub("", name[:2_000]))
    text = re.split(r"[\\/]", text)[-1]
    text = " ".join(_FORBIDDEN.sub("_", text).split()).strip(". ")
    if not text or _RESERVED.match(text):
        text = f"{default} {text}".strip()
    stem, dot, ending = text.rpartition(".")
    if not (dot and stem and 1 <= len(ending) <= 8 and ending.isalnum()):
        stem, ending = text, ""
    ending = _right_ending(ending, media_type)
    return stem[: LONGEST_NAME - len(ending)].rstrip(". ") + ending


_SAME = {".jpeg": ".jpg", ".jpe": ".jpg", ".jfif": ".jpg", ".heif": ".heic"}


def _right_ending(ending: str, media_type: str) -> str:
    given = f".{ending}" if ending else ""
    wanted = EXTENSIONS.get(media_type, given)
    lower = given.lower()
    if _SAME.get(lower, lower) == wanted or (wanted == ".mp4" and lower == ".m4v"):
        return given
    if media_type in EXTENSIONS and given and lower not in _KNOWN_ENDINGS:
        return given + wanted
    return wanted


_KNOWN_ENDINGS = frozenset(EXTENSIONS.values()) | frozenset(_SAME) | {".m4v"}


def unique_name(name: str, taken: set[str]) -> str:
    """Give a name not in ``taken`` yet, with a number before the ending, and take it.

    Compares without case: ``Photo.JPG`` and ``photo.jpg`` are one file on a Mac.
    """
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    candidate, number = name, 2
    while candidate.casefold() in taken:
        candidate = f"{stem} ({number}){dot}{ending}"
        number += 1
    taken.add(candidate.casefold())
    return candidate


# --- pictures: call these in a worker thread ------------------------------------------

MOST_PIXELS = 60_000_000
"""A larger picture is not opened: a phone's largest has 50 million pixels."""


_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    MemoryError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
)
"""What Pillow raises over damaged files."""


class PictureError(ValueError):
    """The picture cannot be read: damaged, too many pixels, or HEIC without support."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made fit to show.

    Attributes:
        content: encoded octets, without any metadata (EXIF, position, comments).
        media_type: ``image/jpeg`` or ``image/png``.
        width: pixels.
        height: pixels.
    """

    content: bytes
    media_type: str
    width: int
    height: int


def has_too_many_pixels(file: Path) -> bool:
    """Whether a picture would fill the memory of whoever opens it.

    Its head is read, no pixel is decoded. What is damaged has no pixels.
    """
    from PIL import Image  # noqa: PLC0415 - heavy

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                _check_size(image)
    except (
        PictureError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        return True
    except _UNREADABLE:
        return False
    return False


def has_heic_support() -> bool:
    """Whether HEIC pictures can be read (the extra ``heic`` is installed)."""
    try:
        import pillow_heif  # noqa: PLC0415 - an extra, and heavy
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def to_jpeg(content: bytes, longest_side: int | None = None) -> Picture:
    """Turn any picture into an upright JPEG without metadata.

    Args:
        content: JPEG, PNG, WebP, GIF (first frame) or HEIC.
        longest_side: pixels; None keeps the size.

    Raises:
        PictureError: it cannot be read.
    """
    with _opened(content) as image:
        if longest_side is not None:
            image.thumbnail((longest_side, longest_side))
        flat = _on_white(image)
        return Picture(_encoded(flat, "JPEG"), "image/jpeg", flat.width, flat.height)


def thumbnail(content: bytes, side: int = 320) -> Picture:
    """Give a small upright picture for lists, transparent parts kept.

    Raises:
        PictureError: it cannot be read.
    """
    with _opened(content) as image:
        image.thumbnail((side, side))
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            clear = image.convert("RGBA")
            data = _encoded(clear, "PNG")
            return Picture(data, "image/png", clear.width, clear.height)
        flat = _on_white(image)
        return Picture(_encoded(flat, "JPEG"), "image/jpeg", flat.width, flat.height)


def small_jpeg(content: bytes, side: int) -> bytes:
    """Give an upright JPEG without metadata, small in memory all the way for JPEG.

    Args:
        content: JPEG, PNG, WebP, GIF (first frame) or HEIC.
        side: pixels of the longer side, at most.

    Raises:
        PictureError: it cannot be read.
    """
    with _opened(content, draft=2 * side) as image:
        image.thumbnail((side, side))
        return _encoded(_on_white(image), "JPEG")


class _opened:  # noqa: N801 - used like a function
    """Open a picture for a ``with`` block; every failure is a PictureError."""

    def __init__(self, content: bytes, *, upright: bool = True, draft: int = 0) -> None:
        self._content = content
        self._upright = upright
        self._draft = draft
        self._image: Image | None = None

    def __enter__(self) -> Image:
        from PIL import Image, ImageOps  # noqa: PLC0415 - heavy

        if media_type_of(self._content) == "image/heic" and not has_heic_support():
            raise PictureError("HEIC support is not installed")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                image: Image.Image = Image.open(io.BytesIO(self._content))
                _check_size(image)
                if self._draft:
                    # A JPEG is decoded at a half, a quarter or an eighth at once.
                    image.draft("RGB", (self._draft, self._draft))
                image.load()
                if self._upright:
                    image = ImageOps.exif_transpose(image)
        except PictureError:
            raise
        except (
            Image.DecompressionBombError,
            Image.DecompressionBombWarning,
            *_UNREADABLE,
        ) as error:
            raise PictureError(str(error) or type(error).__name__) from error
        self._image = image
        return image

    def __exit__(self, *_: object) -> None:
        if self._image is not None:
            self._image.close()


def _check_size(image: Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise PictureError(f"{image.width} x {image.height} pixels")


def _on_white(image: Image) -> Image:
    from PIL import Image as Images  # noqa: PLC0415 - heavy

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        white = Images.new("RGBA", clear.size, "white")
        return Images.alpha_composite(white, clear).convert("RGB")
    return image.convert("RGB")


def _encoded(image: Image, kind: str) -> bytes:
    out = io.BytesIO()
    clean = image.copy()
    clean.info.clear()
    options: dict[str, object] = (
        {"quality": 85, "optimize": True} if kind == "JPEG" else {"optimize": True}
    )
    clean.save(out, format=kind, **options)
    return out.getvalue()


# --- as a program: octets on the standard input, a small JPEG on the output -----------

MOST_MEMORY = 1_000_000_000
"""Octets of address space: 60 million pixels, decoded and turned, need 600 million."""

MOST_SECONDS = 10


def _main(side: int) -> int:
    import resource  # noqa: PLC0415 - only here

    from PIL import ImageFile  # noqa: PLC0415 - heavy

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Half a photo of a name plate is better than none.
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        drawn = small_jpeg(sys.stdin.buffer.read(), side)
    except (PictureError, MemoryError):
        return 1
    sys.stdout.buffer.write(drawn)
    return 0


if __name__ == "__main__":
    sys.exit(_main(int(sys.argv[1])))
