"""From the octets of a mail to what it says: total, pure, bounded.

Any octets give an ``Inbound`` or an ``Unparseable``; nothing is lost, since the
octets stay in the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from azbot.channels.email.attachments import FileBag
from azbot.channels.email.automatic import recognise_automatic
from azbot.channels.email.body import Body, read_body, whole_text
from azbot.channels.email.bounces import is_delayed, read_bounce
from azbot.channels.email.calendars import read_answer
from azbot.channels.email.headers import Headers, plain, read_addresses, read_date
from azbot.channels.email.mime import Limits, Part, read_message
from azbot.channels.email.quoting import looks_forwarded
from azbot.channels.email.sender import Dns, Identity, align, read_sender, verify_dkim
from azbot.channels.email.threads import DELIVERY_HEADERS, likely_parents
from azbot.messages import (
    Address,
    Alignment,
    Automatic,
    Inbound,
    RawMessage,
    Reason,
    Unparseable,
)

LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class ParseSettings:
    """Whom ``parse`` believes and how much it reads.

    Attributes:
        own_addresses: the desk's mailboxes, without tokens: mail from them loops.
        own_domain: the desk's domain.
        instance_id: what our own ``X-Azbot-Loop`` says
            (``EmailSettings.loop_mark``).
        receiver: ``authserv-id``, ``m365``, ``gmail`` or ``none``.
        authserv_id: for the first of them.
        separator: what stands between a mailbox and its token.
        max_size: octets of a message; a larger one is not read whole.
        max_file_size: octets of one file (R142).
        max_parts: MIME parts read.
        max_depth: MIME containers within containers.
        max_recipients: more addressees are suspect.
        max_text: characters of text kept.
        dns: asked for DKIM keys when ``receiver`` is ``none``; None: not checked.
    """

    own_addresses: frozenset[str] = frozenset()
    own_domain: str = ""
    instance_id: str = ""
    receiver: str = "none"
    authserv_id: str = ""
    separator: str = "+"
    max_size: int = 35_000_000
    max_file_size: int = 25_000_000
    max_parts: int = 1_000
    max_depth: int = 40
    max_recipients: int = 100
    max_text: int = 1_000_000
    dns: Dns | None = None


def parse(raw: RawMessage, settings: ParseSettings) -> Inbound | Unparseable:
    """Say what the octets of one mail mean.

    Args:
        raw: as received; only its beginning when it was a giant.
        settings: whom to believe, and the limits.

    Returns:
        ``Unparseable`` when there is no header field at all. A limit that was met,
        a sender that cannot be believed or an encrypted text is a ``suspicion`` of
        an ``Inbound`` that carries whatever could be read.
    """
    if not raw.content.strip():
        return Unparseable(Reason.UNPARSEABLE, "no octets")
    limits = Limits(settings.max_parts, settings.max_depth)
    root = read_message(raw.content[: settings.max_size], limits)
    if not _has_known_field(root.headers):
        return Unparseable(Reason.UNPARSEABLE, "no header field of a mail")
    bag = FileBag(settings.max_file_size)
    body = read_body(root, bag)
    identity = read_sender(root.headers)
    inbound = _spoken(root, body, bag, identity, raw, settings)
    inbound = _with_robots(inbound, root, raw, settings)
    return replace(
        inbound,
        alignment=_alignment(raw, root.headers, identity, settings),
        suspicion=_suspicion(raw, root, body, identity, inbound, settings),
    )


_KNOWN_FIELDS = frozenset(
    {"from", "to", "subject", "date", "message-id", "received", "return-path"}
)


def _has_known_field(headers: Headers) -> bool:
    return any(name in _KNOWN_FIELDS for name, _ in headers.fields)


def _spoken(
    root: Part,
    body: Body,
    bag: FileBag,
    identity: Identity,
    raw: RawMessage,
    settings: ParseSettings,
) -> Inbound:
    headers = root.headers
    text, marked = whole_text(body, settings.max_text)
    subject = headers.text("subject")[:LONGEST_SUBJECT]
    return Inbound(
        channel=raw.channel,
        message_id=_message_id(headers),
        sender=identity.sender,
        recipients=tuple(_recipients(headers, settings.max_recipients)),
        references=likely_parents(
            headers.raw("in-reply-to"), headers.raw("references")
        ),
        subject=subject,
        text=text,
        marked=marked,
        files=tuple(bag.files),
        rejected_files=tuple(bag.rejected),
        sent_at=read_date(headers.raw("date")),
        calendar=read_answer(body.calendars),
        is_forward=looks_forwarded(subject, text),
        has_html=body.has_html,
    )


_ID = re.compile(r"<[^\s<>]{1,990}>")


def _message_id(headers: Headers) -> str:
    text = headers.raw("message-id").strip()
    found = _ID.search(text)
    if found:
        return found[0]
    bare = text.split()[0] if text else ""
    return f"<{bare.strip('<>')[:990]}>" if bare.strip("<>") else ""


def _recipients(headers: Headers, most: int) -> Iterator[Address]:
    """Yield delivery addresses, the most trustworthy header first (email.md §3)."""
    seen: set[str] = set()
    for name in DELIVERY_HEADERS:
        for value in headers.all(name.lower())[:10]:
            for box in read_addresses(plain(value), most):
                if box.address.key not in seen and len(seen) < most:
                    seen.add(box.address.key)
                    yield box.address


def _with_robots(
    inbound: Inbound, root: Part, raw: RawMessage, settings: ParseSettings
) -> Inbound:
    bounce = read_bounce(root, inbound.sender, inbound.subject, raw.content)
    if bounce is not None:
        delayed = is_delayed(bounce, inbound.subject, root)
        kind = Automatic.DELAYED if delayed else Automatic.BOUNCE
        return replace(inbound, bounce=bounce, automatic=kind)
    found = recognise_automatic(
        root, inbound.sender, inbound.subject, settings.instance_id
    )
    if found is not Automatic.LOOP and inbound.calendar is not None:
        found = Automatic.CALENDAR_REPLY
    return replace(inbound, automatic=found)


def _alignment(
    raw: RawMessage, headers: Headers, identity: Identity, settings: ParseSettings
) -> Alignment:
    if identity.suspicion is not None:
        return Alignment.UNKNOWN if identity.sender is None else Alignment.FAIL
    if settings.receiver == "none":
        if settings.dns is None:
            return Alignment.UNKNOWN
        return verify_dkim(raw.content, headers, identity.sender, settings.dns)
    return align(headers, identity.sender, settings.receiver, settings.authserv_id)


def _suspicion(
    raw: RawMessage,
    root: Part,
    body: Body,
    identity: Identity,
    inbound: Inbound,
    settings: ParseSettings,
) -> Reason | None:
    """Name the gravest reason why a message cannot be taken as it stands."""
    if identity.suspicion is not None and inbound.bounce is None:
        return identity.suspicion
    if _is_own(identity.sender, settings):
        return Reason.OWN_ADDRESS
    if max(raw.size, len(raw.content)) > settings.max_size:
        return Reason.TOO_LARGE
    if root.is_cut:
        return Reason.TOO_COMPLEX
    if body.is_encrypted:
        return Reason.ENCRYPTED
    addressees = sum(
        value.count(b"@") for name in ("to", "cc") for value in root.headers.all(name)
    )
    return Reason.TOO_MANY_RECIPIENTS if addressees > settings.max_recipients else None


def _is_own(sender: Address | None, settings: ParseSettings) -> bool:
    if sender is None:
        return False
    local, _, domain = sender.key.rpartition("@")
    bare = f"{local.partition(settings.separator)[0]}@{domain}"
    return bool({bare, sender.key} & {one.casefold() for one in settings.own_addresses})
