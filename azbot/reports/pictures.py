"""Photos made fit for a report: upright, small enough, without their position."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

LONGEST_SIDE = 1600
"""Pixels; 83 mm of paper at 480 dots per inch (ux.md 8.2)."""

_LARGEST = 60_000_000
"""Pixels of a decoded picture; a phone camera makes 12 to 50 million."""


@dataclass(frozen=True, slots=True)
class Picture:
    """JPEG bytes and their size in pixels."""

    jpeg: bytes
    width: int
    height: int


def fit(data: bytes, longest: int = LONGEST_SIDE, quality: int = 82) -> Picture | None:
    """Return ``data`` as an upright RGB JPEG, None when no picture can be read.

    The picture is encoded anew, which drops its EXIF data and with them the position
    and the make of the phone. Transparency is laid on white.

    Args:
        data: any format Pillow reads.
        longest: most pixels a side may have.
        quality: of the JPEG, 1 to 95.
    """
    if data[4:8] == b"ftyp":
        # HEIC, which Pillow reads only once the extra ``heic`` has been registered.
        from azbot.media import has_heic_support  # noqa: PLC0415 - rare, and heavy

        has_heic_support()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as picture:
                return _encoded(picture, longest, quality)
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        return None


def _encoded(picture: Image.Image, longest: int, quality: int) -> Picture | None:
    if picture.width * picture.height > _LARGEST:
        return None
    picture.draft("RGB", (longest, longest))
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if upright.mode != "RGB":
        layer = upright.convert("RGBA")
        upright = Image.new("RGB", layer.size, "white")
        upright.paste(layer, mask=layer.getchannel("A"))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=quality)
    return Picture(out.getvalue(), upright.width, upright.height)
