"""Which parts of a message are files, under which names, and which are not taken."""

from __future__ import annotations

import binascii
import hashlib
import re
import struct
from dataclasses import dataclass, field
from itertools import islice

from azbot.channels.email.mime import Part, decode_uu
from azbot.media import ALLOWED, media_type_of, safe_name, unique_name
from azbot.messages import InboundFile, RejectedFile

NOT_FILES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-encrypted",
        "application/pgp-keys",
        "application/applefile",
        "text/x-amp-html",
    }
)
"""Parts that travel with mail and that nobody attached."""

TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_TNEF_MAGIC = b"\x78\x9f\x3e\x22"
_TNEF_ERRORS = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    OverflowError,
    RecursionError,
    NotImplementedError,
    EOFError,
    struct.error,
    binascii.Error,
)
_MOST_UU_BLOCKS = 20
_UU_END = re.compile(rb"^end\r?$", re.MULTILINE)
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?$", re.MULTILINE)


@dataclass(slots=True)
class FileBag:
    """The files of one message, in order, while it is read.

    Attributes:
        largest: octets; a larger file is rejected as ``too_large``.
        most: files taken; the rest is rejected as ``too_many``.
        kinds: media types taken.
    """

    largest: int
    most: int = 200
    kinds: frozenset[str] = ALLOWED
    files: list[InboundFile] = field(default_factory=list)
    rejected: list[RejectedFile] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)
    _seen: set[bytes] = field(default_factory=set)

    def add_part(self, part: Part, *, is_inline: bool) -> None:
        """Take the file of one part, unpack it when it is a container."""
        name = name_of(part)
        if part.media_type in NOT_FILES or _is_signature(name):
            return
        if part.media_type == "text/x-moz-deleted" or len(part.body) > 2 * self.largest:
            size = len(part.body) * 3 // 4
            code = "too_large" if size > self.largest else "unreadable"
            self._reject(name or "fichier", size, code)
            return
        content = part.content()
        if part.media_type in TNEF_TYPES or content.startswith(_TNEF_MAGIC):
            self._add_tnef(content)
            return
        self.add(name, content, is_inline=is_inline, declared=part.media_type)

    def add(
        self, name: str, content: bytes, *, is_inline: bool, declared: str = ""
    ) -> None:
        """Take one file unless it came already, is too large or of another kind."""
        media_type = media_type_of(content)
        shown = safe_name(name, media_type, _default_name(declared or media_type))
        if not content:
            self._reject(shown, 0, "unreadable")
        elif len(content) > self.largest:
            self._reject(shown, len(content), "too_large")
        elif media_type not in self.kinds:
            self._reject(shown, len(content), "kind_refused")
        elif len(self.files) >= self.most:
            self._reject(shown, len(content), "too_many")
        else:
            self._keep(InboundFile(shown, media_type, content, is_inline))

    def _keep(self, file: InboundFile) -> None:
        digest = hashlib.sha256(file.content).digest()
        if digest in self._seen:
            return
        self._seen.add(digest)
        name = unique_name(file.name, self._names)
        self.files.append(InboundFile(name, file.media_type, file.content, file.inline))

    def _reject(self, name: str, size: int, code: str) -> None:
        if len(self.rejected) < self.most:
            self.rejected.append(RejectedFile(safe_name(name), size, code))

    def _add_tnef(self, content: bytes) -> None:
        found = unpack_tnef(content)
        if found is None:
            self._reject("winmail.dat", len(content), "unreadable")
            return
        for name, data in found:
            self.add(name, data, is_inline=False)


def name_of(part: Part) -> str:
    """Return the name a sender gave a part, possibly empty.

    ``filename`` (RFC 2231, or RFC 2047 inside quotes), then ``name``, then
    Content-Description, then what stands before the ``@`` of the Content-ID when
    it looks like a file name.
    """
    _, parameters = part.disposition
    name = parameters.get("filename") or part.parameters.get("name", "")
    if name.strip():
        return name
    for header in ("content-description", "content-location"):
        text = part.headers.text(header)
        if re.search(r"\.[A-Za-z0-9]{2,5}$", text):
            return text
    content_id = part.headers.text("content-id").strip("<> ").partition("@")[0]
    return content_id if re.search(r"\.[A-Za-z0-9]{2,5}$", content_id) else ""


def _is_signature(name: str) -> bool:
    return name.lower() in ("smime.p7s", "signature.asc")


def _default_name(media_type: str) -> str:
    kind = media_type.partition("/")[0]
    stem = {"image": "photo", "video": "video"}.get(kind, "fichier")
    return "document" if media_type == "application/pdf" else stem


def unpack_tnef(content: bytes) -> list[tuple[str, bytes]] | None:
    """Return the files inside a ``winmail.dat``; None when it cannot be read."""
    from tnefparse import TNEF  # noqa: PLC0415 - rare

    try:
        tnef = TNEF(content, do_checksum=False)
        return [
            (str(one.long_filename() or one.name or ""), bytes(one.data or b""))
            for one in tnef.attachments
        ]
    except _TNEF_ERRORS:
        return None


def tnef_text(content: bytes) -> str:
    """Return the plain body inside a ``winmail.dat``, or ``""`` (often RTF only)."""
    from tnefparse import TNEF  # noqa: PLC0415 - rare

    try:
        body = TNEF(content, do_checksum=False).body
    except _TNEF_ERRORS:
        return ""
    if isinstance(body, bytes):
        return body.decode("cp1252", "replace").rstrip("\x00")
    return body if isinstance(body, str) else ""


def split_uuencoded(body: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Take uuencoded files out of a text body, in linear time.

    Returns:
        The text without them; (name, octets) of each. A block that does not end
        or decodes to nothing stays in the text.
    """
    if b"begin " not in body:
        return body, []
    kept: list[bytes] = []
    files: list[tuple[str, bytes]] = []
    position = 0
    for begin in islice(_UU_BEGIN.finditer(body), _MOST_UU_BLOCKS):
        if begin.start() < position:
            continue
        end = _UU_END.search(body, begin.end())
        if end is None:
            break
        content = decode_uu(body[begin.end() : end.start()])
        if not content:
            continue
        kept.append(body[position : begin.start()])
        files.append((begin[1].decode("utf-8", "replace"), content))
        position = end.end()
    kept.append(body[position:])
    return b"".join(kept), files
