"""Tokens of links and buttons: what one opens, for whom, until when."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import UTC, datetime

from azbot.tokens.proofs import (
    NUMBER,
    Forged,
    Keyring,
    Purpose,
    Token,
    base36,
    sign,
    verify,
)

_LINK_MAC = 32  # 160 bits; a link has room
_START_MAC = 26  # 130 bits; a button carries 64 octets, the token's among them
_LONGEST_START = 55
_LINK = re.compile(
    rf"(?P<a>{NUMBER})\.(?P<p>{NUMBER})\.(?P<x>{NUMBER})"
    r"\.(?P<k>[0-9a-z]{1,4})(?P<m>[a-z2-7]{32})"
)
_START = re.compile(
    rf"(?P<a>{NUMBER})-(?P<p>{NUMBER})-(?P<x>{NUMBER})"
    r"-(?P<k>[0-9a-z]{1,4})(?P<m>[a-z2-7]{26})"
)
_SIGNING = re.compile(
    rf"(?P<a>{NUMBER})\.(?P<v>{NUMBER})\.(?P<r>[a-z]{{1,16}})\.(?P<f>[0-9a-f]{{20}})"
    rf"\.(?P<x>{NUMBER})\.(?P<k>[0-9a-z]{{1,4}})(?P<m>[a-z2-7]{{32}})"
)


@dataclass(frozen=True, slots=True)
class SigningToken:
    """A proof that held: the link to one signature (ux.md T11).

    Attributes:
        assistance, intervention: the visit that is signed.
        role: in which of the three roles.
        form: the first 20 digits (80 bits) of the fingerprint of the signed form.
        expires_at: end of its life, aware, UTC.
    """

    assistance: int
    intervention: int
    role: str
    form: str
    expires_at: datetime


def issue_link(
    keyring: Keyring,
    purpose: Purpose,
    assistance: int,
    person: int,
    expires_at: datetime | None = None,
) -> str:
    """Give the token of a link, safe in a path without quoting.

    Args:
        keyring: signs with its newest key.
        purpose: ``LINK``, ``UNLINK`` or ``UNSUB``.
        assistance: id ≥ 0; 0 when there is none.
        person: id of the person who may use it.
        expires_at: aware; whole seconds count. None never expires.

    Raises:
        ValueError: ``expires_at`` is naive or before 1970.
    """
    if expires_at is not None and expires_at.tzinfo is None:
        raise ValueError("expires_at must be aware")
    end = 0 if expires_at is None else max(1, int(expires_at.timestamp()))
    mac = sign(
        keyring, keyring.newest, _LINK_MAC, purpose, assistance, person, None, end
    )
    numbers = f"{base36(assistance)}.{base36(person)}.{base36(end)}"
    return f"{numbers}.{keyring.newest}{mac}"


def upload_link(link: str) -> str:
    """Return the address of a link that opens the place where files are added.

    Args:
        link: an address that ends with the token; an empty one stays empty.
    """
    return f"{link}?{TO}={DOCUMENTS}" if link else ""


def form_link(link: str) -> str:
    """Return the address of a link that opens the form of the visit that is due.

    Args:
        link: an address that ends with the token; an empty one stays empty.
    """
    return f"{link}?{TO}={FORM}" if link else ""


TO, DOCUMENTS, FORM = "to", "documents", "form"
"""What may stand behind the token of a link, and where it leads then."""


def read_link(
    keyring: Keyring, purpose: Purpose, text: str, now: datetime
) -> Token | Forged | None:
    """Read the token of a link.

    Args:
        keyring: every key still believed.
        purpose: the only one accepted.
        text: what stood in the path.
        now: aware; at ``expires_at`` the link is already dead.

    Returns:
        The token; ``Forged`` for a wrong or expired one; None when it is no token.
    """
    if not text.isascii():
        return None
    found = _LINK.fullmatch(text.strip().lower())
    if found is None:
        return None
    end = int(found["x"], 36)
    token = verify(keyring, found, (purpose,), end)
    if isinstance(token, Token) and end and now.timestamp() >= end:
        return Forged("expired")
    return token


def read_ended_link(keyring: Keyring, purpose: Purpose, text: str) -> Token | None:
    """Read what a link was, its life over or not; None when it proves nothing.

    It opens nothing: it tells to whom another link may be sent. Arguments as
    ``read_link``.
    """
    found = _LINK.fullmatch(text.strip().lower()) if text.isascii() else None
    if found is None:
        return None
    token = verify(keyring, found, (purpose,), int(found["x"], 36))
    return token if isinstance(token, Token) else None


def issue_start(
    keyring: Keyring, assistance: int, person: int, expires_at: datetime
) -> str:
    """Give what a chat is begun with, to make its account somebody's.

    Args:
        keyring: signs with its newest key.
        assistance: id ≥ 0, what to show first; 0 when there is none.
        person: id of the person it was sent to.
        expires_at: aware; whole seconds count.

    Returns:
        at most 55 of ``a-z0-9-``: what a button carries with the room's name before.

    Raises:
        ValueError: ``expires_at`` is naive, or the numbers make it too long.

    Source: telegram.md §2.5; core.telegram.org/bots/features#deep-linking (64
    characters of ``A-Za-z0-9_-``).
    """
    if expires_at.tzinfo is None:
        raise ValueError("expires_at must be aware")
    end, key_id = max(1, int(expires_at.timestamp())), keyring.newest
    mac = sign(
        keyring, key_id, _START_MAC, Purpose.START, assistance, person, None, end
    )
    numbers = "-".join(map(base36, (assistance, person, end)))
    result = f"{numbers}-{key_id}{mac}"
    if len(result) > _LONGEST_START:
        raise ValueError("the numbers make the token too long")
    return result


def read_start(keyring: Keyring, text: str, now: datetime) -> Token | Forged | None:
    """Read what a chat was begun with; arguments and answers as ``read_link``."""
    found = _START.fullmatch(text.strip()) if text.isascii() else None
    if found is None:
        return None
    end = int(found["x"], 36)
    token = verify(keyring, found, (Purpose.START,), end)
    if isinstance(token, Token) and now.timestamp() >= end:
        return Forged("expired")
    return token


def issue_signing(
    keyring: Keyring,
    assistance: int,
    intervention: int,
    role: str,
    fingerprint: str,
    expires_at: datetime,
) -> str:
    """Give the token of the link to one signature, safe in a path without quoting.

    Args:
        keyring: signs with its newest key.
        assistance: id ≥ 0.
        intervention: number of the visit.
        role: of the signatory, 1 to 16 of ``a-z``.
        fingerprint: of the form that is signed, hexadecimal.
        expires_at: aware; whole seconds count.

    Raises:
        ValueError: ``expires_at`` is naive.
    """
    if expires_at.tzinfo is None:
        raise ValueError("expires_at must be aware")
    end, form = max(1, int(expires_at.timestamp())), fingerprint[:20]
    key_id = keyring.newest
    mac = _sign_signing(keyring, key_id, (assistance, intervention, role, form, end))
    numbers = f"{base36(assistance)}.{base36(intervention)}.{role}.{form}"
    return f"{numbers}.{base36(end)}.{key_id}{mac}"


def read_signing(
    keyring: Keyring, text: str, now: datetime
) -> SigningToken | Forged | None:
    """Read the token of the link to a signature.

    Args:
        keyring: every key still believed.
        text: what stood in the path.
        now: aware; at ``expires_at`` the link is already dead.

    Returns:
        The token; ``Forged`` for a wrong or expired one; None when it is no token.
    """
    if not text.isascii():
        return None
    found = _SIGNING.fullmatch(text.strip().lower())
    if found is None:
        return None
    key_id, role, form = found["k"], found["r"], found["f"]
    if keyring.find(key_id) is None:
        return Forged("key")
    assistance, intervention, end = (int(found[name], 36) for name in "avx")
    right = _sign_signing(keyring, key_id, (assistance, intervention, role, form, end))
    if not hmac.compare_digest(right, found["m"]):
        return Forged("mac")
    if now.timestamp() >= end:
        return Forged("expired")
    expires_at = datetime.fromtimestamp(end, UTC)
    return SigningToken(assistance, intervention, role, form, expires_at)


def _sign_signing(
    keyring: Keyring, key_id: str, said: tuple[int, int, str, str, int]
) -> str:
    """Return the signature of a link to a signature; see ``_sign``."""
    parts = "|".join(str(each) for each in said)
    # Eight parts: no other token binds so many.
    bound = f"{key_id}|{Purpose.SIGN.value}|{parts}|{_LINK_MAC}"
    digest = hmac.digest(keyring.find(key_id) or b"", bound.encode("ascii"), "sha256")
    return b32encode(digest).decode("ascii")[:_LINK_MAC].lower()
