"""From octets to a tree of parts: a lean reader, and the stdlib for odd mail.

The lean reader takes ordinary mail: more than twice as many messages a second as
``email`` with ``compat32``, ten times as many as ``policy.default``. Whatever it is
not sure about goes to ``compat32``. Both give the same tree with bodies still in
their transfer encoding, so that decoding is written once.
"""

from __future__ import annotations

import binascii
import email
import email.message
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email import policy
from email.errors import MessageError
from email.generator import BytesGenerator
from typing import TypeAlias

from azbot.channels.email.headers import Headers, read_headers, read_parameters

_MEDIA_TYPE = re.compile(r"[^\s/;\x00-\x20\x7f]+/[^\s/;\x00-\x20\x7f]*")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_FROM_LINE = re.compile(rb"(?:From |>From )[^\r\n]*\r?\n")
_MOST_WORK = 20_000_000
_UNREADABLE = (
    MessageError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
)
"""What the stdlib's parser and generator were seen to raise on odd mail."""


class Unusual(Exception):
    """The lean reader is not sure; the stdlib reads this one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much structure is followed.

    Attributes:
        parts: parts of one message, containers included.
        depth: containers within containers.
    """

    parts: int = 1_000
    depth: int = 40


@dataclass(slots=True)
class Part:
    """One part of a message.

    Attributes:
        headers: its own fields.
        media_type: ``text/plain``, lower case; never empty.
        parameters: of Content-Type.
        body: octets in their transfer encoding; empty for a container.
        parts: what a container holds.
    """

    headers: Headers
    media_type: str
    parameters: dict[str, str]
    body: bytes = b""
    parts: list[Part] = field(default_factory=list)
    is_cut: bool = False
    """Limits were met below: something is missing here."""

    @property
    def disposition(self) -> tuple[str, dict[str, str]]:
        """``inline``, ``attachment`` or empty, and its parameters."""
        return read_parameters(self.headers.raw("content-disposition"))

    def content(self) -> bytes:
        """Return the octets, transfer encoding removed."""
        encoding = self.headers.raw("content-transfer-encoding").strip().lower()
        return decode_transfer(self.body, encoding)

    def walk(self) -> Iterator[Part]:
        """Yield this part and all below, in order."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.parts))


def decode_transfer(body: bytes, encoding: str) -> bytes:
    """Remove a Content-Transfer-Encoding; an unknown one changes nothing.

    Base64 survives foreign characters, missing padding and a lost last character.
    """
    encoding = encoding.partition(";")[0].strip()
    if encoding == "base64":
        return decode_base64(body)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return decode_uu(body)
    return body


def decode_base64(body: bytes) -> bytes:
    """Decode base64 of any quality."""
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        pass
    data = _NOT_BASE64.sub(b"", body)
    if len(data) % 4 == 1:
        data = data[:-1]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


def decode_uu(body: bytes) -> bytes:
    """Decode the lines of a uuencoded body; damaged lines are left out."""
    out = []
    for raw in body.split(b"\n"):
        line = raw.rstrip(b"\r")
        if line.startswith((b"begin ", b"end")) or not line:
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            length = ((line[0] - 32) & 63) * 4 // 3 + 2
            try:
                out.append(binascii.a2b_uu(line[:length]))
            except binascii.Error:
                continue
    return b"".join(out)


# --- reading ------------------------------------------------------------------------


def read_message(content: bytes, limits: Limits) -> Part:
    """Give the tree of any octets; never raises.

    A tree that met the limits says ``is_cut`` at its root.
    """
    try:
        return read_lean(content, limits)
    except Unusual:
        return read_stdlib(content, limits)


def read_lean(content: bytes, limits: Limits) -> Part:
    """Give the tree of ordinary octets.

    Raises:
        Unusual: for anything else.
    """
    end = _END_OF_HEAD.search(content)
    if end is None or content.startswith((b"\n", b"\r")):
        raise Unusual
    headers = read_headers(content[: end.start()])
    if headers is None or not headers.fields:
        raise Unusual
    return _Lean(limits).part(headers, content[end.end() :], 0, "text/plain")


class _Lean:
    """One reading: counts parts."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.parts

    def part(self, headers: Headers, body: bytes, depth: int, default: str) -> Part:
        self._left -= 1
        media_type, parameters = media_type_of(headers, default)
        part = Part(headers, media_type, parameters)
        if not media_type.startswith("multipart/"):
            part.body = body
        elif depth >= self._limits.depth:
            part.is_cut = True
        else:
            self._fill(part, body, depth)
        return part

    def _fill(self, part: Part, body: bytes, depth: int) -> None:
        if part.media_type == "multipart/digest":
            raise Unusual
        boundary = part.parameters.get("boundary", "")
        for piece in split_parts(body, boundary):
            if self._left <= 0:
                part.is_cut = True
                return
            headers, inner = _split_head(piece)
            child = self.part(headers, inner, depth + 1, "text/plain")
            part.is_cut = part.is_cut or child.is_cut
            part.parts.append(child)


def _split_head(piece: bytes) -> tuple[Headers, bytes]:
    if piece.startswith((b"\n", b"\r\n")):
        return Headers(()), piece[piece.index(b"\n") + 1 :]
    end = _END_OF_HEAD.search(piece)
    if end is None:
        raise Unusual
    headers = read_headers(piece[: end.start()])
    if headers is None:
        raise Unusual
    return headers, piece[end.end() :]


def split_parts(body: bytes, boundary: str) -> Iterator[bytes]:
    """Yield the pieces between the delimiter lines of a multipart body.

    Raises:
        Unusual: no boundary, none found, none but the closing one, or that one is
            missing.
    """
    if not boundary or not boundary.isascii():
        raise Unusual
    marker = b"--" + boundary.encode("ascii")
    start = -1
    position = body.find(marker)
    while position != -1:
        line_end = body.find(b"\n", position)
        line_end = len(body) if line_end == -1 else line_end
        tail = body[position + len(marker) : line_end].rstrip(b" \t\r")
        if tail in (b"", b"--") and (position == 0 or body[position - 1] == 10):
            if start >= 0:
                yield body[start : _before_newline(body, position)]
            elif tail:
                raise Unusual
            if tail:
                return
            start = line_end + 1
        position = body.find(marker, line_end)
    raise Unusual


def _before_newline(body: bytes, position: int) -> int:
    """The line end before a delimiter belongs to the delimiter."""
    return position - 2 if body[position - 2 : position] == b"\r\n" else position - 1


def media_type_of(headers: Headers, default: str) -> tuple[str, dict[str, str]]:
    """Return the declared type and its parameters; the default when unusable."""
    media_type, parameters = read_parameters(headers.raw("content-type"))
    if not _MEDIA_TYPE.fullmatch(media_type):
        return default, parameters
    return media_type, parameters


# --- the stdlib's reading ---------------------------------------------------------


def read_stdlib(content: bytes, limits: Limits) -> Part:
    """Give the tree as ``email`` with ``compat32`` sees it; never raises.

    Its parser nests one generator per container and passes every line through all
    of them: a message with too many of both is read as headers only.
    """
    content = _FROM_LINE.sub(b"", content[:1_000], count=1) + content[1_000:]
    containers = content.lower().count(b"multipart/")
    work = containers * content.count(b"\n")
    if containers > limits.depth + 60 or work > _MOST_WORK:
        return _head_only(content)
    try:
        message = email.message_from_bytes(content, policy=policy.compat32)
        return _Converted(limits).part(message, 0)
    except _UNREADABLE:
        return _head_only(content)


def _head_only(content: bytes) -> Part:
    end = _END_OF_HEAD.search(content)
    head = content[: end.start() if end else 64_000]
    lines = re.sub(rb"\r\n?", b"\n", head).split(b"\n")
    usable = [line for line in lines if line[:1] in b" \t" or b":" in line]
    headers = read_headers(b"\n".join(usable)) or Headers(())
    return Part(headers, "text/plain", {}, b"", [], is_cut=True)


_Message: TypeAlias = "email.message.Message[str, str]"


def _messages(payload: Sequence[object]) -> list[_Message]:
    return [one for one in payload if isinstance(one, email.message.Message)]


class _Converted:
    """One conversion: counts parts."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.parts

    def part(self, message: _Message, depth: int) -> Part:
        self._left -= 1
        headers = Headers(
            [
                (name.strip().lower(), _unfold(value))
                for name, value in message.raw_items()
            ]
        )
        media_type, parameters = media_type_of(headers, message.get_default_type())
        part = Part(headers, media_type, parameters)
        payload = message.get_payload()
        if isinstance(payload, list) and media_type.startswith("multipart/"):
            self._fill(part, _messages(payload), depth)
        elif isinstance(payload, list):
            part.body = b"\n".join(_octets(one) for one in _messages(payload))
        else:
            # Without its encoding the stdlib gives the octets as they came.
            del message["content-transfer-encoding"]
            octets = message.get_payload(decode=True)
            part.body = octets if isinstance(octets, bytes) else b""
            boundary = parameters.get("boundary", "").encode("utf-8", "replace")
            is_text = not boundary or b"--" + boundary not in part.body
            if media_type.startswith("multipart/") and is_text:
                # Its boundary never came: what there is, is the text.
                part.media_type = "text/plain"
        return part

    def _fill(self, part: Part, children: Sequence[_Message], depth: int) -> None:
        for child in children:
            if self._left <= 0 or depth >= self._limits.depth:
                part.is_cut = True
                return
            converted = self.part(child, depth + 1)
            part.is_cut = part.is_cut or converted.is_cut
            part.parts.append(converted)


def _unfold(value: object) -> bytes:
    octets = str(value).encode("ascii", "surrogateescape")
    return re.sub(rb"[\r\n]+", b"", octets).strip()


def _octets(message: _Message) -> bytes:
    out = io.BytesIO()
    generator = BytesGenerator(
        out, mangle_from_=False, maxheaderlen=0, policy=policy.compat32
    )
    try:
        generator.flatten(message)
    except _UNREADABLE:
        return out.getvalue()
    return out.getvalue()
