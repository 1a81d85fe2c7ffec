"""The keys, what they sign, and what becomes of it: a proof, or a forgery."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

LINK_FOR = timedelta(days=30)
"""Life of a personal link, renewed with each mail (ux.md 7.1)."""

NUMBER = r"(?:0|[1-9a-z][0-9a-z]{0,11})"
"""A number ≥ 0 in base 36, as part of a pattern."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_KEY_ID = re.compile(r"[0-9a-z]{1,4}")


class Purpose(StrEnum):
    """What a token is for; one purpose never opens another's door."""

    REPLY = "reply"
    """Reply-To: an answer belongs to this thread."""
    BOUNCE = "bounce"
    """Return path: a delivery report is about this recipient."""
    UNSUB = "unsub"
    """One-click unsubscribing."""
    ICS = "ics"
    """UID of a calendar event."""
    LINK = "link"
    """A link in a mail."""
    START = "start"
    """A link in a mail that makes a chat account the reader's."""
    UNLINK = "unlink"
    """A link in a mail that makes it nobody's again."""
    SIGN = "sign"
    """A link to one signature."""
    MESSAGE = "message"
    """A Message-ID of ours, quoted back in References."""


@dataclass(frozen=True, slots=True)
class Token:
    """A proof that held.

    Attributes:
        purpose: what it was issued for.
        assistance: its id, 0 when there was none yet.
        person: id of the person it was sent to.
        event: id of the event or intervention in a Message-ID or UID, else None.
        expires_at: end of a link's life, aware, UTC; None when it has none.
        key_id: the key that signed it.
    """

    purpose: Purpose
    assistance: int
    person: int
    event: int | None = None
    expires_at: datetime | None = None
    key_id: str = ""

    @property
    def issued_at(self) -> datetime | None:
        """When a personal link left, which lives for ``LINK_FOR``; None: no life."""
        return None if self.expires_at is None else self.expires_at - LINK_FOR


@dataclass(frozen=True, slots=True)
class Forged:
    """Something shaped like a token that proves nothing.

    Attributes:
        why: ``mac`` (wrong signature, or of another purpose), ``key`` (unknown
            or retired key) or ``expired``.
    """

    why: str


@dataclass(frozen=True, slots=True)
class Keyring:
    """The signing keys, newest first; the first one signs, all of them verify.

    Args:
        keys: (key id, 32 bytes) pairs; ids are 1 to 4 of ``0-9a-z`` and distinct.

    Raises:
        ValueError: no key, a wrong length, a wrong or repeated id.
    """

    keys: tuple[tuple[str, bytes], ...] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse rings that would sign badly."""
        if not self.keys:
            raise ValueError("a keyring needs at least one key")
        for key_id, key in self.keys:
            if not _KEY_ID.fullmatch(key_id):
                raise ValueError("a key id has 1 to 4 characters of 0-9 and a-z")
            if len(key) != 32:
                raise ValueError("a signing key has 32 bytes")
        if len({key_id for key_id, _ in self.keys}) != len(self.keys):
            raise ValueError("key ids must differ")

    @property
    def newest(self) -> str:
        """Id of the key that signs."""
        return self.keys[0][0]

    @property
    def oldest(self) -> str:
        """Id of the key that will retire next."""
        return self.keys[-1][0]

    def find(self, key_id: str) -> bytes | None:
        """Return a key, None when it is unknown or retired."""
        for known, key in self.keys:
            if known == key_id:
                return key
        return None


def verify(
    keyring: Keyring, found: re.Match[str], purposes: tuple[Purpose, ...], end: int = 0
) -> Token | Forged:
    """Check a matched token against each purpose it may have."""
    groups = found.groupdict()
    key_id, mac = groups["k"], groups["m"]
    if keyring.find(key_id) is None:
        return Forged("key")
    assistance, person = int(groups["a"], 36), int(groups["p"], 36)
    event = int(groups["e"], 36) if groups.get("e") else None
    for purpose in purposes:
        right = sign(keyring, key_id, len(mac), purpose, assistance, person, event, end)
        if hmac.compare_digest(right, mac):
            expires_at = datetime.fromtimestamp(end, UTC) if end else None
            return Token(purpose, assistance, person, event, expires_at, key_id)
    return Forged("mac")


def sign(
    keyring: Keyring,
    key_id: str,
    length: int,
    purpose: Purpose,
    assistance: int,
    person: int,
    event: int | None = None,
    end: int = 0,
) -> str:
    """Return ``length`` base32 characters of HMAC-SHA256 over all that is bound."""
    key = keyring.find(key_id)
    if key is None:
        raise ValueError("unknown key id")
    tail = "" if event is None else str(event)
    bound = f"{key_id}|{assistance}|{person}|{purpose.value}|{tail}|{end}|{length}"
    digest = hmac.digest(key, bound.encode("ascii"), "sha256")
    return b32encode(digest).decode("ascii")[:length].lower()


def base36(number: int) -> str:
    """Write a number ≥ 0 with digits and lower-case letters."""
    if number < 0:
        raise ValueError("numbers in tokens are not negative")
    return "".join(reversed(list(_places(number)))) or "0"


def _places(number: int) -> Iterator[str]:
    """Yield base36 digits, least significant first."""
    while number:
        number, digit = divmod(number, 36)
        yield _DIGITS[digit]
