"""Header fields: what they are called, what they say, who is named in them."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from azbot.channels.email.charsets import clean_text, decode_text
from azbot.messages import Address

LONGEST_VALUE = 32_000
"""Octets of one header field that are looked at."""

_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_NAME = re.compile(rb"[!-9;-~]+\Z")
_ENCODED_WORD = re.compile(
    r"=\?([^?\s=]{1,60})\?([bBqQ])\?([^?]*)\?=(\s+(?==\?))?", re.ASCII
)
_PARAMETER = re.compile(
    r";\s*+([^\s=;\"]{1,80})\s*+=\s*+(\"(?:[^\"\\]|\\.)*+\"|[^;]*+)", re.DOTALL
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Zero-width and bidirectional marks: seen by nobody, used to deceive."""


class Headers:
    """The fields of one message or part, in order, values still as octets.

    Args:
        fields: (lower-case name, unfolded value).
    """

    __slots__ = ("_first", "fields")

    def __init__(self, fields: Sequence[tuple[str, bytes]]) -> None:
        self.fields = tuple(fields)
        self._first: dict[str, bytes] = {}
        for name, value in self.fields:
            self._first.setdefault(name, value)

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def all(self, name: str) -> list[bytes]:
        """Return every value of a field, topmost first."""
        if name not in self._first:
            return []
        return [value for one, value in self.fields if one == name]

    def raw(self, name: str) -> str:
        """Return the topmost value as text without decoding words, or ``""``."""
        value = self._first.get(name)
        return "" if value is None else plain(value)

    def text(self, name: str) -> str:
        """Return the topmost value with encoded words read, on one line, or ``""``."""
        value = self._first.get(name)
        return "" if value is None else readable(value)


def plain(value: bytes) -> str:
    """Turn the octets of a field into text; 8-bit ones are read as UTF-8 or cp1252."""
    value = value[:LONGEST_VALUE]
    return value.decode("ascii") if value.isascii() else decode_text(value)


def readable(value: bytes) -> str:
    """Return a field's value as a person reads it: RFC 2047 words decoded, one line."""
    return one_line(decode_words(plain(value)))


def one_line(text: str) -> str:
    """Replace control characters by single spaces and strip the ends."""
    return _CONTROL.sub(" ", clean_text(text)).strip()


def read_headers(block: bytes) -> Headers | None:
    """Read a header block by hand; None when it is not an ordinary one.

    Ordinary means: no bare CR, every line a ``name: value`` or a continuation.
    """
    if b"\r" in block.replace(b"\r\n", b""):
        return None
    fields = []
    for line in _FOLD.sub(b"", block).split(b"\n"):
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.match(name):
            if line.strip():
                return None
            continue
        fields.append((name.decode("ascii").lower(), value.strip()))
    return Headers(fields)


# --- encoded words and parameters ----------------------------------------------


def decode_words(text: str) -> str:
    """Decode RFC 2047 words; neighbours of one charset are joined before decoding.

    Senders cut multi-byte characters between two words, against the RFC.
    """
    if "=?" not in text:
        return text
    out: list[str] = []
    end, held, charset = 0, b"", ""
    for found in _ENCODED_WORD.finditer(text):
        content = _word_octets(found[2], found[3])
        if content is None:
            continue
        name = found[1].partition("*")[0].lower()
        if held and (found.start() != end or name != charset):
            out.append(decode_text(held, charset))
            held = b""
        out.append(text[end : found.start()])
        held, charset, end = held + content, name, found.end()
    out.append(decode_text(held, charset))
    out.append(text[end:])
    return "".join(out)


def _word_octets(encoding: str, content: str) -> bytes | None:
    data = content.encode("ascii", "ignore")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    data = data.replace(b" ", b"").rstrip(b"=")
    try:
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return None


def read_parameters(value: str) -> tuple[str, dict[str, str]]:
    """Split ``text/plain; charset=x`` into its value and its parameters.

    Reads RFC 2231 (continuations, charset, percent octets) and RFC 2047 words
    inside quotes (illegal, common).

    Returns:
        Lower-case main value; parameters by lower-case name.
    """
    main, semicolon, _ = value.partition(";")
    main = main.strip().lower()
    if not semicolon:
        return main, {}
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(value):
        found.setdefault(match[1].lower(), _unquote(match[2].strip()))
    if any("*" in name for name in found):
        found = _join_continuations(found)
    return main, {name: decode_words(one) for name, one in found.items()}


def _unquote(value: str) -> str:
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        value = value[1:-1]
        return re.sub(r"\\(.)", r"\1", value) if "\\" in value else value
    return value


def _join_continuations(found: dict[str, str]) -> dict[str, str]:
    plain_ones = {name: value for name, value in found.items() if "*" not in name}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, value in found.items():
        base, star, rest = name.partition("*")
        if star:
            number = rest.rstrip("*")
            order = int(number) if number.isascii() and number.isdigit() else 0
            pieces.setdefault(base, []).append((order, name.endswith("*"), value))
    for base, parts in pieces.items():
        plain_ones[base] = _extended(sorted(parts, key=lambda part: part[0]))
    return plain_ones


def _extended(parts: Sequence[tuple[int, bool, str]]) -> str:
    charset, octets = "", b""
    for index, (_, is_encoded, value) in enumerate(parts):
        text = value
        if index == 0 and is_encoded and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octets += unquote_to_bytes(text) if is_encoded else text.encode()
    return decode_text(octets, charset)


# --- addresses -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address as it stood in a field.

    Attributes:
        address: bare address and decoded name.
        in_group: it stood inside ``name: …;``.
    """

    address: Address
    in_group: bool = False


_SIMPLE = re.compile(
    r"\s*(?:\"([^\"\\<>]*)\"|([^\",<>()\[\]:;@\\]*))\s*<([^\s<>@,\"()]+@[^\s<>@,\"()]+)>\s*\Z"
)
_BARE = re.compile(r"\s*([^\s<>@,\"():;]+@[^\s<>@,\"():;]+)\s*\Z")
_PIECE = re.compile(
    r"\"(?:[^\"\\]|\\.)*+\"?|<[^<>]*+>?|[,:;()\\]|[^\",:;()<\\]++|.", re.DOTALL
)


def read_addresses(value: str, limit: int = 1_000) -> list[Mailbox]:
    """Read the mailboxes of a From, To or Cc field, in linear time.

    Knows quoted strings, comments, angle brackets and groups; what has no ``@`` is
    left out. The display name is decoded and on one line.

    Args:
        value: the field's text, words not yet decoded.
        limit: no more are read.
    """
    if found := _SIMPLE.match(value):
        name = found[1] if found[1] is not None else found[2]
        return [Mailbox(_address(found[3], name))]
    if found := _BARE.match(value):
        return [Mailbox(_address(found[1], ""))]
    boxes = []
    for words, angle, comment, in_group in _entries(value):
        name, email = "".join(words), angle
        if email is None:
            name, email = comment, name
        if "@" in email.strip():
            boxes.append(Mailbox(_address(email, name), in_group))
        if len(boxes) >= limit:
            break
    return boxes


def _entries(value: str) -> Iterator[tuple[list[str], str | None, str, bool]]:
    """Yield (words, angle address, comment, in a group) of each entry."""
    words: list[str] = []
    angle: str | None = None
    comment, depth, in_group = "", 0, False
    for match in _PIECE.finditer(value):
        piece = match[0]
        if piece == "(" or (depth and piece == ")"):
            depth += 1 if piece == "(" else -1
        elif depth:
            comment += piece
        elif piece in (",", ";"):
            yield words, angle, comment, in_group
            words, angle, comment = [], None, ""
            in_group = in_group and piece == ","
        elif piece == ":" and angle is None:
            words, in_group = [], True
        elif piece.startswith("<"):
            angle = piece.strip("<>") if angle is None else angle
        elif piece.startswith('"'):
            words.append(_unquote(piece))
        else:
            words.append(piece)
    yield words, angle, comment, in_group


def _address(email: str, name: str) -> Address:
    local, _, domain = _CONTROL.sub("", email).strip().rpartition("@")
    local, domain = local.strip(), domain.strip().rstrip(".").lower()
    if domain.startswith("xn--") or ".xn--" in domain:
        domain = _readable_domain(domain)
    shown = one_line(decode_words(name)).strip("\"' ")
    return Address(clean_text(f"{local}@{domain}")[:320], shown[:255])


def _readable_domain(domain: str) -> str:
    """Turn punycode labels into Unicode, so that one domain has one spelling."""
    if len(domain) > 255:
        return domain
    try:
        return domain.encode("ascii").decode("idna")
    except (UnicodeError, ValueError):
        return domain


# --- dates ------------------------------------------------------------------------


def read_date(value: str) -> datetime | None:
    """Read a Date field; None when it is absent or cannot be read.

    A date without a zone is taken as UTC. It is the sender's claim: 1970 and 2099
    are possible values.
    """
    try:
        found = parsedate_to_datetime(value[:200])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
