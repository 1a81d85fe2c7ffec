"""Header lines as they go on the wire: folded, encoded where needed, never broken.

The standard library folds any long word of an id header into an encoded word,
which Outlook and Exchange then drop (broken threads, email.md §8.2). Here ids are
only ever folded between words; text is folded at single spaces when it is plain
ASCII, and otherwise written as encoded words of at most 75 characters.

Every function returns one header with CRLF line ends, the last one included.
"""

from __future__ import annotations

import re
from base64 import b64encode

from azbot.messages import Address

_WIDTH = 76  # RFC 2047 §2: a line with an encoded word has at most 76 characters
_WORD = 75 - len("=?utf-8?q??=")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_LINE_BREAK = re.compile(r"[\r\n\0]")
_OTHER_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")
_PLAIN = re.compile(r"[!-~]{1,60}(?: [!-~]{1,60})*")
_ATOMS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
)
_Q_SAFE = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
)
_ATTRIBUTE = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~"
)
_Q = tuple(
    chr(octet) if octet in _Q_SAFE else "_" if octet == 0x20 else f"={octet:02X}"
    for octet in range(256)
)
_ADDRESS = re.compile(
    r'(?:[^\s<>()\[\]\\,;:@"\x00-\x1f\x7f]+|"[^"\\\x00-\x1f]*")'
    r'@[^\s<>@"(),;\x00-\x1f\x7f]+'
)


def text_header(name: str, value: str) -> str:
    """Write a header of free text, such as Subject.

    Control characters other than CR, LF and NUL become spaces.

    Raises:
        ValueError: CR, LF or NUL in the value; a header name that is none.
    """
    _check(name, value)
    text = _OTHER_CONTROL.sub(" ", value)
    if not text:
        return f"{name}: \r\n"
    if _PLAIN.fullmatch(text) and "=?" not in text:
        return _fold(name, text.split(" "))
    return _fold(name, _encoded_words(text, len(name) + 2))


def ids_header(name: str, value: str) -> str:
    """Write a header of ids or URLs: folded between words, never encoded.

    Raises:
        ValueError: CR, LF or NUL in it, not ASCII, or a word over 990 octets.

    Source: RFC 5322 §2.1.1 (998 octets a line); email.md §8.2.
    """
    _check(name, value)
    words = value.split()
    if not value.isascii() or _OTHER_CONTROL.search(value):
        raise ValueError(f"{name} takes printable ASCII only")
    if any(len(word) > 990 - len(name) for word in words):
        raise ValueError(f"{name} holds a word too long for a line")
    return _fold(name, words)


def address_header(name: str, address: Address) -> str:
    """Write From, To or Reply-To with one address.

    A domain outside ASCII is written in its A-label form; a local part outside
    ASCII stays as it is and needs SMTPUTF8 (RFC 6531).

    Raises:
        ValueError: CR, LF or NUL in the name; the address is none.
    """
    _check(name, address.name)
    bare = wire_address(address.email)
    shown = _OTHER_CONTROL.sub(" ", address.name).strip()
    if not shown:
        return _fold(name, [bare])
    return _fold(name, [*_phrase(shown, len(name) + 2), f"<{bare}>"])


def wire_address(email: str) -> str:
    """Return a bare address as SMTP takes it.

    Raises:
        ValueError: it is no address, or its domain has no A-label form.
    """
    local, _, domain = email.rpartition("@")
    if not domain.isascii():
        domain = domain.encode("idna").decode("ascii")
    wire = f"{local}@{domain}"
    if not _ADDRESS.fullmatch(wire):
        raise ValueError("not a mail address")
    return wire


def parameterised(
    name: str, value: str, parameters: tuple[tuple[str, str], ...]
) -> str:
    """Write a MIME header with parameters: ``Content-Type``, ``-Disposition``.

    Values outside ASCII, or too long for a line, are written in the extended and
    continued form every mail program reads today.

    Raises:
        ValueError: CR, LF or NUL in a value.

    Source: RFC 2231 §3 and §4; RFC 2045 §5.1 (quoting).
    """
    pieces = [value]
    for key, text in parameters:
        _check(name, text)
        pieces.extend(_parameter(key, _OTHER_CONTROL.sub(" ", text)))
    return _fold(name, [f"{piece};" for piece in pieces[:-1]] + pieces[-1:])


def _check(name: str, value: str) -> None:
    """Refuse whatever could start a header of its own."""
    if not _NAME.fullmatch(name):
        raise ValueError("not a header name")
    if _LINE_BREAK.search(value):
        raise ValueError(f"line break or NUL in {name}")


def _fold(name: str, words: list[str]) -> str:
    """Join words, starting a new line where one would pass the width."""
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > _WIDTH and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines) + "\r\n"


def _phrase(shown: str, column: int) -> list[str]:
    """Write a display name: as it is, quoted, or in encoded words."""
    if not _PLAIN.fullmatch(shown) or "=?" in shown:
        return _encoded_words(shown, column)
    if _ATOMS.fullmatch(shown):
        return shown.split(" ")
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    if len(escaped) > 60:
        return _encoded_words(shown, column)
    return [f'"{escaped}"']


def _encoded_words(text: str, column: int) -> list[str]:
    """Split text into encoded words, whole characters each.

    Spaces stay inside the words: a reader drops those between two of them. The
    first word shares its line with what takes ``column`` characters before it.
    """
    octets = [char.encode("utf-8", "replace") for char in text]
    quoted = ["".join(_Q[octet] for octet in char) for char in octets]
    first = max(12, min(_WORD, _WIDTH - column - (75 - _WORD)))
    total = sum(map(len, octets))
    if sum(map(len, quoted)) <= total * 4 / 3 + 2:
        cuts = _cuts([len(piece) for piece in quoted], first, _WORD)
        return [f"=?utf-8?q?{''.join(quoted[a:b])}?=" for a, b in cuts]
    # three octets make four characters
    cuts = _cuts([len(char) for char in octets], first // 4 * 3, _WORD // 4 * 3)
    return [f"=?utf-8?b?{_base64(octets[a:b])}?=" for a, b in cuts]


def _base64(pieces: list[bytes]) -> str:
    """Join and encode."""
    return b64encode(b"".join(pieces)).decode("ascii")


def _cuts(sizes: list[int], first: int, room: int) -> list[tuple[int, int]]:
    """Cut a row of pieces into runs that fit; the first run has its own room."""
    runs: list[tuple[int, int]] = []
    start, used, limit = 0, 0, first
    for index, size in enumerate(sizes):
        if used + size > limit and index > start:
            runs.append((start, index))
            start, used, limit = index, 0, room
        used += size
    runs.append((start, len(sizes)))
    return runs


def _parameter(key: str, text: str) -> list[str]:
    """Write one parameter, in as many pieces as it needs."""
    if text.isascii() and len(text) <= 60 and text == text.strip():
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return [f'{key}="{escaped}"']
    chars = [
        "".join(
            chr(octet) if octet in _ATTRIBUTE else f"%{octet:02X}"
            for octet in char.encode("utf-8", "replace")
        )
        for char in text
    ]
    cuts = _cuts([len(char) for char in chars], 40, 55)
    if len(cuts) == 1:
        return [f"{key}*=utf-8''{''.join(chars)}"]
    pieces = ["".join(chars[a:b]) for a, b in cuts]
    pieces[0] = f"utf-8''{pieces[0]}"
    return [f"{key}*{number}*={piece}" for number, piece in enumerate(pieces)]
