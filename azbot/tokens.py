"""Signed proofs inside addresses, Message-IDs, calendar ids and links.

A token says *which thread and which person*; it never says *who writes*: acting
needs a second proof (email.md §6). Every token is bound to one purpose, one
assistance and one person by HMAC-SHA256, so none can stand in for another.

A signature is the id of its key followed by a fixed number of base32 characters;
keys can therefore be rotated while mails signed with the old one still answer.
Everything is lower case and reads back in any case: local parts get lower-cased
and upper-cased on the way.

Assistance 0 stands for "no assistance yet": a mail about a draft.
"""

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

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NUMBER = r"(?:0|[1-9a-z][0-9a-z]{0,11})"
_ADDRESS_MAC = 16  # 80 bits; the local part holds 64 octets (RFC 5321 §4.5.3.1.1)
_LINK_MAC = 32  # 160 bits; a link has room
_START_MAC = 26  # 130 bits; a button carries 64 octets, the token's among them
_LONGEST_START = 55
_LONGEST_LOCAL_PART = 64
_LONGEST_MESSAGE_ID = 69

_KEY_ID = re.compile(r"[0-9a-z]{1,4}")
_TAIL = re.compile(
    rf"(?P<a>{_NUMBER})\.(?P<p>{_NUMBER})\.(?P<k>[0-9a-z]{{1,4}})(?P<m>[a-z2-7]{{16}})"
)
_LIKE_A_TAIL = re.compile(r"[0-9a-z]+\.[0-9a-z]+\.[0-9a-z]+")
_MESSAGE_ID = re.compile(
    rf"<?az\.(?P<a>{_NUMBER})\.(?P<e>{_NUMBER})\.(?P<p>{_NUMBER})"
    r"\.(?P<k>[0-9a-z]{1,4})(?P<m>[a-z2-7]{16})@(?P<h>[^<>@\s]+)>?"
)
_ROOT = re.compile(rf"<?az\.(?P<a>{_NUMBER})@(?P<h>[^<>@\s]+)>?")
_UID = re.compile(
    rf"(?P<a>{_NUMBER})\.(?P<e>{_NUMBER})\.(?P<p>{_NUMBER})"
    r"\.(?P<k>[0-9a-z]{1,4})(?P<m>[a-z2-7]{16})@(?P<h>[^<>@\s]+)"
)
_LINK = re.compile(
    rf"(?P<a>{_NUMBER})\.(?P<p>{_NUMBER})\.(?P<x>{_NUMBER})"
    r"\.(?P<k>[0-9a-z]{1,4})(?P<m>[a-z2-7]{32})"
)
_START = re.compile(
    rf"(?P<a>{_NUMBER})-(?P<p>{_NUMBER})-(?P<x>{_NUMBER})"
    r"-(?P<k>[0-9a-z]{1,4})(?P<m>[a-z2-7]{26})"
)
_SIGNING = re.compile(
    rf"(?P<a>{_NUMBER})\.(?P<v>{_NUMBER})\.(?P<r>[a-z]{{1,16}})\.(?P<f>[0-9a-f]{{20}})"
    rf"\.(?P<x>{_NUMBER})\.(?P<k>[0-9a-z]{{1,4}})(?P<m>[a-z2-7]{{32}})"
)


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


def issue_address(
    keyring: Keyring,
    mailbox: str,
    purpose: Purpose,
    assistance: int,
    person: int,
    separator: str = "+",
) -> str:
    """Give the mailbox's address with a token: ``support+7pr.2s.k1…@example.fr``.

    Args:
        keyring: signs with its newest key.
        mailbox: plain address of the desk.
        purpose: ``REPLY``, ``BOUNCE`` or ``UNSUB``.
        assistance: id ≥ 0; 0 when there is none yet.
        person: id ≥ 0 of the one recipient.
        separator: what the mail service puts before a sub-address.

    Returns:
        The address; its local part is lower case and at most 64 octets.

    Raises:
        ValueError: the local part would be longer, or a number is negative.

    Source: RFC 5233 (sub-addresses), RFC 5321 §4.5.3.1.1 (64 octets).
    """
    local, _, domain = mailbox.rpartition("@")
    mac = _sign(keyring, keyring.newest, _ADDRESS_MAC, purpose, assistance, person)
    tail = f"{_base36(assistance)}.{_base36(person)}.{keyring.newest}{mac}"
    result = f"{local.lower()}{separator}{tail}"
    if len(result.encode()) > _LONGEST_LOCAL_PART:
        raise ValueError(f"local part over {_LONGEST_LOCAL_PART} octets")
    return f"{result}@{domain}"


def read_address(
    keyring: Keyring,
    mailbox: str,
    address: str,
    purposes: tuple[Purpose, ...] = (Purpose.REPLY, Purpose.BOUNCE, Purpose.UNSUB),
    separator: str = "+",
) -> Token | Forged | None:
    """Read the token out of a delivery address, in any letter case.

    Args:
        keyring: every key still believed.
        mailbox: plain address of the desk.
        address: an address the message was delivered to.
        purposes: what may be found; the token says which one it was.
        separator: as given to ``issue_address``.

    Returns:
        The token; ``Forged`` when it is shaped like one and proves nothing; None
        when the address is the plain mailbox or somebody else's.
    """
    if not address.isascii():
        return None
    local, _, domain = address.strip().lower().rpartition("@")
    own, _, own_domain = mailbox.lower().rpartition("@")
    prefix = own + separator.lower()
    if domain != own_domain or not local.startswith(prefix):
        return None
    found = _TAIL.fullmatch(local, len(prefix))
    if found is None:
        damaged = _LIKE_A_TAIL.fullmatch(local, len(prefix))
        return None if damaged is None else Forged("mac")
    return _verify(keyring, found, purposes)


def issue_message_id(
    keyring: Keyring, host: str, assistance: int, event: int, person: int
) -> str:
    """Name one mail of one assistance, the same way every time.

    Args:
        keyring: signs with its newest key.
        host: ASCII, at most 28 characters so that any id fits.
        assistance: id ≥ 0; 0 when there is none yet.
        event: id of the event told by this mail; one mail per recipient.
        person: id of the recipient; the name differs for each.

    Returns:
        ``<az.{assistance}.{event}.{person}.{mac}@host>``, under 70 octets.

    Raises:
        ValueError: host is not ASCII, or the id would be longer.

    Source: RFC 5322 §3.6.4 (form); longer ids are mangled on their way back.
    """
    key_id = keyring.newest
    mac = _sign(
        keyring, key_id, _ADDRESS_MAC, Purpose.MESSAGE, assistance, person, event
    )
    numbers = f"{_base36(assistance)}.{_base36(event)}.{_base36(person)}"
    result = f"<az.{numbers}.{key_id}{mac}@{host}>"
    if not host.isascii() or len(result) > _LONGEST_MESSAGE_ID:
        raise ValueError("the host makes the Message-ID too long, or is not ASCII")
    return result


def read_message_id(
    keyring: Keyring, text: str, host: str | None = None
) -> Token | Forged | None:
    """Read one of our Message-IDs, with or without brackets, in any case.

    Args:
        keyring: every key still believed.
        text: one id, as found in In-Reply-To or References.
        host: only ids of this host are ours; None takes any.

    Returns:
        The token, with its event; ``Forged`` when only its shape is ours; None for
        anything else, thread roots included.
    """
    if not text.isascii():
        return None
    found = _MESSAGE_ID.fullmatch(text.strip().lower())
    if found is None or (host is not None and found["h"] != host.lower()):
        return None
    return _verify(keyring, found, (Purpose.MESSAGE,))


def thread_root(assistance: int, host: str) -> str:
    """Name the root every mail of one assistance refers to; it is never sent."""
    return f"<az.{_base36(assistance)}@{host}>"


def read_thread_root(text: str, host: str | None = None) -> int | None:
    """Read the assistance out of a thread root; it is a hint, not a proof."""
    if not text.isascii():
        return None
    found = _ROOT.fullmatch(text.strip().lower())
    if found is None or (host is not None and found["h"] != host.lower()):
        return None
    return int(found["a"], 36)


def issue_uid(
    keyring: Keyring, host: str, assistance: int, intervention: int, person: int
) -> str:
    """Name a calendar event for one person, the same for all its changes.

    Signed with the *oldest* key: adding a newer one must not rename an event that
    already stands in calendars (RFC 5546 §2.1.5 finds it by UID).

    Returns:
        ``{assistance}.{intervention}.{person}.{mac}@host``, lower case.
    """
    key_id = keyring.oldest
    mac = _sign(
        keyring, key_id, _ADDRESS_MAC, Purpose.ICS, assistance, person, intervention
    )
    numbers = f"{_base36(assistance)}.{_base36(intervention)}.{_base36(person)}"
    return f"{numbers}.{key_id}{mac}@{host}"


def read_uid(keyring: Keyring, uid: str) -> Token | Forged | None:
    """Read a calendar event's name; ``event`` is the intervention."""
    if not uid.isascii():
        return None
    found = _UID.fullmatch(uid.strip().lower())
    return None if found is None else _verify(keyring, found, (Purpose.ICS,))


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
    mac = _sign(
        keyring, keyring.newest, _LINK_MAC, purpose, assistance, person, None, end
    )
    numbers = f"{_base36(assistance)}.{_base36(person)}.{_base36(end)}"
    return f"{numbers}.{keyring.newest}{mac}"


def upload_link(link: str) -> str:
    """Return the address of a link that opens the place where files are added.

    Args:
        link: an address that ends with the token; an empty one stays empty.
    """
    return f"{link}?{TO}={DOCUMENTS}" if link else ""


TO, DOCUMENTS = "to", "documents"
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
    token = _verify(keyring, found, (purpose,), end)
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
    token = _verify(keyring, found, (purpose,), int(found["x"], 36))
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
    mac = _sign(
        keyring, key_id, _START_MAC, Purpose.START, assistance, person, None, end
    )
    numbers = "-".join(map(_base36, (assistance, person, end)))
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
    token = _verify(keyring, found, (Purpose.START,), end)
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
    numbers = f"{_base36(assistance)}.{_base36(intervention)}.{role}.{form}"
    return f"{numbers}.{_base36(end)}.{key_id}{mac}"


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


def _verify(
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
        right = _sign(
            keyring, key_id, len(mac), purpose, assistance, person, event, end
        )
        if hmac.compare_digest(right, mac):
            expires_at = datetime.fromtimestamp(end, UTC) if end else None
            return Token(purpose, assistance, person, event, expires_at, key_id)
    return Forged("mac")


def _sign(
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


def _base36(number: int) -> str:
    """Write a number ≥ 0 with digits and lower-case letters."""
    if number < 0:
        raise ValueError("numbers in tokens are not negative")
    return "".join(reversed(list(_places(number)))) or "0"


def _places(number: int) -> Iterator[str]:
    """Yield base36 digits, least significant first."""
    while number:
        number, digit = divmod(number, 36)
        yield _DIGITS[digit]
