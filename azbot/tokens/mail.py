"""Tokens that travel in the headers of mails: addresses, Message-IDs, calendar ids."""

from __future__ import annotations

import re

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

_ADDRESS_MAC = 16  # 80 bits; the local part holds 64 octets (RFC 5321 §4.5.3.1.1)
_LONGEST_LOCAL_PART = 64
_LONGEST_MESSAGE_ID = 69
_TAIL = re.compile(
    rf"(?P<a>{NUMBER})\.(?P<p>{NUMBER})\.(?P<k>[0-9a-z]{{1,4}})(?P<m>[a-z2-7]{{16}})"
)
_LIKE_A_TAIL = re.compile(r"[0-9a-z]+\.[0-9a-z]+\.[0-9a-z]+")
_MESSAGE_ID = re.compile(
    rf"<?az\.(?P<a>{NUMBER})\.(?P<e>{NUMBER})\.(?P<p>{NUMBER})"
    r"\.(?P<k>[0-9a-z]{1,4})(?P<m>[a-z2-7]{16})@(?P<h>[^<>@\s]+)>?"
)
_ROOT = re.compile(rf"<?az\.(?P<a>{NUMBER})@(?P<h>[^<>@\s]+)>?")


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
    mac = sign(keyring, keyring.newest, _ADDRESS_MAC, purpose, assistance, person)
    tail = f"{base36(assistance)}.{base36(person)}.{keyring.newest}{mac}"
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
    return verify(keyring, found, purposes)


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
    mac = sign(
        keyring, key_id, _ADDRESS_MAC, Purpose.MESSAGE, assistance, person, event
    )
    numbers = f"{base36(assistance)}.{base36(event)}.{base36(person)}"
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
    return verify(keyring, found, (Purpose.MESSAGE,))


def thread_root(assistance: int, host: str) -> str:
    """Name the root every mail of one assistance refers to; it is never sent."""
    return f"<az.{base36(assistance)}@{host}>"


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
    mac = sign(
        keyring, key_id, _ADDRESS_MAC, Purpose.ICS, assistance, person, intervention
    )
    numbers = f"{base36(assistance)}.{base36(intervention)}.{base36(person)}"
    return f"{numbers}.{key_id}{mac}@{host}"
