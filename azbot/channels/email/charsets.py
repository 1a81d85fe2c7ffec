"""From octets to text, whatever charset was declared or forgotten."""

from __future__ import annotations

import codecs
import unicodedata
from functools import lru_cache

ALIASES = {
    "unicode-1-1-utf-7": "utf-7",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "utf8mb4": "utf-8",
    "utf-8mb4": "utf-8",
    "cp-850": "cp850",
    "cp-1252": "cp1252",
    "iso-8859-1": "cp1252",  # what senders mean by it: the euro and « œ » are there
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "windows-1252http-equivcontent-type": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "x-mac-ce": "mac-latin2",
    "ansi_x3.4-1968": "ascii",
}
"""Names seen in mail that Python does not know, or knows too strictly."""

_NOT_FOR_MAIL = frozenset({"idna", "punycode", "undefined", "mbcs", "oem"})
_LONGEST_WORD = 500


@lru_cache(maxsize=256)
def known_charset(declared: str) -> str | None:
    """Return a codec's name for a declared charset, None when it cannot be used.

    Only codecs that read any text in linear time are used: ``punycode``, ``idna``
    and the Python escapes are not charsets of mail.
    """
    name = declared.strip().strip("\"'").lower()
    name = ALIASES.get(name, name)
    try:
        codec = codecs.lookup(name).name
        "".encode(codec)
    except (LookupError, ValueError, TypeError, UnicodeError):
        return None
    if codec in _NOT_FOR_MAIL or "escape" in codec:
        return None
    return codec


def decode_text(content: bytes, declared: str = "") -> str:
    """Decode by what was declared, then as UTF-8, then as cp1252, then by a guess.

    The chain beats a guesser on the short texts of mail (email.md §4.1); the guess
    comes last, and Latin-1 after it, so that every octet gives a character.

    Args:
        content: octets of one part, transfer encoding removed.
        declared: the ``charset`` parameter, possibly wrong or empty.
    """
    codec = known_charset(declared) if declared else None
    chain = [name for name in (codec, "utf-8", "cp1252") if name]
    for name in dict.fromkeys(chain):
        try:
            return content.decode(name).removeprefix("\ufeff")
        except (UnicodeError, ValueError):
            continue
    return _guess(content)


def _guess(content: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - rare, and costs 40 ms

    best = from_bytes(content[:20_000]).best()
    codec = known_charset(best.encoding) if best is not None else None
    return content.decode(codec or "latin-1", "replace")


def clean_text(text: str) -> str:
    """Return text that any store and any page can hold.

    LF line ends, no NUL, no lone surrogate, NFC.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        text = text.replace("\x00", "")
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
    return compose_marks(text)


def compose_marks(text: str) -> str:
    """Return the NFC form, in linear time.

    Python sorts a run of combining marks in quadratic time: 40 000 of them take a
    second. A word of more than 500 characters is therefore left as it is.
    """
    if text.isascii():
        return text
    if max(map(len, text.split()), default=0) <= _LONGEST_WORD:
        return unicodedata.normalize("NFC", text)
    return "\n".join(_compose_line(line) for line in text.split("\n"))


def _compose_line(line: str) -> str:
    if len(line) <= _LONGEST_WORD:
        return unicodedata.normalize("NFC", line)
    return " ".join(
        unicodedata.normalize("NFC", word) if len(word) <= _LONGEST_WORD else word
        for word in line.split(" ")
    )
