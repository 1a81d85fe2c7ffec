"""Small pictures: right side up, without secrets, and no danger to who draws them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from azbot.channels.web.thumbnails import LARGE, Thumbnails
from azbot.errors import NotFound
from azbot.media import has_heic_support
from azbot.messages import BlobId
from azbot.store.blobs import FileBlobs
from tests.unit.test_media import GPS, ORIENTATION, picture


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "blobs")


@pytest.fixture
def thumbnails(blobs: FileBlobs, tmp_path: Path) -> Thumbnails:
    return Thumbnails(blobs, tmp_path / "thumbnails")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
async def test_a_picture_becomes_a_small_upright_jpeg_without_metadata(
    blobs: FileBlobs, thumbnails: Thumbnails, kind: str
) -> None:
    assert has_heic_support()
    blob = blobs.put(picture(kind, (1_000, 500)))
    with Image.open(io.BytesIO(await thumbnails.of(blob))) as image:
        assert image.format == "JPEG"
        assert image.size == ((320, 160) if kind == "HEIF" else (160, 320))
        assert GPS not in image.getexif()
        assert ORIENTATION not in image.getexif()


async def test_a_picture_is_drawn_once_and_again_when_it_is_lost(
    blobs: FileBlobs, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    blob = blobs.put(picture("JPEG", (900, 300)))
    drawn = await thumbnails.of(blob)
    (kept,) = (tmp_path / "thumbnails").glob("*/*.jpg")
    kept.write_bytes(b"kept")
    assert await thumbnails.of(blob) == b"kept"
    kept.unlink()
    assert await thumbnails.of(blob) == drawn
    with Image.open(io.BytesIO(await thumbnails.of(blob, LARGE))) as image:
        assert image.size == (300, 900)


async def test_half_a_photo_is_better_than_none(
    blobs: FileBlobs, thumbnails: Thumbnails
) -> None:
    whole = picture("JPEG", (800, 600))
    assert await thumbnails.of(blobs.put(whole[: len(whole) // 2]))


@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff", b"GIF89a" + b"\x00" * 20, b"%PDF-1.7"]
)
async def test_what_cannot_be_drawn_is_not_found(
    blobs: FileBlobs, thumbnails: Thumbnails, content: bytes
) -> None:
    blob = blobs.put(content)
    for _ in range(2):
        with pytest.raises(NotFound):
            await thumbnails.of(blob)
    with pytest.raises(NotFound):
        await thumbnails.of(BlobId("0" * 64))


async def test_a_picture_that_fills_the_memory_dies_with_its_own_process(
    blobs: FileBlobs, thumbnails: Thumbnails
) -> None:
    """Twelve thousand pixels square are more than are opened."""
    out = io.BytesIO()
    Image.new("L", (12_000, 12_000)).save(out, "PNG")
    with pytest.raises(NotFound):
        await thumbnails.of(blobs.put(out.getvalue()))
