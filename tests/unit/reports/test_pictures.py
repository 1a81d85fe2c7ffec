from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from azbot.reports.pictures import LONGEST_SIDE, fit

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def test_a_photo_is_turned_upright_and_loses_its_position() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Maker"
    found = fit(encoded(Image.new("RGB", (40, 20)), "JPEG", exif=exif))
    assert found is not None
    assert (found.width, found.height) == (20, 40)
    with Image.open(io.BytesIO(found.jpeg)) as picture:
        assert not picture.getexif()


@pytest.mark.parametrize("side", [LONGEST_SIDE, LONGEST_SIDE + 1])
def test_a_photo_is_at_most_1600_pixels_long(side: int) -> None:
    found = fit(encoded(Image.new("RGB", (side, 10)), "PNG"))
    assert found is not None
    assert found.width == LONGEST_SIDE


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1", "LA", "I;16"])
def test_any_kind_of_pixels_becomes_a_jpeg(mode: str) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
    assert fit(encoded(Image.new(mode, (8, 8)), kind)) is not None


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"\xff\xd8\xff\xe0broken", b"%PDF-1", HEIC]
)
def test_what_is_no_picture_gives_none(data: bytes) -> None:
    assert fit(data) is None


def test_a_picture_that_would_fill_the_memory_gives_none() -> None:
    assert fit(encoded(Image.new("1", (20_000, 10_000)), "PNG")) is None
