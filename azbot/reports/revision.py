"""Adds a file to a finished PDF without touching a byte of it.

An incremental update (ISO 32000-1 §7.5.6): new objects, a new catalogue and a new
cross-reference table after the end of the file. Only for files drawn by ``canvas``,
whose catalogue and trailer have a known form.
"""

from __future__ import annotations

import hashlib
import re
import zlib

_TRAILER = re.compile(
    rb"trailer\s*<<(?P<entries>.*?)>>\s*startxref\s+(?P<xref>\d+)\s+%%EOF\s*\Z",
    re.DOTALL,
)


def append_file(pdf: bytes, name: str, data: bytes) -> bytes:
    """Return ``pdf`` with one attachment; ``pdf`` is a prefix of the result.

    Args:
        pdf: a file drawn by ``canvas``.
        name: ASCII letters, digits, ``-`` and ``.``.
        data: the attachment.

    Raises:
        ValueError: the end of ``pdf`` or its catalogue has another form.
    """
    trailer = _TRAILER.search(pdf, max(0, len(pdf) - 2048))
    if trailer is None:
        raise ValueError("no trailer of the expected form")
    entries = trailer["entries"]
    size = int(_entry(rb"/Size (\d+)", entries))
    root = int(_entry(rb"/Root (\d+) 0 R", entries))
    catalog = _entry(rb"(?<!\d)%d 0 obj\s*<<(.*?)>>\s*endobj" % root, pdf)
    if b"/Names" in catalog:
        raise ValueError("the catalogue already has names")
    stored, label = size, name.encode("ascii")
    objects = {
        root: b"<<%s\n/Names <</EmbeddedFiles <</Names [(%s) %d 0 R]>>>>"
        b"\n/AF [%d 0 R]>>" % (catalog.rstrip(), label, stored + 1, stored + 1),
        stored: _stream(data),
        stored + 1: b"<</Type /Filespec /F (%s) /UF (%s) /AFRelationship /Data"
        b" /EF <</F %d 0 R>>>>" % (label, label, stored),
    }
    return pdf + _update(objects, len(pdf), trailer, size)


def _entry(pattern: bytes, text: bytes) -> bytes:
    found = re.search(pattern, text, re.DOTALL)
    if found is None:
        raise ValueError(f"no {pattern!r}")
    return found[1]


def _stream(data: bytes) -> bytes:
    packed = zlib.compress(data, 9)
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest().encode()
    return (
        b"<</Type /EmbeddedFile /Subtype /application#2Fjson /Filter /FlateDecode"
        b" /Length %d /Params <</Size %d /CheckSum <%s>>>>>\nstream\n%s\nendstream"
        % (len(packed), len(data), digest, packed)
    )


def _update(
    objects: dict[int, bytes], start: int, trailer: re.Match[bytes], size: int
) -> bytes:
    out, offsets = b"", {}
    for number, body in sorted(objects.items()):
        offsets[number] = start + len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    xref = start + len(out)
    out += b"xref\n"
    for number, offset in sorted(offsets.items()):
        out += b"%d 1\n%010d 00000 n \n" % (number, offset)
    entries = re.sub(rb"/Size \d+", b"/Size %d" % (size + 2), trailer["entries"])
    out += b"trailer\n<<%s\n/Prev %d>>\n" % (entries.rstrip(), int(trailer["xref"]))
    return out + b"startxref\n%d\n%%%%EOF\n" % xref
