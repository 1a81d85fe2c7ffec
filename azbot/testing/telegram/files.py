"""Files on Telegram's side: named by an id that is this bot's alone."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from pathlib import PurePosixPath

from PIL import Image, UnidentifiedImageError

from azbot.testing.telegram.refusals import Refusal, Wire, bad_request

MEGABYTE = 1024 * 1024
LARGEST_DOWNLOAD = 20 * MEGABYTE
LARGEST_UPLOAD = 50 * MEGABYTE
LARGEST_PHOTO = 10 * MEGABYTE

_SMALL = 90
_MOST_PIXELS_AROUND = 10_000
_MOST_OBLONG = 20
_SUFFIX = {"photo": ".jpg", "voice": ".oga", "video": ".mp4"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file.

    Attributes:
        content: its octets.
        path: ``file_path``, where it is downloaded.
        wire: what ``getFile`` answers.
        size: what it weighs, for the limits.
    """

    content: bytes
    path: str
    wire: Wire
    size: int


class Files:
    """The files of one bot."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._fields: dict[str, Wire] = {}

    def add(
        self,
        kind: str,
        content: bytes,
        name: str = "",
        *,
        about: Wire | None = None,
        claims: int | None = None,
        hides_size: bool = False,
    ) -> Wire:
        """Store a file; return the field of the message that carries it.

        Args:
            kind: ``photo``, ``document``, ``video``, ``voice`` or ``audio``.
            content: its octets.
            name: as its sender called it; anything.
            about: more fields of its kind, such as ``duration``.
            claims: octets it weighs instead of those it has: a large file for
                nothing.
            hides_size: leaves ``file_size`` out, as Telegram may.

        Raises:
            Refusal: a photo that is none.
        """
        if kind == "photo":
            sizes = [
                self._store(kind, piece, name, dimensions, len(piece))
                for dimensions, piece in _sizes(content)
            ]
            fields: Wire = {kind: sizes}
        else:
            default = "audio/ogg" if kind == "voice" else "application/octet-stream"
            more: Wire = {"mime_type": mimetypes.guess_type(name)[0] or default}
            if name and kind != "voice":
                more["file_name"] = name
            more |= about or {}
            size = len(content) if claims is None else claims
            wire = self._store(kind, content, name, more, size)
            if hides_size:
                del wire["file_size"]
            sizes, fields = [wire], {kind: wire}
        self._fields |= {each["file_id"]: fields for each in sizes}
        return fields

    def known(self, file_id: str, kind: str) -> Wire:
        """Return the field of a message that carries a file once more.

        Raises:
            Refusal: this bot has no such file of this kind.
        """
        fields = self._fields.get(file_id, {})
        if kind not in fields:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return fields

    def described(self, file_id: str) -> Wire:
        """Answer ``getFile``.

        Raises:
            Refusal: there is no such file, or it is too large to be had.
        """
        stored = self._by_id.get(file_id)
        if stored is None:
            raise bad_request("invalid file_id")
        if stored.size > LARGEST_DOWNLOAD:
            raise bad_request("file is too big")
        return stored.wire | {"file_path": stored.path}

    def content(self, file_id: str) -> bytes:
        """Return the octets of a file, however large.

        Raises:
            LookupError: there is no such file.
        """
        return self._by_id[file_id].content

    def at(self, path: str) -> bytes:
        """Return what is downloaded from a path.

        Raises:
            Refusal: nothing is.
        """
        if path not in self._by_path:
            raise Refusal(404, "Not Found")
        return self._by_path[path].content

    def _store(
        self, kind: str, content: bytes, name: str, about: Wire, size: int
    ) -> Wire:
        number = len(self._by_id)
        suffix = _SUFFIX.get(kind) or PurePosixPath(name).suffix
        path = f"{kind}s/file_{number}{suffix}"
        unique = blake2b(f"{size}".encode() + content, digest_size=9).hexdigest()
        wire: Wire = {
            "file_id": f"{kind}-{number}-{unique}",
            "file_unique_id": unique,
            "file_size": size,
        }
        stored = StoredFile(content, path, wire, size)
        self._by_id[wire["file_id"]] = self._by_path[path] = stored
        return wire | about


def _sizes(content: bytes) -> list[tuple[Wire, bytes]]:
    """Return a photo in the sizes it is shown in, the smallest first."""
    try:
        with Image.open(BytesIO(content)) as image:
            width, height = image.size
            small = image.convert("RGB")
    except (UnidentifiedImageError, OSError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    if width + height > _MOST_PIXELS_AROUND or max(width, height) > _MOST_OBLONG * min(
        width, height
    ):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    sizes = [({"width": width, "height": height}, content)]
    if max(width, height) > _SMALL:
        small.thumbnail((_SMALL, _SMALL))
        octets = BytesIO()
        small.save(octets, "JPEG")
        dimensions = {"width": small.width, "height": small.height}
        sizes.insert(0, (dimensions, octets.getvalue()))
    return sizes
