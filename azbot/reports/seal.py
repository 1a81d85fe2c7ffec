"""Seals a report, and says later whether it was altered and where.

The seal is a record of everything the pages show, signed with Ed25519 (RFC 8032) and
attached to the PDF as a second revision of the file (ISO 32000-1 §7.5.6). It holds
the digest of the first revision, so a file is intact when its bytes are; the record
only serves to name what differs when they are not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from azbot.reports.content import ReportContent, facts, fingerprint, stable_json
from azbot.reports.pdf import sheet
from azbot.reports.revision import append_file
from azbot.reports.trace import PageTrace, Part

SEAL_FILE = "azbot-seal.json"
"""Name of the attachment."""

_DOMAIN = b"azbot report seal 1\n"
"""Keeps a signature of a seal from being one of anything else under the same key."""

Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Seal:
    """What was sealed and the signature over it; keep it beside the file.

    Attributes:
        record: JSON values: fingerprint, reports, pages, digest of the file.
        signature: 64 bytes.
        key_id: which key signed, 16 hexadecimal digits.
    """

    record: Record
    signature: bytes
    key_id: str

    @property
    def fingerprint(self) -> str:
        """The SHA-256 printed on the report, 64 hexadecimal digits."""
        return str(self.record.get("fingerprint", ""))

    def to_json(self) -> bytes:
        """Return the attachment of the PDF, which is also the form to store."""
        return stable_json(
            {
                "seal": self.record,
                "signature": self.signature.hex(),
                "key": self.key_id,
            }
        )

    @classmethod
    def from_json(cls, data: bytes) -> Seal:
        """Read a seal; its signature is not checked here.

        Raises:
            ValueError: not a seal.
        """
        try:
            value = json.loads(data)
            record, key = value["seal"], value["key"]
            signature = bytes.fromhex(value["signature"])
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"not a seal: {type(error).__name__}") from error
        if not isinstance(record, dict) or not isinstance(key, str):
            raise ValueError("not a seal: wrong shape")  # noqa: TRY004
        return cls(record, signature, key)

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Say whether ``key`` signed exactly this record."""
        try:
            key.verify(self.signature, _signed_bytes(self.record))
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Sealed:
    """A report ready to be sent, and the seal to store."""

    pdf: bytes
    seal: Seal


def seal(
    contents: Sequence[ReportContent],
    *,
    made_at: datetime,
    key: Ed25519PrivateKey,
    is_combined: bool = False,
) -> Sealed:
    """Draw and seal one report, or several visits as one file (R177).

    Blocking: call it in a thread. The same arguments give the same bytes.

    Raises:
        ValueError: as ``pdf.sheet``.
    """
    # pypdf, like fpdf2, is loaded by the first report only.
    from azbot.reports.reading import fonts_and_properties  # noqa: PLC0415

    drawing = sheet(contents, made_at=made_at, is_combined=is_combined)
    fonts, properties = fonts_and_properties(drawing.pdf)
    record: dict[str, object] = {
        "version": 1,
        "fingerprint": fingerprint(*contents),
        "sealed_at": made_at.astimezone(UTC).isoformat(timespec="seconds"),
        "reports": [facts(content) for content in contents],
        "file": {
            "bytes": len(drawing.pdf),
            "sha256": hashlib.sha256(drawing.pdf).hexdigest(),
        },
        "fonts": fonts,
        "properties": properties,
        "pages": [_page_record(page) for page in drawing.pages],
    }
    signed = Seal(record, key.sign(_signed_bytes(record)), key_id(key.public_key()))
    return Sealed(append_file(drawing.pdf, SEAL_FILE, signed.to_json()), signed)


def new_key() -> bytes:
    """Return a fresh private key as PEM; whoever holds it can seal reports."""
    return Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def read_private_key(pem: bytes) -> Ed25519PrivateKey:
    """Read a private key.

    Raises:
        ValueError: not an unencrypted Ed25519 key in PEM.
    """
    try:
        found = load_pem_private_key(pem, password=None)
    except TypeError as error:
        raise ValueError("the key is encrypted") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 key")  # noqa: TRY004
    return found


def read_public_key(pem: bytes) -> Ed25519PublicKey:
    """Read a public key, the half anyone may have to verify reports.

    Raises:
        ValueError: not an Ed25519 public key in PEM.
    """
    found = load_pem_public_key(pem)
    if not isinstance(found, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")  # noqa: TRY004
    return found


def public_pem(key: Ed25519PrivateKey) -> bytes:
    """Return the public half of ``key`` as PEM."""
    return key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )


def key_id(key: Ed25519PublicKey) -> str:
    """Return the name of a key: 16 hexadecimal digits of its SHA-256."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def pages_of(record: Record) -> tuple[PageTrace, ...]:
    """Read the pages of a record.

    Raises:
        ValueError: not the shape of version 1.
    """
    try:
        return tuple(_page_trace(page) for page in _listed(record["pages"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a seal of version 1: {error}") from error


def _page_trace(page: object) -> PageTrace:
    if not isinstance(page, dict):
        raise TypeError("a page is an object")
    parts = tuple(
        Part(
            (str(section), str(field), str(part)),
            str(text),
            str(look),
            tuple(map(str, images)),
        )
        for section, field, part, text, look, images in _listed(page["parts"])
    )
    return PageTrace(parts, tuple(map(str, _listed(page["links"]))), str(page["box"]))


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return value


def _page_record(page: PageTrace) -> dict[str, object]:
    return {
        "box": page.box,
        "links": list(page.links),
        "parts": [
            [*part.place, part.text, part.look, list(part.images)]
            for part in page.parts
        ],
    }


def _signed_bytes(record: Record) -> bytes:
    return _DOMAIN + stable_json(record)
