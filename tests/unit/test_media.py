from __future__ import annotations

import io
import zlib

import pytest
from PIL import Image

from azbot.media import (
    ALLOWED,
    PictureError,
    has_heic_support,
    media_type_of,
    safe_name,
    thumbnail,
    to_jpeg,
    unique_name,
)

GPS = 0x8825
ORIENTATION = 0x0112


def picture(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[GPS] = {1: "N", 2: (45.0, 46.0, 0.0)}
    options = {"exif": exif.tobytes()} if kind in ("JPEG", "PNG", "WEBP") else {}
    Image.new(mode, size, "red").save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image/heic"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "image/heic"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", "image/avif"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "video/quicktime"),
        (b"\x1aE\xdf\xa3\x01B\x82\x84webm", "video/webm"),
        (b"\x1aE\xdf\xa3\x01B\x82\x88matroska", "video/x-matroska"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\xef\xbb\xbf\n%PDF-1.7\n", "application/pdf"),
        (b"MZ\x90\x00", "application/x-msdownload"),
        (b"PK\x03\x04....[Content_Types].xml", "application/zip"),
        (b"<svg xmlns='x'>", "image/svg+xml"),
        (b"<?xml version='1.0'?><!-- x --><svg xmlns='x'>", "image/svg+xml"),
        (b"\xff\xfe<\x00s\x00v\x00g\x00>\x00", "image/svg+xml"),
        (b"  <!DOCTYPE html>", "text/html"),
        (b"<html>%PDF-1.7", "text/html"),
        (b"BEGIN:VCARD", "text/vcard"),
        (b"Bonjour", "text/plain"),
        (b"", "application/octet-stream"),
        (b"\x00\x01\x02", "application/octet-stream"),
    ],
)
def test_the_content_says_what_a_file_is(content: bytes, media_type: str) -> None:
    assert media_type_of(content) == media_type


def test_programs_markup_and_office_files_are_not_taken() -> None:
    for content in (
        b"MZ",
        b"<svg>",
        b"<html>",
        b"PK\x03\x04word/",
        b"\xd0\xcf\x11\xe0",
    ):
        assert media_type_of(content) not in ALLOWED


@pytest.mark.parametrize(
    ("name", "media_type", "shown"),
    [
        ("photo.jpg", "image/jpeg", "photo.jpg"),
        ("Photo.JPEG", "image/jpeg", "Photo.JPEG"),
        ("../../etc/passwd", "application/pdf", "passwd.pdf"),
        ("C:\\Users\\x\\plan.pdf", "application/pdf", "plan.pdf"),
        ("photo\u202egpj.exe", "image/jpeg", "photogpj.exe.jpg"),
        ("plan.png", "image/jpeg", "plan.jpg"),
        ("a\r\nb\x00.pdf", "application/pdf", "ab.pdf"),
        ("", "image/jpeg", "fichier.jpg"),
        (".htaccess", "application/pdf", "htaccess.pdf"),
        ("nul.pdf", "application/pdf", "fichier nul.pdf"),
        ("e\u0301te\u0301.pdf", "application/pdf", "été.pdf"),
        ("a" * 300 + ".pdf", "application/pdf", "a" * 116 + ".pdf"),
        ("n° 12/2026.pdf", "application/pdf", "2026.pdf"),
        ("rapport v1.2", "application/pdf", "rapport v1.2.pdf"),
    ],
)
def test_names_are_made_safe(name: str, media_type: str, shown: str) -> None:
    assert safe_name(name, media_type) == shown


def test_equal_names_get_a_number() -> None:
    taken: set[str] = set()
    names = [unique_name(name, taken) for name in ("a.jpg", "A.JPG", "a.jpg", "a")]
    assert names == ["a.jpg", "A (2).JPG", "a (3).jpg", "a"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_becomes_an_upright_jpeg_without_metadata(kind: str) -> None:
    made = to_jpeg(picture(kind))
    with Image.open(io.BytesIO(made.content)) as image:
        assert image.format == "JPEG"
        assert image.size == (made.width, made.height)
        assert not image.getexif()
    upright = (20, 40) if kind != "GIF" else (40, 20)
    assert (made.width, made.height) == upright


def test_the_photo_of_an_iphone_becomes_a_jpeg() -> None:
    if not has_heic_support():
        pytest.fail("the extra heic belongs to the development environment")
    made = to_jpeg(picture("HEIF"))
    assert media_type_of(picture("HEIF")) == "image/heic"
    assert (made.media_type, made.width, made.height) == ("image/jpeg", 40, 20)


def test_a_thumbnail_is_small_and_keeps_what_is_transparent() -> None:
    small = thumbnail(picture("PNG", (400, 200), "RGBA"), side=50)
    assert (small.media_type, max(small.width, small.height)) == ("image/png", 50)
    assert thumbnail(picture("JPEG", (400, 200)), side=50).media_type == "image/jpeg"


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8\xff", picture("PNG")[:60], b"GIF89a" + b"\x00" * 20, b"<svg>"],
)
def test_a_damaged_picture_is_an_error_with_a_name(content: bytes) -> None:
    for work in (to_jpeg, thumbnail):
        with pytest.raises(PictureError):
            work(content)


def test_a_picture_of_too_many_pixels_is_not_opened() -> None:
    head = picture("PNG", (1, 1), "L")
    size = (60_000).to_bytes(4, "big") * 2
    chunk = b"IHDR" + size + head[24:29]
    bomb = head[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + head[33:]
    with pytest.raises(PictureError):
        to_jpeg(bomb)
